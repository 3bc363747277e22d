//! What the outside reads: plain values, shared by `Rc`, the same pointer as long as nothing changed.

use std::rc::Rc;

use dashboard_protocol::centrifugo::StreamPosition;
use dashboard_protocol::{
    Activity, Beat, Channel, Download, Favorite, Money, Mutation, Order, ProblemCode, Resource,
    Stats, MutationBody,
};

use crate::flat::FlatSet;
use crate::http::{HttpFailure, RETRY_AFTER_MAX_MS};
use crate::connection::Recovery;

/// The smallest thing that can be listened to. A listener is told that its key changed, and reads again.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Key {
    /// One of the five resources.
    Resource(Resource),
    /// Whether one beat is a favorite, by beat id.
    Favorite(Rc<str>),
    /// The catalog under one search text.
    Catalog(Rc<str>),
    /// The connection: [`crate::status::ConnectionView`].
    Connection,
    /// The list of changes that are not settled, and of those that failed.
    Mutations,
    /// Counters, and the places in the streams: they change often, so this is told at most twice a second.
    Metrics,
}

/// Whether there are data. Apart from [`FetchStatus`]: each question of a screen is a pair of the two.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum DataStatus {
    /// Nothing was read yet.
    #[default]
    Pending,
    /// There are data; the last read may still have failed.
    Success,
    /// Nothing could be read.
    Error,
}

/// Whether work is going on.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum FetchStatus {
    /// No.
    #[default]
    Idle,
    /// A request is on its way.
    Fetching,
    /// A request is wanted, and waits for the network or for the user to sign in.
    Paused,
}

/// The kinds of error a user meets, each with its own words and way on.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ErrorKind {
    /// The server could not be reached, or did not answer in time: try again.
    Network,
    /// Nobody is signed in: sign in.
    Authentication,
    /// The server's answer makes no sense, or it rejected the request: reload or choose otherwise.
    Data,
    /// The live connection failed; polling goes on: reconnect.
    Realtime,
    /// Too much was asked for: wait.
    Limit,
}

/// An error as the interface gets it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ErrorView {
    /// Its kind.
    pub kind: ErrorKind,
    /// The problem's code, if there was one.
    pub code: Option<ProblemCode>,
    /// When trying again makes sense, in milliseconds from the failure; at most five minutes, whatever the server says.
    pub retry_after_ms: Option<u64>,
}

impl From<&HttpFailure> for ErrorView {
    fn from(failure: &HttpFailure) -> Self {
        let (kind, code, retry_after_ms) = match failure {
            HttpFailure::Network | HttpFailure::Timeout => (ErrorKind::Network, None, None),
            HttpFailure::Malformed { .. } => (ErrorKind::Data, None, None),
            HttpFailure::Status {
                status,
                problem,
                retry_after_ms,
            } => {
                let kind = match status {
                    401 => ErrorKind::Authentication,
                    413 | 429 => ErrorKind::Limit,
                    408 | 425 | 500..=599 => ErrorKind::Network,
                    _ => ErrorKind::Data,
                };
                (
                    kind,
                    problem.as_ref().map(|problem| problem.code.clone()),
                    retry_after_ms.map(|ms| ms.min(RETRY_AFTER_MAX_MS)),
                )
            }
        };
        Self {
            kind,
            code,
            retry_after_ms,
        }
    }
}

/// What a query knows.
#[derive(Clone, Debug)]
pub struct QueryView<T> {
    /// The data, if any were read.
    pub data: Option<Rc<T>>,
    /// Whether there are data.
    pub status: DataStatus,
    /// Whether work is going on.
    pub fetch: FetchStatus,
    /// The last failure, until a read succeeds. With data, they stay and this stands beside them.
    pub error: Option<ErrorView>,
    /// When the data were last known to be the server's, by the wall clock.
    pub updated_at_ms: Option<i64>,
}

impl<T> Default for QueryView<T> {
    fn default() -> Self {
        Self {
            data: None,
            status: DataStatus::Pending,
            fetch: FetchStatus::Idle,
            error: None,
            updated_at_ms: None,
        }
    }
}

impl<T> PartialEq for QueryView<T> {
    /// Data are compared by pointer: the engine keeps the pointer as long as nothing changed. The time of the last
    /// proof is left out, since it moves with every heartbeat.
    fn eq(&self, other: &Self) -> bool {
        let same_data = match (&self.data, &other.data) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        same_data
            && self.status == other.status
            && self.fetch == other.fetch
            && self.error == other.error
    }
}

/// A row of a list, with the mutations that shape it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<T> {
    /// The row as it is to be shown.
    pub item: Rc<T>,
    /// Ids of the mutations not yet reflected in the server's state that made it look so; none for a confirmed row.
    pub mutations: Rc<[Rc<str>]>,
}

impl<T> Row<T> {
    /// Whether the row is not yet confirmed.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        !self.mutations.is_empty()
    }
}

/// A list as it is to be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ListView<T> {
    /// Rows, newest first.
    pub rows: Vec<Row<T>>,
    /// The base's version.
    pub version: u64,
    /// Whether the server has older rows than these.
    pub has_older: bool,
    /// Whether older rows are being read.
    pub loading_older: bool,
}

