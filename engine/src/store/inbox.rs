//! Events that have arrived and are not applied yet: those that a missing one keeps waiting, and parts of a commit
//! whose other parts are still on their way, so that a list and its counter never disagree on screen.

use std::rc::Rc;

use dashboard_protocol::{BeatChange, Event, Resource};

use super::base::{Base, Continuity};
use super::resources::ResourceSet;
use crate::flat::FlatMap;
use crate::catalog_updates::patch_event;
use crate::time::earliest;

/// How long a missing event is waited for before its resource is fetched.
const GAP_WAIT_MS: u64 = 1000;

/// How long a part of a commit waits for the others.
const COMMIT_WAIT_MS: u64 = 50;

/// Most events that wait for one resource; past it, the resource is fetched instead.
const WAITING_MAX: usize = 512;

#[derive(Clone, Debug)]
struct Waiting {
    event: Rc<Event>,
    /// Since when, by `Now::mono_ms`.
    since: u64,
    /// Since when a gap before it is waited for; starts anew after a fetch that did not close it.
    gap_since: u64,
}

/// What the inbox found out while it was worked through.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Events whose turn has come, in the order in which they are to be applied.
    pub(super) next: Vec<Rc<Event>>,
    /// Events that the data hold already.
    pub(super) known: Vec<Rc<Event>>,
}

/// Whether an event was taken in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Admitted {
    /// It waits for its turn.
    Waits,
    /// It waits already.
    Twice,
    /// Too many wait: all of the resource were let go.
    Overflow,
}

/// The waiting events of all resources, each resource's in order of version.
#[derive(Clone, Debug, Default)]
pub(super) struct Inbox {
    waiting: [FlatMap<u64, Waiting>; 5],
    /// Resources whose gap was counted and not closed since.
    gaps: ResourceSet,
}

impl Inbox {
    pub(super) fn admit(&mut self, event: Rc<Event>, now: u64) -> Admitted {
        let waiting = &mut self.waiting[event.resource.index()];
        if waiting.contains_key(&event.version) {
            return Admitted::Twice;
        }
        if waiting.len() >= WAITING_MAX {
            waiting.clear();
            return Admitted::Overflow;
        }
        let entry = Waiting {
            event,
            since: now,
            gap_since: now,
        };
        waiting.insert(entry.event.version, entry);
        Admitted::Waits
    }

    /// The catalog changed: events that wait are older.
    pub(super) fn catalog_updates(&mut self, changes: &[BeatChange]) {
        for waiting in self.waiting[Resource::Favorites.index()].values_mut() {
            patch_event(Rc::make_mut(&mut waiting.event), changes);
        }
    }

    /// Lets go of a resource's events.
    pub(super) fn clear(&mut self, resource: Resource) {
        self.waiting[resource.index()].clear();
        self.gaps.remove(resource);
    }

    /// Lets go of all events.
    pub(super) fn clear_all(&mut self) {
        *self = Self::default();
    }

    /// Lets go of events of any other epoch.
    pub(super) fn keep_epoch(&mut self, epoch: &str) {
        for waiting in &mut self.waiting {
            waiting.retain(|_, waiting| waiting.event.epoch == epoch);
        }
    }

    /// A fetch brought data: a gap that is still there is waited for anew.
    pub(super) fn restart_gap(&mut self, resource: Resource, now: u64) {
        for waiting in self.waiting[resource.index()].values_mut() {
            waiting.gap_since = now;
        }
    }

    fn head(&self, resource: Resource) -> Option<&Waiting> {
        self.waiting[resource.index()].values().next()
    }

