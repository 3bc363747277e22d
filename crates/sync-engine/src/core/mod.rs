//! The engine as the outside sees it: connection, poller, scheduler, store and queries joined.
//!
//! How to drive it. Give each event to a `handle_*` method and call a plain verb for each request of the user, always with
//! the time; then take outputs with [`Core::poll_output`] until there are none; then set one alarm for
//! [`Core::next_deadline`] and call [`Core::handle_timeout`] when it rings (late or early is harmless). Reads may be made at
//! any time between.
//!
//! The parts do not know each other. Every output of one part passes through `dispatch`, the only module that knows them
//! all.

mod channels;
mod commands;
mod derive_status;
mod dispatch;
mod freshness;
mod latency;
mod output;
mod reads;
mod session_check;
mod store_outputs;

use std::collections::VecDeque;
use std::rc::Rc;

use sync_protocol::User;

pub use output::CoreOutput;

use freshness::DataSync;
use latency::Unpainted;
use session_check::SessionCheck;

use crate::connection::{Connection, ConnectionInput};
use crate::http::{HttpFailure, HttpReply, HttpResult, RequestId};
use crate::io::{PageSignal, SocketEvent};
use crate::metrics::Metrics;
use crate::poll::Poller;
use crate::queries::Queries;
use crate::scheduler::Scheduler;
use crate::schema::Schema;
use crate::settings::Settings;
use crate::status::StatusDeriver;
use crate::store::Store;
use crate::time::{Now, earliest};
use crate::topics::Topics;
use crate::view::Key;

/// From this difference on, another offset of the server's clock is worth a new look at the ages, in milliseconds.
const CLOCK_CHANGE_MS_MIN: u64 = 1000;

/// The part that a call belongs to, by the call's id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Part {
    Connection,
    Store,
    Queries,
    Session,
}

impl Part {
    const ALL: [Self; 4] = [Self::Connection, Self::Store, Self::Queries, Self::Session];

    const fn request(self, local: u64) -> RequestId {
        RequestId(local * Self::ALL.len() as u64 + self as u64)
    }

    fn of(request: RequestId) -> (Self, u64) {
        let parts = Self::ALL.len() as u64;
        (Self::ALL[(request.0 % parts) as usize], request.0 / parts)
    }
}

/// The engine. See the module's documentation.
#[derive(Debug)]
pub struct Core {
    schema: Rc<Schema>,
    user: Option<User>,
    topics: Topics,
    connection: Connection,
    poller: Poller,
    scheduler: Scheduler,
    store: Store,
    queries: Queries,
    status: StatusDeriver,
    metrics: Metrics,
    unpainted: Unpainted,
    sync: DataSync,
    session_check: SessionCheck,
    outputs: VecDeque<CoreOutput>,
}

impl Core {
    /// An engine at rest, for an application's data. `seed` spreads its retries apart from those of others; nothing
    /// happens before [`Self::sign_in`].
    #[must_use]
    pub fn new(schema: &Rc<Schema>, settings: &Settings, seed: u64) -> Self {
        Self {
            schema: Rc::clone(schema),
            user: None,
            topics: Topics::default(),
            connection: Connection::new(settings, seed),
            poller: Poller::new(settings, seed.wrapping_add(1)),
            scheduler: Scheduler::new(schema, settings),
            store: Store::new(schema, settings, seed.wrapping_add(2)),
            queries: Queries::new(schema, settings, seed.wrapping_add(3)),
            status: StatusDeriver::new(settings.realtime),
            metrics: Metrics::default(),
            unpainted: Unpainted::default(),
            sync: DataSync::new(schema),
            session_check: SessionCheck::new(seed.wrapping_add(4)),
            outputs: VecDeque::new(),
        }
    }

    // Inputs.

    /// A socket's event. One of an older generation is ignored.
    pub fn handle_socket(&mut self, now: Now, generation: u64, event: SocketEvent) {
        let input = ConnectionInput::Socket { generation, event };
        self.connection.handle(now, input);
        self.drain(now);
    }

