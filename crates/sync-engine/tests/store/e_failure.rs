//! Failures, and answers that never came.

use dashboard_model::orders::TOTAL;
use dashboard_model::views::{DashboardStore, proposed_total};
use dashboard_model::{MutationBody, PlaceOrder, Resource};
use sync_engine::http::{HttpFailure, HttpReply, MutationOutcome, MutationReply, MutationResult};
use sync_engine::schema::Mutation;
use sync_engine::view::{ErrorKind, MutationState};
use sync_protocol::{MutationRequest, Problem, ProblemCode, RawMutation, limits};

use crate::d_intent::exhaust;
use crate::fixture::{Fixture, all, cancel_order, id, ids_of, like, order, unlike};
use crate::server::{body_of, money};

fn rejected(code: ProblemCode, status: u16) -> HttpFailure {
    HttpFailure::Status {
        status,
        problem: Some(Box::new(Problem::new(code, status, "no"))),
        retry_after_ms: None,
    }
}

#[test]
fn e1_after_a_lost_connection_the_same_bytes_go_again_and_have_one_effect() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.advance(150);
    let (call, first) = fixture.mutation_calls().remove(0);
    fixture.server.run(&first);
    fixture.fail(call, HttpFailure::Network);
    assert_eq!(fixture.states(), [MutationState::Unknown]);
    assert!(fixture.favorite("b3"));
    fixture.wait_for_call();
    let (call, second) = fixture.mutation_calls().remove(0);
    let bytes = |request| serde_json::to_string(request).unwrap();
    assert_eq!(bytes(&first), bytes(&second));
    fixture.answer(call);
    assert_eq!(fixture.pending(), 0);
    assert_eq!(fixture.server.effects, 1);
    fixture.assert_same("at rest");
}

#[test]
fn e2_a_timeout_is_no_failure() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.advance(150);
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.advance(9_999);
    assert_eq!(fixture.states(), [MutationState::Sent]);
    fixture.advance(1);
    assert!(fixture.aborted.contains(&call));
    assert_eq!(fixture.states(), [MutationState::Unknown]);
    assert!(fixture.favorite("b3"));
    assert_eq!(fixture.failures(), 0);
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn e3_a_temporary_error_is_retried_no_earlier_than_the_server_says() {
    for status in [408, 425, 429, 500, 502, 503] {
        let mut fixture = Fixture::loaded();
        fixture.set("b3", true);
        fixture.advance(150);
        let (call, _) = fixture.mutation_calls().remove(0);
        fixture.status(call, status, Some(7000));
        fixture.advance(6999);
        assert_eq!(fixture.mutation_calls().len(), 0, "{status}");
        // The jitter comes on top.
        fixture.advance(501);
        assert_eq!(fixture.mutation_calls().len(), 1, "{status}");
        assert!(fixture.favorite("b3"));
    }
}

#[test]
fn e3_any_other_error_of_a_request_rejects_its_mutations() {
    for status in [400, 403, 404, 413, 415] {
        let mut fixture = Fixture::loaded();
        fixture.set("b3", true);
        fixture.advance(150);
        let (call, _) = fixture.mutation_calls().remove(0);
        fixture.status(call, status, None);
        assert!(!fixture.favorite("b3"), "{status}");
        assert_eq!((fixture.pending(), fixture.failures()), (0, 1));
        assert_eq!(fixture.store.next_deadline(), None);
    }
}

#[test]
fn e4_a_401_pauses_everything_and_the_same_ids_are_sent_afterwards() {
    let mut fixture = Fixture::loaded();
    let first = fixture.mutate(order("o2", "b3"));
    fixture.now = fixture.now.after(1000);
    let second = fixture.mutate(order("o3", "b2"));
    for (call, _) in fixture.mutation_calls() {
        fixture.fail(call, rejected(ProblemCode::Unauthenticated, 401));
    }
    assert_eq!(fixture.unauthenticated, 1, "one renewal for all");
    fixture.advance(60_000);
    assert_eq!(fixture.calls.len(), 0);
    assert_eq!(fixture.pending(), 2, "kept, and marked as not saved");
    let cause = fixture.store.mutations().pending[0].cause.clone().unwrap();
    assert_eq!(cause.kind, ErrorKind::Authentication);
    fixture.store.sign_in(fixture.now, "ada");
    fixture.collect();
    let sent = fixture.mutation_calls();
    assert_eq!(ids_of(&sent[0].1), [first.as_str()]);
    assert_eq!(ids_of(&sent[1].1), [second.as_str()]);
    fixture.drain();
    fixture.assert_same("at rest");
    fixture.store.fetch(fixture.now, Resource::Stats.into());
    fixture.collect();
    let (call, _) = fixture.only_call();
    fixture.fail(call, rejected(ProblemCode::Unauthenticated, 401));
    assert_eq!(fixture.unauthenticated, 2);
}

