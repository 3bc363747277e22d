//! What components read: plain values, shared by `Rc`, the same pointer as long as nothing changed.

use std::any::Any;
use std::fmt;
use std::rc::Rc;

use sync_protocol::{Problem, ProblemCode};

pub use crate::connection::{SubscriptionState, SubscriptionView};
use crate::http::{HttpFailure, RETRY_AFTER_MAX_MS};
use crate::schema::{AnyRow, AnyValue, MutationId, MutationRef, QueryKey, ResourceId};
use crate::state::IdSet;

/// The smallest thing that can be listened to. A listener is notified that its key changed, and reads again.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Key {
    /// A collection or a value.
    Resource(ResourceId),
    /// Whether one row is in a collection that tracks ids, and what is pending about it.
    Entity(ResourceId, Rc<str>),
    /// A query under its parameters.
    Query(QueryKey),
    /// The connection: [`ConnectionView`](crate::status::ConnectionView), and the server's clock.
    Connection,
    /// The mutations that are not settled, and the ones that failed.
    Mutations,
    /// Counters, and the positions in the channels: they change often, so listeners are notified at most twice a second.
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

/// Whether a read is going on.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum FetchStatus {
    /// No.
    #[default]
    Idle,
    /// A request is in flight.
    Fetching,
    /// A request is wanted, and waits for the network or for the user to sign in.
    Paused,
}

/// The kinds of error a user meets, each with its own words and recovery.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ErrorKind {
    /// The server could not be reached, or did not answer in time: retry.
    Network,
    /// Nobody is signed in: sign in.
    Authentication,
    /// The server's answer makes no sense, or it rejected the request: reload or choose something else.
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
    /// The problem's title, in the words of the server: for logs, and for applications whose server speaks to users.
    /// The engine never decides by it.
    pub title: Option<Rc<str>>,
    /// What the server said of this occurrence, likewise.
    pub detail: Option<Rc<str>>,
    /// When a retry makes sense, in milliseconds from the failure; at most five minutes, whatever the server says.
    pub retry_after_ms: Option<u64>,
}

impl ErrorView {
    /// An error without anything from the server.
    #[must_use]
    pub const fn new(kind: ErrorKind) -> Self {
        Self {
            kind,
            code: None,
            title: None,
            detail: None,
            retry_after_ms: None,
        }
    }

    /// The error with what a problem says.
    pub(crate) fn with_problem(self, problem: &Problem) -> Self {
        let text = |text: &str| (!text.is_empty()).then(|| Rc::from(text));
        Self {
            code: Some(problem.code.clone()),
            title: text(&problem.title),
            detail: problem.detail.as_deref().and_then(text),
            ..self
        }
    }

    /// The error with the wait that a server asked for, cut to five minutes.
    pub(crate) fn with_retry_after(self, retry_after_ms: Option<u64>) -> Self {
        Self {
            retry_after_ms: retry_after_ms.map(|ms| ms.min(RETRY_AFTER_MAX_MS)),
            ..self
        }
    }
}

impl From<&HttpFailure> for ErrorView {
    fn from(failure: &HttpFailure) -> Self {
        match failure {
            HttpFailure::Network | HttpFailure::Timeout => Self::new(ErrorKind::Network),
            HttpFailure::Malformed { .. } => Self::new(ErrorKind::Data),
            HttpFailure::Status {
                status,
                problem,
                retry_after_ms,
            } => {
                let error = Self::new(match status {
                    401 => ErrorKind::Authentication,
                    413 | 429 => ErrorKind::Limit,
                    408 | 425 | 500..=599 => ErrorKind::Network,
                    _ => ErrorKind::Data,
                });
                let error = error.with_retry_after(*retry_after_ms);
                match problem {
                    Some(problem) => error.with_problem(problem),
                    None => error,
                }
            }
        }
    }
}

/// What is known under a key.
#[derive(Debug)]
pub struct QueryView<T> {
    /// The data, if any were read.
    pub data: Option<Rc<T>>,
    /// Whether there are data.
    pub status: DataStatus,
    /// Whether a read is going on.
    pub fetch: FetchStatus,
    /// The last failure, until a read succeeds. The data stay beside it.
    pub error: Option<ErrorView>,
    /// When the data were last known to match the server, by the wall clock.
    pub updated_at_ms: Option<i64>,
}

impl<T> Clone for QueryView<T> {
    fn clone(&self) -> Self {
        Self {
            data: self.data.clone(),
            status: self.status,
            fetch: self.fetch,
            error: self.error.clone(),
            updated_at_ms: self.updated_at_ms,
        }
    }
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
    /// Equal as long as the data are the same pointer and everything beside them is equal, except the time of the last
    /// read, which changes without anything to show for it.
    fn eq(&self, other: &Self) -> bool {
        self.data.as_ref().map(Rc::as_ptr) == other.data.as_ref().map(Rc::as_ptr)
            && self.status == other.status
            && self.fetch == other.fetch
            && self.error == other.error
    }
}

/// A row of a view.
#[derive(Debug, PartialEq)]
pub struct RowView<T: ?Sized> {
    /// The row.
    pub item: Rc<T>,
    /// Ids of the pending mutations that make it look so; empty for a row as the server has it.
    pub mutations: Rc<[MutationId]>,
}

impl<T: ?Sized> Clone for RowView<T> {
    fn clone(&self) -> Self {
        Self {
            item: Rc::clone(&self.item),
            mutations: Rc::clone(&self.mutations),
        }
    }
}

impl<T: ?Sized> RowView<T> {
    /// Whether the row is not as the server has it.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        !self.mutations.is_empty()
    }
}

