//! Events in the terms of a schema.

use std::fmt;
use std::rc::Rc;

use sync_protocol::Timestamp;

use crate::schema::{
    AnyChange, FeedId, FeedUpdate, MutationId, ResourceId, ResourceSet, Schema, data_ref,
};

/// What a commit did to one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Epoch of the user's data; another one invalidates everything that is known.
    pub epoch: Rc<str>,
    /// The resource that changed.
    pub resource: ResourceId,
    /// The commit's version.
    pub version: u64,
    /// The resource's version before the commit.
    pub prev: u64,
    /// All resources that the commit affected, as far as the schema has them.
    pub resources: ResourceSet,
    /// Ids of the mutations that the commit ran.
    pub mutations: Vec<MutationId>,
    /// When the commit was made.
    pub at: Timestamp,
    /// What changed, in order.
    pub changes: Vec<Change>,
}

/// One change of an event.
#[derive(Clone, PartialEq)]
pub struct Change {
    pub(crate) kind: Rc<str>,
    /// `None` if it could not be read: its resource has to be read instead.
    pub(crate) data: Option<Rc<AnyChange>>,
}

impl Change {
    /// A change of a collection or value.
    #[must_use]
    pub fn new<T: fmt::Debug + PartialEq + 'static>(kind: &str, change: T) -> Self {
        Self {
            kind: Rc::from(kind),
            data: Some(Rc::new(change)),
        }
    }

    /// A change that this build cannot read: its resource has to be read instead.
    #[must_use]
    pub fn unknown(kind: &str) -> Self {
        Self {
            kind: Rc::from(kind),
            data: None,
        }
    }

    /// Its type on the wire.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Whether this build cannot read it.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        self.data.is_none()
    }

    /// The change, if it is of type `T`: the `Change` type of its collection or value.
    #[must_use]
    pub fn downcast<T: 'static>(&self) -> Option<&T> {
        data_ref(self.data.as_deref()?)
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.data {
            Some(data) => data.fmt(f),
            None => write!(f, "Unknown({:?})", self.kind),
        }
    }
}

/// A change that was applied and is in the views.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The event it came with.
    pub event: Rc<Event>,
    /// Its index among the event's changes.
    pub index: usize,
    /// Whether no such event was received: what a snapshot changed was compared, because the connection was down or events
    /// were missing. Then one change may stand for several, `event.at` is the time of the read, and the event names no
    /// mutations. Neither the first read of a resource nor one of another epoch gives any.
    pub derived: bool,
}

impl Applied {
    /// The change itself.
    #[must_use]
    pub fn change(&self) -> Option<&Change> {
        self.event.changes.get(self.index)
    }

    /// The resource that changed.
    #[must_use]
    pub fn resource(&self) -> ResourceId {
        self.event.resource
    }

    /// The change's type on the wire.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.change().map_or("", Change::kind)
    }
}

impl Event {
    /// A feed brought updates that are newer than this event: its rows must not bring former values back.
    pub(crate) fn patch(&mut self, schema: &Schema, feed: FeedId, updates: &[FeedUpdate]) {
        let definition = schema.definition(self.resource);
        for change in &mut self.changes {
            let data = change.data.as_deref();
            if let Some(patched) =
                data.and_then(|data| definition.patch_change(feed, data, updates))
            {
                change.data = Some(patched);
            }
        }
    }

    /// Whether a change of it cannot be read, so that its resource has to be read instead.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        self.changes.iter().any(Change::is_unknown)
    }
}
