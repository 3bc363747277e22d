//! What providers give to hooks: the core, without its insides.

use std::fmt;
use std::rc::{Rc, Weak};

use dashboard_engine::Core;
use dashboard_engine::core::{Applied, NewMutation, PageSignal, StatusChange};
use dashboard_engine::http::{HttpFailure, ListName};
use dashboard_engine::settings::Settings;
use dashboard_engine::time::Now;
use dashboard_engine::view::Key;
use dashboard_protocol::{Beat, ChangeKind, Page, User, MutationBody};

use super::backend::DemoCall;
use super::driver::Driver;
use super::subscription_guard::{SubscriptionGuard, Topic};
use super::listeners::Subscription;
use crate::platform::task::LocalBoxFuture;
use crate::platform::{Area, Platform};

/// Where it is remembered that a user switched live updates off: in this tab, so that a reload changes nothing.
const SWITCHED_OFF: &str = "beatline.updates-off";

/// The realtime client of a provider. Cheap to clone; two are equal if they are the same client.
///
/// Everything may be called at any time: before the provider has started it, and after it has stopped.
#[derive(Clone)]
pub struct RealtimeHandle {
    driver: Rc<Driver>,
    user_id: Option<Rc<str>>,
}

/// Keeps a client running until it is dropped. The last one to go closes the socket and gives up every call.
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

impl RealtimeHandle {
    pub(super) fn new(driver: Rc<Driver>, user_id: Option<Rc<str>>) -> Self {
        Self { driver, user_id }
    }

    /// Runs the client. `on_signed_out` is called when the server says that nobody is signed in any more.
    pub fn start(&self, on_signed_out: impl Fn() + 'static) -> Running {
        let signed_out = self.driver.listeners.on_signed_out(Box::new(on_signed_out));
        self.driver.start();
        Running {
            driver: Rc::clone(&self.driver),
            _signed_out: signed_out,
        }
    }

    /// Connects and loads for this user, unless they switched live updates off in this tab before.
    pub fn sign_in(&self, user: &User) {
        let platform = &self.driver.platform;
        let is_off = platform.stored(Area::Tab, SWITCHED_OFF).as_deref() == Some(user.id.as_str());
        let is_online = platform.is_online();
        self.driver.input(|core, now| {
            core.sign_in(now, user.clone());
            // A network that is missing from the start is told by no signal.
            if !is_online {
                core.handle_page(now, PageSignal::Offline);
            }
            if is_off {
                core.disconnect(now);
            }
        });
    }

    /// Turns live updates on.
    pub fn connect(&self) {
        self.remember_switched_off(false);
        self.driver.input(Core::connect);
    }

    /// Turns live updates off, until [`Self::connect`]; also over a reload of this tab.
    pub fn disconnect(&self) {
        self.remember_switched_off(true);
        self.driver.input(Core::disconnect);
    }

    /// Tries to connect at once.
    pub fn reconnect(&self) {
        self.remember_switched_off(false);
        self.driver.input(Core::reconnect);
    }

    /// Reads everything on screen again.
    pub fn refresh(&self) {
        self.driver.input(Core::refresh);
    }

    /// Reads one of the resources, or the catalog under one search text, again; does nothing for other keys.
    pub fn refetch(&self, key: &Key) {
        self.driver.input(|core, now| match key {
            Key::Resource(resource) => core.refetch(now, *resource),
            Key::Catalog(query) => core.refetch_catalog(now, query),
            Key::Connection | Key::Favorite(_) | Key::Metrics | Key::Mutations => (),
        });
    }

    /// Hides the banner, until there is a worse state or another episode.
    pub fn hide_banner(&self) {
        self.driver.input(Core::hide_banner);
    }

    fn remember_switched_off(&self, is_off: bool) {
        let value = self.user_id.as_deref().filter(|_| is_off);
        self.driver.platform.store(Area::Tab, SWITCHED_OFF, value);
    }

    /// Keeps what is needed current until the hold is dropped.
    pub fn subscribe_to(&self, topic: Topic) -> SubscriptionGuard {
        SubscriptionGuard::new(Rc::clone(&self.driver), topic)
    }

    /// Reads from the engine.
    pub fn read<R>(&self, read: impl FnOnce(&Core) -> R) -> R {
        self.driver.read(read)
    }

    /// Counts that a component drew itself because of a change.
    pub(crate) fn rendered(&self) {
        self.driver.rendered();
    }