/// The favorites as they are to be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct FavoritesView {
    /// The loaded rows.
    pub list: ListView<Favorite>,
    /// Beat ids of all favorites, beyond the loaded rows too.
    pub ids: FlatSet<Rc<str>>,
}

/// The statistics as they are to be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct StatsView {
    /// The numbers, with what is pending added.
    pub stats: Rc<Stats>,
    /// The base's version.
    pub version: u64,
    /// Ids of the mutations that are added.
    pub mutations: Rc<[Rc<str>]>,
}

/// The catalog under one search text.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogView {
    /// The loaded beats.
    pub beats: Vec<Rc<Beat>>,
    /// Whether there are more.
    pub has_more: bool,
    /// Whether more are being read.
    pub loading_more: bool,
}

/// The favorite of one beat.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FavoriteView {
    /// Whether it is to be shown as a favorite. `false` also while unknown.
    pub favorite: bool,
    /// Whether the favorites were read at all.
    pub known: bool,
    /// The mutation that is not yet confirmed, if one is.
    pub pending: Option<PendingView>,
    /// The last rejection, until the user acts on this beat again or dismisses it.
    pub failure: Option<Rc<FailureView>>,
}

/// Where a mutation stands.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MutationState {
    /// Recorded, not yet sent.
    Queued,
    /// On its way.
    Sent,
    /// The server took it; its effect has not arrived everywhere.
    Accepted,
    /// Its effect is in the server's state as far as it is known here.
    Reflected,
    /// The server rejected it.
    Rejected,
    /// No answer came; it is sent again under the same id.
    Unknown,
    /// It no longer applies to what the server has, and adds nothing.
    Conflicted,
    /// The user has to choose, as after a price that changed.
    NeedsResolution,
    /// Given up for now; can be retried.
    Paused,
    /// Taken back by the user before it had an effect.
    Cancelled,
    /// Taken back by the user after it was sent: another change undoes it once the server's word is known, and is void
    /// if that is a rejection.
    Cancelling,
}

/// A mutation that is not settled.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingView {
    /// The mutation.
    pub mutation: Rc<Mutation>,
    /// Where it stands.
    pub state: MutationState,
    /// When the user asked, by the wall clock.
    pub asked_at_ms: i64,
    /// How often it was sent.
    pub attempts: u32,
    /// Why it waits or failed, if it does.
    pub cause: Option<ErrorView>,
    /// What an order would cost now, while the user has to decide about a price that changed.
    pub proposed_total: Option<Money>,
}

/// A change that was rejected: one for each act of the user.
#[derive(Clone, Debug, PartialEq)]
pub struct FailureView {
    /// The mutation.
    pub mutation: Rc<Mutation>,
    /// The others of the same act that failed with it.
    pub also: Vec<Rc<Mutation>>,
    /// What it was about, to name it: a beat's title or an order's number.
    pub subject: Option<Rc<str>>,
    /// Why.
    pub error: ErrorView,
    /// When, by the wall clock.
    pub at_ms: i64,
}

/// The user's changes: those not settled, oldest first, and those that failed, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MutationsView {
    /// Not settled.
    pub pending: Vec<PendingView>,
    /// Rejected or given up; at most 200 are kept.
    pub failures: Vec<Rc<FailureView>>,
}

impl MutationsView {
    /// The changes whose mutation is one of those that `concerns` names.
    #[must_use]
    pub fn only(&self, concerns: fn(&MutationBody) -> bool) -> Self {
        let pending = self.pending.iter();
        let failures = self.failures.iter();
        Self {
            pending: pending
                .filter(|pending| concerns(&pending.mutation.body))
                .cloned()
                .collect(),
            failures: failures
                .filter(|failure| concerns(&failure.mutation.body))
                .cloned()
                .collect(),
        }
    }
}

/// Where a stream stands.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SubscriptionState {
    /// Its news arrive.
    Subscribed,
    /// It is asked for, or waits for the connection.
    Subscribing,
    /// The server does not give it.
    Rejected,
    /// Nobody needs it; its place is kept, so that coming back costs little.
    Unsubscribed,
}

/// A stream that is joined, or was.
#[derive(Clone, Debug, PartialEq)]
pub struct SubscriptionView {
    /// Its name.
    pub channel: Channel,
    /// Where it stands.
    pub state: SubscriptionState,
    /// The last publication that was taken in.
    pub position: Option<StreamPosition>,
    /// What was known about the time before, when it was last joined or interrupted.
    pub recovery: Option<Recovery>,
    /// When a publication last came, by the wall clock.
    pub heard_at_ms: Option<i64>,
}

/// Aliases for the four lists.
pub type OrdersView = ListView<Order>;
/// The downloads as they are to be shown.
pub type DownloadsView = ListView<Download>;
/// The activity as it is to be shown.
pub type ActivityView = ListView<Activity>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_asks_for_an_eternity_is_asked_again_after_five_minutes() {
        let wait = |ms| {
            let failure = HttpFailure::Status {
                status: 503,
                problem: None,
                retry_after_ms: Some(ms),
            };
            ErrorView::from(&failure).retry_after_ms
        };
        assert_eq!(wait(1000), Some(1000));
        assert_eq!(wait(RETRY_AFTER_MAX_MS), Some(RETRY_AFTER_MAX_MS));
        assert_eq!(wait(u64::MAX), Some(RETRY_AFTER_MAX_MS));
    }
}
