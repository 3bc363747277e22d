//! When events are applied.
//!
//! A screen that follows a busy account must neither be late with important events nor be redrawn a thousand times a
//! second. So each event waits as long as its [`Priority`] allows, and waiting events are applied as one batch:
//!
//! - *critical* is applied in the call that brought it, *high* with the next animation frame;
//! - *medium* and *low* are gathered in windows; the first one after a quiet time goes with the next frame, since
//!   nothing would be gained by letting it wait;
//! - what would go with the next frame does not wait for it after a time without any event: the page is drawn with that
//!   frame anyway, and what has to be done for it is done by then;
//! - the parts of one commit that wait are applied together, at the highest of their priorities. The store waits for a
//!   missing one, so a part that comes after others were applied goes at once;
//! - within one resource, and within one commit, the order of commits always holds: applying one event applies all
//!   earlier ones of its resource, and so the whole of their commits;
//! - changes that a later change of the same batch replaces are left out (latest progress, value, price);
//! - a full queue is dropped, and its resource has to be fetched instead;
//! - a hidden page asks for no frame: events are applied once a second.
//!
//! Drive it as [`crate::core`] says: inputs with the time, then [`Scheduler::poll_output`] until there is nothing,
//! then one alarm for [`Scheduler::next_deadline`].

mod coalesce;
mod order;
mod pace;
mod priority;
mod queue;
mod updates;
mod window;

use std::collections::VecDeque;
use std::rc::Rc;

use self::coalesce::coalesce;
use self::order::{CommitKey, CommitOrder};
use self::pace::Pace;
use self::queue::{Due, Part, Queue};
use self::updates::Updates;
use self::window::Windows;
use crate::event::Event;
use crate::map::Map;
use crate::schema::{FeedId, FeedUpdate, ResourceId, ResourceSet, Schema};
use crate::settings::Settings;
use crate::time::{Now, earliest};

pub use priority::Priority;

/// Events of one resource that may wait. Two seconds' worth at a thousand a second: a page that did not get to draw
/// for so long is better served by one snapshot.
pub const QUEUE_EVENTS_MAX: usize = 2048;

/// How long to wait for a frame, in milliseconds, before events are applied without one: browsers stop the frames of a
/// covered window without calling the page hidden.
pub const FRAME_WAIT_MAX_MS: u64 = 250;

/// How long no event was applied, in milliseconds, before one need not wait for a frame: longer than a few frames, so that
/// a stream of events is applied once a frame.
pub const QUIET_MS: u64 = 100;

/// How long to gather in a hidden page, in milliseconds. Browsers let hidden pages run about that often.
pub const HIDDEN_INTERVAL_MS: u64 = 1000;

/// Waiting times kept for [`Report`] until it is taken: enough for several full queues.
const WAITS_MAX: usize = QUEUE_EVENTS_MAX * 4;

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub enum SchedulerOutput {
    /// Apply these events in this order, and notify their listeners once, after the last one.
    Apply(Vec<Event>),
    /// Apply these updates of a feed, one for each thing.
    Updates(FeedId, Vec<FeedUpdate>),
    /// Call [`Scheduler::handle_frame`] with the next animation frame.
    RequestFrame,
    /// Too much waited: the events of this resource are gone, fetch a snapshot of it.
    Overflow(ResourceId),
}

/// Counts since the last report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// How long each event that was applied had waited, in milliseconds.
    pub waits: Vec<u64>,
    /// Changes and updates that were left out because later ones replaced them.
    pub coalesced: u64,
    /// Events that waited already when they came again.
    pub duplicates: u64,
}

/// Decides when events are applied.
#[derive(Debug)]
pub struct Scheduler {
    schema: Rc<Schema>,
    queue: Queue,
    updates: Updates,
    windows: Windows,
    order: CommitOrder,
    pace: Pace,
    report: Report,
    outputs: VecDeque<SchedulerOutput>,
}

impl Scheduler {
    /// A scheduler for a visible page, with the windows of the settings.
    #[must_use]
    pub fn new(schema: &Rc<Schema>, settings: &Settings) -> Self {
        let (debounce_ms, batch_size) = (settings.debounce_ms, settings.batch_size);
        Self {
            schema: Rc::clone(schema),
            queue: Queue::new(schema),
            updates: Updates::default(),
            windows: Windows::new(debounce_ms, batch_size),
            order: CommitOrder::new(schema),
            pace: Pace::new(debounce_ms, batch_size),
            report: Report::default(),
            outputs: VecDeque::new(),
        }
    }

