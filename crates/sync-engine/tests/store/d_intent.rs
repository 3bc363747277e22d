//! Repeated mutations, their order, and taking them back.

use dashboard_protocol::{OrderStatus, ProblemCode, Resource, MutationBody};

use super::bench::{Bench, cancel_download, cancel_order, download, id, ids_of, order};
use super::e_failure::price_changed;
use crate::http::HttpFailure;
use crate::view::{Key, MutationState};

#[test]
fn d1_seven_toggles_in_a_second_cost_two_requests_and_end_at_the_last_mutation() {
    for pause in [100, 143, 149, 151, 166] {
        let mut bench = Bench::loaded();
        let mut sent = 0;
        for toggle in 0..7 {
            let wanted = toggle % 2 == 0;
            bench.set("b3", wanted);
            assert_eq!(bench.favorite("b3"), wanted, "the view follows each");
            bench.advance(if toggle < 6 { pause } else { 0 });
            sent += bench.mutation_calls().len();
            let events = bench.answer_all();
            bench.deliver(&events);
            assert_eq!(bench.favorite("b3"), wanted);
        }
        sent += count_until_rest(&mut bench);
        assert!(sent <= 2, "{sent} requests at one wish every {pause} ms");
        assert!(bench.favorite("b3"));
        bench.assert_same("at rest");
    }
}

fn count_until_rest(bench: &mut Bench) -> usize {
    let mut sent = 0;
    while bench.store.next_deadline().is_some() || !bench.calls.is_empty() {
        bench.advance(50);
        sent += bench.mutation_calls().len();
        let events = bench.answer_all();
        bench.deliver(&events);
    }
    sent
}

#[test]
fn d2_toggling_back_before_sending_costs_no_request() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.advance(100);
    bench.set("b3", false);
    assert!(!bench.favorite("b3"));
    assert_eq!(bench.pending(), 0);
    bench.advance(5000);
    assert_eq!(bench.calls_made, 0);
    bench.assert_same("at rest");
}

#[test]
fn d3_a_mutation_says_what_is_wanted_never_flip() {
    let mut bench = Bench::loaded();
    bench.set("b1", true);
    assert!(
        bench.favorite("b1"),
        "wanting what is so already changes nothing"
    );
    bench.drain();
    assert!(bench.favorite("b1"));
    bench.assert_same("at rest");
}

#[test]
fn d4_the_first_reply_while_the_second_mutation_waits_does_not_flash() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.advance(150);
    let (call, _) = bench.mutation_calls().remove(0);
    bench.set("b3", false);
    assert!(!bench.favorite("b3"));
    let events = bench.answer(call);
    assert!(!bench.favorite("b3"));
    bench.deliver(&events);
    assert!(!bench.favorite("b3"));
    bench.drain();
    assert!(!bench.favorite("b3"));
    bench.assert_same("at rest");
}

#[test]
fn d5_a_double_click_orders_once_and_a_deliberate_second_order_is_another() {
    let mut bench = Bench::loaded();
    bench.mutate(order("o2", "b3"));
    bench.now = bench.now.after(80);
    bench.mutate(order("o3", "b3"));
    assert_eq!(bench.pending(), 1);
    bench.now = bench.now.after(1000);
    bench.mutate(order("o4", "b3"));
    let sent: Vec<String> = bench
        .mutation_calls()
        .iter()
        .flat_map(|(_, request)| request.mutations.clone())
        .map(|mutation| match mutation.body {
            MutationBody::PlaceOrder { order_id, .. } => order_id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sent, ["o2", "o4"]);
}

#[test]
fn d6_only_a_resend_has_the_same_id() {
    let mut bench = Bench::loaded();
    let first = bench.set("b3", true);
    bench.advance(150);
    let (call, _) = bench.mutation_calls().remove(0);
    bench.fail(call, HttpFailure::Network);
    bench.wait_for_call();
    let (call, request) = bench.mutation_calls().remove(0);
    assert_eq!(ids_of(&request), [first.as_str()]);
    bench.answer(call);
    bench.drain();
    let second = bench.set("b3", false);
    bench.advance(1000);
    let (_, request) = bench.mutation_calls().remove(0);
    assert_eq!(ids_of(&request), [second.as_str()]);
    assert_ne!(first, second);
    assert!(!first.contains("b3"));
}

#[test]
fn d7_a_tap_on_a_parked_favorite_is_sent() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.advance(150);
    exhaust(&mut bench);
    assert_eq!(bench.states(), [MutationState::Paused]);
    assert!(bench.favorite("b3"));
    let again = bench.set("b3", true);
    bench.wait_for_call();
    let (_, request) = bench.mutation_calls().remove(0);
    assert_eq!(ids_of(&request), [again.as_str()]);
    bench.drain();
    assert!(bench.favorite("b3"));
    bench.assert_same("at rest");
}

/// Fails every call with mutations until they are given up.
pub(super) fn exhaust(bench: &mut Bench) {
    while !bench.states().contains(&MutationState::Paused) {
        bench.wait_for_call();
        for (call, _) in bench.mutation_calls() {
            bench.fail(call, HttpFailure::Network);
        }
    }
}

