//! The server's word on mutations, and what follows from it for others.

use std::rc::Rc;

use dashboard_protocol::{Event, MutationReply, Problem, ProblemCode, MutationOutcome, MutationBody};

use super::entry::{Entry, Stage, primary_resource};
use super::failures::Failure;
use super::resources::ResourceSet;
use super::{Count, Store};
use crate::flat::{FlatMap, FlatSet};
use crate::http::{HttpFailure, RETRY_AFTER_MAX_MS};
use crate::injected_faults::{InjectedFault, is_injected};
use crate::view::{ErrorKind, ErrorView, FailureView};

impl Store {
    /// Whether the reply to a call that sends changes is waited for.
    pub(crate) fn is_sending(&self, id: u64) -> bool {
        self.batches.by_request(id).is_some()
    }

    /// The result of a request with mutations; nothing if the id is of none.
    pub(super) fn on_mutations_settled(&mut self, id: u64, result: Result<MutationReply, HttpFailure>) {
        let Some(index) = self.batches.by_request(id) else {
            return;
        };
        self.batches.list[index].flight = None;
        match result {
            Ok(reply) => self.outcomes_arrived(index, reply),
            Err(failure) => self.mutations_failed(index, &failure),
        }
        self.drain();
    }

    fn outcomes_arrived(&mut self, index: usize, reply: MutationReply) {
        let asked = self.batches.list[index].mutations.clone();
        let other = self
            .base
            .epoch
            .as_deref()
            .is_some_and(|epoch| *epoch != reply.epoch);
        if other && !self.past_epochs.contains(reply.epoch.as_str()) {
            self.begin_epoch(&reply.epoch);
        }
        let missing = !asked
            .iter()
            .all(|mutation| reply.results.iter().any(|result| result.id == mutation.id));
        let mut rejected = Vec::new();
        for result in reply.results {
            if !asked.iter().any(|mutation| mutation.id == result.id) {
                continue;
            }
            match result.outcome {
                MutationOutcome::Accepted { version, events } => {
                    self.take_outcome(&result.id, &reply.epoch, version, &events);
                    for event in events {
                        self.admit(event);
                    }
                }
                MutationOutcome::Rejected { problem } => {
                    let entry = self.log.get(&result.id);
                    if let Some(entry) = entry.filter(|entry| entry.is_open()) {
                        rejected.push((Rc::clone(&entry.id), problem));
                    }
                }
            }
        }
        self.rejected(rejected);
        self.connection_restored();
        if missing {
            self.mutations_failed(index, &HttpFailure::Malformed { status: 200 });
        }
    }

    fn take_outcome(&mut self, id: &str, epoch: &str, version: u64, events: &[Event]) {
        let stale = self.past_epochs.contains(epoch);
        let Some(entry) = self.log.get_mut(id) else {
            return;
        };
        self.views.dirty = self.views.dirty.and(entry.affected);
        self.views.log_dirty = true;
        if stale {
            // Taken by a server state that is no more: the mutation goes out again.
            entry.stage = Stage::Unknown;
            return;
        }
        let mut affected = ResourceSet::EMPTY;
        for event in events {
            affected.insert(event.resource);
            affected = affected.and(event.resources.iter().copied().collect());
        }
        if affected.is_empty() {
            affected = ResourceSet::of(&[primary_resource(&entry.mutation.body)]);
        }
        entry.accept(epoch, version, affected);
        // The server's word replaces what was thought until now.
        entry.notify(affected);
        let id = Rc::clone(&entry.id);
        self.accepted(&id);
        if is_injected(InjectedFault::DropOnReply) {
            self.forget(&id);
        }
    }

