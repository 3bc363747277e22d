//! The browser platform: resources are released, and requested callbacks run.

use std::cell::{Cell, RefCell};
use std::future;
use std::rc::Rc;
use std::task::{Poll, Waker};

use sync_engine::io::{PageSignal, SocketEvent};
use sync_web::above::AboveObserver;
use sync_web::http::{self, CallError, Method, Request};
use sync_web::style::StyleHost;
use sync_web::task::Task;
use sync_web::{Area, browser, intl, live_counts, random, storage};
use sync_yew::test_util::settle;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Event;

use crate::support::page::document;

/// A value that a callback of the browser delivers.
struct Awaited<T> {
    value: RefCell<Option<T>>,
    waker: RefCell<Option<Waker>>,
}

impl<T: 'static> Awaited<T> {
    fn new() -> Rc<Self> {
        Rc::new(Self {
            value: RefCell::default(),
            waker: RefCell::default(),
        })
    }

    fn bring(&self, value: T) {
        self.value.replace(Some(value));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    async fn come(&self) -> T {
        future::poll_fn(|context| {
            let value = self.value.take();
            value.map_or_else(
                || {
                    self.waker.replace(Some(context.waker().clone()));
                    Poll::Pending
                },
                Poll::Ready,
            )
        })
        .await
    }
}

#[wasm_bindgen_test]
async fn an_alarm_fires_once_and_a_dropped_one_never() {
    let before = live_counts();
    let fired = Awaited::new();
    let ring = Rc::clone(&fired);
    let dropped = browser().alarm(0, Box::new(|| panic!("a dropped alarm rang")));
    let alarm = browser().alarm(0, Box::new(move || ring.bring(())));
    drop(dropped);
    fired.come().await;
    drop(alarm);
    assert_eq!(live_counts(), before);
}

#[wasm_bindgen_test]
fn an_alarm_further_away_than_a_browser_can_wait_does_not_ring_at_once() {
    let before = live_counts();
    let alarm = browser().alarm(u64::MAX, Box::new(|| panic!("it rang at once")));
    assert_eq!(live_counts().timers, before.timers + 1);
    drop(alarm);
    assert_eq!(live_counts(), before);
}

#[wasm_bindgen_test]
async fn a_frame_runs_and_is_released() {
    let before = live_counts();
    let drawn = Awaited::new();
    let draw = Rc::clone(&drawn);
    let frame = browser().frame(Box::new(move || draw.bring(())));
    assert_eq!(live_counts().frames, before.frames + 1);
    drawn.come().await;
    drop(frame);
    drop(browser().frame(Box::new(|| panic!("a dropped frame came"))));
    assert_eq!(live_counts(), before);
}

#[wasm_bindgen_test]
fn page_signals_are_heard_until_the_listener_goes() {
    let before = live_counts();
    let heard = Rc::new(RefCell::new(Vec::new()));
    let hear = Rc::clone(&heard);
    let listening = browser().listen_to_page(Rc::new(move |signal| hear.borrow_mut().push(signal)));
    let window = web_sys::window().unwrap();
    for name in ["offline", "online", "focus", "pageshow"] {
        window.dispatch_event(&Event::new(name).unwrap()).unwrap();
    }
    for name in ["visibilitychange", "freeze", "resume"] {
        document()
            .dispatch_event(&Event::new(name).unwrap())
            .unwrap();
    }
    // A `pageshow` of an ordinary load is not a signal.
    let expected = [
        PageSignal::Offline,
        PageSignal::Online,
        PageSignal::Focus,
        PageSignal::Visible,
        PageSignal::Hidden,
        PageSignal::Resumed,
    ];
    assert_eq!(*heard.borrow(), expected);
    drop(listening);
    window
        .dispatch_event(&Event::new("online").unwrap())
        .unwrap();
    assert_eq!(heard.borrow().len(), expected.len());
    assert_eq!(live_counts(), before);
}

#[wasm_bindgen_test]
async fn a_socket_that_cannot_connect_fails_and_closes() {
    let before = live_counts();
    let closed = Awaited::new();
    let failed = Rc::new(Cell::new(false));
    let (close, fail) = (Rc::clone(&closed), Rc::clone(&failed));
    // Port 9 is the discard service, which browsers block.
    let socket = browser()
        .open_socket(
            "ws://127.0.0.1:9/",
            Rc::new(move |event| match event {
                SocketEvent::Failed => fail.set(true),
                SocketEvent::Closed { code, .. } => close.bring(code),
                SocketEvent::Opened | SocketEvent::Text(_) | SocketEvent::Malformed => {
                    panic!("{event:?}")
                }
            }),
        )
        .unwrap();
    assert!(socket.send("too early").is_err());
    assert_eq!(live_counts().sockets, before.sockets + 1);
    assert_eq!(closed.come().await, 1006);
    assert!(failed.get());
    drop(socket);
    assert_eq!(live_counts(), before);
}

#[wasm_bindgen_test]
fn an_invalid_address_is_rejected() {
    let before = live_counts();
    let rejected = browser().open_socket("ws://shop.test:99999/", Rc::new(|_| ()));
    assert!(rejected.is_err());
    assert_eq!(live_counts(), before);
}

#[wasm_bindgen_test]
async fn a_call_without_an_answer_is_a_network_failure() {
    let before = live_counts();
    let request = Request {
        method: Method::Get,
        url: "http://127.0.0.1:9/api/session".to_owned(),
        json: None,
        headers: Vec::new(),
        expected_user: None,
        timeout_ms: 10_000,
    };
    assert_eq!(http::send(request).await, Err(CallError::Network));
    assert_eq!(live_counts(), before);
}

