//! What a user asked for, and the server's outcome on it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::record::{Read, Readable, Value, readable, record, words};
use crate::{DownloadFormat, Event, License, Money, Problem, ProblemCode};

/// One line of an order that is wished for.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct OrderLineInput {
    /// The beat.
    pub beat_id: String,
    /// The licence.
    pub license: License,
}

/// What a user asked for. Absolute, never a flip, so that saying it twice means the same.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", content = "args", rename_all = "snake_case")]
pub enum MutationBody {
    /// The beat is to be a favorite, or not.
    SetFavorite {
        /// Which beat.
        beat_id: String,
        /// Whether it is to be a favorite.
        favorite: bool,
    },
    /// Buy.
    PlaceOrder {
        /// UUID made by the client.
        order_id: String,
        /// What to buy.
        lines: Vec<OrderLineInput>,
        /// What the user saw as the sum.
        expected_total: Money,
    },
    /// Take an order back before it is paid.
    CancelOrder {
        /// Which order.
        order_id: String,
    },
    /// Make a file of a beat.
    RequestDownload {
        /// UUID made by the client.
        download_id: String,
        /// Which beat.
        beat_id: String,
        /// In which format.
        format: DownloadFormat,
    },
    /// Take a download back before it is ready.
    CancelDownload {
        /// Which download.
        download_id: String,
    },
}

impl MutationBody {
    /// Reads a mutation from its kind and arguments as they came.
    ///
    /// # Errors
    /// An unknown kind or arguments of another shape, as text for the problem's detail.
    pub fn decode(kind: &str, args: &RawValue) -> Result<Self, String> {
        let kind = serde_json::to_string(kind).map_err(|error| error.to_string())?;
        let whole = format!(r#"{{"kind":{kind},"args":{}}}"#, args.get());
        serde_json::from_str(&whole).map_err(|error| error.to_string())
    }
}

/// A mutation with the id that makes sending it twice harmless.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Mutation {
    /// Random UUID, one per mutation; never derived from what it touches.
    pub id: String,
    /// What is asked for.
    #[serde(flatten)]
    pub body: MutationBody,
}

/// A mutation as a server first reads it: its kind may be unknown, its arguments anything.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct RawMutation {
    /// The client's id of it.
    pub id: String,
    /// Word for what is asked.
    pub kind: String,
    /// Arguments of that kind.
    pub args: Box<RawValue>,
}

/// Body of `POST /api/mutations`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct MutationRequest<M = Mutation> {
    /// Run in this order.
    pub mutations: Vec<M>,
    /// All or none, in one commit.
    #[serde(default)]
    pub atomic: bool,
}

/// Whether a mutation took effect.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did, or was so already.
    Accepted,
    /// It did not and never will.
    Rejected,
}
words!(Outcome { "accepted" => Accepted, "rejected" => Rejected });

/// The server's word on one mutation.
#[derive(Clone, Debug, PartialEq)]
pub enum MutationOutcome {
    /// It took effect, or was so already.
    Accepted {
        /// Version of the commit; of the resource it speaks of, if nothing had to change.
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

/// The outcome on one mutation of a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(into = "ResultWire")]
pub struct MutationResult {
    /// The mutation's id.
    pub id: String,
    /// What became of it.
    pub outcome: MutationOutcome,
}

/// Reply of `POST /api/mutations`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MutationReply {
    /// Epoch of the user's data.
    pub epoch: String,
    /// One for each mutation, in their order.
    pub results: Vec<MutationResult>,
}
record!(MutationReply { epoch, results });

/// [`MutationResult`] as it stands on the wire: flat.
#[derive(Serialize)]
struct ResultWire {
    id: String,
    outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Vec<Event>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}
record!(ResultWire { id, outcome } or { version, events, problem });

impl Readable for MutationResult {
    fn blank() -> Self {
        ResultWire::blank().into()
    }

    fn read(&mut self, value: &mut dyn Value) -> Read {
        let mut wire = ResultWire::blank();
        wire.read(value)?;
        *self = wire.into();
        Ok(())
    }
}

readable!(MutationResult);

impl From<ResultWire> for MutationResult {
    fn from(wire: ResultWire) -> Self {
        let outcome = match wire.outcome {
            Outcome::Accepted => MutationOutcome::Accepted {
                version: wire.version.unwrap_or_default(),
                events: wire.events.unwrap_or_default(),
            },
            Outcome::Rejected => MutationOutcome::Rejected {
                problem: wire.problem.unwrap_or_else(|| {
                    Problem::new(ProblemCode::Invalid, 422, "rejected without a reason")
                }),
            },
        };
        Self {
            id: wire.id,
            outcome,
        }
    }
}

impl From<MutationResult> for ResultWire {
    fn from(result: MutationResult) -> Self {
        let (outcome, version, events, problem) = match result.outcome {
            MutationOutcome::Accepted { version, events } => {
                (Outcome::Accepted, Some(version), Some(events), None)
            }
            MutationOutcome::Rejected { problem } => (Outcome::Rejected, None, None, Some(problem)),
        };
        Self {
            id: result.id,
            outcome,
            version,
            events,
            problem,
        }
    }
}
