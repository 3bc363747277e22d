//! Cancelling a mutation, wherever it is on its way.

use dashboard_model::OrderStatus;
use dashboard_model::views::DashboardStore;
use sync_engine::http::HttpFailure;
use sync_engine::schema::MutationId;
use sync_engine::view::MutationState::{
    Accepted, Cancelling, NeedsResolution, Paused, Queued, Sent, Unknown,
};
use sync_protocol::{Problem, ProblemCode};

use crate::d_intent::exhaust;
use crate::e_failure::price_changed;
use crate::fixture::{
    Fixture, all, cancel_download, cancel_order, download, id, ids_of, like, order, unlike,
};

fn cancel(fixture: &mut Fixture, id: &MutationId) {
    fixture.store.cancel(fixture.now, id);
    fixture.collect();
}

/// Loses the one call with mutations.
fn lose(fixture: &mut Fixture) {
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.fail(call, HttpFailure::Network);
}

#[test]
fn d11_a_sent_mutation_shows_as_cancelling_and_cancelling_twice_changes_nothing() {
    for is_lost in [false, true] {
        let mut fixture = Fixture::loaded();
        let id = fixture.mutate(order("o2", "b3"));
        if is_lost {
            lose(&mut fixture);
        }
        cancel(&mut fixture, &id);
        assert_eq!(fixture.states(), [Cancelling, Queued]);
        let undoing = fixture.store.mutations().pending[1].id.clone();
        fixture.notified();
        for id in [&id, &undoing, &id] {
            cancel(&mut fixture, id);
        }
        assert_eq!(fixture.states(), [Cancelling, Queued]);
        assert_eq!(fixture.notified(), [], "nothing more happens");
        assert!(fixture.mutation_calls().len() <= 1);
        fixture.drain();
        assert_eq!(fixture.server.orders[0].status, OrderStatus::Cancelled);
        assert_eq!((fixture.server.effects, fixture.pending()), (2, 0));
        fixture.assert_same("at rest");
    }
}

