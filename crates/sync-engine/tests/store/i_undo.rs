//! Taking a batch back as one.

use dashboard_protocol::{MutationRequest, OrderStatus, ProblemCode, MutationBody, limits};

use super::super::saved::SAVED_MAX;
use super::bench::{Bench, cancel_order, download, like, order, unlike};
use crate::http::HttpFailure;
use crate::view::MutationState::{Cancelling, Queued, Sent};

fn cancel_all(bench: &mut Bench, ids: &[String]) {
    bench.store.cancel_all(bench.now, ids);
    bench.collect();
}

/// Three changes that hold each for itself.
fn partial(bench: &mut Bench) -> Vec<String> {
    let mutations = vec![like("b3"), order("o2", "b3"), unlike("b1")];
    bench.batch(mutations, false)
}

fn mutations(request: &MutationRequest) -> Vec<MutationBody> {
    let mutations = request.mutations.iter();
    mutations.map(|mutation| mutation.body.clone()).collect()
}

/// What undoes [`partial`]: backwards.
fn opposites() -> Vec<MutationBody> {
    vec![like("b1"), cancel_order("o2"), unlike("b3")]
}

fn assert_undone(bench: &mut Bench, context: &str) {
    bench.drain();
    assert_eq!((bench.pending(), bench.failures()), (0, 0), "{context}");
    assert!(!bench.favorite("b3") && bench.favorite("b1"), "{context}");
    assert_eq!(bench.server.orders[0].status, OrderStatus::Cancelled);
    bench.assert_same(context);
}

#[test]
fn i5_a_partial_batch_that_was_not_sent_costs_no_request() {
    let mut bench = Bench::loaded();
    bench.store.set_paused(bench.now, true);
    let ids = partial(&mut bench);
    cancel_all(&mut bench, &ids);
    assert_eq!(bench.pending(), 0);
    bench.store.set_paused(bench.now, false);
    bench.advance(5000);
    assert_eq!(bench.calls_made, 0);
    bench.assert_same("taken back");
}

#[test]
fn i5_a_partial_batch_that_was_sent_is_undone_by_one_batch_after_its_outcomes() {
    let mut bench = Bench::loaded();
    let ids = partial(&mut bench);
    bench.notified();
    cancel_all(&mut bench, &ids);
    let mut notified = bench.notified();
    let all = notified.len();
    notified.dedup();
    assert_eq!(notified.len(), all, "one commit");
    let states = [Cancelling, Cancelling, Cancelling, Queued, Queued, Queued];
    assert_eq!(bench.states(), states);
    assert!(!bench.favorite("b3") && bench.favorite("b1"));
    let (call, _) = bench.mutation_calls().remove(0);
    assert_eq!(bench.calls.len(), 1, "the verdicts are waited for");
    bench.answer(call);
    let (_, request) = bench.mutation_calls().remove(0);
    assert!(
        !request.atomic,
        "each is undone for itself, as it was asked"
    );
    assert_eq!(mutations(&request), opposites());
    assert_undone(&mut bench, "at rest");
}

#[test]
fn i5_of_a_partial_batch_only_what_was_taken_is_undone() {
    let mut bench = Bench::loaded();
    let ids = partial(&mut bench);
    cancel_all(&mut bench, &ids);
    bench.server.reject = vec![ProblemCode::QuotaExceeded];
    let (call, _) = bench.mutation_calls().remove(0);
    bench.answer(call);
    let (_, request) = bench.mutation_calls().remove(0);
    let undone = mutations(&request);
    assert_eq!(undone.len(), 2, "the refused one is as the person wants it");
    assert!(undone.iter().all(|body| opposites().contains(body)));
    assert_undone(&mut bench, "at rest");
}

#[test]
fn i5_what_is_taken_back_while_its_outcome_is_unknown_is_undone_after_the_outcome_or_not_at_all() {
    // Whether the server has run it, and whether it is to refuse it.
    for (has_run, is_rejected) in [(true, false), (false, false), (false, true)] {
        let mut bench = Bench::loaded();
        let ids = partial(&mut bench);
        let (call, request) = bench.mutation_calls().remove(0);
        if has_run {
            bench.server.run(&request);
        }
        bench.fail(call, HttpFailure::Network);
        cancel_all(&mut bench, &ids);
        bench.wait_for_call();
        let (call, again) = bench.mutation_calls().remove(0);
        assert_eq!((bench.calls.len(), &again), (1, &request));
        if is_rejected {
            bench.server.reject = vec![ProblemCode::QuotaExceeded; 3];
            bench.answer(call);
            assert_eq!((bench.pending(), bench.failures()), (0, 0));
            bench.advance(120_000);
            assert_eq!(bench.server.effects, 0);
            bench.assert_same("refused");
        } else {
            bench.answer(call);
            assert_eq!(mutations(&bench.mutation_calls()[0].1), opposites());
            assert_undone(&mut bench, "at rest");
        }
    }
}

