//! Server state, the user's pending mutations on top, and the views of both.
//!
//! What is shown of a resource is always the last known server state with the mutations that it does not include yet
//! applied to it in order. Events move the server state on, one commit at a time; snapshots replace it; a mutation stops
//! being pending when the server state has reached its commit. Nothing is ever restored from a saved copy.
//!
//! How to drive it: give what happened to one `handle_*` method or call a plain verb, with the time; take outputs with
//! [`Store::poll_output`] until there are none; call [`Store::handle_timeout`] at [`Store::next_deadline`].

mod cancel;
mod commit;
mod entity_views;
mod events;
mod export;
mod failures;
mod feeds;
mod inbox;
mod mutate;
mod older;
mod outbox;
mod outcomes;
mod pages;
mod pending;
mod pending_mutations;
mod reads;
mod rebase;
mod send;
mod snapshots;
#[cfg(any(test, feature = "test-util"))]
mod test;
mod undo_history;
mod unknown;
mod views;

use std::collections::VecDeque;
use std::rc::Rc;

use sync_protocol::ProblemCode;

pub use self::export::{Export, ExportedMutation};
pub use self::inbox::COMMIT_WAIT_MS;
pub use self::mutate::Added;

use self::entity_views::EntityViews;
use self::failures::Failures;
use self::inbox::Inbox;
use self::outbox::Outbox;
use self::pending_mutations::PendingMutations;
use self::reads::Reads;
use self::undo_history::UndoHistory;
use self::views::Views;
use crate::event::Applied;
use crate::http::{HttpReply, HttpRequest, HttpResult};
use crate::map::Set;
use crate::metrics::Counter;
use crate::random::Random;
use crate::schema::{ResourceId, ResourceSet, Schema};
use crate::settings::Settings;
use crate::state::ServerState;
use crate::time::{Now, earliest};
use crate::view::Key;

/// Most epochs that are remembered as ended. There is rarely a second one.
const PAST_EPOCHS_MAX: usize = 16;

/// What the outside has to do, or may want to know.
#[derive(Clone, Debug, PartialEq)]
pub enum StoreOutput {
    /// Make a call and report its result under this id.
    Http {
        /// Which call; never used twice by one store.
        id: u64,
        /// The call.
        request: HttpRequest,
    },
    /// Abort a call: its result no longer matters.
    CancelHttp {
        /// Which call.
        id: u64,
    },
    /// A key's view changed.
    Changed(Key),
    /// A change was applied and is in the views.
    Applied(Applied),
    /// A read ended.
    FetchDone {
        /// What was read.
        resources: ResourceSet,
        /// When it was asked for.
        asked: Now,
        /// Whether it succeeded.
        ok: bool,
        /// When the server wants to be asked again, in milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// Something of a resource to count.
    Counted(Counter, ResourceId),
    /// A mutation was rolled back because the server rejected it, with its reason.
    RolledBack(ProblemCode),
    /// The server says that nobody is signed in; emitted once until [`Store::set_paused`] ends the pause.
    Unauthenticated,
}

/// Who is signed in, as far as the store needs to know.
#[derive(Clone, Debug, Default)]
struct Identity {
    user: Option<Rc<str>>,
    /// Whether nothing may be sent.
    paused: bool,
    /// Whether the server has said that nobody is signed in.
    signed_out: bool,
}

/// Epochs that have ended.
#[derive(Clone, Debug, Default)]
struct Epochs {
    past: Set<Rc<str>>,
    /// Reads before this one may be of an epoch that has ended.
    first_read: u64,
}

/// Versioned server state and the pending mutations of one user.
#[derive(Clone, Debug)]
pub struct Store {
    page_size: usize,
    random: Random,
    now: Now,
    /// How far the server's clock is ahead of this device's, in milliseconds.
    pub(crate) clock_offset_ms: i64,
    identity: Identity,
    server: ServerState,
    epochs: Epochs,
    inbox: Inbox,
    pending: PendingMutations,
    outbox: Outbox,
    reads: Reads,
    failures: Failures,
    history: UndoHistory,
    shown: Shown,
    io: Io,
}

/// Everything that is on screen.
#[derive(Clone, Debug)]
struct Shown {
    views: Views,
    entities: EntityViews,
}

/// What the store has to say, and numbers that are never used twice.
#[derive(Clone, Debug, Default)]
struct Io {
    queue: VecDeque<StoreOutput>,
    /// Changes that were applied: they come after the views that show them.
    applied: Vec<Applied>,
    requests: u64,
    batches: u64,
}

impl Io {
    fn push(&mut self, output: StoreOutput) {
        self.queue.push_back(output);
    }

