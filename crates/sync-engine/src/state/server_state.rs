//! The last known server state: every resource with its version, under one epoch.

use std::rc::Rc;

use sync_protocol::Timestamp;

use super::list::List;
use crate::event::Event;
use crate::map::Set;
use crate::schema::{
    AnyValue, FeedId, FeedUpdate, Kind, ResourceId, ResourceSet, ResourceSnapshot, RowChange,
    Schema, SnapshotData,
};

/// Ids of the rows of a collection.
pub type IdSet = Set<Rc<str>>;

/// The data of one resource.
#[derive(Clone, Debug)]
pub(crate) enum ResourceData {
    /// A collection: its loaded rows, and the ids of all of them if it tracks those.
    List { list: List, ids: Option<Rc<IdSet>> },
    /// A value, once it was read.
    Value(Option<Rc<AnyValue>>),
}

/// How far one resource is known.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ResourceVersion {
    /// Whether there are data to show, of whatever epoch.
    pub(crate) loaded: bool,
    /// Whether `version` belongs to the current epoch, so that events can be compared with it.
    pub(crate) current: bool,
    /// Version of the last commit that is in the data.
    pub(crate) version: u64,
    /// When the data were last known to match the server, by the wall clock.
    pub(crate) verified_at_ms: Option<i64>,
    /// Order number of the read that brought the data.
    pub(crate) read: u64,
}

/// How an event continues the known versions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Continuity {
    /// Its commit is in the data.
    Known,
    /// It is the next one.
    Next,
    /// An event before it is missing.
    Gap,
    /// The chain of versions contradicts itself: the data have to be read again.
    Broken,
    /// There is nothing yet to compare it with.
    Early,
}

/// Where a snapshot comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SnapshotMeta {
    /// Order number of the read.
    pub(crate) read: u64,
    /// When it arrived, by the wall clock.
    pub(crate) now_ms: i64,
    /// The same by the server's clock.
    pub(crate) server_ms: i64,
    /// Rows that a window shows at least.
    pub(crate) page_size: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct ResourceState {
    pub(crate) version: ResourceVersion,
    pub(crate) data: ResourceData,
}

/// The last known server state.
#[derive(Clone, Debug)]
pub(crate) struct ServerState {
    pub(crate) schema: Rc<Schema>,
    /// The epoch of the current versions.
    pub(crate) epoch: Option<Rc<str>>,
    pub(crate) resources: Vec<ResourceState>,
    /// The newest timestamp that the server has named.
    pub(crate) newest: Timestamp,
}

impl ServerState {
    /// Nothing is known.
    pub(crate) fn new(schema: &Rc<Schema>) -> Self {
        let state = |resource| ResourceState {
            version: ResourceVersion::default(),
            data: match schema.definition(resource).kind {
                Kind::Collection { tracks_ids, .. } => ResourceData::List {
                    list: List::default(),
                    ids: tracks_ids.then(Rc::default),
                },
                Kind::Value { .. } => ResourceData::Value(None),
            },
        };
        Self {
            schema: Rc::clone(schema),
            epoch: None,
            resources: schema.resources().map(state).collect(),
            newest: Timestamp::default(),
        }
    }

    pub(crate) fn version(&self, resource: ResourceId) -> &ResourceVersion {
        &self.resources[resource.index()].version
    }

    /// The data of a resource were found to match the server.
    pub(crate) fn verified(&mut self, resource: ResourceId, now_ms: i64) {
        let version = &mut self.resources[resource.index()].version;
        if version.loaded {
            version.verified_at_ms = Some(now_ms);
        }
    }

    pub(crate) fn data(&self, resource: ResourceId) -> &ResourceData {
        &self.resources[resource.index()].data
    }

    /// The rows of a collection; `None` for a value.
    pub(crate) fn list(&self, resource: ResourceId) -> Option<&List> {
        match self.data(resource) {
            ResourceData::List { list, .. } => Some(list),
            ResourceData::Value(_) => None,
        }
    }

    /// The rows of a collection; `None` for a value.
    pub(crate) fn list_mut(&mut self, resource: ResourceId) -> Option<&mut List> {
        match &mut self.resources[resource.index()].data {
            ResourceData::List { list, .. } => Some(list),
            ResourceData::Value(_) => None,
        }
    }

    /// The ids of all rows of a collection that tracks them.
    pub(crate) fn ids(&self, resource: ResourceId) -> Option<&Rc<IdSet>> {
        match self.data(resource) {
            ResourceData::List { ids, .. } => ids.as_ref(),
            ResourceData::Value(_) => None,
        }
    }

    /// Whether the server has a row: by the tracked ids, else by the loaded rows.
    pub(crate) fn has_row(&self, resource: ResourceId, id: &str) -> bool {
        match self.data(resource) {
            ResourceData::List { ids: Some(ids), .. } => ids.contains(id),
            ResourceData::List { list, .. } => list.find(id).is_some(),
            ResourceData::Value(_) => false,
        }
    }

    /// Resources with data to show.
    pub(crate) fn loaded(&self) -> ResourceSet {
        let all = self.schema.resources();
        all.filter(|resource| self.version(*resource).loaded)
            .collect()
    }

