//! Events that wait, by commit, and which of them may be applied together.

use std::rc::Rc;

use super::Priority;
use super::order::CommitKey;
use crate::event::Event;
use crate::map::{Map, MapExt as _};
use crate::schema::{AnyUpdate, FeedId, ResourceId, ResourceSet, Schema};

/// When a commit is to be applied. Earlier variants are more urgent.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Due {
    /// As soon as its parts are together.
    Now,
    /// With the next frame.
    Frame,
    /// When the medium window ends.
    Medium,
    /// When the low window ends.
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
    /// Parts that are known to come, and until when to wait for them.
    gathering: Option<(ResourceSet, u64)>,
}

/// The outcome of adding an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Added {
    /// It waits now.
    Queued,
    /// It waits already.
    Duplicate,
}

/// All commits that wait, oldest first.
#[derive(Debug)]
pub(super) struct Queue {
    commits: Map<CommitKey, Commit>,
    by_due: [usize; Due::COUNT],
    by_resource: Vec<usize>,
    /// Commits with parts outstanding: few, since nobody waits for them for long.
    gathering: Map<CommitKey, u64>,
}

impl Queue {
    pub(super) fn new(schema: &Schema) -> Self {
        Self {
            commits: Map::new(),
            by_due: [0; Due::COUNT],
            by_resource: vec![0; schema.resource_count()],
            gathering: Map::new(),
        }
    }

    /// Whether a commit has parts here.
    pub(super) fn get(&self, key: CommitKey) -> Option<&Commit> {
        self.commits.get(&key)
    }

    /// Adds an event. `wanted` are all parts of its commit that are to be applied together, and `until_ms` is how
    /// long to wait for them if it is the first of them.
    pub(super) fn add(
        &mut self,
        key: CommitKey,
        part: Part,
        (priority, due): (Priority, Due),
        (wanted, until_ms): (ResourceSet, u64),
    ) -> Added {
        let resource = part.event.resource;
        let commit = self.commits.entry(key).or_insert_with(|| {
            self.by_due[due as usize] += 1;
            Commit {
                parts: Vec::with_capacity(1),
                present: ResourceSet::EMPTY,
                due,
                priority,
                gathering: Some((wanted, until_ms)),
            }
        });
        commit.priority = commit.priority.max(priority);
        if due < commit.due {
            self.by_due[commit.due as usize] -= 1;
            self.by_due[due as usize] += 1;
            commit.due = due;
        }
        let added = if commit.present.contains(resource) {
            Added::Duplicate
        } else {
            let at = commit
                .parts
                .partition_point(|other| other.event.resource < resource);
            commit.parts.insert(at, part);
            commit.present.insert(resource);
            self.by_resource[resource.index()] += 1;
            Added::Queued
        };
        if let Some((outstanding, _)) = &mut commit.gathering {
            *outstanding = wanted;
        }
        self.note_gathering(key);
        added
    }

    /// Updates of a feed are applied: events that still wait are older.
    pub(super) fn patch(&mut self, schema: &Schema, feed: FeedId, updates: &[Rc<dyn AnyUpdate>]) {
        for commit in self.commits.values_mut() {
            for part in &mut commit.parts {
                part.event.patch(schema, feed, updates);
            }
        }
    }

    /// Stops waiting for parts whose time is up.
    pub(super) fn expire(&mut self, now_ms: u64) {
        let commits = &mut self.commits;
        self.gathering.retain(|key, until_ms| {
            let is_over = *until_ms <= now_ms;
            if is_over && let Some(commit) = commits.get_mut(key) {
                commit.gathering = None;
            }
            !is_over
        });
    }

    /// When the next wait for a part is over.
    pub(super) fn next_expiry(&self) -> Option<u64> {
        self.gathering.values().min().copied()
    }

