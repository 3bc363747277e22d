//! Several changes as one act.

use dashboard_protocol::{OrderStatus, Problem, ProblemCode, Resource, MutationBody, limits};

use super::bench::{Bench, cancel_order, id, ids_of, like, order, unlike};
use super::d_intent::exhaust;
use super::e_failure::price_changed;
use super::server::money;
use crate::http::{HttpFailure, HttpRequest};
use crate::view::MutationState;

#[test]
fn i1_an_atomic_batch_is_one_commit_one_request_all_or_nothing() {
    let mut bench = Bench::loaded();
    bench.batch(vec![like("b3"), unlike("b1"), cancel_order("o1")], true);
    let mut notified = bench.notified();
    let all = notified.len();
    notified.dedup();
    assert_eq!(notified.len(), all, "each key is told once");
    let (call, request) = bench.mutation_calls().remove(0);
    assert!(request.atomic && request.mutations.len() == 3);
    bench.server.reject = vec![ProblemCode::QuotaExceeded];
    bench.answer(call);
    assert_eq!((bench.pending(), bench.failures()), (0, 1));
    let failure = &bench.store.mutations().failures[0];
    assert_eq!(
        failure.error.code,
        Some(ProblemCode::QuotaExceeded),
        "the one to blame is named"
    );
    assert_eq!(failure.also.len(), 2);
    bench.assert_same("refused");
    bench.batch(vec![like("b3"), unlike("b1"), cancel_order("o1")], true);
    let version = bench.server.version;
    bench.answer_all();
    assert_eq!(bench.server.version, version + 1);
    assert_eq!(bench.pending(), 0);
    bench.assert_same("granted");
}

#[test]
fn i2_of_a_partial_batch_the_rejected_leave_and_the_others_stay_with_one_summary() {
    let mut bench = Bench::loaded();
    bench.batch(
        vec![cancel_order("x"), like("b3"), cancel_order("y")],
        false,
    );
    bench.answer_all();
    assert!(bench.favorite("b3"));
    assert_eq!((bench.pending(), bench.failures()), (0, 1));
    bench.assert_same("at rest");
}

#[test]
fn i2_what_was_rejected_before_it_in_a_batch_does_not_cover_a_mutation_that_was_taken() {
    let mut bench = Bench::loaded();
    bench.batch(vec![unlike("b3"), like("b3")], false);
    bench.wait_for_call();
    bench.server.reject.push(ProblemCode::Invalid);
    let (call, body) = bench.mutation_calls().remove(0);
    let (_, events) = bench.serve(&HttpRequest::Mutations(body));
    bench.fail(call, HttpFailure::Network);
    assert!(bench.favorite("b3"));
    bench.deliver(&events);
    assert!(bench.favorite("b3") && bench.favorites().contains(&"b3".to_owned()));
    assert_eq!((bench.counter(), bench.states().len()), (3, 1));
    bench.drain();
    assert_eq!(bench.pending(), 0);
    bench.assert_same("at rest");
}

