//! Signing in and out, in one tab and in several.

use std::rc::Rc;

use realtime_dashboard::contexts::{DashboardBackend, SessionProvider, SessionState, use_session};
use sync_engine::http::{HttpFailure, HttpReply};
use sync_engine::io::PageSignal;
use sync_protocol::{Problem, ProblemCode};
use sync_web::{Area, Platform};
use sync_yew::test_util::{FakePlatform, problem, session, settle};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::support::backend::FakeBackend;
use crate::support::page::{Page, click};

const SIGNED_IN_BEFORE: &str = "beatline.signed-in";

#[derive(Properties)]
struct TabProps {
    backend: Rc<dyn DashboardBackend>,
    platform: Rc<dyn Platform>,
}

impl PartialEq for TabProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.backend, &other.backend) && Rc::ptr_eq(&self.platform, &other.platform)
    }
}

#[component]
fn Tab(props: &TabProps) -> Html {
    html! {
        <SessionProvider
            backend={Rc::clone(&props.backend)}
            platform={Rc::clone(&props.platform)}
        >
            <SessionControls />
        </SessionProvider>
    }
}

#[component]
fn SessionControls() -> Html {
    let session = use_session();
    let error = use_state(|| None);
    let sign_in = |password: &'static str| {
        let (session, error) = (session.clone(), error.clone());
        move |_| {
            let error = error.clone();
            let done = Callback::from(move |result: Result<(), _>| error.set(result.err()));
            session.sign_in("ada@demo.test", password, done);
        }
    };
    let (leave, check) = (session.clone(), session.clone());
    let state = match session.state() {
        SessionState::Unknown => "unknown".to_owned(),
        SessionState::SignedOut { ended: true } => "ended".to_owned(),
        SessionState::SignedOut { ended: false } => "signed out".to_owned(),
        SessionState::SignedIn(session) => format!("signed in as {}", session.user.name),
        SessionState::Failed(error) => format!("failed: {:?}", error.kind),
    };
    html! {
        <>
            <p role="status" aria-label="State">{ state }</p>
            <p role="alert" aria-label="Error">{ error.as_ref().map(|error| format!("{:?}", error.kind)) }</p>
            <p role="alert" aria-label="Sign-out error">
                { session.sign_out_error().map(|error| format!("{:?}", error.kind)) }
            </p>
            <button onclick={sign_in("right")}>{ "Sign in" }</button>
            <button onclick={sign_in("wrong")}>{ "Sign in wrongly" }</button>
            <button onclick={sign_in("slow")}>{ "Sign in slowly" }</button>
            <p role="status" aria-label="Signing in">{ session.is_signing_in() }</p>
            <button onclick={move |_| leave.sign_out()}>{ "Sign out" }</button>
            <button onclick={move |_| check.check()}>{ "Check" }</button>
        </>
    }
}

async fn open(backend: &FakeBackend, platform: &FakePlatform) -> Page<Tab> {
    Page::mount_with(TabProps {
        backend: backend.shared(),
        platform: platform.shared(),
    })
    .await
}

fn notified(page: &Page<Tab>, role: &str, name: &str) -> String {
    page.by_role(role, name).text_content().unwrap_or_default()
}

fn state(page: &Page<Tab>) -> String {
    notified(page, "status", "State")
}

#[wasm_bindgen_test]
async fn a_browser_that_never_signed_in_makes_no_call() {
    let (backend, platform) = (FakeBackend::signed_in("ada"), FakePlatform::new());
    let page = open(&backend, &platform).await;
    assert_eq!(state(&page), "signed out");
    assert_eq!(backend.take_calls(), []);
    page.unmount().await;
    assert_eq!(platform.held(), 0);
}

