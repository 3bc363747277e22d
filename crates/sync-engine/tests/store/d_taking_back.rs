//! Taking a change back, wherever it stands.

use dashboard_protocol::{OrderStatus, Problem, ProblemCode, Resource};

use super::bench::{
    Bench, cancel_download, cancel_order, download, id, ids_of, like, order, unlike,
};
use super::d_intent::exhaust;
use super::e_failure::price_changed;
use crate::http::HttpFailure;
use crate::view::MutationState::{
    Accepted, Cancelling, NeedsResolution, Paused, Queued, Sent, Unknown,
};

/// Takes a change back.
fn cancel(bench: &mut Bench, id: &str) {
    bench.store.cancel(bench.now, id);
    bench.collect();
}

/// Fails the one call with changes.
fn lose(bench: &mut Bench) {
    let (call, _) = bench.mutation_calls().remove(0);
    bench.fail(call, HttpFailure::Network);
}

#[test]
fn d11_sent_or_unknown_it_is_told_as_being_taken_back_and_a_second_time_changes_nothing() {
    for is_lost in [false, true] {
        let mut bench = Bench::loaded();
        let id = bench.mutate(order("o2", "b3"));
        if is_lost {
            lose(&mut bench);
        }
        cancel(&mut bench, &id);
        assert_eq!(bench.states(), [Cancelling, Queued]);
        let undoing = bench.store.mutations().pending[1].mutation.id.clone();
        bench.notified();
        for id in [&id, &undoing, &id] {
            cancel(&mut bench, id);
        }
        assert_eq!(bench.states(), [Cancelling, Queued]);
        assert_eq!(bench.notified(), [], "nothing more happens");
        assert!(bench.mutation_calls().len() <= 1);
        bench.drain();
        assert_eq!(bench.server.orders[0].status, OrderStatus::Cancelled);
        assert_eq!((bench.server.effects, bench.pending()), (2, 0));
        bench.assert_same("at rest");
    }
}

