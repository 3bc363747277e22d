//! One mutation of the user on its way into the server's state.

use std::rc::Rc;

use sync_protocol::{Json, ProblemCode, Timestamp};

use crate::schema::{EntityKey, MutationId, MutationRef, MutationRole, ResourceId, ResourceSet};
use crate::state::{Effect, PreparedRows, ServerState};
use crate::time::Now;
use crate::view::{ErrorView, FailedMutation, MutationState, PendingView};

/// Where a mutation is on its way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stage {
    /// Not sent.
    Queued,
    /// In flight.
    Sent,
    /// Sent, and no answer came.
    Unknown,
    /// Accepted by the server.
    Accepted,
    /// Rejected in a way that the user has to decide about.
    NeedsResolution,
    /// Paused until the user retries. With `same_id` the outcome is unknown, so that only the same id may be sent
    /// again.
    Paused {
        /// Whether the next attempt uses the same id.
        same_id: bool,
    },
}

/// The action of the user that a mutation belongs to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct BatchRef {
    pub(super) id: u64,
    /// Whether all of its mutations hold or none.
    pub(super) atomic: bool,
}

/// What a mutation predicts.
#[derive(Clone, Debug)]
pub(super) struct Optimistic {
    /// The timestamp of its rows.
    pub(super) created: Timestamp,
    /// Its rows, fixed when it was made, so that rebasing it gives the same values and pointers.
    pub(super) prepared: PreparedRows,
    pub(super) effect: Effect,
    /// Whether it ever added anything: the known data may hold its effect before its outcome is known.
    pub(super) moved: bool,
}

/// How far the server's data, as known here, include a mutation.
#[derive(Clone, Debug)]
pub(super) struct Acknowledgement {
    /// The primary resource of its kind.
    pub(super) primary: ResourceId,
    /// The resources that its kind affects, unless the server says otherwise.
    guess: ResourceSet,
    /// Epoch and version of its commit, once known.
    pub(super) commit: Option<(Rc<str>, u64)>,
    /// Resources that it affects: the guess until the server has answered.
    pub(super) affected: ResourceSet,
    /// Those of them whose data include it.
    pub(super) included: ResourceSet,
    /// Resources of the guess that its commit did not change: somebody did the same before. It is shown on them until
    /// the data of its primary resource include it, so that a counter keeps step with its list.
    pub(super) noop: ResourceSet,
}

impl Acknowledgement {
    pub(super) const fn new(primary: ResourceId, guess: ResourceSet) -> Self {
        Self {
            primary,
            guess,
            commit: None,
            affected: guess,
            included: ResourceSet::EMPTY,
            noop: ResourceSet::EMPTY,
        }
    }

    /// Takes over what the server says its commit affected.
    pub(super) fn set_affected(&mut self, told: ResourceSet) {
        self.affected = told | self.guess;
        self.noop = self.guess - told;
    }

    /// The server's state that accepted it is no more.
    pub(super) fn reset(&mut self) {
        self.commit = None;
        self.affected = self.guess;
        self.noop = ResourceSet::EMPTY;
    }

    fn primary_set(&self) -> ResourceSet {
        ResourceSet::one(self.primary)
    }

    /// Notes which resources' data include it by now; returns those that are new.
    pub(super) fn advance(&mut self, server: &ServerState) -> ResourceSet {
        let mut new = ResourceSet::EMPTY;
        let version = match &self.commit {
            Some((epoch, version)) if server.epoch.as_ref() == Some(epoch) => *version,
            _ => return new,
        };
        // The primary resource comes first: no-op resources depend on it.
        let missing = self.affected - self.included;
        let primary = self.primary_set();
        for resource in (missing & primary).iter().chain((missing - primary).iter()) {
            let is_included = if self.noop.contains(resource) && resource != self.primary {
                self.included.contains(self.primary) || !server.version(self.primary).loaded
            } else {
                let known = server.version(resource);
                known.current && known.version >= version
            };
            if is_included {
                self.included.insert(resource);
                new.insert(resource);
            }
        }
        new
    }
}

