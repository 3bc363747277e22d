//! Statements about the engine as a whole: what answers and actions lead to, across its parts.

mod age;
mod bench;
mod ended;
mod outages;
mod reading;
mod session_check;
mod tab;

use std::rc::Rc;

use dashboard_model::views::DashboardStore;
use dashboard_model::{
    Beat, Catalog, Change, Event, Favorite, MutationResult, Resource, SetFavorite, SnapshotReply,
};
use sync_engine::http::{HttpFailure, HttpReply, HttpRequest, RequestId};
use sync_engine::schema::{MutationRef, NewMutation, QueryKey, Schema};
use sync_engine::settings::Settings;
use sync_engine::time::Now;
use sync_engine::view::ErrorKind;
use sync_engine::{Core, CoreOutput};
use sync_protocol::{ListSnapshot, Timestamp, User};

use tab::Tab;

fn schema() -> Rc<Schema> {
    Rc::new(dashboard_model::schema())
}

/// The key of the catalog under a search text.
fn catalog(text: &str) -> QueryKey {
    schema().query_key(&Catalog::search(text))
}

/// The user's data have one favorite, which the screen shows.
fn signed_in(core: &mut Core, now: Now, name: &str) {
    core.sign_in(now, user(name));
    let (call, _) = snapshot_call(core);
    core.handle_http(now, call, Ok(favorites(0, true)));
}

/// A snapshot of the favorites: `b1`, or none.
fn favorites(version: u64, has_one: bool) -> HttpReply {
    let mut reply = SnapshotReply {
        epoch: "e1".to_owned(),
        version,
        ..SnapshotReply::default()
    };
    let row = Favorite {
        beat_id: "b1".to_owned(),
        beat: Beat::default(),
        added_at: Timestamp::from_unix_ms(0),
    };
    let items = if has_one { vec![row] } else { Vec::new() };
    reply.resources.favorites = Some(ListSnapshot {
        version,
        ids: Some(items.iter().map(|row| row.beat_id.clone()).collect()),
        items,
        next_cursor: None,
    });
    HttpReply::Snapshot(Some(Box::new(dashboard_model::snapshot::decoded(reply))))
}

fn snapshot_call(core: &mut Core) -> (RequestId, HttpRequest) {
    calls(core)
        .into_iter()
        .find(|(_, request)| matches!(request, HttpRequest::Snapshot(_)))
        .expect("the data are read")
}

fn calls(core: &mut Core) -> Vec<(RequestId, HttpRequest)> {
    std::iter::from_fn(|| core.poll_output())
        .filter_map(|output| match output {
            CoreOutput::Http { id, request } => Some((id, request)),
            _ => None,
        })
        .collect()
}

/// The outcome of the one mutation of a call, with the event of its commit.
fn accepted(request: &HttpRequest) -> HttpReply {
    let HttpRequest::Mutations(request) = request else {
        panic!("no mutations are sent");
    };
    let id = request.mutations[0].id.clone();
    let event = Event {
        epoch: "e1".to_owned(),
        resource: Resource::Favorites,
        version: 1,
        prev: 0,
        resources: vec![Resource::Favorites],
        mutations: vec![id.clone()],
        at: Timestamp::from_unix_ms(0),
        changes: vec![Change::favorite_removed("b1")],
    };
    reply_with(MutationResult::accepted(id, 1, vec![event]))
}

/// The reply to one mutation, read from JSON as from the wire.
fn reply_with(result: MutationResult) -> HttpReply {
    let reply = dashboard_model::MutationReply {
        epoch: "e1".to_owned(),
        results: vec![result],
    };
    let text = serde_json::to_string(&reply).expect("a reply can be written");
    let decoded = schema().decode_mutations(&text);
    HttpReply::Mutations(decoded.expect("the reply can be read"))
}

fn shows_favorite(core: &Core) -> bool {
    let view = core.favorites().data;
    let ids = view.expect("the data are there").ids.clone();
    ids.expect("favorites track ids").contains("b1")
}

/// A core in which one user has sent the removal of a favorite, and the call.
fn removing(now: Now) -> (Core, (RequestId, HttpRequest)) {
    let mut core = Core::new(&schema(), &Settings::default(), 1);
    core.retain(now, &Tab::Favorites.topics());
    signed_in(&mut core, now, "ada");
    let removal = MutationRef::new(SetFavorite {
        beat_id: "b1".to_owned(),
        favorite: false,
    });
    let id = "00000000-0000-4000-8000-000000000001";
    core.mutate(now, vec![NewMutation::new(id, removal)], false);
    core.handle_timeout(now.after(200));
    let sent = calls(&mut core)
        .into_iter()
        .find(|(_, request)| matches!(request, HttpRequest::Mutations(_)));
    (core, sent.expect("the mutation is sent"))
}

#[test]
fn an_accepted_mutation_shows_with_the_reply() {
    let now = Now::default().after(1000);
    let (mut core, (call, request)) = removing(now);
    core.handle_http(now.after(300), call, Ok(accepted(&request)));
    assert!(!shows_favorite(&core));
    assert!(core.mutations().pending.is_empty());
}

