//! Gathering: a window opens after a first event and ends when no further event comes for a while, or after a longest
//! wait.

use super::Priority;
use super::queue::Due;

/// The windows of the two priorities that are gathered.
#[derive(Debug)]
pub(super) struct Windows {
    pub(super) medium: Window,
    pub(super) low: Window,
}

impl Windows {
    /// Medium events wait `debounce_ms` for the next one and 2.5 times that at most, low ones 5 and 8 times.
    pub(super) const fn new(debounce_ms: u64, batch_size: usize) -> Self {
        Self {
            medium: Window::new(debounce_ms, debounce_ms * 5 / 2, batch_size),
            low: Window::new(debounce_ms * 5, debounce_ms * 8, batch_size),
        }
    }

    /// When an event that is gathered is due: with the window of its priority, or, as the first one after a quiet time,
    /// with the next frame.
    pub(super) fn note(&mut self, now_ms: u64, priority: Priority) -> Due {
        let (window, due) = match priority {
            Priority::Low => (&mut self.low, Due::Low),
            _ => (&mut self.medium, Due::Medium),
        };
        if window.note(now_ms) { due } else { Due::Frame }
    }

    /// Whether a window has ended.
    pub(super) fn has_ended(&self, now_ms: u64) -> bool {
        self.medium.has_ended(now_ms) || self.low.has_ended(now_ms)
    }
}

/// A debounce window.
#[derive(Clone, Debug)]
pub(super) struct Window {
    quiet_ms: u64,
    longest_ms: u64,
    batch_size: usize,
    last_ms: Option<u64>,
    gathering: Option<Gathering>,
}

/// The events that are being gathered.
#[derive(Clone, Copy, Debug)]
struct Gathering {
    /// When it ends, if nothing more comes.
    ends_ms: u64,
    /// When it ends at the latest.
    latest_ms: u64,
    events: usize,
}

impl Window {
    /// A window that ends after `quiet_ms` without an event, `longest_ms` after its first one, or with `batch_size`
    /// of them.
    const fn new(quiet_ms: u64, longest_ms: u64, batch_size: usize) -> Self {
        Self {
            quiet_ms,
            longest_ms,
            batch_size,
            last_ms: None,
            gathering: None,
        }
    }

    /// An event has come. Returns whether it is gathered; the first one after a quiet time is not, it goes ahead.
    fn note(&mut self, now_ms: u64) -> bool {
        let last_ms = self.last_ms.replace(now_ms);
        let is_first =
            last_ms.is_none_or(|last_ms| now_ms >= last_ms.saturating_add(self.quiet_ms));
        if is_first && self.gathering.is_none() {
            return false;
        }
        let gathering = self.gathering.get_or_insert_with(|| Gathering {
            ends_ms: 0,
            latest_ms: now_ms.saturating_add(self.longest_ms),
            events: 0,
        });
        gathering.events += 1;
        if gathering.events > 1 && gathering.ends_ms <= now_ms {
            return true;
        }
        gathering.ends_ms = if gathering.events >= self.batch_size {
            now_ms
        } else {
            gathering
                .latest_ms
                .min(now_ms.saturating_add(self.quiet_ms))
        };
        true
    }

    /// When the gathering ends, if there is one. Once it has ended, the time stays: events that still come go along.
    pub(super) fn ends_ms(&self) -> Option<u64> {
        self.gathering.map(|gathering| gathering.ends_ms)
    }

    /// Whether the gathering has ended.
    pub(super) fn has_ended(&self, now_ms: u64) -> bool {
        self.ends_ms().is_some_and(|ends_ms| ends_ms <= now_ms)
    }

    /// The gathered events are applied; the next event is the first of another gathering.
    pub(super) const fn close(&mut self) {
        self.gathering = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window() -> Window {
        Window::new(100, 250, 10)
    }

    #[test]
    fn the_first_event_after_a_quiet_time_is_not_gathered() {
        let mut window = window();
        assert!(!window.note(1000));
        assert_eq!(window.ends_ms(), None);
        assert!(window.note(1099));
        assert_eq!(window.ends_ms(), Some(1199));
        window.close();
        assert!(window.note(1198));
        window.close();
        assert!(!window.note(1298));
    }

    #[test]
    fn each_event_postpones_the_end_up_to_the_longest_wait() {
        let mut window = window();
        window.note(0);
        window.note(50);
        window.note(140);
        assert_eq!(window.ends_ms(), Some(240));
        window.note(230);
        window.note(290);
        assert_eq!(window.ends_ms(), Some(300));
    }

    #[test]
    fn a_full_batch_ends_it() {
        let mut window = Window::new(100, 250, 2);
        window.note(0);
        window.note(1);
        assert_eq!(window.ends_ms(), Some(101));
        window.note(2);
        assert_eq!(window.ends_ms(), Some(2));
        window.note(9);
        assert_eq!(window.ends_ms(), Some(2));
        assert!(window.has_ended(2) && !window.has_ended(1));
    }

    #[test]
    fn without_a_quiet_time_nothing_is_gathered() {
        let mut window = Window::new(0, 0, 10);
        assert!(!window.note(5));
        assert!(!window.note(5));
    }
}
