//! Failures, and answers that never came.

use dashboard_protocol::{Mutation, MutationRequest, Problem, ProblemCode, Resource, MutationBody, limits};

use super::bench::{Bench, cancel_order, id, ids_of, like, order, unlike};
use super::d_intent::exhaust;
use super::server::money;
use crate::http::HttpFailure;
use crate::view::{ErrorKind, MutationState};

fn rejected(code: ProblemCode, status: u16) -> HttpFailure {
    HttpFailure::Status {
        status,
        problem: Some(Box::new(Problem::new(code, status, "no"))),
        retry_after_ms: None,
    }
}

#[test]
fn e1_after_a_lost_connection_the_same_bytes_go_again_and_have_one_effect() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.advance(150);
    let (call, first) = bench.mutation_calls().remove(0);
    bench.server.run(&first);
    bench.fail(call, HttpFailure::Network);
    assert_eq!(bench.states(), [MutationState::Unknown]);
    assert!(bench.favorite("b3"));
    bench.wait_for_call();
    let (call, second) = bench.mutation_calls().remove(0);
    let bytes = |request| serde_json::to_string(request).unwrap();
    assert_eq!(bytes(&first), bytes(&second));
    bench.answer(call);
    assert_eq!(bench.pending(), 0);
    assert_eq!(bench.server.effects, 1);
    bench.assert_same("at rest");
}

#[test]
fn e2_a_deadline_is_no_failure() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.advance(150);
    let (call, _) = bench.mutation_calls().remove(0);
    bench.advance(9_999);
    assert_eq!(bench.states(), [MutationState::Sent]);
    bench.advance(1);
    assert!(bench.cancelled.contains(&call));
    assert_eq!(bench.states(), [MutationState::Unknown]);
    assert!(bench.favorite("b3"));
    assert_eq!(bench.failures(), 0);
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn e3_what_may_pass_is_tried_again_no_earlier_than_the_server_says() {
    for status in [408, 425, 429, 500, 502, 503] {
        let mut bench = Bench::loaded();
        bench.set("b3", true);
        bench.advance(150);
        let (call, _) = bench.mutation_calls().remove(0);
        bench.status(call, status, Some(7000));
        bench.advance(6999);
        assert_eq!(bench.mutation_calls().len(), 0, "{status}");
        bench.advance(1);
        assert_eq!(bench.mutation_calls().len(), 1, "{status}");
        assert!(bench.favorite("b3"));
    }
}

#[test]
fn e3_another_rejection_of_the_whole_request_is_a_rejection() {
    for status in [400, 403, 404, 413, 415] {
        let mut bench = Bench::loaded();
        bench.set("b3", true);
        bench.advance(150);
        let (call, _) = bench.mutation_calls().remove(0);
        bench.status(call, status, None);
        assert!(!bench.favorite("b3"), "{status}");
        assert_eq!((bench.pending(), bench.failures()), (0, 1));
        assert_eq!(bench.store.next_deadline(), None);
    }
}

#[test]
fn e4_a_401_pauses_everything_and_the_same_ids_go_on_afterwards() {
    let mut bench = Bench::loaded();
    let first = bench.mutate(order("o2", "b3"));
    bench.now = bench.now.after(1000);
    let second = bench.mutate(order("o3", "b2"));
    for (call, _) in bench.mutation_calls() {
        bench.fail(call, rejected(ProblemCode::Unauthenticated, 401));
    }
    assert_eq!(bench.unauthenticated, 1, "one renewal for all");
    bench.advance(60_000);
    assert_eq!(bench.calls.len(), 0);
    assert_eq!(bench.pending(), 2, "kept, and marked as not saved");
    let cause = bench.store.mutations().pending[0].cause.clone().unwrap();
    assert_eq!(cause.kind, ErrorKind::Authentication);
    bench.store.sign_in(bench.now, "ada");
    bench.collect();
    let sent = bench.mutation_calls();
    assert_eq!(ids_of(&sent[0].1), [first.as_str()]);
    assert_eq!(ids_of(&sent[1].1), [second.as_str()]);
    bench.drain();
    bench.assert_same("at rest");
    bench.store.fetch(bench.now, &[Resource::Stats]);
    bench.collect();
    let (call, _) = bench.only_call();
    bench.fail(call, rejected(ProblemCode::Unauthenticated, 401));
    assert_eq!(bench.unauthenticated, 2);
}

