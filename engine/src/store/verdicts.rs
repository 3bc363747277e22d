//! The server's word on wishes, and what follows from it for others.

use std::rc::Rc;

use dashboard_protocol::{Event, MutationReply, Problem, ProblemCode, Verdict, Wish};

use super::entry::{Entry, Stage, spoken_of};
use super::failures::Failure;
use super::resources::ResourceSet;
use super::{Count, Store};
use crate::flat::{FlatMap, FlatSet};
use crate::http::{HttpFailure, RETRY_AFTER_MAX_MS};
use crate::planted::{Fault as Planted, is_planted};
use crate::view::{ErrorKind, ErrorView, FailureView};

impl Store {
    /// Whether the reply to a call that sends changes is waited for.
    pub(crate) fn is_sending(&self, id: u64) -> bool {
        self.parcels.by_request(id).is_some()
    }

    /// The result of a request with wishes; nothing if the id is of none.
    pub(super) fn settle_mutations(&mut self, id: u64, result: Result<MutationReply, HttpFailure>) {
        let Some(place) = self.parcels.by_request(id) else {
            return;
        };
        self.parcels.list[place].flight = None;
        match result {
            Ok(reply) => self.verdicts_arrived(place, reply),
            Err(failure) => self.mutations_failed(place, &failure),
        }
        self.drain();
    }

    fn verdicts_arrived(&mut self, place: usize, reply: MutationReply) {
        let asked = self.parcels.list[place].mutations.clone();
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
        let mut refused = Vec::new();
        for result in reply.results {
            if !asked.iter().any(|mutation| mutation.id == result.id) {
                continue;
            }
            match result.verdict {
                Verdict::Accepted { version, events } => {
                    self.take_verdict(&result.id, &reply.epoch, version, &events);
                    for event in events {
                        self.admit(event);
                    }
                }
                Verdict::Rejected { problem } => {
                    let entry = self.log.get(&result.id);
                    if let Some(entry) = entry.filter(|entry| entry.is_open()) {
                        refused.push((Rc::clone(&entry.id), problem));
                    }
                }
            }
        }
        self.rejected(refused);
        self.link_works();
        if missing {
            self.mutations_failed(place, &HttpFailure::Undecodable { status: 200 });
        }
    }

    fn take_verdict(&mut self, id: &str, epoch: &str, version: u64, events: &[Event]) {
        let stale = self.past_epochs.contains(epoch);
        let Some(entry) = self.log.get_mut(id) else {
            return;
        };
        self.views.dirty = self.views.dirty.and(entry.touched);
        self.views.log_dirty = true;
        if stale {
            // Taken by a server state that is no more: the wish goes out again.
            entry.stage = Stage::Unknown;
            return;
        }
        let mut touched = ResourceSet::EMPTY;
        for event in events {
            touched.insert(event.resource);
            touched = touched.and(event.resources.iter().copied().collect());
        }
        if touched.is_empty() {
            touched = ResourceSet::of(&[spoken_of(&entry.mutation.wish)]);
        }
        entry.accept(epoch, version, touched);
        // The server's word replaces what was thought until now.
        entry.tell(touched);
        let id = Rc::clone(&entry.id);
        self.accepted(&id);
        if is_planted(Planted::DropOnReply) {
            self.forget(&id);
        }
    }