    /// Makes commits of one urgency due with the next frame.
    pub(super) fn promote(&mut self, from: Due) {
        if self.count(from) == 0 {
            return;
        }
        for commit in self
            .commits
            .values_mut()
            .filter(|commit| commit.due == from)
        {
            commit.due = Due::Frame;
        }
        self.by_due[Due::Frame as usize] += std::mem::take(&mut self.by_due[from as usize]);
    }

    /// How many commits have this urgency.
    pub(super) const fn count(&self, due: Due) -> usize {
        self.by_due[due as usize]
    }

    /// How many events wait, of one resource.
    pub(super) fn depth_of(&self, resource: ResourceId) -> usize {
        self.by_resource[resource.index()]
    }

    /// How many events wait.
    pub(super) fn depth(&self) -> usize {
        self.by_resource.iter().sum()
    }

    /// Takes out all commits that are due by `limit` and whose parts are together, and with each of them all earlier
    /// commits that touch the same resources, so that no resource ever skips an event and no commit is split. A commit
    /// behind one that still waits for a part waits too. The parts come in the order of commits.
    pub(super) fn take(&mut self, limit: Due) -> Vec<(CommitKey, Part)> {
        let is_due = self.by_due[..=limit as usize]
            .iter()
            .any(|count| *count > 0);
        if !is_due {
            return Vec::new();
        }
        let (mut blocked, mut free) = (ResourceSet::EMPTY, Vec::new());
        for (key, commit) in self.commits.iter() {
            if commit.gathering.is_some() || !(commit.present & blocked).is_empty() {
                let (outstanding, _) = commit.gathering.unwrap_or_default();
                blocked = blocked | commit.present | outstanding;
            } else {
                free.push((*key, commit.present, commit.due <= limit));
            }
        }
        let mut pulled = ResourceSet::EMPTY;
        free.reverse();
        free.retain(|(_, present, is_due)| {
            let is_taken = *is_due || !(*present & pulled).is_empty();
            if is_taken {
                pulled = pulled | *present;
            }
            is_taken
        });
        // All in one pass: to take them out one by one from the front would move the rest each time.
        let mut taken = Vec::new();
        for (key, commit) in std::mem::take(&mut self.commits) {
            if free.pop_if(|(next, ..)| *next == key).is_some() {
                self.uncount(key, &commit);
                taken.extend(commit.parts.into_iter().map(|part| (key, part)));
            } else {
                self.commits.insert(key, commit);
            }
        }
        taken
    }

    /// Drops the waiting events of a resource. Other parts of their commits no longer wait for them.
    pub(super) fn drop_parts(&mut self, resource: ResourceId) {
        let keys: Vec<_> = self.commits.keys().copied().collect();
        for key in keys {
            let Some(commit) = self.commits.get_mut(&key) else {
                continue;
            };
            if let Some((outstanding, _)) = &mut commit.gathering {
                outstanding.remove(resource);
            }
            if commit.present.contains(resource) {
                commit.present.remove(resource);
                commit.parts.retain(|part| part.event.resource != resource);
                self.by_resource[resource.index()] -= 1;
            }
            if commit.parts.is_empty() {
                self.remove(key);
            } else {
                self.note_gathering(key);
            }
        }
    }

    /// Notes whether a commit still waits for parts.
    fn note_gathering(&mut self, key: CommitKey) {
        let Some(commit) = self.commits.get_mut(&key) else {
            return;
        };
        match commit.gathering {
            Some((outstanding, until_ms)) if !outstanding.is_subset(commit.present) => {
                self.gathering.insert(key, until_ms);
            }
            _ => {
                commit.gathering = None;
                self.gathering.remove(&key);
            }
        }
    }

    fn remove(&mut self, key: CommitKey) {
        if let Some(commit) = self.commits.remove(&key) {
            self.uncount(key, &commit);
        }
    }

    fn uncount(&mut self, key: CommitKey, commit: &Commit) {
        self.gathering.remove(&key);
        self.by_due[commit.due as usize] -= 1;
        for part in &commit.parts {
            self.by_resource[part.event.resource.index()] -= 1;
        }
    }
}
