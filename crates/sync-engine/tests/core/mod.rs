//! Statements about the engine as a whole: what becomes of answers, and of what users do, across its parts.

mod age;
mod bench;
mod ended;
mod outages;
mod reading;

use dashboard_protocol::event::RemovedFavorite;
use dashboard_protocol::{
    Beat, Change, Event, Favorite, FavoritesSnapshot, MutationReply, MutationResult, Resource,
    SnapshotReply, Timestamp, User, MutationOutcome, MutationBody,
};

use crate::core::{Core, NewMutation, CoreOutput};
use crate::http::{HttpFailure, HttpReply, HttpRequest, RequestId};
use crate::topics::Tab;
use crate::settings::Settings;
use crate::time::Now;
use crate::view::ErrorKind;

/// The user's data have one favorite, which the screen shows.
fn signed_in(core: &mut Core, now: Now, name: &str) {
    let id = name.to_owned();
    core.sign_in(
        now,
        User {
            id,
            ..User::default()
        },
    );
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
    reply.resources.favorites = Some(FavoritesSnapshot {
        version,
        ids: items.iter().map(|row| row.beat_id.clone()).collect(),
        items,
        next_cursor: None,
    });
    HttpReply::Snapshot(Some(Box::new(reply)))
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

/// The outcome on the one change of a call, with the event of its commit.
fn taken(request: &HttpRequest) -> HttpReply {
    let HttpRequest::Mutations(request) = request else {
        panic!("no changes are sent");
    };
    let id = request.mutations[0].id.clone();
    let beat_id = "b1".to_owned();
    let event = Event {
        epoch: "e1".to_owned(),
        resource: Resource::Favorites,
        version: 1,
        prev: 0,
        resources: vec![Resource::Favorites],
        mutations: vec![id.clone()],
        at: Timestamp::from_unix_ms(0),
        changes: vec![Change::FavoriteRemoved(RemovedFavorite { beat_id })],
    };
    let events = vec![event];
    let outcome = MutationOutcome::Accepted { version: 1, events };
    HttpReply::Mutations(MutationReply {
        epoch: "e1".to_owned(),
        results: vec![MutationResult { id, outcome }],
    })
}

fn shows_favorite(core: &Core) -> bool {
    let view = core.favorites().data;
    view.expect("the data are there").ids.contains("b1")
}

/// A core in which one user has sent the removal of a favorite, and the call.
fn removing(now: Now) -> (Core, (RequestId, HttpRequest)) {
    let mut core = Core::new(&Settings::default(), 1);
    core.subscribe(now, &Tab::Favorites.topics());
    signed_in(&mut core, now, "ada");
    let body = MutationBody::SetFavorite {
        beat_id: "b1".to_owned(),
        favorite: false,
    };
    let id = "00000000-0000-4000-8000-000000000001".to_owned();
    let beats = Vec::new();
    core.mutate(now, vec![NewMutation { id, body, beats }], false);
    core.handle_timeout(now.after(200));
    let sent = calls(&mut core)
        .into_iter()
        .find(|(_, request)| matches!(request, HttpRequest::Mutations(_)));
    (core, sent.expect("the change is sent"))
}

#[test]
fn a_change_that_was_taken_shows_with_the_reply() {
    let now = Now::default().after(1000);
    let (mut core, (call, request)) = removing(now);
    core.handle_http(now.after(300), call, Ok(taken(&request)));
    assert!(!shows_favorite(&core));
    assert!(core.mutations().pending.is_empty());
}

#[test]
fn a_late_reply_to_who_signed_out_changes_nothing_for_who_signed_in() {
    let now = Now::default().after(1000);
    let (mut core, (call, request)) = removing(now);
    core.sign_out(now.after(250));
    core.handle_http(now.after(300), call, Ok(taken(&request)));
    signed_in(&mut core, now.after(400), "ben");
    assert!(shows_favorite(&core));

    let (mut core, (call, request)) = removing(now);
    core.sign_out(now.after(250));
    signed_in(&mut core, now.after(300), "ben");
    core.handle_http(now.after(400), call, Ok(taken(&request)));
    assert!(shows_favorite(&core));
}
/// What another device did first is only read, since the stream that would bring it is off.
#[test]
fn a_change_that_was_taken_settles_while_live_updates_are_switched_off() {
    let now = Now::default().after(1000);
    let (mut core, (call, request)) = removing(now);
    core.disconnect(now.after(250));
    calls(&mut core);
    let HttpReply::Mutations(mut reply) = taken(&request) else {
        unreachable!("changes are answered with verdicts");
    };
    reply.results[0].outcome = MutationOutcome::Accepted {
        version: 1,
        events: Vec::new(),
    };
    core.handle_http(now.after(300), call, Ok(HttpReply::Mutations(reply)));
    let (read, _) = snapshot_call(&mut core);
    core.handle_http(now.after(350), read, Ok(favorites(1, false)));
    assert!(!shows_favorite(&core));
    assert!(core.mutations().pending.is_empty());
}

#[test]
fn the_catalog_on_screen_is_read_for_who_signs_in_next() {
    let now = Now::default().after(1000);
    let mut core = Core::new(&Settings::default(), 1);
    core.subscribe(now, &Tab::Favorites.topics());
    core.subscribe_catalog(now, "");
    signed_in(&mut core, now, "ada");
    core.sign_out(now.after(100));
    calls(&mut core);
    let id = "ben".to_owned();
    let ben = User {
        id,
        ..User::default()
    };
    core.sign_in(now.after(200), ben);
    let made = calls(&mut core);
    let is_catalog = |request: &HttpRequest| matches!(request, HttpRequest::Beats { .. });
    assert!(made.iter().any(|(_, request)| is_catalog(request)));
}

/// A core whose session the server has ended while a removal was on its way; what was asked is told by the call.
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
fn e4_a_session_that_ends_keeps_unsaved_changes_for_the_same_user() {
    let now = Now::default().after(1000);
    let (mut core, first) = ended(now);
    assert!(!shows_favorite(&core), "what was asked for stays on screen");
    let pending = core.mutations().pending.clone();
    assert_eq!(pending.len(), 1);
    let cause = pending[0]
        .cause
        .as_ref()
        .expect("it says what it waits for");
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
        "and what may have been missed is read"
    );
}

#[test]
fn e4_what_a_session_left_is_gone_for_another_user_and_after_signing_out() {
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