#[test]
fn a_late_reply_of_the_last_user_is_ignored() {
    let now = Now::default().after(1000);
    let (mut core, (call, request)) = removing(now);
    core.sign_out(now.after(250));
    core.handle_http(now.after(300), call, Ok(accepted(&request)));
    signed_in(&mut core, now.after(400), "ben");
    assert!(shows_favorite(&core));

    let (mut core, (call, request)) = removing(now);
    core.sign_out(now.after(250));
    signed_in(&mut core, now.after(300), "ben");
    core.handle_http(now.after(400), call, Ok(accepted(&request)));
    assert!(shows_favorite(&core));
}

/// Another device did it first. That is only read, since the channel that would bring it is off.
#[test]
fn an_accepted_mutation_resolves_while_live_updates_are_switched_off() {
    let now = Now::default().after(1000);
    let (mut core, (call, request)) = removing(now);
    core.disconnect(now.after(250));
    calls(&mut core);
    let HttpRequest::Mutations(sent) = &request else {
        panic!("no mutations are sent");
    };
    let result = MutationResult::accepted(sent.mutations[0].id.clone(), 1, Vec::new());
    core.handle_http(now.after(300), call, Ok(reply_with(result)));
    let (read, _) = snapshot_call(&mut core);
    core.handle_http(now.after(350), read, Ok(favorites(1, false)));
    assert!(!shows_favorite(&core));
    assert!(core.mutations().pending.is_empty());
}

#[test]
fn the_catalog_on_screen_is_read_for_the_next_user() {
    let now = Now::default().after(1000);
    let mut core = Core::new(&schema(), &Settings::default(), 1);
    core.retain(now, &Tab::Favorites.topics());
    core.observe_query(now, &catalog(""));
    signed_in(&mut core, now, "ada");
    core.sign_out(now.after(100));
    calls(&mut core);
    core.sign_in(now.after(200), user("ben"));
    let made = calls(&mut core);
    let is_catalog = |request: &HttpRequest| matches!(request, HttpRequest::Query { .. });
    assert!(made.iter().any(|(_, request)| is_catalog(request)));
}

/// A core whose session the server has ended while a removal was in flight, and the request of that removal.
fn ended(now: Now) -> (Core, HttpRequest) {
    let (mut core, (call, request)) = removing(now);
    end(&mut core, now, call);
    (core, request)
}

/// The server ends the session: it answers a call, and then the question, with 401.
fn end(core: &mut Core, now: Now, call: RequestId) {
    let over = || {
        Err(HttpFailure::Status {
            status: 401,
            problem: None,
            retry_after_ms: None,
        })
    };
    core.handle_http(now.after(300), call, over());
    let outputs: Vec<_> = std::iter::from_fn(|| core.poll_output()).collect();
    let asks = outputs.iter().find_map(|output| match output {
        CoreOutput::Http { id, request } => (*request == HttpRequest::Session).then_some(*id),
        _ => None,
    });
    core.handle_http(
        now.after(350),
        asks.expect("the session is asked about"),
        over(),
    );
    let outputs: Vec<_> = std::iter::from_fn(|| core.poll_output()).collect();
    assert!(outputs.contains(&CoreOutput::SignedOut));
}

fn user(name: &str) -> User {
    User {
        id: name.to_owned(),
        ..User::default()
    }
}

#[test]
fn e4_a_session_that_ends_keeps_unsaved_mutations_for_the_same_user() {
    let now = Now::default().after(1000);
    let (mut core, first) = ended(now);
    assert!(
        !shows_favorite(&core),
        "the requested state stays on screen"
    );
    let pending = core.mutations().pending.clone();
    assert_eq!(pending.len(), 1);
    let cause = pending[0]
        .cause
        .as_ref()
        .expect("it has a cause to wait for");
    assert_eq!(cause.kind, ErrorKind::Authentication);
    core.handle_timeout(now.after(60_000));
    assert!(
        calls(&mut core).is_empty(),
        "nothing is asked of a server that knows nobody"
    );
    core.sign_in(now.after(70_000), user("ada"));
    let made = calls(&mut core);
    let is_change = |request: &&HttpRequest| matches!(request, HttpRequest::Mutations(_));
    let again: Vec<_> = made
        .iter()
        .map(|(_, request)| request)
        .filter(is_change)
        .collect();
    assert_eq!(again, [&first], "the same under the same id");
    let is_read = |request: &HttpRequest| matches!(request, HttpRequest::Snapshot(_));
    assert!(
        made.iter().any(|(_, request)| is_read(request)),
        "and data that may have been missed are read"
    );
}

#[test]
fn e4_data_of_an_ended_session_are_gone_for_another_user_and_after_sign_out() {
    let now = Now::default().after(1000);
    let (mut core, _) = ended(now);
    core.sign_in(now.after(70_000), user("ben"));
    assert!(core.favorites().data.is_none() && core.mutations().pending.is_empty());
    let is_change =
        |(_, request): &(RequestId, HttpRequest)| matches!(request, HttpRequest::Mutations(_));
    assert!(!calls(&mut core).iter().any(is_change));
    let (mut core, _) = ended(now);
    core.sign_out(now.after(70_000));
    assert!(core.favorites().data.is_none() && core.mutations().pending.is_empty());
    core.sign_in(now.after(80_000), user("ada"));
    assert!(!calls(&mut core).iter().any(is_change));
}