/// A collection as it is on screen.
#[derive(Clone, Debug, PartialEq)]
pub struct ListView<T: ?Sized> {
    /// The version of the server state below.
    pub version: u64,
    /// Whether the server has older rows than these.
    pub has_older: bool,
    /// Whether older rows are being read.
    pub loading_older: bool,
    /// The ids of all rows, beyond the loaded ones, for a collection that tracks them.
    pub ids: Option<Rc<IdSet>>,
    // Last, since they take the longest to compare.
    /// Rows, newest first.
    pub rows: Vec<RowView<T>>,
}

/// A value as it is on screen.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueView<T: ?Sized> {
    /// The value, with the pending mutations' effects.
    pub data: Rc<T>,
    /// The version of the server state below.
    pub version: u64,
    /// Ids of the pending mutations that have a part in it.
    pub mutations: Rc<[MutationId]>,
}

/// The loaded rows of a query.
#[derive(Clone, Debug, PartialEq)]
pub struct PagesView<T> {
    /// The rows, in the order of the pages.
    pub rows: Vec<Rc<T>>,
    /// Whether there are more.
    pub has_more: bool,
    /// Whether more are being read.
    pub loading_more: bool,
}

/// A view of whatever type.
pub(crate) type AnyView = dyn Any;

/// The view of a resource, of whatever type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rebased {
    List(Rc<ListView<dyn AnyRow>>),
    Value(Rc<ValueView<AnyValue>>),
}

/// Whether one row is in a collection that tracks ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntityView {
    /// Whether it is there, pending mutations included. `false` also while unknown.
    pub present: bool,
    /// Whether the collection was read at all.
    pub known: bool,
    /// The last mutation about it that is not confirmed, if one is.
    pub pending: Option<PendingView>,
    /// The last rejection, until the user acts on it again or dismisses it.
    pub failure: Option<Rc<FailureView>>,
}

/// Where a mutation is on its way.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MutationState {
    /// Recorded, not yet sent.
    Queued,
    /// In flight.
    Sent,
    /// The server accepted it; its effect has not arrived everywhere.
    Accepted,
    /// No answer came; it is sent again under the same id.
    Unknown,
    /// It no longer applies to what the server has, and changes nothing.
    Conflicted,
    /// The user has to choose, as after a price that changed.
    NeedsResolution,
    /// Paused until the user retries or discards it.
    Paused,
    /// Cancelled by the user after it was sent: another mutation undoes it once its outcome is known, and is void if that
    /// is a rejection.
    Cancelling,
}

/// A mutation that is not settled.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingView {
    /// Its id.
    pub id: MutationId,
    /// What was asked for.
    pub mutation: MutationRef,
    /// Where it is on its way.
    pub state: MutationState,
    /// When the user asked, by the wall clock.
    pub asked_at_ms: i64,
    /// How often it was sent.
    pub attempts: u32,
    /// Why it waits or failed, if it does.
    pub cause: Option<ErrorView>,
    /// What the server would accept instead, while the user has to decide.
    pub proposal: Option<MutationRef>,
}

/// A rejected mutation in a [`FailureView`].
#[derive(Clone, Debug, PartialEq)]
pub struct FailedMutation {
    /// Its id.
    pub id: MutationId,
    /// What was asked for.
    pub mutation: MutationRef,
}

/// A rejected action of the user: one mutation, or those of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct FailureView {
    /// The mutation that was rejected.
    pub mutation: FailedMutation,
    /// The others of the same batch that failed with it.
    pub siblings: Vec<FailedMutation>,
    /// What to call the thing it was about.
    pub subject: Option<Rc<str>>,
    /// Why.
    pub error: ErrorView,
    /// When, by the wall clock.
    pub at_ms: i64,
}

impl FailureView {
    /// All mutations that failed together.
    pub fn mutations(&self) -> impl Iterator<Item = &FailedMutation> {
        std::iter::once(&self.mutation).chain(&self.siblings)
    }
}

/// The user's mutations: the ones not settled, oldest first, and the ones that failed, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MutationsView {
    /// Not settled.
    pub pending: Vec<PendingView>,
    /// Rejected; at most 200 are kept.
    pub failures: Vec<Rc<FailureView>>,
}

impl MutationsView {
    /// Only the mutations that `concerns` names.
    #[must_use]
    pub fn only(&self, concerns: fn(&MutationRef) -> bool) -> Self {
        let pending = self.pending.iter();
        let failures = self.failures.iter();
        Self {
            pending: pending
                .filter(|pending| concerns(&pending.mutation))
                .cloned()
                .collect(),
            failures: failures
                .filter(|failure| concerns(&failure.mutation.mutation))
                .cloned()
                .collect(),
        }
    }
}

impl fmt::Display for MutationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Unknown => "unknown",
            Self::Conflicted => "conflicted",
            Self::NeedsResolution => "needs-resolution",
            Self::Paused => "paused",
            Self::Cancelling => "cancelling",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_problem_are_kept_beside_its_code() {
        let view = |problem| {
            ErrorView::from(&HttpFailure::Status {
                status: 422,
                problem: Some(Box::new(problem)),
                retry_after_ms: None,
            })
        };
        let problem = Problem::new(ProblemCode::Invalid, 422, "A title has 1 to 80 characters");
        let error = view(Problem {
            detail: Some("It has 81".to_owned()),
            ..problem
        });
        assert_eq!(
            error.title.as_deref(),
            Some("A title has 1 to 80 characters")
        );
        assert_eq!(error.detail.as_deref(), Some("It has 81"));
        assert_eq!(
            view(Problem::new(ProblemCode::Invalid, 422, "")).title,
            None
        );
    }

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
