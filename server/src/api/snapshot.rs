//! Snapshots.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use dashboard_model::Resource;
use sync_protocol::limits;

use super::extract::Params;
use crate::{
    auth::session::SignedIn,
    db::{
        cursor::Window,
        snapshot::{self, SnapshotRequest},
    },
    failure::{Failure, Result},
    http::Shared,
    mutate::is_id,
    work,
};

/// `GET /api/snapshot`: the resources that the caller does not know in their current version, or 304.
///
/// # Errors
/// `bad_request`, `unauthenticated`, `rate_limited`.
pub async fn read(
    State(app): State<Shared>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Response> {
    let request = parse(&params)?;
    let user_id = &signed_in.account.id;
    app.charges
        .reads(user_id, request.resources.len() * request.window.cost())?;
    work::begin_day(&app, user_id).await?;
    // In a transaction, all reads see the same state.
    let mut tx = app.db.read().begin().await?;
    let reply = snapshot::read(&mut tx, &app.epoch, user_id, &request).await?;
    tx.commit().await?;
    Ok(reply.map_or_else(
        || StatusCode::NOT_MODIFIED.into_response(),
        |reply| Json(reply).into_response(),
    ))
}

fn parse(params: &Params) -> Result<SnapshotRequest> {
    let Some(resources) = params.get("resources") else {
        return Err(Failure::bad_request("the parameter resources is missing"));
    };
    Ok(SnapshotRequest {
        resources: parse_resources(resources)?,
        epoch: params.get("epoch").map(str::to_owned),
        pending: parse_pending(params.get("pending").unwrap_or_default())?,
        window: Window::parse(None, params.get("limit"))?,
    })
}

fn parse_resources(names: &str) -> Result<Vec<(Resource, Option<u64>)>> {
    let mut resources: Vec<(Resource, Option<u64>)> = Vec::new();
    for name in names.split(',').filter(|name| !name.is_empty()) {
        let (name, version) = match name.split_once('@') {
            Some((name, version)) => (name, Some(version.parse())),
            None => (name, None),
        };
        let Ok(version) = version.transpose() else {
            return Err(Failure::bad_request("a version must be a number"));
        };
        let Some(resource) = Resource::parse(name) else {
            return Err(Failure::bad_request("unknown resource"));
        };
        if resources.iter().any(|(other, _)| *other == resource) {
            return Err(Failure::bad_request("a resource is listed twice"));
        }
        resources.push((resource, version));
    }
    Ok(resources)
}

fn parse_pending(ids: &str) -> Result<Vec<String>> {
    let pending: Vec<String> = ids
        .split(',')
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect();
    if pending.len() > limits::PENDING_IDS_MAX {
        return Err(Failure::bad_request("more than 200 pending ids"));
    }
    if !pending.iter().all(|id| is_id(id)) {
        return Err(Failure::bad_request(
            "a pending id must be 1 to 64 letters, digits or hyphens",
        ));
    }
    Ok(pending)
}
