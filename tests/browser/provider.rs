//! The realtime provider: what it starts, shares, and cleans up.

use std::cell::Cell;
use std::rc::Rc;

use dashboard_model::Favorites;
use realtime_dashboard::contexts::{
    DashboardBackend, RealtimeProvider, SessionProvider, SessionState, use_realtime, use_session,
};
use realtime_dashboard::hooks::{
    use_collection, use_optimistic_favorite, use_optimistic_updates, use_realtime_connection,
};
use sync_engine::http::{HttpFailure, HttpReply, HttpRequest, MutationReply};
use sync_engine::io::{PageSignal, SocketEvent};
use sync_engine::settings::Settings;
use sync_protocol::centrifugo::PING;
use sync_web::{Area, Platform, browser, live_counts};
use sync_yew::test_util::{FakePlatform, FakeSocket, accept, publish, serve, settle};
use sync_yew::{Backend, SyncClient, SyncProvider};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::hooks::{favorite_added, notified};
use crate::support::backend::{FakeBackend, beat};
use crate::support::fixture::{Fixture, settings};
use crate::support::page::{Page, click};

const FAVORITES: &str = "dashboard:favorites#ada";

/// Uses a bit of everything.
#[component]
fn UsesEverything() -> Html {
    let realtime = use_realtime();
    let favorites = use_collection::<Favorites>();
    let of = use_memo((), |()| beat("b1"));
    let favorite = use_optimistic_favorite(&of);
    let disconnect = realtime.clone();
    html! {
        <>
            <p role="status" aria-label="Loaded">{ favorites.data().is_some().to_string() }</p>
            <button onclick={move |_| favorite.set(true)}>{ "Mark" }</button>
            <button onclick={move |_| disconnect.disconnect()}>{ "Disconnect" }</button>
            <button onclick={move |_| realtime.connect()}>{ "Connect" }</button>
        </>
    }
}

#[wasm_bindgen_test]
async fn the_socket_is_opened_where_the_settings_say_and_closed_with_the_provider() {
    let fixture = Fixture::new();
    let (page, socket) = fixture.open_live::<UsesEverything>().await;
    assert_eq!(socket.url, "wss://shop.test/connection/websocket");
    assert!(socket.is_held());
    page.unmount().await;
    assert!(!socket.is_held());
    assert_eq!(fixture.platform.held(), 0);
}

#[wasm_bindgen_test]
async fn events_after_the_provider_unmounts_are_ignored() {
    let fixture = Fixture::new();
    let (page, socket) = fixture.open_live::<UsesEverything>().await;
    click(&page.by_role("button", "Mark")).await;
    fixture.platform.advance(1000).await;
    let (request, reply) = fixture.backend.take_waiting().expect("a change was sent");
    assert!(matches!(request, HttpRequest::Mutations(_)));
    page.unmount().await;
    reply.send(Ok(HttpReply::Mutations(MutationReply {
        epoch: "E1".into(),
        results: Vec::new(),
    })));
    socket.notify(SocketEvent::Text("{}".to_owned()));
    socket.notify(SocketEvent::Closed {
        code: 1006,
        reason: String::new(),
    });
    settle().await;
    assert_eq!(fixture.platform.held(), 0);
    assert_eq!(socket.take_sent().len(), 0);
}

/// Delivers pings. Returns how many the page has answered.
async fn ping(socket: &FakeSocket, pings: usize) -> usize {
    for _ in 0..pings {
        socket.notify(SocketEvent::Text(PING.to_owned()));
    }
    pongs(socket).await
}

async fn pongs(socket: &FakeSocket) -> usize {
    settle().await;
    let sent = socket.take_sent();
    let lines = sent.iter().flat_map(|frame| frame.lines());
    lines.filter(|line| *line == PING).count()
}

/// Publishes an event, which asks for a frame.
async fn ask_for_frame(socket: &FakeSocket, version: u64) {
    let event = favorite_added(&format!("b{version}"), version, version - 1);
    publish(socket, FAVORITES, version - 1, &event).await;
}

