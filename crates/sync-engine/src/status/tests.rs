//! The screen over time.

use super::*;
use crate::connection::{Cause, ConnectionFault, OffReason, State, TerminalReason};
use crate::time::Now;

/// A screen that reads the view whenever the deriver may change it.
struct Screen {
    deriver: StatusDeriver,
    facts: Facts,
    now: Now,
    /// Each shown state and banner with the time of its beginning, since the last [`Screen::take`].
    seen: Vec<(u64, ShownState, Option<Banner>)>,
}

fn connected(now: Now) -> State {
    State::Connected {
        since: now,
        rtt_ms: None,
    }
}

fn waiting(retry_at: u64) -> State {
    State::Reconnecting {
        attempt: 1,
        retry_at: Some(retry_at),
        why: Cause::default(),
    }
}

impl Screen {
    /// Signed in at 0 and live at 300 ms, shown to 100,000 ms.
    fn live() -> Self {
        let mut screen = Self::connecting();
        screen.run(300);
        screen.heal();
        screen.run(99_700);
        screen.take();
        screen
    }

    fn connecting() -> Self {
        let mut screen = Self {
            deriver: StatusDeriver::new(true),
            facts: Facts::default(),
            now: Now::default(),
            seen: Vec::new(),
        };
        screen.notify(|facts| facts.connection = State::Connecting { attempt: 1 });
        screen
    }

    fn notify(&mut self, change: impl FnOnce(&mut Facts)) {
        change(&mut self.facts);
        self.deriver.update(self.now, self.facts.clone());
        self.look();
    }

    fn drop_connection(&mut self) {
        let retry_at = self.now.mono_ms + 500;
        self.notify(|facts| {
            facts.live = false;
            facts.connection = waiting(retry_at);
        });
    }

    fn heal(&mut self) {
        let now = self.now;
        self.notify(|facts| {
            facts.live = true;
            facts.offline = false;
            facts.poll_works = false;
            facts.connection = connected(now);
        });
    }

    fn run(&mut self, ms: u64) {
        let end = self.now.mono_ms + ms;
        while let Some(at) = self.deriver.next_deadline().filter(|at| *at <= end) {
            assert!(at > self.now.mono_ms, "a deadline that never passes");
            self.now = self.now.after(at - self.now.mono_ms);
            self.deriver.handle_timeout(self.now);
            self.look();
        }
        self.now = self.now.after(end - self.now.mono_ms);
    }

    fn look(&mut self) {
        let view = self.deriver.view();
        let last = self.seen.last();
        if last.is_none_or(|(_, shown, banner)| (*shown, *banner) != (view.shown, view.banner)) {
            self.seen.push((self.now.mono_ms, view.shown, view.banner));
        }
    }

    /// The states shown since the last call, with times counted from now on.
    fn take(&mut self) -> Vec<(u64, ShownState, Option<Banner>)> {
        let last = self.seen.last().copied();
        let seen = std::mem::take(&mut self.seen);
        self.seen.extend(last);
        seen
    }

    /// Changes after `start`, as offsets from it.
    fn changes_since(&mut self, start: u64) -> Vec<(u64, ShownState, Option<Banner>)> {
        let seen = self.take();
        let later = seen.into_iter().filter(|(at, ..)| *at >= start);
        later
            .map(|(at, shown, banner)| (at - start, shown, banner))
            .collect()
    }
}

#[test]
fn a_quick_first_connection_is_starting_and_then_live() {
    let mut screen = Screen::connecting();
    screen.run(300);
    screen.heal();
    screen.run(60_000);
    assert_eq!(
        screen.take(),
        [
            (0, ShownState::Starting, None),
            (300, ShownState::Live, None)
        ]
    );
}

#[test]
fn a_slow_first_connection_counts_as_a_drop_after_four_seconds() {
    let mut screen = Screen::connecting();
    screen.run(20_000);
    assert_eq!(
        screen.take(),
        [
            (0, ShownState::Starting, None),
            (4000, ShownState::Reconnecting, None),
            (10_000, ShownState::Paused, Some(Banner::Paused)),
        ]
    );
}