#[test]
fn i3_mutations_for_one_thing_in_a_batch_add_up() {
    let mut bench = Bench::loaded();
    bench.batch(vec![like("b3"), unlike("b3")], false);
    assert_eq!(
        bench.favorites(),
        ["b2", "b1"],
        "insert and delete is nothing"
    );
    assert_eq!(bench.counter(), 2);
    bench.batch(vec![unlike("b1"), like("b1")], false);
    assert!(bench.favorite("b1"), "delete and insert replaces");
    assert_eq!(bench.favorites(), ["b1", "b2"]);
    assert_eq!(bench.counter(), 2);
    bench.batch(vec![like("b2"), unlike("b2")], false);
    assert_eq!(bench.favorites(), ["b1"], "update and delete is delete");
    assert_eq!(bench.counter(), 1);
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn i4_ten_thousand_changes_are_one_commit_and_go_in_chunks_that_resume() {
    let mut bench = Bench::loaded();
    let rebases = bench.store.rebases(Resource::Favorites);
    let mutations: Vec<MutationBody> = (0..10_000)
        .map(|number| like(&format!("m{number}")))
        .collect();
    let ids = bench.batch(mutations, false);
    assert_eq!(bench.store.rebases(Resource::Favorites), rebases + 1);
    assert_eq!(bench.counter(), 10_002);
    let calls = bench.mutation_calls();
    assert_eq!(calls.len(), 4);
    for (_, request) in &calls {
        assert_eq!(request.mutations.len(), limits::MUTATIONS_PER_REQUEST_MAX);
    }
    assert_eq!(calls[1].1.mutations[0].id, ids[100]);
    // A chunk whose answer is lost is sent again as it was.
    bench.server.run(&calls[1].1);
    bench.fail(calls[1].0, HttpFailure::Network);
    let mut sent = Vec::new();
    for _ in 0..2000 {
        for (call, request) in bench.mutation_calls() {
            sent.push(request.mutations[0].id.clone());
            bench.answer(call);
        }
        if bench.pending() == 0 {
            break;
        }
        bench.advance(100);
    }
    assert_eq!(bench.pending(), 0);
    assert_eq!(
        sent.iter().filter(|id| **id == ids[100]).count(),
        1,
        "once more"
    );
    assert_eq!(bench.server.favorites.len(), 10_002);
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn i4_an_atomic_batch_beyond_one_request_is_rejected_visibly() {
    let mut bench = Bench::loaded();
    let mutations = |count: usize| {
        (0..count)
            .map(|number| like(&format!("m{number}")))
            .collect()
    };
    bench.batch(mutations(limits::MUTATIONS_PER_REQUEST_MAX + 1), true);
    assert_eq!(
        (bench.pending(), bench.failures(), bench.calls.len()),
        (0, 1, 0)
    );
    bench.batch(mutations(limits::MUTATIONS_PER_REQUEST_MAX), true);
    assert_eq!(bench.calls.len(), 1);
}

#[test]
fn i5_an_atomic_batch_is_taken_back_as_a_whole() {
    let mut bench = Bench::loaded();
    bench.store.set_paused(bench.now, true);
    let ids = bench.batch(vec![like("b3"), unlike("b1")], true);
    bench.store.cancel(bench.now, &ids[0]);
    bench.store.set_paused(bench.now, false);
    bench.advance(5000);
    assert_eq!(
        (bench.pending(), bench.calls_made),
        (0, 0),
        "before it was sent: no request"
    );
    // Sent, and the outcome unknown: the outcome is waited for, then a batch undoes it.
    let ids = bench.batch(vec![like("b3"), unlike("b1")], true);
    let (call, request) = bench.mutation_calls().remove(0);
    bench.server.run(&request);
    bench.fail(call, HttpFailure::Network);
    bench.store.cancel(bench.now, &ids[0]);
    bench.collect();
    assert!(!bench.favorite("b3") && bench.favorite("b1"));
    assert_eq!(bench.mutation_calls().len(), 0);
    bench.drain();
    assert!(!bench.favorite("b3") && bench.favorite("b1"));
    assert_eq!(bench.server.favorites.len(), 2);
    bench.assert_same("at rest");
}

#[test]
fn i6_a_batch_waits_for_single_changes_of_the_same_things() {
    let mut bench = Bench::loaded();
    bench.mutate(order("o2", "b3"));
    bench.batch(vec![cancel_order("o2"), like("b3")], false);
    assert_eq!(bench.mutation_calls().len(), 1);
    let (call, _) = bench.mutation_calls().remove(0);
    bench.answer(call);
    assert_eq!(bench.mutation_calls()[0].1.mutations.len(), 2);
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn i1_a_rejected_atomic_batch_is_tried_again_as_one() {
    let mut bench = Bench::loaded();
    let ids = bench.batch(vec![like("b3"), unlike("b1")], true);
    bench.server.reject = vec![ProblemCode::QuotaExceeded];
    bench.answer_all();
    bench.store.retry(bench.now, &ids[1], &id(905));
    bench.collect();
    let (call, request) = bench.mutation_calls().remove(0);
    assert!(request.atomic && request.mutations.len() == 2);
    assert_ne!(request.mutations[0].id, request.mutations[1].id);
    bench.answer(call);
    bench.assert_same("at rest");
}

#[test]
fn i1_a_batch_that_was_given_up_is_taken_back_as_a_whole() {
    let mut bench = Bench::loaded();
    let ids = bench.batch(vec![like("b3"), order("o2", "b2")], true);
    exhaust(&mut bench);
    assert_eq!(bench.states(), [MutationState::Paused; 2]);
    bench.store.cancel(bench.now, &ids[0]);
    bench.collect();
    assert_eq!(bench.pending(), 0);
    bench.advance(120_000);
    assert_eq!(bench.mutation_calls().len(), 0);
    bench.assert_same("taken back");
}

#[test]
fn i1_a_batch_whose_ids_cannot_be_used_again_is_asked_for_anew_as_a_whole() {
    let mut bench = Bench::loaded();
    let ids = bench.batch(vec![like("b3"), order("o2", "b2")], true);
    let (call, _) = bench.mutation_calls().remove(0);
    let problem = Problem::new(ProblemCode::MutationIdReused, 409, "no");
    bench.fail(
        call,
        HttpFailure::Status {
            status: 409,
            problem: Some(Box::new(problem)),
            retry_after_ms: None,
        },
    );
    bench.store.retry(bench.now, &ids[1], &id(920));
    bench.collect();
    let (call, request) = bench.mutation_calls().remove(0);
    assert!(request.atomic && request.mutations.len() == 2);
    assert!(
        ids_of(&request)
            .iter()
            .all(|new| !ids.contains(&(*new).to_owned()))
    );
    bench.answer(call);
    assert_eq!((bench.pending(), bench.calls.len()), (0, 0));
    bench.assert_same("granted");
}

#[test]
fn i1_a_price_that_changed_puts_the_whole_batch_before_the_user() {
    let batch = |bench: &mut Bench| {
        let ids = bench.batch(vec![like("b3"), order("o2", "b2")], true);
        price_changed(bench);
        assert_eq!(bench.states(), [MutationState::NeedsResolution; 2]);
        assert!(bench.favorite("b3"), "nothing is taken back silently");
        assert_eq!(bench.failures(), 0);
        let pending = bench.store.mutations().pending[1].clone();
        assert_eq!(pending.proposed_total, Some(money(1300)));
        let code = pending.cause.and_then(|cause| cause.code);
        assert_eq!(code, Some(ProblemCode::PriceChanged));
        ids
    };
    // At the new price.
    let mut bench = Bench::loaded();
    let ids = batch(&mut bench);
    bench.store.retry(bench.now, &ids[0], &id(930));
    bench.collect();
    let (call, request) = bench.mutation_calls().remove(0);
    assert!(request.atomic && request.mutations.len() == 2);
    let prices = request
        .mutations
        .iter()
        .filter_map(|mutation| match &mutation.body {
            MutationBody::PlaceOrder { expected_total, .. } => Some(expected_total.clone()),
            _ => None,
        });
    assert_eq!(prices.collect::<Vec<_>>(), [money(1300)]);
    bench.answer(call);
    assert_eq!(bench.pending(), 0);
    bench.assert_same("at the new price");
    // Or not at all.
    let mut bench = Bench::loaded();
    let ids = batch(&mut bench);
    bench.store.cancel(bench.now, &ids[1]);
    bench.collect();
    assert_eq!((bench.pending(), bench.calls.len()), (0, 0));
    bench.assert_same("not at all");
}

#[test]
fn i1_a_batch_with_a_part_that_builds_on_a_rejected_creation_goes_as_a_whole() {
    let mut bench = Bench::loaded();
    bench.mutate(order("o2", "b2"));
    bench.batch(vec![like("b3"), cancel_order("o2")], true);
    bench.server.reject.push(ProblemCode::AlreadyOwned);
    let (call, _) = bench.mutation_calls().remove(0);
    bench.answer(call);
    assert_eq!((bench.pending(), bench.calls.len()), (0, 0));
    assert!(!bench.favorite("b3"));
    bench.assert_same("refused");
}

#[test]
fn i3_a_creation_and_its_change_are_one_row_and_two_changes_of_one_thing_are_their_union() {
    let mut bench = Bench::loaded();
    bench.batch(vec![order("o2", "b3"), cancel_order("o2")], false);
    let rows = |bench: &Bench| {
        let view = bench.store.orders().data.unwrap();
        let rows = view.rows.iter();
        rows.map(|row| (row.item.id.clone(), row.item.status))
            .collect::<Vec<_>>()
    };
    let shown = [
        ("o2".to_owned(), OrderStatus::Cancelled),
        ("o1".to_owned(), OrderStatus::Pending),
    ];
    assert_eq!(rows(&bench), shown, "insert and update is one insert");
    bench.batch(vec![like("b3"), like("b3")], false);
    assert_eq!(bench.favorites(), ["b3", "b2", "b1"]);
    assert_eq!(bench.counter(), 3, "counted once");
    bench.batch(vec![cancel_order("o1"), cancel_order("o1")], false);
    let shown = shown.map(|(id, _)| (id, OrderStatus::Cancelled));
    assert_eq!(rows(&bench), shown, "update and update is one row");
    bench.drain();
    assert_eq!(rows(&bench), shown);
    assert_eq!(bench.favorites().len(), 3);
    bench.assert_same("at rest");
}
