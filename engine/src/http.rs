//! The calls that the engine asks the outside to make, and what may come of them.
//!
//! One request type and one reply type for everything, so that a backend is one function and a test can script it.

use dashboard_protocol::{
    Activity, Beat, Download, Favorite, MutationReply, MutationRequest, Order, Page, Problem,
    Session, SnapshotReply, SnapshotRequest, Token,
};

/// Longest wait that a server may ask for, in milliseconds. What is beyond is taken for this: no fault of a server may
/// end in a page that never asks again.
pub(crate) const RETRY_AFTER_MAX_MS: u64 = 300_000;

/// Identity of a call, unique in one core.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RequestId(pub u64);

/// A call to the server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum HttpRequest {
    /// `GET /api/session`: is the user still signed in?
    Session,
    /// `GET /api/realtime/token`.
    Token,
    /// `GET /api/snapshot`.
    Snapshot(SnapshotRequest),
    /// `POST /api/mutations`.
    Mutations(MutationRequest),
    /// `GET /api/beats`: a page of the catalog.
    Beats {
        /// Search text; empty for all.
        query: String,
        /// Where the page begins.
        cursor: Option<String>,
        /// Rows wanted.
        limit: usize,
    },
    /// A page of older rows of one of the four lists.
    Older {
        /// Which list.
        list: ListName,
        /// Where the page begins.
        cursor: String,
        /// Rows wanted.
        limit: usize,
    },
}

/// The resources that are lists with pages.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ListName {
    /// `GET /api/favorites`.
    Favorites,
    /// `GET /api/orders`.
    Orders,
    /// `GET /api/downloads`.
    Downloads,
    /// `GET /api/activity`.
    Activity,
}

/// A good answer, by the request that it answers.
#[derive(Clone, Debug, PartialEq)]
pub enum HttpReply {
    /// Signed in.
    Session(Session),
    /// A token for the realtime connection.
    Token(Token),
    /// The resources that differ; `None` for 304, when none does.
    Snapshot(Option<Box<SnapshotReply>>),
    /// Outcomes.
    Mutations(MutationReply),
    /// A page of the catalog.
    Beats(Page<Beat>),
    /// Older favorites.
    Favorites(Page<Favorite>),
    /// Older orders.
    Orders(Page<Order>),
    /// Older downloads.
    Downloads(Page<Download>),
    /// Older activity.
    Activity(Page<Activity>),
}

/// Why a call brought no good answer. Told by status and code, never by text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum HttpFailure {
    /// No answer: whether the server did anything is unknown.
    Network,
    /// No answer in time, or the call was given up: as unknown.
    Timeout,
    /// The server answered with an error.
    Status {
        /// HTTP status.
        status: u16,
        /// The body, if it was a problem.
        problem: Option<Box<Problem>>,
        /// When to come again, from the `Retry-After` header or the problem, in milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// The server answered with something that cannot be read.
    Malformed {
        /// HTTP status.
        status: u16,
    },
}

impl HttpFailure {
    /// Whether the server answered at all, which proves the way to it.
    #[must_use]
    pub const fn was_answered(&self) -> bool {
        matches!(self, Self::Status { .. } | Self::Malformed { .. })
    }

    /// Whether the answer says that nobody is signed in.
    #[must_use]
    pub const fn is_unauthenticated(&self) -> bool {
        matches!(self, Self::Status { status: 401, .. })
    }
}

/// What came of a call.
pub type HttpResult = Result<HttpReply, HttpFailure>;
