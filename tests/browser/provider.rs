//! The realtime provider: what it starts, what it shares, and what is left of it.

use std::rc::Rc;

use dashboard_model::Favorites;
use realtime_dashboard::contexts::{
    DashboardBackend, RealtimeProvider, SessionProvider, SessionState, use_realtime, use_session,
};
use realtime_dashboard::hooks::{
    use_collection, use_optimistic_favorite, use_optimistic_updates, use_realtime_connection,
};
use sync_engine::http::{HttpFailure, HttpReply, HttpRequest, MutationReply};
use sync_engine::io::SocketEvent;
use sync_engine::settings::Settings;
use sync_web::{Area, Platform, browser, live_counts};
use sync_yew::Backend;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::hooks::notified;
use crate::support::backend::{FakeBackend, beat};
use crate::support::page::{Page, click, settle};
use crate::support::platform::FakePlatform;
use crate::support::realtime::{accept, serve};
use crate::support::world::{World, settings};

/// Uses a bit of everything.
#[component]
fn Anything() -> Html {
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
    let world = World::new();
    let (page, socket) = world.open_live::<Anything>().await;
    assert_eq!(socket.url, "wss://shop.test/connection/websocket");
    assert!(socket.is_held());
    page.unmount().await;
    assert!(!socket.is_held());
    assert_eq!(world.platform.held(), 0);
}

#[wasm_bindgen_test]
async fn what_comes_after_the_provider_has_gone_is_ignored() {
    let world = World::new();
    let (page, socket) = world.open_live::<Anything>().await;
    click(&page.by_role("button", "Mark")).await;
    world.platform.advance(1000).await;
    let (request, reply) = world.backend.take_mutations().expect("a change was sent");
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
    assert_eq!(world.platform.held(), 0);
    assert_eq!(socket.take_sent().len(), 0);
}

/// Where the realtime server is unless the settings say otherwise: at the page's own origin.
const USUAL: &str = "";

#[derive(Properties)]
struct SeveralProps {
    backend: Rc<dyn DashboardBackend>,
    platform: Rc<dyn Platform>,
    /// Where the second provider's realtime server is; that of the first is at the usual place.
    url: &'static str,
}