#[test]
fn d11_a_mutation_that_never_arrived_shows_as_cancelling_while_it_is_resent() {
    let mut fixture = Fixture::loaded();
    let id = fixture.mutate(order("o2", "b3"));
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.status(call, 429, Some(1000));
    assert_eq!(fixture.states(), [Queued]);
    cancel(&mut fixture, &id);
    assert_eq!(fixture.states(), [Cancelling, Queued]);
    fixture.wait_for_call();
    assert_eq!(fixture.states(), [Cancelling, Queued]);
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn d11_an_accepted_mutation_is_undone_at_once_and_shows_as_cancelling() {
    let mut fixture = Fixture::loaded();
    // Something before its events is missing, so that the reply alone is known.
    fixture.server.elsewhere(order("o8", "b1"));
    let id = fixture.mutate(order("o2", "b3"));
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.answer(call);
    assert_eq!(fixture.states(), [Accepted]);
    cancel(&mut fixture, &id);
    assert_eq!(fixture.states(), [Cancelling, Sent]);
    let view = fixture.store.orders().data.unwrap();
    assert_eq!(view.rows[0].item.status, OrderStatus::Cancelled);
    fixture.drain();
    assert_eq!(fixture.pending(), 0);
    assert_eq!(fixture.server.orders[0].status, OrderStatus::Cancelled);
    fixture.assert_same("at rest");
}

#[test]
fn d11_a_rejection_ends_a_cancelled_mutation_and_its_undo_without_a_message() {
    for code in [ProblemCode::AlreadyOwned, ProblemCode::PriceChanged] {
        let mut fixture = Fixture::loaded();
        let id = fixture.mutate(order("o2", "b3"));
        cancel(&mut fixture, &id);
        if code == ProblemCode::PriceChanged {
            price_changed(&mut fixture);
        } else {
            fixture.server.reject.push(code);
            let (call, _) = fixture.mutation_calls().remove(0);
            fixture.answer(call);
        }
        assert_eq!((fixture.pending(), fixture.failures()), (0, 0));
        assert_eq!(fixture.mutation_calls().len(), 0);
        fixture.advance(120_000);
        assert_eq!((fixture.pending(), fixture.server.effects), (0, 0));
        fixture.assert_same("rejected");
    }
}

#[test]
fn d11_a_rejected_favorite_is_not_undone_since_another_device_may_have_set_it() {
    let mut fixture = Fixture::loaded();
    let id = fixture.set("b3", true);
    fixture.advance(150);
    cancel(&mut fixture, &id);
    assert_eq!(fixture.states(), [Cancelling, Queued]);
    let favorite = fixture.entity("b3");
    let pending = favorite.pending.unwrap();
    assert_eq!((favorite.present, pending.state), (false, Cancelling));
    assert_eq!(pending.id, id, "cancelled again, it is the same");
    let events = fixture.server.elsewhere(like("b3"));
    fixture.deliver(&events);
    fixture.server.reject.push(ProblemCode::QuotaExceeded);
    fixture.drain();
    assert!(fixture.favorite("b3"));
    assert_eq!((fixture.failures(), fixture.server.effects), (0, 0));
    fixture.assert_same("at rest");
}

#[test]
fn d11_a_favorite_shows_as_cancelling_until_saved_and_then_as_its_undo() {
    let mut fixture = Fixture::loaded();
    let id = fixture.set("b3", true);
    fixture.advance(150);
    cancel(&mut fixture, &id);
    let events = fixture.answer_all();
    fixture.deliver(&events);
    let pending = fixture.entity("b3").pending.unwrap();
    assert_eq!(pending.state, Queued);
    assert_ne!(pending.id, id);
    // Cancelling once more does not cancel the undo.
    cancel(&mut fixture, &pending.id);
    assert!(!fixture.favorite("b3"));
    fixture.drain();
    assert!(!fixture.favorite("b3"));
    assert_eq!(fixture.server.effects, 2);
    fixture.assert_same("at rest");
}

#[test]
fn d11_asking_again_for_a_cancelled_favorite_ends_the_cancellation() {
    let mut fixture = Fixture::loaded();
    let id = fixture.set("b3", true);
    fixture.advance(150);
    cancel(&mut fixture, &id);
    fixture.set("b3", true);
    assert!(fixture.favorite("b3"));
    assert_eq!(fixture.states(), [Sent]);
    fixture.drain();
    assert!(fixture.favorite("b3"));
    assert_eq!(fixture.server.effects, 1);
    fixture.assert_same("at rest");
}

#[test]
fn d11_a_cancelled_paused_or_undecided_mutation_is_discarded() {
    let mut fixture = Fixture::loaded();
    let id = fixture.mutate(order("o2", "b3"));
    exhaust(&mut fixture);
    assert_eq!(fixture.states(), [Paused]);
    cancel(&mut fixture, &id);
    assert_eq!((fixture.pending(), fixture.calls.len()), (0, 0));
    let id = fixture.mutate(order("o3", "b3"));
    price_changed(&mut fixture);
    assert_eq!(fixture.states(), [NeedsResolution]);
    cancel(&mut fixture, &id);
    assert_eq!((fixture.pending(), fixture.calls.len()), (0, 0));
    fixture.assert_same("discarded");
}

#[test]
fn d11_a_cancelled_mutation_that_was_paused_waits_for_the_user() {
    let discarded = || {
        let mut fixture = Fixture::loaded();
        let id = fixture.mutate(order("o2", "b3"));
        cancel(&mut fixture, &id);
        exhaust(&mut fixture);
        assert_eq!(fixture.states(), [Paused, Queued]);
        (fixture, id)
    };
    let (mut fixture, cancelled) = discarded();
    cancel(&mut fixture, &cancelled);
    assert_eq!(fixture.pending(), 0);
    assert_eq!(fixture.calls, []);
    fixture.assert_same("discarded");
    // Or it is retried, to know the outcome: then it is undone as well.
    let (mut fixture, cancelled) = discarded();
    fixture.store.retry(fixture.now, &cancelled, &id(930));
    fixture.collect();
    assert_eq!(fixture.states(), [Cancelling, Queued]);
    fixture.drain();
    assert_eq!(fixture.server.orders[0].status, OrderStatus::Cancelled);
    fixture.assert_same("at rest");
}

#[test]
fn d11_a_cancelled_mutation_without_inverse_shows_as_before() {
    let mut fixture = Fixture::loaded();
    for body in [cancel_order("o1"), cancel_download("d1")] {
        let id = fixture.mutate(body);
        cancel(&mut fixture, &id);
        assert_eq!(fixture.states(), [Sent]);
        fixture.answer_all();
        cancel(&mut fixture, &id);
        assert_eq!(fixture.pending(), 0);
    }
    // A favorite that was so already stays as it is.
    let id = fixture.set("b1", true);
    fixture.advance(150);
    cancel(&mut fixture, &id);
    assert_eq!(fixture.states(), [Sent]);
    fixture.drain();
    assert!(fixture.favorite("b1"));
    fixture.assert_same("at rest");
}

#[test]
fn d11_an_atomic_batch_is_cancelled_as_a_whole() {
    let sent = || {
        let mut fixture = Fixture::loaded();
        let mutations = vec![like("b3"), cancel_order("o1"), download("d2", "b2")];
        let ids = fixture.batch(mutations, true);
        cancel(&mut fixture, &ids[2]);
        // A mutation without inverse shows as before.
        assert_eq!(
            fixture.states(),
            [Cancelling, Sent, Cancelling, Queued, Queued]
        );
        fixture
    };
    let mut fixture = sent();
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.answer(call);
    let (_, request) = fixture.mutation_calls().remove(0);
    assert!(request.atomic && request.mutations.len() == 2);
    fixture.drain();
    assert!(!fixture.favorite("b3"));
    fixture.assert_same("undone");
    // Rejected as a whole, it leaves as a whole.
    let mut fixture = sent();
    fixture.server.reject = vec![ProblemCode::QuotaExceeded];
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.answer(call);
    assert_eq!((fixture.pending(), fixture.failures()), (0, 0));
    assert_eq!(fixture.mutation_calls().len(), 0);
    fixture.assert_same("rejected");
    // Also at another price.
    let mut fixture = Fixture::loaded();
    let ids = fixture.batch(vec![unlike("b1"), order("o2", "b3")], true);
    cancel(&mut fixture, &ids[0]);
    price_changed(&mut fixture);
    assert_eq!((fixture.pending(), fixture.failures()), (0, 0));
    fixture.assert_same("at another price");
}

#[test]
fn d11_a_rejected_undo_is_listed_and_nothing_waits_forever() {
    let mut fixture = Fixture::loaded();
    let id = fixture.mutate(order("o2", "b3"));
    cancel(&mut fixture, &id);
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.answer(call);
    fixture.server.set_order("o2", OrderStatus::Completed);
    fixture.drain();
    assert_eq!((fixture.pending(), fixture.failures()), (0, 1));
    let failure = &fixture.store.mutations().failures[0];
    assert_eq!(failure.error.code, Some(ProblemCode::NotCancellable));
    fixture.load(all());
    fixture.assert_same("at rest");
}

#[test]
fn d11_a_cancelled_mutation_shows_as_cancelling_after_a_reload() {
    let mut fixture = Fixture::loaded();
    let id = fixture.mutate(order("o2", "b3"));
    cancel(&mut fixture, &id);
    let text = serde_json::to_string(&fixture.store.export()).unwrap();
    let mut other = Fixture::empty();
    let export = serde_json::from_str(&text).unwrap();
    other.store.import(other.now, &export);
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
