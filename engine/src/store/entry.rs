//! One wish of the person, and how far it has come.

use std::rc::Rc;

use dashboard_protocol::{
    Activity, Beat, Download, Favorite, Money, Mutation, Order, ProblemCode, Resource, Timestamp,
    Wish,
};

use super::base::Base;
use super::resources::ResourceSet;
use crate::planted::{Fault as Planted, is_planted};
use crate::view::{ErrorView, MutationState, PendingView};

/// What a wish is about. Wishes for the same thing reach the server in the order in which they were made.
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
    pub(super) fn of(wish: &Wish) -> Self {
        match wish {
            Wish::SetFavorite { beat_id, .. } => Self::Favorite(Rc::from(beat_id.as_str())),
            Wish::PlaceOrder { order_id, .. } | Wish::CancelOrder { order_id } => {
                Self::Order(Rc::from(order_id.as_str()))
            }
            Wish::RequestDownload { download_id, .. } | Wish::CancelDownload { download_id } => {
                Self::Download(Rc::from(download_id.as_str()))
            }
        }
    }
}

/// Where a wish stands.
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
    /// Refused in a way that the person has to decide about.
    NeedsResolution,
    /// Given up until the person asks again. With `same_id` the outcome is unknown, so that only the same id may be
    /// sent again.
    Parked {
        /// Whether the same id is to be used for the next try.
        same_id: bool,
    },
}

/// The rows that a wish makes, fixed when it is made, so that folding it again gives the same values and pointers.
#[derive(Clone, Debug, Default)]
pub(super) struct Drafts {
    pub(super) favorite: Option<Rc<Favorite>>,
    pub(super) order: Option<Rc<Order>>,
    pub(super) download: Option<Rc<Download>>,
    pub(super) activity: Option<Rc<Activity>>,
}

/// A wish in the log.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: Rc<str>,
    pub(super) mutation: Rc<Mutation>,
    pub(super) entity: Entity,
    pub(super) beats: Vec<Rc<Beat>>,
    pub(super) asked_at_ms: i64,
    /// The moment that its rows carry.
    pub(super) created: Timestamp,
    pub(super) drafts: Drafts,
    /// Which act of the person it belongs to.
    pub(super) act: u64,
    /// Whether that act holds as a whole or not at all.
    pub(super) atomic: bool,
    pub(super) stage: Stage,
    /// Epoch and version of its commit, once known.
    pub(super) commit: Option<(Rc<str>, u64)>,
    /// Resources that it touches: a guess until the server has told.
    pub(super) touched: ResourceSet,
    /// Those of them whose data hold it.
    pub(super) reflected: ResourceSet,
    /// Resources of the first guess that its commit did not touch: somebody did the same before. It is shown on them
    /// until the data that it speaks of have it, so that a counter keeps step with its list.
    pub(super) riding: ResourceSet,
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
    /// The wish that this one undoes, because the person took it back after it was sent.
    pub(super) undoes: Option<Rc<str>>,
}

impl Entry {
    /// Whether it is to be shown on top of a resource's data.
    pub(super) fn shows_on(&self, resource: Resource) -> bool {
        let is_reflected = self.reflected.has(resource) && !is_planted(Planted::CountedTwice);
        self.touched.has(resource) && !is_reflected
    }

    /// Takes the server's word for what its commit touched.
    pub(super) fn tell(&mut self, told: ResourceSet) {
        let guess = guess_touched(&self.mutation.wish);
        self.touched = told.and(guess);
        self.riding = guess.without(told);
    }

    /// The resources whose data it waits for, once the server has taken it.
    pub(super) fn awaited(&self) -> ResourceSet {
        let missing = self.touched.without(self.reflected);
        let spoken_of = ResourceSet::of(&[spoken_of(&self.mutation.wish)]);
        if self.stage == Stage::Accepted {
            missing.without(self.riding.without(spoken_of))
        } else {
            ResourceSet::EMPTY
        }
    }

    /// The resource that it speaks of, if no event will bring it: part of a batch, it changed nothing itself.
    pub(super) fn unbrought(&self) -> ResourceSet {
        let spoken_of = ResourceSet::of(&[spoken_of(&self.mutation.wish)]);
        self.riding.common(spoken_of)
    }

    /// Whether the data of a resource hold it, by these versions.
    pub(super) fn is_reached(&self, resource: Resource, version: u64, base: &Base) -> bool {
        let spoken_of = spoken_of(&self.mutation.wish);
        if self.riding.has(resource) && resource != spoken_of {
            return self.reflected.has(spoken_of) || !base.mark(spoken_of).loaded;
        }
        let mark = base.mark(resource);
        mark.current && mark.version >= version
    }

    /// Whether the server still has to give its word.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Queued | Stage::Sent | Stage::Unknown)
    }

    /// Whether it makes the thing that it is about.
    pub(super) fn creates(&self) -> bool {
        matches!(
            self.mutation.wish,
            Wish::PlaceOrder { .. } | Wish::RequestDownload { .. }
        )
    }

    /// Whether it is a click on a heart that changes nothing, so that there is nothing to undo.
    pub(super) fn is_void(&self) -> bool {
        !self.moved && matches!(self.mutation.wish, Wish::SetFavorite { .. })
    }

    /// Whether nothing becomes of it before the person has decided.
    pub(super) const fn waits_for_person(&self) -> bool {
        matches!(self.stage, Stage::Parked { .. } | Stage::NeedsResolution)
    }

    /// Whether the server has another wish under its id: what is said of the id is not said of this wish.
    pub(super) fn is_id_taken(&self) -> bool {
        let code = self.cause.as_ref().and_then(|cause| cause.code.as_ref());
        self.stage == Stage::Parked { same_id: false }
            && code == Some(&ProblemCode::MutationIdReused)
    }

    /// What is shown of it; `is_undone` if another wish undoes it.
    pub(super) fn view(&self, is_undone: bool) -> PendingView {
        let state = match self.stage {
            Stage::NeedsResolution => MutationState::NeedsResolution,
            Stage::Parked { .. } => MutationState::Parked,
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

/// Resources that a wish touches unless the server says otherwise.
pub(super) const fn guess_touched(wish: &Wish) -> ResourceSet {
    match wish {
        Wish::SetFavorite { .. } => {
            ResourceSet::of(&[Resource::Favorites, Resource::Activity, Resource::Stats])
        }
        // Only paid orders count in the statistics.
        Wish::PlaceOrder { .. } | Wish::CancelOrder { .. } => {
            ResourceSet::of(&[Resource::Orders, Resource::Activity])
        }
        Wish::RequestDownload { .. } | Wish::CancelDownload { .. } => {
            ResourceSet::of(&[Resource::Downloads, Resource::Activity, Resource::Stats])
        }
    }
}

/// The resource that a wish speaks of; the version of a wish that changed nothing is that resource's.
pub(super) const fn spoken_of(wish: &Wish) -> Resource {
    match wish {
        Wish::SetFavorite { .. } => Resource::Favorites,
        Wish::PlaceOrder { .. } | Wish::CancelOrder { .. } => Resource::Orders,
        Wish::RequestDownload { .. } | Wish::CancelDownload { .. } => Resource::Downloads,
    }
}

impl Entry {
    /// The server took it, in this commit.
    pub(super) fn accept(&mut self, epoch: &str, version: u64, touched: ResourceSet) {
        if self.commit.is_none() {
            self.commit = Some((Rc::from(epoch), version));
            self.tell(touched);
            self.stage = Stage::Accepted;
            self.cause = None;
        }
    }
}