    // Inputs.

    /// An event has come over a channel. It is as urgent as the other parts of its commit, of resources in `subscribed`.
    pub fn push(&mut self, now: Now, event: Event, subscribed: ResourceSet) {
        let resource = event.resource;
        let (key, priority, due) = self.urgency(now, &event, subscribed);
        let part = Part {
            event,
            received_ms: now.mono_ms,
        };
        if !self.queue.add(key, part, priority, due) {
            self.report.duplicates += 1;
        } else if self.queue.by_resource[resource.index()] > QUEUE_EVENTS_MAX {
            self.queue.drop_parts(resource);
            self.outputs.push_back(SchedulerOutput::Overflow(resource));
        }
        self.handle_timeout(now);
    }

    /// The reply to the user's own mutations has come: what waits of the resources that they affected is applied in this
    /// call, so that it comes before the events of the reply.
    pub fn release(&mut self, now: Now, resources: ResourceSet) {
        self.queue.release(resources);
        self.handle_timeout(now);
    }

    /// Updates of a feed have come.
    pub fn push_updates(&mut self, now: Now, feed: FeedId, updates: &[FeedUpdate]) {
        let priority = self.schema.feed_priority(feed);
        for update in updates {
            let due = self.windows.note(now.mono_ms, priority);
            let due = self.at_once_if_quiet(now, due);
            if self.updates.add(feed, update, due) {
                self.report.coalesced += 1;
            }
        }
        self.handle_timeout(now);
    }

    /// The animation frame that was asked for; harmless if none was.
    pub fn handle_frame(&mut self, now: Now) {
        self.pace.frame_requested = false;
        self.pace.frame_wanted_ms = None;
        self.end_windows(now);
        self.flush(now, Due::Frame);
        self.handle_timeout(now);
    }

    /// Whether [`Self::handle_frame`] is wanted at the next frame.
    #[must_use]
    pub const fn wants_frame(&self) -> bool {
        self.pace.frame_requested
    }

    /// The page was shown or hidden. When it is shown, all waiting events are applied in this call, so that its first frame
    /// is right.
    pub fn set_visible(&mut self, now: Now, visible: bool) {
        if !self.pace.set_visible(visible) {
            return;
        }
        if visible {
            self.flush(now, Due::Low);
        }
        self.handle_timeout(now);
    }

    /// Drops everything, as when the user has signed out.
    pub fn clear(&mut self) {
        self.queue = Queue::new(&self.schema);
        self.updates = Updates::default();
        self.windows.medium.close();
        self.windows.low.close();
        self.order = CommitOrder::new(&self.schema);
        self.pace.clear();
        self.report = Report::default();
        self.outputs.clear();
    }

    // Outputs.

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<SchedulerOutput> {
        self.outputs.pop_front()
    }