    fn count(&mut self, counter: Counter, resource: ResourceId) {
        self.push(StoreOutput::Counted(counter, resource));
    }

    fn changed(&mut self, key: Key) {
        self.push(StoreOutput::Changed(key));
    }

    /// Makes a call. Returns its id.
    fn call(&mut self, request: HttpRequest) -> u64 {
        self.requests += 1;
        let id = self.requests;
        self.push(StoreOutput::Http { id, request });
        id
    }

    fn cancel(&mut self, id: u64) {
        self.push(StoreOutput::CancelHttp { id });
    }
}

impl Store {
    /// An empty store. `seed` spreads its retries; nothing happens before [`Self::sign_in`].
    #[must_use]
    pub fn new(schema: &Rc<Schema>, settings: &Settings, seed: u64) -> Self {
        Self {
            page_size: settings.page_size,
            random: Random::new(seed),
            now: Now::default(),
            clock_offset_ms: 0,
            identity: Identity::default(),
            server: ServerState::new(schema),
            epochs: Epochs::default(),
            inbox: Inbox::new(schema),
            pending: PendingMutations::default(),
            outbox: Outbox::default(),
            reads: Reads::new(schema),
            failures: Failures::default(),
            history: UndoHistory::default(),
            shown: Shown {
                views: Views::new(schema),
                entities: EntityViews::default(),
            },
            io: Io::default(),
        }
    }

    /// The application's schema.
    #[must_use]
    pub const fn schema(&self) -> &Rc<Schema> {
        &self.server.schema
    }

    /// Whether the known data belong to another user than this one.
    #[must_use]
    pub fn is_of_another(&self, user_id: &str) -> bool {
        let user = self.identity.user.as_deref();
        user.is_some_and(|user| user != user_id)
    }

    /// Somebody is signed in. The same user as before goes on where they were; another one starts from nothing.
    pub fn sign_in(&mut self, now: Now, user_id: &str) {
        self.now = now;
        if self.identity.user.as_deref() != Some(user_id) {
            self.clear();
            self.identity = Identity {
                user: Some(Rc::from(user_id)),
                ..Identity::default()
            };
            self.commit();
        } else if self.identity.signed_out {
            self.set_paused(now, false);
        }
    }

    /// The server says that the session is over: every call is aborted, and everything else stays as it is until somebody
    /// signs in. Known data are read again then, since no events arrive meanwhile.
    pub fn end_session(&mut self, now: Now) {
        self.now = now;
        if self.identity.user.is_none() {
            return;
        }
        (self.identity.signed_out, self.identity.paused) = (true, true);
        let known = self.server.loaded() | self.reads.busy();
        self.abort_reads();
        self.reads.want(known);
        self.inbox.clear_all();
        self.abort_in_flight();
        self.shown.views.dirty = self.schema().all_resources();
        self.commit();
    }

    /// The user signs out, or is to be forgotten: every call is aborted and nothing is kept.
    pub fn sign_out(&mut self, now: Now) {
        self.now = now;
        self.clear();
        (self.identity.user, self.identity.signed_out) = (None, false);
        self.commit();
    }

    /// Forgets everything of a user. Ids of calls go on growing, so that a late reply fits none.
    fn clear(&mut self) {
        self.abort_reads();
        self.abort_in_flight();
        self.outbox = Outbox::default();
        self.pending = PendingMutations::default();
        self.failures = Failures::default();
        self.history = UndoHistory::default();
        self.server = ServerState::new(&self.server.schema);
        self.epochs.past.clear();
        self.inbox.clear_all();
        self.io.applied.clear();
        self.forget_views();
    }

