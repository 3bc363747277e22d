//! Sending mutations: in order for each entity, up to four requests at once, the same body under the same ids until the
//! server's word is known or the user has to decide.

use std::rc::Rc;

use dashboard_protocol::{Mutation, MutationRequest, Problem, ProblemCode, MutationBody, limits};

use super::entry::{Entity, Entry, Stage};
use super::fetch::backoff;
use super::batches::{Flight, IN_FLIGHT_MAX, MutationBatch};
use super::{StoreOutput, Store};
use crate::http::{HttpFailure, HttpRequest};
use crate::injected_faults::{InjectedFault, is_injected};
use crate::time::{Now, earliest};
use crate::view::ErrorView;

/// How long a request with mutations may take. Passing it means that the outcome is unknown, not that it failed.
const MUTATION_TIMEOUT_MS: u64 = 10_000;

/// First and longest wait before mutations without an answer are sent again; doubled each time, drawn from 0 up to it.
const RESEND_FIRST_MS: u64 = 500;
const RESEND_LONGEST_MS: u64 = 30_000;

/// For how long mutations are sent again without an answer before they are parked. It ends well before the server forgets, so
/// that a user who asks again within half a day can do so under the same id.
const RESEND_FOR_MS: u64 = limits::OUTCOME_RETENTION_MS / 2;

/// What a mutation waits for when nobody is signed in.
const SIGNED_OUT: HttpFailure = HttpFailure::Status {
    status: 401,
    problem: None,
    retry_after_ms: None,
};

/// Shortest time between two requests for the same favorite: somebody who plays with a favorite costs two requests a
/// second, not ten.
pub(super) const FAVORITE_SPACING_MS: u64 = 1000;

impl Store {
    /// Sends what may be sent now.
    pub(super) fn pump(&mut self) {
        if self.paused || self.user.is_none() {
            return;
        }
        let free = IN_FLIGHT_MAX.saturating_sub(self.batches.in_flight());
        let now = self.now.mono_ms;
        let is_due = |batch: &MutationBatch| batch.not_before <= now && self.may_go(batch);
        for index in self.batches.unblocked(free, is_due) {
            if self.may_send(index) {
                self.send(index);
            }
        }
        self.sent_favorites
            .retain(|_, sent| now < *sent + FAVORITE_SPACING_MS);
    }

    /// Whether nothing but time stands before a batch: something is left in it, no question about it is open, and what
    /// it builds on does not wait for the user.
    fn may_go(&self, batch: &MutationBatch) -> bool {
        let waits = |mutation: &Rc<Mutation>| {
            let entity = Entity::of(&mutation.body);
            let builds_on = matches!(
                mutation.body,
                MutationBody::CancelOrder { .. } | MutationBody::CancelDownload { .. }
            );
            builds_on
                && self
                    .log
                    .of_entity(&entity)
                    .take_while(|earlier| *earlier.id != *mutation.id)
                    .any(|earlier| earlier.creates() && earlier.waits_for_user())
        };
        let is_empty = batch.mutations.is_empty();
        !is_empty && batch.recheck.is_none() && !batch.mutations.iter().any(waits)
    }

    /// Whether the server still remembers the batch if it has seen it; if not, a snapshot is to tell first.
    fn may_send(&mut self, index: usize) -> bool {
        let forgotten = self.age_of(index) >= limits::OUTCOME_PROMISE_MS;
        if forgotten {
            self.ask_about(index);
        }
        !forgotten
    }

