//! Changes gathered into batches.

use std::cell::RefCell;
use std::fmt;
use std::rc::{Rc, Weak};

use sync_engine::event::Applied;
use sync_engine::schema::ResourceSet;
use sync_engine::settings::Settings;
use sync_web::{Guard, Platform};
use yew::prelude::*;

use super::use_events::use_applied;
use crate::provider::use_sync;

/// Several changes, in the order in which they were applied.
pub type EventBatch = Rc<[Applied]>;

/// How [`use_event_batch`] gathers. What is left out is as the settings say, and so as the engine itself gathers changes
/// of medium priority.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct UseEventBatchOptions {
    /// A batch is handed over when nothing came for this long, in milliseconds.
    pub debounce_ms: Option<u64>,
    /// Longest wait of the first change of a batch, in milliseconds; without it two and a half times `debounce_ms`.
    pub longest_wait_ms: Option<u64>,
    /// A batch is handed over when it has this many changes.
    pub batch_size: Option<usize>,
    /// Only changes of these types on the wire are gathered; empty for all.
    pub kinds: &'static [&'static str],
    /// Changes of these types hand the batch over at once.
    pub urgent: &'static [&'static str],
}

impl UseEventBatchOptions {
    fn limits(&self, settings: &Settings) -> Limits {
        let debounce_ms = self.debounce_ms.unwrap_or(settings.debounce_ms);
        Limits {
            debounce_ms,
            longest_wait_ms: self.longest_wait_ms.unwrap_or(debounce_ms * 5 / 2),
            batch_size: self.batch_size.unwrap_or(settings.batch_size),
            kinds: self.kinds,
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
    kinds: &'static [&'static str],
    urgent: &'static [&'static str],
}

/// Gathers the changes of some resources and calls `callback` with each batch. Changes that are gathered when the component
/// unmounts are dropped. Never renders by itself.
///
/// # Panics
/// There is no `SyncProvider` around the component.
#[hook]
pub fn use_event_batch(
    resources: ResourceSet,
    options: UseEventBatchOptions,
    callback: Callback<EventBatch>,
) {
    let client = use_sync();
    let limits = options.limits(client.settings());
    let gatherer = use_memo(limits, |limits| Gatherer::new(*limits, client.platform()));
    gatherer.callback.replace(callback);
    let gathered = Rc::clone(&*gatherer);
    use_applied(
        resources,
        Callback::from(move |applied| gathered.add(applied)),
    );
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
        let Limits { kinds, urgent, .. } = self.limits;
        if !kinds.is_empty() && !kinds.contains(&applied.kind()) {
            return;
        }
        let is_urgent = urgent.contains(&applied.kind());
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