#[test]
fn e5_a_reused_id_pauses_the_mutation_which_is_never_sent_altered() {
    let mut fixture = Fixture::loaded();
    let old = fixture.set("b3", true);
    fixture.advance(150);
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.fail(call, rejected(ProblemCode::MutationIdReused, 409));
    assert_eq!(fixture.states(), [MutationState::Paused]);
    fixture.advance(120_000);
    assert_eq!(fixture.calls.len(), 0);
    // The user asks again: another id.
    fixture.store.retry(fixture.now, &old, &id(900));
    fixture.wait_for_call();
    assert_eq!(ids_of(&fixture.mutation_calls()[0].1), [id(900).as_str()]);
    fixture.drain();
    assert!(fixture.favorite("b3"));
}

#[test]
fn e6_the_server_is_asked_about_a_mutation_that_it_may_have_forgotten() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.advance(150);
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.fail(call, HttpFailure::Network);
    // The device sleeps for longer than the server promises to remember.
    fixture.now.wall_ms += limits::OUTCOME_PROMISE_MS as i64;
    fixture.wait_for_call();
    assert_eq!(fixture.mutation_calls().len(), 0);
    let (call, request) = fixture.snapshot_calls().remove(0);
    assert_eq!(request.pending.len(), 1);
    fixture.answer(call);
    assert_eq!(
        fixture.states(),
        [MutationState::Paused],
        "the user decides"
    );
    fixture.advance(120_000);
    assert_eq!(fixture.calls.len(), 0);
    let old = request.pending[0].clone();
    fixture.store.retry(fixture.now, &old, &id(901));
    fixture.wait_for_call();
    assert_eq!(ids_of(&fixture.mutation_calls()[0].1), [id(901).as_str()]);
}

#[test]
fn e6_a_remembered_outcome_settles_a_mutation_without_sending() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.advance(150);
    let (call, request) = fixture.mutation_calls().remove(0);
    fixture.server.run(&request);
    fixture.fail(call, HttpFailure::Network);
    fixture.now.wall_ms += limits::OUTCOME_PROMISE_MS as i64;
    fixture.drain();
    assert_eq!(fixture.pending(), 0);
    assert_eq!(fixture.server.effects, 1);
    fixture.assert_same("at rest");
}

