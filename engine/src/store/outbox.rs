//! Sending wishes: in order for each entity, up to four requests at once, the same body under the same ids until the
//! server's word is known or the person has to decide.

use std::rc::Rc;

use dashboard_protocol::{Mutation, MutationRequest, Problem, ProblemCode, Wish, limits};

use super::entry::{Entity, Entry, Stage};
use super::fetch::backoff;
use super::parcels::{Flight, IN_FLIGHT_MAX, Parcel};
use super::{Output, Store};
use crate::http::{HttpFailure, HttpRequest};
use crate::planted::{Fault as Planted, is_planted};
use crate::time::{Now, earliest};
use crate::view::ErrorView;

/// How long a request with wishes may take. Passing it means that the outcome is unknown, not that it failed.
const MUTATION_TIMEOUT_MS: u64 = 10_000;

/// First and longest wait before wishes without an answer are sent again; doubled each time, drawn from 0 up to it.
const RESEND_FIRST_MS: u64 = 500;
const RESEND_LONGEST_MS: u64 = 30_000;

/// For how long wishes are sent again without an answer before they are parked. It ends well before the server forgets, so
/// that a person who asks again within half a day can do so under the same id.
const RESEND_FOR_MS: u64 = limits::VERDICT_RETENTION_MS / 2;

/// What a wish waits for when nobody is signed in.
const SIGNED_OUT: HttpFailure = HttpFailure::Status {
    status: 401,
    problem: None,
    retry_after_ms: None,
};

/// Shortest time between two requests for the same favorite: somebody who plays with a heart costs two requests a
/// second, not ten.
pub(super) const FAVORITE_SPACING_MS: u64 = 1000;

impl Store {
    /// Sends what may be sent now.
    pub(super) fn pump(&mut self) {
        if self.paused || self.user.is_none() {
            return;
        }
        let free = IN_FLIGHT_MAX.saturating_sub(self.parcels.in_flight());
        let now = self.now.mono_ms;
        let is_due = |parcel: &Parcel| parcel.not_before <= now && self.may_go(parcel);
        for place in self.parcels.unblocked(free, is_due) {
            if self.may_send(place) {
                self.send(place);
            }
        }
        self.sent_favorites
            .retain(|_, sent| now < *sent + FAVORITE_SPACING_MS);
    }

    /// Whether nothing but time stands before a parcel: something is left in it, no question about it is open, and what
    /// it builds on does not wait for the person.
    fn may_go(&self, parcel: &Parcel) -> bool {
        let waits = |mutation: &Rc<Mutation>| {
            let entity = Entity::of(&mutation.wish);
            let builds_on = matches!(
                mutation.wish,
                Wish::CancelOrder { .. } | Wish::CancelDownload { .. }
            );
            builds_on
                && self
                    .log
                    .of_entity(&entity)
                    .take_while(|earlier| *earlier.id != *mutation.id)
                    .any(|earlier| earlier.creates() && earlier.waits_for_person())
        };
        let is_empty = parcel.mutations.is_empty();
        !is_empty && parcel.recheck.is_none() && !parcel.mutations.iter().any(waits)
    }

    /// Whether the server still remembers the parcel if it has seen it; if not, a snapshot is to tell first.
    fn may_send(&mut self, place: usize) -> bool {
        let forgotten = self.age_of(place) >= limits::VERDICT_PROMISE_MS;
        if forgotten {
            self.ask_about(place);
        }
        !forgotten
    }

