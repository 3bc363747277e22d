//! Events: from the channels, from replies, in any order.

use std::rc::Rc;

use super::Store;
use super::inbox::Admitted;
use super::undo_history::UndoHistory;
use crate::event::{Applied, Event};
use crate::metrics::Counter;
use crate::schema::{EntityKey, ResourceId, ResourceSet};
use crate::state::Continuity;
use crate::time::Now;

impl Store {
    /// Events, from wherever: one commit, and one notification for each key. Each is applied as soon as those before it
    /// are, and shown together with the other parts of its commit.
    pub fn handle_events(&mut self, now: Now, events: Vec<Event>) {
        self.now = now;
        if self.identity.user.is_none() {
            return;
        }
        for event in events {
            self.admit(event);
        }
        self.apply_ready();
        self.commit();
    }

    /// An event arrived that cannot be read at all: its resource is read instead.
    pub fn handle_malformed(&mut self, now: Now, resource: ResourceId) {
        self.now = now;
        if self.identity.user.is_none() {
            return;
        }
        self.io.count(Counter::FramesMalformed, resource);
        self.want(ResourceSet::one(resource));
        self.commit();
    }

    /// Takes an event in, without applying it yet.
    pub(super) fn admit(&mut self, event: Event) {
        let is_other = self.server.epoch.as_ref() != Some(&event.epoch);
        // As long as nothing is known of any epoch, the first snapshot says which one holds.
        if is_other && !self.server.loaded().is_empty() {
            if self.epochs.past.contains(&event.epoch) {
                self.io.count(Counter::Duplicates, event.resource);
                return;
            }
            self.begin_epoch(&event.epoch);
        }
        let resource = event.resource;
        let continuity = self.server.continuity(&event);
        if event.is_malformed() && continuity != Continuity::Known {
            self.io.count(Counter::FramesMalformed, resource);
            self.name_commit(&event);
            self.want(ResourceSet::one(resource));
            return;
        }
        if continuity == Continuity::Early && !self.reads.busy().contains(resource) {
            // Nobody asked for this resource; a later snapshot will include what the event says.
            self.name_commit(&event);
            return;
        }
        match self.inbox.admit(Rc::new(event), self.now.mono_ms) {
            Admitted::Waits => {}
            Admitted::Duplicate => self.io.count(Counter::Duplicates, resource),
            Admitted::Overflow => self.want(ResourceSet::one(resource)),
        }
    }

    /// Learns from an event which mutations the server ran.
    fn name_commit(&mut self, event: &Event) {
        if let Some(before) = self.pending.name_commit(event) {
            self.mark_dirty(before);
        }
    }

    /// Applies every event that can be applied now.
    pub(super) fn apply_ready(&mut self) {
        while let Some(ready) = self.inbox.take(&self.server, self.now.mono_ms) {
            for event in ready.known {
                self.io.count(Counter::Duplicates, event.resource);
                self.name_commit(&event);
            }
            for event in ready.next {
                self.apply(&event);
            }
        }
        for resource in self.inbox.new_gaps(&self.server).iter() {
            self.io.count(Counter::Gaps, resource);
        }
        let broken = self.inbox.broken(&self.server);
        for resource in broken.iter() {
            self.io.count(Counter::Gaps, resource);
            self.inbox.clear(resource);
        }
        self.reread(broken);
    }

    fn apply(&mut self, event: &Rc<Event>) {
        let resource = event.resource;
        let touched = self.server.apply(event, self.now.wall_ms);
        if let Some(read) = self.reads.pages.get_mut(&resource) {
            read.note(&touched);
        }
        if self.server.ids(resource).is_some() {
            for row in &touched {
                let id = Rc::from(row.id());
                self.shown.entities.touched.push(EntityKey { resource, id });
            }
        }
        self.name_commit(event);
        self.shown.views.dirty.insert(resource);
        self.io.count(Counter::Applied, resource);
        self.note_applied(event, false);
    }

    /// Listeners hear of each change once the views show it.
    pub(super) fn note_applied(&mut self, event: &Rc<Event>, derived: bool) {
        let changes = (0..event.changes.len()).map(|index| Applied {
            event: Rc::clone(event),
            index,
            derived,
        });
        self.io.applied.extend(changes);
    }

    /// Another epoch holds from now on: everything is read, what is on screen stays until then, and pending mutations are
    /// resolved against the new data.
    pub(super) fn begin_epoch(&mut self, epoch: &Rc<str>) {
        if let Some(old) = self.server.epoch.clone() {
            if self.epochs.past.len() >= super::PAST_EPOCHS_MAX {
                self.epochs.past.clear();
            }
            self.epochs.past.insert(old);
        }
        self.server.begin_epoch(epoch);
        self.epochs.first_read = self.reads.next_read();
        self.inbox.clear_all();
        self.pending.begin_epoch(epoch);
        // What another state of the server had may not be there to be undone.
        self.history = UndoHistory::default();
        self.mark_dirty(self.schema().all_resources());
        self.resume_unknown();
        let loaded = self.server.loaded();
        self.reread(loaded);
    }

    /// Says which resources' events arrive by themselves; only their parts of a commit are waited for.
    pub fn set_live(&mut self, resources: ResourceSet) {
        self.inbox.live = resources;
        self.read_what_nobody_brings();
    }

    /// Reads the resources that accepted mutations wait for, if neither a channel nor a reply brings them.
    pub(super) fn read_what_nobody_brings(&mut self) {
        let idle = self.server.loaded() - self.reads.busy();
        let unheard = idle - self.inbox.live;
        let mut missing = ResourceSet::EMPTY;
        for entry in self.pending.iter() {
            let listening = unheard | (entry.without_event() & idle);
            let awaited = entry.awaited() & listening;
            if !awaited.is_empty() && !self.outbox.is_in_flight(&entry.id) {
                missing.insert_all(awaited);
            }
        }
        self.want(missing);
    }
}