    /// What follows for others when a mutation took effect: a thing that was taken back needs no further taking back.
    pub(super) fn accepted(&mut self, id: &str) {
        let Some(entry) = self.log.get(id) else {
            return;
        };
        if !matches!(
            entry.mutation.body,
            MutationBody::CancelOrder { .. } | MutationBody::CancelDownload { .. }
        ) {
            return;
        }
        for id in self.unsent_after(entry) {
            // In an atomic batch it stays: the others hold with it or not at all, and it changes nothing.
            if self.log.get(&id).is_some_and(|entry| !entry.atomic) {
                self.forget(&id);
            }
        }
    }

    /// Mutations were rejected for good. They and those that build on them leave together; each act of the user gets one
    /// message.
    pub(super) fn rejected(&mut self, rejected: Vec<(Rc<str>, Problem)>) {
        if rejected.is_empty() {
            return;
        }
        let mut batch_ids: FlatMap<u64, Vec<(Entry, Problem)>> = FlatMap::new();
        let proposals = self.proposals(&rejected);
        let undone = self.log.undone();
        let undone = undone.iter().flat_map(|id| self.log.batch_siblings(id));
        let taken_back: FlatSet<Rc<str>> = undone.collect();
        for (id, problem) in rejected {
            let Some(entry) = self.log.get_mut(&id) else {
                continue;
            };
            self.views.log_dirty = true;
            self.views.dirty = self.views.dirty.and(entry.affected);
            let batch_id = entry.batch_id;
            // What the user has taken back is as they want it: there is nothing to ask and nothing to tell.
            let is_wanted = !taken_back.contains(&id);
            let is_offer = offers(entry, &problem) || (entry.atomic && proposals.contains(&batch_id));
            if is_offer && is_wanted {
                entry.stage = Stage::NeedsResolution;
                entry.cause = Some(error_of(&problem));
                entry.proposed_total = problem.total.filter(|_| entry.creates());
                continue;
            }
            let mut members = vec![Rc::clone(&id)];
            members.extend(self.dependents_of(&id));
            members.extend(self.undoing(&id));
            if is_injected(InjectedFault::RestoreFromCopy)
                && let Some(entry) = self.log.get(&id)
            {
                self.base.put_back(&entry.mutation.body);
            }
            self.count(Count::RolledBack(problem.code.clone()));
            for id in members {
                if let Some(entry) = self.forget(&id).filter(|_| is_wanted) {
                    batch_ids.or_default(batch_id).push((entry, problem.clone()));
                }
            }
        }
        for members in batch_ids.into_values() {
            self.show_failure(members);
        }
    }

    /// The acts for which the server proposes something else: what holds as a whole is decided about as a whole.
    fn proposals(&self, rejected: &[(Rc<str>, Problem)]) -> FlatSet<u64> {
        let entries = rejected.iter().filter_map(|(id, problem)| {
            let entry = self.log.get(id)?;
            offers(entry, problem).then_some(entry.batch_id)
        });
        entries.collect()
    }

    /// Lists one failure for an act.
    fn show_failure(&mut self, mut members: Vec<(Entry, Problem)>) {
        // In an atomic batch only one is to blame; the others were rejected because of it.
        let culprit = members
            .iter()
            .position(|(_, problem)| problem.code != ProblemCode::BatchRejected);
        let (entry, problem) = members.remove(culprit.unwrap_or(0));
        let also = members.iter().map(|(entry, _)| Rc::clone(&entry.mutation));
        let beats = members.iter().flat_map(|(entry, _)| entry.beats.clone());
        let failure = Failure {
            view: Rc::new(FailureView {
                subject: self.subject_of(&entry),
                mutation: Rc::clone(&entry.mutation),
                also: also.collect(),
                error: error_of(&problem),
                at_ms: self.now.wall_ms,
            }),
            beats: entry.beats.iter().cloned().chain(beats).collect(),
            atomic: entry.atomic,
        };
        self.failures.push(failure);
        self.views.log_dirty = true;
    }

