//! The server's word on mutations, and what follows from it for others.

use std::rc::Rc;

use sync_protocol::{Problem, ProblemCode};

use super::failures::Failure;
use super::pending::{PendingMutation, Stage};
use super::{Store, StoreOutput};
use crate::event::Event;
use crate::http::{HttpFailure, MutationOutcome, MutationReply};
use crate::map::{Map, MapExt as _, Set};
use crate::schema::{MutationId, MutationRole, ResourceSet};
use crate::state::Reader;
use crate::view::{ErrorKind, ErrorView, FailureView};

impl Store {
    /// Whether the reply to a call that sends mutations is waited for.
    pub(crate) fn is_sending(&self, id: u64) -> bool {
        self.outbox.by_request(id).is_some()
    }

    /// The result of a request with mutations; nothing happens if the id is of none.
    pub(super) fn on_mutations(&mut self, id: u64, result: Result<MutationReply, HttpFailure>) {
        let Some(index) = self.outbox.by_request(id) else {
            return;
        };
        self.outbox.batches[index].flight = None;
        match result {
            Ok(reply) => self.resolve_batch(index, reply),
            Err(failure) => self.mutations_failed(index, &failure),
        }
        self.apply_ready();
    }

    fn resolve_batch(&mut self, index: usize, reply: MutationReply) {
        let sent = self.outbox.batches[index].mutations.iter();
        let sent: Vec<MutationId> = sent.map(|mutation| mutation.id.clone()).collect();
        let epoch = self.server.epoch.as_ref();
        let is_other = epoch.is_some_and(|epoch| *epoch != reply.epoch);
        if is_other && !self.epochs.past.contains(&reply.epoch) {
            self.begin_epoch(&reply.epoch);
        }
        let has_result = |id: &MutationId| reply.results.iter().any(|result| result.id == *id);
        let missing = !sent.iter().all(has_result);
        let mut rejected = Vec::new();
        for result in reply.results {
            if !sent.contains(&result.id) {
                continue;
            }
            match result.outcome {
                MutationOutcome::Accepted { version, events } => {
                    self.resolve_accepted(&result.id, &reply.epoch, version, &events);
                    for event in events {
                        self.admit(event);
                    }
                }
                MutationOutcome::Rejected { problem } => {
                    let entry = self.pending.get(&result.id);
                    if let Some(entry) = entry.filter(|entry| entry.is_open()) {
                        rejected.push((entry.id.clone(), problem));
                    }
                }
            }
        }
        self.rejected(rejected);
        self.outbox.connection_restored(self.now.mono_ms);
        if missing {
            self.mutations_failed(index, &HttpFailure::Malformed { status: 200 });
        }
    }

    fn resolve_accepted(
        &mut self,
        id: &MutationId,
        epoch: &Rc<str>,
        version: u64,
        events: &[Event],
    ) {
        let stale = self.epochs.past.contains(epoch);
        let Some(entry) = self.pending.get_mut(id) else {
            return;
        };
        let before = entry.ack.affected;
        if stale {
            // Accepted by a server state that is no more: it is sent again.
            entry.stage = Stage::Unknown;
        } else {
            let mut affected = ResourceSet::EMPTY;
            for event in events {
                affected.insert(event.resource);
                affected.insert_all(event.resources);
            }
            if affected.is_empty() {
                affected.insert(entry.ack.primary);
            }
            entry.accept(epoch, version, affected);
            // The server's word replaces the guess, and what an event had said.
            entry.ack.set_affected(affected);
            self.accepted(id);
        }
        self.mark_dirty(before);
    }

    /// What follows for others when a mutation took effect: something that has ended needs no further ending.
    pub(super) fn accepted(&mut self, id: &MutationId) {
        let Some(entry) = self.pending.get(id) else {
            return;
        };
        if entry.role != MutationRole::End {
            return;
        }
        for id in self.pending.unsent_after(entry) {
            // In an atomic batch it stays: all of that hold or none, and it changes nothing.
            let later = self.pending.get(&id);
            if later.is_some_and(|later| !later.batch.atomic) {
                self.forget(&id);
            }
        }
    }