#[test]
fn e5_a_reused_key_parks_the_mutation_and_it_is_never_sent_altered() {
    let mut bench = Bench::loaded();
    let old = bench.set("b3", true);
    bench.advance(150);
    let (call, _) = bench.mutation_calls().remove(0);
    bench.fail(call, rejected(ProblemCode::MutationIdReused, 409));
    assert_eq!(bench.states(), [MutationState::Paused]);
    bench.advance(120_000);
    assert_eq!(bench.calls.len(), 0);
    // The user asks again: another id.
    bench.store.retry(bench.now, &old, &id(900));
    bench.wait_for_call();
    assert_eq!(ids_of(&bench.mutation_calls()[0].1), [id(900).as_str()]);
    bench.drain();
    assert!(bench.favorite("b3"));
}

#[test]
fn e6_a_mutation_older_than_the_servers_memory_is_asked_about_before_anything_else() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.advance(150);
    let (call, _) = bench.mutation_calls().remove(0);
    bench.fail(call, HttpFailure::Network);
    // The device sleeps for longer than the server promises to remember.
    bench.now.wall_ms += limits::OUTCOME_PROMISE_MS as i64;
    bench.wait_for_call();
    assert_eq!(bench.mutation_calls().len(), 0);
    let (call, request) = bench.snapshot_calls().remove(0);
    assert_eq!(request.pending.len(), 1);
    bench.answer(call);
    assert_eq!(
        bench.states(),
        [MutationState::Paused],
        "the person decides"
    );
    bench.advance(120_000);
    assert_eq!(bench.calls.len(), 0);
    let old = request.pending[0].clone();
    bench.store.retry(bench.now, &old, &id(901));
    bench.wait_for_call();
    assert_eq!(ids_of(&bench.mutation_calls()[0].1), [id(901).as_str()]);
}

#[test]
fn e6_what_the_server_still_remembers_is_settled_without_sending() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.advance(150);
    let (call, request) = bench.mutation_calls().remove(0);
    bench.server.run(&request);
    bench.fail(call, HttpFailure::Network);
    bench.now.wall_ms += limits::OUTCOME_PROMISE_MS as i64;
    bench.drain();
    assert_eq!(bench.pending(), 0);
    assert_eq!(bench.server.effects, 1);
    bench.assert_same("at rest");
}

