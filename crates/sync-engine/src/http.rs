//! The calls that the engine asks the outside to make, and their results.
//!
//! One request type and one reply type for everything, so that a backend is one function and a test can script it.

use std::collections::BTreeMap;
use std::rc::Rc;

use sync_protocol::{MutationRequest, Problem, Session, Settled, Token};

use crate::event::Event;
use crate::schema::{
    ItemPage, MutationId, QueryKey, ResourceId, ResourceSet, ResourceSnapshot, RowPage, Schema,
};

/// Longest wait that a server may ask for, in milliseconds. A longer one is cut to this: no fault of a server may end in
/// a page that never asks again.
pub(crate) const RETRY_AFTER_MAX_MS: u64 = 300_000;

/// Identity of a call, unique in one engine.
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
    /// `GET /api/<query>`: a page of a query.
    Query {
        /// The query with its parameters.
        key: QueryKey,
        /// Where the page begins.
        cursor: Option<String>,
        /// Rows wanted.
        limit: usize,
    },
    /// `GET /api/<collection>`: a page of a collection's older rows.
    Older {
        /// The collection.
        resource: ResourceId,
        /// Where the page begins.
        cursor: String,
        /// Rows wanted.
        limit: usize,
    },
}

/// The parameters of `GET /api/snapshot`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SnapshotRequest {
    /// The wanted resources, each with the version that is already known.
    pub resources: Vec<(ResourceId, Option<u64>)>,
    /// The epoch of those versions.
    pub epoch: Option<Rc<str>>,
    /// Mutations whose outcome is wanted; at most
    /// [`PENDING_IDS_MAX`](sync_protocol::limits::PENDING_IDS_MAX).
    pub pending: Vec<MutationId>,
    /// Rows of each list; at most [`PAGE_ROWS_MAX`](sync_protocol::limits::PAGE_ROWS_MAX).
    pub limit: Option<usize>,
}

impl SnapshotRequest {
    /// The query string, without the question mark. Ids and epochs are written as they are: both sides make them of
    /// letters, digits and hyphens.
    #[must_use]
    pub fn to_query(&self, schema: &Schema) -> String {
        let resources = self.resources.iter().map(|(resource, version)| {
            let name = schema.name_of(*resource);
            version.map_or_else(|| name.to_owned(), |version| format!("{name}@{version}"))
        });
        let resources: Vec<_> = resources.collect();
        let mut params = vec![format!("resources={}", resources.join(","))];
        if let Some(epoch) = &self.epoch {
            params.push(format!("epoch={epoch}"));
        }
        if !self.pending.is_empty() {
            let ids: Vec<_> = self.pending.iter().map(MutationId::as_str).collect();
            params.push(format!("pending={}", ids.join(",")));
        }
        if let Some(limit) = self.limit {
            params.push(format!("limit={limit}"));
        }
        params.join("&")
    }
}

/// A snapshot in the terms of a schema: all of it was read in one database snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Epoch of the user's data.
    pub epoch: String,
    /// Those of the wanted resources that differ from the known version.
    pub resources: Vec<(ResourceId, ResourceSnapshot)>,
    /// Outcomes of those of the pending mutations that the server knows.
    pub settled: BTreeMap<String, Settled>,
}

/// The reply to mutations, in the terms of a schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MutationReply {
    /// Epoch of the user's data.
    pub epoch: Rc<str>,
    /// One for each mutation, in their order.
    pub results: Vec<MutationResult>,
}

impl MutationReply {
    /// The resources that its commits changed.
    #[must_use]
    pub fn resources(&self) -> ResourceSet {
        let events = self
            .results
            .iter()
            .flat_map(|result| result.outcome.events());
        events.map(|event| event.resource).collect()
    }
}

/// The outcome of one mutation of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct MutationResult {
    /// The mutation's id.
    pub id: MutationId,
    /// Its outcome.
    pub outcome: MutationOutcome,
}

/// The server's word on one mutation.
#[derive(Clone, Debug, PartialEq)]
pub enum MutationOutcome {
    /// It took effect, or was so already.
    Accepted {
        /// Version of the commit; of its primary resource, if nothing had to change.
        version: u64,
        /// The commit's events; none if nothing had to change.
        events: Vec<Event>,
    },
    /// It did not and never will.
    Rejected {
        /// Why.
        problem: Problem,
    },
}

impl MutationOutcome {
    /// The events of the commit, if there are any.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        match self {
            Self::Accepted { events, .. } => events,
            Self::Rejected { .. } => &[],
        }
    }
}

/// A good answer, by the request that it answers.
#[derive(Clone, Debug, PartialEq)]
pub enum HttpReply {
    /// Signed in.
    Session(Session),
    /// A token for the realtime connection.
    Token(Token),
    /// The resources that differ; `None` for 304, when none does.
    Snapshot(Option<Box<Snapshot>>),
    /// Outcomes.
    Mutations(MutationReply),
    /// A page of a query.
    Query(ItemPage),
    /// A page of a collection's older rows.
    Older(RowPage),
}

impl HttpReply {
    /// Reads the body of a good answer to `request`. `None` if it cannot be read.
    #[must_use]
    pub fn decode(schema: &Schema, request: &HttpRequest, body: &str) -> Option<Self> {
        match request {
            HttpRequest::Session => serde_json::from_str(body).ok().map(Self::Session),
            HttpRequest::Token => serde_json::from_str(body).ok().map(Self::Token),
            HttpRequest::Snapshot(_) => {
                let snapshot = schema.decode_snapshot(body)?;
                Some(Self::Snapshot(Some(Box::new(snapshot))))
            }
            HttpRequest::Mutations(_) => schema.decode_mutations(body).map(Self::Mutations),
            HttpRequest::Query { key, .. } => schema.decode_items(key.query, body).map(Self::Query),
            HttpRequest::Older { resource, .. } => {
                schema.decode_page(*resource, body).map(Self::Older)
            }
        }
    }
}

/// Why a call brought no good answer. Decided by status and code, never by text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum HttpFailure {
    /// No answer: whether the server did anything is unknown.
    Network,
    /// No answer in time, or the call was aborted: as unknown.
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
    /// The server's answer cannot be read.
    Malformed {
        /// HTTP status.
        status: u16,
    },
}

impl HttpFailure {
    /// The answer that nobody is signed in.
    pub(crate) const UNAUTHENTICATED: Self = Self::Status {
        status: 401,
        problem: None,
        retry_after_ms: None,
    };

    /// When the server wants to be asked again, in milliseconds.
    #[must_use]
    pub const fn retry_after_ms(&self) -> Option<u64> {
        match self {
            Self::Status { retry_after_ms, .. } => *retry_after_ms,
            Self::Network | Self::Timeout | Self::Malformed { .. } => None,
        }
    }

    /// Whether the server answered at all, which shows that it can be reached.
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

/// The result of a call.
pub type HttpResult = Result<HttpReply, HttpFailure>;
