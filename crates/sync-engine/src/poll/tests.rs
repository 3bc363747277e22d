//! The poller under virtual time.

use super::*;

/// A poller whose every poll is answered after 50 ms, if at all.
struct Bench {
    poller: Poller,
    now: Now,
    answer: Option<Result<(), Option<u64>>>,
    answer_at: Option<u64>,
    polls: Vec<u64>,
    aborted: usize,
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self {
            poller: Poller::new(&Settings::default(), 5),
            now: Now::default(),
            answer: Some(Ok(())),
            answer_at: None,
            polls: Vec::new(),
            aborted: 0,
        };
        bench.set_any(true);
        bench
    }

    fn down() -> Self {
        let mut bench = Self::new();
        bench.set_connectivity(Connectivity::Live);
        bench.set_connectivity(Connectivity::Down);
        bench
    }

    fn set_connectivity(&mut self, connectivity: Connectivity) {
        self.poller.set_connectivity(self.now, connectivity);
        self.drain();
    }

    fn set_any(&mut self, any: bool) {
        self.poller.set_any(self.now, any);
        self.drain();
    }

    fn set_visible(&mut self, visible: bool) {
        self.poller.set_visible(self.now, visible);
        self.drain();
    }

    fn wake(&mut self) {
        self.poller.wake(self.now);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.poller.poll_output() {
            match output {
                PollOutput::Poll => {
                    self.polls.push(self.now.mono_ms);
                    self.answer_at = self.answer.map(|_| self.now.mono_ms + 50);
                }
                PollOutput::Abort => {
                    self.aborted += 1;
                    self.answer_at = None;
                }
            }
        }
    }

    fn run(&mut self, ms: u64) {
        let end = self.now.mono_ms + ms;
        while let Some(at) =
            earliest(self.answer_at, self.poller.next_deadline()).filter(|at| *at <= end)
        {
            self.now = self.now.after(at.saturating_sub(self.now.mono_ms));
            if self.answer_at == Some(at) {
                self.answer_at = None;
                let answer = self.answer.expect("only then is one planned");
                self.poller.handle_answer(self.now, answer);
                self.drain();
            } else {
                self.poller.handle_timeout(self.now);
                self.drain();
            }
        }
        self.now = self.now.after(end - self.now.mono_ms);
    }

    fn waits(&self) -> Vec<u64> {
        self.polls
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .collect()
    }
}

#[test]
fn nothing_is_polled_while_the_connection_is_live() {
    let mut bench = Bench::new();
    bench.set_connectivity(Connectivity::Live);
    bench.wake();
    bench.run(1_000_000);
    assert!(bench.polls.is_empty());
}

#[test]
fn a_short_drop_is_not_polled() {
    let mut bench = Bench::down();
    bench.run(2900);
    bench.wake();
    bench.set_connectivity(Connectivity::Live);
    bench.run(100_000);
    assert!(bench.polls.is_empty());
}

#[test]
fn the_first_poll_comes_after_the_grace_and_then_one_each_interval() {
    let mut bench = Bench::down();
    bench.run(100_000);
    assert_eq!(bench.polls[0], GRACE_MS);
    assert!(bench.polls.len() >= 7);
    assert!(
        bench
            .waits()
            .iter()
            .all(|wait| (13_500..=15_050).contains(wait))
    );
    assert!(bench.poller.is_working());
}

#[test]
fn a_live_connection_stops_polling_before_the_next_tick() {
    let mut bench = Bench::down();
    bench.run(20_000);
    let polls = bench.polls.len();
    bench.set_connectivity(Connectivity::Live);
    bench.run(1_000_000);
    assert_eq!(bench.polls.len(), polls);
    assert_eq!(bench.poller.next_deadline(), None);
    assert!(!bench.poller.is_working());
}

#[test]
fn a_hidden_page_polls_once_a_minute_and_catches_up_when_shown() {
    let mut bench = Bench::down();
    bench.run(4000);
    bench.set_visible(false);
    bench.run(300_000);
    assert!(
        bench.waits().iter().all(|wait| *wait >= 54_000),
        "{:?}",
        bench.polls
    );
    bench.run(30_000);
    let polls = bench.polls.len();
    bench.set_visible(true);
    bench.run(60_000);
    assert!(bench.polls.len() >= polls + 3);
}

#[test]
fn failures_back_off_with_jitter_up_to_a_minute() {
    let mut bench = Bench::down();
    bench.answer = Some(Err(None));
    bench.run(600_000);
    let waits = bench.waits();
    assert!((7_500..=15_050).contains(&waits[0]));
    assert!(waits.iter().all(|wait| *wait <= 60_050));
    assert!(waits[4..].iter().all(|wait| *wait >= 30_000), "{waits:?}");
    bench.answer = Some(Ok(()));
    bench.run(200_000);
    assert!(bench.waits().last().is_some_and(|wait| *wait <= 15_050));
}

#[test]
fn the_server_says_when_to_come_again_and_no_wake_signal_overrides_it() {
    let mut bench = Bench::down();
    bench.answer = Some(Err(Some(120_000)));
    bench.run(10_000);
    bench.wake();
    bench.run(100_000);
    assert_eq!(bench.polls.len(), 1);
    bench.run(30_000);
    assert_eq!(bench.polls.len(), 2);
}

#[test]
fn a_poll_without_an_answer_is_aborted() {
    let mut bench = Bench::down();
    bench.answer = None;
    bench.run(10_000);
    assert_eq!((bench.polls.len(), bench.aborted), (1, 1));
    assert!(!bench.poller.is_working());
}

#[test]
fn a_wake_signal_polls_at_once_but_not_twice() {
    let mut bench = Bench::down();
    bench.run(10_000);
    bench.wake();
    bench.wake();
    bench.run(900);
    assert_eq!(bench.polls.len(), 2);
}

#[test]
fn polling_is_the_only_mode_where_there_is_no_live_connection() {
    let mut bench = Bench::new();
    bench.set_connectivity(Connectivity::Absent);
    bench.run(60_000);
    assert!(bench.polls.len() >= 4);
}

#[test]
fn switching_updates_off_stops_polling_and_aborts_the_poll_in_flight() {
    let mut bench = Bench::down();
    bench.answer = None;
    bench.run(3500);
    bench.set_connectivity(Connectivity::Off);
    bench.wake();
    bench.run(1_000_000);
    assert_eq!((bench.polls.len(), bench.aborted), (1, 1));
}

#[test]
fn nothing_on_screen_is_not_polled() {
    let mut bench = Bench::down();
    bench.set_any(false);
    bench.run(100_000);
    assert!(bench.polls.is_empty());
    bench.set_any(true);
    assert_eq!(bench.polls.len(), 1);
}

#[test]
fn many_clients_of_one_outage_drift_apart() {
    let fifth_polls = (0..1000).map(|seed| {
        let mut bench = Bench::new();
        bench.poller = Poller::new(&Settings::default(), seed);
        bench.set_any(true);
        bench.set_connectivity(Connectivity::Down);
        bench.run(75_000);
        bench.polls[4]
    });
    let seconds: std::collections::BTreeSet<_> = fifth_polls.map(|at| at / 1000).collect();
    assert!(seconds.len() >= 4, "{seconds:?}");
}