    /// When [`Self::handle_timeout`] is wanted next, by `Now::mono_ms`.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        let (medium, low) = (&self.windows.medium, &self.windows.low);
        self.pace
            .next_deadline(earliest(medium.ends_ms(), low.ends_ms()))
    }

    // Reads.

    /// How many events wait.
    #[must_use]
    pub fn queue_depth(&self) -> usize {
        self.queue.depth() + self.updates.waiting.len()
    }

    /// Counts since this was last called.
    pub fn take_report(&mut self) -> Report {
        std::mem::take(&mut self.report)
    }

    // When an event is due.

    /// The position of an event's commit, how urgent it is, and when to apply it.
    fn urgency(
        &mut self,
        now: Now,
        event: &Event,
        subscribed: ResourceSet,
    ) -> (CommitKey, Priority, Due) {
        let key = self.order.key(&event.epoch, event.version);
        let others = (event.resources & subscribed) - ResourceSet::one(event.resource);
        let is_applied = |other: &ResourceId| self.order.is_applied(*other, key);
        let applied: ResourceSet = others.iter().filter(is_applied).collect();
        let priority = Priority::of_commit(&self.schema, event, (others - applied).iter());
        // The store waits for this part, or for this event before a later one of its resource.
        let is_late = !applied.is_empty() || self.order.is_applied(event.resource, key);
        let rises = self
            .queue
            .commits
            .get(&key)
            .is_none_or(|commit| commit.priority < priority);
        let due = match priority {
            _ if is_late => Due::Now,
            Priority::Critical => Due::Now,
            Priority::High => Due::Frame,
            gathered if rises => self.windows.note(now.mono_ms, gathered),
            _ => Due::Low,
        };
        (key, priority, self.at_once_if_quiet(now, due))
    }

    fn at_once_if_quiet(&self, now: Now, due: Due) -> Due {
        match due {
            Due::Frame if self.pace.is_quiet(now.mono_ms) => Due::Now,
            due => due,
        }
    }

    /// Applies everything that is due, and plans the rest; in a hidden page everything once a second, or when it has become a
    /// batch. Harmless when called early or late.
    pub fn handle_timeout(&mut self, now: Now) {
        self.flush(now, Due::Now);
        if self.pace.visible {
            self.drain_visible(now);
        } else if self.pace.is_hidden_due(now.mono_ms, self.queue_depth()) {
            self.flush(now, Due::Low);
            self.pace.note_hidden(now.mono_ms, self.queue_depth());
        }
    }

    /// Makes the events of windows that have ended due with the present frame.
    fn end_windows(&mut self, now: Now) {
        if self.windows.medium.has_ended(now.mono_ms) {
            self.windows.medium.close();
            self.queue.promote(Due::Medium);
        }
        if self.windows.low.has_ended(now.mono_ms) {
            self.windows.low.close();
            self.queue.promote(Due::Low);
            if !self.updates.is_empty() {
                self.updates.due = Due::Frame;
            }
        }
    }

    /// Asks for a frame if something waits for one; without it, if it does not come for too long.
    fn drain_visible(&mut self, now: Now) {
        if !self.waits_for_frame(now) {
            self.pace.frame_wanted_ms = None;
            return;
        }
        if self.pace.is_frame_overdue(now.mono_ms) {
            self.end_windows(now);
            self.flush(now, Due::Frame);
            let still_waits = self.waits_for_frame(now);
            self.pace.frame_wanted_ms = still_waits.then_some(now.mono_ms);
        }
        if self.pace.frame_wanted_ms.is_some() && !self.pace.frame_requested {
            self.pace.frame_requested = true;
            self.outputs.push_back(SchedulerOutput::RequestFrame);
        }
    }

    fn waits_for_frame(&self, now: Now) -> bool {
        self.windows.has_ended(now.mono_ms)
            || self.updates.is_due(Due::Frame)
            || self.queue.count(Due::Frame) > 0
    }

    /// Applies everything that is due by `limit`.
    fn flush(&mut self, now: Now, limit: Due) {
        let parts = self.queue.take(limit);
        if !parts.is_empty() {
            self.pace.note_applied(now.mono_ms);
            self.apply(now, parts);
        }
        if self.updates.is_due(limit) {
            self.pace.note_applied(now.mono_ms);
            for (feed, updates) in self.take_updates() {
                self.outputs
                    .push_back(SchedulerOutput::Updates(feed, updates));
            }
        }
        if self.queue.count(Due::Medium) == 0 {
            self.windows.medium.close();
        }
        if self.queue.count(Due::Low) == 0 && !self.updates.are_gathered() {
            self.windows.low.close();
        }
    }

    /// The waiting updates of feeds, to be applied now: before rows that follow them are read.
    pub fn take_updates(&mut self) -> Map<FeedId, Vec<FeedUpdate>> {
        let taken = self.updates.take();
        for (feed, updates) in &taken {
            self.queue.patch(&self.schema, *feed, updates);
        }
        taken
    }

    /// Puts a batch out.
    fn apply(&mut self, now: Now, parts: Vec<(CommitKey, Part)>) {
        let mut events = Vec::with_capacity(parts.len());
        for (key, part) in parts {
            let resource = part.event.resource;
            self.order.note_applied(resource, key);
            if self.report.waits.len() < WAITS_MAX {
                let waited_ms = now.mono_ms.saturating_sub(part.received_ms);
                self.report.waits.push(waited_ms);
            }
            events.push(part.event);
        }
        self.report.coalesced += coalesce(&self.schema, &mut events);
        self.outputs.push_back(SchedulerOutput::Apply(events));
    }
}
