//! Several mutations as one action.

use dashboard_model::views::{DashboardStore, proposed_total};
use dashboard_model::{MutationBody, OrderStatus, PlaceOrder, Resource};
use sync_engine::http::{HttpFailure, HttpRequest};
use sync_engine::view::MutationState;
use sync_protocol::{Problem, ProblemCode, limits};

use crate::d_intent::exhaust;
use crate::e_failure::price_changed;
use crate::fixture::{Fixture, cancel_order, id, ids_of, like, order, unlike};
use crate::server::{body_of, money};

#[test]
fn i1_an_atomic_batch_is_one_commit_one_request_all_or_nothing() {
    let mut fixture = Fixture::loaded();
    fixture.batch(vec![like("b3"), unlike("b1"), cancel_order("o1")], true);
    let mut notified = fixture.notified();
    let all = notified.len();
    notified.dedup();
    assert_eq!(notified.len(), all, "each key is emitted once");
    let (call, request) = fixture.mutation_calls().remove(0);
    assert!(request.atomic && request.mutations.len() == 3);
    fixture.server.reject = vec![ProblemCode::QuotaExceeded];
    fixture.answer(call);
    assert_eq!((fixture.pending(), fixture.failures()), (0, 1));
    let failure = &fixture.store.mutations().failures[0];
    assert_eq!(
        failure.error.code,
        Some(ProblemCode::QuotaExceeded),
        "the culprit is named"
    );
    assert_eq!(failure.siblings.len(), 2);
    fixture.assert_same("rejected");
    fixture.batch(vec![like("b3"), unlike("b1"), cancel_order("o1")], true);
    let version = fixture.server.version;
    fixture.answer_all();
    assert_eq!(fixture.server.version, version + 1);
    assert_eq!(fixture.pending(), 0);
    fixture.assert_same("accepted");
}

#[test]
fn i2_rejected_parts_of_a_batch_roll_back_with_one_message_and_the_others_stay() {
    let mut fixture = Fixture::loaded();
    fixture.batch(
        vec![cancel_order("x"), like("b3"), cancel_order("y")],
        false,
    );
    fixture.answer_all();
    assert!(fixture.favorite("b3"));
    assert_eq!((fixture.pending(), fixture.failures()), (0, 1));
    fixture.assert_same("at rest");
}

#[test]
fn i2_a_rejected_part_of_a_batch_does_not_hide_a_later_accepted_one() {
    let mut fixture = Fixture::loaded();
    fixture.batch(vec![unlike("b3"), like("b3")], false);
    fixture.wait_for_call();
    fixture.server.reject.push(ProblemCode::Invalid);
    let (call, body) = fixture.mutation_calls().remove(0);
    let (_, events) = fixture.serve(&HttpRequest::Mutations(body));
    fixture.fail(call, HttpFailure::Network);
    assert!(fixture.favorite("b3"));
    fixture.deliver(&events);
    assert!(fixture.favorite("b3") && fixture.favorites().contains(&"b3".to_owned()));
    assert_eq!((fixture.counter(), fixture.states().len()), (3, 1));
    fixture.drain();
    assert_eq!(fixture.pending(), 0);
    fixture.assert_same("at rest");
}

