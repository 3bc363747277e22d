//! What the user and the screen ask of the engine.

use dashboard_protocol::{Beat, Page, Resource, User};

use super::{Core, NewMutation};
use crate::http::ListName;
use crate::topics::TopicSet;
use crate::connection;
use crate::time::Now;

impl Core {
    /// Somebody is signed in: connect and load for them. Another user than before starts from nothing.
    pub fn sign_in(&mut self, now: Now, user: User) {
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
            self.catalog.clear();
        }
        self.store.sign_in(now, &user.id);
        self.user = Some(user);
        self.connection.handle(now, connection::ConnectionInput::SignedIn);
        self.subscribe_all(now);
        self.drain(now);
    }

    /// Nobody is signed in any more: close, cancel and forget everything.
    pub fn sign_out(&mut self, now: Now) {
        self.connection.handle(now, connection::ConnectionInput::SignedOut);
        self.forget(now);
        self.drain(now);
    }

    /// The user wants live updates.
    pub fn connect(&mut self, now: Now) {
        self.connection.handle(now, connection::ConnectionInput::Connect);
        self.update_store();
        self.drain(now);
    }

    /// The user wants none, until [`Self::connect`].
    pub fn disconnect(&mut self, now: Now) {
        self.connection.handle(now, connection::ConnectionInput::Disconnect);
        self.update_store();
        self.drain(now);
    }

    /// Try at once.
    pub fn reconnect(&mut self, now: Now) {
        self.connection.handle(now, connection::ConnectionInput::Reconnect);
        // Where there is no connection to try, polling is what is tried.
        self.poller.refresh(now);
        self.update_store();
        self.drain(now);
    }

    /// Read everything on screen again.
    pub fn refresh(&mut self, now: Now) {
        let resources = self.active_resources();
        self.store.fetch_now(now, &resources);
        self.catalog.refetch(now, None);
        self.drain(now);
    }

    /// One resource is not to be trusted: read it again.
    pub fn refetch(&mut self, now: Now, resource: Resource) {
        self.store.fetch_now(now, &[resource]);
        self.drain(now);
    }

    /// The user hides the banner; it comes back for a worse state or another episode.
    pub fn hide_banner(&mut self, now: Now) {
        self.status.hide_banner(now);
        self.drain(now);
    }

    /// Somebody on screen needs these resources and streams; counted.
    pub fn subscribe(&mut self, now: Now, topic_set: &TopicSet) {
        let before = self.topics.active();
        self.topics.subscribe(topic_set);
        if self.topics.active() != before {
            self.poller.refresh(now);
        }
        self.drain(now);
    }

    /// Somebody no longer needs them; let go after a grace.
    pub fn unsubscribe(&mut self, now: Now, topic_set: &TopicSet) {
        self.topics.unsubscribe(now, topic_set);
        self.drain(now);
    }

    /// The user asks for changes; several in one call go in one request.
    pub fn mutate(&mut self, now: Now, mutations: Vec<NewMutation>, atomic: bool) {
        self.store.mutate(now, mutations, atomic);
        self.drain(now);
    }

    /// Take a change back: unsent, it is dropped; sent or saved, it is compensated where that can be done, as
    /// [`Store::cancel`](crate::store::Store::cancel) says.
    pub fn cancel_mutation(&mut self, now: Now, id: &str) {
        self.store.cancel(now, id);
        self.drain(now);
    }

    /// Take several changes back in one go, as the parts of a batch.
    pub fn cancel_mutations(&mut self, now: Now, ids: &[String]) {
        self.store.cancel_all(now, ids);
        self.drain(now);
    }

    /// Try a parked or rejected change again; a rejected one goes as a new mutation, under `new_id`.
    pub fn retry_mutation(&mut self, now: Now, id: &str, new_id: &str) {
        self.store.retry(now, id, new_id);
        self.drain(now);
    }

    /// Take failures off the list: one, or all.
    pub fn dismiss_failure(&mut self, now: Now, id: Option<&str>) {
        self.store.dismiss_failure(now, id);
        self.drain(now);
    }

    /// Read older rows of a list.
    pub fn load_older(&mut self, now: Now, list: ListName) {
        self.store.load_older(now, list);
        self.drain(now);
    }

    /// Somebody shows the catalog under a search text; counted.
    pub fn subscribe_catalog(&mut self, now: Now, query: &str) {
        self.catalog.hold(now, query);
        self.drain(now);
    }

    /// Somebody no longer shows it.
    pub fn unsubscribe_catalog(&mut self, now: Now, query: &str) {
        self.catalog.release(now, query);
        self.drain(now);
    }

    /// The first page of the catalog under a search text is known from elsewhere.
    pub fn set_catalog(&mut self, now: Now, query: &str, page: Page<Beat>) {
        self.catalog.set(now, query, page);
        self.drain(now);
    }

    /// Read more of the catalog.
    pub fn load_more(&mut self, now: Now, query: &str) {
        self.catalog.load_more(now, query);
        self.drain(now);
    }

    /// The catalog under a search text is not to be trusted: read it again.
    pub fn refetch_catalog(&mut self, now: Now, query: &str) {
        self.catalog.refetch(now, Some(query));
        self.drain(now);
    }
}
