//! What users ask for.

use axum::extract::State;
use dashboard_protocol::{MutationReply, MutationRequest, RawMutation};

use super::{extract::Body, reply::Json};
use crate::{auth::session::SignedIn, failure::Failure, http::Shared, mutate, work};

/// `POST /api/mutations`: runs mutations in order and tells the outcome on each.
///
/// # Errors
/// `bad_request`, `unauthenticated`, `rate_limited`, `mutation_id_reused`; nothing has run then.
pub async fn run(
    State(app): State<Shared>,
    signed_in: SignedIn,
    Body(request): Body<MutationRequest<RawMutation>>,
) -> Result<Json<MutationReply>, Failure> {
    let user_id = &signed_in.account.user.id;
    work::begin_day(&app, user_id).await?;
    Ok(Json(mutate::run(&app, user_id, request).await?))
}
