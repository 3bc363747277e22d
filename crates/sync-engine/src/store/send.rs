//! Sending mutations: in order for each entity, up to four requests at once, the same body under the same ids until the
//! outcome is known or the user has to decide.

use sync_protocol::{MutationRequest, Problem, ProblemCode, limits};

use super::Store;
use super::outbox::{Flight, IN_FLIGHT_MAX, MutationBatch, Outbox, Outgoing, SET_SPACING_MS};
use super::pending::Stage;
use crate::fetch::backoff;
use crate::http::{HttpFailure, HttpRequest};
use crate::time::{Now, earliest};
use crate::view::ErrorView;

/// How long a request with mutations may take, in milliseconds. Past it the outcome is unknown; it is no failure.
const MUTATION_TIMEOUT_MS: u64 = 10_000;

/// For how long mutations are sent again without an answer before they are paused, in milliseconds. It ends well before
/// the server forgets, so that a user who retries within half a day can do so under the same id.
const RESEND_FOR_MS: u64 = limits::OUTCOME_RETENTION_MS / 2;

impl Store {
    /// Sends what was not sent yet, without waiting for what may replace it: the page may be about to end.
    pub fn send_unsent(&mut self, now: Now) {
        self.now = now;
        self.outbox.release_unsent(now.mono_ms);
        self.pump();
        self.commit();
    }

    /// Sends what may be sent now.
    pub(super) fn pump(&mut self) {
        if self.identity.paused || self.identity.user.is_none() {
            return;
        }
        let free = IN_FLIGHT_MAX.saturating_sub(self.outbox.flights().count());
        let now = self.now.mono_ms;
        let is_due = |batch: &MutationBatch| {
            batch.not_before <= now && Outbox::is_sendable(batch, &self.pending)
        };
        for index in self.outbox.unblocked(free, is_due) {
            // The server may have forgotten whether it has seen this batch: a snapshot has to say so first.
            if self.outbox.age_of(index, &self.pending, self.now) >= limits::OUTCOME_PROMISE_MS {
                self.ask_about(index);
            } else {
                self.send(index);
            }
        }
        self.outbox
            .sent
            .retain(|_, sent| now < *sent + SET_SPACING_MS);
    }

    fn send(&mut self, index: usize) {
        let batch = &self.outbox.batches[index];
        let body = MutationRequest {
            mutations: batch.mutations.iter().map(Outgoing::raw).collect(),
            atomic: batch.atomic,
        };
        let flight = Flight {
            request: self.io.call(HttpRequest::Mutations(body)),
            deadline: self.now.mono_ms + MUTATION_TIMEOUT_MS,
        };
        self.outbox.send(index, flight, self.now.mono_ms);
        for mutation in &self.outbox.batches[index].mutations {
            if let Some(entry) = self.pending.get_mut(&mutation.id) {
                entry.delivery.attempts += 1;
                entry.delivery.first_sent_ms.get_or_insert(self.now.wall_ms);
                if entry.is_open() {
                    entry.stage = Stage::Sent;
                }
            }
        }
        self.shown.views.mutations_dirty = true;
    }

    /// A request with mutations brought no outcomes.
    pub(super) fn mutations_failed(&mut self, index: usize, failure: &HttpFailure) {
        let error = ErrorView::from(failure);
        match failure {
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
            HttpFailure::Status { .. } if error.code == Some(ProblemCode::MutationIdReused) => {
                self.set_stage(index, Stage::Paused { same_id: false }, &error);
            }
            HttpFailure::Status {
                status, problem, ..
            } => {
                let without_reason = || {
                    Problem::new(
                        ProblemCode::BadRequest,
                        *status,
                        "rejected without a reason",
                    )
                };
                let problem = problem.as_deref().cloned();
                self.request_rejected(index, problem.unwrap_or_else(without_reason), &error);
            }
        }
    }

