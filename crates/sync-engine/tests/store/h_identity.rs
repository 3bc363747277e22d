//! Another user starts from nothing, and nothing of the one before reaches them.

use dashboard_protocol::Resource;

use super::bench::{Bench, order};
use crate::http::{HttpFailure, HttpRequest};
use crate::view::{DataStatus, Key};

#[test]
fn h1_signing_out_gives_up_every_call_and_late_replies_are_dropped() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.advance(150);
    bench.store.fetch(bench.now, &[Resource::Stats]);
    bench.collect();
    let calls: Vec<_> = bench.calls.iter().cloned().collect();
    assert_eq!(calls.len(), 2);
    bench.notified();
    bench.store.sign_out(bench.now);
    bench.collect();
    assert_eq!(bench.cancelled.len(), 2);
    assert!(bench.notified().contains(&Key::Resource(Resource::Favorites)));
    assert_eq!(bench.store.next_deadline(), None);
    for (call, request) in calls {
        let (reply, _) = bench.serve(&request);
        bench.reply(call, reply);
    }
    assert!(bench.store.favorites().data.is_none());
    assert_eq!(bench.store.favorites().status, DataStatus::Pending);
    assert!(!bench.favorite("b3") && !bench.favorite("b1"));
    assert_eq!((bench.pending(), bench.calls.len()), (0, 0));
}

#[test]
fn h2_the_next_user_never_sees_the_last_ones_data() {
    let mut bench = Bench::loaded();
    assert!(bench.favorite("b1"));
    bench.set("b3", true);
    bench.store.sign_in(bench.now, "ben");
    bench.collect();
    assert!(bench.store.favorites().data.is_none() && !bench.favorite("b1") && !bench.favorite("b3"));
    assert!(bench.notified().contains(&Key::Favorite("b1".into())));
    bench.advance(60_000);
    assert_eq!(
        bench.mutation_calls().len(),
        0,
        "and their wish does not go out under another name"
    );
}

#[test]
fn h4_the_same_user_again_loses_and_refetches_nothing() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.notified();
    bench.store.sign_in(bench.now, "ada");
    bench.collect();
    assert_eq!(bench.notified(), []);
    assert_eq!((bench.calls_made, bench.pending()), (0, 1));
}

#[test]
fn h3_what_is_unsettled_when_the_user_signs_out_is_gone_and_goes_out_under_no_other_name() {
    let mut bench = Bench::loaded();
    bench.mutate(order("o2", "b3"));
    bench.set("b3", true);
    bench.advance(150);
    let sent = bench.mutation_calls();
    assert_eq!(sent.len(), 2);
    bench.fail(sent[0].0, HttpFailure::Network);
    bench.store.sign_out(bench.now);
    bench.collect();
    assert_eq!(bench.pending(), 0);
    for name in ["ben", "ada"] {
        bench.store.sign_in(bench.now, name);
        bench.load(&Resource::ALL);
        bench.advance(60_000);
        assert_eq!((bench.pending(), bench.mutation_calls().len()), (0, 0));
        assert!(!bench.favorite("b3"), "{name}");
    }
}

#[test]
fn h3_what_waits_for_the_sign_in_is_gone_when_another_user_signs_in() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.mutate(order("o2", "b3"));
    let (call, request) = bench.mutation_calls().remove(0);
    bench.store.end_session(bench.now);
    bench.collect();
    assert_eq!(bench.pending(), 2);
    bench.notified();
    bench.store.sign_in(bench.now, "ben");
    bench.collect();
    assert!(bench.store.favorites().data.is_none() && !bench.favorite("b1") && !bench.favorite("b3"));
    assert!(bench.store.orders().data.is_none());
    assert!(bench.notified().contains(&Key::Mutations));
    let (reply, _) = bench.serve(&HttpRequest::Mutations(request));
    bench.reply(call, reply);
    bench.advance(60_000);
    assert_eq!((bench.pending(), bench.mutation_calls().len()), (0, 0));
    bench.store.sign_in(bench.now, "ada");
    bench.advance(60_000);
    assert_eq!((bench.pending(), bench.mutation_calls().len()), (0, 0));
}