    /// Messages of a socket that arrived one after another, each with its time; no earlier than the last input's.
    pub fn handle_messages(&mut self, generation: u64, messages: Vec<(Now, String)>) {
        let Some(now) = messages.last().map(|(now, _)| *now) else {
            return;
        };
        for (now, text) in messages {
            let event = SocketEvent::Text(text);
            let input = ConnectionInput::Socket { generation, event };
            self.connection.handle(now, input);
            while let Some(output) = self.connection.poll_output() {
                self.pass_connection(now, output);
            }
        }
        self.drain(now);
    }

    /// The result of a call. That of an aborted call is ignored.
    pub fn handle_http(&mut self, now: Now, id: RequestId, result: HttpResult) {
        let (part, id) = Part::of(id);
        let result = self.of_own_session(part, result);
        let is_answer = result.is_ok();
        match &result {
            Err(HttpFailure::Malformed { .. }) => self.status.intercepted(),
            Err(HttpFailure::Network | HttpFailure::Timeout) => {}
            Err(HttpFailure::Status { .. }) | Ok(_) => self.status.answered(now),
        }
        match part {
            Part::Connection => {
                let is_signed_out = result.as_ref().is_err_and(HttpFailure::is_unauthenticated);
                self.connection
                    .handle(now, ConnectionInput::Http { id, result });
                self.set_clock_offset(self.connection.clock_offset_ms());
                if !is_signed_out {
                    self.resume_calls(now);
                }
            }
            Part::Store => self.store_http(now, id, result),
            Part::Queries => self.queries.handle_http(now, id, result),
            Part::Session => self.session_check_http(now, id, result),
        }
        if is_answer && part != Part::Connection {
            self.connection.handle(now, ConnectionInput::HttpAnswered);
        }
        if is_answer && part != Part::Store {
            self.store.handle_answered(now);
        }
        self.drain(now);
    }

    /// Somebody else may have signed in elsewhere in the same browser: then the user's own session is over.
    fn of_own_session(&self, part: Part, result: HttpResult) -> HttpResult {
        match (&self.user, &result) {
            (Some(user), Ok(HttpReply::Session(session)))
                if part == Part::Connection && session.user.id != user.id =>
            {
                Err(HttpFailure::UNAUTHENTICATED)
            }
            _ => result,
        }
    }

    /// The page noticed something.
    pub fn handle_page(&mut self, now: Now, signal: PageSignal) {
        self.connection.handle(now, ConnectionInput::Page(signal));
        if matches!(signal, PageSignal::Visible | PageSignal::Hidden) {
            let is_visible = signal == PageSignal::Visible;
            self.scheduler.set_visible(now, is_visible);
            self.poller.set_visible(now, is_visible);
            self.unpainted.hidden = !is_visible;
            if !is_visible {
                self.unpainted.events.clear();
                self.store.send_unsent(now);
            }
        }
        if !matches!(signal, PageSignal::Hidden | PageSignal::Offline) {
            self.poller.wake(now);
            self.queries.read_stale(now);
            self.wake_session_check(now);
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
        self.queries.handle_timeout(now);
        self.status.handle_timeout(now);
        self.session_check_timeout(now);
        let resume_at = self.session_check.resume_at;
        if resume_at.is_some_and(|at| at <= now.mono_ms) {
            self.resume_calls(now);
        }
        self.metrics.handle_timeout(now);
        self.drain(now);
    }

    /// The server may have named its time.
    fn set_clock_offset(&mut self, offset_ms: i64) {
        let former_ms = std::mem::replace(&mut self.store.clock_offset_ms, offset_ms);
        // The time that an answer was under way is no change of a clock.
        if former_ms.abs_diff(offset_ms) >= CLOCK_CHANGE_MS_MIN {
            self.outputs.push_back(CoreOutput::Changed(Key::Connection));
        }
    }

    // Outputs.

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
            self.queries.next_deadline(),
            self.status.next_deadline(),
            self.metrics.next_deadline(),
            self.session_check.fetcher.next_deadline(),
            self.session_check.resume_at,
        ]
        .into_iter()
        .fold(None, earliest)
    }
}