    /// The server rejected a whole request.
    fn request_rejected(&mut self, index: usize, problem: Problem, error: &ErrorView) {
        if self.outbox.batches[index].may_have_run {
            // It is about this attempt, or comes from a proxy: an earlier attempt may have had its effect.
            self.set_stage(index, Stage::Unknown, error);
            self.outbox.batches[index].rejection = Some(Box::new(problem));
            self.ask_about(index);
            return;
        }
        let mutations = self.outbox.batches[index].mutations.iter();
        let open = mutations.filter_map(|mutation| {
            let entry = self.pending.get(&mutation.id)?;
            entry.is_open().then(|| (entry.id.clone(), problem.clone()))
        });
        self.rejected(open.collect());
    }

    /// The outcome is unknown, or nothing happened: the batch is sent again, up to a bound.
    fn unanswered(&mut self, index: usize, error: &ErrorView, stage: Stage, connection: bool) {
        let age = self.outbox.age_of(index, &self.pending, self.now);
        let batch = &mut self.outbox.batches[index];
        batch.may_have_run |= stage == Stage::Unknown;
        let attempts = batch.attempts.saturating_sub(1);
        let wait = backoff(&mut self.random, attempts, error.retry_after_ms);
        if age + wait >= RESEND_FOR_MS {
            self.set_stage(index, Stage::Paused { same_id: true }, error);
            return;
        }
        batch.not_before = self.now.mono_ms + wait;
        batch.waits_for_connection = connection && error.retry_after_ms.is_none();
        self.set_stage(index, stage, error);
    }

    /// Nothing was run, and nothing will be until the user is signed in again.
    fn hold_back(&mut self, index: usize, error: &ErrorView) {
        let batch = &mut self.outbox.batches[index];
        batch.not_before = batch.not_before.min(self.now.mono_ms);
        self.set_stage(index, Stage::Queued, error);
    }

    /// Moves the open mutations of a batch to a stage. Those that may have run stay unknown until their outcome is.
    fn set_stage(&mut self, index: usize, stage: Stage, error: &ErrorView) {
        let batch = &self.outbox.batches[index];
        let unknown = stage == Stage::Queued && batch.may_have_run;
        let stage = if unknown { Stage::Unknown } else { stage };
        for mutation in &batch.mutations {
            if let Some(entry) = self.pending.get_mut(&mutation.id)
                && entry.is_open()
            {
                entry.stage = stage;
                entry.delivery.cause = Some(error.clone());
            }
        }
        self.shown.views.mutations_dirty = true;
    }

    /// The server answered another call: it can be reached.
    pub fn handle_answered(&mut self, now: Now) {
        self.now = now;
        self.outbox.connection_restored(now.mono_ms);
        self.pump();
        self.commit();
    }

    /// Times out requests that take too long.
    pub(super) fn mutation_timeouts(&mut self) {
        let now = self.now.mono_ms;
        let late = self
            .outbox
            .flights()
            .filter(|flight| flight.deadline <= now);
        let late: Vec<u64> = late.map(|flight| flight.request).collect();
        for request in late {
            self.io.cancel(request);
            self.on_mutations(request, Err(HttpFailure::Timeout));
        }
    }

    /// When a batch is due, or a request times out.
    pub(super) fn send_deadline(&self) -> Option<u64> {
        let late = self.outbox.flights().map(|flight| flight.deadline).min();
        if self.identity.paused || self.outbox.flights().count() >= IN_FLIGHT_MAX {
            return late;
        }
        let is_sendable = |batch: &MutationBatch| Outbox::is_sendable(batch, &self.pending);
        let waiting = self.outbox.unblocked(usize::MAX, is_sendable).into_iter();
        let waiting = waiting.map(|index| self.outbox.batches[index].not_before);
        earliest(late, waiting.min())
    }

    /// Aborts the requests with mutations that are in flight, and has each mutation wait for the sign-in.
    pub(super) fn abort_in_flight(&mut self) {
        let error = ErrorView::from(&HttpFailure::UNAUTHENTICATED);
        for index in 0..self.outbox.batches.len() {
            let batch = &mut self.outbox.batches[index];
            if let Some(flight) = batch.flight.take() {
                self.io.cancel(flight.request);
                batch.may_have_run = true;
            }
            self.hold_back(index, &error);
        }
    }
}
