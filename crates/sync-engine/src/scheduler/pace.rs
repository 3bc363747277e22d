//! When what waits is applied: at once, with a frame, or without one in a hidden page.

use super::queue::Due;
use super::{FRAME_WAIT_MAX_MS, HIDDEN_INTERVAL_MS, Scheduler, SchedulerOutput};
use crate::time::Now;

impl Scheduler {
    /// Applies what is due now, and sees to it that the rest is when its time comes.
    pub(super) fn drain(&mut self, now: Now) {
        self.flush(now, Due::Now);
        if self.visible {
            self.want_frame(now);
        } else {
            self.drain_hidden(now);
        }
    }

    /// Makes what was gathered in windows that have ended due with the frame that is at hand.
    pub(super) fn end_windows(&mut self, now: Now) {
        if self.medium.has_ended(now.mono_ms) {
            self.medium.close();
            self.queue.promote(Due::Medium);
        }
        if self.low.has_ended(now.mono_ms) {
            self.low.close();
            self.queue.promote(Due::Low);
            self.updates_due = Due::Frame;
        }
    }

    /// Asks for a frame if something waits for one; if one was wanted for too long, goes without.
    pub(super) fn want_frame(&mut self, now: Now) {
        if !self.waits_for_frame(now) {
            self.frame_wanted_ms = None;
            return;
        }
        let since_ms = *self.frame_wanted_ms.get_or_insert(now.mono_ms);
        if now.mono_ms >= since_ms.saturating_add(FRAME_WAIT_MAX_MS) {
            self.end_windows(now);
            self.flush(now, Due::Frame);
            self.frame_wanted_ms = self.waits_for_frame(now).then_some(now.mono_ms);
        }
        if self.frame_wanted_ms.is_some() && !self.frame_requested {
            self.frame_requested = true;
            self.outputs.push_back(SchedulerOutput::RequestFrame);
        }
    }

    pub(super) fn waits_for_frame(&self, now: Now) -> bool {
        let gathered = self.medium.has_ended(now.mono_ms) || self.low.has_ended(now.mono_ms);
        let updates = !self.updates.is_empty() && self.updates_due <= Due::Frame;
        gathered || updates || self.queue.count(Due::Frame) > 0
    }

    /// In a hidden page: applies all that has come once a second, or when it has become a batch.
    pub(super) fn drain_hidden(&mut self, now: Now) {
        self.frame_wanted_ms = None;
        if self.queue_depth() == 0 {
            self.hidden_ms = None;
            return;
        }
        let next_ms = self
            .hidden_last_ms
            .map_or(0, |last_ms| last_ms.saturating_add(HIDDEN_INTERVAL_MS));
        let at_ms = *self.hidden_ms.get_or_insert_with(|| {
            let gathered_ms = now.mono_ms.saturating_add(self.debounce_ms);
            gathered_ms.max(next_ms)
        });
        if now.mono_ms < at_ms && self.queue_depth() < self.batch_size {
            return;
        }
        self.flush(now, Due::Low);
        self.hidden_last_ms = Some(now.mono_ms);
        // What is left waits for parts that are late.
        self.hidden_ms = (self.queue_depth() > 0).then_some(now.mono_ms + HIDDEN_INTERVAL_MS);
    }
}