    /// Takes out the parts of one commit that can be applied together now, and whatever is known already. Nothing is
    /// found when all that waits has to wait on. `live` are the resources whose events arrive by themselves.
    pub(super) fn take(&mut self, base: &Base, live: ResourceSet, now: u64) -> Option<Found> {
        let mut found = Found::default();
        for resource in Resource::ALL {
            while let Some(head) = self.head(resource)
                && base.continuity(&head.event) == Continuity::Known
            {
                found.known.extend(self.pop(resource));
            }
        }
        let ready = Resource::ALL.into_iter().find(|resource| {
            self.head(*resource).is_some_and(|head| {
                base.continuity(&head.event) == Continuity::Next
                    && (self.is_whole(&head.event, base, live)
                        || now >= head.since + COMMIT_WAIT_MS)
            })
        });
        if let Some(first) = ready {
            let version = self.head(first).map(|head| head.event.version);
            for resource in Resource::ALL {
                let together = self.head(resource).is_some_and(|head| {
                    Some(head.event.version) == version && base.continuity(&head.event) == Continuity::Next
                });
                if together {
                    found.next.extend(self.pop(resource));
                    self.gaps.remove(resource);
                }
            }
        }
        (!found.known.is_empty() || !found.next.is_empty()).then_some(found)
    }

    fn pop(&mut self, resource: Resource) -> Option<Rc<Event>> {
        let (_, waiting) = self.waiting[resource.index()].pop_first()?;
        Some(waiting.event)
    }

    /// Whether each part of the event's commit is in the data, ready beside it, or not to be expected.
    fn is_whole(&self, event: &Event, base: &Base, live: ResourceSet) -> bool {
        event.resources.iter().all(|sibling| {
            let version_of_base = base.version_of_base(*sibling);
            let expected = version_of_base.current && version_of_base.version < event.version && live.has(*sibling);
            let waits = self.waiting[sibling.index()].contains_key(&event.version);
            if waits && version_of_base.current {
                let head = self.head(*sibling);
                let is_ready = head.is_some_and(|head| {
                    head.event.version == event.version && base.continuity(&head.event) == Continuity::Next
                });
                // What is missing before it does not come by itself where nobody listens.
                is_ready || !live.has(*sibling)
            } else {
                !expected
            }
        })
    }

    /// Resources whose first waiting event does not join on, and which were not reported yet.
    pub(super) fn new_gaps(&mut self, base: &Base) -> ResourceSet {
        let gaps: ResourceSet = Resource::ALL
            .into_iter()
            .filter(|resource| self.has_gap(*resource, base))
            .collect();
        let new = gaps.without(self.gaps);
        self.gaps = gaps;
        new
    }

    fn has_gap(&self, resource: Resource, base: &Base) -> bool {
        self.head(resource)
            .is_some_and(|head| base.continuity(&head.event) == Continuity::Gap)
    }

    /// Resources whose gap has been waited for long enough.
    pub(super) fn overdue(&self, base: &Base, now: u64) -> ResourceSet {
        Resource::ALL
            .into_iter()
            .filter(|resource| {
                self.has_gap(*resource, base)
                    && self
                        .head(*resource)
                        .is_some_and(|head| now >= head.gap_since + GAP_WAIT_MS)
            })
            .collect()
    }

    /// Resources whose chain of versions contradicts itself.
    pub(super) fn broken(&self, base: &Base) -> ResourceSet {
        Resource::ALL
            .into_iter()
            .filter(|resource| {
                self.head(*resource)
                    .is_some_and(|head| base.continuity(&head.event) == Continuity::Broken)
            })
            .collect()
    }

    /// When something has waited long enough. Resources in `fetching` are about to be read anyway.
    pub(super) fn next_deadline(&self, base: &Base, fetching: ResourceSet) -> Option<u64> {
        let mut deadline = None;
        for resource in Resource::ALL {
            let Some(head) = self.head(resource) else {
                continue;
            };
            let due = match base.continuity(&head.event) {
                Continuity::Next => Some(head.since + COMMIT_WAIT_MS),
                Continuity::Gap if !fetching.has(resource) => Some(head.gap_since + GAP_WAIT_MS),
                _ => None,
            };
            deadline = earliest(deadline, due);
        }
        deadline
    }
}