    fn send(&mut self, index: usize) {
        let request = self.next_request();
        let batch = &mut self.batches.list[index];
        batch.attempts += 1;
        batch.first_sent.get_or_insert(self.now.mono_ms);
        batch.flight = Some(Flight {
            request,
            deadline: self.now.mono_ms + MUTATION_TIMEOUT_MS,
        });
        let mut mutations = Vec::with_capacity(batch.mutations.len());
        for mutation in &batch.mutations {
            mutations.push((**mutation).clone());
            if let Some(entry) = self.log.get_mut(&mutation.id) {
                entry.attempts += 1;
                entry.first_sent_ms.get_or_insert(self.now.wall_ms);
                if entry.is_open() {
                    entry.stage = Stage::Sent;
                }
            }
        }
        let atomic = batch.atomic;
        for entity in batch.entities.iter().filter(|_| batch.replaceable) {
            self.sent_favorites.insert(entity.clone(), self.now.mono_ms);
        }
        self.views.log_dirty = true;
        let body = MutationRequest { mutations, atomic };
        self.outputs.push_back(StoreOutput::Http {
            id: request,
            request: HttpRequest::Mutations(body),
        });
    }

    /// A request with mutations brought no outcomes.
    pub(super) fn mutations_failed(&mut self, index: usize, failure: &HttpFailure) {
        let error = ErrorView::from(failure);
        match failure {
            HttpFailure::Network if is_injected(InjectedFault::LostReplyIsRejection) => {
                self.reject(index, &super::outcomes::no_reason());
            }
            HttpFailure::Network | HttpFailure::Timeout | HttpFailure::Malformed { .. } => {
                self.unanswered(index, &error, Stage::Unknown, !failure.was_answered());
            }
            HttpFailure::Status { status: 401, .. } => {
                self.hold_back(index, &error);
                self.ask_for_sign_in();
            }
            // Rejected before anything was run.
            HttpFailure::Status { status: 429, .. } => {
                self.unanswered(index, &error, Stage::Queued, false);
            }
            HttpFailure::Status {
                status: 408 | 425 | 500..=599,
                ..
            } => self.unanswered(index, &error, Stage::Unknown, true),
            HttpFailure::Status { problem, .. }
                if error.code == Some(ProblemCode::MutationIdReused) =>
            {
                debug_assert!(problem.is_some(), "a code comes with its problem");
                self.pause(index, &error, false);
            }
            HttpFailure::Status {
                status, problem, ..
            } => {
                let problem = problem.as_deref().cloned().unwrap_or_else(|| {
                    Problem::new(ProblemCode::BadRequest, *status, "refused without a reason")
                });
                if self.batches.list[index].may_have_run {
                    // It speaks of this try, or is somebody's on the way: an earlier try may have had its effect.
                    self.set_stage(index, Stage::Unknown, &error);
                    self.batches.list[index].rejection = Some(Box::new(problem));
                    self.ask_about(index);
                } else {
                    self.reject(index, &problem);
                }
            }
        }
    }

    /// Whether anything happened is not known, or nothing did: the batch is sent again, up to a bound.
    fn unanswered(&mut self, index: usize, error: &ErrorView, stage: Stage, link: bool) {
        let age = self.age_of(index);
        let batch = &mut self.batches.list[index];
        batch.may_have_run |= stage == Stage::Unknown;
        let attempts = batch.attempts.saturating_sub(1);
        let wait = backoff(&mut self.random, attempts, RESEND_FIRST_MS, RESEND_LONGEST_MS);
        let wait = wait.max(error.retry_after_ms.unwrap_or(0));
        if age + wait >= RESEND_FOR_MS {
            self.pause(index, error, true);
            return;
        }
        batch.not_before = self.now.mono_ms + wait;
        batch.waits_for_connection = link && error.retry_after_ms.is_none();
        if is_injected(InjectedFault::StuckPending) {
            (batch.not_before, batch.waits_for_connection) = (u64::MAX, false);
        }
        self.set_stage(index, stage, error);
    }

    /// Nothing was run, and nothing will be until the user is signed in again.
    fn hold_back(&mut self, index: usize, error: &ErrorView) {
        let batch = &mut self.batches.list[index];
        batch.not_before = batch.not_before.min(self.now.mono_ms);
        self.set_stage(index, Stage::Queued, error);
    }

    /// Gives a batch up until the user asks again; others go on.
    fn pause(&mut self, index: usize, error: &ErrorView, same_id: bool) {
        self.set_stage(index, Stage::Paused { same_id }, error);
    }

