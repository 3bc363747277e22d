//! The client that hooks use; it hides the engine's internals.

use std::rc::Rc;

use sync_engine::Core;
use sync_engine::event::Applied;
use sync_engine::io::{PageSignal, StatusChange};
use sync_engine::schema::{ItemPage, MutationId, MutationRef, NewMutation, ResourceSet, Schema};
use sync_engine::settings::Settings;
use sync_engine::store::Added;
use sync_engine::time::Now;
use sync_engine::view::Key;
use sync_protocol::User;
use sync_web::{Area, Platform, console};

use crate::HttpBackend;
use crate::backend::Backend;
use crate::driver::Driver;
use crate::guard::{Subscribable, SubscriptionGuard};
use crate::keep_alive::Shown;
use crate::listeners::{Listener, Subscription};

/// Storage key, after the application's prefix, by which a tab remembers across reloads that its user turned live
/// updates off.
const SWITCHED_OFF: &str = "updates-off";

/// Keeps an application's data in sync with its server. Cheap to clone; two are equal if they are the same client,
/// used on the same page (see [`KeepAlive`](crate::KeepAlive)).
///
/// The application creates one and passes it to a [`SyncProvider`](crate::SyncProvider), which runs it. All methods may
/// be called at any time: before the provider has started it, and after it has stopped.
///
/// # Examples
/// ```no_run
/// use std::rc::Rc;
///
/// use sync_yew::prelude::*;
///
/// fn client(schema: Schema) -> SyncClient {
///     SyncClient::new(schema, Settings::default())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct SyncClient {
    pub(crate) driver: Rc<Driver>,
    /// Whether the components that got this copy are shown.
    pub(crate) shown: Shown,
}

/// Keeps a client running until it is dropped. Dropping the last guard closes the socket and aborts every call.
#[must_use = "the client stops as soon as this is dropped"]
#[derive(Debug)]
pub struct Running {
    driver: Rc<Driver>,
    _signed_out: Subscription,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.driver.stop();
    }
}

impl SyncClient {
    /// A client for the server in the settings, over HTTP and WebSocket.
    #[must_use]
    pub fn new(schema: impl Into<Rc<Schema>>, settings: Settings) -> Self {
        let schema = schema.into();
        let backend = Rc::new(HttpBackend::new(&schema, &settings));
        Self::with_backend(schema, backend, settings)
    }

    /// A client with a custom backend.
    #[must_use]
    pub fn with_backend(
        schema: impl Into<Rc<Schema>>,
        backend: Rc<dyn Backend>,
        settings: Settings,
    ) -> Self {
        Self::on_platform(&schema.into(), backend, settings, sync_web::browser())
    }

    /// A client with a custom browser, for tests.
    #[must_use]
    pub fn on_platform(
        schema: &Rc<Schema>,
        backend: Rc<dyn Backend>,
        settings: Settings,
        platform: Rc<dyn Platform>,
    ) -> Self {
        Self::of(Driver::new(schema, settings, platform, backend))
    }

    pub(crate) fn of(driver: Rc<Driver>) -> Self {
        let shown = Shown::default();
        Self { driver, shown }
    }

    /// The application's schema.
    #[must_use]
    pub fn schema(&self) -> Rc<Schema> {
        self.read(|core| Rc::clone(core.schema()))
    }

    /// The backend.
    #[must_use]
    pub fn backend(&self) -> Rc<dyn Backend> {
        Rc::clone(&self.driver.backend)
    }

    /// Runs the client. Calls `on_signed_out` when the server says that nobody is signed in.
    pub fn start(&self, on_signed_out: impl Fn() + 'static) -> Running {
        let signed_out = self
            .driver
            .listeners
            .on(Listener::SignedOut(Box::new(on_signed_out)));
        self.driver.start();
        Running {
            driver: Rc::clone(&self.driver),
            _signed_out: signed_out,
        }
    }

    /// Connects and loads for this user, unless they turned live updates off in this tab before.
    pub fn sign_in(&self, user: &User) {
        self.driver.backend.expect_user(Some(&user.id));
        let stored = self
            .driver
            .platform
            .stored(Area::Tab, &self.name_of(SWITCHED_OFF));
        let is_off = stored.as_deref() == Some(user.id.as_str());
        let is_online = self.driver.platform.is_online();
        self.driver.input(|core, now| {
            core.sign_in(now, user.clone());
            // No signal reports a network that is missing from the start.
            if !is_online {
                core.handle_page(now, PageSignal::Offline);
            }
            if is_off {
                core.disconnect(now);
            }
        });
    }

    /// Asks the server who is signed in, until it answers, and signs that user in. If it says that nobody is, calls the
    /// callback of [`Self::start`].
    pub fn check_session(&self) {
        self.driver.input(Core::check_session);
    }

    /// The answer to [`Self::check_session`] no longer matters.
    pub fn cancel_session_check(&self) {
        self.driver.input(|core, _| core.cancel_session_check());
    }

    /// Turns live updates on.
    pub fn connect(&self) {
        self.remember_switched_off(false);
        self.driver.input(Core::connect);
    }

    /// Turns live updates off, until [`Self::connect`]; also across a reload of this tab.
    pub fn disconnect(&self) {
        self.remember_switched_off(true);
        self.driver.input(Core::disconnect);
    }

    /// Attempts to connect at once.
    pub fn reconnect(&self) {
        self.remember_switched_off(false);
        self.driver.input(Core::reconnect);
    }

    /// Refetches everything on screen.
    pub fn refresh(&self) {
        self.driver.input(Core::refresh);
    }