    /// What to call the thing that a mutation was about.
    fn subject_of(&self, entry: &Entry) -> Option<Rc<str>> {
        let optimistic_rows = &entry.optimistic_rows;
        let title = match &entry.mutation.body {
            MutationBody::SetFavorite { beat_id, .. } => self.title_of(beat_id, &entry.beats),
            MutationBody::PlaceOrder { .. } => {
                let order = optimistic_rows.order.as_ref();
                order.and_then(|order| order.lines.first().map(|line| line.title.clone()))
            }
            MutationBody::CancelOrder { order_id } => {
                let order = self.base.orders.find(order_id);
                order.map(|order| order.number.clone())
            }
            MutationBody::RequestDownload { .. } => optimistic_rows.download.as_ref().map(|row| row.title.clone()),
            MutationBody::CancelDownload { download_id } => {
                let row = self.base.downloads.find(download_id);
                row.map(|row| row.title.clone())
            }
        };
        title.filter(|title| !title.is_empty()).map(Rc::from)
    }

    /// Mutations that make no sense without this one: what was asked of a thing that it would have created.
    pub(super) fn dependents_of(&self, id: &str) -> Vec<Rc<str>> {
        let creator = self.log.get(id).filter(|entry| entry.creates());
        let unsent = creator.map_or_else(Vec::new, |entry| self.unsent_after(entry));
        let with_batch_siblings = unsent.iter().flat_map(|id| self.log.batch_siblings(id));
        with_batch_siblings.filter(|other| **other != *id).collect()
    }

    /// The mutation that would undo this one, if it has not been sent.
    fn undoing(&self, id: &str) -> Option<Rc<str>> {
        let unsent = self.unsent_after(self.log.get(id)?);
        let mut undoing = unsent.into_iter();
        undoing.find(|other| {
            let other = self.log.get(other);
            other.and_then(|other| other.undoes.as_deref()) == Some(id)
        })
    }

    /// Mutations for the same thing that were made later and have not been sent.
    fn unsent_after(&self, entry: &Entry) -> Vec<Rc<str>> {
        let later = self.log.of_entity(&entry.entity);
        later
            .skip_while(|other| other.id != entry.id)
            .skip(1)
            .filter(|other| other.stage == Stage::Queued && other.attempts == 0)
            .map(|other| Rc::clone(&other.id))
            .collect()
    }

    /// Takes a mutation out of the log, and out of what is to be sent.
    pub(super) fn forget(&mut self, id: &str) -> Option<Entry> {
        let entry = self.log.remove(id)?;
        // Taken back or rejected, it is nothing that a click could double.
        self.ordered.retain(|(_, mutation)| mutation.id != *id);
        if let Some(index) = self.batches.by_mutation(id) {
            self.batches.list[index].remove(id);
        }
        self.views.dirty = self.views.dirty.and(entry.affected);
        self.views.log_dirty = true;
        Some(entry)
    }
}

/// Whether a rejection says at which price the order would be taken.
fn offers(entry: &Entry, problem: &Problem) -> bool {
    let is_order = matches!(entry.mutation.body, MutationBody::PlaceOrder { .. });
    is_order && problem.code == ProblemCode::PriceChanged && problem.total.is_some()
}

/// A rejection as the interface gets it.
pub(super) fn error_of(problem: &Problem) -> ErrorView {
    let kind = match problem.code {
        ProblemCode::QuotaExceeded | ProblemCode::RateLimited | ProblemCode::PayloadTooLarge => {
            ErrorKind::Limit
        }
        ProblemCode::Unauthenticated => ErrorKind::Authentication,
        ProblemCode::Internal | ProblemCode::Unavailable => ErrorKind::Network,
        _ => ErrorKind::Data,
    };
    ErrorView {
        kind,
        code: Some(problem.code.clone()),
        retry_after_ms: problem.retry_after_ms.map(|ms| ms.min(RETRY_AFTER_MAX_MS)),
    }
}

/// The problem of a rejection that came without one.
pub(super) fn no_reason() -> Problem {
    Problem::new(ProblemCode::Invalid, 422, "rejected without a reason")
}