impl PartialEq for SeveralProps {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Two providers for the same user; the first can be taken away and put back.
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
                <Anything />
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

async fn mount_several(world: &World, url: &'static str) -> Page<Several> {
    Page::<Several>::mount_with(SeveralProps {
        backend: world.backend.shared(),
        platform: world.platform.shared(),
        url,
    })
    .await
}

#[wasm_bindgen_test]
async fn providers_of_one_user_share_one_socket_which_closes_with_the_last() {
    let world = World::new();
    let page = mount_several(&world, USUAL).await;
    accept(&world.socket()).await;
    assert_eq!(world.platform.sockets().len(), 1);
    assert_eq!(page.all_by_role("status", "Loaded").len(), 2);
    let held = world.platform.held();
    for _ in 0..100 {
        click(&page.by_role("button", "Toggle the first")).await;
        assert_eq!(page.all_by_role("status", "Loaded").len(), 1);
        assert!(world.socket().is_held());
        click(&page.by_role("button", "Toggle the first")).await;
        assert_eq!(page.all_by_role("status", "Loaded").len(), 2);
    }
    assert_eq!(world.platform.sockets().len(), 1);
    assert_eq!(world.platform.held(), held);
    click(&page.by_role("button", "Toggle the first")).await;
    assert!(world.socket().is_held());
    page.unmount().await;
    assert!(!world.socket().is_held());
    assert_eq!(world.platform.held(), 0);
}

#[wasm_bindgen_test]
async fn another_place_has_a_socket_of_its_own_which_goes_with_its_provider() {
    let world = World::new();
    let page = mount_several(&world, "wss://elsewhere.test/connection/websocket").await;
    let urls = || -> Vec<String> {
        let sockets = world.platform.sockets();
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
    assert_eq!(world.platform.held(), 0);
}

#[wasm_bindgen_test]
async fn who_switched_updates_off_finds_them_off_after_a_reload_of_that_tab() {
    let world = World::new();
    let (page, socket) = world.open_live::<Anything>().await;
    click(&page.by_role("button", "Disconnect")).await;
    assert!(!socket.is_held());
    page.unmount().await;

    let reloaded = World {
        backend: world.backend.clone(),
        platform: world.platform.another(true),
        settings: settings(),
    };
    let page = reloaded.open::<Anything>().await;
    reloaded.platform.advance(60_000).await;
    assert_eq!(reloaded.platform.sockets().len(), 0);
    click(&page.by_role("button", "Connect")).await;
    assert_eq!(reloaded.platform.sockets().len(), 1);
    page.unmount().await;

    // Another tab never heard of it.
    let other = World {
        backend: world.backend.clone(),
        platform: world.platform.another(false),
        settings: settings(),
    };
    let page = other.open::<Anything>().await;
    assert_eq!(other.platform.sockets().len(), 1);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn a_thousand_mounts_leave_nothing_behind() {
    let world = World::new();
    for round in 0..1000 {
        let page = world.open::<Anything>().await;
        if round % 2 == 0 {
            accept(&world.socket()).await;
            click(&page.by_role("button", "Mark")).await;
        }
        page.unmount().await;
        assert_eq!(world.platform.held(), 0, "after round {round}");
        world.platform.forget_sockets();
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
        // A port that browsers block, so that each socket is opened and fails without a network.
        let settings = Settings {
            ws_url: "ws://127.0.0.1:9/".to_owned(),
            ..settings()
        };
        let calls: Rc<dyn Backend> = props.backend.0.clone();
        html! {
            <SessionProvider backend={Rc::clone(&props.backend.0)}>
                <RealtimeProvider {settings} backend={calls}>
                    <Anything />
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

/// Who is signed in, what they see, and a way in.
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
async fn a_session_that_ended_is_told_and_signing_in_goes_on_in_place() {
    let world = World::new();
    let (page, socket) = world.open_live::<House>().await;
    world.backend.end_session();
    // 3503: the server ended this session; the client asks, and is told that nobody is signed in.
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
    accept(&world.socket()).await;
    world.platform.advance(3000).await;
    assert_eq!(
        (notified(&page, "Who"), notified(&page, "Shown")),
        ("ada".into(), "live".into())
    );
    page.unmount().await;
    assert_eq!(world.platform.held(), 0);
}

#[wasm_bindgen_test]
async fn who_signs_out_in_another_tab_is_out_here_too_even_if_the_end_of_the_session_is_heard_as_well()
 {
    for is_asked_first in [false, true] {
        let world = World::new();
        let (page, socket) = world.open_live::<House>().await;
        world.backend.end_session();
        let elsewhere = world.platform.another(false).shared();
        let channel = elsewhere
            .join("beatline.session", Rc::new(|_| ()))
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
        world.platform.advance(3000).await;
        assert_eq!(notified(&page, "Who"), "nobody");
        page.unmount().await;
        drop(channel);
        assert_eq!(world.platform.held(), 0);
    }
}

#[wasm_bindgen_test]
async fn the_same_user_in_another_tab_goes_on_here_with_what_was_unsaved_when_the_session_ended() {
    for is_cut in [false, true] {
        let world = World::new();
        let (here, socket) = world.open_live::<House>().await;
        click(&here.by_role("button", "Mark")).await;
        world.platform.advance(1000).await;
        let (asked, _lost) = world.backend.take_mutations().expect("a change was sent");
        world.backend.end_session();
        socket.notify(SocketEvent::Closed {
            code: 3503,
            reason: "session ended".to_owned(),
        });
        settle().await;
        let kept = || (notified(&here, "Who"), notified(&here, "Unsaved"));
        assert_eq!(kept(), ("ended".into(), "1".into()));

        let other = World {
            backend: world.backend.clone(),
            platform: world.platform.another(false),
            settings: settings(),
        };
        let there = other.open::<House>().await;
        assert_eq!(notified(&there, "Who"), "nobody");
        if is_cut {
            // Nothing is dropped because the server cannot be asked; the way in is still there.
            world.backend.script(Err(HttpFailure::Network));
            click(&there.by_role("button", "Sign in as Ada")).await;
            assert_eq!(kept(), ("ended".into(), "1".into()));
            click(&here.by_role("button", "Sign in as Ada")).await;
        } else {
            click(&there.by_role("button", "Sign in as Ada")).await;
        }
        assert_eq!(kept(), ("ada".into(), "1".into()));
        let (again, _) = world.backend.take_mutations().expect("it is sent again");
        assert_eq!(again, asked, "the same under the same id");
        here.unmount().await;
        there.unmount().await;
        assert_eq!(world.platform.held() + other.platform.held(), 0);
    }
}

#[wasm_bindgen_test]
async fn another_user_in_another_tab_starts_from_nothing_here_too() {
    let world = World::new();
    world.backend.set_favorites(&[beat("b1")]);
    let (here, socket) = world.open_live::<House>().await;
    assert_eq!(notified(&here, "Rows"), "1");

    let other = World {
        backend: world.backend.clone(),
        platform: world.platform.another(false),
        settings: settings(),
    };
    let there = other.open::<House>().await;
    world.backend.set_favorites(&[]);
    click(&there.by_role("button", "Sign in as Ben")).await;
    assert_eq!(notified(&here, "Who"), "ben");
    assert!(!socket.is_held());
    let socket = world.socket();
    socket.notify(SocketEvent::Opened);
    assert_eq!(serve(&socket).await, ["+dashboard:favorites#ben"]);
    assert_eq!(notified(&here, "Rows"), "0");
    here.unmount().await;
    there.unmount().await;
    assert_eq!(world.platform.held(), 0);
}

#[wasm_bindgen_test]
async fn a_browser_without_a_user_opens_no_socket() {
    let world = World {
        backend: FakeBackend::new(),
        platform: FakePlatform::new(),
        settings: settings(),
    };
    let page = world.open::<Anything>().await;
    world.platform.advance(60_000).await;
    assert_eq!(world.platform.sockets().len(), 0);
    assert_eq!(world.backend.take_calls(), []);
    page.unmount().await;
}
