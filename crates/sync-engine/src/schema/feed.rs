//! Public channels whose updates carry no version: the latest value of each field wins.

use std::any::TypeId;
use std::fmt;
use std::rc::Rc;

use serde::de::DeserializeOwned;
use sync_protocol::Json;

use super::row::{AnyData, data_ref};
use crate::scheduler::Priority;

/// A public channel of updates without versions, such as prices of a catalog.
///
/// [`Schema::patch`](super::Schema::patch) and [`Schema::patch_query`](super::Schema::patch_query) say which rows an
/// update changes.
pub trait Feed: 'static {
    /// Its channel.
    const CHANNEL: &'static str;
    /// How soon an update has to be on the screen.
    const PRIORITY: Priority = Priority::Low;
    /// One update: an element of `changes` in the channel's publications. An update that cannot be read is left out.
    type Update: Update;
}

/// An update of a [`Feed`].
pub trait Update: Clone + fmt::Debug + PartialEq + DeserializeOwned + 'static {
    /// What it is about. Of updates about the same thing that wait together, one is applied.
    fn key(&self) -> &str;

    /// Takes over what a later update about the same thing says.
    fn merge(&mut self, later: &Self);
}

/// One feed of a schema: its index in the order of registration.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FeedId(pub(super) usize);

impl FeedId {
    /// Its index in the order of registration.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }
}

/// An [`Update`] of whatever type.
trait AnyUpdate: AnyData {
    fn key(&self) -> &str;
    fn merged(&self, later: &FeedUpdate) -> FeedUpdate;
}

impl<T: Update> AnyUpdate for T {
    fn key(&self) -> &str {
        Update::key(self)
    }

    fn merged(&self, later: &FeedUpdate) -> FeedUpdate {
        let mut merged = self.clone();
        if let Some(later) = later.downcast() {
            merged.merge(later);
        }
        FeedUpdate::new(merged)
    }
}

/// An update of some feed.
#[derive(Clone, Debug)]
pub struct FeedUpdate(Rc<dyn AnyUpdate>);

impl PartialEq for FeedUpdate {
    fn eq(&self, other: &Self) -> bool {
        self.0.same(&*other.0)
    }
}

impl FeedUpdate {
    /// An update as the engine handles it.
    #[must_use]
    pub fn new<T: Update>(update: T) -> Self {
        Self(Rc::new(update))
    }

    /// The update, if it is of type `T`.
    #[must_use]
    pub fn downcast<T: Update>(&self) -> Option<&T> {
        data_ref(&*self.0)
    }

    /// What it is about.
    pub(crate) fn key(&self) -> &str {
        self.0.key()
    }

    /// The update with what a later one about the same thing says.
    pub(crate) fn merged(&self, later: &Self) -> Self {
        self.0.merged(later)
    }
}

/// The erased form of a [`Feed`].
pub(super) struct FeedDefinition {
    pub(super) channel: &'static str,
    pub(super) type_id: TypeId,
    pub(super) priority: Priority,
    pub(super) decode: fn(&Json) -> Option<FeedUpdate>,
}

pub(super) fn definition<F: Feed>() -> FeedDefinition {
    FeedDefinition {
        channel: F::CHANNEL,
        type_id: TypeId::of::<F>(),
        priority: F::PRIORITY,
        decode: |json| json.decode().map(FeedUpdate::new::<F::Update>),
    }
}
