//! Applies one mutation to a commit.

use dashboard_model::{MutationBody, Resource};
use sync_protocol::RawMutation;

use super::is_id;
use crate::{
    app::App,
    db::{commit_builder::CommitBuilder, downloads, favorites, orders},
    failure::{Failure, Result},
};

/// Applies a mutation. Returns the version that its primary resource had before the commit.
///
/// # Errors
/// The reason of a rejection, or a failure of the database.
pub(super) async fn apply(
    app: &App,
    builder: &mut CommitBuilder<'_>,
    mutation: &RawMutation,
) -> Result<u64> {
    let body = MutationBody::decode(&mutation.kind, &mutation.args).map_err(Failure::invalid)?;
    if let Some(rejection) = app.faults.rejection(&builder.user_id) {
        return Err(rejection);
    }
    let resource = match body {
        MutationBody::SetFavorite(input) => {
            favorites::set(builder, &input.beat_id, input.favorite).await?;
            Resource::Favorites
        }
        MutationBody::PlaceOrder(input) => {
            check_id(&input.order_id)?;
            orders::place(builder, input, app.config.order_step_ms()).await?;
            Resource::Orders
        }
        MutationBody::CancelOrder(input) => {
            orders::cancel(builder, &input.order_id).await?;
            Resource::Orders
        }
        MutationBody::RequestDownload(input) => {
            check_id(&input.download_id)?;
            downloads::request(builder, input).await?;
            Resource::Downloads
        }
        MutationBody::CancelDownload(input) => {
            downloads::cancel(builder, &input.download_id).await?;
            Resource::Downloads
        }
    };
    Ok(builder.before.of(resource))
}

fn check_id(id: &str) -> Result<()> {
    if is_id(id) {
        return Ok(());
    }
    Err(Failure::invalid(
        "an id must be 1 to 64 letters, digits or hyphens",
    ))
}