    /// Nobody is signed in any more: closes the connection, aborts calls and clears all data.
    pub fn sign_out(&self) {
        self.driver.backend.expect_user(None);
        self.driver.input(Core::sign_out);
    }

    /// Forgets the user as [`Self::sign_out`] does, until it is known who is signed in.
    pub fn wait_for_user(&self) {
        self.driver.backend.expect_user(None);
        self.driver.input(Core::wait_for_user);
    }

    /// Refetches a resource or a query; does nothing for other keys.
    pub fn refetch(&self, key: &Key) {
        self.driver.input(|core, now| match key {
            Key::Resource(resource) => core.refetch(now, *resource),
            Key::Query(query) => core.refetch_query(now, query),
            Key::Connection | Key::Entity(..) | Key::Metrics | Key::Mutations => (),
        });
    }

    /// Hides the banner, until the state gets worse or another outage begins.
    pub fn hide_banner(&self) {
        self.driver.input(Core::hide_banner);
    }

    fn remember_switched_off(&self, is_off: bool) {
        let user = self.read(|core| core.user().map(|user| user.id.clone()));
        let value = user.as_deref().filter(|_| is_off);
        let name = self.name_of(SWITCHED_OFF);
        self.driver.platform.store(Area::Tab, &name, value);
    }

    /// A storage key or a broadcast channel's name, with the application's prefix.
    #[must_use]
    pub fn name_of(&self, name: &str) -> String {
        [&*self.driver.settings.app_name, ".", name].concat()
    }

    /// Keeps something current until the guard is dropped.
    pub fn subscribe_to(&self, data: Subscribable) -> SubscriptionGuard {
        SubscriptionGuard::new(Rc::clone(&self.driver), data)
    }

    /// Reads from the engine.
    pub fn read<R>(&self, read: impl FnOnce(&Core) -> R) -> R {
        self.driver.read(read)
    }

    /// Calls `call` after the view of `key` changed, once per pass.
    pub fn subscribe(&self, key: Key, call: impl Fn() + 'static) -> Subscription {
        self.driver.listeners.on_key(key, Rc::new(call))
    }

    /// Calls `call` for each change of one of `resources` after it was applied.
    pub fn subscribe_applied(
        &self,
        resources: ResourceSet,
        call: impl Fn(&Applied) + 'static,
    ) -> Subscription {
        self.driver
            .listeners
            .on(Listener::Applied(resources, Box::new(call)))
    }

    /// Calls `call` for each change of the connection's status.
    pub fn subscribe_status(&self, call: impl Fn(&StatusChange) + 'static) -> Subscription {
        self.driver.listeners.on(Listener::Status(Box::new(call)))
    }

    /// Adds mutations, in this order; all or none of them, if `atomic`. Returns the result of each; empty if the
    /// browser has no random source, since ids have to be random.
    ///
    /// # Panics
    /// The kind of a mutation is not in the schema.
    pub fn mutate(&self, mutations: Vec<MutationRef>, atomic: bool) -> Vec<Added> {
        let new = mutations.into_iter().map(|mutation| {
            let id = self.new_id()?;
            Some(NewMutation::new(id, mutation))
        });
        let Some(new) = new.collect::<Option<Vec<_>>>() else {
            return Vec::new();
        };
        self.driver.input(|core, now| core.mutate(now, new, atomic))
    }

    /// Cancels a mutation.
    pub fn cancel_mutation(&self, id: &MutationId) {
        self.driver.input(|core, now| core.cancel_mutation(now, id));
    }

    /// Cancels several mutations at once.
    pub fn cancel_mutations(&self, ids: &[MutationId]) {
        self.driver
            .input(|core, now| core.cancel_mutations(now, ids));
    }

    /// Retries a paused or rejected mutation.
    pub fn retry_mutation(&self, id: &MutationId) {
        if let Some(new_id) = self.new_id() {
            let new_id = new_id.into();
            self.driver
                .input(|core, now| core.retry_mutation(now, id, &new_id));
        }
    }

    /// Dismisses failures: one, or all.
    pub fn dismiss_failure(&self, id: Option<&MutationId>) {
        self.driver.input(|core, now| core.dismiss_failure(now, id));
    }

    /// Fetches older rows of a collection, or more of a query; does nothing for other keys.
    pub fn load_more(&self, key: &Key) {
        self.driver.input(|core, now| match key {
            Key::Resource(resource) => core.load_older(now, *resource),
            Key::Query(query) => core.load_more(now, query),
            Key::Connection | Key::Entity(..) | Key::Metrics | Key::Mutations => (),
        });
    }

    /// Treats the first page of a query as just fetched; does nothing for other keys.
    pub fn set_page(&self, key: &Key, page: ItemPage) {
        if let Key::Query(query) = key {
            self.driver
                .input(|core, now| core.set_query(now, query, page));
        }
    }

    /// A random UUID; `None` if the browser has no random source, which is logged.
    #[must_use]
    pub fn new_id(&self) -> Option<String> {
        match self.driver.platform.uuid() {
            Ok(id) => Some(id),
            Err(error) => {
                console::error(&error.to_string());
                None
            }
        }
    }

    /// Both clocks.
    #[must_use]
    pub fn now(&self) -> Now {
        self.driver.platform.now()
    }

    /// The client's settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.driver.settings
    }

    /// The client's browser.
    #[must_use]
    pub fn platform(&self) -> Rc<dyn Platform> {
        Rc::clone(&self.driver.platform)
    }
}

impl PartialEq for SyncClient {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.driver, &other.driver) && self.shown == other.shown
    }
}
