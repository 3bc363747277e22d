//! The engine as the outside sees it: session, poller, scheduler and store joined.
//!
//! How to drive it. Give what happened to one `handle_*` method or state a wish by a plain verb, always with the time;
//! then take outputs with [`Core::poll_output`] until there are none; then set one alarm for [`Core::next_deadline`]
//! and call [`Core::handle_timeout`] when it rings (late or early is harmless). Reads may be made at any time between.

use std::rc::Rc;

use dashboard_protocol::{Beat, ChangeKind, Event, Mutation, Resource, User, Wish};

use crate::http::{HttpRequest, HttpResult, ListName, RequestId};
use crate::interest::Interest;
use crate::metrics::MetricsView;
use crate::settings::Settings;
use crate::status::{ConnectionView, SessionStatus};
use crate::time::Now;
use crate::view::{
    ActivityView, CatalogView, DownloadsView, ErrorView, FavoriteView, FavoritesView, Key,
    MutationsView, OrdersView, QueryView, StatsView,
};

/// Something that the page noticed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PageSignal {
    /// The browser says that there is a network.
    Online,
    /// The browser says that there is none; verified before it is believed.
    Offline,
    /// The page is shown.
    Visible,
    /// The page is hidden.
    Hidden,
    /// The window got the focus.
    Focus,
    /// The page goes on after it was frozen.
    Resumed,
    /// The page came back from the back/forward cache.
    Restored,
}

/// Something that happened on a socket.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SocketEvent {
    /// It is open.
    Opened,
    /// A text frame arrived.
    Text(String),
    /// It is closed.
    Closed {
        /// Close code; 1006 when there was no close frame.
        code: u16,
        /// Reason as the server gave it.
        reason: String,
    },
    /// It could not be opened, or broke.
    Failed,
}

/// What the outside has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Open a socket and report its events with this generation.
    OpenSocket {
        /// Which one; events of older ones are ignored.
        generation: u64,
        /// Where, if the token's reply named another place than the settings.
        url: Option<String>,
    },
    /// Send a text frame.
    SendText {
        /// Over which socket.
        generation: u64,
        /// The frame.
        text: String,
    },
    /// Close a socket; nothing it still says matters.
    CloseSocket {
        /// Which one.
        generation: u64,
        /// Close code, 1000 or 3000 to 4999.
        code: u16,
    },
    /// Make a call and report its result under this id.
    Http {
        /// Which call.
        id: RequestId,
        /// The call.
        request: HttpRequest,
    },
    /// Give a call up: its result no longer matters.
    CancelHttp {
        /// Which call.
        id: RequestId,
    },
    /// Call [`Core::handle_frame`] at the next animation frame.
    RequestFrame,
    /// A key's view changed.
    Changed(Key),
    /// A change was applied and is in the store.
    Applied(Applied),
    /// The session's status changed.
    StatusChanged(StatusChange),
    /// The server said 401: nobody is signed in any more.
    SignedOut,
}

/// A change that was applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The event it came with.
    pub event: Rc<Event>,
    /// Its place among the event's changes.
    pub index: usize,
}

impl Applied {
    /// The type of the change.
    #[must_use]
    pub fn kind(&self) -> ChangeKind {
        self.event
            .changes
            .get(self.index)
            .map_or(ChangeKind::Unknown, |change| change.kind())
    }
}

/// One step of the session's status, for those who log it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StatusChange {
    /// Before.
    pub from: SessionStatus,
    /// After.
    pub to: SessionStatus,
    /// Close code or client-side code of the cause; 0 if there is none.
    pub code: u32,
    /// The cause in words, for logs; never shown to a person as it is.
    pub reason: String,
    /// When, by the wall clock.
    pub at_ms: i64,
}

/// A wish as the outside states it: the id and the time are fixed here, so that folding it again gives the same.
#[derive(Clone, Debug, PartialEq)]
pub struct NewMutation {
    /// Random UUID.
    pub id: String,
    /// What is asked for.
    pub wish: Wish,
    /// The beats it is about, as the person saw them, for titles and prices.
    pub beats: Vec<Rc<Beat>>,
}

/// The engine.
#[derive(Debug)]
pub struct Core {}

#[expect(
    unused_variables,
    clippy::todo,
    clippy::missing_const_for_fn,
    missing_docs,
    reason = "seam"
)]
impl Core {
    /// An engine at rest. `seed` spreads its retries; nothing happens before [`Self::sign_in`].
    pub fn new(settings: Settings, seed: u64, now: Now) -> Self {
        todo!()
    }