    /// What may have run in an earlier try stays unknown until the server's word is there.
    fn set_stage(&mut self, index: usize, stage: Stage, error: &ErrorView) {
        let unknown = stage == Stage::Queued && self.batches.list[index].may_have_run;
        let stage = if unknown { Stage::Unknown } else { stage };
        for mutation in &self.batches.list[index].mutations {
            if let Some(entry) = self.log.get_mut(&mutation.id)
                && entry.is_open()
            {
                entry.stage = stage;
                entry.cause = Some(error.clone());
            }
        }
        self.views.log_dirty = true;
    }

    /// The server rejected a whole request.
    fn reject(&mut self, index: usize, problem: &Problem) {
        let open = self.batches.list[index]
            .mutations
            .iter()
            .filter_map(|mutation| {
                let entry = self.log.get(&mutation.id)?;
                entry
                    .is_open()
                    .then(|| (Rc::clone(&entry.id), problem.clone()))
            });
        self.rejected(open.collect());
    }

    /// Batches whose mutations all have the server's word are done; one that is still on its way holds nobody up.
    pub(super) fn release_resolved_batches(&mut self) {
        let log = &self.log;
        let open = |id: &str| log.get(id).is_some_and(Entry::is_open);
        self.batches.list.retain_mut(|batch| {
            let settled = !batch.mutations.iter().any(|mutation| open(&mutation.id));
            if settled {
                batch.entities.clear();
            }
            !settled || batch.flight.is_some()
        });
    }

    /// The server answered somebody else: the way to it works.
    pub fn handle_answered(&mut self, now: Now) {
        self.now = now;
        self.connection_restored();
        self.pump();
        self.commit();
    }

    /// The way to the server works: what only waited for that goes now.
    pub(super) fn connection_restored(&mut self) {
        for batch in &mut self.batches.list {
            if batch.waits_for_connection {
                batch.not_before = batch.not_before.min(self.now.mono_ms);
                batch.waits_for_connection = false;
            }
        }
    }

    /// Gives up requests that take too long.
    pub(super) fn mutation_timeouts(&mut self) {
        let now = self.now.mono_ms;
        let flights = self.batches.list.iter().filter_map(|batch| batch.flight);
        let late: Vec<_> = flights.filter(|flight| flight.deadline <= now).collect();
        for flight in late {
            self.outputs
                .push_back(StoreOutput::CancelHttp { id: flight.request });
            self.on_mutations_settled(flight.request, Err(HttpFailure::Timeout));
        }
    }

    /// When a batch is due, or a request late.
    pub(super) fn outbox_deadline(&self) -> Option<u64> {
        let flights = self.batches.list.iter().filter_map(|batch| batch.flight);
        let late = flights.map(|flight| flight.deadline).min();
        if self.paused || self.batches.in_flight() >= IN_FLIGHT_MAX {
            return late;
        }
        let waiting = self
            .batches
            .unblocked(usize::MAX, |batch| self.may_go(batch));
        let waiting = waiting
            .into_iter()
            .map(|index| self.batches.list[index].not_before);
        earliest(late, waiting.min())
    }

    /// Gives up the requests with mutations that are under way, and tells each mutation that it waits for the sign-in.
    pub(super) fn abort_in_flight(&mut self) {
        let error = ErrorView::from(&SIGNED_OUT);
        for index in 0..self.batches.list.len() {
            let batch = &mut self.batches.list[index];
            if let Some(flight) = batch.flight.take() {
                self.outputs
                    .push_back(StoreOutput::CancelHttp { id: flight.request });
                batch.may_have_run = true;
            }
            self.hold_back(index, &error);
        }
    }

    /// Nobody is signed in: everything waits, and the outside is told once.
    pub(super) fn ask_for_sign_in(&mut self) {
        if !self.signed_out {
            self.signed_out = true;
            self.outputs.push_back(StoreOutput::Unauthenticated);
        }
        self.paused = true;
    }
}