#[test]
fn e8_a_paused_mutation_is_listed_can_be_retried_and_blocks_nothing() {
    let mut fixture = Fixture::loaded();
    let paused = fixture.mutate(order("o2", "b3"));
    exhaust(&mut fixture);
    assert_eq!(fixture.store.orders().data.unwrap().rows[0].item.id, "o2");
    fixture.set("b3", true);
    fixture.now = fixture.now.after(2000);
    fixture.mutate(order("o3", "b1"));
    fixture.drain();
    assert_eq!(
        fixture.states(),
        [MutationState::Paused],
        "others went through"
    );
    assert!(fixture.favorite("b3"));
    fixture.store.retry(fixture.now, &paused, &id(902));
    fixture.collect();
    assert_eq!(
        ids_of(&fixture.mutation_calls()[0].1),
        [paused.as_str()],
        "its outcome is unknown: same id"
    );
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn e10_a_late_rejection_leaves_other_mutations_alone() {
    let mut fixture = Fixture::loaded();
    fixture.mutate(order("o2", "b3"));
    fixture.set("b3", true);
    fixture.advance(150);
    let calls = fixture.mutation_calls();
    assert_eq!(calls.len(), 2);
    fixture.answer(calls[1].0);
    assert!(fixture.favorite("b3"));
    fixture.server.reject.push(ProblemCode::AlreadyOwned);
    fixture.answer(calls[0].0);
    assert!(fixture.favorite("b3"));
    fixture.assert_same("at rest");
}

#[test]
fn e11_a_failure_is_decided_by_status_and_code_never_by_its_text() {
    let outcome = |title: &str| {
        let mut fixture = Fixture::loaded();
        fixture.set("b3", true);
        fixture.advance(150);
        let (call, _) = fixture.mutation_calls().remove(0);
        let problem = Problem::new(ProblemCode::Unavailable, 503, title);
        fixture.fail(
            call,
            HttpFailure::Status {
                status: 503,
                problem: Some(Box::new(problem)),
                retry_after_ms: None,
            },
        );
        fixture.states()
    };
    assert_eq!(
        outcome("401 Unauthorized: rejected 400"),
        outcome("all is well")
    );
}

#[test]
fn e12_a_rejected_action_has_one_message_with_its_reason_and_can_be_retried() {
    let mut fixture = Fixture::loaded();
    let ids = fixture.batch(vec![like("b3"), like("b4"), unlike("b1")], false);
    fixture.server.reject = vec![ProblemCode::QuotaExceeded; 3];
    fixture.answer_all();
    let view = fixture.store.mutations();
    assert_eq!(view.failures.len(), 1);
    assert_eq!(
        view.failures[0].error.code,
        Some(ProblemCode::QuotaExceeded)
    );
    assert_eq!(view.failures[0].error.kind, ErrorKind::Limit);
    assert_eq!(view.failures[0].subject.as_deref(), Some("Title b3"));
    assert_eq!(view.failures[0].siblings.len(), 2);
    assert!(fixture.entity("b4").failure.is_some());
    fixture.store.retry(fixture.now, &ids[0], &id(903));
    fixture.collect();
    assert_eq!(fixture.failures(), 0);
    assert!(fixture.entity("b4").failure.is_none());
    fixture.drain();
    assert!(fixture.favorite("b3") && fixture.favorite("b4") && !fixture.favorite("b1"));
    fixture.assert_same("at rest");
}

/// Answers the first call with mutations: the orders in it cost something else, and the rest is rejected because of them.
pub(super) fn price_changed(fixture: &mut Fixture) {
    let (call, request) = fixture.mutation_calls().remove(0);
    fixture.take_call(call);
    let results = request.mutations.iter().map(|mutation| {
        let problem = if mutation.kind == PlaceOrder::KIND {
            Problem::new(ProblemCode::PriceChanged, 422, "price").with(TOTAL, &money(1300))
        } else {
            Problem::new(ProblemCode::BatchRejected, 422, "batch")
        };
        MutationResult {
            id: mutation.id.as_str().into(),
            outcome: MutationOutcome::Rejected { problem },
        }
    });
    let reply = MutationReply {
        epoch: "e1".into(),
        results: results.collect(),
    };
    fixture.reply(call, HttpReply::Mutations(reply));
}

#[test]
fn e13_a_changed_price_asks_the_user_and_rolls_nothing_back_silently() {
    let mut fixture = Fixture::loaded();
    let old = fixture.mutate(order("o2", "b3"));
    price_changed(&mut fixture);
    let pending = fixture.store.mutations().pending[0].clone();
    assert_eq!(pending.state, MutationState::NeedsResolution);
    assert_eq!(proposed_total(&pending), Some(&money(1300)));
    assert_eq!(fixture.failures(), 0);
    assert_eq!(fixture.store.orders().data.unwrap().rows[0].item.id, "o2");
    fixture.advance(60_000);
    assert_eq!(fixture.calls.len(), 0);
    fixture.store.retry(fixture.now, &old, &id(904));
    fixture.collect();
    let (call, request) = fixture.mutation_calls().remove(0);
    let MutationBody::PlaceOrder(placed) = body_of(&request.mutations[0]) else {
        panic!("an order");
    };
    assert_eq!(
        (placed.order_id.as_str(), placed.expected_total),
        ("o2", money(1300))
    );
    fixture.answer(call);
    fixture.assert_same("at rest");
}

#[test]
fn e13_a_changed_price_without_a_proposal_is_a_rejection() {
    let mut fixture = Fixture::loaded();
    let old = fixture.mutate(order("o2", "b3"));
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.server.reject.push(ProblemCode::PriceChanged);
    fixture.answer(call);
    // Without a proposal there is nothing to choose: an ordinary rejection.
    assert_eq!((fixture.pending(), fixture.failures()), (0, 1));
    fixture.store.dismiss_failure(fixture.now, Some(&old));
    fixture.collect();
    assert_eq!(fixture.failures(), 0);
}

#[test]
fn e14_a_rejection_in_a_good_reply_concerns_only_its_mutation() {
    let mut fixture = Fixture::loaded();
    fixture.batch(
        vec![like("b3"), cancel_order("nowhere"), unlike("b1")],
        false,
    );
    fixture.answer_all();
    assert!(fixture.favorite("b3") && !fixture.favorite("b1"));
    assert_eq!((fixture.pending(), fixture.failures()), (0, 1));
    assert_eq!(
        fixture.store.mutations().failures[0].error.code,
        Some(ProblemCode::NotFound)
    );
    fixture.assert_same("at rest");
}

#[test]
fn e4_after_a_session_ended_the_same_user_goes_on_with_the_same_ids() {
    let mut fixture = Fixture::loaded();
    let sent = fixture.mutate(order("o2", "b3"));
    let waits = fixture.set("b3", true);
    let (_, request) = fixture.mutation_calls().remove(0);
    fixture.server.run(&request);
    fixture.store.end_session(fixture.now);
    fixture.collect();
    assert!(fixture.calls.is_empty(), "every call is aborted");
    assert_eq!(fixture.store.next_deadline(), None);
    assert_eq!(
        fixture.states(),
        [MutationState::Unknown, MutationState::Queued]
    );
    for pending in &fixture.store.mutations().pending {
        let cause = pending.cause.as_ref().expect("it says what it waits for");
        assert_eq!(cause.kind, ErrorKind::Authentication);
    }
    assert!(fixture.favorite("b3") && fixture.favorite("b1"));
    assert_eq!(fixture.store.orders().data.unwrap().rows[0].item.id, "o2");
    fixture.advance(3_600_000);
    assert_eq!((fixture.calls_made, fixture.pending()), (1, 2));
    // What happens meanwhile is read afterwards.
    fixture.server.elsewhere(like("b4"));
    fixture.store.sign_in(fixture.now, "ada");
    fixture.collect();
    let ids: Vec<String> = fixture
        .mutation_calls()
        .iter()
        .flat_map(|(_, request)| request.mutations.clone())
        .map(|mutation| mutation.id)
        .collect();
    assert_eq!(ids, [sent.as_str(), waits.as_str()]);
    fixture.drain();
    assert_eq!((fixture.pending(), fixture.server.effects), (0, 2));
    assert!(fixture.favorite("b3") && fixture.favorite("b4"));
    fixture.assert_same("at rest");
}

#[test]
fn e5_an_outcome_under_a_reused_id_belongs_to_another_mutation() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.advance(150);
    let (call, request) = fixture.mutation_calls().remove(0);
    // A read that asks for its outcome is on its way already.
    fixture.store.fetch(fixture.now, all());
    fixture.collect();
    let other = MutationRequest {
        mutations: vec![RawMutation {
            id: request.mutations[0].id.clone(),
            kind: like("b4").kind().to_owned(),
            args: like("b4").args().unwrap(),
        }],
        atomic: false,
    };
    let (_, events) = fixture.server.run(&other);
    fixture.fail(call, rejected(ProblemCode::MutationIdReused, 409));
    fixture.answer_all();
    fixture.deliver(&events);
    assert_eq!(fixture.states(), [MutationState::Paused]);
    fixture.load(all());
    assert_eq!(fixture.states(), [MutationState::Paused]);
    assert!(fixture.favorite("b3") && fixture.favorite("b4"));
    fixture.store.fetch(fixture.now, Resource::Favorites.into());
    fixture.collect();
    assert!(fixture.snapshot_calls()[0].1.pending.is_empty());
}

