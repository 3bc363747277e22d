//! The JSON API under `/api`, with one file for each kind of call.

use axum::{
    Router,
    http::{HeaderValue, header},
    middleware,
    response::Response,
    routing::{delete, get, post},
};
use sync_protocol::ProblemCode;

use crate::{
    failure::Failure,
    http::{Shared, guard},
    resources,
};

pub mod account;
#[cfg(feature = "demo")]
pub mod demo;
pub mod downloads;
pub mod extract;
pub mod health;
pub mod lists;
pub mod mutations;
pub mod payments;
pub mod session;
pub mod snapshot;

/// All calls, with their paths relative to `/api`.
pub fn routes(app: &Shared) -> Router<Shared> {
    let calls = Router::new()
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .route(
            "/session",
            get(session::read)
                .post(session::sign_in)
                .delete(session::sign_out),
        )
        .route("/sessions", get(account::sessions))
        .route("/sessions/{id}", delete(account::end_session))
        .route("/password", post(account::change_password))
        .route("/snapshot", get(snapshot::read))
        .route("/mutations", post(mutations::run))
        .route("/downloads/{id}/file", get(downloads::file))
        .route("/payments/webhook", post(payments::webhook))
        .route("/beats", get(lists::beats))
        .route("/realtime/token", get(session::token))
        .merge(resources::lists());
    #[cfg(feature = "demo")]
    let calls = demo::add_to(calls, app);
    calls
        .route_layer(middleware::from_fn_with_state(
            Shared::clone(app),
            guard::time,
        ))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::map_response(no_store))
}

async fn not_found() -> Failure {
    ProblemCode::NotFound.into()
}

async fn method_not_allowed() -> Failure {
    ProblemCode::MethodNotAllowed.into()
}

async fn no_store(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
