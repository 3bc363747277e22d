//! One number for everything that makes a difference to what follows: runs that came to the same number go on alike.
//!
//! It is made of the `Debug` output of the simulation, so that a new field is included by itself: simulation, fixture,
//! store and server are taken apart whole, and what is left out is named with the reason. Before that, the past is put to
//! one value in the simulation itself ([`Sim::forget_past`]). Times are written so that the same state gives the same
//! number whenever it is met:
//!
//! - A time of the deadlines' clock is written as its distance from now. All that lies behind for longer than the store
//!   remembers for its timing is the same.
//! - A time of the wall clock that has passed is written only as passed: the store asks how long ago something was first
//!   sent, in hours; no run takes that long.
//! - A timestamp of a row is written as its index among all such timestamps: they are compared with each other and, when
//!   a row is made, with now.

use std::fmt::{Debug, Write};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use sync_engine::event::Event;
use sync_engine::time::Now;
use sync_protocol::Timestamp;

use super::sim::{Late, MEMORY_MS, Sim};
use crate::fixture::Fixture;
use crate::server::Server;

/// As in `2026-11-23T10:00:00.000Z`; the order of the texts is the order of the timestamps.
type Instant = [u8; 24];

/// The fingerprint of a part that stays the same for a while, so that it is not written at each step.
#[derive(Debug)]
pub(super) struct PartPrint {
    number: u64,
    /// The timestamps in it, in the order in which it names them.
    instants: Vec<Instant>,
}

impl PartPrint {
    /// Of a part without times of a clock.
    pub(super) fn of(part: &dyn Debug) -> Self {
        let mut text = Text::new(Now::default());
        text.add(part);
        text.part_print()
    }

    /// Of a server, apart from its clock, and of all its commits.
    pub(super) fn of_server(server: &Server, commits: &[Rc<[Event]>]) -> Self {
        let Server {
            epoch,
            version,
            versions,
            favorites,
            orders,
            downloads,
            activity,
            stats,
            outcomes,
            now_ms: _,
            reject,
            quota,
            effects,
            effects_of,
        } = server;
        let lists = (favorites, orders, downloads, activity, stats);
        let rest = (reject, quota, effects, effects_of);
        Self::of(&(epoch, version, versions, lists, outcomes, rest, commits))
    }
}

/// The number of a simulation.
pub(super) fn of(sim: &Sim) -> u64 {
    let Sim {
        fixture,
        actions: _, // Those of the story.
        acted,
        commits: _, // In `server_print`.
        server_print,
        late,
        shown: _,    // Read from the store after each step.
        asked: _,    // Empty between steps.
        failures: _, // As in the store.
        same_time,
        elsewhere,
        left,
    } = sim;
    // The rest of the fixture counts what the store has emitted, for tests of that.
    let Fixture {
        store,
        server,
        now,
        calls,
        ids,
        ..
    } = fixture;
    let mut text = Text::new(*now);
    text.add(&store.state());
    text.add(&(acted, calls, ids, same_time, elsewhere, left));
    text.wall(server.now_ms);
    text.add_part(server_print);
    for Late {
        call,
        reply: _,
        print,
    } in late
    {
        text.add(call);
        text.add_part(print);
    }
    text.number()
}

/// A text in which times are relative to now.
struct Text {
    now: Now,
    text: String,
    instants: Vec<Instant>,
}

impl Text {
    fn new(now: Now) -> Self {
        Self {
            now,
            text: String::with_capacity(1 << 15),
            instants: Vec::with_capacity(1 << 8),
        }
    }

    fn add(&mut self, part: &dyn Debug) {
        write!(self, "{part:?} ").expect("a text takes everything");
    }

    fn add_part(&mut self, print: &PartPrint) {
        self.add(&print.number);
        self.instants.extend(&print.instants);
    }

    /// A time of the deadlines' clock.
    fn tick(&mut self, ms: u64) {
        let now = self.now.mono_ms;
        if ms > now {
            self.text.push('+');
        }
        let distance = if ms > now {
            ms - now
        } else {
            (now - ms).min(MEMORY_MS)
        };
        self.text.push_str(&distance.to_string());
    }

    /// A time of the wall clock.
    fn wall(&mut self, ms: i64) {
        let ahead = (ms - self.now.wall_ms).max(0);
        self.text.push_str(&ahead.to_string());
    }

    fn part_print(self) -> PartPrint {
        let mut hasher = DefaultHasher::new();
        self.text.hash(&mut hasher);
        PartPrint {
            number: hasher.finish(),
            instants: self.instants,
        }
    }

    fn number(self) -> u64 {
        let now = Timestamp::from_unix_ms(self.now.wall_ms).0;
        let mut sorted = self.instants.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let mut hasher = DefaultHasher::new();
        self.text.hash(&mut hasher);
        for instant in &self.instants {
            sorted.binary_search(instant).hash(&mut hasher);
        }
        // The next row carries this time, or the newest timestamp if that is later.
        for instant in sorted
            .iter()
            .filter(|instant| instant[..] >= *now.as_bytes())
        {
            let text = String::from_utf8_lossy(instant).into_owned();
            let at = Timestamp(text).to_unix_ms();
            at.map(|at| at - self.now.wall_ms).hash(&mut hasher);
        }
        hasher.finish()
    }
}

impl Write for Text {
    /// Each number and each timestamp comes in one piece.
    fn write_str(&mut self, piece: &str) -> std::fmt::Result {
        let bytes = piece.as_bytes();
        let is_number = || bytes.iter().all(u8::is_ascii_digit);
        match bytes.len() {
            7 if is_number() => self.tick(piece.parse().expect("seven digits")),
            13 if is_number() => self.wall(piece.parse().expect("thirteen digits")),
            24 if piece.starts_with("2026-") => {
                self.instants.push(bytes.try_into().expect("24 bytes"));
                self.text.push('@');
            }
            _ => self.text.push_str(piece),
        }
        Ok(())
    }
}