#[test]
fn a_long_drop_shows_in_steps_from_the_first_drop_and_ends_with_back_live() {
    let mut screen = Screen::live();
    screen.drop_connection();
    // Retries on the way do not start the clock again.
    for _ in 0..35 {
        screen.run(1000);
        screen.notify(|facts| {
            facts.attempts += 1;
            facts.connection = State::Reconnecting {
                attempt: facts.attempts,
                retry_at: None,
                why: Cause::default(),
            };
        });
        screen.run(1000);
        let retry_at = screen.now.mono_ms + 1000;
        screen.notify(|facts| facts.connection = waiting(retry_at));
    }
    screen.notify(|facts| facts.changes_applied += 14);
    screen.heal();
    screen.run(60_000);
    assert_eq!(
        screen.changes_since(100_000),
        [
            (4000, ShownState::Reconnecting, None),
            (10_000, ShownState::Paused, Some(Banner::Paused)),
            (60_000, ShownState::Unreachable, Some(Banner::Unreachable)),
            (70_000, ShownState::Live, Some(Banner::Back { updates: 14 })),
            (74_000, ShownState::Live, None),
        ]
    );
}

#[test]
fn flapping_one_second_in_every_three_shows_nothing() {
    let mut screen = Screen::live();
    for _ in 0..20 {
        screen.drop_connection();
        screen.run(1000);
        screen.heal();
        screen.run(2000);
    }
    assert_eq!(screen.changes_since(100_000), []);
}

#[test]
fn each_state_stays_for_two_seconds() {
    let mut screen = Screen::live();
    screen.drop_connection();
    screen.run(4500);
    screen.heal();
    screen.run(100);
    screen.drop_connection();
    screen.run(200);
    screen.heal();
    screen.run(10_000);
    assert_eq!(
        screen.changes_since(100_000),
        [
            (4000, ShownState::Reconnecting, None),
            (6000, ShownState::Live, None),
        ]
    );
}

/// Within two seconds of a change nothing else is shown; then the worst state that is true, whatever came and went
/// meanwhile.
#[test]
fn of_several_changes_within_two_seconds_the_worst_true_state_is_shown() {
    let suspended = |facts: &mut Facts| {
        facts.connection = State::Error {
            why: ConnectionFault::Suspended { retry_at: 900_000 },
        };
    };
    // Each with its time after "reconnecting" was shown, and the state two seconds after that.
    type Story = [(u64, fn(&mut Facts)); 2];
    let stories: [(Story, ShownState); 5] = [
        (
            [(500, |facts| facts.offline = true), (1000, suspended)],
            ShownState::Offline,
        ),
        (
            [(500, suspended), (1000, |facts| facts.offline = true)],
            ShownState::Offline,
        ),
        (
            [(500, suspended), (1000, |facts| facts.poll_works = true)],
            ShownState::Delayed,
        ),
        (
            [
                (500, |facts| facts.offline = true),
                (1000, |facts| facts.offline = false),
            ],
            ShownState::Reconnecting,
        ),
        (
            [
                (500, |facts| facts.offline = true),
                (1000, |facts| facts.poll_works = true),
            ],
            ShownState::Offline,
        ),
    ];
    for (story, shown) in stories {
        let mut screen = Screen::live();
        screen.drop_connection();
        screen.run(4000);
        screen.take();
        let began_at = screen.now.mono_ms;
        for (at, change) in story {
            screen.run(began_at + at - screen.now.mono_ms);
            screen.notify(change);
            assert_eq!(screen.deriver.view().shown, ShownState::Reconnecting);
        }
        screen.run(began_at + 1999 - screen.now.mono_ms);
        assert_eq!(screen.deriver.view().shown, ShownState::Reconnecting);
        screen.run(1);
        assert_eq!(screen.deriver.view().shown, shown, "{story:?}");
    }
}

#[test]
fn polling_that_works_is_delayed_and_no_reason_for_a_banner() {
    let mut screen = Screen::live();
    screen.drop_connection();
    screen.run(3100);
    screen.notify(|facts| {
        facts.poll_works = true;
        facts.poll_interval_ms = Some(15_000);
    });
    screen.run(100_000);
    assert_eq!(screen.deriver.view().mode, Mode::Polling);
    screen.notify(|facts| facts.poll_works = false);
    screen.run(5000);
    assert_eq!(
        screen.changes_since(100_000),
        [
            (4000, ShownState::Delayed, None),
            (103_100, ShownState::Unreachable, Some(Banner::Unreachable)),
        ]
    );
}

