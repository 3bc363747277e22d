//! Counters and latencies, in a fixed amount of memory.
//!
//! They show without a debugger whether everything arrives, how late it is, how many renders it costs, and which errors
//! occurred.

pub mod counter;
pub mod histogram;

use std::rc::Rc;

use sync_protocol::ProblemCode;

use crate::map::Map;
use crate::scheduler::Report;
use crate::schema::Topic;
use crate::time::Now;

pub use counter::{Counter, Counts};
pub use histogram::{Histogram, Latency};

/// Shortest time between two notifications of listeners, in milliseconds: counters change with every event.
pub const NOTIFY_INTERVAL_MS: u64 = 500;

/// Causes that this build does not know, counted together so that a server cannot grow the table.
const OTHER: &str = "other";

/// The numbers as they are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricsView {
    /// Counters.
    pub counts: Counts,
    /// Publications that arrived, by channel.
    pub received: Map<Topic, u64>,
    /// From an event's arrival until the store has applied it.
    pub event_to_apply: Latency,
    /// From an event's arrival to its paint.
    pub event_to_paint: Latency,
    /// Round trips.
    pub rtt: Latency,
    /// Mutations that were rolled back, by cause: a problem's code, or `other`.
    pub rollbacks: Map<&'static str, u64>,
    /// Events that wait now.
    pub queue_depth: usize,
    /// Most events that ever waited.
    pub queue_depth_max: usize,
    /// For how long the oldest change of the user has not been settled, in milliseconds; `None` if all are.
    pub oldest_pending_ms: Option<u64>,
}

/// Collects the numbers.
#[derive(Debug, Default)]
pub struct Metrics {
    event_to_apply: Histogram,
    event_to_paint: Histogram,
    rtt: Histogram,
    /// The numbers that are shown as they are collected.
    plain: MetricsView,
    /// Whether something was counted, or changed that is notified together with the numbers, since `shown` was made.
    pub(crate) changed: bool,
    shown: Rc<MetricsView>,
    shown_ms: Option<u64>,
    /// Whether listeners have to be notified of `shown`.
    is_new: bool,
}

impl Metrics {
    /// Counts something.
    pub const fn count(&mut self, counter: Counter, by: u64) {
        self.changed = true;
        self.plain.counts.add(counter, by);
    }

    /// A publication arrived over a channel.
    pub fn received(&mut self, channel: Topic) {
        self.count(Counter::Received, 1);
        *self.plain.received.entry(channel).or_default() += 1;
    }

    /// Notes a round trip.
    pub fn round_trip(&mut self, ms: u64) {
        self.changed = true;
        self.rtt.record(ms);
    }

    /// Notes how often pending mutations were rebased in total.
    pub const fn rebased(&mut self, times: u64) {
        let before = self.plain.counts.of(Counter::Rebases);
        if times > before {
            self.count(Counter::Rebases, times - before);
        }
    }

    /// Notes that an event was painted so long after its arrival.
    pub fn painted(&mut self, ms: u64) {
        self.changed = true;
        self.event_to_paint.record(ms);
    }

    /// Notes that a mutation was rolled back, with the server's reason.
    pub fn rolled_back(&mut self, code: &ProblemCode) {
        self.changed = true;
        let known = ProblemCode::KNOWN.iter().find(|known| *known == code);
        let cause = known.map_or(OTHER, ProblemCode::as_str);
        *self.plain.rollbacks.entry(cause).or_default() += 1;
    }

    /// Notes how many events wait, and since when the oldest mutation does.
    pub fn waiting(&mut self, queue_depth: usize, oldest_pending_ms: Option<u64>) {
        let plain = &mut self.plain;
        self.changed |=
            plain.queue_depth != queue_depth || plain.oldest_pending_ms != oldest_pending_ms;
        plain.queue_depth = queue_depth;
        plain.queue_depth_max = plain.queue_depth_max.max(queue_depth);
        plain.oldest_pending_ms = oldest_pending_ms;
    }

    /// Adds the scheduler's counts.
    pub fn take_in(&mut self, report: &Report) {
        self.changed |= !report.waits.is_empty();
        for waited_ms in &report.waits {
            self.event_to_apply.record(*waited_ms);
        }
        for (counter, by) in [
            (Counter::Coalesced, report.coalesced),
            (Counter::Duplicates, report.duplicates),
        ] {
            if by > 0 {
                self.count(counter, by);
            }
        }
    }

    /// Brings the view up to date, if something was counted and that is not too soon after the last time. Harmless
    /// at any time.
    pub fn handle_timeout(&mut self, now: Now) {
        let is_due = self
            .next_deadline()
            .is_some_and(|at_ms| at_ms <= now.mono_ms);
        if is_due {
            self.changed = false;
            self.shown_ms = Some(now.mono_ms);
            self.shown = Rc::new(self.collect());
            self.is_new = true;
        }
    }