#[test]
fn e8_given_up_is_listed_can_be_tried_again_and_holds_nobody_up() {
    let mut bench = Bench::loaded();
    let paused = bench.mutate(order("o2", "b3"));
    exhaust(&mut bench);
    assert_eq!(bench.store.orders().data.unwrap().rows[0].item.id, "o2");
    bench.set("b3", true);
    bench.now = bench.now.after(2000);
    bench.mutate(order("o3", "b1"));
    bench.drain();
    assert_eq!(
        bench.states(),
        [MutationState::Paused],
        "others went through"
    );
    assert!(bench.favorite("b3"));
    bench.store.retry(bench.now, &paused, &id(902));
    bench.collect();
    assert_eq!(
        ids_of(&bench.mutation_calls()[0].1),
        [paused.as_str()],
        "its outcome is unknown: same id"
    );
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn e10_a_late_rejection_leaves_a_reflected_mutation_alone() {
    let mut bench = Bench::loaded();
    bench.mutate(order("o2", "b3"));
    bench.set("b3", true);
    bench.advance(150);
    let calls = bench.mutation_calls();
    assert_eq!(calls.len(), 2);
    bench.answer(calls[1].0);
    assert!(bench.favorite("b3"));
    bench.server.reject.push(ProblemCode::AlreadyOwned);
    bench.answer(calls[0].0);
    assert!(bench.favorite("b3"));
    bench.assert_same("at rest");
}

#[test]
fn e11_a_failure_is_told_by_status_and_code_never_by_its_text() {
    let outcome = |title: &str| {
        let mut bench = Bench::loaded();
        bench.set("b3", true);
        bench.advance(150);
        let (call, _) = bench.mutation_calls().remove(0);
        let problem = Problem::new(ProblemCode::Unavailable, 503, title);
        bench.fail(
            call,
            HttpFailure::Status {
                status: 503,
                problem: Some(Box::new(problem)),
                retry_after_ms: None,
            },
        );
        bench.states()
    };
    assert_eq!(
        outcome("401 Unauthorized: rejected 400"),
        outcome("all is well")
    );
}

#[test]
fn e12_an_act_that_is_rejected_has_one_message_with_its_reason_and_can_be_tried_again() {
    let mut bench = Bench::loaded();
    let ids = bench.batch(vec![like("b3"), like("b4"), unlike("b1")], false);
    bench.server.reject = vec![ProblemCode::QuotaExceeded; 3];
    bench.answer_all();
    let view = bench.store.mutations();
    assert_eq!(view.failures.len(), 1);
    assert_eq!(
        view.failures[0].error.code,
        Some(ProblemCode::QuotaExceeded)
    );
    assert_eq!(view.failures[0].error.kind, ErrorKind::Limit);
    assert_eq!(view.failures[0].subject.as_deref(), Some("Title b3"));
    assert_eq!(view.failures[0].also.len(), 2);
    assert!(bench.store.favorite("b4").failure.is_some());
    bench.store.retry(bench.now, &ids[0], &id(903));
    bench.collect();
    assert_eq!(bench.failures(), 0);
    assert!(bench.store.favorite("b4").failure.is_none());
    bench.drain();
    assert!(bench.favorite("b3") && bench.favorite("b4") && !bench.favorite("b1"));
    bench.assert_same("at rest");
}

/// Answers the first call with mutations: the orders in it cost something else, and the rest is rejected because of them.
pub(super) fn price_changed(bench: &mut Bench) {
    let (call, request) = bench.mutation_calls().remove(0);
    bench.take_call(call);
    let results = request.mutations.iter().map(|mutation| {
        let is_order = matches!(mutation.body, MutationBody::PlaceOrder { .. });
        let problem = if is_order {
            Problem {
                total: Some(money(1300)),
                ..Problem::new(ProblemCode::PriceChanged, 422, "price")
            }
        } else {
            Problem::new(ProblemCode::BatchRejected, 422, "batch")
        };
        dashboard_protocol::MutationResult {
            id: mutation.id.clone(),
            outcome: dashboard_protocol::MutationOutcome::Rejected { problem },
        }
    });
    let reply = dashboard_protocol::MutationReply {
        epoch: "e1".to_owned(),
        results: results.collect(),
    };
    bench.reply(call, crate::http::HttpReply::Mutations(reply));
}

#[test]
fn e13_a_price_that_changed_asks_the_user_and_takes_nothing_back_silently() {
    let mut bench = Bench::loaded();
    let old = bench.mutate(order("o2", "b3"));
    price_changed(&mut bench);
    let pending = bench.store.mutations().pending[0].clone();
    assert_eq!(pending.state, MutationState::NeedsResolution);
    assert_eq!(pending.proposed_total, Some(money(1300)));
    assert_eq!(bench.failures(), 0);
    assert_eq!(bench.store.orders().data.unwrap().rows[0].item.id, "o2");
    bench.advance(60_000);
    assert_eq!(bench.calls.len(), 0);
    bench.store.retry(bench.now, &old, &id(904));
    bench.collect();
    let (call, request) = bench.mutation_calls().remove(0);
    let MutationBody::PlaceOrder {
        order_id,
        expected_total,
        ..
    } = &request.mutations[0].body
    else {
        panic!("an order");
    };
    assert_eq!((order_id.as_str(), expected_total), ("o2", &money(1300)));
    bench.answer(call);
    bench.assert_same("at rest");
}

#[test]
fn e13_the_user_may_also_leave_it() {
    let mut bench = Bench::loaded();
    let old = bench.mutate(order("o2", "b3"));
    let (call, _) = bench.mutation_calls().remove(0);
    bench.server.reject.push(ProblemCode::PriceChanged);
    bench.answer(call);
    // Without a proposal there is nothing to choose: an ordinary rejection.
    assert_eq!((bench.pending(), bench.failures()), (0, 1));
    bench.store.dismiss_failure(bench.now, Some(&old));
    bench.collect();
    assert_eq!(bench.failures(), 0);
}

#[test]
fn e14_a_rejection_inside_a_good_reply_is_that_items_alone() {
    let mut bench = Bench::loaded();
    bench.batch(
        vec![like("b3"), cancel_order("nowhere"), unlike("b1")],
        false,
    );
    bench.answer_all();
    assert!(bench.favorite("b3") && !bench.favorite("b1"));
    assert_eq!((bench.pending(), bench.failures()), (0, 1));
    assert_eq!(
        bench.store.mutations().failures[0].error.code,
        Some(ProblemCode::NotFound)
    );
    bench.assert_same("at rest");
}

#[test]
fn e4_a_session_that_ends_keeps_what_is_unsaved_and_the_same_ids_go_on_for_the_same_user() {
    let mut bench = Bench::loaded();
    let sent = bench.mutate(order("o2", "b3"));
    let waits = bench.set("b3", true);
    let (_, request) = bench.mutation_calls().remove(0);
    bench.server.run(&request);
    bench.store.end_session(bench.now);
    bench.collect();
    assert!(bench.calls.is_empty(), "every call is given up");
    assert_eq!(bench.store.next_deadline(), None);
    assert_eq!(
        bench.states(),
        [MutationState::Unknown, MutationState::Queued]
    );
    for pending in &bench.store.mutations().pending {
        let cause = pending.cause.as_ref().expect("it says what it waits for");
        assert_eq!(cause.kind, ErrorKind::Authentication);
    }
    assert!(bench.favorite("b3") && bench.favorite("b1"));
    assert_eq!(bench.store.orders().data.unwrap().rows[0].item.id, "o2");
    bench.advance(3_600_000);
    assert_eq!((bench.calls_made, bench.pending()), (1, 2));
    // What happens meanwhile is read afterwards.
    bench.server.elsewhere(like("b4"));
    bench.store.sign_in(bench.now, "ada");
    bench.collect();
    let ids: Vec<String> = bench
        .mutation_calls()
        .iter()
        .flat_map(|(_, request)| request.mutations.clone())
        .map(|mutation| mutation.id)
        .collect();
    assert_eq!(ids, [sent, waits]);
    bench.drain();
    assert_eq!((bench.pending(), bench.server.effects), (0, 2));
    assert!(bench.favorite("b3") && bench.favorite("b4"));
    bench.assert_same("at rest");
}

#[test]
fn e5_what_the_server_says_of_a_reused_id_is_said_of_another_mutation() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.advance(150);
    let (call, request) = bench.mutation_calls().remove(0);
    // A read that asks for its outcome is on its way already.
    bench.store.fetch(bench.now, &Resource::ALL);
    bench.collect();
    let other = MutationRequest {
        mutations: vec![Mutation {
            id: request.mutations[0].id.clone(),
            body: like("b4"),
        }],
        atomic: false,
    };
    let (_, events) = bench.server.run(&other);
    bench.fail(call, rejected(ProblemCode::MutationIdReused, 409));
    bench.answer_all();
    bench.deliver(&events);
    assert_eq!(bench.states(), [MutationState::Paused]);
    bench.load(&Resource::ALL);
    assert_eq!(bench.states(), [MutationState::Paused]);
    assert!(bench.favorite("b3") && bench.favorite("b4"));
    bench.store.fetch(bench.now, &[Resource::Favorites]);
    bench.collect();
    assert!(bench.snapshot_calls()[0].1.pending.is_empty());
}

