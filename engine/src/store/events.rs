//! Events: from the streams, from replies, in any order.

use std::rc::Rc;

use dashboard_protocol::{Change, Event, Resource};

use super::base::Continuity;
use super::inbox::Admitted;
use super::resources::ResourceSet;
use super::{Count, StoreOutput, Store};
use crate::core::Applied;
use crate::http::ListName;
use crate::time::Now;

impl Store {
    /// An event of one resource, from wherever. It is applied as soon as those before it are, and shown together with
    /// the other parts of its commit.
    pub fn handle_event(&mut self, now: Now, event: Event) {
        self.handle_events(now, vec![event]);
    }

    /// Events in one go: one commit, and one notification for each key.
    pub fn handle_events(&mut self, now: Now, events: Vec<Event>) {
        self.now = now;
        if self.user.is_none() {
            return;
        }
        for event in events {
            self.admit(event);
        }
        self.drain();
        self.commit();
    }

    /// An event arrived that cannot be read at all: its resource is fetched.
    pub fn handle_malformed(&mut self, now: Now, resource: Resource) {
        self.now = now;
        if self.user.is_none() {
            return;
        }
        self.count(Count::Malformed(resource));
        self.want(ResourceSet::of(&[resource]));
        self.commit();
    }

    /// Takes an event in, without applying it yet.
    pub(super) fn admit(&mut self, event: Event) {
        let resource = event.resource;
        if self.base.epoch.as_deref() != Some(event.epoch.as_str()) {
            if self.base.loaded().is_empty() {
                // Nothing is known of any epoch: the first snapshot says which one holds.
                self.hold(event);
                return;
            }
            if self.past_epochs.contains(event.epoch.as_str()) {
                self.count(Count::Duplicate(resource));
                return;
            }
            self.begin_epoch(&event.epoch);
        }
        self.hold(event);
    }

    fn hold(&mut self, event: Event) {
        let resource = event.resource;
        let malformed = event
            .changes
            .iter()
            .any(|change| matches!(change, Change::Unknown { .. }));
        if malformed && self.base.continuity(&event) != Continuity::Known {
            self.count(Count::Malformed(resource));
            self.name_commit(&event);
            self.want(ResourceSet::of(&[resource]));
            return;
        }
        if self.base.continuity(&event) == Continuity::Early && !self.fetches.busy().has(resource) {
            // Nobody asked for this resource; a later snapshot will hold what the event says.
            self.name_commit(&event);
            return;
        }
        match self.inbox.admit(Rc::new(event), self.now.mono_ms) {
            Admitted::Waits => {}
            Admitted::Twice => self.count(Count::Duplicate(resource)),
            Admitted::Overflow => self.want(ResourceSet::of(&[resource])),
        }
    }

    /// Learns from an event which mutations the server ran.
    fn name_commit(&mut self, event: &Event) {
        let before = self.log.guessed(&event.mutations);
        if self.log.name_commit(event) {
            self.views.dirty = self.views.dirty.and(before);
            self.views.log_dirty = true;
        }
    }

    /// Applies whatever can be applied now.
    pub(super) fn drain(&mut self) {
        while let Some(found) = self.inbox.take(&self.base, self.live, self.now.mono_ms) {
            for event in found.known {
                self.count(Count::Duplicate(event.resource));
                self.name_commit(&event);
            }
            for event in found.next {
                self.apply(&event);
            }
        }
        let gaps = self.inbox.new_gaps(&self.base);
        for resource in gaps.iter() {
            self.count(Count::Gap(resource));
        }
        let broken = self.inbox.broken(&self.base);
        for resource in broken.iter() {
            self.count(Count::Gap(resource));
            self.inbox.clear(resource);
        }
        self.reread(broken);
    }

    fn apply(&mut self, event: &Rc<Event>) {
        let resource = event.resource;
        for change in &event.changes {
            self.note_for_pages(change);
            match change {
                Change::FavoriteAdded(added) => self.favorite_states.touch(&added.beat_id),
                Change::FavoriteRemoved(removed) => self.favorite_states.touch(&removed.beat_id),
                _ => {}
            }
        }
        self.base.apply(event, self.now.wall_ms);
        self.name_commit(event);
        self.views.dirty.insert(resource);
        self.count(Count::Applied(resource));
        for index in 0..event.changes.len() {
            let event = Rc::clone(event);
            self.applied.push(Applied { event, index });
        }
    }

    /// A page of older rows may be on its way: what is said of its rows meanwhile holds for it too.
    fn note_for_pages(&mut self, change: &Change) {
        match change {
            Change::FavoriteRemoved(removed) => {
                self.fetches
                    .note_gone(ListName::Favorites, &removed.beat_id);
            }
            Change::OrderUpdated(order) => self.fetches.note_row(ListName::Orders, &**order),
            Change::DownloadProgress(download)
            | Change::DownloadCompleted(download)
            | Change::DownloadFailed(download)
            | Change::DownloadCancelled(download) => {
                self.fetches.note_row(ListName::Downloads, &**download);
            }
            _ => {}
        }
    }

    /// Another epoch holds from now on: everything is fetched, what is on screen stays until then, and the mutations are
    /// settled against the new data.
    pub(super) fn begin_epoch(&mut self, epoch: &str) {
        if let Some(old) = &self.base.epoch {
            if self.past_epochs.len() >= super::PAST_EPOCHS_MAX {
                self.past_epochs.clear();
            }
            self.past_epochs.insert((**old).to_owned());
        }
        self.base.begin_epoch(epoch);
        self.epoch_read = self.fetches.next_read();
        self.inbox.clear_all();
        self.log.begin_epoch(epoch);
        // What another state of the server had may not be there to be undone.
        self.saved.clear();
        self.views.dirty = ResourceSet::of(&Resource::ALL);
        self.views.log_dirty = true;
        self.resume_unknown();
        let loaded = self.base.loaded();
        self.reread(loaded);
    }

    /// Hears which resources' events arrive by themselves; only their parts of a commit are waited for.
    pub fn set_live(&mut self, resources: &[Resource]) {
        self.live = ResourceSet::of(resources);
        self.read_what_nobody_brings();
    }

    /// What a mutation waits for that the server has taken is read, if neither a stream nor a reply brings it.
    pub(super) fn read_what_nobody_brings(&mut self) {
        let idle = self.base.loaded().without(self.fetches.busy());
        let unheard = idle.without(self.live);
        let mut missing = ResourceSet::EMPTY;
        for entry in self.log.iter() {
            let listening = unheard.and(entry.unbrought().common(idle));
            let awaited = entry.awaited().common(listening);
            if !awaited.is_empty() && !self.batches.is_on_its_way(&entry.id) {
                missing = missing.and(awaited);
            }
        }
        self.want(missing);
    }

    pub(super) fn count(&mut self, count: Count) {
        self.outputs.push_back(StoreOutput::Counted(count));
    }
}
