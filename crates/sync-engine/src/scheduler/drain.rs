//! When waiting events are applied: at once, with a frame, or without one in a hidden page.

use super::queue::Due;
use super::{Scheduler, SchedulerOutput};
use crate::time::Now;

impl Scheduler {
    /// Applies everything that is due, and plans the rest.
    pub(super) fn drain(&mut self, now: Now) {
        self.flush(now, Due::Now);
        if self.pace.is_visible() {
            self.drain_visible(now);
        } else {
            self.drain_hidden(now);
        }
    }

    /// Makes the events of windows that have ended due with the present frame.
    pub(super) fn end_windows(&mut self, now: Now) {
        for due in self.windows.end(now.mono_ms) {
            self.queue.promote(due);
            if due == Due::Low {
                self.updates.promote();
            }
        }
    }

    /// Asks for a frame if something waits for one; without it, if it does not come for too long.
    fn drain_visible(&mut self, now: Now) {
        if !self.waits_for_frame(now) {
            self.pace.want_no_frame();
            return;
        }
        if self.pace.is_frame_overdue(now.mono_ms) {
            self.end_windows(now);
            self.flush(now, Due::Frame);
            let still_waits = self.waits_for_frame(now);
            self.pace.restart_frame_wait(now.mono_ms, still_waits);
        }
        if self.pace.request_frame() {
            self.outputs.push_back(SchedulerOutput::RequestFrame);
        }
    }

    fn waits_for_frame(&self, now: Now) -> bool {
        self.windows.has_ended(now.mono_ms)
            || self.updates.is_due(Due::Frame)
            || self.queue.count(Due::Frame) > 0
    }

    /// Applies everything once a second, or when it has become a batch.
    fn drain_hidden(&mut self, now: Now) {
        if self.pace.is_hidden_due(now.mono_ms, self.queue_depth()) {
            self.flush(now, Due::Low);
            self.pace.note_hidden(now.mono_ms, self.queue_depth());
        }
    }
}
