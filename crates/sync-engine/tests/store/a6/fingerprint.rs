//! One number for all that can make a difference to what comes: runs that came to the same number go on alike.
//!
//! It is made of everything in the world, as its `Debug` tells it, so that a field that is new is in it by itself: the
//! world, the bench, the store and the server are taken apart whole, and what is left out is named there with the reason.
//! What is past is put to one value before, in the world itself (`past.rs`). Moments are told so that the same state is
//! the same number whenever it is met:
//!
//! - A time of the clock of deadlines, as its distance from now. What lies behind for longer than anything is remembered
//!   for its timing is all the same.
//! - A time of the wall clock that has passed, only as passed: the store asks how long ago something was first sent, and
//!   that in hours; no run is so long.
//! - A moment that a row carries, as its place among all such moments: they are compared with each other and, when a row
//!   is made, with now.

use std::fmt::{Debug, Write};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use dashboard_protocol::{Event, Timestamp};

use super::super::bench::Bench;
use super::super::server::Server;
use super::sim::{Late, WHILE_MS, Sim};
use crate::store::Store;
use crate::time::Now;

/// As in `2026-11-23T10:00:00.000Z`; the order of the texts is the order of the moments.
type Moment = [u8; 24];

/// What a fingerprint has of a part that does not change for some time.
#[derive(Debug)]
pub(super) struct Notified {
    number: u64,
    /// The moments in it, in the order in which it names them.
    moments: Vec<Moment>,
}

impl Notified {
    /// Of a part without times of a clock.
    pub(super) fn of(part: &dyn Debug) -> Self {
        let mut telling = Telling::new(Now::default());
        telling.add(part);
        telling.notified()
    }

    /// Of a server, apart from its clock, and of all that it did.
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

/// The number of a world.
pub(super) fn of(sim: &Sim) -> u64 {
    let Sim {
        bench,
        batch_ids: _, // Those of the story.
        acted,
        commits: _, // In `notified`.
        notified,
        late,
        shown: _,    // Read from the store after each step.
        asked: _,    // Empty between steps.
        failures: _, // As in the store.
        moments,
        elsewhere,
        left,
    } = sim;
    // The rest of the bench counts what the store has told, for tests of that.
    let Bench {
        store,
        server,
        now,
        calls,
        ids,
        ..
    } = bench;
    let mut telling = Telling::new(*now);
    telling.add_store(store);
    telling.add(&(acted, calls, ids, moments, elsewhere, left));
    telling.wall(server.now_ms);
    telling.add_notified(notified);
    for Late {
        call,
        reply: _,
        notified,
    } in late
    {
        telling.add(call);
        telling.add_notified(notified);
    }
    telling.number()
}

/// A text in which moments are relative to now.
struct Telling {
    now: Now,
    text: String,
    moments: Vec<Moment>,
}

impl Telling {
    fn new(now: Now) -> Self {
        Self {
            now,
            text: String::with_capacity(1 << 15),
            moments: Vec::with_capacity(1 << 8),
        }
    }

    fn add(&mut self, part: &dyn Debug) {
        write!(self, "{part:?} ").expect("a text takes everything");
    }

    fn add_notified(&mut self, notified: &Notified) {
        self.add(&notified.number);
        self.moments.extend(&notified.moments);
    }

    fn add_store(&mut self, store: &Store) {
        let Store {
            page_size,
            random,
            now: _, // That of the bench.
            user,
            paused,
            signed_out,
            base,
            past_epochs,
            epoch_read,
            inbox,
            live,
            log,
            batches,
            sent_favorites,
            ordered,
            saved: _, // For who takes something back, which is no step.
            failures,
            fetches,
            views: _, // Folded from the rest, as was checked.
            favorite_states,
            applied,
            outputs,
            requests,
            batch_ids,
        } = store;
        self.add(&(page_size, random, user, paused, signed_out));
        self.add(&(base, past_epochs, epoch_read, inbox, live, log));
        self.add(&(batches, sent_favorites, ordered, failures, fetches));
        self.add(&(favorite_states, applied, outputs, requests, batch_ids));
    }

    /// A time of the clock of deadlines.
    fn tick(&mut self, ms: u64) {
        let now = self.now.mono_ms;
        if ms > now {
            self.text.push('+');
        }
        let distance = if ms > now {
            ms - now
        } else {
            (now - ms).min(WHILE_MS)
        };
        self.text.push_str(&distance.to_string());
    }

    /// A time of the wall clock.
    fn wall(&mut self, ms: i64) {
        let ahead = (ms - self.now.wall_ms).max(0);
        self.text.push_str(&ahead.to_string());
    }

    fn notified(self) -> Notified {
        let mut hasher = DefaultHasher::new();
        self.text.hash(&mut hasher);
        Notified {
            number: hasher.finish(),
            moments: self.moments,
        }
    }

    fn number(self) -> u64 {
        let now = Timestamp::from_unix_ms(self.now.wall_ms).0;
        let mut sorted = self.moments.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let mut hasher = DefaultHasher::new();
        self.text.hash(&mut hasher);
        for timestamp in &self.moments {
            sorted.binary_search(timestamp).hash(&mut hasher);
        }
        // A row that is made next carries this moment, or the newest if that is later.
        for timestamp in sorted.iter().filter(|timestamp| timestamp[..] >= *now.as_bytes()) {
            let timestamp = String::from_utf8_lossy(timestamp).into_owned();
            let at = Timestamp(timestamp).to_unix_ms();
            at.map(|at| at - self.now.wall_ms).hash(&mut hasher);
        }
        hasher.finish()
    }
}

impl Write for Telling {
    /// Each number and each moment comes in one piece.
    fn write_str(&mut self, piece: &str) -> std::fmt::Result {
        let bytes = piece.as_bytes();
        let is_number = || bytes.iter().all(u8::is_ascii_digit);
        match bytes.len() {
            7 if is_number() => self.tick(piece.parse().expect("seven digits")),
            13 if is_number() => self.wall(piece.parse().expect("thirteen digits")),
            24 if piece.starts_with("2026-") => {
                self.moments.push(bytes.try_into().expect("24 bytes"));
                self.text.push('@');
            }
            _ => self.text.push_str(piece),
        }
        Ok(())
    }
}