#[test]
fn i5_a_single_change_of_a_partial_batch_is_taken_back_alone() {
    let mut bench = Bench::loaded();
    let ids = partial(&mut bench);
    cancel_all(&mut bench, &ids[2..]);
    assert_eq!(bench.states(), [Sent, Sent, Cancelling, Queued]);
    bench.drain();
    assert!(bench.favorite("b3") && bench.favorite("b1"));
    bench.assert_same("at rest");
}

#[test]
fn i5_what_was_saved_is_undone_as_it_was_asked_and_only_once() {
    for atomic in [false, true] {
        let mut bench = Bench::loaded();
        let asked = vec![like("b3"), order("o2", "b3"), unlike("b1")];
        let ids = bench.batch(asked, atomic);
        bench.drain();
        assert_eq!(bench.pending(), 0);
        // A batch that held as a whole is named by any of its changes.
        let named = if atomic { &ids[1..2] } else { &ids[..] };
        cancel_all(&mut bench, named);
        cancel_all(&mut bench, named);
        let (call, request) = bench.mutation_calls().remove(0);
        assert_eq!((request.atomic, mutations(&request)), (atomic, opposites()));
        bench.answer(call);
        cancel_all(&mut bench, &ids);
        assert_eq!(bench.mutation_calls().len(), 0);
        assert_undone(&mut bench, "at rest");
    }
}

#[test]
fn i5_a_batch_of_which_a_part_was_saved_is_undone_as_a_whole() {
    let mut bench = Bench::loaded();
    let many = limits::MUTATIONS_PER_REQUEST_MAX * 5;
    let asked = (0..many).map(|number| like(&format!("m{number}")));
    let ids = bench.batch(asked.collect(), false);
    let (call, _) = bench.mutation_calls().remove(0);
    bench.answer(call);
    bench.store.set_paused(bench.now, true);
    cancel_all(&mut bench, &ids);
    assert_eq!(bench.favorites(), ["b2", "b1"]);
    bench.store.set_paused(bench.now, false);
    bench.drain();
    assert_eq!(bench.server.favorites.len(), 2);
    bench.assert_same("at rest");
}

#[test]
fn i5_what_is_not_as_the_change_had_made_it_stays_as_it_is() {
    let mut bench = Bench::loaded();
    let mine = bench.set("b3", true);
    bench.drain();
    // Somebody else was there since.
    let events = bench.server.elsewhere(unlike("b3"));
    bench.deliver(&events);
    cancel_all(&mut bench, std::slice::from_ref(&mine));
    bench.advance(5000);
    assert_eq!((bench.pending(), bench.mutation_calls().len()), (0, 0));
    // The user themselves asked for something newer, which is under way or saved.
    let first = bench.set("b4", true);
    bench.drain();
    bench.set("b4", false);
    cancel_all(&mut bench, std::slice::from_ref(&first));
    assert_eq!(bench.pending(), 1);
    bench.drain();
    bench.set("b4", true);
    bench.drain();
    cancel_all(&mut bench, &[first, mine]);
    assert!(bench.favorite("b4"));
    assert_eq!(bench.pending(), 0);
    // What had changed nothing, and what cannot be undone.
    let void = bench.set("b1", true);
    let gone = bench.mutate(cancel_order("o1"));
    bench.drain();
    cancel_all(&mut bench, &[void, gone]);
    assert!(bench.favorite("b1"));
    assert_eq!(bench.pending(), 0);
    bench.assert_same("at rest");
}

#[test]
fn i5_the_last_thousand_are_remembered_and_those_of_another_user_are_not() {
    let mut bench = Bench::loaded();
    let asked = (0..=SAVED_MAX).map(|number| like(&format!("m{number}")));
    let ids = bench.batch(asked.collect(), false);
    bench.drain();
    cancel_all(&mut bench, &ids[..1]);
    assert_eq!(bench.pending(), 0, "one too many");
    cancel_all(&mut bench, &ids[1..2]);
    assert_eq!(bench.pending(), 1);
    bench.drain();
    bench.store.sign_out(bench.now);
    bench.store.sign_in(bench.now, "ben");
    cancel_all(&mut bench, &ids);
    assert_eq!(bench.pending(), 0);
}

#[test]
fn i5_a_server_that_was_restored_is_not_asked_to_undo_what_it_may_not_have() {
    let mut bench = Bench::loaded();
    let id = bench.mutate(download("d2", "b3"));
    bench.drain();
    bench.server.epoch = "e2".to_owned();
    bench.load(&dashboard_protocol::Resource::ALL);
    cancel_all(&mut bench, &[id]);
    assert_eq!((bench.pending(), bench.calls.len()), (0, 0));
}