#[test]
fn e8_a_day_without_an_answer_parks_a_mutation_and_a_moment_less_does_not() {
    let day = 24 * 3_600_000;
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.wait_for_call();
    let first = bench.now.wall_ms;
    let mut attempts = 0;
    while bench.states() != [MutationState::Paused] {
        bench.wait_for_call();
        for (call, _) in bench.mutation_calls() {
            attempts += 1;
            bench.fail(call, HttpFailure::Network);
        }
        let age = bench.now.wall_ms - first;
        assert!(age < day, "nothing is sent for longer");
        assert!(age >= day - 31_000 || bench.states() == [MutationState::Unknown]);
    }
    assert!(attempts < 10_000, "{attempts} tries");
    assert!(bench.favorite("b3"));
    bench.advance(day as u64);
    assert!(bench.calls.is_empty());
}

#[test]
fn e8_a_clock_that_was_set_back_prolongs_no_retries() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.wait_for_call();
    let first = bench.now.mono_ms;
    bench.now.wall_ms -= 30 * 24 * 3_600_000;
    exhaust(&mut bench);
    assert!(bench.now.mono_ms - first < 24 * 3_600_000);
}

#[test]
fn e8_any_answer_of_the_server_wakes_what_waits_for_the_link() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.advance(150);
    for _ in 0..12 {
        bench.wait_for_call();
        let (call, _) = bench.mutation_calls().remove(0);
        bench.fail(call, HttpFailure::Network);
    }
    bench.store.handle_answered(bench.now);
    bench.collect();
    assert_eq!(bench.mutation_calls().len(), 1);
    let (call, _) = bench.mutation_calls().remove(0);
    bench.status(call, 429, Some(5000));
    bench.store.handle_answered(bench.now);
    bench.collect();
    assert_eq!(bench.calls.len(), 0, "what the server asked for is kept to");
}

