//! One mutation of the user, and how far it has come.

use std::rc::Rc;

use dashboard_protocol::{
    Activity, Beat, Download, Favorite, Money, Mutation, Order, ProblemCode, Resource, Timestamp,
    MutationBody,
};

use super::base::Base;
use super::resources::ResourceSet;
use crate::injected_faults::{InjectedFault, is_injected};
use crate::view::{ErrorView, MutationState, PendingView};

/// What a mutation is about. Mutations for the same thing reach the server in the order in which they were made.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Entity {
    /// The mark on a beat.
    Favorite(Rc<str>),
    /// An order.
    Order(Rc<str>),
    /// A download.
    Download(Rc<str>),
}

impl Entity {
    pub(super) fn of(body: &MutationBody) -> Self {
        match body {
            MutationBody::SetFavorite { beat_id, .. } => Self::Favorite(Rc::from(beat_id.as_str())),
            MutationBody::PlaceOrder { order_id, .. } | MutationBody::CancelOrder { order_id } => {
                Self::Order(Rc::from(order_id.as_str()))
            }
            MutationBody::RequestDownload { download_id, .. } | MutationBody::CancelDownload { download_id } => {
                Self::Download(Rc::from(download_id.as_str()))
            }
        }
    }
}

/// Where a mutation stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stage {
    /// Not sent.
    Queued,
    /// On its way.
    Sent,
    /// Sent, and no answer came.
    Unknown,
    /// In the server's data.
    Accepted,
    /// Rejected in a way that the user has to decide about.
    NeedsResolution,
    /// Given up until the user asks again. With `same_id` the outcome is unknown, so that only the same id may be
    /// sent again.
    Paused {
        /// Whether the same id is to be used for the next try.
        same_id: bool,
    },
}

/// The rows that a mutation makes, fixed when it is made, so that folding it again gives the same values and pointers.
#[derive(Clone, Debug, Default)]
pub(super) struct OptimisticRows {
    pub(super) favorite: Option<Rc<Favorite>>,
    pub(super) order: Option<Rc<Order>>,
    pub(super) download: Option<Rc<Download>>,
    pub(super) activity: Option<Rc<Activity>>,
}

/// A mutation in the log.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: Rc<str>,
    pub(super) mutation: Rc<Mutation>,
    pub(super) entity: Entity,
    pub(super) beats: Vec<Rc<Beat>>,
    pub(super) asked_at_ms: i64,
    /// The moment that its rows carry.
    pub(super) created: Timestamp,
    pub(super) optimistic_rows: OptimisticRows,
    /// Which act of the user it belongs to.
    pub(super) batch_id: u64,
    /// Whether that act holds as a whole or not at all.
    pub(super) atomic: bool,
    pub(super) stage: Stage,
    /// Epoch and version of its commit, once known.
    pub(super) commit: Option<(Rc<str>, u64)>,
    /// Resources that it touches: a guess until the server has told.
    pub(super) affected: ResourceSet,
    /// Those of them whose data hold it.
    pub(super) reflected: ResourceSet,
    /// Resources of the first guess that its commit did not touch: somebody did the same before. It is shown on them
    /// until the data that it speaks of have it, so that a counter keeps step with its list.
    pub(super) noop_resources: ResourceSet,
    /// Whether it no longer applies to what the server has.
    pub(super) conflicted: bool,
    /// What it adds to the counter that it moves: favorites, or downloads of the month's quota.
    pub(super) counted: i32,
    /// Whether it ever added anything: what is known may hold its effect before it is known to be the server's word.
    pub(super) moved: bool,
    pub(super) attempts: u32,
    /// When it was first sent, by the wall clock.
    pub(super) first_sent_ms: Option<i64>,
    pub(super) cause: Option<ErrorView>,
    pub(super) proposed_total: Option<Money>,
    /// The mutation that this one undoes, because the user took it back after it was sent.
    pub(super) undoes: Option<Rc<str>>,
}

impl Entry {
    /// Whether it is to be shown on top of a resource's data.
    pub(super) fn shows_on(&self, resource: Resource) -> bool {
        let is_reflected = self.reflected.has(resource) && !is_injected(InjectedFault::CountedTwice);
        self.affected.has(resource) && !is_reflected
    }

    /// Takes the server's word for what its commit touched.
    pub(super) fn notify(&mut self, notified: ResourceSet) {
        let guess = guess_affected(&self.mutation.body);
        self.affected = notified.and(guess);
        self.noop_resources = guess.without(notified);
    }

