//! The whole dashboard with a fake server: the user's rows, focus and announcements.

use std::cell::RefCell;
use std::rc::Rc;

use dashboard_model::{
    Change, Download, DownloadChange, DownloadStatus, Event, MutationBody, Order, OrderStatus,
    RequestDownload, Resource,
};
use sync_protocol::Timestamp;
use sync_yew::test_util::{START_MS, serve, settle};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement, HtmlIFrameElement, MutationObserver, MutationObserverInit};
use yew_router::history::History;

use crate::support::backend::body_of;
use crate::support::dashboard::{
    Dashboard, accepted, answer, event, notify, open, rejected, reply,
};
use crate::support::fixture::Fixture;
use crate::support::page::{click, document};

fn file(id: &str, status: DownloadStatus, progress: u8) -> Box<Download> {
    Box::new(Download {
        id: id.to_owned(),
        beat_id: "b1".to_owned(),
        title: "Beat b1".to_owned(),
        status,
        progress,
        created_at: Timestamp::from_unix_ms(START_MS),
        ..Download::default()
    })
}

fn focused() -> Option<HtmlElement> {
    document().active_element()?.dyn_into().ok()
}

#[wasm_bindgen_test]
async fn a11_the_event_of_a_new_order_leaves_its_row_and_the_focus_in_it_alone() {
    let fixture = Fixture::new();
    let (page, socket, _) = open(&fixture, "/orders").await;
    click(&page.by_role("button", "Order")).await;
    let row = page.one("tbody [data-id]");
    let id = row.get_attribute("data-id").unwrap();
    let cell = page.one("tbody [data-id] .order-table-what");
    cell.set_tab_index(-1);
    cell.focus().unwrap();

    let sent = answer(&fixture, |_| accepted(2)).await;
    let order = Order {
        id: id.clone(),
        number: "B-1".to_owned(),
        status: OrderStatus::Pending,
        created_at: Timestamp::from_unix_ms(START_MS),
        updated_at: Timestamp::from_unix_ms(START_MS),
        ..Order::default()
    };
    let created = Event {
        mutations: vec![sent[0].id.clone()],
        ..event(Resource::Orders, 2, 0, Change::order_created(order))
    };
    notify(&fixture, &socket, 1, created).await;
    assert!(page.one("tbody [data-id]").is_same_node(Some(&row)));
    assert!(!row.has_attribute("data-pending"));
    assert!(row.text_content().unwrap().contains("B-1"));
    assert_eq!(focused(), Some(cell));
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn the_date_of_an_old_order_stays_on_one_line() {
    let style = document().create_element("style").unwrap();
    style.set_text_content(Some(concat!(
        include_str!("../../styles/tokens.css"),
        include_str!("../../styles/base.css"),
        include_str!("../../styles/orders.css"),
    )));
    document().body().unwrap().append_child(&style).unwrap();
    let fixture = Fixture::new();
    let (page, socket, _) = open(&fixture, "/orders").await;
    let order = Order {
        id: "o1".to_owned(),
        number: "B-1".to_owned(),
        created_at: Timestamp::from_unix_ms(START_MS - 10 * 86_400_000),
        ..Order::default()
    };
    let created = event(Resource::Orders, 2, 0, Change::order_created(order));
    notify(&fixture, &socket, 1, created).await;
    let (date, cell) = (page.one("tbody time"), page.one("td.order-table-placed"));
    let lines = date.offset_height();
    cell.style().set_property("white-space", "nowrap").unwrap();
    assert_eq!(lines, date.offset_height());
    style.remove();
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn the_age_of_an_order_is_counted_by_the_servers_clock() {
    const AHEAD_MS: i64 = 7_200_000;
    let fixture = Fixture::new();
    fixture.backend.set_time(START_MS + AHEAD_MS);
    let (page, socket, _) = open(&fixture, "/orders").await;
    let order = Order {
        id: "o1".to_owned(),
        created_at: Timestamp::from_unix_ms(START_MS + AHEAD_MS - 300_000),
        ..Order::default()
    };
    let created = event(Resource::Orders, 2, 0, Change::order_created(order));
    notify(&fixture, &socket, 1, created).await;
    let age = page.one("tbody time").text_content();
    assert_eq!(age.as_deref(), Some("5 minutes ago"));
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn j2_a_download_keeps_its_row_from_the_click_to_the_file_and_never_goes_back() {
    let fixture = Fixture::new();
    let (page, socket, _) = open(&fixture, "/downloads").await;
    click(&page.by_role("button", "Ask")).await;
    let row = page.one("li[data-id]");
    let id = row.get_attribute("data-id").unwrap();
    let cancel = page.by_role("button", "Cancel download Beat b1");
    cancel.focus().unwrap();
    let sent = answer(&fixture, |_| accepted(2)).await;
    let requested = Event {
        mutations: vec![sent[0].id.clone()],
        ..event(
            Resource::Downloads,
            2,
            0,
            Change::Download(DownloadChange::Requested(file(
                &id,
                DownloadStatus::Queued,
                0,
            ))),
        )
    };
    let progress = |version, percent| {
        let state = file(&id, DownloadStatus::Preparing, percent);
        event(
            Resource::Downloads,
            version,
            version - 1,
            Change::Download(DownloadChange::Progress(state)),
        )
    };
    let mut seen = Vec::new();
    // The second step arrives twice, the second time after the third.
    let events = [requested, progress(3, 20), progress(4, 60), progress(3, 20)];
    for (offset, event) in (1..).zip(events) {
        notify(&fixture, &socket, offset, event).await;
        assert!(page.one("li[data-id]").is_same_node(Some(&row)));
        assert_eq!(focused().as_ref(), Some(&cancel));
        seen.push(page.one("progress").get_attribute("value").unwrap());
    }
    assert_eq!(seen, ["0", "20", "60", "60"]);
    let mut ready = file(&id, DownloadStatus::Ready, 100);
    ready.url = Some("/file".to_owned());
    let completed = event(
        Resource::Downloads,
        5,
        4,
        Change::Download(DownloadChange::Completed(ready)),
    );
    notify(&fixture, &socket, 5, completed).await;
    assert!(page.one("li[data-id]").is_same_node(Some(&row)));
    page.by_role("link", "Save file: Beat b1");
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn j6_a_download_that_is_taken_back_while_it_is_made_ends_once() {
    let fixture = Fixture::new();
    let (page, socket, _) = open(&fixture, "/downloads").await;
    click(&page.by_role("button", "Ask")).await;
    let row = page.one("li[data-id]");
    let id = row.get_attribute("data-id").unwrap();
    let status = || row.get_attribute("data-status").unwrap();
    answer(&fixture, |_| accepted(2)).await;
    let requested = Change::Download(DownloadChange::Requested(file(
        &id,
        DownloadStatus::Queued,
        0,
    )));
    notify(
        &fixture,
        &socket,
        1,
        event(Resource::Downloads, 2, 0, requested),
    )
    .await;
    let step = |version, percent| {
        let state = file(&id, DownloadStatus::Preparing, percent);
        let change = Change::Download(DownloadChange::Progress(state));
        event(Resource::Downloads, version, version - 1, change)
    };
    notify(&fixture, &socket, 2, step(3, 20)).await;
    assert_eq!(status(), "preparing");

    click(&page.by_role("button", "Cancel download Beat b1")).await;
    let mut seen = vec![status()];
    // The server was one step further when the request arrived.
    notify(&fixture, &socket, 3, step(4, 40)).await;
    seen.push(status());
    answer(&fixture, |_| accepted(5)).await;
    seen.push(status());
    let cancelled = Change::Download(DownloadChange::Cancelled(file(
        &id,
        DownloadStatus::Cancelled,
        40,
    )));
    notify(
        &fixture,
        &socket,
        4,
        event(Resource::Downloads, 5, 4, cancelled),
    )
    .await;
    seen.push(status());
    assert_eq!(seen, ["cancelled"; 4]);
    assert!(page.one("li[data-id]").is_same_node(Some(&row)));
    assert!(!row.has_attribute("data-pending"));
    assert!(
        page.all("progress, .download-row-save, li button")
            .is_empty()
    );
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn j3_who_asks_again_for_a_file_that_is_being_made_is_led_to_its_row() {
    let fixture = Fixture::new();
    let (page, socket, history) = open(&fixture, "/overview").await;
    let button = page.by_role("button", "Download Beat b1");
    click(&button).await;
    // While the request is in flight, a second click makes no new request.
    click(&button).await;
    let sent = answer(&fixture, |_| accepted(2)).await;
    assert_eq!(sent.len(), 1);
    let MutationBody::RequestDownload(RequestDownload { download_id, .. }) = body_of(&sent[0])
    else {
        panic!("a file was asked for");
    };
    let making = file(&download_id, DownloadStatus::Queued, 0);
    let requested = event(
        Resource::Downloads,
        2,
        0,
        Change::Download(DownloadChange::Requested(making)),
    );
    notify(&fixture, &socket, 1, requested).await;

    click(&button).await;
    serve(&socket).await;
    fixture.platform.advance(300).await;
    assert_eq!(history.location().path(), "/downloads");
    let row = page.one(&format!("li[data-id='{download_id}']"));
    assert_eq!(focused(), Some(row));
    assert!(fixture.backend.take_waiting().is_none());
    page.unmount().await;
}

/// The texts of the assertive region from now on, once for each time that they are set.
struct Announcements {
    texts: Rc<RefCell<Vec<String>>>,
    observer: MutationObserver,
    _on_change: Closure<dyn FnMut()>,
}

impl Announcements {
    fn at(page: &Dashboard) -> Self {
        let region = page.one("[role='alert']");
        let texts = Rc::new(RefCell::default());
        let on_change = {
            let (region, texts) = (region.clone(), Rc::clone(&texts));
            Closure::new(move || {
                let words: &RefCell<Vec<String>> = &texts;
                words
                    .borrow_mut()
                    .push(region.text_content().unwrap_or_default());
            })
        };
        let function: &js_sys::Function = on_change.as_ref().unchecked_ref();
        let observer = MutationObserver::new(function).unwrap();
        let what = MutationObserverInit::new();
        what.set_child_list(true);
        what.set_character_data(true);
        what.set_subtree(true);
        observer.observe_with_options(&region, &what).unwrap();
        Self {
            texts,
            observer,
            _on_change: on_change,
        }
    }

    /// The announcements since the last call.
    fn take(&self) -> Vec<String> {
        self.texts.take()
    }
}

impl Drop for Announcements {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

const REJECTED_B1: &str = "Couldn't add ‘Beat b1’. You've reached your plan's limit.";
const REJECTED_B2: &str = "Couldn't add ‘Beat b2’. You've reached your plan's limit.";

#[wasm_bindgen_test]
async fn e12_each_rejected_act_is_heard_once_and_has_its_way_on_in_its_row() {
    let fixture = Fixture::new();
    let (page, _socket, _) = open(&fixture, "/overview").await;
    let announcements = Announcements::at(&page);
    for (id, words) in [("b1", REJECTED_B1), ("b2", REJECTED_B2)] {
        click(&page.by_role("button", &format!("Favorite Beat {id}"))).await;
        answer(&fixture, rejected).await;
        assert_eq!(announcements.take(), [words]);
    }
    // The rows themselves are not announced.
    assert_eq!(page.all("[data-message='refusal']").len(), 2);
    assert!(
        page.all("li [role='alert'], li [role='status'], li [aria-live]")
            .is_empty()
    );
    // When the top failure goes, the one below it is not announced again.
    let row = page.one("[aria-label='Catalog'] li[data-id='b2']");
    let dismiss = row
        .query_selector("[aria-label='Dismiss']")
        .unwrap()
        .unwrap();
    click(dismiss.unchecked_ref()).await;
    assert!(announcements.take().is_empty());
    assert_eq!(page.all("[data-message='refusal']").len(), 1);
    // The retry makes the mutation again.
    click(&page.by_role("button", "Try again")).await;
    assert!(page.all("[data-message='refusal']").is_empty());
    let again = answer(&fixture, |_| accepted(2)).await;
    assert_eq!(again.len(), 1);
    assert!(announcements.take().is_empty());
    page.unmount().await;
}

/// The sheets that a row of the catalog needs.
const ROW_STYLES: &str = concat!(
    include_str!("../../styles/tokens.css"),
    include_str!("../../styles/base.css"),
    include_str!("../../styles/ui.css"),
    include_str!("../../styles/catalog.css"),
);

#[wasm_bindgen_test]
async fn a_rejection_on_a_phone_covers_no_button_of_its_row() {
    let fixture = Fixture::new();
    let (page, _socket, _) = open(&fixture, "/overview").await;
    click(&page.by_role("button", "Favorite Beat b1")).await;
    answer(&fixture, rejected).await;
    let row = page.one("[aria-label='Catalog'] li[data-id='b1']");
    let phone: HtmlIFrameElement = document()
        .create_element("iframe")
        .unwrap()
        .unchecked_into();
    phone.set_width("390");
    document().body().unwrap().append_child(&phone).unwrap();
    let body = phone.content_document().unwrap().body().unwrap();
    body.set_inner_html(&format!("<style>{ROW_STYLES}</style>{}", row.outer_html()));
    let message = body.query_selector(".inline-message").unwrap().unwrap();
    let message = message.get_bounding_client_rect();
    let buttons = body.query_selector_all(".button, .beat-row-file, .favorite-button");
    let buttons = buttons.unwrap();
    assert_eq!(buttons.length(), 3);
    for index in 0..buttons.length() {
        let button: Element = buttons.item(index).unwrap().unchecked_into();
        let button = button.get_bounding_client_rect();
        assert!(button.bottom() <= message.top(), "{}", button.bottom());
    }
    phone.remove();
    page.unmount().await;
}

#[wasm_bindgen_test]
fn a_button_has_the_background_of_its_label_at_once() {
    let root = document().create_element("div").unwrap();
    root.set_inner_html(&format!(
        "<style>{ROW_STYLES}</style><button class='button'>Go</button>"
    ));
    document().body().unwrap().append_child(&root).unwrap();
    let button = root.query_selector("button").unwrap().unwrap();
    let style = web_sys::window().unwrap().get_computed_style(&button);
    let style = style.unwrap().unwrap();
    let background = || style.get_property_value("background-color").unwrap();
    let before = background();
    button.set_attribute("data-kind", "primary").unwrap();
    let after = background();
    assert_ne!(before, after);
    button.set_attribute("style", "transition: none").unwrap();
    assert_eq!(after, background());
    root.remove();
}

#[wasm_bindgen_test]
async fn e12_a_rejected_batch_is_heard_once_and_acts_rejected_together_are_all_heard() {
    let fixture = Fixture::new();
    let (page, _socket, _) = open(&fixture, "/overview").await;
    let announcements = Announcements::at(&page);
    click(&page.by_role("button", "Mark both")).await;
    answer(&fixture, rejected).await;
    assert_eq!(announcements.take(), [REJECTED_B1]);

    for id in ["b1", "b2"] {
        click(&page.by_role("button", &format!("Favorite Beat {id}"))).await;
    }
    fixture.platform.advance(1100).await;
    // At the same time, so that both are rendered at once.
    assert_eq!(reply(&fixture, rejected).len(), 1);
    assert_eq!(reply(&fixture, rejected).len(), 1);
    settle().await;
    fixture.platform.draw().await;
    assert_eq!(
        announcements.take(),
        [format!("{REJECTED_B1} {REJECTED_B2}")]
    );
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn l1_a_rejection_is_still_there_after_one_has_gone_to_another_tab_and_back() {
    let fixture = Fixture::new();
    let (page, socket, history) = open(&fixture, "/overview").await;
    click(&page.by_role("button", "Favorite Beat b1")).await;
    answer(&fixture, rejected).await;
    let announcements = Announcements::at(&page);
    for path in ["/orders", "/overview"] {
        history.push(path);
        serve(&socket).await;
    }
    let row = page.one("[aria-label='Catalog'] li[data-id='b1']");
    assert!(row.text_content().unwrap().contains(REJECTED_B1));
    assert!(announcements.take().is_empty(), "it was announced before");
    page.unmount().await;
}
