//! The clocks, and ticks for all components that show the time.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use sync_engine::Core;
use sync_engine::io::PageSignal;
use sync_engine::map::Map;
use sync_engine::time::Now;
use sync_engine::view::Key;
use yew::prelude::*;

use sync_web::{Guard, Platform};

use super::use_view::use_view;
use crate::client::SyncClient;
use crate::keep_alive::Shown;
use crate::provider::use_sync;

/// The wall clock, in milliseconds since 1970; renders the component every `period_ms` while it is mounted, shown
/// and the page is visible. All components with the same period tick together, on the whole period.
#[hook]
pub fn use_clock(period_ms: u32) -> i64 {
    use_ticks(period_ms).wall_ms
}

/// The server's clock, in milliseconds since 1970; renders like [`use_clock`]. For the ages of the server's timestamps: a
/// device's own clock may be hours off. As long as the server has not named its time, this is the device's clock.
///
/// # Panics
/// There is no `SyncProvider` above the component.
///
/// # Examples
/// ```no_run
/// use sync_yew::use_server_clock;
/// use sync_web::intl;
/// use yew::prelude::*;
///
/// #[derive(PartialEq, Properties)]
/// struct AgeProps {
///     at_ms: i64,
/// }
///
/// #[component]
/// fn Age(props: &AgeProps) -> Html {
///     let now_ms = use_server_clock(60_000);
///     html! { <time>{ intl::age(props.at_ms, now_ms) }</time> }
/// }
/// ```
#[hook]
pub fn use_server_clock(period_ms: u32) -> i64 {
    let client = use_sync();
    let offset_ms = use_view(&client, Key::Connection, Core::clock_offset_ms);
    use_ticks(period_ms).wall_ms.saturating_add(offset_ms)
}

/// The engine's clock, in milliseconds; renders like [`use_clock`]. For countdowns to a deadline of the engine, which a
/// jump of the wall clock does not affect.
#[hook]
pub fn use_engine_clock(period_ms: u32) -> u64 {
    use_ticks(period_ms).mono_ms
}

/// Both clocks; renders the component every `period_ms` while it is mounted and the page is visible.
#[hook]
pub(crate) fn use_ticks(period_ms: u32) -> Now {
    // The client's browser, so that a test's clock applies here too; the real one outside of any provider.
    let client = use_context::<SyncClient>();
    let (platform, shown) = client.map_or_else(
        || (sync_web::browser(), Shown::default()),
        |client| (client.platform(), client.shown),
    );
    let now = platform.now();
    let rendered = use_mut_ref(|| now);
    rendered.replace(now);
    let update = use_force_update();
    let period = Period(platform, period_ms.max(1));
    use_effect_with((shown, period), move |(shown, period)| {
        let period = period.clone();
        let kept = shown.keep(move || {
            if period.ticks_between(*rendered.borrow(), period.0.now()) {
                update.force_update();
            }
            let update = update.clone();
            let listening = Ticker::shared(&period).listen(Rc::new(move || update.force_update()));
            Guard::new(listening)
        });
        move || drop(kept)
    });
    now
}

/// The key by which components share a ticker.
#[derive(Clone)]
struct Period(Rc<dyn Platform>, u32);

impl Period {
    /// Whether there is a tick after one time and until another.
    fn ticks_between(&self, after: Now, until: Now) -> bool {
        let period_ms = i64::from(self.1);
        after.wall_ms.div_euclid(period_ms) != until.wall_ms.div_euclid(period_ms)
    }
}

impl PartialEq for Period {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) && self.1 == other.1
    }
}

/// Ticks for all components of one period.
struct Ticker {
    me: Weak<Self>,
    period: Period,
    next: Cell<u64>,
    listeners: RefCell<Map<u64, Rc<dyn Fn()>>>,
    alarm: RefCell<Option<Guard>>,
    page: RefCell<Option<Guard>>,
}

thread_local! {
    static TICKERS: RefCell<Vec<Weak<Ticker>>> = const { RefCell::new(Vec::new()) };
}

impl Ticker {
    /// The existing ticker of this period, or a new one.
    fn shared(period: &Period) -> Rc<Self> {
        TICKERS.with_borrow_mut(|tickers| {
            tickers.retain(|ticker| ticker.strong_count() > 0);
            let found = tickers
                .iter()
                .filter_map(Weak::upgrade)
                .find(|ticker| ticker.period == *period);
            found.unwrap_or_else(|| {
                let ticker = Rc::new_cyclic(|me| Self {
                    me: Weak::clone(me),
                    period: period.clone(),
                    next: Cell::new(0),
                    listeners: RefCell::default(),
                    alarm: RefCell::default(),
                    page: RefCell::default(),
                });
                tickers.push(Rc::downgrade(&ticker));
                ticker.start();
                ticker
            })
        })
    }

    fn start(&self) {
        let me = Weak::clone(&self.me);
        let page = self.period.0.listen_to_page(Rc::new(move |signal| {
            let Some(ticker) = me.upgrade() else { return };
            match signal {
                PageSignal::Hidden => drop(ticker.alarm.take()),
                PageSignal::Restored | PageSignal::Resumed | PageSignal::Visible => ticker.tick(),
                PageSignal::Focus | PageSignal::Offline | PageSignal::Online => (),
            }
        }));
        self.page.replace(Some(page));
        self.set_alarm();
    }

    /// Sets the alarm for the next whole period.
    fn set_alarm(&self) {
        let Period(platform, period_ms) = &self.period;
        if !platform.is_visible() {
            return;
        }
        let period_ms = u64::from(*period_ms);
        let since_ms = platform.now().wall_ms.unsigned_abs() % period_ms;
        let me = Weak::clone(&self.me);
        let alarm = platform.alarm(
            period_ms - since_ms,
            Box::new(move || {
                if let Some(ticker) = me.upgrade() {
                    ticker.tick();
                }
            }),
        );
        drop(self.alarm.replace(Some(alarm)));
    }

    fn tick(&self) {
        let listeners: Vec<_> = self.listeners.borrow().values().cloned().collect();
        for listener in listeners {
            listener();
        }
        self.set_alarm();
    }

    fn listen(self: &Rc<Self>, call: Rc<dyn Fn()>) -> Listening {
        let id = self.next.get();
        self.next.set(id + 1);
        self.listeners.borrow_mut().insert(id, call);
        Listening {
            ticker: Rc::clone(self),
            id,
        }
    }
}

/// Receives the ticks until it is dropped; the ticker ends with its last listener.
struct Listening {
    ticker: Rc<Ticker>,
    id: u64,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let listener = self.ticker.listeners.borrow_mut().remove(&self.id);
        drop(listener);
    }
}