#[test]
fn d11_a_change_that_never_arrived_is_still_told_as_being_taken_back_while_it_is_sent_again() {
    let mut bench = Bench::loaded();
    let id = bench.mutate(order("o2", "b3"));
    let (call, _) = bench.mutation_calls().remove(0);
    bench.status(call, 429, Some(1000));
    assert_eq!(bench.states(), [Queued]);
    cancel(&mut bench, &id);
    assert_eq!(bench.states(), [Cancelling, Queued]);
    bench.wait_for_call();
    assert_eq!(bench.states(), [Cancelling, Queued]);
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn d11_accepted_it_is_undone_at_once_and_told_until_its_effect_is_known() {
    let mut bench = Bench::loaded();
    // Something before its events is missing, so that the reply alone is known.
    bench.server.elsewhere(order("o8", "b1"));
    let id = bench.mutate(order("o2", "b3"));
    let (call, _) = bench.mutation_calls().remove(0);
    bench.answer(call);
    assert_eq!(bench.states(), [Accepted]);
    cancel(&mut bench, &id);
    assert_eq!(bench.states(), [Cancelling, Sent]);
    let view = bench.store.orders().data.unwrap();
    assert_eq!(view.rows[0].item.status, OrderStatus::Cancelled);
    bench.drain();
    assert_eq!(bench.pending(), 0);
    assert_eq!(bench.server.orders[0].status, OrderStatus::Cancelled);
    bench.assert_same("at rest");
}

#[test]
fn d11_a_rejection_ends_it_with_what_would_have_undone_it_and_there_is_nothing_to_tell() {
    for code in [ProblemCode::AlreadyOwned, ProblemCode::PriceChanged] {
        let mut bench = Bench::loaded();
        let id = bench.mutate(order("o2", "b3"));
        cancel(&mut bench, &id);
        if code == ProblemCode::PriceChanged {
            price_changed(&mut bench);
        } else {
            bench.server.reject.push(code);
            let (call, _) = bench.mutation_calls().remove(0);
            bench.answer(call);
        }
        assert_eq!((bench.pending(), bench.failures()), (0, 0));
        assert_eq!(bench.mutation_calls().len(), 0);
        bench.advance(120_000);
        assert_eq!((bench.pending(), bench.server.effects), (0, 0));
        bench.assert_same("refused");
    }
}

#[test]
fn d11_a_favorite_that_is_rejected_is_not_undone_since_somebody_else_may_have_set_it() {
    let mut bench = Bench::loaded();
    let id = bench.set("b3", true);
    bench.advance(150);
    cancel(&mut bench, &id);
    assert_eq!(bench.states(), [Cancelling, Queued]);
    let favorite = bench.store.favorite("b3");
    let pending = favorite.pending.unwrap();
    assert_eq!((favorite.favorite, pending.state), (false, Cancelling));
    assert_eq!(pending.mutation.id, id, "taken back again, it is the same");
    let events = bench.server.elsewhere(like("b3"));
    bench.deliver(&events);
    bench.server.reject.push(ProblemCode::QuotaExceeded);
    bench.drain();
    assert!(bench.favorite("b3"));
    assert_eq!((bench.failures(), bench.server.effects), (0, 0));
    bench.assert_same("at rest");
}

#[test]
fn d11_a_favorite_is_told_as_being_taken_back_until_the_mutation_is_saved_and_then_as_what_undoes_it() {
    let mut bench = Bench::loaded();
    let id = bench.set("b3", true);
    bench.advance(150);
    cancel(&mut bench, &id);
    let events = bench.answer_all();
    bench.deliver(&events);
    let pending = bench.store.favorite("b3").pending.unwrap();
    assert_eq!(pending.state, Queued);
    assert_ne!(pending.mutation.id, id);
    // Somebody who presses once more does not take the taking back back.
    cancel(&mut bench, &pending.mutation.id);
    assert!(!bench.favorite("b3"));
    bench.drain();
    assert!(!bench.favorite("b3"));
    assert_eq!(bench.server.effects, 2);
    bench.assert_same("at rest");
}

#[test]
fn d11_who_wants_it_after_all_asks_for_it_and_nothing_is_being_taken_back_any_more() {
    let mut bench = Bench::loaded();
    let id = bench.set("b3", true);
    bench.advance(150);
    cancel(&mut bench, &id);
    bench.set("b3", true);
    assert!(bench.favorite("b3"));
    assert_eq!(bench.states(), [Sent]);
    bench.drain();
    assert!(bench.favorite("b3"));
    assert_eq!(bench.server.effects, 1);
    bench.assert_same("at rest");
}

#[test]
fn d11_parked_or_undecided_it_is_given_up() {
    let mut bench = Bench::loaded();
    let id = bench.mutate(order("o2", "b3"));
    exhaust(&mut bench);
    assert_eq!(bench.states(), [Paused]);
    cancel(&mut bench, &id);
    assert_eq!((bench.pending(), bench.calls.len()), (0, 0));
    let id = bench.mutate(order("o3", "b3"));
    price_changed(&mut bench);
    assert_eq!(bench.states(), [NeedsResolution]);
    cancel(&mut bench, &id);
    assert_eq!((bench.pending(), bench.calls.len()), (0, 0));
    bench.assert_same("given up");
}

#[test]
fn d11_what_is_being_taken_back_and_was_given_up_waits_for_the_user_and_ends_by_their_word() {
    let given_up = || {
        let mut bench = Bench::loaded();
        let id = bench.mutate(order("o2", "b3"));
        cancel(&mut bench, &id);
        exhaust(&mut bench);
        assert_eq!(bench.states(), [Paused, Queued]);
        (bench, id)
    };
    let (mut bench, taken_back) = given_up();
    cancel(&mut bench, &taken_back);
    assert_eq!(bench.pending(), 0);
    assert_eq!(bench.calls, []);
    bench.assert_same("given up");
    // Or it is asked for once more, to know: then it is undone as well.
    let (mut bench, taken_back) = given_up();
    bench.store.retry(bench.now, &taken_back, &id(930));
    bench.collect();
    assert_eq!(bench.states(), [Cancelling, Queued]);
    bench.drain();
    assert_eq!(bench.server.orders[0].status, OrderStatus::Cancelled);
    bench.assert_same("at rest");
}

#[test]
fn d11_what_cannot_be_undone_is_told_as_before() {
    let mut bench = Bench::loaded();
    for body in [cancel_order("o1"), cancel_download("d1")] {
        let id = bench.mutate(body);
        cancel(&mut bench, &id);
        assert_eq!(bench.states(), [Sent]);
        bench.answer_all();
        cancel(&mut bench, &id);
        assert_eq!(bench.pending(), 0);
    }
    // A favorite that is what was asked for anyway stays as it is.
    let id = bench.set("b1", true);
    bench.advance(150);
    cancel(&mut bench, &id);
    assert_eq!(bench.states(), [Sent]);
    bench.drain();
    assert!(bench.favorite("b1"));
    bench.assert_same("at rest");
}

#[test]
fn d11_a_batch_that_holds_as_a_whole_is_being_taken_back_as_a_whole() {
    let sent = || {
        let mut bench = Bench::loaded();
        let mutations = vec![like("b3"), cancel_order("o1"), download("d2", "b2")];
        let ids = bench.batch(mutations, true);
        cancel(&mut bench, &ids[2]);
        // What cannot be undone is told as before.
        assert_eq!(
            bench.states(),
            [Cancelling, Sent, Cancelling, Queued, Queued]
        );
        bench
    };
    let mut bench = sent();
    let (call, _) = bench.mutation_calls().remove(0);
    bench.answer(call);
    let (_, request) = bench.mutation_calls().remove(0);
    assert!(request.atomic && request.mutations.len() == 2);
    bench.drain();
    assert!(!bench.favorite("b3"));
    bench.assert_same("undone");
    // Rejected as a whole, it leaves as a whole.
    let mut bench = sent();
    bench.server.reject = vec![ProblemCode::QuotaExceeded];
    let (call, _) = bench.mutation_calls().remove(0);
    bench.answer(call);
    assert_eq!((bench.pending(), bench.failures()), (0, 0));
    assert_eq!(bench.mutation_calls().len(), 0);
    bench.assert_same("refused");
    // Also at another price.
    let mut bench = Bench::loaded();
    let ids = bench.batch(vec![unlike("b1"), order("o2", "b3")], true);
    cancel(&mut bench, &ids[0]);
    price_changed(&mut bench);
    assert_eq!((bench.pending(), bench.failures()), (0, 0));
    bench.assert_same("at another price");
}

#[test]
fn d11_an_undoing_that_is_rejected_is_told_and_nothing_waits_for_ever() {
    let mut bench = Bench::loaded();
    let id = bench.mutate(order("o2", "b3"));
    cancel(&mut bench, &id);
    let (call, _) = bench.mutation_calls().remove(0);
    bench.answer(call);
    bench.server.set_order("o2", OrderStatus::Completed);
    bench.drain();
    assert_eq!((bench.pending(), bench.failures()), (0, 1));
    let failure = &bench.store.mutations().failures[0];
    assert_eq!(failure.error.code, Some(ProblemCode::NotCancellable));
    bench.load(&Resource::ALL);
    bench.assert_same("at rest");
}

#[test]
fn d11_after_a_reload_it_is_still_being_taken_back() {
    let mut bench = Bench::loaded();
    let id = bench.mutate(order("o2", "b3"));
    cancel(&mut bench, &id);
    let text = serde_json::to_string(&bench.store.export()).unwrap();
    let mut other = Bench::empty();
    let export = serde_json::from_str(&text).unwrap();
    other.store.import(other.now, export);
    other.collect();
    assert_eq!(other.states()[0], Cancelling);
    let (call, request) = other.mutation_calls().remove(0);
    assert_eq!(ids_of(&request), [id.as_str()]);
    let problem = Problem::new(ProblemCode::Invalid, 422, "no");
    let rejected = HttpFailure::Status {
        status: 422,
        problem: Some(Box::new(problem)),
        retry_after_ms: None,
    };
    other.fail(call, rejected);
    assert_eq!(other.states()[0], Cancelling, "the server is asked first");
    assert_ne!(other.states()[0], Unknown);
}