/// How a mutation was sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Delivery {
    /// When the user asked.
    pub(super) asked: Now,
    pub(super) attempts: u32,
    /// When it was first sent, by the wall clock.
    pub(super) first_sent_ms: Option<i64>,
    /// Why it waits or failed.
    pub(super) cause: Option<ErrorView>,
}

/// A mutation that is not settled.
#[derive(Clone, Debug)]
pub(super) struct PendingMutation {
    pub(super) id: MutationId,
    pub(super) mutation: MutationRef,
    /// Its arguments as they are sent: encoded once, so that every attempt sends the same bytes.
    pub(super) args: Rc<Json>,
    pub(super) role: MutationRole,
    pub(super) entity: EntityKey,
    pub(super) batch: BatchRef,
    pub(super) stage: Stage,
    pub(super) optimistic: Optimistic,
    pub(super) ack: Acknowledgement,
    pub(super) delivery: Delivery,
    /// What the server would accept instead.
    pub(super) proposal: Option<MutationRef>,
    /// The mutation that this one undoes, because the user cancelled it after it was sent.
    pub(super) undoes: Option<MutationId>,
}

impl PendingMutation {
    /// Whether it is shown on top of a resource's data.
    pub(super) fn shows_on(&self, resource: ResourceId) -> bool {
        self.ack.affected.contains(resource) && !self.ack.included.contains(resource)
    }

    /// The resources whose data it waits for, once the server has accepted it.
    pub(super) fn awaited(&self) -> ResourceSet {
        if self.stage == Stage::Accepted {
            let missing = self.ack.affected - self.ack.included;
            missing - (self.ack.noop - self.ack.primary_set())
        } else {
            ResourceSet::EMPTY
        }
    }

    /// The primary resource, if no event will bring it: as a part of a batch, it changed nothing itself.
    pub(super) fn without_event(&self) -> ResourceSet {
        self.ack.noop & self.ack.primary_set()
    }

    /// Whether its outcome is not known.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Queued | Stage::Sent | Stage::Unknown)
    }

    /// Whether it makes the thing that it is about.
    pub(super) fn creates(&self) -> bool {
        self.role == MutationRole::Create
    }

    /// Whether nothing happens to it before the user has decided.
    pub(super) const fn waits_for_user(&self) -> bool {
        matches!(self.stage, Stage::Paused { .. } | Stage::NeedsResolution)
    }

    /// Whether the server has another mutation under its id: what the server says about the id is not about this one.
    pub(super) fn is_id_taken(&self) -> bool {
        let cause = self.delivery.cause.as_ref();
        self.stage == Stage::Paused { same_id: false }
            && cause.and_then(|cause| cause.code.as_ref()) == Some(&ProblemCode::MutationIdReused)
    }

    /// The server accepted it, in this commit.
    pub(super) fn accept(&mut self, epoch: &Rc<str>, version: u64, affected: ResourceSet) {
        if self.ack.commit.is_none() {
            self.ack.commit = Some((Rc::clone(epoch), version));
            self.ack.set_affected(affected);
            self.stage = Stage::Accepted;
            self.delivery.cause = None;
        }
    }

    /// What is shown of it; `is_undone` if another mutation undoes it.
    pub(super) fn view(&self, is_undone: bool) -> PendingView {
        let state = match self.stage {
            Stage::NeedsResolution => MutationState::NeedsResolution,
            Stage::Paused { .. } => MutationState::Paused,
            _ if is_undone => MutationState::Cancelling,
            Stage::Accepted => MutationState::Accepted,
            Stage::Queued | Stage::Sent | Stage::Unknown if self.optimistic.effect.conflicted => {
                MutationState::Conflicted
            }
            Stage::Queued => MutationState::Queued,
            Stage::Sent => MutationState::Sent,
            Stage::Unknown => MutationState::Unknown,
        };
        PendingView {
            id: self.id.clone(),
            mutation: self.mutation.clone(),
            state,
            asked_at_ms: self.delivery.asked.wall_ms,
            attempts: self.delivery.attempts,
            cause: self.delivery.cause.clone(),
            proposal: self.proposal.clone(),
        }
    }

    /// It as part of a failure.
    pub(super) fn failed(&self) -> FailedMutation {
        FailedMutation {
            id: self.id.clone(),
            mutation: self.mutation.clone(),
        }
    }
}
