//! Repeated mutations, their order, and cancelling them.

use dashboard_model::views::{DashboardStore, key_of};
use dashboard_model::{CancelOrder, MutationBody, OrderStatus, PlaceOrder, Resource, SeenBeats};
use sync_engine::http::HttpFailure;
use sync_engine::schema::Mutation;
use sync_engine::view::{Key, MutationState};
use sync_protocol::ProblemCode;

use crate::e_failure::price_changed;
use crate::fixture::{Fixture, cancel_download, cancel_order, download, id, ids_of, order};
use crate::server::body_of;

#[test]
fn d1_seven_toggles_in_a_second_cost_two_requests_and_end_at_the_last() {
    for pause in [100, 143, 149, 151, 166] {
        let mut fixture = Fixture::loaded();
        let mut sent = 0;
        for toggle in 0..7 {
            let wanted = toggle % 2 == 0;
            fixture.set("b3", wanted);
            assert_eq!(fixture.favorite("b3"), wanted, "the view follows each");
            fixture.advance(if toggle < 6 { pause } else { 0 });
            sent += fixture.mutation_calls().len();
            let events = fixture.answer_all();
            fixture.deliver(&events);
            assert_eq!(fixture.favorite("b3"), wanted);
        }
        sent += count_until_rest(&mut fixture);
        assert!(
            sent <= 2,
            "{sent} requests at one mutation every {pause} ms"
        );
        assert!(fixture.favorite("b3"));
        fixture.assert_same("at rest");
    }
}

fn count_until_rest(fixture: &mut Fixture) -> usize {
    let mut sent = 0;
    while fixture.store.next_deadline().is_some() || !fixture.calls.is_empty() {
        fixture.advance(50);
        sent += fixture.mutation_calls().len();
        let events = fixture.answer_all();
        fixture.deliver(&events);
    }
    sent
}

#[test]
fn d2_toggling_back_before_sending_costs_no_request() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.advance(100);
    fixture.set("b3", false);
    assert!(!fixture.favorite("b3"));
    assert_eq!(fixture.pending(), 0);
    fixture.advance(5000);
    assert_eq!(fixture.calls_made, 0);
    fixture.assert_same("at rest");
}

#[test]
fn d3_a_mutation_names_the_wanted_value_never_a_flip() {
    let mut fixture = Fixture::loaded();
    fixture.set("b1", true);
    assert!(
        fixture.favorite("b1"),
        "asking for what is so already changes nothing"
    );
    fixture.drain();
    assert!(fixture.favorite("b1"));
    fixture.assert_same("at rest");
}

#[test]
fn d4_the_first_reply_while_the_second_mutation_waits_does_not_flash() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.advance(150);
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.set("b3", false);
    assert!(!fixture.favorite("b3"));
    let events = fixture.answer(call);
    assert!(!fixture.favorite("b3"));
    fixture.deliver(&events);
    assert!(!fixture.favorite("b3"));
    fixture.drain();
    assert!(!fixture.favorite("b3"));
    fixture.assert_same("at rest");
}

#[test]
fn d5_a_double_click_orders_once_and_a_later_second_order_is_another() {
    let mut fixture = Fixture::loaded();
    fixture.mutate(order("o2", "b3"));
    fixture.now = fixture.now.after(80);
    fixture.mutate(order("o3", "b3"));
    assert_eq!(fixture.pending(), 1);
    fixture.now = fixture.now.after(1000);
    fixture.mutate(order("o4", "b3"));
    let sent: Vec<String> = fixture
        .mutation_calls()
        .iter()
        .flat_map(|(_, request)| request.mutations.clone())
        .map(|mutation| match body_of(&mutation) {
            MutationBody::PlaceOrder(PlaceOrder { order_id, .. }) => order_id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sent, ["o2", "o4"]);
}

#[test]
fn d5_what_waits_for_another_click_is_sent_when_the_page_may_end() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    assert!(fixture.mutation_calls().is_empty());
    let now = fixture.now;
    fixture.store.send_unsent(now);
    fixture.collect();
    let (call, _) = fixture.mutation_calls().remove(0);
    // What has failed keeps its wait.
    fixture.fail(call, HttpFailure::Network);
    fixture.store.send_unsent(now);
    fixture.collect();
    assert!(fixture.mutation_calls().is_empty());
}