    fn send(&mut self, place: usize) {
        let request = self.next_request();
        let parcel = &mut self.parcels.list[place];
        parcel.attempts += 1;
        parcel.first_sent.get_or_insert(self.now.mono_ms);
        parcel.flight = Some(Flight {
            request,
            deadline: self.now.mono_ms + MUTATION_TIMEOUT_MS,
        });
        let mut mutations = Vec::with_capacity(parcel.mutations.len());
        for mutation in &parcel.mutations {
            mutations.push((**mutation).clone());
            if let Some(entry) = self.log.get_mut(&mutation.id) {
                entry.attempts += 1;
                entry.first_sent_ms.get_or_insert(self.now.wall_ms);
                if entry.is_open() {
                    entry.stage = Stage::Sent;
                }
            }
        }
        let atomic = parcel.atomic;
        for entity in parcel.entities.iter().filter(|_| parcel.replaceable) {
            self.sent_favorites.insert(entity.clone(), self.now.mono_ms);
        }
        self.views.log_dirty = true;
        let body = MutationRequest { mutations, atomic };
        self.outputs.push_back(Output::Http {
            id: request,
            request: HttpRequest::Mutations(body),
        });
    }

    /// A request with wishes brought no verdicts.
    pub(super) fn mutations_failed(&mut self, place: usize, failure: &HttpFailure) {
        let error = ErrorView::from(failure);
        match failure {
            HttpFailure::Network if is_planted(Planted::LostReplyIsRefusal) => {
                self.refuse(place, &super::verdicts::no_reason());
            }
            HttpFailure::Network | HttpFailure::Timeout | HttpFailure::Undecodable { .. } => {
                self.unanswered(place, &error, Stage::Unknown, !failure.was_answered());
            }
            HttpFailure::Status { status: 401, .. } => {
                self.hold_back(place, &error);
                self.ask_for_sign_in();
            }
            // Refused before anything was run.
            HttpFailure::Status { status: 429, .. } => {
                self.unanswered(place, &error, Stage::Queued, false);
            }
            HttpFailure::Status {
                status: 408 | 425 | 500..=599,
                ..
            } => self.unanswered(place, &error, Stage::Unknown, true),
            HttpFailure::Status { problem, .. }
                if error.code == Some(ProblemCode::MutationIdReused) =>
            {
                debug_assert!(problem.is_some(), "a code comes with its problem");
                self.park(place, &error, false);
            }
            HttpFailure::Status {
                status, problem, ..
            } => {
                let problem = problem.as_deref().cloned().unwrap_or_else(|| {
                    Problem::new(ProblemCode::BadRequest, *status, "refused without a reason")
                });
                if self.parcels.list[place].may_have_run {
                    // It speaks of this try, or is somebody's on the way: an earlier try may have had its effect.
                    self.mark(place, Stage::Unknown, &error);
                    self.parcels.list[place].refusal = Some(Box::new(problem));
                    self.ask_about(place);
                } else {
                    self.refuse(place, &problem);
                }
            }
        }
    }

    /// Whether anything happened is not known, or nothing did: the parcel is sent again, up to a bound.
    fn unanswered(&mut self, place: usize, error: &ErrorView, stage: Stage, link: bool) {
        let age = self.age_of(place);
        let parcel = &mut self.parcels.list[place];
        parcel.may_have_run |= stage == Stage::Unknown;
        let tries = parcel.attempts.saturating_sub(1);
        let wait = backoff(&mut self.random, tries, RESEND_FIRST_MS, RESEND_LONGEST_MS);
        let wait = wait.max(error.retry_after_ms.unwrap_or(0));
        if age + wait >= RESEND_FOR_MS {
            self.park(place, error, true);
            return;
        }
        parcel.not_before = self.now.mono_ms + wait;
        parcel.waits_for_link = link && error.retry_after_ms.is_none();
        if is_planted(Planted::StuckPending) {
            (parcel.not_before, parcel.waits_for_link) = (u64::MAX, false);
        }
        self.mark(place, stage, error);
    }

    /// Nothing was run, and nothing will be until the person is signed in again.
    fn hold_back(&mut self, place: usize, error: &ErrorView) {
        let parcel = &mut self.parcels.list[place];
        parcel.not_before = parcel.not_before.min(self.now.mono_ms);
        self.mark(place, Stage::Queued, error);
    }

