//! Cancelling a batch as one.

use dashboard_model::{MutationBody, OrderStatus};
use sync_engine::http::HttpFailure;
use sync_engine::schema::MutationId;
use sync_engine::view::MutationState::{Cancelling, Queued, Sent};
use sync_protocol::{MutationRequest, ProblemCode, limits};

use crate::fixture::{Fixture, all, cancel_order, download, like, order, unlike};
use crate::server::body_of;

fn cancel_all(fixture: &mut Fixture, ids: &[MutationId]) {
    fixture.store.cancel_all(fixture.now, ids);
    fixture.collect();
}

/// Three mutations that hold each for itself.
fn partial(fixture: &mut Fixture) -> Vec<MutationId> {
    let mutations = vec![like("b3"), order("o2", "b3"), unlike("b1")];
    fixture.batch(mutations, false)
}

fn mutations(request: &MutationRequest) -> Vec<MutationBody> {
    let mutations = request.mutations.iter();
    mutations.map(body_of).collect()
}

/// What undoes [`partial`]: backwards.
fn opposites() -> Vec<MutationBody> {
    vec![like("b1"), cancel_order("o2"), unlike("b3")]
}

fn assert_undone(fixture: &mut Fixture, context: &str) {
    fixture.drain();
    assert_eq!((fixture.pending(), fixture.failures()), (0, 0), "{context}");
    assert!(
        !fixture.favorite("b3") && fixture.favorite("b1"),
        "{context}"
    );
    assert_eq!(fixture.server.orders[0].status, OrderStatus::Cancelled);
    fixture.assert_same(context);
}

#[test]
fn i5_cancelling_an_unsent_partial_batch_costs_no_request() {
    let mut fixture = Fixture::loaded();
    fixture.store.set_paused(fixture.now, true);
    let ids = partial(&mut fixture);
    cancel_all(&mut fixture, &ids);
    assert_eq!(fixture.pending(), 0);
    fixture.store.set_paused(fixture.now, false);
    fixture.advance(5000);
    assert_eq!(fixture.calls_made, 0);
    fixture.assert_same("cancelled");
}

#[test]
fn i5_a_sent_partial_batch_is_undone_by_one_batch_after_its_outcomes() {
    let mut fixture = Fixture::loaded();
    let ids = partial(&mut fixture);
    fixture.notified();
    cancel_all(&mut fixture, &ids);
    let mut notified = fixture.notified();
    let all = notified.len();
    notified.dedup();
    assert_eq!(notified.len(), all, "one commit");
    let states = [Cancelling, Cancelling, Cancelling, Queued, Queued, Queued];
    assert_eq!(fixture.states(), states);
    assert!(!fixture.favorite("b3") && fixture.favorite("b1"));
    let (call, _) = fixture.mutation_calls().remove(0);
    assert_eq!(fixture.calls.len(), 1, "the outcomes are waited for");
    fixture.answer(call);
    let (_, request) = fixture.mutation_calls().remove(0);
    assert!(
        !request.atomic,
        "each is undone for itself, as it was asked"
    );
    assert_eq!(mutations(&request), opposites());
    assert_undone(&mut fixture, "at rest");
}

#[test]
fn i5_of_a_partial_batch_only_accepted_mutations_are_undone() {
    let mut fixture = Fixture::loaded();
    let ids = partial(&mut fixture);
    cancel_all(&mut fixture, &ids);
    fixture.server.reject = vec![ProblemCode::QuotaExceeded];
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.answer(call);
    let (_, request) = fixture.mutation_calls().remove(0);
    let undone = mutations(&request);
    assert_eq!(undone.len(), 2, "the rejected one is as the user wants it");
    assert!(undone.iter().all(|body| opposites().contains(body)));
    assert_undone(&mut fixture, "at rest");
}

#[test]
fn i5_a_cancelled_mutation_of_unknown_outcome_is_undone_only_after_it_was_accepted() {
    // Whether the server has run it, and whether it will reject it.
    for (has_run, is_rejected) in [(true, false), (false, false), (false, true)] {
        let mut fixture = Fixture::loaded();
        let ids = partial(&mut fixture);
        let (call, request) = fixture.mutation_calls().remove(0);
        if has_run {
            fixture.server.run(&request);
        }
        fixture.fail(call, HttpFailure::Network);
        cancel_all(&mut fixture, &ids);
        fixture.wait_for_call();
        let (call, again) = fixture.mutation_calls().remove(0);
        assert_eq!((fixture.calls.len(), &again), (1, &request));
        if is_rejected {
            fixture.server.reject = vec![ProblemCode::QuotaExceeded; 3];
            fixture.answer(call);
            assert_eq!((fixture.pending(), fixture.failures()), (0, 0));
            fixture.advance(120_000);
            assert_eq!(fixture.server.effects, 0);
            fixture.assert_same("rejected");
        } else {
            fixture.answer(call);
            assert_eq!(mutations(&fixture.mutation_calls()[0].1), opposites());
            assert_undone(&mut fixture, "at rest");
        }
    }
}

