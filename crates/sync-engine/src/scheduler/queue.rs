//! Events that wait, by commit, and which of them may be applied together.

use super::Priority;
use super::order::CommitKey;
use crate::event::Event;
use crate::map::{Map, MapExt as _};
use crate::schema::{FeedId, FeedUpdate, ResourceId, ResourceSet, Schema};

/// When a commit is to be applied. Earlier variants are more urgent.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Due {
    /// As soon as its parts are together.
    Now,
    /// With the next frame.
    Frame,
    /// When the medium window ends.
    Medium,
    /// When the low window ends.
    #[default]
    Low,
}

impl Due {
    const COUNT: usize = 4;
}

/// An event that waits.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) event: Event,
    pub(super) received_ms: u64,
}

/// Parts of one commit that wait.
#[derive(Debug)]
pub(super) struct Commit {
    parts: Vec<Part>,
    present: ResourceSet,
    due: Due,
    pub(super) priority: Priority,
}

/// All commits that wait, oldest first.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) commits: Map<CommitKey, Commit>,
    by_due: [usize; Due::COUNT],
    /// How many events of each resource wait.
    pub(super) by_resource: Vec<usize>,
}

impl Queue {
    pub(super) fn new(schema: &Schema) -> Self {
        Self {
            commits: Map::new(),
            by_due: [0; Due::COUNT],
            by_resource: vec![0; schema.resource_count()],
        }
    }

    /// Adds an event. Returns whether it is new; otherwise it waits already.
    pub(super) fn add(&mut self, key: CommitKey, part: Part, priority: Priority, due: Due) -> bool {
        let resource = part.event.resource;
        let commit = self.commits.entry(key).or_insert_with(|| {
            self.by_due[due as usize] += 1;
            Commit {
                parts: Vec::with_capacity(1),
                present: ResourceSet::EMPTY,
                due,
                priority,
            }
        });
        commit.priority = commit.priority.max(priority);
        if due < commit.due {
            self.by_due[commit.due as usize] -= 1;
            self.by_due[due as usize] += 1;
            commit.due = due;
        }
        if commit.present.contains(resource) {
            return false;
        }
        let at = commit
            .parts
            .partition_point(|other| other.event.resource < resource);
        commit.parts.insert(at, part);
        commit.present.insert(resource);
        self.by_resource[resource.index()] += 1;
        true
    }

    /// Updates of a feed are applied: events that still wait are older.
    pub(super) fn patch(&mut self, schema: &Schema, feed: FeedId, updates: &[FeedUpdate]) {
        for commit in self.commits.values_mut() {
            for part in &mut commit.parts {
                part.event.patch(schema, feed, updates);
            }
        }
    }

    /// Makes commits of one urgency due with the next frame.
    pub(super) fn promote(&mut self, from: Due) {
        if self.count(from) > 0 {
            self.set_due(Due::Frame, |commit| commit.due == from);
        }
    }

    /// Makes all commits due that touch one of these resources.
    pub(super) fn release(&mut self, resources: ResourceSet) {
        self.set_due(Due::Now, |commit| !(commit.present & resources).is_empty());
    }

    fn set_due(&mut self, due: Due, which: impl Fn(&Commit) -> bool) {
        for commit in self.commits.values_mut().filter(|commit| which(commit)) {
            self.by_due[commit.due as usize] -= 1;
            self.by_due[due as usize] += 1;
            commit.due = due;
        }
    }

    /// How many commits have this urgency.
    pub(super) const fn count(&self, due: Due) -> usize {
        self.by_due[due as usize]
    }

    /// How many events wait.
    pub(super) fn depth(&self) -> usize {
        self.by_resource.iter().sum()
    }

    /// Takes out all commits that are due by `limit`, and with each of them all earlier commits that touch the same
    /// resources, so that no resource ever skips an event and no commit is split. The parts come in the order of commits.
    pub(super) fn take(&mut self, limit: Due) -> Vec<(CommitKey, Part)> {
        let is_due = self.by_due[..=limit as usize]
            .iter()
            .any(|count| *count > 0);
        if !is_due {
            return Vec::new();
        }
        let (mut pulled, mut due) = (ResourceSet::EMPTY, Vec::new());
        for (key, commit) in self.commits.iter().rev() {
            if commit.due <= limit || !(commit.present & pulled).is_empty() {
                pulled = pulled | commit.present;
                due.push(*key);
            }
        }
        // All in one pass: to take them out one by one from the front would move the rest each time.
        let mut taken = Vec::new();
        for (key, commit) in std::mem::take(&mut self.commits) {
            if due.pop_if(|next| *next == key).is_some() {
                self.by_due[commit.due as usize] -= 1;
                for part in commit.parts {
                    self.by_resource[part.event.resource.index()] -= 1;
                    taken.push((key, part));
                }
            } else {
                self.commits.insert(key, commit);
            }
        }
        taken
    }

    /// Drops the waiting events of a resource.
    pub(super) fn drop_parts(&mut self, resource: ResourceId) {
        for commit in self.commits.values_mut() {
            commit.parts.retain(|part| part.event.resource != resource);
            commit.present.remove(resource);
            if commit.parts.is_empty() {
                self.by_due[commit.due as usize] -= 1;
            }
        }
        self.commits.retain(|_, commit| !commit.parts.is_empty());
        self.by_resource[resource.index()] = 0;
    }
}