    /// The resources whose data it waits for, once the server has taken it.
    pub(super) fn awaited(&self) -> ResourceSet {
        let missing = self.affected.without(self.reflected);
        let primary_resource = ResourceSet::of(&[primary_resource(&self.mutation.body)]);
        if self.stage == Stage::Accepted {
            missing.without(self.noop_resources.without(primary_resource))
        } else {
            ResourceSet::EMPTY
        }
    }

    /// The resource that it speaks of, if no event will bring it: part of a batch, it changed nothing itself.
    pub(super) fn unbrought(&self) -> ResourceSet {
        let primary_resource = ResourceSet::of(&[primary_resource(&self.mutation.body)]);
        self.noop_resources.common(primary_resource)
    }

    /// Whether the data of a resource hold it, by these versions.
    pub(super) fn is_included_in(&self, resource: Resource, version: u64, base: &Base) -> bool {
        let primary_resource = primary_resource(&self.mutation.body);
        if self.noop_resources.has(resource) && resource != primary_resource {
            return self.reflected.has(primary_resource) || !base.version_of_base(primary_resource).loaded;
        }
        let version_of_base = base.version_of_base(resource);
        version_of_base.current && version_of_base.version >= version
    }

    /// Whether the server still has to give its word.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Queued | Stage::Sent | Stage::Unknown)
    }

    /// Whether it makes the thing that it is about.
    pub(super) fn creates(&self) -> bool {
        matches!(
            self.mutation.body,
            MutationBody::PlaceOrder { .. } | MutationBody::RequestDownload { .. }
        )
    }

    /// Whether it is a click on a favorite that changes nothing, so that there is nothing to undo.
    pub(super) fn is_void(&self) -> bool {
        !self.moved && matches!(self.mutation.body, MutationBody::SetFavorite { .. })
    }

    /// Whether nothing becomes of it before the user has decided.
    pub(super) const fn waits_for_user(&self) -> bool {
        matches!(self.stage, Stage::Paused { .. } | Stage::NeedsResolution)
    }

    /// Whether the server has another mutation under its id: what is said of the id is not said of this mutation.
    pub(super) fn is_id_taken(&self) -> bool {
        let code = self.cause.as_ref().and_then(|cause| cause.code.as_ref());
        self.stage == Stage::Paused { same_id: false }
            && code == Some(&ProblemCode::MutationIdReused)
    }

    /// What is shown of it; `is_undone` if another mutation undoes it.
    pub(super) fn view(&self, is_undone: bool) -> PendingView {
        let state = match self.stage {
            Stage::NeedsResolution => MutationState::NeedsResolution,
            Stage::Paused { .. } => MutationState::Paused,
            _ if is_undone => MutationState::Cancelling,
            Stage::Accepted => MutationState::Accepted,
            Stage::Queued | Stage::Sent | Stage::Unknown if self.conflicted => {
                MutationState::Conflicted
            }
            Stage::Queued => MutationState::Queued,
            Stage::Sent => MutationState::Sent,
            Stage::Unknown => MutationState::Unknown,
        };
        PendingView {
            mutation: Rc::clone(&self.mutation),
            state,
            asked_at_ms: self.asked_at_ms,
            attempts: self.attempts,
            cause: self.cause.clone(),
            proposed_total: self.proposed_total.clone(),
        }
    }
}

/// Resources that a mutation touches unless the server says otherwise.
pub(super) const fn guess_affected(body: &MutationBody) -> ResourceSet {
    match body {
        MutationBody::SetFavorite { .. } => {
            ResourceSet::of(&[Resource::Favorites, Resource::Activity, Resource::Stats])
        }
        // Only paid orders count in the statistics.
        MutationBody::PlaceOrder { .. } | MutationBody::CancelOrder { .. } => {
            ResourceSet::of(&[Resource::Orders, Resource::Activity])
        }
        MutationBody::RequestDownload { .. } | MutationBody::CancelDownload { .. } => {
            ResourceSet::of(&[Resource::Downloads, Resource::Activity, Resource::Stats])
        }
    }
}

/// The resource that a mutation speaks of; the version of a mutation that changed nothing is that resource's.
pub(super) const fn primary_resource(body: &MutationBody) -> Resource {
    match body {
        MutationBody::SetFavorite { .. } => Resource::Favorites,
        MutationBody::PlaceOrder { .. } | MutationBody::CancelOrder { .. } => Resource::Orders,
        MutationBody::RequestDownload { .. } | MutationBody::CancelDownload { .. } => Resource::Downloads,
    }
}

impl Entry {
    /// The server took it, in this commit.
    pub(super) fn accept(&mut self, epoch: &str, version: u64, affected: ResourceSet) {
        if self.commit.is_none() {
            self.commit = Some((Rc::from(epoch), version));
            self.notify(affected);
            self.stage = Stage::Accepted;
            self.cause = None;
        }
    }
}
