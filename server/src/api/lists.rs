//! Pages of the lists. A page continues where a snapshot or an earlier page ends.

use axum::extract::State;
use dashboard_model::{Activity, Download, Favorite, Order};
use sync_protocol::Page;

use super::{extract::Params, reply::Json};
use crate::{
    auth::session::SignedIn,
    db::{activity, cursor::Window, downloads, favorites, orders},
    failure::Failure,
    http::Shared,
};

macro_rules! pages {
    ($($(#[doc = $doc:literal])+ $name:ident of $item:ty;)+) => {$(
        $(#[doc = $doc])+
        ///
        /// # Errors
        /// `bad_request` for an invalid cursor or limit, `unauthenticated`.
        pub async fn $name(
            State(app): State<Shared>,
            signed_in: SignedIn,
            params: Params,
        ) -> Result<Json<Page<$item>>, Failure> {
            let window = Window::parse(params.get("cursor"), params.get("limit"))?;
            let mut conn = app.db.read().acquire().await?;
            let page = $name::list(&mut conn, &signed_in.account.id, window).await?;
            Ok(Json(page))
        }
    )+};
}

pages! {
    /// `GET /api/favorites`
    favorites of Favorite;
    /// `GET /api/orders`
    orders of Order;
    /// `GET /api/downloads`
    downloads of Download;
    /// `GET /api/activity`
    activity of Activity;
}
