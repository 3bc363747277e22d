//! One wish, carried out within a draft.

use dashboard_protocol::{ProblemCode, RawMutation, Wish};

use super::is_id;
use crate::{
    app::App,
    db::{downloads, draft::Draft, favorites, orders},
    failure::Failure,
};

/// Carries out one wish within a draft. Returns the version of the resource it speaks of, before the draft.
///
/// # Errors
/// Why the wish is refused, or the fault of the database.
pub(super) async fn apply(
    app: &App,
    draft: &mut Draft<'_>,
    mutation: &RawMutation,
) -> Result<u64, Failure> {
    let wish = Wish::decode(&mutation.kind, &mutation.args)
        .map_err(|detail| Failure::because(ProblemCode::Invalid, detail))?;
    if let Some(fault) = app.faults.refusal(&draft.person_id) {
        return Err(fault);
    }
    let id = Some(mutation.id.as_str());
    let resource = match &wish {
        Wish::SetFavorite { beat_id, favorite } => {
            favorites::set(draft, id, beat_id, *favorite).await?
        }
        Wish::PlaceOrder {
            order_id,
            lines,
            expected_total,
        } => {
            let wanted = orders::Wanted {
                id: checked(order_id)?,
                lines,
                expected_total,
            };
            let step_ms = i64::try_from(app.config.order_step.as_millis()).unwrap_or(i64::MAX);
            orders::place(draft, id, wanted, Some(step_ms)).await?
        }
        Wish::CancelOrder { order_id } => orders::cancel(draft, id, order_id).await?,
        Wish::RequestDownload {
            download_id,
            beat_id,
            format,
        } => {
            let wanted = downloads::Wanted {
                id: checked(download_id)?,
                beat_id,
                format: *format,
            };
            downloads::request(draft, id, wanted).await?
        }
        Wish::CancelDownload { download_id } => downloads::cancel(draft, id, download_id).await?,
    };
    Ok(draft.before().of(resource))
}

fn checked(id: &str) -> Result<&str, Failure> {
    if is_id(id) {
        return Ok(id);
    }
    Err(Failure::because(
        ProblemCode::Invalid,
        "an id must be 1 to 64 letters, digits or hyphens",
    ))
}