    /// What follows for others when a wish took effect: a thing that was taken back needs no further taking back.
    pub(super) fn accepted(&mut self, id: &str) {
        let Some(entry) = self.log.get(id) else {
            return;
        };
        if !matches!(
            entry.mutation.wish,
            Wish::CancelOrder { .. } | Wish::CancelDownload { .. }
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

    /// Wishes were refused for good. They and those that build on them leave together; each act of the person gets one
    /// message.
    pub(super) fn rejected(&mut self, refused: Vec<(Rc<str>, Problem)>) {
        if refused.is_empty() {
            return;
        }
        let mut acts: FlatMap<u64, Vec<(Entry, Problem)>> = FlatMap::new();
        let proposals = self.proposals(&refused);
        let undone = self.log.undone();
        let undone = undone.iter().flat_map(|id| self.log.fellows(id));
        let taken_back: FlatSet<Rc<str>> = undone.collect();
        for (id, problem) in refused {
            let Some(entry) = self.log.get_mut(&id) else {
                continue;
            };
            self.views.log_dirty = true;
            self.views.dirty = self.views.dirty.and(entry.touched);
            let act = entry.act;
            // What the person has taken back is as they want it: there is nothing to ask and nothing to tell.
            let is_wanted = !taken_back.contains(&id);
            let is_offer = offers(entry, &problem) || (entry.atomic && proposals.contains(&act));
            if is_offer && is_wanted {
                entry.stage = Stage::NeedsResolution;
                entry.cause = Some(error_of(&problem));
                entry.proposed_total = problem.total.filter(|_| entry.creates());
                continue;
            }
            let mut members = vec![Rc::clone(&id)];
            members.extend(self.dependents_of(&id));
            members.extend(self.undoing(&id));
            if is_planted(Planted::RestoreFromCopy)
                && let Some(entry) = self.log.get(&id)
            {
                self.base.put_back(&entry.mutation.wish);
            }
            self.count(Count::RolledBack(problem.code.clone()));
            for id in members {
                if let Some(entry) = self.forget(&id).filter(|_| is_wanted) {
                    acts.or_default(act).push((entry, problem.clone()));
                }
            }
        }
        for members in acts.into_values() {
            self.tell_failure(members);
        }
    }

    /// The acts for which the server proposes something else: what holds as a whole is decided about as a whole.
    fn proposals(&self, refused: &[(Rc<str>, Problem)]) -> FlatSet<u64> {
        let entries = refused.iter().filter_map(|(id, problem)| {
            let entry = self.log.get(id)?;
            offers(entry, problem).then_some(entry.act)
        });
        entries.collect()
    }

    /// Lists one failure for an act.
    fn tell_failure(&mut self, mut members: Vec<(Entry, Problem)>) {
        // In an atomic batch only one is to blame; the others were refused because of it.
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

    /// What to call the thing that a wish was about.
    fn subject_of(&self, entry: &Entry) -> Option<Rc<str>> {
        let drafts = &entry.drafts;
        let title = match &entry.mutation.wish {
            Wish::SetFavorite { beat_id, .. } => self.title_of(beat_id, &entry.beats),
            Wish::PlaceOrder { .. } => {
                let order = drafts.order.as_ref();
                order.and_then(|order| order.lines.first().map(|line| line.title.clone()))
            }
            Wish::CancelOrder { order_id } => {
                let order = self.base.orders.find(order_id);
                order.map(|order| order.number.clone())
            }
            Wish::RequestDownload { .. } => drafts.download.as_ref().map(|row| row.title.clone()),
            Wish::CancelDownload { download_id } => {
                let row = self.base.downloads.find(download_id);
                row.map(|row| row.title.clone())
            }
        };
        title.filter(|title| !title.is_empty()).map(Rc::from)
    }

    /// Wishes that make no sense without this one: what was asked of a thing that it would have created.
    pub(super) fn dependents_of(&self, id: &str) -> Vec<Rc<str>> {
        let creator = self.log.get(id).filter(|entry| entry.creates());
        let unsent = creator.map_or_else(Vec::new, |entry| self.unsent_after(entry));
        let with_fellows = unsent.iter().flat_map(|id| self.log.fellows(id));
        with_fellows.filter(|other| **other != *id).collect()
    }

    /// The wish that would undo this one, if it has not been sent.
    fn undoing(&self, id: &str) -> Option<Rc<str>> {
        let unsent = self.unsent_after(self.log.get(id)?);
        let mut undoing = unsent.into_iter();
        undoing.find(|other| {
            let other = self.log.get(other);
            other.and_then(|other| other.undoes.as_deref()) == Some(id)
        })
    }

    /// Wishes for the same thing that were made later and have not been sent.
    fn unsent_after(&self, entry: &Entry) -> Vec<Rc<str>> {
        let later = self.log.of_entity(&entry.entity);
        later
            .skip_while(|other| other.id != entry.id)
            .skip(1)
            .filter(|other| other.stage == Stage::Queued && other.attempts == 0)
            .map(|other| Rc::clone(&other.id))
            .collect()
    }

    /// Takes a wish out of the log, and out of what is to be sent.
    pub(super) fn forget(&mut self, id: &str) -> Option<Entry> {
        let entry = self.log.remove(id)?;
        // Taken back or refused, it is nothing that a click could double.
        self.ordered.retain(|(_, mutation)| mutation.id != *id);
        if let Some(place) = self.parcels.by_mutation(id) {
            self.parcels.list[place].remove(id);
        }
        self.views.dirty = self.views.dirty.and(entry.touched);
        self.views.log_dirty = true;
        Some(entry)
    }
}

/// Whether a refusal says at which price the order would be taken.
fn offers(entry: &Entry, problem: &Problem) -> bool {
    let is_order = matches!(entry.mutation.wish, Wish::PlaceOrder { .. });
    is_order && problem.code == ProblemCode::PriceChanged && problem.total.is_some()
}

/// A refusal as the interface gets it.
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

/// The problem of a refusal that came without one.
pub(super) fn no_reason() -> Problem {
    Problem::new(ProblemCode::Invalid, 422, "rejected without a reason")
}
