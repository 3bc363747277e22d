//! From the arrival of an event to the frame that shows it.

use super::{Core, CoreOutput};
use crate::metrics::Counter;
use crate::time::Now;

/// Most applied events that wait for a frame; further ones are not measured. A frame is a sixtieth of a second, so this
/// is far more than the store can apply in one.
const UNPAINTED_MAX: usize = 4096;

/// Events that were applied and that no frame has shown yet.
#[derive(Debug, Default)]
pub(super) struct Unpainted {
    /// When each arrived, by `Now::mono_ms`.
    pub(super) events: Vec<u64>,
    /// Whether a frame is being made right now: events that are applied in it are drawn in it.
    in_frame: bool,
    /// Nothing is painted in a hidden page.
    pub(super) hidden: bool,
}

impl Core {
    /// The animation frame that was asked for.
    pub fn handle_frame(&mut self, now: Now) {
        self.unpainted.in_frame = true;
        if self.scheduler.wants_frame() {
            self.scheduler.handle_frame(now);
        }
        self.drain(now);
        self.unpainted.in_frame = false;
        for arrived_ms in std::mem::take(&mut self.unpainted.events) {
            self.metrics.painted(now.mono_ms.saturating_sub(arrived_ms));
        }
    }

    /// A component drew itself because of a change.
    pub const fn handle_render(&mut self) {
        self.metrics.count(Counter::Renders, 1);
    }

    /// Applied events are on the screen with the next frame; `waits` holds how long each had waited before.
    pub(super) fn wait_for_paint(&mut self, now: Now, waits: &[u64]) {
        let Unpainted {
            events,
            in_frame,
            hidden,
        } = &mut self.unpainted;
        if *hidden || waits.is_empty() {
            return;
        }
        let room = UNPAINTED_MAX.saturating_sub(events.len());
        let arrived = |waited_ms: &u64| now.mono_ms.saturating_sub(*waited_ms);
        events.extend(waits.iter().take(room).map(arrived));
        if !*in_frame {
            self.outputs.push_back(CoreOutput::RequestFrame);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::schema;
    use crate::io::PageSignal;
    use crate::metrics::Latency;
    use crate::settings::Settings;

    fn core() -> Core {
        let mut core = Core::new(&schema(), &Settings::default(), 1);
        core.handle_page(Now::default(), PageSignal::Visible);
        while core.poll_output().is_some() {}
        core
    }

    /// The numbers at the given hour: they are brought up to date at most twice a second.
    fn painted(core: &mut Core, hour: u64) -> Latency {
        let later = Now::default().after(hour * 3_600_000);
        core.handle_timeout(later);
        core.metrics().event_to_paint
    }

    #[test]
    fn an_event_is_painted_by_the_frame_after_it_was_applied() {
        let mut core = core();
        let now = Now::default().after(1000);
        core.wait_for_paint(now, &[20]);
        assert_eq!(core.poll_output(), Some(CoreOutput::RequestFrame));
        assert_eq!(painted(&mut core, 1).count, 0);
        core.handle_frame(now.after(10));
        let first = painted(&mut core, 2);
        assert_eq!((first.count, first.max_ms), (1, 30));
        core.handle_frame(now.after(20));
        assert_eq!(painted(&mut core, 3).count, 1);
    }

    #[test]
    fn nothing_is_painted_in_a_hidden_page() {
        let mut core = core();
        let now = Now::default().after(1000);
        core.wait_for_paint(now, &[20]);
        core.handle_page(now, PageSignal::Hidden);
        core.wait_for_paint(now, &[20]);
        core.handle_frame(now.after(10));
        assert_eq!(painted(&mut core, 1).count, 0);
    }

    #[test]
    fn as_many_as_the_limit_are_measured_and_not_one_more() {
        for (applied, measured) in [
            (UNPAINTED_MAX, UNPAINTED_MAX),
            (UNPAINTED_MAX + 1, UNPAINTED_MAX),
        ] {
            let mut core = core();
            let waits = vec![0; applied];
            core.wait_for_paint(Now::default(), &waits);
            core.handle_frame(Now::default().after(16));
            assert_eq!(painted(&mut core, 1).count, measured as u64);
        }
    }
}
