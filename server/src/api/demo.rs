//! The controls of the demonstration, and the middleware that injects its faults.

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::post,
};
use dashboard_model::demo::{Fault, Simulation};
use sync_protocol::ProblemCode;
use tokio::time::{Instant, sleep};

use super::extract::Body;
use crate::{
    auth::session::{self, SignedIn},
    demo::{faults, simulate},
    failure::{Failure, Result},
    http::{AbortConnection, Caller, Shared},
    ids::UserId,
    realtime::client_sender::End,
};

/// Adds the controls and the middleware, if the configuration asks for the demonstration.
pub fn add_to(calls: Router<Shared>, app: &Shared) -> Router<Shared> {
    if !app.config.demo {
        return calls;
    }
    calls
        .layer(from_fn_with_state(Shared::clone(app), inject_fault))
        .route("/demo/simulate", post(simulate))
        .route("/demo/fault", post(set_fault).delete(clear_faults))
}

/// `POST /api/demo/simulate`: starts a simulation and answers 202.
///
/// # Errors
/// `bad_request`, `unauthenticated`, or `not_found` if the account is not a demo account.
pub async fn simulate(
    State(app): State<Shared>,
    signed_in: SignedIn,
    Body(simulation): Body<Simulation>,
) -> Result<StatusCode> {
    simulate::start(&app, demo_user(&signed_in)?, simulation)?;
    Ok(StatusCode::ACCEPTED)
}

/// `POST /api/demo/fault`: arms a fault for the caller and answers 204.
///
/// # Errors
/// As for [`simulate()`].
pub async fn set_fault(
    State(app): State<Shared>,
    signed_in: SignedIn,
    Body(fault): Body<Fault>,
) -> Result<StatusCode> {
    let user_id = demo_user(&signed_in)?;
    match fault {
        Fault::DropSocket => {
            for sender in app.hub.senders_of(user_id) {
                sender.end(End::AbortConnection, std::time::Duration::ZERO);
            }
        }
        Fault::Silence { seconds } => {
            let until = Instant::now() + faults::silence(seconds)?;
            for sender in app.hub.senders_of(user_id) {
                sender.silence(Some(until));
            }
        }
        other => app.faults.arm(user_id, other)?,
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/demo/fault`: disarms all faults of the caller, ends a silence and answers 204.
///
/// # Errors
/// As for [`simulate()`].
pub async fn clear_faults(State(app): State<Shared>, signed_in: SignedIn) -> Result<StatusCode> {
    let user_id = demo_user(&signed_in)?;
    app.faults.clear(user_id);
    for sender in app.hub.senders_of(user_id) {
        sender.silence(None);
    }
    Ok(StatusCode::NO_CONTENT)
}

fn demo_user(signed_in: &SignedIn) -> Result<&UserId> {
    if signed_in.account.demo {
        Ok(&signed_in.account.id)
    } else {
        Err(ProblemCode::NotFound.into())
    }
}

/// Injects the faults that the caller has armed for a call.
pub async fn inject_fault(
    State(app): State<Shared>,
    caller: Caller,
    mut request: Request,
    next: Next,
) -> Response {
    let found = session::of_request(&app, request.headers(), caller.scheme).await;
    let Ok(signed_in) = found else {
        return next.run(request).await;
    };
    let call = call_of(request.uri().path());
    let faults = app.faults.of_call(&signed_in.account.id, call);
    request.extensions_mut().insert(signed_in);
    if let Some(delay) = faults.delay {
        sleep(delay).await;
    }
    if let Some(status) = faults.error {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        return Failure::of_status(status).into_response();
    }
    let mut response = next.run(request).await;
    if faults.lose_reply {
        response.extensions_mut().insert(AbortConnection);
    }
    response
}

/// The name of a call in the field `on` of a fault.
fn call_of(path: &str) -> &str {
    let path = path.strip_prefix("/api").unwrap_or(path);
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    match (parts.next(), parts.next_back()) {
        (Some("realtime"), _) => "token",
        (Some("downloads"), Some("file")) => "file",
        (first, _) => first.unwrap_or_default(),
    }
}