#[test]
fn e1_a_rejection_after_a_lost_reply_is_not_believed_before_the_server_was_asked() {
    for status in [400, 403, 404, 413] {
        // The first try had its effect, of which no answer came.
        let mut bench = Bench::loaded();
        bench.set("b3", true);
        bench.advance(150);
        let (call, request) = bench.mutation_calls().remove(0);
        bench.server.run(&request);
        bench.fail(call, HttpFailure::Network);
        bench.wait_for_call();
        let (call, _) = bench.mutation_calls().remove(0);
        bench.status(call, status, None);
        assert!(bench.favorite("b3"));
        assert_eq!(bench.states(), [MutationState::Unknown]);
        let (call, read) = bench.snapshot_calls().remove(0);
        assert_eq!(read.pending, [request.mutations[0].id.clone()]);
        assert_eq!(bench.mutation_calls().len(), 0);
        bench.answer(call);
        assert_eq!((bench.pending(), bench.failures()), (0, 0));
        assert!(bench.favorite("b3"));
        bench.drain();
        assert_eq!(bench.server.effects, 1);
        bench.assert_same("it had its effect");
        // It never arrived: the rejection holds.
        bench.set("b4", true);
        bench.wait_for_call();
        let (call, _) = bench.mutation_calls().remove(0);
        bench.fail(call, HttpFailure::Network);
        bench.wait_for_call();
        let (call, _) = bench.mutation_calls().remove(0);
        bench.status(call, status, None);
        assert!(bench.favorite("b4"));
        bench.drain();
        assert_eq!((bench.pending(), bench.failures()), (0, 1));
        assert!(!bench.favorite("b4"));
        bench.assert_same("it had none");
    }
}

#[test]
fn e6_a_mutation_that_the_server_has_to_remember_is_sent_again_and_a_moment_later_it_is_not() {
    const { assert!(limits::OUTCOME_PROMISE_MS < limits::OUTCOME_RETENTION_MS) };
    for (more, sent) in [(-1, 1), (0, 0)] {
        let mut bench = Bench::loaded();
        bench.mutate(order("o2", "b3"));
        let (call, _) = bench.mutation_calls().remove(0);
        bench.status(call, 503, Some(1000));
        bench.now.wall_ms += limits::OUTCOME_PROMISE_MS as i64 - 1000 + more;
        bench.advance(1000);
        assert_eq!(bench.mutation_calls().len(), sent);
        assert_eq!(bench.snapshot_calls().len(), 1 - sent);
    }
}
