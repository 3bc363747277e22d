//! When events are applied.
//!
//! A screen that follows a busy account must neither be late with important events nor be redrawn a thousand times a
//! second. So each event waits as long as its [`Priority`] allows, and waiting events are applied as one batch:
//!
//! - *critical* is applied in the call that brought it, *high* with the next animation frame;
//! - *medium* and *low* are gathered in windows; the first one after a quiet time goes with the next frame, since
//!   nothing would be gained by letting it wait;
//! - the parts of one commit are applied together, at the highest of their priorities. They wait for a missing part, but
//!   not for long;
//! - within one resource, and within one commit, the order of commits always holds: applying one event applies all
//!   earlier ones of its resource, and so the whole of their commits;
//! - changes that a later change of the same batch replaces are left out (latest progress, value, price);
//! - a full queue is dropped, and its resource has to be fetched instead;
//! - a hidden page asks for no frame: events are applied once a second.
//!
//! Drive it as [`crate::core`] says: inputs with the time, then [`Scheduler::poll_output`] until there is nothing,
//! then one alarm for [`Scheduler::next_deadline`].

mod admit;
mod apply;
mod coalesce;
mod drain;
mod order;
mod pace;
mod priority;
mod queue;
mod updates;
mod window;

use std::collections::VecDeque;
use std::rc::Rc;

use self::order::CommitOrder;
use self::pace::Pace;
use self::queue::{Due, Queue};
use self::updates::Updates;
use self::window::Windows;
use crate::event::Event;
use crate::map::Map;
use crate::schema::{FeedId, FeedUpdate, ResourceId, ResourceSet, Schema, Topic};
use crate::settings::Settings;
use crate::time::{Now, earliest};

pub use priority::Priority;

/// How long to wait for the other parts of a commit, in milliseconds: they come over the same socket, so anything
/// longer means that they do not come at all.
pub const COMMIT_WAIT_MS: u64 = 50;

/// Events of one resource that may wait. Two seconds' worth at a thousand a second: a page that did not get to draw
/// for so long is better served by one snapshot.
pub const QUEUE_EVENTS_MAX: usize = 2048;

/// How long to wait for a frame, in milliseconds, before events are applied without one: browsers stop the frames of a
/// covered window without calling the page hidden.
pub const FRAME_WAIT_MAX_MS: u64 = 250;

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
    /// For each event that was applied: its resource, and how long it waited, in milliseconds.
    pub waits: Vec<(ResourceId, u64)>,
    /// Changes and updates that were left out because later ones replaced them.
    pub coalesced: Map<Topic, u64>,
    /// Events that waited already when they came again.
    pub duplicates: Map<Topic, u64>,
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

    /// An event has come over a channel. Other parts of its commit are waited for only if their resources are in
    /// `subscribed`.
    pub fn push(&mut self, now: Now, event: Event, subscribed: ResourceSet) {
        self.queue.expire(now.mono_ms);
        self.add(now, event, subscribed, None);
        self.drain(now);
    }

    /// The reply to the user's own mutations has come, with all events of its commits: they are applied in this call.
    pub fn push_reply(&mut self, now: Now, events: Vec<Event>, subscribed: ResourceSet) {
        self.queue.expire(now.mono_ms);
        for event in events {
            self.add(now, event, subscribed, Some(Due::Now));
        }
        self.drain(now);
    }

    /// Updates of a feed have come.
    pub fn push_updates(&mut self, now: Now, feed: FeedId, updates: &[FeedUpdate]) {
        self.queue.expire(now.mono_ms);
        let priority = self.schema.feed_priority(feed);
        for update in updates {
            let due = self.windows.note(now.mono_ms, priority);
            if self.updates.add(feed, update, due) {
                *self.report.coalesced.entry(Topic::Feed(feed)).or_default() += 1;
            }
        }
        self.drain(now);
    }

    /// The animation frame that was asked for; harmless if none was.
    pub fn handle_frame(&mut self, now: Now) {
        self.queue.expire(now.mono_ms);
        self.pace.end_frame();
        self.end_windows(now);
        self.flush(now, Due::Frame);
        self.drain(now);
    }

    /// Whether [`Self::handle_frame`] is wanted at the next frame.
    #[must_use]
    pub const fn wants_frame(&self) -> bool {
        self.pace.is_frame_requested()
    }

    /// The alarm rang; harmless if it rang early or late.
    pub fn handle_timeout(&mut self, now: Now) {
        self.queue.expire(now.mono_ms);
        self.drain(now);
    }

    /// The page was shown or hidden. When it is shown, all waiting events are applied in this call, so that its first frame
    /// is right.
    pub fn set_visible(&mut self, now: Now, visible: bool) {
        if !self.pace.set_visible(visible) {
            return;
        }
        self.queue.expire(now.mono_ms);
        if visible {
            self.flush(now, Due::Low);
        }
        self.drain(now);
    }

    /// Drops everything, as when the user has signed out.
    pub fn clear(&mut self) {
        self.queue = Queue::new(&self.schema);
        self.updates = Updates::default();
        self.windows.close(Due::Medium);
        self.windows.close(Due::Low);
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
        let parts = (self.queue.count(Due::Now) > 0)
            .then(|| self.queue.next_expiry())
            .flatten();
        earliest(parts, self.pace.next_deadline(self.windows.next_end()))
    }

    // Reads.

    /// How many events wait.
    #[must_use]
    pub fn queue_depth(&self) -> usize {
        self.queue.depth() + self.updates.len()
    }

    /// Counts since this was last called.
    pub fn take_report(&mut self) -> Report {
        std::mem::take(&mut self.report)
    }
}
