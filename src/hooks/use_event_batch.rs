//! Changes gathered into batches.

use std::cell::RefCell;
use std::fmt;
use std::rc::{Rc, Weak};

use dashboard_engine::core::Applied;
use dashboard_engine::settings::Settings;
use dashboard_protocol::ChangeKind;
use yew::prelude::*;

use super::use_realtime_subscription::use_realtime_subscription;
use crate::contexts::use_realtime;
use crate::platform::{Guard, Platform};

/// Several changes, in the order in which they were applied.
pub type EventBatch = Rc<[Applied]>;

/// How [`use_event_batch`] gathers. What is left out is as the settings say, and so as the engine itself gathers changes
/// of medium priority.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UseEventBatchOptions {
    /// A batch is handed over when nothing came for this long, in milliseconds.
    pub debounce_ms: Option<u64>,
    /// Longest wait of the first change of a batch, in milliseconds; without it two and a half times `debounce_ms`.
    pub longest_wait_ms: Option<u64>,
    /// A batch is handed over when it has this many changes.
    pub batch_size: Option<usize>,
    /// Changes of these kinds hand the batch over at once.
    pub urgent: &'static [ChangeKind],
}

impl Default for UseEventBatchOptions {
    /// As the settings say; a download that failed does not wait.
    fn default() -> Self {
        Self {
            debounce_ms: None,
            longest_wait_ms: None,
            batch_size: None,
            urgent: &[ChangeKind::DownloadFailed],
        }
    }
}

impl UseEventBatchOptions {
    fn limits(&self, settings: &Settings) -> Limits {
        let debounce_ms = self.debounce_ms.unwrap_or(settings.debounce_ms);
        Limits {
            debounce_ms,
            longest_wait_ms: self.longest_wait_ms.unwrap_or(debounce_ms * 5 / 2),
            batch_size: self.batch_size.unwrap_or(settings.batch_size),
            urgent: self.urgent,
        }
    }
}

/// [`UseEventBatchOptions`] with the settings in them.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Limits {
    debounce_ms: u64,
    longest_wait_ms: u64,
    batch_size: usize,
    urgent: &'static [ChangeKind],
}

/// Gathers changes of `kinds` and calls `callback` with each batch. What is gathered when the component goes is dropped.
/// Never renders by itself.
///
/// # Panics
/// There is no `RealtimeProvider` around the component.
///
/// # Examples
/// ```no_run
/// use dashboard_protocol::ChangeKind;
/// use realtime_dashboard::hooks::{EventBatch, UseEventBatchOptions, use_event_batch};
/// use yew::prelude::*;
///
/// #[component]
/// fn NewRows() -> Html {
///     let rows = use_state(|| 0);
///     let counter = rows.clone();
///     use_event_batch(
///         &[ChangeKind::ActivityLogged],
///         UseEventBatchOptions::default(),
///         Callback::from(move |batch: EventBatch| counter.set(*counter + batch.len())),
///     );
///     html! { <p>{ *rows }</p> }
/// }
/// ```
#[hook]
pub fn use_event_batch(
    kinds: &'static [ChangeKind],
    options: UseEventBatchOptions,
    callback: Callback<EventBatch>,
) {
    let realtime = use_realtime();
    let limits = options.limits(realtime.settings());
    let gatherer = use_memo(limits, |limits| Gatherer::new(*limits, realtime.platform()));
    gatherer.callback.replace(callback);
    let gathered = Rc::clone(&*gatherer);
    use_realtime_subscription(kinds, Callback::from(move |applied| gathered.add(applied)));
    use_effect_with(Rc::clone(&*gatherer), |gatherer| {
        let gatherer = Rc::clone(gatherer);
        move || gatherer.discard()
    });
}

/// A batch in the making.
#[derive(Default)]
struct Gathering {
    changes: Vec<Applied>,
    /// When the first of them came, by the engine's clock.
    since_ms: u64,
    alarm: Option<Guard>,
}

struct Gatherer {
    me: Weak<Self>,
    limits: Limits,
    platform: Rc<dyn Platform>,
    callback: RefCell<Callback<EventBatch>>,
    gathering: RefCell<Gathering>,
}

impl Gatherer {
    fn new(limits: Limits, platform: Rc<dyn Platform>) -> Rc<Self> {
        Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            limits,
            platform,
            callback: RefCell::new(Callback::noop()),
            gathering: RefCell::default(),
        })
    }

    fn add(&self, applied: Applied) {
        let now_ms = self.platform.now().mono_ms;
        let is_urgent = self.limits.urgent.contains(&applied.kind());
        let (count, since_ms) = {
            let mut gathering = self.gathering.borrow_mut();
            if gathering.changes.is_empty() {
                gathering.since_ms = now_ms;
            }
            gathering.changes.push(applied);
            (gathering.changes.len(), gathering.since_ms)
        };
        if is_urgent || count >= self.limits.batch_size {
            self.hand_over();
            return;
        }
        let waited_ms = now_ms.saturating_sub(since_ms);
        let longest_ms = self.limits.longest_wait_ms.saturating_sub(waited_ms);
        let me = Weak::clone(&self.me);
        let alarm = self.platform.alarm(
            self.limits.debounce_ms.min(longest_ms),
            Box::new(move || {
                if let Some(gatherer) = me.upgrade() {
                    gatherer.hand_over();
                }
            }),
        );
        let former = self.gathering.borrow_mut().alarm.replace(alarm);
        drop(former);
    }

    fn hand_over(&self) {
        let gathered = self.gathering.take();
        drop(gathered.alarm);
        if !gathered.changes.is_empty() {
            let callback = self.callback.borrow().clone();
            callback.emit(gathered.changes.into());
        }
    }

    fn discard(&self) {
        drop(self.gathering.take());
    }
}

impl PartialEq for Gatherer {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl fmt::Debug for Gatherer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gatherer")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
