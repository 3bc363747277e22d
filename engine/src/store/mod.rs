//! Server state, the user's changes on top, and what is shown of both.
//!
//! What is shown of a resource is always the last server state that is known (`base`) with the mutations that it does not
//! hold yet (`log`) applied to it in order. Events move the base on, one commit at a time; snapshots replace it; a mutation
//! leaves the log when the base has reached its commit. Nothing is ever put back from a saved copy.
//!
//! How to drive it: give what happened to one `handle_*` method or state a mutation by a plain verb, with the time; take
//! outputs with [`Store::poll_output`] until there are none; call [`Store::handle_timeout`] at [`Store::next_deadline`].

mod base;
mod optimistic_rows;
mod entry;
mod events;
mod export;
mod failures;
mod fetch;
mod rebase;
mod favorites;
mod inbox;
mod item;
mod list;
mod log;
mod catalog_updates;
mod older;
mod outbox;
mod batches;
mod resources;
mod rows;
mod saved;
mod snapshots;
#[cfg(test)]
mod tests;
mod undo;
mod unknown;
mod outcomes;
mod views;
mod mutate;

use std::collections::VecDeque;
use std::rc::Rc;

use dashboard_protocol::{Mutation, ProblemCode, Resource};

pub use self::export::{Export, Record};

use self::base::Base;
use self::entry::Entity;
use self::failures::Failures;
use self::fetch::Fetches;
use self::favorites::FavoriteStates;
use self::inbox::Inbox;
use self::log::Log;
use self::batches::MutationBatches;
use self::resources::ResourceSet;
use self::saved::Saved;
use self::views::Views;
use crate::core::Applied;
use crate::flat::{FlatMap, FlatSet};
use crate::http::{HttpFailure, HttpReply, HttpRequest, HttpResult};
use crate::injected_faults::{InjectedFault, is_injected};
use crate::random::Random;
use crate::settings::Settings;
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
    /// Give a call up: its result no longer matters.
    CancelHttp {
        /// Which call.
        id: u64,
    },
    /// A key's view changed.
    Changed(Key),
    /// A change was applied and is in the views.
    Applied(Applied),
    /// A read came to its end.
    FetchDone {
        /// What was read.
        resources: Vec<Resource>,
        /// Whether it succeeded.
        ok: bool,
        /// When the server wants to be asked again, in milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// Something to count.
    Counted(Count),
    /// The server says that nobody is signed in; told once until [`Store::set_paused`] ends the pause.
    Unauthenticated,
}

/// Something that is counted for the metrics.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Count {
    /// An event was applied.
    Applied(Resource),
    /// An event said what was known already.
    Duplicate(Resource),
    /// An event did not join on to what was known.
    Gap(Resource),
    /// What was known was not enough, and the resource is fetched.
    Resync(Resource),
    /// A read brought nothing new.
    NotModified(Resource),
    /// An event could not be read.
    Malformed(Resource),
    /// A mutation was taken back because the server rejected it, with its reason.
    RolledBack(ProblemCode),
}

/// Versioned server state and optimistic changes of one user.
#[derive(Clone, Debug)]
pub struct Store {
    page_size: usize,
    random: Random,
    now: Now,
    user: Option<Rc<str>>,
    /// Whether nothing may be sent.
    paused: bool,
    /// Whether the server has said that nobody is signed in.
    signed_out: bool,
    base: Base,
    past_epochs: FlatSet<String>,
    /// Reads before this one may be of an epoch that has ended.
    epoch_read: u64,
    inbox: Inbox,
    live: ResourceSet,
    log: Log,
    batches: MutationBatches,
    /// When a mutation for a favorite was last sent, by `Now::mono_ms`, for some seconds.
    sent_favorites: FlatMap<Entity, u64>,
    /// Orders of the last moment, by `Now::mono_ms`.
    ordered: Vec<(u64, Rc<Mutation>)>,
    failures: Failures,
    saved: Saved,
    fetches: Fetches,
    views: Views,
    favorite_states: FavoriteStates,
    applied: Vec<Applied>,
    outputs: VecDeque<StoreOutput>,
    requests: u64,
    batch_ids: u64,
}

impl Store {
    /// An empty store. `seed` spreads its retries; nothing happens before [`Self::sign_in`].
    #[must_use]
    pub fn new(settings: &Settings, seed: u64) -> Self {
        Self {
            page_size: settings.page_size,
            random: Random::new(seed),
            now: Now::default(),
            user: None,
            paused: false,
            signed_out: false,
            base: Base::default(),
            past_epochs: FlatSet::new(),
            epoch_read: 0,
            inbox: Inbox::default(),
            live: ResourceSet::of(&Resource::ALL),
            log: Log::default(),
            batches: MutationBatches::default(),
            sent_favorites: FlatMap::new(),
            ordered: Vec::new(),
            failures: Failures::default(),
            saved: Saved::default(),
            fetches: Fetches::default(),
            views: Views::default(),
            favorite_states: FavoriteStates::default(),
            applied: Vec::new(),
            outputs: VecDeque::new(),
            requests: 0,
            batch_ids: 0,
        }
    }

    /// Whether what is known belongs to somebody else than this user.
    #[must_use]
    pub fn is_of_another(&self, user_id: &str) -> bool {
        self.user.as_deref().is_some_and(|user| user != user_id)
    }