#[test]
fn a_server_that_answers_anything_is_not_unreachable() {
    let mut screen = Screen::live();
    screen.drop_connection();
    for _ in 0..20 {
        screen.run(15_000);
        screen.deriver.answered(screen.now);
    }
    assert_eq!(screen.deriver.view().shown, ShownState::Paused);
    screen.run(59_000);
    assert_eq!(screen.deriver.view().shown, ShownState::Paused);
    screen.run(1000);
    assert_eq!(screen.deriver.view().shown, ShownState::Unreachable);
}

#[test]
fn an_answer_in_place_of_the_servers_is_said_until_the_server_answers() {
    let mut screen = Screen::live();
    // While all is well, one such answer means nothing, then and later.
    screen.deriver.intercepted();
    screen.drop_connection();
    screen.run(11_000);
    assert_eq!(screen.deriver.view().banner, Some(Banner::Paused));
    screen.deriver.intercepted();
    screen.run(2000);
    screen.notify(|facts| facts.attempts += 1);
    let view = screen.deriver.view();
    assert_eq!(view.shown, ShownState::Unreachable);
    assert_eq!(view.banner, Some(Banner::Intercepted));
    screen.deriver.answered(screen.now);
    screen.run(2000);
    screen.notify(|facts| facts.attempts += 1);
    let view = screen.deriver.view();
    assert_eq!(view.shown, ShownState::Paused);
    assert_eq!(view.banner, Some(Banner::Paused));
}

#[test]
fn a_suspended_connection_is_unreachable() {
    let mut screen = Screen::live();
    screen.drop_connection();
    screen.run(20_000);
    screen.notify(|facts| {
        facts.connection = State::Error {
            why: ConnectionFault::Suspended { retry_at: 500_000 },
        };
    });
    let view = screen.deriver.view();
    assert_eq!(view.shown, ShownState::Unreachable);
    assert_eq!(view.attempts.next_at_ms, Some(500_000));
}

#[test]
fn being_offline_shows_as_soon_as_it_is_verified() {
    let mut screen = Screen::live();
    screen.drop_connection();
    screen.run(1200);
    screen.notify(|facts| facts.offline = true);
    screen.run(30_000);
    screen.notify(|facts| facts.offline = false);
    screen.run(500);
    screen.heal();
    screen.run(10_000);
    assert_eq!(
        screen.changes_since(100_000),
        [
            (1200, ShownState::Offline, Some(Banner::Offline)),
            (31_200, ShownState::Paused, Some(Banner::Paused)),
            (33_200, ShownState::Live, Some(Banner::Back { updates: 0 })),
            (37_200, ShownState::Live, None),
        ]
    );
}

#[test]
fn the_users_own_switch_shows_at_once_and_without_a_banner() {
    let mut screen = Screen::live();
    screen.notify(|facts| {
        facts.live = false;
        facts.switched_off = true;
        facts.connection = State::Disconnected {
            why: OffReason::SwitchedOff,
        };
    });
    screen.run(500_000);
    assert_eq!(
        screen.changes_since(100_000),
        [(0, ShownState::Paused, None)]
    );
    screen.notify(|facts| {
        facts.switched_off = false;
        facts.connection = State::Connecting { attempt: 1 };
    });
    screen.run(300);
    screen.heal();
    screen.run(10_000);
    assert_eq!(
        screen.changes_since(600_000),
        [
            (0, ShownState::Starting, None),
            (300, ShownState::Live, None)
        ]
    );
}

#[test]
fn the_end_of_the_session_shows_at_once_and_cannot_be_hidden() {
    let mut screen = Screen::live();
    screen.notify(|facts| {
        facts.live = false;
        facts.connection = State::Disconnected {
            why: OffReason::SessionEnded,
        };
    });
    screen.deriver.hide_banner(screen.now);
    screen.run(100_000);
    assert_eq!(
        screen.changes_since(100_000),
        [(0, ShownState::SignedOut, Some(Banner::SignedOut))]
    );
}