#[wasm_bindgen_test]
async fn a_call_brings_status_type_and_bytes() {
    let request = Request {
        method: Method::Get,
        url: "data:application/json,%7B%22a%22%3A1%7D".to_owned(),
        json: None,
        headers: Vec::new(),
        expected_user: None,
        timeout_ms: 10_000,
    };
    let response = http::send(request).await.unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(response.content_type.as_deref(), Some("application/json"));
    assert_eq!(response.body, br#"{"a":1}"#);
}

#[wasm_bindgen_test]
async fn dropping_a_task_cancels_its_work() {
    struct Notified(Rc<Cell<bool>>);
    impl Drop for Notified {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let dropped = Rc::new(Cell::new(false));
    let notified = Notified(Rc::clone(&dropped));
    let task = Task::spawn(async move {
        let _notified = notified;
        future::pending::<()>().await;
    });
    settle().await;
    assert!(!dropped.get());
    drop(task);
    assert!(dropped.get());
}

#[wasm_bindgen_test]
async fn other_tabs_receive_a_message_and_the_sender_does_not() {
    let before = live_counts();
    let heard = Awaited::new();
    let hear = Rc::clone(&heard);
    let other = browser()
        .open_broadcast("test", Rc::new(move |text| hear.bring(text)))
        .unwrap();
    let own = browser()
        .open_broadcast("test", Rc::new(|_| panic!("heard oneself")))
        .unwrap();
    own.post(&"x".repeat(10_000));
    own.post("hello");
    assert_eq!(heard.come().await, "hello");
    drop((own, other));
    assert_eq!(live_counts(), before);
}

#[wasm_bindgen_test]
fn values_are_kept_and_forgotten() {
    for area in [Area::Tab, Area::Browser] {
        storage::write(area, "beatline.test", Some("1"));
        assert_eq!(storage::read(area, "beatline.test").as_deref(), Some("1"));
        storage::write(area, "beatline.test", None);
        assert_eq!(storage::read(area, "beatline.test"), None);
    }
}

#[wasm_bindgen_test]
fn ids_are_random_uuids() {
    let (a, b) = (random::uuid().unwrap(), random::uuid().unwrap());
    assert_ne!(a, b);
    assert_eq!((a.len(), &a[14..15]), (36, "4"));
    assert_ne!(random::seed().unwrap(), random::seed().unwrap());
}

#[wasm_bindgen_test]
fn money_knows_the_digits_of_its_currency() {
    let notified = |amount, currency: &str| {
        let text = intl::money(amount, currency);
        text.chars()
            .filter(|c| c.is_ascii_digit())
            .collect::<String>()
    };
    assert_eq!(notified(1999, "USD"), "1999");
    assert_eq!(notified(1999, "JPY"), "1999");
    assert!(!intl::money(1999, "JPY").contains('.'));
    // An invalid currency is shown unchanged.
    assert_eq!(intl::money(5, "no code"), "5 no code");
}

#[wasm_bindgen_test]
async fn styles_reach_the_page_without_a_style_element() {
    let before = live_counts();
    let sheets = document().adopted_style_sheets().length();
    let elements = document().query_selector_all("style").unwrap().length();
    let host = StyleHost::new("bl").unwrap();
    let style =
        stylist::Style::new_with_manager(stylist::css!("color: rgb(1, 2, 3);"), host.manager())
            .unwrap();
    settle().await;
    assert_eq!(document().adopted_style_sheets().length(), sheets + 1);
    assert_eq!(
        document().query_selector_all("style").unwrap().length(),
        elements
    );

    let element = document().create_element("p").unwrap();
    element.set_class_name(style.get_class_name());
    document().body().unwrap().append_child(&element).unwrap();
    let window = web_sys::window().unwrap();
    let shown = window.get_computed_style(&element).unwrap().unwrap();
    assert_eq!(shown.get_property_value("color").unwrap(), "rgb(1, 2, 3)");
    element.remove();

    drop(host);
    assert_eq!(document().adopted_style_sheets().length(), sheets);
    assert_eq!(live_counts(), before);
}

/// Waits until a flag has this value; the browser reports once per frame.
async fn becomes(flag: &Rc<Cell<bool>>, value: bool) {
    while flag.get() != value {
        let drawn = Awaited::new();
        let draw = Rc::clone(&drawn);
        let frame = browser().frame(Box::new(move || draw.bring(())));
        drawn.come().await;
        drop(frame);
    }
}

#[wasm_bindgen_test]
async fn an_element_that_leaves_over_the_upper_edge_is_above() {
    let before = live_counts();
    let window = web_sys::window().unwrap();
    let page = document().create_element("div").unwrap();
    page.set_inner_html("<p style='margin-top: 200vh; height: 300vh' id='observed'></p>");
    document().body().unwrap().append_child(&page).unwrap();
    let is_above = Rc::new(Cell::new(true));
    let observer = AboveObserver::new("observed", Rc::clone(&is_above)).unwrap();
    becomes(&is_above, false).await;
    // From below the window to above it, in one step.
    let element = document().get_element_by_id("observed").unwrap();
    element.scroll_into_view_with_bool(false);
    becomes(&is_above, true).await;
    window.scroll_to_with_x_and_y(0.0, 0.0);
    becomes(&is_above, false).await;
    drop(observer);
    page.remove();
    assert_eq!(live_counts(), before);
    assert!(AboveObserver::new("observed", is_above).is_none());
}
