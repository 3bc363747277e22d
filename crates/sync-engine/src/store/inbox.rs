//! Events that have arrived and are not applied yet: those that a missing one holds up, and parts of a commit whose
//! other parts are still to come, so that a list and its counter never disagree on screen.

use std::rc::Rc;

use crate::event::Event;
use crate::map::{Map, MapExt as _};
use crate::schema::{FeedId, FeedUpdate, ResourceId, ResourceSet, Schema};
use crate::state::{Continuity, ServerState};

/// How long to wait for a missing event before its resource is read.
const GAP_WAIT_MS: u64 = 1000;

/// How long a part of a commit waits for the others, in milliseconds: they come over the same socket, so anything longer
/// means that they do not come at all.
pub const COMMIT_WAIT_MS: u64 = 50;

/// Most events that wait for one resource; past it, the resource is read instead.
const WAITING_MAX: usize = 512;

#[derive(Clone, Debug)]
struct Waiting {
    event: Rc<Event>,
    /// Since when, by `Now::mono_ms`.
    since: u64,
    /// Since when a gap before it is waited for; starts again after a read that did not close it.
    gap_since: u64,
}

/// Events that need not wait any longer.
#[derive(Debug, Default)]
pub(super) struct Ready {
    /// Events to apply, in order.
    pub(super) next: Vec<Rc<Event>>,
    /// Events that the data include already.
    pub(super) known: Vec<Rc<Event>>,
}

/// What became of an event that arrived.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Admitted {
    /// It waits.
    Waits,
    /// It waits already.
    Duplicate,
    /// Too many wait: all of the resource were dropped.
    Overflow,
}

/// The waiting events of all resources, each resource's in order of version.
#[derive(Clone, Debug)]
pub(super) struct Inbox {
    waiting: Vec<Map<u64, Waiting>>,
    /// Resources whose events arrive by themselves; only their parts of a commit are waited for.
    pub(super) live: ResourceSet,
    /// Resources whose gap was counted and not closed since.
    gaps: ResourceSet,
}

impl Inbox {
    pub(super) fn new(schema: &Schema) -> Self {
        Self {
            waiting: vec![Map::new(); schema.resource_count()],
            live: schema.all_resources(),
            gaps: ResourceSet::EMPTY,
        }
    }

    fn resources(&self) -> impl Iterator<Item = ResourceId> + use<> {
        (0..self.waiting.len()).map(ResourceId::new)
    }

    pub(super) fn admit(&mut self, event: Rc<Event>, now: u64) -> Admitted {
        let waiting = &mut self.waiting[event.resource.index()];
        if waiting.contains_key(&event.version) {
            return Admitted::Duplicate;
        }
        if waiting.len() >= WAITING_MAX {
            waiting.clear();
            return Admitted::Overflow;
        }
        let version = event.version;
        let entry = Waiting {
            event,
            since: now,
            gap_since: now,
        };
        waiting.insert(version, entry);
        Admitted::Waits
    }

    /// A feed brought updates: waiting events are older and must not bring former values back.
    pub(super) fn patch(&mut self, schema: &Schema, feed: FeedId, updates: &[FeedUpdate]) {
        for resource in schema.patched_by(feed).iter() {
            for waiting in self.waiting[resource.index()].values_mut() {
                Rc::make_mut(&mut waiting.event).patch(schema, feed, updates);
            }
        }
    }

    /// Drops a resource's events.
    pub(super) fn clear(&mut self, resource: ResourceId) {
        self.waiting[resource.index()].clear();
        self.gaps.remove(resource);
    }

    /// Drops all events.
    pub(super) fn clear_all(&mut self) {
        for waiting in &mut self.waiting {
            waiting.clear();
        }
        self.gaps = ResourceSet::EMPTY;
    }

    /// Drops events of any other epoch.
    pub(super) fn keep_epoch(&mut self, epoch: &str) {
        for waiting in &mut self.waiting {
            waiting.retain(|_, waiting| *waiting.event.epoch == *epoch);
        }
    }

    /// A read brought data: a gap that is still there is waited for again.
    pub(super) fn restart_gap(&mut self, resource: ResourceId, now: u64) {
        for waiting in self.waiting[resource.index()].values_mut() {
            waiting.gap_since = now;
        }
    }