#[test]
fn e8_a_day_without_an_answer_pauses_a_mutation_and_a_bit_less_does_not() {
    let day = 24 * 3_600_000;
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.wait_for_call();
    let first = fixture.now.wall_ms;
    let mut attempts = 0;
    while fixture.states() != [MutationState::Paused] {
        fixture.wait_for_call();
        for (call, _) in fixture.mutation_calls() {
            attempts += 1;
            fixture.fail(call, HttpFailure::Network);
        }
        let age = fixture.now.wall_ms - first;
        assert!(age < day, "nothing is sent for longer");
        assert!(age >= day - 31_000 || fixture.states() == [MutationState::Unknown]);
    }
    assert!(attempts < 10_000, "{attempts} attempts");
    assert!(fixture.favorite("b3"));
    fixture.advance(day as u64);
    assert!(fixture.calls.is_empty());
}

#[test]
fn e8_setting_the_clock_back_prolongs_no_retries() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.wait_for_call();
    let first = fixture.now.mono_ms;
    fixture.now.wall_ms -= 30 * 24 * 3_600_000;
    exhaust(&mut fixture);
    assert!(fixture.now.mono_ms - first < 24 * 3_600_000);
}

#[test]
fn e8_any_answer_of_the_server_resumes_what_waits_for_the_connection() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.advance(150);
    for _ in 0..12 {
        fixture.wait_for_call();
        let (call, _) = fixture.mutation_calls().remove(0);
        fixture.fail(call, HttpFailure::Network);
    }
    fixture.store.handle_answered(fixture.now);
    fixture.collect();
    assert_eq!(fixture.mutation_calls().len(), 1);
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.status(call, 429, Some(5000));
    fixture.store.handle_answered(fixture.now);
    fixture.collect();
    assert_eq!(
        fixture.calls.len(),
        0,
        "the wait that the server asked for holds"
    );
}