    /// Gives a parcel up until the person asks again; others go on.
    fn park(&mut self, place: usize, error: &ErrorView, same_id: bool) {
        self.mark(place, Stage::Parked { same_id }, error);
    }

    /// What may have run in an earlier try stays unknown until the server's word is there.
    fn mark(&mut self, place: usize, stage: Stage, error: &ErrorView) {
        let unknown = stage == Stage::Queued && self.parcels.list[place].may_have_run;
        let stage = if unknown { Stage::Unknown } else { stage };
        for mutation in &self.parcels.list[place].mutations {
            if let Some(entry) = self.log.get_mut(&mutation.id)
                && entry.is_open()
            {
                entry.stage = stage;
                entry.cause = Some(error.clone());
            }
        }
        self.views.log_dirty = true;
    }

    /// The server refused a whole request.
    fn refuse(&mut self, place: usize, problem: &Problem) {
        let open = self.parcels.list[place]
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

    /// Parcels whose wishes all have the server's word are done; one that is still on its way holds nobody up.
    pub(super) fn release_settled_parcels(&mut self) {
        let log = &self.log;
        let open = |id: &str| log.get(id).is_some_and(Entry::is_open);
        self.parcels.list.retain_mut(|parcel| {
            let settled = !parcel.mutations.iter().any(|mutation| open(&mutation.id));
            if settled {
                parcel.entities.clear();
            }
            !settled || parcel.flight.is_some()
        });
    }

    /// The server answered somebody else: the way to it works.
    pub fn handle_answered(&mut self, now: Now) {
        self.now = now;
        self.link_works();
        self.pump();
        self.commit();
    }

    /// The way to the server works: what only waited for that goes now.
    pub(super) fn link_works(&mut self) {
        for parcel in &mut self.parcels.list {
            if parcel.waits_for_link {
                parcel.not_before = parcel.not_before.min(self.now.mono_ms);
                parcel.waits_for_link = false;
            }
        }
    }

    /// Gives up requests that take too long.
    pub(super) fn mutation_timeouts(&mut self) {
        let now = self.now.mono_ms;
        let flights = self.parcels.list.iter().filter_map(|parcel| parcel.flight);
        let late: Vec<_> = flights.filter(|flight| flight.deadline <= now).collect();
        for flight in late {
            self.outputs
                .push_back(Output::CancelHttp { id: flight.request });
            self.settle_mutations(flight.request, Err(HttpFailure::Timeout));
        }
    }

    /// When a parcel is due, or a request late.
    pub(super) fn outbox_deadline(&self) -> Option<u64> {
        let flights = self.parcels.list.iter().filter_map(|parcel| parcel.flight);
        let late = flights.map(|flight| flight.deadline).min();
        if self.paused || self.parcels.in_flight() >= IN_FLIGHT_MAX {
            return late;
        }
        let waiting = self
            .parcels
            .unblocked(usize::MAX, |parcel| self.may_go(parcel));
        let waiting = waiting
            .into_iter()
            .map(|place| self.parcels.list[place].not_before);
        earliest(late, waiting.min())
    }

    /// Gives up the requests with wishes that are under way, and tells each wish that it waits for the sign-in.
    pub(super) fn ground_parcels(&mut self) {
        let error = ErrorView::from(&SIGNED_OUT);
        for place in 0..self.parcels.list.len() {
            let parcel = &mut self.parcels.list[place];
            if let Some(flight) = parcel.flight.take() {
                self.outputs
                    .push_back(Output::CancelHttp { id: flight.request });
                parcel.may_have_run = true;
            }
            self.hold_back(place, &error);
        }
    }

    /// Nobody is signed in: everything waits, and the outside is told once.
    pub(super) fn ask_for_sign_in(&mut self) {
        if !self.signed_out {
            self.signed_out = true;
            self.outputs.push_back(Output::Unauthenticated);
        }
        self.paused = true;
    }
}