#[wasm_bindgen_test]
async fn a_reload_keeps_the_session() {
    let (backend, platform) = (FakeBackend::new(), FakePlatform::new());
    let page = open(&backend, &platform).await;
    click(&page.by_role("button", "Sign in")).await;
    assert_eq!(state(&page), "signed in as ada");
    page.unmount().await;

    let page = open(&backend, &platform.another(true)).await;
    assert_eq!(state(&page), "signed in as ada");
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn a_wrong_password_shows_an_error_and_changes_nothing() {
    let (backend, platform) = (FakeBackend::new(), FakePlatform::new());
    let page = open(&backend, &platform).await;
    click(&page.by_role("button", "Sign in wrongly")).await;
    assert_eq!(state(&page), "signed out");
    assert_eq!(notified(&page, "alert", "Error"), "Authentication");
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn signing_in_and_out_is_heard_in_the_other_tab() {
    let (backend, platform) = (FakeBackend::new(), FakePlatform::new());
    let here = open(&backend, &platform).await;
    let there = open(&backend, &platform.another(false)).await;
    click(&here.by_role("button", "Sign in")).await;
    assert_eq!(state(&there), "signed in as ada");
    click(&there.by_role("button", "Sign out")).await;
    assert_eq!(
        (state(&there), state(&here)),
        ("signed out".into(), "signed out".into())
    );
    here.unmount().await;
    there.unmount().await;
    assert_eq!(platform.held(), 0);
}

#[wasm_bindgen_test]
async fn a_session_that_is_over_counts_as_ended_and_is_forgotten() {
    let (backend, platform) = (FakeBackend::new(), FakePlatform::new());
    platform.remember(SIGNED_IN_BEFORE, "1");
    let page = open(&backend, &platform).await;
    assert_eq!(state(&page), "ended");
    page.unmount().await;
    let page = open(&backend, &platform).await;
    assert_eq!(state(&page), "signed out");
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn a_failed_session_check_can_be_repeated() {
    let (backend, platform) = (FakeBackend::signed_in("ada"), FakePlatform::new());
    platform.remember(SIGNED_IN_BEFORE, "1");
    backend.script(Err(HttpFailure::Network));
    let page = open(&backend, &platform).await;
    assert_eq!(state(&page), "failed: Network");
    click(&page.by_role("button", "Check")).await;
    assert_eq!(state(&page), "signed in as ada");
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn a_failed_sign_out_shows_and_keeps_the_user_signed_in() {
    let (backend, platform) = (FakeBackend::new(), FakePlatform::new());
    let page = open(&backend, &platform).await;
    click(&page.by_role("button", "Sign in")).await;
    backend.script(Err(HttpFailure::Timeout));
    click(&page.by_role("button", "Sign out")).await;
    assert_eq!(state(&page), "signed in as ada");
    assert_eq!(notified(&page, "alert", "Sign-out error"), "Network");
    click(&page.by_role("button", "Sign out")).await;
    assert_eq!(state(&page), "signed out");
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn a_sign_out_in_another_tab_does_not_end_a_sign_in() {
    let (backend, platform) = (FakeBackend::new(), FakePlatform::new());
    let there = open(&backend, &platform.another(false)).await;
    click(&there.by_role("button", "Sign in")).await;
    let here = open(&backend, &platform).await;
    click(&here.by_role("button", "Sign in slowly")).await;
    assert_eq!(notified(&here, "status", "Signing in"), "true");
    click(&there.by_role("button", "Sign out")).await;
    let (_, reply) = backend.take_waiting().expect("the sign-in is in flight");
    backend.set_session(Some(session("ada")));
    reply.send(Ok(HttpReply::Session(session("ada"))));
    settle().await;
    assert_eq!(state(&here), "signed in as ada");
    assert_eq!(notified(&here, "status", "Signing in"), "false");
    assert_eq!(state(&there), "signed in as ada");
    here.unmount().await;
    there.unmount().await;
}

#[wasm_bindgen_test]
async fn a_sign_in_ends_where_another_tab_signs_in() {
    let (backend, platform) = (FakeBackend::new(), FakePlatform::new());
    let here = open(&backend, &platform).await;
    let there = open(&backend, &platform.another(false)).await;
    click(&here.by_role("button", "Sign in slowly")).await;
    click(&there.by_role("button", "Sign in")).await;
    assert_eq!(notified(&here, "status", "Signing in"), "false");
    assert_eq!(state(&here), "signed in as ada");
    here.unmount().await;
    there.unmount().await;
}

#[wasm_bindgen_test]
async fn a_late_answer_about_an_older_session_does_not_end_the_new_one() {
    let (backend, platform) = (FakeBackend::new(), FakePlatform::new());
    platform.remember(SIGNED_IN_BEFORE, "1");
    backend.hold_next();
    let here = open(&backend, &platform).await;
    let (_, late) = backend.take_waiting().expect("the session is asked for");
    // The answer is on its way when the user signs in, in a tab that cannot say so.
    backend.set_session(Some(session("ada")));
    platform.remember(SIGNED_IN_BEFORE, "2");
    late.send(Err(problem(ProblemCode::Unauthenticated, 401)));
    settle().await;
    assert_eq!(state(&here), "signed in as ada");
    let kept = platform.shared().stored(Area::Browser, SIGNED_IN_BEFORE);
    assert_eq!(kept.as_deref(), Some("2"));
    here.unmount().await;
}

#[wasm_bindgen_test]
async fn a_failed_session_check_is_repeated_by_itself() {
    let (backend, platform) = (FakeBackend::signed_in("ada"), FakePlatform::new());
    platform.remember(SIGNED_IN_BEFORE, "1");
    backend.set_down(true);
    let page = open(&backend, &platform).await;
    assert_eq!(state(&page), "failed: Network");
    // The waits grow, so that a server that is down is not hammered.
    platform.advance(300_000).await;
    let calls = backend.take_calls().len();
    assert!((10..=30).contains(&calls), "{calls} calls in five minutes");
    backend.set_down(false);
    platform.advance(30_000).await;
    assert_eq!(state(&page), "signed in as ada");
    platform.advance(300_000).await;
    assert_eq!(backend.take_calls().len(), 1);
    page.unmount().await;
    assert_eq!(platform.held(), 0);
}

#[wasm_bindgen_test]
async fn a_failed_session_check_is_repeated_when_the_network_is_back() {
    let (backend, platform) = (FakeBackend::signed_in("ada"), FakePlatform::new());
    platform.remember(SIGNED_IN_BEFORE, "1");
    backend.script(Err(HttpFailure::Network));
    let page = open(&backend, &platform).await;
    platform.signal(PageSignal::Online).await;
    assert_eq!(state(&page), "signed in as ada");
    page.unmount().await;
    assert_eq!(platform.held(), 0);
}

#[wasm_bindgen_test]
async fn a_session_that_only_the_server_knows_of_is_found() {
    let (backend, platform) = (FakeBackend::signed_in("ada"), FakePlatform::new());
    platform.set_cookie("signed-in", "1");
    let page = open(&backend, &platform).await;
    assert_eq!(state(&page), "signed in as ada");
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn a_failed_check_waits_for_a_sign_in_and_goes_on_after_it() {
    let (backend, platform) = (FakeBackend::new(), FakePlatform::new());
    platform.remember(SIGNED_IN_BEFORE, "1");
    backend.script(Err(HttpFailure::Network));
    let page = open(&backend, &platform).await;
    assert_eq!(state(&page), "failed: Network");
    click(&page.by_role("button", "Sign in slowly")).await;
    platform.signal(PageSignal::Visible).await;
    platform.advance(60_000).await;
    assert_eq!(notified(&page, "status", "Signing in"), "true");
    let (_, reply) = backend.take_waiting().expect("the sign-in is in flight");
    reply.send(Err(problem(ProblemCode::InvalidCredentials, 401)));
    settle().await;
    assert_eq!(notified(&page, "status", "Signing in"), "false");
    assert_eq!(notified(&page, "alert", "Error"), "Authentication");
    assert_eq!(state(&page), "ended");
    page.unmount().await;
    assert_eq!(platform.held(), 0);
}

#[wasm_bindgen_test]
async fn signing_out_of_a_session_of_another_user_ends_nothing_but_the_own_one() {
    let (backend, platform) = (FakeBackend::new(), FakePlatform::new());
    let ada = open(&backend, &platform).await;
    click(&ada.by_role("button", "Sign in")).await;
    let there = open(&backend, &platform.another(false)).await;
    let failure = HttpFailure::Status {
        status: 401,
        problem: Some(Box::new(Problem::new(ProblemCode::OtherUser, 409, "other"))),
        retry_after_ms: None,
    };
    backend.script(Err(failure));
    click(&ada.by_role("button", "Sign out")).await;
    assert_eq!(state(&ada), "ended");
    assert_eq!(state(&there), "signed in as ada");
    ada.unmount().await;
    there.unmount().await;
}