#[test]
fn d6_only_a_resend_has_the_same_id() {
    let mut fixture = Fixture::loaded();
    let first = fixture.set("b3", true);
    fixture.advance(150);
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.fail(call, HttpFailure::Network);
    fixture.wait_for_call();
    let (call, request) = fixture.mutation_calls().remove(0);
    assert_eq!(ids_of(&request), [first.as_str()]);
    fixture.answer(call);
    fixture.drain();
    let second = fixture.set("b3", false);
    fixture.advance(1000);
    let (_, request) = fixture.mutation_calls().remove(0);
    assert_eq!(ids_of(&request), [second.as_str()]);
    assert_ne!(first, second);
    assert!(!first.as_str().contains("b3"));
}

#[test]
fn d7_a_click_on_a_paused_favorite_is_sent() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.advance(150);
    exhaust(&mut fixture);
    assert_eq!(fixture.states(), [MutationState::Paused]);
    assert!(fixture.favorite("b3"));
    let again = fixture.set("b3", true);
    fixture.wait_for_call();
    let (_, request) = fixture.mutation_calls().remove(0);
    assert_eq!(ids_of(&request), [again.as_str()]);
    fixture.drain();
    assert!(fixture.favorite("b3"));
    fixture.assert_same("at rest");
}

/// Fails every call with mutations until they are paused.
pub(super) fn exhaust(fixture: &mut Fixture) {
    while !fixture.states().contains(&MutationState::Paused) {
        fixture.wait_for_call();
        for (call, _) in fixture.mutation_calls() {
            fixture.fail(call, HttpFailure::Network);
        }
    }
}

