//! Wishes of which it is not known what became: asked about before anything else is done, and sent again where the
//! server's word counts no more.

use std::rc::Rc;

use dashboard_protocol::{Mutation, Wish};

use super::Store;
use super::entry::{Entry, Stage, spoken_of};
use super::parcels::Parcel;
use crate::flat::FlatMap;

impl Store {
    /// How long ago a parcel was first sent, in milliseconds: by whichever clock says more, since one may have been set
    /// back and the other may stand still while the device sleeps.
    pub(super) fn age_of(&self, place: usize) -> u64 {
        let parcel = &self.parcels.list[place];
        let mutations = parcel.mutations.iter();
        let entries = mutations.filter_map(|mutation| self.log.get(&mutation.id));
        let first = entries.filter_map(|entry| entry.first_sent_ms).min();
        let wall = first.map_or(0, |first| self.now.wall_ms.saturating_sub(first));
        let mono = parcel
            .first_sent
            .map_or(0, |first| self.now.mono_ms - first);
        mono.max(u64::try_from(wall).unwrap_or(0))
    }

    /// Has a snapshot tell what became of a parcel before anything else is done about it.
    pub(super) fn ask_about(&mut self, place: usize) {
        let parcel = &mut self.parcels.list[place];
        parcel.recheck = Some(self.fetches.next_read());
        let mutations = parcel.mutations.iter();
        let resources = mutations
            .map(|mutation| spoken_of(&mutation.wish))
            .collect();
        self.want(resources);
    }

    /// A snapshot that asked for these mutations did not know them. One that waited for just that was refused, if the
    /// server said so, or is given up; others are sent again in their time.
    pub(super) fn settle_unknown(&mut self, ids: &[Rc<str>], read: u64) {
        let mut refused = Vec::new();
        for id in ids {
            let Some(place) = self.parcels.by_mutation(id) else {
                continue;
            };
            let parcel = &self.parcels.list[place];
            let asked = parcel.recheck.is_some_and(|recheck| recheck <= read);
            let entry = self.log.get_mut(id).filter(|entry| entry.is_open());
            let Some(entry) = entry.filter(|_| asked) else {
                continue;
            };
            if let Some(problem) = parcel.refusal.as_deref() {
                refused.push((Rc::clone(id), problem.clone()));
            } else {
                entry.stage = Stage::Parked { same_id: false };
                self.views.log_dirty = true;
            }
        }
        // Those that did not fit into that request ask again.
        for parcel in &mut self.parcels.list {
            parcel.recheck = parcel.recheck.filter(|recheck| *recheck > read);
        }
        self.rejected(refused);
    }

    /// Wishes whose verdict counts no more, because another epoch began, are sent again.
    pub(super) fn resume_unknown(&mut self) {
        self.drop_overtaken();
        let lost = self
            .log
            .iter()
            .filter(|entry| entry.stage == Stage::Unknown);
        let lost = lost.filter(|entry| self.parcels.by_mutation(&entry.id).is_none());
        // What was atomic goes together; the rest one by one.
        let mut acts: FlatMap<u64, Vec<Rc<Mutation>>> = FlatMap::new();
        let mut parcels = Vec::new();
        for entry in lost {
            let mutation = Rc::clone(&entry.mutation);
            if entry.atomic {
                acts.or_default(entry.act).push(mutation);
            } else {
                parcels.push(Parcel::new(vec![mutation], false, self.now.mono_ms));
            }
        }
        let acts = acts.into_values();
        parcels.extend(acts.map(|act| Parcel::new(act, true, self.now.mono_ms)));
        for mut parcel in parcels {
            parcel.may_have_run = true;
            self.parcels.insert(parcel, &self.log);
        }
    }

    /// A click that the former epoch had taken does not go out behind a later one for the same heart that is on its way.
    fn drop_overtaken(&mut self) {
        let is_ahead = |later: &Entry| {
            let waits = later.is_open() && self.parcels.by_mutation(&later.id).is_some();
            later.attempts > 0 && (waits || later.stage == Stage::Accepted)
        };
        let overtaken = self.log.iter().filter(|entry| {
            let lost = entry.stage == Stage::Unknown && !entry.atomic;
            let heart = matches!(entry.mutation.wish, Wish::SetFavorite { .. });
            lost && heart
                && self.parcels.by_mutation(&entry.id).is_none()
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
