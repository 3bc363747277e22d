//! Changes in batches.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use sync_engine::event::Applied;
use sync_engine::schema::ResourceSet;
use sync_engine::settings::Settings;
use sync_web::{Guard, Platform};
use yew::prelude::*;

use super::use_events::use_applied;
use crate::keep_alive::use_shown_effect_with;
use crate::provider::use_sync;

/// Several changes, in the order in which they were applied.
pub type EventBatch = Rc<[Applied]>;

/// Options of [`use_event_batch`]. Options that are left out come from the settings, so that the hook batches like the
/// engine batches changes of medium priority.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct UseEventBatchOptions {
    /// A batch is delivered when no change arrived for this long, in milliseconds.
    pub debounce_ms: Option<u64>,
    /// Longest delay of the first change of a batch, in milliseconds; by default two and a half times `debounce_ms`.
    pub longest_wait_ms: Option<u64>,
    /// A batch is delivered when it has this many changes.
    pub batch_size: Option<usize>,
    /// Only changes of these types on the wire are collected; empty for all.
    pub kinds: &'static [&'static str],
    /// Changes of these types deliver the batch at once.
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

/// [`UseEventBatchOptions`] with the defaults from the settings.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Limits {
    debounce_ms: u64,
    longest_wait_ms: u64,
    batch_size: usize,
    kinds: &'static [&'static str],
    urgent: &'static [&'static str],
}

/// Collects the changes of some resources and calls `callback` with each batch. A batch that is not yet delivered when
/// the component unmounts, or is no longer shown, is dropped. Never renders by itself.
///
/// # Panics
/// There is no `SyncProvider` above the component.
#[hook]
pub fn use_event_batch(
    resources: ResourceSet,
    options: UseEventBatchOptions,
    callback: Callback<EventBatch>,
) {
    let client = use_sync();
    let limits = options.limits(client.settings());
    let batcher = use_memo(limits, |limits| Batcher::new(*limits, client.platform()));
    batcher.callback.replace(callback);
    let gathered = Rc::clone(&*batcher);
    use_applied(
        resources,
        Callback::from(move |applied| gathered.add(applied)),
    );
    use_shown_effect_with(Rc::clone(&*batcher), |batcher| {
        let batcher = Rc::clone(batcher);
        move || batcher.discard()
    });
}

/// An incomplete batch.
#[derive(Default)]
struct PartialBatch {
    changes: Vec<Applied>,
    /// When the first change arrived, by the engine's clock.
    since_ms: u64,
    alarm: Option<Guard>,
}

struct Batcher {
    me: Weak<Self>,
    limits: Limits,
    platform: Rc<dyn Platform>,
    callback: RefCell<Callback<EventBatch>>,
    partial: RefCell<PartialBatch>,
}

impl Batcher {
    fn new(limits: Limits, platform: Rc<dyn Platform>) -> Rc<Self> {
        Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            limits,
            platform,
            callback: RefCell::new(Callback::noop()),
            partial: RefCell::default(),
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
            let mut partial = self.partial.borrow_mut();
            if partial.changes.is_empty() {
                partial.since_ms = now_ms;
            }
            partial.changes.push(applied);
            (partial.changes.len(), partial.since_ms)
        };
        if is_urgent || count >= self.limits.batch_size {
            self.deliver();
            return;
        }
        let waited_ms = now_ms.saturating_sub(since_ms);
        let longest_ms = self.limits.longest_wait_ms.saturating_sub(waited_ms);
        let me = Weak::clone(&self.me);
        let alarm = self.platform.alarm(
            self.limits.debounce_ms.min(longest_ms),
            Box::new(move || {
                if let Some(batcher) = me.upgrade() {
                    batcher.deliver();
                }
            }),
        );
        let former = self.partial.borrow_mut().alarm.replace(alarm);
        drop(former);
    }

    fn deliver(&self) {
        let gathered = self.partial.take();
        drop(gathered.alarm);
        if !gathered.changes.is_empty() {
            let callback = self.callback.borrow().clone();
            callback.emit(gathered.changes.into());
        }
    }

    fn discard(&self) {
        drop(self.partial.take());
    }
}

impl PartialEq for Batcher {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}