    fn head(&self, resource: ResourceId) -> Option<&Waiting> {
        self.waiting[resource.index()].values().next()
    }

    /// The first waiting event of a resource, if it continues the data so.
    fn head_if(
        &self,
        resource: ResourceId,
        server: &ServerState,
        continuity: Continuity,
    ) -> Option<&Waiting> {
        let head = self.head(resource)?;
        (server.continuity(&head.event) == continuity).then_some(head)
    }

    /// Resources whose first waiting event continues the data so, and is as `is_so` says.
    fn heads(
        &self,
        server: &ServerState,
        continuity: Continuity,
        is_so: impl Fn(&Waiting) -> bool,
    ) -> ResourceSet {
        let is_one = |one: &ResourceId| self.head_if(*one, server, continuity).is_some_and(&is_so);
        self.resources().filter(is_one).collect()
    }

    /// Takes out the parts of one commit that can be applied together now, and all known events. `None` if all that
    /// waits has to wait on.
    pub(super) fn take(&mut self, server: &ServerState, now: u64) -> Option<Ready> {
        let mut ready = Ready::default();
        for resource in self.resources() {
            while self.head_if(resource, server, Continuity::Known).is_some() {
                ready.known.extend(self.pop(resource));
            }
        }
        let is_due = |head: &Waiting| {
            self.is_whole(&head.event, server) || now >= head.since + COMMIT_WAIT_MS
        };
        let mut next = self
            .resources()
            .filter_map(|one| self.head_if(one, server, Continuity::Next));
        if let Some(version) = next
            .find(|head| is_due(head))
            .map(|head| head.event.version)
        {
            let is_part = |head: &Waiting| head.event.version == version;
            for resource in self.heads(server, Continuity::Next, is_part).iter() {
                ready.next.extend(self.pop(resource));
                self.gaps.remove(resource);
            }
        }
        (!ready.known.is_empty() || !ready.next.is_empty()).then_some(ready)
    }

    fn pop(&mut self, resource: ResourceId) -> Option<Rc<Event>> {
        let (_, waiting) = self.waiting[resource.index()].pop_first()?;
        Some(waiting.event)
    }

    /// Whether each part of the event's commit is in the data, ready beside it, or not to be expected.
    fn is_whole(&self, event: &Event, server: &ServerState) -> bool {
        event.resources.iter().all(|sibling| {
            let known = server.version(sibling);
            let is_live = self.live.contains(sibling);
            let expected = known.current && known.version < event.version && is_live;
            let waits = self.waiting[sibling.index()].contains_key(&event.version);
            if waits && known.current {
                let next = self.head_if(sibling, server, Continuity::Next);
                let is_ready = next.is_some_and(|head| head.event.version == event.version);
                // The missing event before it does not come by itself on a channel that is not subscribed.
                is_ready || !is_live
            } else {
                !expected
            }
        })
    }

    /// Resources whose first waiting event does not continue the data, and which were not reported yet.
    pub(super) fn new_gaps(&mut self, server: &ServerState) -> ResourceSet {
        let gaps = self.heads(server, Continuity::Gap, |_| true);
        let new = gaps - self.gaps;
        self.gaps = gaps;
        new
    }

    /// Resources whose gap was waited for long enough.
    pub(super) fn overdue(&self, server: &ServerState, now: u64) -> ResourceSet {
        self.heads(server, Continuity::Gap, |head| {
            now >= head.gap_since + GAP_WAIT_MS
        })
    }

    /// Resources whose chain of versions contradicts itself.
    pub(super) fn broken(&self, server: &ServerState) -> ResourceSet {
        self.heads(server, Continuity::Broken, |_| true)
    }

    /// When something has waited long enough. Resources in `fetching` are about to be read anyway.
    pub(super) fn next_deadline(&self, server: &ServerState, fetching: ResourceSet) -> Option<u64> {
        let due = |resource: ResourceId| {
            let head = self.head(resource)?;
            match server.continuity(&head.event) {
                Continuity::Next => Some(head.since + COMMIT_WAIT_MS),
                Continuity::Gap if !fetching.contains(resource) => {
                    Some(head.gap_since + GAP_WAIT_MS)
                }
                _ => None,
            }
        };
        self.resources().filter_map(due).min()
    }
}