    /// Somebody is signed in. The same user as before goes on where they were; another one starts from nothing.
    pub fn sign_in(&mut self, now: Now, user_id: &str) {
        self.now = now;
        if self.user.as_deref() != Some(user_id) {
            self.clear();
            self.user = Some(Rc::from(user_id));
            self.signed_out = false;
            self.paused = false;
            self.commit();
        } else if self.signed_out {
            self.set_paused(now, false);
        }
    }

    /// The server says that the session is over: every call is given up, and all else stays as it is until somebody
    /// signs in. What is known is read again then, since what happens meanwhile is not told.
    pub fn end_session(&mut self, now: Now) {
        self.now = now;
        if self.user.is_none() {
            return;
        }
        (self.signed_out, self.paused) = (true, true);
        let known = self.base.loaded().and(self.fetches.busy());
        self.cancel_fetches();
        self.fetches.want(known);
        self.inbox.clear_all();
        self.abort_in_flight();
        self.views.dirty = ResourceSet::of(&Resource::ALL);
        self.commit();
    }

    /// The user signs out, or is to be forgotten: every call is given up and nothing is kept.
    pub fn sign_out(&mut self, now: Now) {
        self.now = now;
        self.clear();
        self.user = None;
        self.signed_out = false;
        self.commit();
    }

    /// Forgets all that belongs to a user. Ids of calls go on growing, so that a late reply fits none.
    fn clear(&mut self) {
        self.cancel_fetches();
        self.abort_in_flight();
        if is_injected(InjectedFault::RequestIdsReused) {
            self.requests = 0;
        }
        self.batches = MutationBatches::default();
        self.log = Log::default();
        self.failures = Failures::default();
        self.saved.clear();
        self.base = Base::default();
        self.past_epochs.clear();
        self.inbox.clear_all();
        self.sent_favorites.clear();
        self.ordered.clear();
        self.applied.clear();
        self.forget_views();
    }

    /// The result of a call. Those that were given up, or belong to somebody who has signed out, are ignored.
    pub fn handle_http(&mut self, now: Now, id: u64, result: HttpResult) {
        self.now = now;
        let other_kind = HttpFailure::Malformed { status: 200 };
        if self.fetches.is_snapshot(id) {
            let result = result.and_then(|reply| match reply {
                HttpReply::Snapshot(reply) => Ok(reply),
                _ => Err(other_kind),
            });
            self.on_snapshot_settled(id, result);
        } else if self.fetches.page_of(id).is_some() {
            self.on_page_settled(id, result);
        } else {
            let result = result.and_then(|reply| match reply {
                HttpReply::Mutations(reply) => Ok(reply),
                _ => Err(other_kind),
            });
            self.on_mutations_settled(id, result);
        }
        self.apply_missed();
        self.retire();
        self.pump();
        self.commit();
    }

    /// The alarm rang; harmless if it rang early or late.
    pub fn handle_timeout(&mut self, now: Now) {
        self.now = now;
        if self.user.is_none() {
            return;
        }
        self.drain();
        // One whose read has failed is read again in its time, not whenever the alarm rings for something else.
        let overdue = self.inbox.overdue(&self.base, now.mono_ms);
        self.reread(overdue.without(self.fetches.retrying()));
        self.fetch_timeouts();
        self.page_timeouts();
        self.mutation_timeouts();
        self.apply_missed();
        self.retire();
        self.pump();
        self.commit();
    }

    /// When [`Self::handle_timeout`] is wanted next, by `Now::mono_ms`.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        let inbox = self.inbox.next_deadline(&self.base, self.fetches.busy());
        let fetches = self.fetches.next_deadline(self.paused);
        earliest(earliest(inbox, fetches), self.outbox_deadline())
    }

    /// Nothing may be sent for now (no network, or the sign-in is being renewed), or all may go on. What was being
    /// waited for goes on under the same ids.
    pub fn set_paused(&mut self, now: Now, paused: bool) {
        self.now = now;
        self.paused = paused;
        if !paused {
            self.signed_out = false;
            self.retry_fetches(true);
            self.resume_pages();
            self.connection_restored();
            self.pump();
        }
        self.commit();
    }

    /// The epoch of the data that are known.
    #[must_use]
    pub fn epoch(&self) -> Option<Rc<str>> {
        self.base.epoch.clone()
    }

    /// The version of a resource, if its data are of the current epoch.
    #[must_use]
    pub fn version_of(&self, resource: Resource) -> Option<u64> {
        let version_of_base = self.base.version_of_base(resource);
        version_of_base.current.then_some(version_of_base.version)
    }

    /// How long the oldest unsettled mutation has been waiting, in milliseconds.
    #[must_use]
    pub fn oldest_pending_ms(&self, now: Now) -> Option<u64> {
        let oldest = self.log.iter().map(|entry| entry.asked_at_ms).min()?;
        Some(u64::try_from(now.wall_ms - oldest).unwrap_or(0))
    }

    /// The next thing that the outside has to do. All that became wanted since the last time goes into one request.
    pub fn poll_output(&mut self) -> Option<StoreOutput> {
        self.send_wanted();
        self.outputs.pop_front()
    }

    const fn next_request(&mut self) -> u64 {
        self.requests += 1;
        self.requests
    }
}
