//! The catalog.

use axum::extract::State;
use dashboard_model::{Beat, limits::SEARCH_BYTES_MAX};
use sync_protocol::{Page, ProblemCode};

use super::{extract::Params, reply::Json};
use crate::{
    auth::session::SignedIn,
    db::{beats, cursor::parse_limit},
    failure::Failure,
    http::Shared,
};

/// `GET /api/beats`: a page of the beats that contain every word of `query`.
///
/// # Errors
/// `bad_request`, `unauthenticated`.
pub async fn search(
    State(app): State<Shared>,
    _signed_in: SignedIn,
    params: Params,
) -> Result<Json<Page<Beat>>, Failure> {
    let bad = |detail: &str| Failure::because(ProblemCode::BadRequest, detail);
    let query = params.get("query").unwrap_or_default();
    if query.len() > SEARCH_BYTES_MAX {
        return Err(bad("the search text is too long"));
    }
    let after = match params.get("cursor") {
        Some(cursor) => cursor
            .parse()
            .ok()
            .filter(|row| *row >= 0)
            .ok_or_else(|| bad("invalid cursor"))?,
        None => 0,
    };
    let limit = parse_limit(params.get("limit"))?;
    let mut conn = app.db.read().acquire().await?;
    Ok(Json(beats::search(&mut conn, query, after, limit).await?))
}