    /// The result of a call. Those of aborted calls, or of a user who has signed out, are ignored.
    pub fn handle_http(&mut self, now: Now, id: u64, result: HttpResult) {
        self.now = now;
        match result {
            Ok(HttpReply::Snapshot(snapshot)) => self.on_snapshot(id, Ok(snapshot)),
            Ok(HttpReply::Older(page)) => self.on_page(id, Ok(page)),
            Ok(HttpReply::Mutations(reply)) => self.on_mutations(id, Ok(reply)),
            // Not for a call of the store.
            Ok(HttpReply::Session(_) | HttpReply::Token(_) | HttpReply::Query(_)) => {}
            Err(failure) => {
                self.on_snapshot(id, Err(failure.clone()));
                self.on_page(id, Err(failure.clone()));
                self.on_mutations(id, Err(failure));
            }
        }
        self.apply_feed_log();
        self.retire();
        self.pump();
        self.commit();
    }

    /// The alarm rang; harmless if it rang early or late.
    pub fn handle_timeout(&mut self, now: Now) {
        self.now = now;
        if self.identity.user.is_none() {
            return;
        }
        self.apply_ready();
        // A gap whose read failed is read again in its time, not whenever the alarm rings for something else.
        let overdue = self.inbox.overdue(&self.server, now.mono_ms);
        self.reread(overdue - self.reads.retrying());
        self.snapshot_timeouts();
        self.page_timeouts();
        self.mutation_timeouts();
        self.apply_feed_log();
        self.retire();
        self.pump();
        self.commit();
    }

    /// When [`Self::handle_timeout`] is wanted next, by `Now::mono_ms`.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        let inbox = self.inbox.next_deadline(&self.server, self.reads.busy());
        let reads = self.reads.next_deadline(self.identity.paused);
        earliest(earliest(inbox, reads), self.send_deadline())
    }

    /// Nothing may be sent for now (no network, or the sign-in is being renewed), or everything may go on, under the
    /// same ids.
    pub fn set_paused(&mut self, now: Now, paused: bool) {
        self.now = now;
        self.identity.paused = paused;
        if !paused {
            self.identity.signed_out = false;
            self.reads.retry_due(now.mono_ms, true);
            self.resume_pages();
            self.outbox.connection_restored(now.mono_ms);
            self.pump();
        }
        self.commit();
    }

    /// The time by the server's clock, in milliseconds since 1970.
    const fn server_ms(&self) -> i64 {
        self.now.wall_ms.saturating_add(self.clock_offset_ms)
    }

    /// The epoch of the known data.
    #[must_use]
    pub fn epoch(&self) -> Option<Rc<str>> {
        self.server.epoch.clone()
    }

    /// The version of a resource, if its data are of the current epoch.
    #[must_use]
    pub fn version_of(&self, resource: ResourceId) -> Option<u64> {
        let known = self.server.version(resource);
        known.current.then_some(known.version)
    }

    /// How long the oldest pending mutation has been waiting, in milliseconds.
    #[must_use]
    pub fn oldest_pending_ms(&self, now: Now) -> Option<u64> {
        let pending = self.pending.iter();
        pending.map(|entry| now.since(entry.delivery.asked)).max()
    }

    /// The next thing that the outside has to do. Everything that became wanted since the last time goes into one
    /// request.
    pub fn poll_output(&mut self) -> Option<StoreOutput> {
        self.send_wanted();
        self.io.queue.pop_front()
    }

    /// Nobody is signed in: everything waits, and the outside is notified once.
    fn ask_for_sign_in(&mut self) {
        if !self.identity.signed_out {
            self.identity.signed_out = true;
            self.io.push(StoreOutput::Unauthenticated);
        }
        self.identity.paused = true;
    }

    /// Aborts every read.
    fn abort_reads(&mut self) {
        for id in self.reads.abort(&self.server.schema) {
            self.io.cancel(id);
        }
    }
}