    /// Whether the view changed since this was last asked, so that its listeners have to be notified.
    pub const fn poll_changed(&mut self) -> bool {
        std::mem::replace(&mut self.is_new, false)
    }

    /// When [`Self::handle_timeout`] is wanted next, by `Now::mono_ms`.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        let at_ms = self
            .shown_ms
            .map_or(0, |shown_ms| shown_ms.saturating_add(NOTIFY_INTERVAL_MS));
        self.changed.then_some(at_ms)
    }

    /// The numbers as of the last [`Self::handle_timeout`] that was due.
    #[must_use]
    pub fn view(&self) -> Rc<MetricsView> {
        Rc::clone(&self.shown)
    }

    fn collect(&self) -> MetricsView {
        MetricsView {
            event_to_apply: self.event_to_apply.latency(),
            event_to_paint: self.event_to_paint.latency(),
            rtt: self.rtt.latency(),
            ..self.plain.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{JOBS, Prices, schema};

    #[test]
    fn what_arrives_is_counted_in_total_and_by_channel() {
        let prices = Topic::Feed(schema().feed_id::<Prices>());
        let mut metrics = Metrics::default();
        for channel in [Topic::Resource(JOBS), prices, prices] {
            metrics.received(channel);
        }
        metrics.count(Counter::Polls, 1);
        let view = metrics.collect();
        assert_eq!(view.counts.of(Counter::Received), 3);
        assert_eq!(view.counts.of(Counter::Polls), 1);
        let received = [(Topic::Resource(JOBS), 1), (prices, 2)];
        assert_eq!(view.received, received.into_iter().collect());
    }

    #[test]
    fn the_schedulers_report_is_added() {
        let report = Report {
            waits: vec![16, 30],
            coalesced: 11,
            duplicates: 1,
        };
        let mut metrics = Metrics::default();
        metrics.take_in(&report);
        let view = metrics.collect();
        let latency = view.event_to_apply;
        assert_eq!((latency.count, latency.max_ms), (2, 30));
        assert_eq!(view.counts.of(Counter::Coalesced), 11);
        assert_eq!(view.counts.of(Counter::Duplicates), 1);
    }

    #[test]
    fn rollbacks_are_counted_by_cause_and_unknown_causes_together() {
        let mut metrics = Metrics::default();
        metrics.rolled_back(&ProblemCode::QuotaExceeded);
        for n in 0..100 {
            metrics.rolled_back(&ProblemCode::Other(n.to_string()));
        }
        let expected = [("other", 100), ("quota_exceeded", 1)];
        assert_eq!(metrics.collect().rollbacks, expected.into_iter().collect());
    }

    #[test]
    fn listeners_are_notified_at_most_twice_a_second_and_only_of_changes() {
        let mut metrics = Metrics::default();
        let mut now = Now::default();
        metrics.handle_timeout(now);
        assert!(!metrics.poll_changed());
        let mut notified = 0;
        for _ in 0..1000 {
            now = now.after(1);
            metrics.count(Counter::Received, 1);
            metrics.handle_timeout(now);
            notified += u32::from(metrics.poll_changed());
        }
        assert_eq!(notified, 2);
        now = now.after(NOTIFY_INTERVAL_MS);
        metrics.handle_timeout(now);
        assert!(metrics.poll_changed() && !metrics.poll_changed());
        assert_eq!(metrics.view().counts.of(Counter::Received), 1000);
        assert_eq!(metrics.next_deadline(), None);
    }

    #[test]
    fn the_view_is_the_same_pointer_until_it_is_notified() {
        let mut metrics = Metrics::default();
        metrics.count(Counter::Polls, 1);
        metrics.handle_timeout(Now::default());
        let before = metrics.view();
        metrics.count(Counter::Polls, 1);
        metrics.handle_timeout(Now::default().after(1));
        assert!(Rc::ptr_eq(&before, &metrics.view()));
        metrics.handle_timeout(Now::default().after(NOTIFY_INTERVAL_MS));
        assert_eq!(metrics.view().counts.of(Counter::Polls), 2);
    }

    #[test]
    fn the_deepest_queue_is_remembered() {
        let mut metrics = Metrics::default();
        metrics.waiting(9, Some(5));
        metrics.waiting(2, None);
        let view = metrics.collect();
        assert_eq!((view.queue_depth, view.queue_depth_max), (2, 9));
        assert_eq!(view.oldest_pending_ms, None);
    }

    #[test]
    fn equal_numbers_are_equal_views() {
        let mut metrics = Metrics::default();
        metrics.round_trip(20);
        metrics.painted(33);
        assert_eq!(metrics.collect(), metrics.collect());
        let before = metrics.collect();
        metrics.round_trip(20);
        assert_ne!(before, metrics.collect());
    }
}
