//! The question who is signed in, which is asked until the server answers.

use sync_engine::http::{HttpFailure, HttpReply, HttpRequest, RequestId};
use sync_engine::io::PageSignal;
use sync_engine::settings::Settings;
use sync_engine::status::ShownState;
use sync_engine::time::Now;
use sync_engine::{Core, CoreOutput};
use sync_protocol::Session;

use super::{calls, schema, user};

fn asking(now: Now) -> (Core, RequestId) {
    let mut core = Core::new(&schema(), &Settings::default(), 1);
    core.check_session(now);
    let call = asked(&mut core).expect("the server is asked");
    (core, call)
}

/// The question, if it was asked since the last time.
fn asked(core: &mut Core) -> Option<RequestId> {
    let mut calls = calls(core).into_iter();
    let call = calls.find(|(_, request)| *request == HttpRequest::Session);
    call.map(|(id, _)| id)
}

fn session(name: &str) -> HttpReply {
    HttpReply::Session(Session {
        user: user(name),
        ..Session::default()
    })
}

fn unauthenticated() -> HttpFailure {
    HttpFailure::Status {
        status: 401,
        problem: None,
        retry_after_ms: None,
    }
}

fn outputs(core: &mut Core) -> Vec<CoreOutput> {
    std::iter::from_fn(|| core.poll_output()).collect()
}

#[test]
fn an_unanswered_session_check_is_retried_until_the_server_answers() {
    let mut now = Now::default().after(1000);
    let (mut core, mut call) = asking(now);
    for attempt in 0..20 {
        // Every other attempt gets no answer at all.
        if attempt % 2 == 0 {
            core.handle_http(now, call, Err(HttpFailure::Network));
            assert_eq!(asked(&mut core), None);
        } else {
            now = now.after(15_000);
            core.handle_timeout(now);
            assert!(outputs(&mut core).contains(&CoreOutput::CancelHttp { id: call }));
        }
        let retry_at = core.next_deadline().expect("a retry is planned");
        let wait_ms = retry_at.saturating_sub(now.mono_ms);
        assert!(wait_ms <= 30_000, "attempt {attempt}: {wait_ms} ms");
        now = now.after(wait_ms);
        core.handle_timeout(now);
        call = asked(&mut core).expect("the server is asked again");
    }
    core.handle_http(now, call, Ok(session("ada")));
    assert!(outputs(&mut core).contains(&CoreOutput::SignedIn(user("ada"))));
    assert_eq!(core.next_deadline(), None);
}

#[test]
fn a_session_check_that_is_answered_with_401_says_so_once() {
    let now = Now::default().after(1000);
    let (mut core, call) = asking(now);
    core.handle_http(now, call, Err(unauthenticated()));
    assert!(outputs(&mut core).contains(&CoreOutput::SignedOut));
    core.handle_page(now.after(60_000), PageSignal::Focus);
    core.handle_timeout(now.after(120_000));
    assert_eq!(asked(&mut core), None);
}

#[test]
fn a_wake_signal_asks_at_once_also_after_an_answer_of_no_use() {
    let now = Now::default().after(1000);
    let (mut core, call) = asking(now);
    // The page of a hotel's network, which no retry gets past.
    core.handle_http(now, call, Err(HttpFailure::Malformed { status: 200 }));
    core.handle_timeout(now.after(60_000));
    assert_eq!(asked(&mut core), None);
    core.handle_page(now.after(61_000), PageSignal::Online);
    assert!(asked(&mut core).is_some());
}

#[test]
fn signing_in_ends_the_session_check() {
    let now = Now::default().after(1000);
    let (mut core, call) = asking(now);
    core.sign_in(now, user("ben"));
    assert!(outputs(&mut core).contains(&CoreOutput::CancelHttp { id: call }));
    core.handle_http(now, call, Ok(session("ada")));
    let is_signed_in = |output: &CoreOutput| matches!(output, CoreOutput::SignedIn(_));
    assert!(!outputs(&mut core).iter().any(is_signed_in));
}

#[test]
fn the_status_says_signed_out_without_a_banner_when_nobody_is_signed_in() {
    let now = Now::default().after(1000);
    let (mut core, call) = asking(now);
    assert_eq!(core.connection().shown, ShownState::Starting);
    core.handle_http(now, call, Err(unauthenticated()));
    let view = core.connection();
    assert_eq!((view.shown, view.banner), (ShownState::SignedOut, None));
    core.sign_in(now, user("Ada"));
    assert_eq!(core.connection().shown, ShownState::Starting);
    core.sign_out(now);
    let view = core.connection();
    assert_eq!((view.shown, view.banner), (ShownState::SignedOut, None));
    core.check_session(now);
    assert_eq!(core.connection().shown, ShownState::Starting);
}