#[test]
fn a_final_rejection_never_says_that_it_reconnects() {
    let mut screen = Screen::live();
    screen.notify(|facts| {
        facts.live = false;
        facts.connection = State::Error {
            why: ConnectionFault::Terminal(TerminalReason::Limit),
        };
    });
    screen.run(20_000);
    assert_eq!(
        screen.changes_since(100_000),
        [
            (4000, ShownState::Paused, None),
            (10_000, ShownState::Paused, Some(Banner::Paused)),
        ]
    );
    let view = screen.deriver.view();
    assert_eq!(view.terminal, Some(TerminalReason::Limit));
    assert!(view.error.is_some());
}

#[test]
fn a_hidden_banner_comes_back_only_for_something_worse_or_a_new_episode() {
    let mut screen = Screen::live();
    screen.drop_connection();
    screen.run(12_000);
    screen.deriver.hide_banner(screen.now);
    screen.look();
    screen.run(8000);
    screen.heal();
    screen.run(59_000);
    screen.drop_connection();
    screen.run(30_000);
    screen.notify(|facts| facts.offline = true);
    screen.run(5000);
    screen.heal();
    screen.run(61_000);
    screen.drop_connection();
    screen.run(10_000);
    let banners: Vec<_> = screen
        .changes_since(100_000)
        .into_iter()
        .filter_map(|(at, _, banner)| Some((at, banner?)))
        .collect();
    assert_eq!(
        banners,
        [
            (10_000, Banner::Paused),
            (109_000, Banner::Offline),
            (114_000, Banner::Back { updates: 0 }),
            (185_000, Banner::Paused),
        ]
    );
}

#[test]
fn an_attempt_shows_for_long_enough_to_be_seen() {
    let mut screen = Screen::live();
    screen.drop_connection();
    screen.run(20_000);
    screen.notify(|facts| {
        facts.connection = State::Reconnecting {
            attempt: 9,
            retry_at: None,
            why: Cause::default(),
        };
    });
    screen.notify(|facts| facts.connection = waiting(150_000));
    let view = screen.deriver.view();
    assert!(view.attempts.in_flight && view.attempts.next_at_ms.is_none());
    screen.run(600);
    let view = screen.deriver.view();
    assert!(!view.attempts.in_flight);
    assert_eq!(view.attempts.next_at_ms, Some(150_000));
}

#[test]
fn the_last_heartbeat_shows_within_a_second_but_not_for_every_event() {
    let mut screen = Screen::live();
    screen.deriver.take_changed();
    let mut notified = 0;
    for _ in 0..500 {
        screen.run(10);
        let now = screen.now;
        screen.deriver.answered(now);
        screen.deriver.set_heartbeat(Some(now));
        screen.notify(|facts| facts.changes_applied += 1);
        let view = screen.deriver.view();
        let shown = view.last_heartbeat.unwrap_or_default();
        assert!(now.since(shown) <= 1000);
        notified += u32::from(screen.deriver.take_changed());
    }
    assert!((4..=6).contains(&notified), "{notified}");
    screen.run(1000);
    let shown = screen.deriver.view().last_heartbeat;
    assert_eq!(shown.map(|shown| shown.after(1000)), Some(screen.now));
    // A frame that arrives while the data may be behind proves nothing about them.
    screen.drop_connection();
    screen.run(5000);
    screen.deriver.answered(screen.now);
    screen.notify(|facts| facts.attempts += 1);
    assert_eq!(screen.deriver.view().last_heartbeat, shown);
    screen.deriver.set_heartbeat(Some(screen.now));
    screen.notify(|facts| facts.attempts += 1);
    assert_eq!(screen.deriver.view().last_heartbeat, Some(screen.now));
}

#[test]
fn the_same_view_is_the_same_pointer() {
    let mut screen = Screen::live();
    let before = screen.deriver.view();
    screen.deriver.take_changed();
    screen.notify(|_| ());
    screen.run(100_000);
    assert!(std::rc::Rc::ptr_eq(&before, &screen.deriver.view()));
    assert!(!screen.deriver.take_changed());
}
