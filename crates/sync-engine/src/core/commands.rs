//! Requests of the user and the screen.

use sync_protocol::User;

use super::Core;
use crate::connection::ConnectionInput;
use crate::schema::{ItemPage, MutationId, NewMutation, QueryKey, ResourceId, ResourceSet};
use crate::store::Added;
use crate::time::Now;
use crate::topics::TopicSet;

impl Core {
    /// A user is signed in: connect and load for them. Another user than before starts from nothing.
    pub fn sign_in(&mut self, now: Now, user: User) {
        self.cancel_session_check();
        self.session_check.found_nobody = false;
        if self
            .user
            .as_ref()
            .is_some_and(|before| before.id == user.id)
        {
            self.user = Some(user);
            return;
        }
        if self.user.is_some() {
            self.sign_out(now);
        }
        if self.store.is_of_another(&user.id) {
            self.queries.clear();
        }
        self.store.sign_in(now, &user.id);
        self.user = Some(user);
        self.connection.handle(now, ConnectionInput::SignedIn);
        self.subscribe_all(now);
        self.drain(now);
    }

    /// Nobody is signed in any more: close, abort and forget everything.
    pub fn sign_out(&mut self, now: Now) {
        self.leave(now, true);
    }

    /// It is not known any more who is signed in: the same as [`Self::sign_out`], but the status does not say so.
    pub fn wait_for_user(&mut self, now: Now) {
        self.leave(now, false);
    }

    fn leave(&mut self, now: Now, is_nobody: bool) {
        self.cancel_session_check();
        self.session_check.found_nobody = is_nobody;
        self.connection.handle(now, ConnectionInput::SignedOut);
        // Topics that the screen needs are kept: components release them.
        self.store.sign_out(now);
        self.queries.clear();
        self.forget_user();
        self.drain(now);
    }

    /// The user wants live updates.
    pub fn connect(&mut self, now: Now) {
        self.connection.handle(now, ConnectionInput::Connect);
        self.update_store();
        self.drain(now);
    }

    /// The user wants none, until [`Self::connect`].
    pub fn disconnect(&mut self, now: Now) {
        self.connection.handle(now, ConnectionInput::Disconnect);
        self.update_store();
        self.drain(now);
    }

    /// Attempt to connect at once.
    pub fn reconnect(&mut self, now: Now) {
        self.connection.handle(now, ConnectionInput::Reconnect);
        // Without a live connection by setting, poll instead.
        self.poller.wake(now);
        self.update_store();
        self.drain(now);
    }

    /// Read everything on screen again.
    pub fn refresh(&mut self, now: Now) {
        let resources = self.topics.active().resources;
        self.store.fetch_now(now, resources);
        self.queries.refetch(now, None);
        self.drain(now);
    }

    /// Read one resource again.
    pub fn refetch(&mut self, now: Now, resource: ResourceId) {
        self.store.fetch_now(now, ResourceSet::one(resource));
        self.drain(now);
    }

    /// The user hides the banner; it comes back for a worse state or another episode.
    pub fn hide_banner(&mut self, now: Now) {
        self.status.hide_banner(now);
        self.drain(now);
    }

    /// A component needs these topics; counted.
    pub fn retain(&mut self, now: Now, topics: &TopicSet) {
        let before = self.topics.active().clone();
        self.topics.retain(topics);
        if *self.topics.active() != before {
            self.poller.wake(now);
        }
        self.drain(now);
    }

    /// A component no longer needs them; unsubscribed after a grace.
    pub fn release(&mut self, now: Now, topics: &TopicSet) {
        self.topics.release(now, topics);
        self.drain(now);
    }

    /// The user asks for changes; several in one call go in one request. Returns the outcome of adding each.
    ///
    /// # Panics
    /// The kind of a mutation is not in the schema.
    pub fn mutate(&mut self, now: Now, mutations: Vec<NewMutation>, atomic: bool) -> Vec<Added> {
        let added = self.store.mutate(now, mutations, atomic);
        self.drain(now);
        added
    }

    /// Cancels a mutation: unsent, it is dropped; sent or saved, it is undone where that can be done, as
    /// [`Store::cancel`](crate::store::Store::cancel) says.
    pub fn cancel_mutation(&mut self, now: Now, id: &MutationId) {
        self.store.cancel(now, id);
        self.drain(now);
    }

    /// Cancels several mutations in one go, as the parts of a batch.
    pub fn cancel_mutations(&mut self, now: Now, ids: &[MutationId]) {
        self.store.cancel_all(now, ids);
        self.drain(now);
    }

    /// Retries a paused or rejected mutation; a rejected one is sent as a new one, under `new_id`.
    pub fn retry_mutation(&mut self, now: Now, id: &MutationId, new_id: &MutationId) {
        self.store.retry(now, id, new_id);
        self.drain(now);
    }

    /// Takes failures off the list: one, or all.
    pub fn dismiss_failure(&mut self, now: Now, id: Option<&MutationId>) {
        self.store.dismiss_failure(now, id);
        self.drain(now);
    }

    /// Reads older rows of a collection; does nothing for a value.
    pub fn load_older(&mut self, now: Now, resource: ResourceId) {
        self.store.load_older(now, resource);
        self.drain(now);
    }

    /// A component observes a query; counted.
    pub fn observe_query(&mut self, now: Now, key: &QueryKey) {
        self.queries.observe(now, key);
        self.drain(now);
    }

    /// A component no longer observes a query.
    pub fn release_query(&mut self, now: Now, key: &QueryKey) {
        self.queries.release(now, key);
        self.drain(now);
    }

    /// The first page of a query is known from elsewhere.
    pub fn set_query(&mut self, now: Now, key: &QueryKey, page: ItemPage) {
        self.queries.set(now, key, page);
        self.drain(now);
    }

    /// Read more of a query.
    pub fn load_more(&mut self, now: Now, key: &QueryKey) {
        self.queries.load_more(now, key);
        self.drain(now);
    }

    /// Read a query again.
    pub fn refetch_query(&mut self, now: Now, key: &QueryKey) {
        self.queries.refetch(now, Some(key));
        self.drain(now);
    }
}
