//! Pages of the lists and of the catalog. A page of a list continues where a snapshot or an earlier page ends.

use axum::{Json, extract::State};
use dashboard_model::{Beat, limits::SEARCH_BYTES_MAX};
use sync_protocol::Page;

use super::extract::Params;
use crate::{
    auth::session::SignedIn,
    db::{
        beats,
        cursor::{ListRow, Window, parse_limit},
    },
    failure::{Failure, Result},
    http::Shared,
};

/// The cost of a search, to which each word adds. It may have to look at the whole catalog.
const SEARCH_COST: usize = 5;

/// `GET /api/favorites`, `/api/orders` and so on: a page of the list with these rows.
///
/// # Errors
/// `bad_request` for an invalid cursor or limit, `unauthenticated`, `rate_limited`.
pub async fn page<T: ListRow>(
    State(app): State<Shared>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Json<Page<T>>> {
    let window = Window::parse(params.get("cursor"), params.get("limit"))?;
    app.charges.reads(&signed_in.account.id, window.cost())?;
    let mut conn = app.db.read().acquire().await?;
    let page = window.page(&mut conn, &signed_in.account.id).await?;
    Ok(Json(page))
}

/// `GET /api/beats`: a page of the beats that contain every word of `query`.
///
/// # Errors
/// `bad_request`, `unauthenticated`, `rate_limited`.
pub async fn beats(
    State(app): State<Shared>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Json<Page<Beat>>> {
    let query = params.get("query").unwrap_or_default();
    if query.len() > SEARCH_BYTES_MAX {
        return Err(Failure::bad_request("the search text is too long"));
    }
    let after = params.get("cursor").unwrap_or("0").parse().ok();
    let after = after
        .filter(|row| *row >= 0)
        .ok_or_else(|| Failure::bad_request("invalid cursor"))?;
    let limit = parse_limit(params.get("limit"))?;
    let words = beats::words(query);
    app.charges
        .reads(&signed_in.account.id, SEARCH_COST + words.len())?;
    let mut conn = app.db.read().acquire().await?;
    Ok(Json(beats::search(&mut conn, &words, after, limit).await?))
}