    /// Mutations were rejected for good. They and those that build on them are rolled back together; each action of the
    /// user gets one message.
    pub(super) fn rejected(&mut self, rejected: Vec<(MutationId, Problem)>) {
        if rejected.is_empty() {
            return;
        }
        let mut failed: Map<u64, Vec<(PendingMutation, Problem)>> = Map::new();
        // The batches for which the server proposes something else: the user decides about an atomic batch as a whole.
        let proposals = rejected.iter().filter_map(|(id, problem)| {
            let entry = self.pending.get(id)?;
            entry.mutation.revised(problem).map(|_| entry.batch.id)
        });
        let proposals: Set<u64> = proposals.collect();
        let undone = self.pending.undone();
        let undone = undone.iter().flat_map(|id| self.pending.batch_siblings(id));
        let cancelled: Set<MutationId> = undone.collect();
        for (id, problem) in rejected {
            let Some(entry) = self.pending.get_mut(&id) else {
                continue;
            };
            let (affected, batch) = (entry.ack.affected, entry.batch);
            let proposal = entry.mutation.revised(&problem);
            let asks_user = proposal.is_some() || (batch.atomic && proposals.contains(&batch.id));
            // A cancelled mutation is as the user wants it: there is nothing to ask and nothing to show.
            let is_wanted = !cancelled.contains(&id);
            if asks_user && is_wanted {
                entry.stage = Stage::NeedsResolution;
                entry.delivery.cause = Some(error_of(&problem));
                entry.proposal = proposal;
                self.mark_dirty(affected);
                continue;
            }
            self.mark_dirty(affected);
            let mut members = vec![id.clone()];
            members.extend(self.pending.dependents_of(&id));
            members.extend(self.pending.undoing(&id));
            self.io.push(StoreOutput::RolledBack(problem.code.clone()));
            for id in members {
                if let Some(entry) = self.forget(&id).filter(|_| is_wanted) {
                    let members = failed.entry(batch.id).or_default();
                    members.push((entry, problem.clone()));
                }
            }
        }
        for members in failed.into_values() {
            self.list_failure(members);
        }
    }

    /// Lists one failure for an action.
    fn list_failure(&mut self, mut members: Vec<(PendingMutation, Problem)>) {
        // In an atomic batch only one is to blame; the others were rejected because of it.
        let mut problems = members.iter().map(|(_, problem)| &problem.code);
        let culprit = problems.position(|code| *code != ProblemCode::BatchRejected);
        let (entry, problem) = members.remove(culprit.unwrap_or(0));
        let reader = Reader {
            prepared: Some(&entry.optimistic.prepared),
            context: entry.mutation.context(),
            ..self.reader()
        };
        let subject = entry.mutation.body.subject(&reader);
        let subject = subject.filter(|subject| !subject.is_empty());
        let failure = Failure {
            view: Rc::new(FailureView {
                subject: subject.map(Rc::from),
                mutation: entry.failed(),
                siblings: members.iter().map(|(entry, _)| entry.failed()).collect(),
                error: error_of(&problem),
                at_ms: self.now.wall_ms,
            }),
            atomic: entry.batch.atomic,
        };
        self.failures.push(&self.server.schema, failure);
        self.shown.views.mutations_dirty = true;
    }

    /// Whether a mutation says how something is to be and is known to have changed nothing, so that there is nothing to
    /// undo.
    pub(super) fn changed_nothing(&self, entry: &PendingMutation) -> bool {
        let is_noop = entry.role == MutationRole::Set && !entry.optimistic.moved;
        is_noop && self.server.version(entry.ack.primary).loaded
    }
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
    ErrorView::new(kind)
        .with_problem(problem)
        .with_retry_after(problem.retry_after_ms)
}
