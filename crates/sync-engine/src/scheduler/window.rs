//! Gathering: a window that opens after a first event and closes when it is quiet again, or after a longest wait.

/// A debounce window.
#[derive(Clone, Debug)]
pub(super) struct Window {
    quiet_ms: u64,
    longest_ms: u64,
    batch_size: usize,
    last_ms: Option<u64>,
    gathering: Option<Gathering>,
}

/// What is being gathered.
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
    pub(super) const fn new(quiet_ms: u64, longest_ms: u64, batch_size: usize) -> Self {
        Self {
            quiet_ms,
            longest_ms,
            batch_size,
            last_ms: None,
            gathering: None,
        }
    }

    /// An event has come. Returns whether it is gathered; the first one after a quiet time is not, it goes ahead.
    pub(super) fn note(&mut self, now_ms: u64) -> bool {
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

    /// When the gathering ends, if there is one. Once this moment has come, it stays: what still comes goes along.
    pub(super) fn ends_ms(&self) -> Option<u64> {
        self.gathering.map(|gathering| gathering.ends_ms)
    }

    /// Whether the gathering has ended.
    pub(super) fn has_ended(&self, now_ms: u64) -> bool {
        self.ends_ms().is_some_and(|ends_ms| ends_ms <= now_ms)
    }

    /// What was gathered is on its way; the next event is the first of another gathering.
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
    fn each_event_puts_the_end_off_up_to_the_longest_wait() {
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