    // What happened.

    /// A socket's event.
    pub fn handle_socket(&mut self, now: Now, generation: u64, event: SocketEvent) {
        todo!()
    }
    /// The result of a call.
    pub fn handle_http(&mut self, now: Now, id: RequestId, result: HttpResult) {
        todo!()
    }
    /// The page noticed something.
    pub fn handle_page(&mut self, now: Now, signal: PageSignal) {
        todo!()
    }
    /// The animation frame that was asked for.
    pub fn handle_frame(&mut self, now: Now) {
        todo!()
    }
    /// The alarm rang; harmless if it rang early or late.
    pub fn handle_timeout(&mut self, now: Now) {
        todo!()
    }

    // Wishes.

    /// Somebody is signed in: connect and load for them. Another person than before starts from nothing.
    pub fn sign_in(&mut self, now: Now, user: User) {
        todo!()
    }
    /// Nobody is signed in any more: close, cancel and forget everything.
    pub fn sign_out(&mut self, now: Now) {
        todo!()
    }
    /// The person wants live updates.
    pub fn connect(&mut self, now: Now) {
        todo!()
    }
    /// The person wants none, until [`Self::connect`].
    pub fn disconnect(&mut self, now: Now) {
        todo!()
    }
    /// Try at once.
    pub fn reconnect(&mut self, now: Now) {
        todo!()
    }
    /// Read everything on screen again.
    pub fn refresh(&mut self, now: Now) {
        todo!()
    }
    /// Somebody on screen needs these resources and channels; counted.
    pub fn hold(&mut self, now: Now, interest: Interest) {
        todo!()
    }
    /// Somebody no longer needs them; let go after a grace.
    pub fn release(&mut self, now: Now, interest: Interest) {
        todo!()
    }
    /// The person asks for changes; several in one call go in one request.
    pub fn mutate(&mut self, now: Now, mutations: Vec<NewMutation>, atomic: bool) {
        todo!()
    }
    /// Take a change back: unsent, it is dropped; sent, it is compensated where that can be done.
    pub fn cancel_mutation(&mut self, now: Now, id: &str) {
        todo!()
    }
    /// Try a parked or refused change again.
    pub fn retry_mutation(&mut self, now: Now, id: &str, new_id: &str) {
        todo!()
    }
    /// Take failures off the list: one, or all.
    pub fn dismiss_failure(&mut self, now: Now, id: Option<&str>) {
        todo!()
    }
    /// Read older rows of a list.
    pub fn load_older(&mut self, now: Now, list: ListName) {
        todo!()
    }
    /// Somebody shows the catalog under a search text; counted.
    pub fn hold_catalog(&mut self, now: Now, query: &str) {
        todo!()
    }
    /// Somebody no longer shows it.
    pub fn release_catalog(&mut self, now: Now, query: &str) {
        todo!()
    }
    /// Read more of the catalog.
    pub fn load_more(&mut self, now: Now, query: &str) {
        todo!()
    }

    // What to do.

    /// The next thing that the outside has to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        todo!()
    }
    /// When [`Self::handle_timeout`] is wanted next, by `Now::mono_ms`.
    pub fn next_deadline(&self) -> Option<u64> {
        todo!()
    }

    // Reads.

    pub fn user(&self) -> Option<&User> {
        todo!()
    }
    pub fn connection(&self) -> Rc<ConnectionView> {
        todo!()
    }
    pub fn favorites(&self) -> QueryView<FavoritesView> {
        todo!()
    }
    pub fn orders(&self) -> QueryView<OrdersView> {
        todo!()
    }
    pub fn downloads(&self) -> QueryView<DownloadsView> {
        todo!()
    }
    pub fn activity(&self) -> QueryView<ActivityView> {
        todo!()
    }
    pub fn stats(&self) -> QueryView<StatsView> {
        todo!()
    }
    pub fn catalog(&self, query: &str) -> QueryView<CatalogView> {
        todo!()
    }
    pub fn favorite(&self, beat_id: &str) -> FavoriteView {
        todo!()
    }
    pub fn mutations(&self) -> Rc<MutationsView> {
        todo!()
    }
    pub fn metrics(&self) -> Rc<MetricsView> {
        todo!()
    }
}
