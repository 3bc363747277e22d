//! Mutations.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde_json::value::RawValue;
use sync_protocol::{MutationReply, MutationRequest};

use super::extract::Body;
use crate::{auth::session::SignedIn, failure::Result, http::Shared, mutate};

/// `POST /api/mutations`: runs mutations in order and returns the outcome of each.
///
/// # Errors
/// `bad_request`, `unauthenticated`, `rate_limited` or `mutation_id_reused`. No mutation has run then.
pub async fn run(
    State(app): State<Shared>,
    signed_in: SignedIn,
    Body(request): Body<MutationRequest>,
) -> Result<Json<MutationReply<Arc<RawValue>>>> {
    Ok(Json(
        mutate::run(&app, &signed_in.account.id, request).await?,
    ))
}