#[test]
fn e1_a_rejection_after_a_lost_reply_counts_only_after_a_check() {
    for status in [400, 403, 404, 413] {
        // The first attempt had its effect, and no answer came.
        let mut fixture = Fixture::loaded();
        fixture.set("b3", true);
        fixture.advance(150);
        let (call, request) = fixture.mutation_calls().remove(0);
        fixture.server.run(&request);
        fixture.fail(call, HttpFailure::Network);
        fixture.wait_for_call();
        let (call, _) = fixture.mutation_calls().remove(0);
        fixture.status(call, status, None);
        assert!(fixture.favorite("b3"));
        assert_eq!(fixture.states(), [MutationState::Unknown]);
        let (call, read) = fixture.snapshot_calls().remove(0);
        assert_eq!(read.pending, [request.mutations[0].id.as_str().into()]);
        assert_eq!(fixture.mutation_calls().len(), 0);
        fixture.answer(call);
        assert_eq!((fixture.pending(), fixture.failures()), (0, 0));
        assert!(fixture.favorite("b3"));
        fixture.drain();
        assert_eq!(fixture.server.effects, 1);
        fixture.assert_same("it had its effect");
        // It never arrived: the rejection holds.
        fixture.set("b4", true);
        fixture.wait_for_call();
        let (call, _) = fixture.mutation_calls().remove(0);
        fixture.fail(call, HttpFailure::Network);
        fixture.wait_for_call();
        let (call, _) = fixture.mutation_calls().remove(0);
        fixture.status(call, status, None);
        assert!(fixture.favorite("b4"));
        fixture.drain();
        assert_eq!((fixture.pending(), fixture.failures()), (0, 1));
        assert!(!fixture.favorite("b4"));
        fixture.assert_same("it had none");
    }
}

#[test]
fn e6_a_mutation_is_resent_as_long_as_its_outcome_is_promised_and_not_longer() {
    const { assert!(limits::OUTCOME_PROMISE_MS < limits::OUTCOME_RETENTION_MS) };
    for (more, sent) in [(-1, 1), (0, 0)] {
        let mut fixture = Fixture::loaded();
        fixture.mutate(order("o2", "b3"));
        let (call, _) = fixture.mutation_calls().remove(0);
        fixture.status(call, 503, Some(1000));
        let wait = fixture.store.next_deadline().unwrap() - fixture.now.mono_ms;
        fixture.now.wall_ms += limits::OUTCOME_PROMISE_MS as i64 - wait as i64 + more;
        fixture.advance(wait);
        assert_eq!(fixture.mutation_calls().len(), sent);
        assert_eq!(fixture.snapshot_calls().len(), 1 - sent);
    }
}
