//! One mutation, carried out within a draft.

use dashboard_protocol::{ProblemCode, RawMutation, MutationBody};

use super::is_id;
use crate::{
    app::App,
    db::{downloads, commit_builder::CommitBuilder, favorites, orders},
    failure::Failure,
};

/// Carries out one mutation within a draft. Returns the version of the resource it speaks of, before the draft.
///
/// # Errors
/// Why the mutation is rejected, or the fault of the database.
pub(super) async fn apply(
    app: &App,
    builder: &mut CommitBuilder<'_>,
    mutation: &RawMutation,
) -> Result<u64, Failure> {
    let body = MutationBody::decode(&mutation.kind, &mutation.args)
        .map_err(|detail| Failure::because(ProblemCode::Invalid, detail))?;
    if let Some(fault) = app.faults.rejection(&builder.user_id) {
        return Err(fault);
    }
    let id = Some(mutation.id.as_str());
    let resource = match &body {
        MutationBody::SetFavorite { beat_id, favorite } => {
            favorites::set(builder, id, beat_id, *favorite).await?
        }
        MutationBody::PlaceOrder {
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
            orders::place(builder, id, wanted, Some(step_ms)).await?
        }
        MutationBody::CancelOrder { order_id } => orders::cancel(builder, id, order_id).await?,
        MutationBody::RequestDownload {
            download_id,
            beat_id,
            format,
        } => {
            let wanted = downloads::Wanted {
                id: checked(download_id)?,
                beat_id,
                format: *format,
            };
            downloads::request(builder, id, wanted).await?
        }
        MutationBody::CancelDownload { download_id } => downloads::cancel(builder, id, download_id).await?,
    };
    Ok(builder.before().of(resource))
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