#[test]
fn i5_a_single_mutation_of_a_partial_batch_is_cancelled_alone() {
    let mut fixture = Fixture::loaded();
    let ids = partial(&mut fixture);
    cancel_all(&mut fixture, &ids[2..]);
    assert_eq!(fixture.states(), [Sent, Sent, Cancelling, Queued]);
    fixture.drain();
    assert!(fixture.favorite("b3") && fixture.favorite("b1"));
    fixture.assert_same("at rest");
}

#[test]
fn i5_saved_mutations_are_undone_as_one_batch_and_only_once() {
    for atomic in [false, true] {
        let mut fixture = Fixture::loaded();
        let asked = vec![like("b3"), order("o2", "b3"), unlike("b1")];
        let ids = fixture.batch(asked, atomic);
        fixture.drain();
        assert_eq!(fixture.pending(), 0);
        // An atomic batch is named by any of its mutations.
        let named = if atomic { &ids[1..2] } else { &ids[..] };
        cancel_all(&mut fixture, named);
        cancel_all(&mut fixture, named);
        let (call, request) = fixture.mutation_calls().remove(0);
        assert_eq!((request.atomic, mutations(&request)), (atomic, opposites()));
        fixture.answer(call);
        cancel_all(&mut fixture, &ids);
        assert_eq!(fixture.mutation_calls().len(), 0);
        assert_undone(&mut fixture, "at rest");
    }
}

#[test]
fn i5_a_partly_saved_batch_is_undone_as_a_whole() {
    let mut fixture = Fixture::loaded();
    let many = limits::MUTATIONS_PER_REQUEST_MAX * 5;
    let asked = (0..many).map(|number| like(&format!("m{number}")));
    let ids = fixture.batch(asked.collect(), false);
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.answer(call);
    fixture.store.set_paused(fixture.now, true);
    cancel_all(&mut fixture, &ids);
    assert_eq!(fixture.favorites(), ["b2", "b1"]);
    fixture.store.set_paused(fixture.now, false);
    fixture.drain();
    assert_eq!(fixture.server.favorites.len(), 2);
    fixture.assert_same("at rest");
}

#[test]
fn i5_an_entity_that_changed_since_is_not_undone() {
    let mut fixture = Fixture::loaded();
    let mine = fixture.set("b3", true);
    fixture.drain();
    // Another device changed it since.
    let events = fixture.server.elsewhere(unlike("b3"));
    fixture.deliver(&events);
    cancel_all(&mut fixture, std::slice::from_ref(&mine));
    fixture.advance(5000);
    assert_eq!((fixture.pending(), fixture.mutation_calls().len()), (0, 0));
    // The user asked for something newer, which is in flight or saved.
    let first = fixture.set("b4", true);
    fixture.drain();
    fixture.set("b4", false);
    cancel_all(&mut fixture, std::slice::from_ref(&first));
    assert_eq!(fixture.pending(), 1);
    fixture.drain();
    fixture.set("b4", true);
    fixture.drain();
    cancel_all(&mut fixture, &[first, mine]);
    assert!(fixture.favorite("b4"));
    assert_eq!(fixture.pending(), 0);
    // A no-op, and a mutation without inverse.
    let void = fixture.set("b1", true);
    let gone = fixture.mutate(cancel_order("o1"));
    fixture.drain();
    cancel_all(&mut fixture, &[void, gone]);
    assert!(fixture.favorite("b1"));
    assert_eq!(fixture.pending(), 0);
    fixture.assert_same("at rest");
}

#[test]
fn i5_the_last_thousand_mutations_can_be_undone_and_none_of_another_user() {
    let mut fixture = Fixture::loaded();
    let asked = (0..=1000).map(|number| like(&format!("m{number}")));
    let ids = fixture.batch(asked.collect(), false);
    fixture.drain();
    cancel_all(&mut fixture, &ids[..1]);
    assert_eq!(fixture.pending(), 0, "one too many");
    cancel_all(&mut fixture, &ids[1..2]);
    assert_eq!(fixture.pending(), 1);
    fixture.drain();
    fixture.store.sign_out(fixture.now);
    fixture.store.sign_in(fixture.now, "ben");
    cancel_all(&mut fixture, &ids);
    assert_eq!(fixture.pending(), 0);
}

#[test]
fn i5_nothing_of_an_ended_epoch_is_undone() {
    let mut fixture = Fixture::loaded();
    let id = fixture.mutate(download("d2", "b3"));
    fixture.drain();
    fixture.server.epoch = "e2".to_owned();
    fixture.load(all());
    cancel_all(&mut fixture, &[id]);
    assert_eq!((fixture.pending(), fixture.calls.len()), (0, 0));
}