    /// Calls `call` after the view of `key` changed, once for each pass.
    pub fn subscribe(&self, key: Key, call: impl Fn() + 'static) -> Subscription {
        self.driver.listeners.on_key(key, Rc::new(call))
    }

    /// Calls `call` for each change of one of `kinds` after it was applied.
    pub fn subscribe_applied(
        &self,
        kinds: &'static [ChangeKind],
        call: impl Fn(&Applied) + 'static,
    ) -> Subscription {
        self.driver.listeners.on_applied(kinds, Box::new(call))
    }

    /// Calls `call` for each step of the session's status.
    pub fn subscribe_status(&self, call: impl Fn(&StatusChange) + 'static) -> Subscription {
        self.driver.listeners.on_status(Box::new(call))
    }

    /// Asks for changes, in this order; each comes with the beats that it is about. Returns their ids.
    pub fn mutate(&self, mutations: Vec<(MutationBody, Vec<Rc<Beat>>)>, atomic: bool) -> Vec<String> {
        let mutations: Vec<NewMutation> = mutations
            .into_iter()
            .map(|(body, beats)| NewMutation {
                id: self.new_id(),
                body,
                beats,
            })
            .collect();
        let ids = mutations
            .iter()
            .map(|mutation| mutation.id.clone())
            .collect();
        self.driver
            .input(|core, now| core.mutate(now, mutations, atomic));
        ids
    }

    /// Takes a change back.
    pub fn cancel_mutation(&self, id: &str) {
        self.driver.input(|core, now| core.cancel_mutation(now, id));
    }

    /// Takes several changes back in one go.
    pub fn cancel_mutations(&self, ids: &[String]) {
        self.driver
            .input(|core, now| core.cancel_mutations(now, ids));
    }

    /// Tries a parked or rejected change again, under an id of its own.
    pub fn retry_mutation(&self, id: &str) {
        let new_id = self.new_id();
        self.driver
            .input(|core, now| core.retry_mutation(now, id, &new_id));
    }

    /// Takes failures off the list: one, or all.
    pub fn dismiss_failure(&self, id: Option<&str>) {
        self.driver.input(|core, now| core.dismiss_failure(now, id));
    }

    /// Reads older rows of a list.
    pub fn load_older(&self, list: ListName) {
        self.driver.input(|core, now| core.load_older(now, list));
    }

    /// Reads more of the catalog under this search text.
    pub fn load_more(&self, query: &str) {
        self.driver.input(|core, now| core.load_more(now, query));
    }

    /// Puts the catalog's first page under this search text in, as if it had been read just now.
    pub fn set_catalog(&self, query: &str, page: Page<Beat>) {
        self.driver
            .input(|core, now| core.set_catalog(now, query, page));
    }

    /// Asks the controls of a demonstration server for something. Dropping the future gives the call up.
    #[must_use]
    pub fn demo(&self, call: DemoCall) -> LocalBoxFuture<'static, Result<(), HttpFailure>> {
        let body = call.body();
        self.driver.backend.demo(call, body)
    }

    /// A random UUID.
    #[must_use]
    pub fn new_id(&self) -> String {
        self.driver.platform.uuid()
    }

    /// Both clocks.
    #[must_use]
    pub fn now(&self) -> Now {
        self.driver.platform.now()
    }

    /// The settings that the client runs with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.driver.settings
    }

    /// The browser that the client runs in.
    #[must_use]
    pub fn platform(&self) -> Rc<dyn Platform> {
        Rc::clone(&self.driver.platform)
    }

    /// The same client, without keeping it alive: for callbacks that the client itself keeps.
    pub(crate) fn downgrade(&self) -> WeakRealtimeHandle {
        WeakRealtimeHandle {
            driver: Rc::downgrade(&self.driver),
            user_id: self.user_id.clone(),
        }
    }
}

impl PartialEq for RealtimeHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.driver, &other.driver)
    }
}

impl fmt::Debug for RealtimeHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RealtimeHandle")
            .field("person", &self.user_id)
            .finish_non_exhaustive()
    }
}

/// A [`RealtimeHandle`] that does not keep its client alive.
#[derive(Clone, Debug)]
pub(crate) struct WeakRealtimeHandle {
    driver: Weak<Driver>,
    user_id: Option<Rc<str>>,
}

impl WeakRealtimeHandle {
    /// The client, if it is still there.
    pub(crate) fn upgrade(&self) -> Option<RealtimeHandle> {
        Some(RealtimeHandle {
            driver: self.driver.upgrade()?,
            user_id: self.user_id.clone(),
        })
    }
}