#[test]
fn d8_order_holds_for_one_thing_and_others_go_beside_it_up_to_four() {
    let mut bench = Bench::loaded();
    bench.mutate(order("o2", "b2"));
    bench.mutate(cancel_order("o2"));
    for number in 3..9 {
        bench.now = bench.now.after(1000);
        bench.mutate(order(&format!("o{number}"), "b3"));
    }
    let calls = bench.mutation_calls();
    assert_eq!(calls.len(), 4);
    let cancels = |bench: &Bench| {
        let calls = bench.mutation_calls();
        calls
            .iter()
            .any(|(_, request)| matches!(request.mutations[0].body, MutationBody::CancelOrder { .. }))
    };
    assert!(!cancels(&bench), "the order itself is on its way");
    bench.answer(calls[0].0);
    assert!(cancels(&bench));
    assert_eq!(bench.mutation_calls().len(), 4);
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn d9_what_builds_on_a_rejected_creation_goes_with_it_in_one_commit() {
    let mut bench = Bench::loaded();
    bench.store.set_paused(bench.now, true);
    bench.mutate(download("d2", "b2"));
    bench.mutate(cancel_download("d2"));
    assert_eq!(bench.pending(), 2);
    bench.store.set_paused(bench.now, false);
    bench.collect();
    bench.server.reject.push(ProblemCode::QuotaExceeded);
    let (call, _) = bench.mutation_calls().remove(0);
    bench.notified();
    let rebases = bench.store.rebases(Resource::Downloads);
    bench.answer(call);
    let mut notified = bench.notified();
    let all = notified.len();
    notified.dedup();
    assert_eq!(notified.len(), all, "in one commit each key is told once");
    assert!(notified.contains(&Key::Resource(Resource::Downloads)) && notified.contains(&Key::Mutations));
    assert_eq!(bench.store.rebases(Resource::Downloads), rebases + 1);
    assert_eq!(bench.pending(), 0);
    assert_eq!(bench.calls.len(), 0, "the second is never sent");
    let view = bench.store.mutations();
    assert_eq!(view.failures.len(), 1);
    assert_eq!(view.failures[0].also.len(), 1);
    assert_eq!(
        view.failures[0].error.code,
        Some(ProblemCode::QuotaExceeded)
    );
    bench.assert_same("at rest");
}

#[test]
fn d10_a_second_cancellation_is_void_when_the_first_is_granted() {
    let mut bench = Bench::loaded();
    bench.mutate(cancel_order("o1"));
    bench.mutate(cancel_order("o1"));
    assert_eq!(bench.mutation_calls().len(), 1);
    let (call, _) = bench.mutation_calls().remove(0);
    bench.answer(call);
    assert_eq!((bench.pending(), bench.calls.len()), (0, 0));
    bench.assert_same("at rest");
}

#[test]
fn d11_a_queued_mutation_that_is_taken_back_is_never_sent() {
    let mut bench = Bench::loaded();
    let id = bench.set("b3", true);
    bench.store.cancel(bench.now, &id);
    bench.collect();
    assert!(!bench.favorite("b3"));
    assert_eq!(bench.pending(), 0);
    bench.advance(5000);
    assert_eq!(bench.calls_made, 0);
}

#[test]
fn d11_a_sent_mutation_that_is_taken_back_is_undone_after_its_outcome() {
    let mut bench = Bench::loaded();
    let id = bench.mutate(order("o2", "b3"));
    bench.store.cancel(bench.now, &id);
    bench.collect();
    let view = bench.store.orders().data.unwrap();
    assert_eq!(
        view.rows[0].item.status,
        OrderStatus::Cancelled,
        "shown, not hidden"
    );
    assert_eq!(view.rows[0].mutations.len(), 2);
    assert_eq!(
        bench.mutation_calls().len(),
        1,
        "the first verdict is waited for"
    );
    bench.drain();
    assert_eq!(bench.server.orders[0].status, OrderStatus::Cancelled);
    bench.assert_same("at rest");
    // If the first is rejected, there is nothing to undo.
    let id = bench.mutate(order("o3", "b3"));
    bench.store.cancel(bench.now, &id);
    bench.collect();
    bench.server.reject.push(ProblemCode::AlreadyOwned);
    bench.drain();
    assert_eq!(bench.server.orders.len(), 2);
    bench.assert_same("at rest");
}

#[test]
fn d11_what_cannot_be_undone_stays_and_its_outcome_decides() {
    let mut bench = Bench::loaded();
    let id = bench.mutate(cancel_order("o1"));
    bench.store.cancel(bench.now, &id);
    bench.collect();
    assert_eq!(bench.pending(), 1);
    bench.drain();
    assert_eq!(bench.server.orders[0].status, OrderStatus::Cancelled);
}

#[test]
fn d5_the_second_half_of_a_double_click_is_dropped_also_when_the_first_has_settled() {
    let mut bench = Bench::loaded();
    bench.mutate(order("o2", "b3"));
    bench.answer_all();
    assert_eq!(bench.pending(), 0);
    bench.now = bench.now.after(499);
    bench.mutate(order("o3", "b3"));
    assert_eq!((bench.pending(), bench.calls.len()), (0, 0));
    bench.now = bench.now.after(1);
    bench.mutate(order("o4", "b3"));
    assert_eq!(bench.calls.len(), 1);
    bench.drain();
    assert_eq!(bench.server.orders.len(), 3);
    bench.assert_same("at rest");
}

#[test]
fn d5_the_second_half_of_a_double_click_leads_to_the_order_of_the_first() {
    let mut bench = Bench::loaded();
    let lines = |body| match body {
        MutationBody::PlaceOrder { lines, .. } => lines,
        other => panic!("{other:?}"),
    };
    let (same, other) = (lines(order("o3", "b3")), lines(order("o3", "b2")));
    assert_eq!(bench.store.order_just_placed(bench.now, &same), None);
    let id = bench.mutate(order("o2", "b3"));
    let soon = bench.now.after(499);
    assert_eq!(bench.store.order_just_placed(soon, &same), Some("o2"));
    assert_eq!(bench.store.order_just_placed(soon, &other), None);
    let later = bench.now.after(500);
    assert_eq!(bench.store.order_just_placed(later, &same), None);
    // Taken back before it was sent, it leads nowhere.
    bench.store.set_paused(bench.now, true);
    let unsent = bench.mutate(order("o4", "b2"));
    assert_eq!(bench.store.order_just_placed(soon, &other), Some("o4"));
    bench.store.cancel(bench.now, &unsent);
    assert_eq!(bench.store.order_just_placed(soon, &other), None);
    assert_eq!(
        bench.store.order_just_placed(soon, &same),
        Some("o2"),
        "{id}"
    );
}

#[test]
fn d5_an_order_after_a_rejection_or_after_taking_it_back_is_no_double_click() {
    let mut bench = Bench::loaded();
    bench.server.reject.push(ProblemCode::AlreadyOwned);
    bench.mutate(order("o2", "b3"));
    bench.answer_all();
    assert_eq!((bench.pending(), bench.failures()), (0, 1));
    bench.store.set_paused(bench.now, true);
    let id = bench.mutate(order("o3", "b3"));
    assert_eq!(bench.pending(), 1);
    bench.store.cancel(bench.now, &id);
    bench.mutate(order("o4", "b3"));
    bench.store.set_paused(bench.now, false);
    bench.drain();
    assert_eq!(bench.server.orders[0].id, "o4");
    assert_eq!(bench.server.orders.len(), 2);
    bench.assert_same("at rest");
}

#[test]
fn d9_what_builds_on_a_creation_that_was_given_up_waits_for_it() {
    let mut bench = Bench::loaded();
    let placed = bench.mutate(order("o2", "b3"));
    exhaust(&mut bench);
    let cancelled = bench.mutate(cancel_order("o2"));
    bench.advance(120_000);
    assert_eq!(
        bench.mutation_calls().len(),
        0,
        "there is nothing to cancel yet"
    );
    assert_eq!(bench.store.next_deadline(), None);
    bench.store.retry(bench.now, &placed, &id(910));
    bench.collect();
    let sent = bench.mutation_calls();
    assert_eq!(sent.len(), 1);
    assert_eq!(ids_of(&sent[0].1), [placed.as_str()]);
    bench.answer(sent[0].0);
    assert_eq!(ids_of(&bench.mutation_calls()[0].1), [cancelled.as_str()]);
    bench.drain();
    assert_eq!(bench.server.orders[0].status, OrderStatus::Cancelled);
    bench.assert_same("at rest");
}

#[test]
fn d9_what_builds_on_a_creation_goes_with_it_when_the_user_gives_it_up() {
    let mut bench = Bench::loaded();
    let placed = bench.mutate(order("o2", "b3"));
    exhaust(&mut bench);
    bench.mutate(cancel_order("o2"));
    bench.store.cancel(bench.now, &placed);
    bench.collect();
    assert_eq!(bench.pending(), 0);
    bench.advance(120_000);
    assert_eq!(bench.mutation_calls().len(), 0);
}

#[test]
fn d9_what_builds_on_an_order_at_another_price_waits_and_goes_when_that_is_accepted() {
    let mut bench = Bench::loaded();
    let placed = bench.mutate(order("o2", "b3"));
    bench.mutate(cancel_order("o2"));
    price_changed(&mut bench);
    assert_eq!(
        bench.states(),
        [MutationState::NeedsResolution, MutationState::Queued]
    );
    bench.advance(120_000);
    assert_eq!(bench.mutation_calls().len(), 0);
    // Whoever takes the new price wants the order.
    bench.store.retry(bench.now, &placed, &id(911));
    bench.drain();
    assert_eq!(bench.server.orders[0].id, "o2");
    assert_eq!(bench.server.orders[0].status, OrderStatus::Pending);
    bench.assert_same("at rest");
}