#[test]
fn d8_order_holds_for_one_entity_and_four_requests_go_at_once() {
    let mut fixture = Fixture::loaded();
    fixture.mutate(order("o2", "b2"));
    fixture.mutate(cancel_order("o2"));
    for number in 3..9 {
        fixture.now = fixture.now.after(1000);
        fixture.mutate(order(&format!("o{number}"), "b3"));
    }
    let calls = fixture.mutation_calls();
    assert_eq!(calls.len(), 4);
    let cancels = |fixture: &Fixture| {
        let calls = fixture.mutation_calls();
        calls
            .iter()
            .any(|(_, request)| request.mutations[0].kind == CancelOrder::KIND)
    };
    assert!(!cancels(&fixture), "the order itself is on its way");
    fixture.answer(calls[0].0);
    assert!(cancels(&fixture));
    assert_eq!(fixture.mutation_calls().len(), 4);
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn d9_dependents_of_a_rejected_creation_go_with_it_in_one_commit() {
    let mut fixture = Fixture::loaded();
    fixture.store.set_paused(fixture.now, true);
    fixture.mutate(download("d2", "b2"));
    fixture.mutate(cancel_download("d2"));
    assert_eq!(fixture.pending(), 2);
    fixture.store.set_paused(fixture.now, false);
    fixture.collect();
    fixture.server.reject.push(ProblemCode::QuotaExceeded);
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.notified();
    let rebases = fixture.store.rebases(Resource::Downloads.into());
    fixture.answer(call);
    let mut notified = fixture.notified();
    let all = notified.len();
    notified.dedup();
    assert_eq!(
        notified.len(),
        all,
        "in one commit each key is emitted once"
    );
    assert!(notified.contains(&key_of(Resource::Downloads)) && notified.contains(&Key::Mutations));
    assert_eq!(
        fixture.store.rebases(Resource::Downloads.into()),
        rebases + 1
    );
    assert_eq!(fixture.pending(), 0);
    assert_eq!(fixture.calls.len(), 0, "the second is never sent");
    let view = fixture.store.mutations();
    assert_eq!(view.failures.len(), 1);
    assert_eq!(view.failures[0].siblings.len(), 1);
    assert_eq!(
        view.failures[0].error.code,
        Some(ProblemCode::QuotaExceeded)
    );
    fixture.assert_same("at rest");
}

#[test]
fn d10_a_second_cancellation_is_dropped_when_the_first_is_accepted() {
    let mut fixture = Fixture::loaded();
    fixture.mutate(cancel_order("o1"));
    fixture.mutate(cancel_order("o1"));
    assert_eq!(fixture.mutation_calls().len(), 1);
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.answer(call);
    assert_eq!((fixture.pending(), fixture.calls.len()), (0, 0));
    fixture.assert_same("at rest");
}

#[test]
fn d11_a_cancelled_unsent_mutation_is_never_sent() {
    let mut fixture = Fixture::loaded();
    let id = fixture.set("b3", true);
    fixture.store.cancel(fixture.now, &id);
    fixture.collect();
    assert!(!fixture.favorite("b3"));
    assert_eq!(fixture.pending(), 0);
    fixture.advance(5000);
    assert_eq!(fixture.calls_made, 0);
}

#[test]
fn d11_a_cancelled_sent_mutation_is_undone_after_its_outcome() {
    let mut fixture = Fixture::loaded();
    let id = fixture.mutate(order("o2", "b3"));
    fixture.store.cancel(fixture.now, &id);
    fixture.collect();
    let view = fixture.store.orders().data.unwrap();
    assert_eq!(
        view.rows[0].item.status,
        OrderStatus::Cancelled,
        "shown, not hidden"
    );
    assert_eq!(view.rows[0].mutations.len(), 2);
    assert_eq!(
        fixture.mutation_calls().len(),
        1,
        "the first outcome is waited for"
    );
    fixture.drain();
    assert_eq!(fixture.server.orders[0].status, OrderStatus::Cancelled);
    fixture.assert_same("at rest");
    // If the first is rejected, there is nothing to undo.
    let id = fixture.mutate(order("o3", "b3"));
    fixture.store.cancel(fixture.now, &id);
    fixture.collect();
    fixture.server.reject.push(ProblemCode::AlreadyOwned);
    fixture.drain();
    assert_eq!(fixture.server.orders.len(), 2);
    fixture.assert_same("at rest");
}

#[test]
fn d11_a_mutation_without_inverse_stays_and_its_outcome_decides() {
    let mut fixture = Fixture::loaded();
    let id = fixture.mutate(cancel_order("o1"));
    fixture.store.cancel(fixture.now, &id);
    fixture.collect();
    assert_eq!(fixture.pending(), 1);
    fixture.drain();
    assert_eq!(fixture.server.orders[0].status, OrderStatus::Cancelled);
}

#[test]
fn d5_the_second_half_of_a_double_click_is_dropped_after_the_first_is_settled() {
    let mut fixture = Fixture::loaded();
    fixture.mutate(order("o2", "b3"));
    fixture.answer_all();
    assert_eq!(fixture.pending(), 0);
    fixture.now = fixture.now.after(499);
    fixture.mutate(order("o3", "b3"));
    assert_eq!((fixture.pending(), fixture.calls.len()), (0, 0));
    fixture.now = fixture.now.after(1);
    fixture.mutate(order("o4", "b3"));
    assert_eq!(fixture.calls.len(), 1);
    fixture.drain();
    assert_eq!(fixture.server.orders.len(), 3);
    fixture.assert_same("at rest");
}

#[test]
fn d5_the_second_half_of_a_double_click_leads_to_the_first_order() {
    let mut fixture = Fixture::loaded();
    let repeated = |fixture: &Fixture, now, beat_id| {
        let again = order("o3", beat_id).with_seen(&SeenBeats::default());
        let known = fixture.store.duplicate_of(now, &again);
        known.map(|id| id.to_string())
    };
    let placed = |id: &str| Some(id.to_owned());
    assert_eq!(repeated(&fixture, fixture.now, "b3"), None);
    let id = fixture.mutate(order("o2", "b3"));
    let soon = fixture.now.after(499);
    assert_eq!(repeated(&fixture, soon, "b3"), placed("o2"));
    assert_eq!(repeated(&fixture, soon, "b2"), None);
    let later = fixture.now.after(500);
    assert_eq!(repeated(&fixture, later, "b3"), None);
    // Cancelled before it was sent, it leads nowhere.
    fixture.store.set_paused(fixture.now, true);
    let unsent = fixture.mutate(order("o4", "b2"));
    assert_eq!(repeated(&fixture, soon, "b2"), placed("o4"));
    fixture.store.cancel(fixture.now, &unsent);
    assert_eq!(repeated(&fixture, soon, "b2"), None);
    assert_eq!(repeated(&fixture, soon, "b3"), placed("o2"), "{id}");
}

#[test]
fn d5_an_order_after_a_rejection_or_a_cancellation_is_no_double_click() {
    let mut fixture = Fixture::loaded();
    fixture.server.reject.push(ProblemCode::AlreadyOwned);
    fixture.mutate(order("o2", "b3"));
    fixture.answer_all();
    assert_eq!((fixture.pending(), fixture.failures()), (0, 1));
    fixture.store.set_paused(fixture.now, true);
    let id = fixture.mutate(order("o3", "b3"));
    assert_eq!(fixture.pending(), 1);
    fixture.store.cancel(fixture.now, &id);
    fixture.mutate(order("o4", "b3"));
    fixture.store.set_paused(fixture.now, false);
    fixture.drain();
    assert_eq!(fixture.server.orders[0].id, "o4");
    assert_eq!(fixture.server.orders.len(), 2);
    fixture.assert_same("at rest");
}

#[test]
fn d9_dependents_of_a_paused_creation_wait_for_it() {
    let mut fixture = Fixture::loaded();
    let placed = fixture.mutate(order("o2", "b3"));
    exhaust(&mut fixture);
    let cancelled = fixture.mutate(cancel_order("o2"));
    fixture.advance(120_000);
    assert_eq!(
        fixture.mutation_calls().len(),
        0,
        "there is nothing to cancel yet"
    );
    assert_eq!(fixture.store.next_deadline(), None);
    fixture.store.retry(fixture.now, &placed, &id(910));
    fixture.collect();
    let sent = fixture.mutation_calls();
    assert_eq!(sent.len(), 1);
    assert_eq!(ids_of(&sent[0].1), [placed.as_str()]);
    fixture.answer(sent[0].0);
    assert_eq!(ids_of(&fixture.mutation_calls()[0].1), [cancelled.as_str()]);
    fixture.drain();
    assert_eq!(fixture.server.orders[0].status, OrderStatus::Cancelled);
    fixture.assert_same("at rest");
}

#[test]
fn d9_dependents_of_a_discarded_creation_go_with_it() {
    let mut fixture = Fixture::loaded();
    let placed = fixture.mutate(order("o2", "b3"));
    exhaust(&mut fixture);
    fixture.mutate(cancel_order("o2"));
    fixture.store.cancel(fixture.now, &placed);
    fixture.collect();
    assert_eq!(fixture.pending(), 0);
    fixture.advance(120_000);
    assert_eq!(fixture.mutation_calls().len(), 0);
}

#[test]
fn d9_dependents_of_an_order_at_another_price_wait_and_go_when_it_is_accepted() {
    let mut fixture = Fixture::loaded();
    let placed = fixture.mutate(order("o2", "b3"));
    fixture.mutate(cancel_order("o2"));
    price_changed(&mut fixture);
    assert_eq!(
        fixture.states(),
        [MutationState::NeedsResolution, MutationState::Queued]
    );
    fixture.advance(120_000);
    assert_eq!(fixture.mutation_calls().len(), 0);
    // A user who accepts the new price wants the order.
    fixture.store.retry(fixture.now, &placed, &id(911));
    fixture.drain();
    assert_eq!(fixture.server.orders[0].id, "o2");
    assert_eq!(fixture.server.orders[0].status, OrderStatus::Pending);
    fixture.assert_same("at rest");
}