    /// Another epoch begins: known data stay on screen, and none of their versions count any more.
    pub(crate) fn begin_epoch(&mut self, epoch: &Rc<str>) {
        self.epoch = Some(Rc::clone(epoch));
        for state in &mut self.resources {
            state.version.current = false;
        }
    }

    /// How an event of the current epoch continues the known versions.
    pub(crate) fn continuity(&self, event: &Event) -> Continuity {
        let known = self.version(event.resource);
        if !known.current {
            Continuity::Early
        } else if known.version >= event.version {
            Continuity::Known
        } else if known.version == event.prev {
            Continuity::Next
        } else if known.version < event.prev {
            Continuity::Gap
        } else {
            Continuity::Broken
        }
    }

    /// Applies the next event of a resource. Returns what it did to rows.
    pub(crate) fn apply(&mut self, event: &Event, now_ms: i64) -> Vec<RowChange> {
        let mut touched = Vec::new();
        let state = &mut self.resources[event.resource.index()];
        let definition = self.schema.definition(event.resource);
        // Events with a change that cannot be read never come here: their resource is read instead.
        let changes = event.changes.iter();
        for change in changes.filter_map(|change| change.data.as_deref()) {
            (definition.apply)(&mut state.data, event.version, change, &mut touched);
        }
        state.version.version = event.version;
        state.version.verified_at_ms = Some(now_ms);
        if event.at > self.newest {
            self.newest = event.at.clone();
        }
        touched
    }

    /// Takes those of a snapshot's resources that are newer than the known ones. Returns which; `derived` gets an event for
    /// each whose data another commit of the same epoch had made.
    pub(crate) fn take(
        &mut self,
        meta: SnapshotMeta,
        resources: Vec<(ResourceId, ResourceSnapshot)>,
        derived: &mut Vec<Event>,
    ) -> ResourceSet {
        let mut taken = ResourceSet::EMPTY;
        for (resource, snapshot) in resources {
            let known = *self.version(resource);
            if self.admit(resource, snapshot.version, meta) {
                if known.current && known.version < snapshot.version {
                    derived.extend(self.derived(resource, known.version, &snapshot, meta));
                }
                self.replace(resource, snapshot, meta.page_size);
                taken.insert(resource);
            }
        }
        taken
    }

    /// What a snapshot changes of a resource, as one event.
    fn derived(
        &self,
        resource: ResourceId,
        prev: u64,
        snapshot: &ResourceSnapshot,
        meta: SnapshotMeta,
    ) -> Option<Event> {
        let changes = self.changes_to(resource, &snapshot.data);
        (!changes.is_empty()).then(|| Event {
            epoch: self.epoch.clone().unwrap_or_default(),
            resource,
            version: snapshot.version,
            prev,
            resources: resource.into(),
            mutations: Vec::new(),
            at: Timestamp::from_unix_ms(meta.server_ms),
            changes,
        })
    }

    /// Whether data of this version may replace the known ones; if so, notes it. The same version read later is taken
    /// too: fields that a feed updates are as of the read.
    fn admit(&mut self, resource: ResourceId, version: u64, meta: SnapshotMeta) -> bool {
        let known = &mut self.resources[resource.index()].version;
        let newer = version > known.version || (version == known.version && meta.read > known.read);
        if known.current && !newer {
            return false;
        }
        *known = ResourceVersion {
            loaded: true,
            current: true,
            version,
            verified_at_ms: Some(meta.now_ms),
            read: meta.read,
        };
        true
    }

    fn replace(&mut self, resource: ResourceId, snapshot: ResourceSnapshot, page_size: usize) {
        let data = &mut self.resources[resource.index()].data;
        match (data, snapshot.data) {
            (ResourceData::List { list, ids }, SnapshotData::List(page, all)) => {
                if let Some(first) = page.rows.first()
                    && *first.at() > self.newest
                {
                    self.newest = first.at().clone();
                }
                if let Some(all) = all
                    && ids.as_deref() != Some(&all)
                {
                    *ids = Some(Rc::new(all));
                }
                list.replace(page.rows, page.next_cursor, snapshot.version, page_size);
            }
            (ResourceData::Value(known), SnapshotData::Value(data)) => {
                if known.as_deref() != Some(&*data) {
                    *known = Some(data);
                }
            }
            // A schema decodes each resource as what it is.
            (ResourceData::List { .. }, SnapshotData::Value(_))
            | (ResourceData::Value(_), SnapshotData::List(..)) => {}
        }
    }

    /// A feed brought updates. Returns the resources whose rows changed.
    pub(crate) fn patch(&mut self, feed: FeedId, updates: &[FeedUpdate]) -> ResourceSet {
        let mut changed = ResourceSet::EMPTY;
        for resource in self.schema.patched_by(feed).iter() {
            let definition = self.schema.definition(resource);
            if let ResourceData::List { list, .. } = &mut self.resources[resource.index()].data
                && list.update(|row| definition.patch_row(feed, row, updates))
            {
                changed.insert(resource);
            }
        }
        changed
    }
}
