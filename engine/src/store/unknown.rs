//! Mutations of which it is not known what became: asked about before anything else is done, and sent again where the
//! server's word counts no more.

use std::rc::Rc;

use dashboard_protocol::{Mutation, MutationBody};

use super::Store;
use super::entry::{Entry, Stage, primary_resource};
use super::batches::MutationBatch;
use crate::flat::FlatMap;

impl Store {
    /// How long ago a batch was first sent, in milliseconds: by whichever clock says more, since one may have been set
    /// back and the other may stand still while the device sleeps.
    pub(super) fn age_of(&self, index: usize) -> u64 {
        let batch = &self.batches.list[index];
        let mutations = batch.mutations.iter();
        let entries = mutations.filter_map(|mutation| self.log.get(&mutation.id));
        let first = entries.filter_map(|entry| entry.first_sent_ms).min();
        let wall = first.map_or(0, |first| self.now.wall_ms.saturating_sub(first));
        let mono = batch
            .first_sent
            .map_or(0, |first| self.now.mono_ms - first);
        mono.max(u64::try_from(wall).unwrap_or(0))
    }

    /// Has a snapshot tell what became of a batch before anything else is done about it.
    pub(super) fn ask_about(&mut self, index: usize) {
        let batch = &mut self.batches.list[index];
        batch.recheck = Some(self.fetches.next_read());
        let mutations = batch.mutations.iter();
        let resources = mutations
            .map(|mutation| primary_resource(&mutation.body))
            .collect();
        self.want(resources);
    }

    /// A snapshot that asked for these mutations did not know them. One that waited for just that was rejected, if the
    /// server said so, or is given up; others are sent again in their time.
    pub(super) fn resolve_unknown(&mut self, ids: &[Rc<str>], read: u64) {
        let mut rejected = Vec::new();
        for id in ids {
            let Some(index) = self.batches.by_mutation(id) else {
                continue;
            };
            let batch = &self.batches.list[index];
            let asked = batch.recheck.is_some_and(|recheck| recheck <= read);
            let entry = self.log.get_mut(id).filter(|entry| entry.is_open());
            let Some(entry) = entry.filter(|_| asked) else {
                continue;
            };
            if let Some(problem) = batch.rejection.as_deref() {
                rejected.push((Rc::clone(id), problem.clone()));
            } else {
                entry.stage = Stage::Paused { same_id: false };
                self.views.log_dirty = true;
            }
        }
        // Those that did not fit into that request ask again.
        for batch in &mut self.batches.list {
            batch.recheck = batch.recheck.filter(|recheck| *recheck > read);
        }
        self.rejected(rejected);
    }

    /// Mutations whose outcome counts no more, because another epoch began, are sent again.
    pub(super) fn resume_unknown(&mut self) {
        self.drop_overtaken();
        let lost = self
            .log
            .iter()
            .filter(|entry| entry.stage == Stage::Unknown);
        let lost = lost.filter(|entry| self.batches.by_mutation(&entry.id).is_none());
        // What was atomic goes together; the rest one by one.
        let mut batch_ids: FlatMap<u64, Vec<Rc<Mutation>>> = FlatMap::new();
        let mut batches = Vec::new();
        for entry in lost {
            let mutation = Rc::clone(&entry.mutation);
            if entry.atomic {
                batch_ids.or_default(entry.batch_id).push(mutation);
            } else {
                batches.push(MutationBatch::new(vec![mutation], false, self.now.mono_ms));
            }
        }
        let batch_ids = batch_ids.into_values();
        batches.extend(batch_ids.map(|batch_id| MutationBatch::new(batch_id, true, self.now.mono_ms)));
        for mut batch in batches {
            batch.may_have_run = true;
            self.batches.insert(batch, &self.log);
        }
    }

    /// A click that the former epoch had taken does not go out behind a later one for the same favorite that is on its way.
    fn drop_overtaken(&mut self) {
        let is_ahead = |later: &Entry| {
            let waits = later.is_open() && self.batches.by_mutation(&later.id).is_some();
            later.attempts > 0 && (waits || later.stage == Stage::Accepted)
        };
        let overtaken = self.log.iter().filter(|entry| {
            let lost = entry.stage == Stage::Unknown && !entry.atomic;
            let favorite = matches!(entry.mutation.body, MutationBody::SetFavorite { .. });
            lost && favorite
                && self.batches.by_mutation(&entry.id).is_none()
                && self
                    .log
                    .of_entity(&entry.entity)
                    .skip_while(|other| other.id != entry.id)
                    .skip(1)
                    .any(&is_ahead)
        });
        let overtaken: Vec<_> = overtaken.map(|entry| Rc::clone(&entry.id)).collect();
        for id in overtaken {
            self.forget(&id);
        }
    }
}
