//! The cost of a commit in the browser, with a hundred observers: from the event that brings it to the document that
//! shows it. The test checks the counts of renders and writes; it only prints the times:
//!
//! ```sh
//! CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner cargo test --release \
//!     --target wasm32-unknown-unknown --test browser -- bench --nocapture
//! ```

use std::cell::Cell;
use std::rc::Rc;

use realtime_dashboard::hooks::use_optimistic_favorite;
use sync_yew::test_util::publish;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};
use yew::prelude::*;

use crate::hooks::favorite_added;
use crate::support::backend::beat;
use crate::support::fixture::Fixture;
use crate::support::page::document;

/// Components that each show one beat's favorite.
const OBSERVERS: u64 = 100;
/// Longer than the window in which events are batched, in milliseconds.
const WINDOW_MS: u64 = 500;
/// The version of the data at the start; every event then adds the beat with its version.
const FIRST_VERSION: u64 = 1;

thread_local! {
    static RENDERS: Cell<u32> = const { Cell::new(0) };
}

#[derive(PartialEq, Properties)]
struct ObserverProps {
    number: u64,
}

#[component]
fn Observer(props: &ObserverProps) -> Html {
    RENDERS.set(RENDERS.get() + 1);
    let of = use_memo(props.number, |number| beat(&format!("b{number}")));
    let favorite = use_optimistic_favorite(&of);
    html! { <button aria-label={of.title.clone()} aria-pressed={favorite.favorite().to_string()} /> }
}

#[component]
fn Observers() -> Html {
    let numbers = FIRST_VERSION + 1..=FIRST_VERSION + OBSERVERS;
    html! { for number in numbers { <Observer {number} /> } }
}

/// Counts all writes to the document.
struct Writes {
    observer: web_sys::MutationObserver,
    _closure: Closure<dyn FnMut(js_sys::Array)>,
    seen: Rc<Cell<u32>>,
}

impl Writes {
    fn watch() -> Self {
        let seen = Rc::new(Cell::new(0));
        let closure = Closure::new({
            let seen = Rc::clone(&seen);
            move |records: js_sys::Array| seen.set(seen.get() + records.length())
        });
        let observer = web_sys::MutationObserver::new(closure.as_ref().unchecked_ref()).unwrap();
        let what = web_sys::MutationObserverInit::new();
        what.set_attributes(true);
        what.set_character_data(true);
        what.set_child_list(true);
        what.set_subtree(true);
        let body = document().body().unwrap();
        observer.observe_with_options(&body, &what).unwrap();
        Self {
            observer,
            _closure: closure,
            seen,
        }
    }

    /// The number of writes since the last call.
    fn take(&self) -> u32 {
        self.seen.take()
    }
}

impl Drop for Writes {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

fn performance() -> web_sys::Performance {
    web_sys::window().unwrap().performance().unwrap()
}

#[wasm_bindgen_test]
async fn a_commit_draws_the_one_observer_that_it_concerns_with_one_write() {
    let fixture = Fixture::new();
    fixture.backend.set_favorites(&[beat("b1")]);
    let (page, socket) = fixture.open_live::<Observers>().await;
    assert_eq!(page.all("button[aria-pressed='false']").len(), 100);
    let writes = Writes::watch();
    let mut times = Vec::new();
    for number in FIRST_VERSION + 1..=FIRST_VERSION + OBSERVERS {
        RENDERS.set(0);
        let event = favorite_added(&format!("b{number}"), number, number - 1);
        let begun = performance().now();
        // After a quiet time an event waits for no frame.
        publish(&socket, "dashboard:favorites#ada", number - 1, &event).await;
        times.push(performance().now() - begun);
        assert_eq!((RENDERS.get(), writes.take()), (1, 1), "beat {number}");
        fixture.platform.draw().await;
        assert_eq!((RENDERS.get(), writes.take()), (1, 0), "beat {number}");
        assert_eq!(
            page.by_role("button", &format!("Beat b{number}"))
                .get_attribute("aria-pressed"),
            Some("true".to_owned())
        );
        // The next event arrives alone again.
        fixture.platform.advance(WINDOW_MS).await;
    }
    times.sort_by(f64::total_cmp);
    let percentile = |of: usize| times[times.len() * of / 100];
    console_log!(
        "commit to document, {OBSERVERS} observers: p50 {:.2} ms, p95 {:.2} ms",
        percentile(50),
        percentile(95)
    );
    page.unmount().await;
}