#[test]
fn i3_mutations_of_one_entity_in_a_batch_add_up() {
    let mut fixture = Fixture::loaded();
    fixture.batch(vec![like("b3"), unlike("b3")], false);
    assert_eq!(
        fixture.favorites(),
        ["b2", "b1"],
        "insert and delete is nothing"
    );
    assert_eq!(fixture.counter(), 2);
    fixture.batch(vec![unlike("b1"), like("b1")], false);
    assert!(fixture.favorite("b1"), "delete and insert replaces");
    assert_eq!(fixture.favorites(), ["b1", "b2"]);
    assert_eq!(fixture.counter(), 2);
    fixture.batch(vec![like("b2"), unlike("b2")], false);
    assert_eq!(fixture.favorites(), ["b1"], "update and delete is delete");
    assert_eq!(fixture.counter(), 1);
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn i4_ten_thousand_changes_are_one_commit_and_go_in_chunks_that_resume() {
    let mut fixture = Fixture::loaded();
    let rebases = fixture.store.rebases(Resource::Favorites.into());
    let mutations: Vec<MutationBody> = (0..10_000)
        .map(|number| like(&format!("m{number}")))
        .collect();
    let ids = fixture.batch(mutations, false);
    assert_eq!(
        fixture.store.rebases(Resource::Favorites.into()),
        rebases + 1
    );
    assert_eq!(fixture.counter(), 10_002);
    let calls = fixture.mutation_calls();
    assert_eq!(calls.len(), 4);
    for (_, request) in &calls {
        assert_eq!(request.mutations.len(), limits::MUTATIONS_PER_REQUEST_MAX);
    }
    assert_eq!(calls[1].1.mutations[0].id, ids[100].as_str());
    // A chunk whose answer is lost is sent again as it was.
    fixture.server.run(&calls[1].1);
    fixture.fail(calls[1].0, HttpFailure::Network);
    let mut sent = Vec::new();
    for _ in 0..2000 {
        for (call, request) in fixture.mutation_calls() {
            sent.push(request.mutations[0].id.clone());
            fixture.answer(call);
        }
        if fixture.pending() == 0 {
            break;
        }
        fixture.advance(100);
    }
    assert_eq!(fixture.pending(), 0);
    assert_eq!(
        sent.iter().filter(|id| **id == ids[100].as_str()).count(),
        1,
        "once more"
    );
    assert_eq!(fixture.server.favorites.len(), 10_002);
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn i4_an_atomic_batch_beyond_one_request_is_rejected_visibly() {
    let mut fixture = Fixture::loaded();
    let mutations = |count: usize| {
        (0..count)
            .map(|number| like(&format!("m{number}")))
            .collect()
    };
    fixture.batch(mutations(limits::MUTATIONS_PER_REQUEST_MAX + 1), true);
    assert_eq!(
        (fixture.pending(), fixture.failures(), fixture.calls.len()),
        (0, 1, 0)
    );
    fixture.batch(mutations(limits::MUTATIONS_PER_REQUEST_MAX), true);
    assert_eq!(fixture.calls.len(), 1);
}

#[test]
fn i5_an_atomic_batch_is_cancelled_as_a_whole() {
    let mut fixture = Fixture::loaded();
    fixture.store.set_paused(fixture.now, true);
    let ids = fixture.batch(vec![like("b3"), unlike("b1")], true);
    fixture.store.cancel(fixture.now, &ids[0]);
    fixture.store.set_paused(fixture.now, false);
    fixture.advance(5000);
    assert_eq!(
        (fixture.pending(), fixture.calls_made),
        (0, 0),
        "before it was sent: no request"
    );
    // Sent, and the outcome unknown: the outcome is waited for, then a batch undoes it.
    let ids = fixture.batch(vec![like("b3"), unlike("b1")], true);
    let (call, request) = fixture.mutation_calls().remove(0);
    fixture.server.run(&request);
    fixture.fail(call, HttpFailure::Network);
    fixture.store.cancel(fixture.now, &ids[0]);
    fixture.collect();
    assert!(!fixture.favorite("b3") && fixture.favorite("b1"));
    assert_eq!(fixture.mutation_calls().len(), 0);
    fixture.drain();
    assert!(!fixture.favorite("b3") && fixture.favorite("b1"));
    assert_eq!(fixture.server.favorites.len(), 2);
    fixture.assert_same("at rest");
}

#[test]
fn i6_a_batch_waits_for_earlier_mutations_of_the_same_entities() {
    let mut fixture = Fixture::loaded();
    fixture.mutate(order("o2", "b3"));
    fixture.batch(vec![cancel_order("o2"), like("b3")], false);
    assert_eq!(fixture.mutation_calls().len(), 1);
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.answer(call);
    assert_eq!(fixture.mutation_calls()[0].1.mutations.len(), 2);
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn i1_a_rejected_atomic_batch_is_retried_as_one() {
    let mut fixture = Fixture::loaded();
    let ids = fixture.batch(vec![like("b3"), unlike("b1")], true);
    fixture.server.reject = vec![ProblemCode::QuotaExceeded];
    fixture.answer_all();
    fixture.store.retry(fixture.now, &ids[1], &id(905));
    fixture.collect();
    let (call, request) = fixture.mutation_calls().remove(0);
    assert!(request.atomic && request.mutations.len() == 2);
    assert_ne!(request.mutations[0].id, request.mutations[1].id);
    fixture.answer(call);
    fixture.assert_same("at rest");
}

#[test]
fn i1_a_paused_atomic_batch_is_cancelled_as_a_whole() {
    let mut fixture = Fixture::loaded();
    let ids = fixture.batch(vec![like("b3"), order("o2", "b2")], true);
    exhaust(&mut fixture);
    assert_eq!(fixture.states(), [MutationState::Paused; 2]);
    fixture.store.cancel(fixture.now, &ids[0]);
    fixture.collect();
    assert_eq!(fixture.pending(), 0);
    fixture.advance(120_000);
    assert_eq!(fixture.mutation_calls().len(), 0);
    fixture.assert_same("cancelled");
}

#[test]
fn i1_an_atomic_batch_with_reused_ids_is_retried_as_a_whole() {
    let mut fixture = Fixture::loaded();
    let ids = fixture.batch(vec![like("b3"), order("o2", "b2")], true);
    let (call, _) = fixture.mutation_calls().remove(0);
    let problem = Problem::new(ProblemCode::MutationIdReused, 409, "no");
    fixture.fail(
        call,
        HttpFailure::Status {
            status: 409,
            problem: Some(Box::new(problem)),
            retry_after_ms: None,
        },
    );
    fixture.store.retry(fixture.now, &ids[1], &id(920));
    fixture.collect();
    let (call, request) = fixture.mutation_calls().remove(0);
    assert!(request.atomic && request.mutations.len() == 2);
    assert!(
        ids_of(&request)
            .iter()
            .all(|new| !ids.contains(&(*new).into()))
    );
    fixture.answer(call);
    assert_eq!((fixture.pending(), fixture.calls.len()), (0, 0));
    fixture.assert_same("accepted");
}

#[test]
fn i1_a_changed_price_puts_the_whole_batch_before_the_user() {
    let batch = |fixture: &mut Fixture| {
        let ids = fixture.batch(vec![like("b3"), order("o2", "b2")], true);
        price_changed(fixture);
        assert_eq!(fixture.states(), [MutationState::NeedsResolution; 2]);
        assert!(fixture.favorite("b3"), "nothing is rolled back silently");
        assert_eq!(fixture.failures(), 0);
        let pending = fixture.store.mutations().pending[1].clone();
        assert_eq!(proposed_total(&pending), Some(&money(1300)));
        let code = pending.cause.and_then(|cause| cause.code);
        assert_eq!(code, Some(ProblemCode::PriceChanged));
        ids
    };
    // At the new price.
    let mut fixture = Fixture::loaded();
    let ids = batch(&mut fixture);
    fixture.store.retry(fixture.now, &ids[0], &id(930));
    fixture.collect();
    let (call, request) = fixture.mutation_calls().remove(0);
    assert!(request.atomic && request.mutations.len() == 2);
    let prices = request
        .mutations
        .iter()
        .filter_map(|mutation| match body_of(mutation) {
            MutationBody::PlaceOrder(PlaceOrder { expected_total, .. }) => Some(expected_total),
            _ => None,
        });
    assert_eq!(prices.collect::<Vec<_>>(), [money(1300)]);
    fixture.answer(call);
    assert_eq!(fixture.pending(), 0);
    fixture.assert_same("at the new price");
    // Or not at all.
    let mut fixture = Fixture::loaded();
    let ids = batch(&mut fixture);
    fixture.store.cancel(fixture.now, &ids[1]);
    fixture.collect();
    assert_eq!((fixture.pending(), fixture.calls.len()), (0, 0));
    fixture.assert_same("not at all");
}

#[test]
fn i1_an_atomic_batch_that_depends_on_a_rejected_creation_goes_as_a_whole() {
    let mut fixture = Fixture::loaded();
    fixture.mutate(order("o2", "b2"));
    fixture.batch(vec![like("b3"), cancel_order("o2")], true);
    fixture.server.reject.push(ProblemCode::AlreadyOwned);
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.answer(call);
    assert_eq!((fixture.pending(), fixture.calls.len()), (0, 0));
    assert!(!fixture.favorite("b3"));
    fixture.assert_same("rejected");
}

#[test]
fn i3_a_creation_and_its_change_are_one_row_and_equal_changes_count_once() {
    let mut fixture = Fixture::loaded();
    fixture.batch(vec![order("o2", "b3"), cancel_order("o2")], false);
    let rows = |fixture: &Fixture| {
        let view = fixture.store.orders().data.unwrap();
        let rows = view.rows.iter();
        rows.map(|row| (row.item.id.clone(), row.item.status))
            .collect::<Vec<_>>()
    };
    let shown = [
        ("o2".to_owned(), OrderStatus::Cancelled),
        ("o1".to_owned(), OrderStatus::Pending),
    ];
    assert_eq!(rows(&fixture), shown, "insert and update is one insert");
    fixture.batch(vec![like("b3"), like("b3")], false);
    assert_eq!(fixture.favorites(), ["b3", "b2", "b1"]);
    assert_eq!(fixture.counter(), 3, "counted once");
    fixture.batch(vec![cancel_order("o1"), cancel_order("o1")], false);
    let shown = shown.map(|(id, _)| (id, OrderStatus::Cancelled));
    assert_eq!(rows(&fixture), shown, "update and update is one row");
    fixture.drain();
    assert_eq!(rows(&fixture), shown);
    assert_eq!(fixture.favorites().len(), 3);
    fixture.assert_same("at rest");
}
