//! Mutations, and their outcomes.

use serde::{Deserialize, Serialize};

use crate::{Event, Json, Problem};

/// A mutation on the wire: the server may not know its kind, and its arguments may be anything.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RawMutation {
    /// Random UUID, one per mutation; never derived from its content.
    pub id: String,
    /// The kind of mutation.
    pub kind: String,
    /// Arguments for that kind.
    pub args: Json,
}

/// Body of `POST /api/mutations`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct MutationRequest<M = RawMutation> {
    /// The mutations, in the order of execution.
    pub mutations: Vec<M>,
    /// Atomic: all or none, in one commit.
    #[serde(default)]
    pub atomic: bool,
}

/// Whether a mutation took effect.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It took effect, or had no effect to make.
    Accepted,
    /// It did not take effect and never will.
    Rejected,
}

/// The outcome of one mutation of a request.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct MutationResult<E = Event> {
    /// The mutation's id.
    pub id: String,
    /// Whether it took effect.
    pub outcome: Outcome,
    /// If accepted: version of the commit, or of the primary resource if nothing changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// If accepted: the commit's events; none if nothing changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<E>>,
    /// The id of an earlier mutation of the reply whose result has the events of this one, because both are of one
    /// commit. `events` is empty then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events_in: Option<String>,
    /// If rejected: the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

impl<E> MutationResult<E> {
    /// The outcome of a mutation that took effect, or had no effect to make.
    #[must_use]
    pub fn accepted(id: impl Into<String>, version: u64, events: Vec<E>) -> Self {
        Self {
            id: id.into(),
            outcome: Outcome::Accepted,
            version: Some(version),
            events: Some(events),
            events_in: None,
            problem: None,
        }
    }

    /// The outcome of a mutation that did not take effect and never will.
    #[must_use]
    pub fn rejected(id: impl Into<String>, problem: Problem) -> Self {
        Self {
            id: id.into(),
            outcome: Outcome::Rejected,
            version: None,
            events: None,
            events_in: None,
            problem: Some(problem),
        }
    }

    /// The events of the commit, if any.
    #[must_use]
    pub fn events(&self) -> &[E] {
        self.events.as_deref().unwrap_or_default()
    }
}

/// Reply of `POST /api/mutations`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct MutationReply<E = Event> {
    /// Epoch of the user's data.
    pub epoch: String,
    /// One outcome per mutation, in their order.
    pub results: Vec<MutationResult<E>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ProblemCode;

    #[test]
    fn results_are_flat_on_the_wire() {
        let accepted: MutationResult = MutationResult::accepted("m1", 7, Vec::new());
        let text = serde_json::to_string(&accepted).unwrap();
        assert_eq!(
            text,
            r#"{"id":"m1","outcome":"accepted","version":7,"events":[]}"#
        );
        assert_eq!(
            serde_json::from_str::<MutationResult>(&text).unwrap(),
            accepted
        );
        let problem = Problem::new(ProblemCode::NotFound, 404, "gone");
        let rejected: MutationResult = MutationResult::rejected("m2", problem);
        let text = serde_json::to_string(&rejected).unwrap();
        assert_eq!(
            text,
            r#"{"id":"m2","outcome":"rejected","problem":{"code":"not_found","status":404,"title":"gone"}}"#
        );
        assert_eq!(
            serde_json::from_str::<MutationResult>(&text).unwrap(),
            rejected
        );
    }
}