#[wasm_bindgen_test]
async fn as_many_messages_wait_for_a_frame_as_the_limit_and_not_one_more() {
    let fixture = Fixture::new();
    let (page, socket) = fixture.open_live::<UsesEverything>().await;
    ask_for_frame(&socket, 2).await;
    assert_eq!(ping(&socket, 512).await, 0);
    assert_eq!(ping(&socket, 1).await, 512);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn messages_wait_for_the_frame_that_was_asked_for() {
    let fixture = Fixture::new();
    let (page, socket) = fixture.open_live::<UsesEverything>().await;
    assert_eq!(ping(&socket, 1).await, 1);
    ask_for_frame(&socket, 2).await;
    assert_eq!(ping(&socket, 2).await, 0);
    fixture.platform.draw().await;
    assert_eq!(pongs(&socket).await, 2);

    // The order of inputs holds.
    fixture.platform.advance(1000).await;
    ask_for_frame(&socket, 3).await;
    assert_eq!(ping(&socket, 1).await, 0);
    fixture.platform.signal(PageSignal::Hidden).await;
    assert_eq!(pongs(&socket).await, 1);
    page.unmount().await;
    assert_eq!(fixture.platform.held(), 0);
}

#[wasm_bindgen_test]
async fn messages_wait_no_longer_than_a_tenth_of_a_second_for_a_frame() {
    let fixture = Fixture::new();
    let (page, socket) = fixture.open_live::<UsesEverything>().await;
    ask_for_frame(&socket, 2).await;
    // Nothing else is planned for then.
    fixture.platform.advance(1000).await;
    assert_eq!(ping(&socket, 1).await, 0);
    fixture.platform.advance(99).await;
    assert_eq!(pongs(&socket).await, 0);
    fixture.platform.advance(1).await;
    assert_eq!(pongs(&socket).await, 1);
    page.unmount().await;
}

/// The default address of the realtime server: the page's own origin.
const USUAL: &str = "";

#[derive(Properties)]
struct SeveralProps {
    backend: Rc<dyn DashboardBackend>,
    platform: Rc<dyn Platform>,
    /// The address of the second provider's realtime server; the first one uses the default.
    url: &'static str,
}

impl PartialEq for SeveralProps {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Two providers for the same user; the first can be unmounted and mounted again.
#[component]
fn Several(props: &SeveralProps) -> Html {
    let shown = use_state(|| true);
    let toggle = shown.clone();
    let provider = |ws_url: &str| {
        let settings = Settings {
            ws_url: ws_url.to_owned(),
            ..settings()
        };
        let calls: Rc<dyn Backend> = props.backend.clone();
        html! {
            <RealtimeProvider
                {settings}
                backend={calls}
                platform={Rc::clone(&props.platform)}
            >
                <UsesEverything />
            </RealtimeProvider>
        }
    };
    html! {
        <SessionProvider
            backend={Rc::clone(&props.backend)}
            platform={Rc::clone(&props.platform)}
        >
            <button onclick={move |_| toggle.set(!*toggle)}>{ "Toggle the first" }</button>
            if *shown {
                { provider(USUAL) }
            }
            { provider(props.url) }
        </SessionProvider>
    }
}

async fn mount_several(fixture: &Fixture, url: &'static str) -> Page<Several> {
    Page::<Several>::mount_with(SeveralProps {
        backend: fixture.backend.shared(),
        platform: fixture.platform.shared(),
        url,
    })
    .await
}

#[wasm_bindgen_test]
async fn providers_of_one_user_share_one_socket_which_closes_with_the_last() {
    let fixture = Fixture::new();
    let page = mount_several(&fixture, USUAL).await;
    accept(&fixture.socket()).await;
    assert_eq!(fixture.platform.sockets().len(), 1);
    assert_eq!(page.all_by_role("status", "Loaded").len(), 2);
    let held = fixture.platform.held();
    for _ in 0..100 {
        click(&page.by_role("button", "Toggle the first")).await;
        assert_eq!(page.all_by_role("status", "Loaded").len(), 1);
        assert!(fixture.socket().is_held());
        click(&page.by_role("button", "Toggle the first")).await;
        assert_eq!(page.all_by_role("status", "Loaded").len(), 2);
    }
    assert_eq!(fixture.platform.sockets().len(), 1);
    assert_eq!(fixture.platform.held(), held);
    click(&page.by_role("button", "Toggle the first")).await;
    assert!(fixture.socket().is_held());
    page.unmount().await;
    assert!(!fixture.socket().is_held());
    assert_eq!(fixture.platform.held(), 0);
}

#[wasm_bindgen_test]
async fn another_place_has_a_socket_of_its_own_which_goes_with_its_provider() {
    let fixture = Fixture::new();
    let page = mount_several(&fixture, "wss://elsewhere.test/connection/websocket").await;
    let urls = || -> Vec<String> {
        let sockets = fixture.platform.sockets();
        let held = sockets.iter().filter(|socket| socket.is_held());
        held.map(|socket| socket.url.clone()).collect()
    };
    let (here, elsewhere) = (
        "wss://shop.test/connection/websocket",
        "wss://elsewhere.test/connection/websocket",
    );
    let mut open = urls();
    open.sort();
    assert_eq!(open, [elsewhere, here]);
    click(&page.by_role("button", "Toggle the first")).await;
    assert_eq!(urls(), [elsewhere]);
    page.unmount().await;
    assert_eq!(fixture.platform.held(), 0);
}

#[wasm_bindgen_test]
async fn updates_that_were_turned_off_stay_off_after_a_reload_of_the_tab() {
    let fixture = Fixture::new();
    let (page, socket) = fixture.open_live::<UsesEverything>().await;
    click(&page.by_role("button", "Disconnect")).await;
    assert!(!socket.is_held());
    page.unmount().await;

    let reloaded = Fixture {
        backend: fixture.backend.clone(),
        platform: fixture.platform.another(true),
        settings: settings(),
    };
    let page = reloaded.open::<UsesEverything>().await;
    reloaded.platform.advance(60_000).await;
    assert_eq!(reloaded.platform.sockets().len(), 0);
    click(&page.by_role("button", "Connect")).await;
    assert_eq!(reloaded.platform.sockets().len(), 1);
    page.unmount().await;

    // Another tab is not affected.
    let other = Fixture {
        backend: fixture.backend.clone(),
        platform: fixture.platform.another(false),
        settings: settings(),
    };
    let page = other.open::<UsesEverything>().await;
    assert_eq!(other.platform.sockets().len(), 1);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn a_thousand_mounts_leave_nothing_behind() {
    let fixture = Fixture::new();
    for round in 0..1000 {
        let page = fixture.open::<UsesEverything>().await;
        if round % 2 == 0 {
            accept(&fixture.socket()).await;
            click(&page.by_role("button", "Mark")).await;
        }
        page.unmount().await;
        assert_eq!(fixture.platform.held(), 0, "after round {round}");
        fixture.platform.forget_sockets();
    }
}

#[wasm_bindgen_test]
async fn a_thousand_mounts_in_the_real_browser_leave_nothing_behind() {
    #[derive(PartialEq, Properties)]
    struct RealProps {
        backend: ByPointer,
    }
    struct ByPointer(Rc<dyn DashboardBackend>);
    impl PartialEq for ByPointer {
        fn eq(&self, other: &Self) -> bool {
            Rc::ptr_eq(&self.0, &other.0)
        }
    }
    #[component]
    fn Real(props: &RealProps) -> Html {
        // A port that browsers block, so that each socket opens and fails without a network.
        let settings = Settings {
            ws_url: "ws://127.0.0.1:9/".to_owned(),
            ..settings()
        };
        let calls: Rc<dyn Backend> = props.backend.0.clone();
        html! {
            <SessionProvider backend={Rc::clone(&props.backend.0)}>
                <RealtimeProvider {settings} backend={calls}>
                    <UsesEverything />
                </RealtimeProvider>
            </SessionProvider>
        }
    }
    browser().store(Area::Browser, "beatline.signed-in", Some("1"));
    let before = live_counts();
    for round in 0..1000 {
        let backend = FakeBackend::signed_in("ada");
        let page = Page::<Real>::mount_with(RealProps {
            backend: ByPointer(backend.shared()),
        })
        .await;
        assert!(live_counts().total() > before.total());
        page.unmount().await;
        assert_eq!(live_counts(), before, "after round {round}");
    }
}

/// The signed-in user, their data, and a sign-in button.
#[component]
fn House() -> Html {
    let session = use_session();
    let connection = use_realtime_connection();
    let favorites = use_collection::<Favorites>();
    let who = match session.state() {
        SessionState::SignedIn(session) => session.user.name.clone(),
        SessionState::SignedOut { ended: true } => "ended".to_owned(),
        SessionState::SignedOut { ended: false } => "nobody".to_owned(),
        SessionState::Failed(_) | SessionState::Unknown => "unknown".to_owned(),
    };
    let rows = favorites.data().map(|data| data.rows.len());
    let of = use_memo((), |()| beat("b1"));
    let favorite = use_optimistic_favorite(&of);
    let unsaved = use_optimistic_updates().pending().len();
    let sign_in = move |email: &'static str| {
        let session = session.clone();
        move |_| session.sign_in(email, "right", Callback::noop())
    };
    html! {
        <>
            <p role="status" aria-label="Who">{ who }</p>
            <p role="status" aria-label="Shown">{ connection.view().shown.as_str() }</p>
            <p role="status" aria-label="Rows">{ rows }</p>
            <p role="status" aria-label="Unsaved">{ unsaved }</p>
            <button onclick={move |_| favorite.set(true)}>{ "Mark" }</button>
            <button onclick={sign_in("ada@demo.test")}>{ "Sign in as Ada" }</button>
            <button onclick={sign_in("ben@demo.test")}>{ "Sign in as Ben" }</button>
        </>
    }
}

#[wasm_bindgen_test]
async fn a_session_that_ended_shows_and_signing_in_resumes_in_place() {
    let fixture = Fixture::new();
    let (page, socket) = fixture.open_live::<House>().await;
    fixture.backend.end_session();
    // 3503: the server ended this session; the client checks, and finds that nobody is signed in.
    socket.notify(SocketEvent::Closed {
        code: 3503,
        reason: "session ended".to_owned(),
    });
    settle().await;
    assert_eq!(
        (notified(&page, "Who"), notified(&page, "Shown")),
        ("ended".into(), "signed-out".into())
    );

    click(&page.by_role("button", "Sign in as Ada")).await;
    accept(&fixture.socket()).await;
    fixture.platform.advance(3000).await;
    assert_eq!(
        (notified(&page, "Who"), notified(&page, "Shown")),
        ("ada".into(), "live".into())
    );
    page.unmount().await;
    assert_eq!(fixture.platform.held(), 0);
}

#[wasm_bindgen_test]
async fn a_sign_out_in_another_tab_applies_here_even_if_the_session_end_arrives_too() {
    for is_asked_first in [false, true] {
        let fixture = Fixture::new();
        let (page, socket) = fixture.open_live::<House>().await;
        fixture.backend.end_session();
        let elsewhere = fixture.platform.another(false).shared();
        let channel = elsewhere
            .open_broadcast("beatline.session", Rc::new(|_| ()))
            .expect("a channel");
        let closed = || {
            socket.notify(SocketEvent::Closed {
                code: 3503,
                reason: "session ended".to_owned(),
            });
        };
        if is_asked_first {
            closed();
            channel.post("signed-out");
        } else {
            channel.post("signed-out");
            closed();
        }
        settle().await;
        fixture.platform.advance(3000).await;
        assert_eq!(notified(&page, "Who"), "nobody");
        page.unmount().await;
        drop(channel);
        assert_eq!(fixture.platform.held(), 0);
    }
}

#[wasm_bindgen_test]
async fn the_same_user_in_another_tab_goes_on_here_with_what_was_unsaved_when_the_session_ended() {
    for is_cut in [false, true] {
        let fixture = Fixture::new();
        let (here, socket) = fixture.open_live::<House>().await;
        click(&here.by_role("button", "Mark")).await;
        fixture.platform.advance(1000).await;
        let (asked, _lost) = fixture.backend.take_waiting().expect("a change was sent");
        fixture.backend.end_session();
        socket.notify(SocketEvent::Closed {
            code: 3503,
            reason: "session ended".to_owned(),
        });
        settle().await;
        let kept = || (notified(&here, "Who"), notified(&here, "Unsaved"));
        assert_eq!(kept(), ("ended".into(), "1".into()));

        let other = Fixture {
            backend: fixture.backend.clone(),
            platform: fixture.platform.another(false),
            settings: settings(),
        };
        let there = other.open::<House>().await;
        assert_eq!(notified(&there, "Who"), "nobody");
        if is_cut {
            // A failed check drops no data; the sign-in button is still there.
            fixture.backend.script(Err(HttpFailure::Network));
            click(&there.by_role("button", "Sign in as Ada")).await;
            assert_eq!(kept(), ("ended".into(), "1".into()));
            click(&here.by_role("button", "Sign in as Ada")).await;
        } else {
            click(&there.by_role("button", "Sign in as Ada")).await;
        }
        assert_eq!(kept(), ("ada".into(), "1".into()));
        let (again, _) = fixture.backend.take_waiting().expect("it is sent again");
        assert_eq!(again, asked, "the same under the same id");
        here.unmount().await;
        there.unmount().await;
        assert_eq!(fixture.platform.held() + other.platform.held(), 0);
    }
}

#[wasm_bindgen_test]
async fn another_user_in_another_tab_starts_from_nothing_here_too() {
    let fixture = Fixture::new();
    fixture.backend.set_favorites(&[beat("b1")]);
    let (here, socket) = fixture.open_live::<House>().await;
    assert_eq!(notified(&here, "Rows"), "1");

    let other = Fixture {
        backend: fixture.backend.clone(),
        platform: fixture.platform.another(false),
        settings: settings(),
    };
    let there = other.open::<House>().await;
    fixture.backend.set_favorites(&[]);
    click(&there.by_role("button", "Sign in as Ben")).await;
    assert_eq!(notified(&here, "Who"), "ben");
    assert!(!socket.is_held());
    let socket = fixture.socket();
    socket.notify(SocketEvent::Opened);
    assert_eq!(serve(&socket).await, ["+dashboard:favorites#ben"]);
    assert_eq!(notified(&here, "Rows"), "0");
    here.unmount().await;
    there.unmount().await;
    assert_eq!(fixture.platform.held(), 0);
}

#[wasm_bindgen_test]
async fn a_browser_without_a_user_opens_no_socket() {
    let fixture = Fixture {
        backend: FakeBackend::new(),
        platform: FakePlatform::new(),
        settings: settings(),
    };
    let page = fixture.open::<UsesEverything>().await;
    fixture.platform.advance(60_000).await;
    assert_eq!(fixture.platform.sockets().len(), 0);
    assert_eq!(fixture.backend.take_calls(), []);
    page.unmount().await;
}

#[derive(Properties)]
struct AskingProps {
    client: SyncClient,
    signed_out: Rc<Cell<u32>>,
}

impl PartialEq for AskingProps {
    fn eq(&self, other: &Self) -> bool {
        self.client == other.client
    }
}

/// An application that leaves the sign-in to its server.
#[component]
fn Asking(props: &AskingProps) -> Html {
    let signed_out = Rc::clone(&props.signed_out);
    let on_signed_out = move |()| signed_out.set(signed_out.get() + 1);
    html! {
        <SyncProvider client={props.client.clone()} {on_signed_out}>
            <Shown />
        </SyncProvider>
    }
}

#[component]
fn Shown() -> Html {
    let favorites = use_collection::<Favorites>();
    html! { <p role="status" aria-label="Loaded">{ favorites.data().is_some().to_string() }</p> }
}

async fn asking(fixture: &Fixture) -> (Page<Asking>, Rc<Cell<u32>>) {
    let schema = Rc::new(dashboard_model::schema());
    let backend: Rc<dyn Backend> = fixture.backend.shared();
    let platform = fixture.platform.shared();
    let client = SyncClient::on_platform(&schema, backend, settings(), platform);
    let signed_out = Rc::new(Cell::new(0));
    let props = AskingProps {
        client,
        signed_out: Rc::clone(&signed_out),
    };
    (Page::mount_with(props).await, signed_out)
}

#[wasm_bindgen_test]
async fn a_provider_asks_for_the_session_until_the_server_answers() {
    let fixture = Fixture::new();
    fixture.backend.set_down(true);
    let (page, signed_out) = asking(&fixture).await;
    fixture.platform.advance(120_000).await;
    assert_eq!(notified(&page, "Loaded"), "false");
    fixture.backend.set_down(false);
    fixture.platform.advance(30_000).await;
    assert_eq!(notified(&page, "Loaded"), "true");
    assert_eq!(signed_out.get(), 0);
    page.unmount().await;
    assert_eq!(fixture.platform.held(), 0);
}

#[wasm_bindgen_test]
async fn a_provider_that_asks_reports_a_401_at_the_start_and_during_the_run() {
    let fixture = Fixture::new();
    let (page, signed_out) = asking(&fixture).await;
    assert_eq!(notified(&page, "Loaded"), "true");
    fixture.backend.end_session();
    fixture.platform.advance(120_000).await;
    assert_eq!(signed_out.get(), 1);
    page.unmount().await;

    let (page, signed_out) = asking(&fixture).await;
    fixture.platform.advance(120_000).await;
    assert_eq!(
        (signed_out.get(), notified(&page, "Loaded")),
        (1, "false".to_owned())
    );
    page.unmount().await;
    assert_eq!(fixture.platform.held(), 0);
}
