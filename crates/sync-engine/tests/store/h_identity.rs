//! Another user starts from nothing, and sees nothing of the user before.

use dashboard_model::Resource;
use dashboard_model::views::{DashboardStore, favorite_key, key_of};
use sync_engine::http::{HttpFailure, HttpRequest};
use sync_engine::view::{DataStatus, Key};

use crate::fixture::{Fixture, all, order};

#[test]
fn h1_signing_out_aborts_every_call_and_late_replies_are_ignored() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.advance(150);
    fixture.store.fetch(fixture.now, Resource::Stats.into());
    fixture.collect();
    let calls: Vec<_> = fixture.calls.iter().cloned().collect();
    assert_eq!(calls.len(), 2);
    fixture.notified();
    fixture.store.sign_out(fixture.now);
    fixture.collect();
    assert_eq!(fixture.aborted.len(), 2);
    assert!(fixture.notified().contains(&key_of(Resource::Favorites)));
    assert_eq!(fixture.store.next_deadline(), None);
    for (call, request) in calls {
        let (reply, _) = fixture.serve(&request);
        fixture.reply(call, reply);
    }
    assert!(fixture.store.favorites().data.is_none());
    assert_eq!(fixture.store.favorites().status, DataStatus::Pending);
    assert!(!fixture.favorite("b3") && !fixture.favorite("b1"));
    assert_eq!((fixture.pending(), fixture.calls.len()), (0, 0));
}

#[test]
fn h2_the_next_user_never_sees_the_last_users_data() {
    let mut fixture = Fixture::loaded();
    assert!(fixture.favorite("b1"));
    fixture.set("b3", true);
    fixture.store.sign_in(fixture.now, "ben");
    fixture.collect();
    assert!(
        fixture.store.favorites().data.is_none()
            && !fixture.favorite("b1")
            && !fixture.favorite("b3")
    );
    assert!(fixture.notified().contains(&favorite_key("b1")));
    fixture.advance(60_000);
    assert_eq!(
        fixture.mutation_calls().len(),
        0,
        "and their mutation is not sent for another user"
    );
}

#[test]
fn h4_signing_in_again_as_the_same_user_loses_and_refetches_nothing() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.notified();
    fixture.store.sign_in(fixture.now, "ada");
    fixture.collect();
    assert_eq!(fixture.notified(), []);
    assert_eq!((fixture.calls_made, fixture.pending()), (0, 1));
}

#[test]
fn h3_pending_mutations_of_a_user_who_signed_out_are_never_sent() {
    let mut fixture = Fixture::loaded();
    fixture.mutate(order("o2", "b3"));
    fixture.set("b3", true);
    fixture.advance(150);
    let sent = fixture.mutation_calls();
    assert_eq!(sent.len(), 2);
    fixture.fail(sent[0].0, HttpFailure::Network);
    fixture.store.sign_out(fixture.now);
    fixture.collect();
    assert_eq!(fixture.pending(), 0);
    for name in ["ben", "ada"] {
        fixture.store.sign_in(fixture.now, name);
        fixture.load(all());
        fixture.advance(60_000);
        assert_eq!((fixture.pending(), fixture.mutation_calls().len()), (0, 0));
        assert!(!fixture.favorite("b3"), "{name}");
    }
}

#[test]
fn h3_mutations_that_wait_for_a_sign_in_go_when_another_user_signs_in() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.mutate(order("o2", "b3"));
    let (call, request) = fixture.mutation_calls().remove(0);
    fixture.store.end_session(fixture.now);
    fixture.collect();
    assert_eq!(fixture.pending(), 2);
    fixture.notified();
    fixture.store.sign_in(fixture.now, "ben");
    fixture.collect();
    assert!(
        fixture.store.favorites().data.is_none()
            && !fixture.favorite("b1")
            && !fixture.favorite("b3")
    );
    assert!(fixture.store.orders().data.is_none());
    assert!(fixture.notified().contains(&Key::Mutations));
    let (reply, _) = fixture.serve(&HttpRequest::Mutations(request));
    fixture.reply(call, reply);
    fixture.advance(60_000);
    assert_eq!((fixture.pending(), fixture.mutation_calls().len()), (0, 0));
    fixture.store.sign_in(fixture.now, "ada");
    fixture.advance(60_000);
    assert_eq!((fixture.pending(), fixture.mutation_calls().len()), (0, 0));
}
