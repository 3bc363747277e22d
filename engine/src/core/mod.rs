//! The engine as the outside sees it: session, poller, scheduler, store and catalog joined.
//!
//! How to drive it. Give what happened to one `handle_*` method or state a mutation by a plain verb, always with the time;
//! then take outputs with [`Core::poll_output`] until there are none; then set one alarm for [`Core::next_deadline`]
//! and call [`Core::handle_timeout`] when it rings (late or early is harmless). Reads may be made at any time between.
//!
//! The parts do not know each other. What one says to another passes through `wiring` and its neighbours, the only place that knows them all.

mod store_outputs;
mod io;
mod derive_status;
mod latency;
mod freshness;
mod reads;
mod channels;
#[cfg(test)]
mod tests;
mod dispatch;
mod commands;

use std::collections::VecDeque;

use dashboard_protocol::{Resource, User};

use latency::Unpainted;
use freshness::Freshness;

pub use io::{Applied, NewMutation, CoreOutput, PageSignal, SocketEvent, StatusChange};

use crate::catalog::Catalog;
use crate::flat::FlatSet;
use crate::http::{HttpFailure, HttpResult, RequestId};
use crate::topics::Topics;
use crate::metrics::Metrics;
use crate::poll::{self, Poller};
use crate::scheduler::Scheduler;
use crate::connection::{self, Connection};
use crate::settings::Settings;
use crate::status::StatusDeriver;
use crate::store::Store;
use crate::time::{Now, earliest};

/// The part that a call belongs to; told by the call's id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Part {
    Connection,
    Store,
    Catalog,
}

impl Part {
    const ALL: [Self; 3] = [Self::Connection, Self::Store, Self::Catalog];

    const fn request(self, local: u64) -> RequestId {
        RequestId(local * Self::ALL.len() as u64 + self as u64)
    }

    fn of(request: RequestId) -> (Self, u64) {
        let parts = Self::ALL.len() as u64;
        let part = match request.0 % parts {
            0 => Self::Connection,
            1 => Self::Store,
            _ => Self::Catalog,
        };
        (part, request.0 / parts)
    }
}

/// The engine. See the module's documentation.
#[derive(Debug)]
pub struct Core {
    user: Option<User>,
    topics: Topics,
    connection: Connection,
    poller: Poller,
    scheduler: Scheduler,
    store: Store,
    catalog: Catalog,
    status: StatusDeriver,
    metrics: Metrics,
    unpainted: Unpainted,
    /// Resources whose stream has begun, or lost something, and that have not been read since.
    recovering: FlatSet<Resource>,
    freshness: Freshness,
    /// What the poll under way asks for and has not read; empty if none is.
    polled: FlatSet<Resource>,
    /// Whether the connection was live when it was last looked at.
    was_live: bool,
    /// Whether there was no connection since it was last live.
    was_lost: bool,
    /// When calls that were answered with 401 may go on, and when they last did, by `Now::mono_ms`.
    resume_at: Option<u64>,
    resumed_at: Option<u64>,
    /// Changes from the server that were applied since the start.
    changes_applied: u64,
    outputs: VecDeque<CoreOutput>,
}

impl Core {
    /// An engine at rest. `seed` spreads its retries apart from those of others; nothing happens before
    /// [`Self::sign_in`].
    #[must_use]
    pub fn new(settings: &Settings, seed: u64) -> Self {
        Self {
            user: None,
            topics: Topics::default(),
            connection: Connection::new(settings, seed),
            poller: Poller::new(settings, seed.wrapping_add(1)),
            scheduler: Scheduler::new(settings),
            store: Store::new(settings, seed.wrapping_add(2)),
            catalog: Catalog::new(settings, seed.wrapping_add(3)),
            status: StatusDeriver::new(),
            metrics: Metrics::default(),
            unpainted: Unpainted::default(),
            recovering: FlatSet::new(),
            freshness: Freshness::default(),
            polled: FlatSet::new(),
            was_live: false,
            was_lost: false,
            resume_at: None,
            resumed_at: None,
            changes_applied: 0,
            outputs: VecDeque::new(),
        }
    }

    // What happened.

    /// A socket's event. One of an older generation is ignored.
    pub fn handle_socket(&mut self, now: Now, generation: u64, event: SocketEvent) {
        self.connection
            .handle(now, connection::ConnectionInput::Socket { generation, event });
        self.drain(now);
    }

    /// The result of a call. That of one which was given up is ignored.
    pub fn handle_http(&mut self, now: Now, id: RequestId, result: HttpResult) {
        let (part, id) = Part::of(id);
        let is_answer = result.is_ok();
        if result.as_ref().err().is_none_or(HttpFailure::was_answered) {
            self.status.answered(now);
        }
        match part {
            Part::Connection => {
                let is_signed_out = result.as_ref().is_err_and(HttpFailure::is_unauthenticated);
                self.connection
                    .handle(now, connection::ConnectionInput::Http { id, result });
                if !is_signed_out {
                    self.resume_calls(now);
                }
            }
            Part::Store => self.store_http(now, id, result),
            Part::Catalog => self.catalog.handle_http(now, id, result),
        }
        if is_answer && part != Part::Connection {
            self.connection.handle(now, connection::ConnectionInput::HttpAnswered);
        }
        if is_answer && part != Part::Store {
            self.store.handle_answered(now);
        }
        self.drain(now);
    }

    /// The page noticed something.
    pub fn handle_page(&mut self, now: Now, signal: PageSignal) {
        self.connection.handle(now, connection::ConnectionInput::Page(signal));
        match signal {
            PageSignal::Visible | PageSignal::Hidden => {
                let is_visible = signal == PageSignal::Visible;
                self.scheduler.set_visible(now, is_visible);
                self.set_painted(is_visible);
                self.poller.handle(now, poll::PollInput::Visible(is_visible));
            }
            PageSignal::Online
            | PageSignal::Offline
            | PageSignal::Focus
            | PageSignal::Resumed
            | PageSignal::Restored => {}
        }
        if !matches!(signal, PageSignal::Hidden | PageSignal::Offline) {
            self.poller.handle(now, poll::PollInput::Wake);
            self.catalog.on_focus(now);
        }
        self.drain(now);
    }

    /// The alarm rang; harmless if it rang early or late.
    pub fn handle_timeout(&mut self, now: Now) {
        self.connection.handle_timeout(now);
        self.topics.handle_timeout(now);
        self.poller.handle_timeout(now);
        self.scheduler.handle_timeout(now);
        self.store.handle_timeout(now);
        self.catalog.handle_timeout(now);
        self.status.handle_timeout(now);
        if self.resume_at.is_some_and(|at| at <= now.mono_ms) {
            self.resume_calls(now);
        }
        self.metrics.handle_timeout(now);
        self.drain(now);
    }

    // What to do.

    /// The next thing that the outside has to do.
    pub fn poll_output(&mut self) -> Option<CoreOutput> {
        self.outputs.pop_front()
    }

    /// When [`Self::handle_timeout`] is wanted next, by [`Now::mono_ms`].
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        [
            self.connection.next_deadline(),
            self.topics.next_deadline(),
            self.poller.next_deadline(),
            self.scheduler.next_deadline(),
            self.store.next_deadline(),
            self.catalog.next_deadline(),
            self.status.next_deadline(),
            self.metrics.next_deadline(),
            self.resume_at,
        ]
        .into_iter()
        .fold(None, earliest)
    }

    /// The resources that the screen needs now.
    fn active_resources(&self) -> Vec<Resource> {
        self.topics.active().resources.into_keys().collect()
    }
}
