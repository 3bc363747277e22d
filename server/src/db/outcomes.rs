//! The outcomes of mutations. A mutation that arrives again gets the same answer and has no second effect.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use serde::Serialize;
use serde_json::{Value, value::RawValue};
use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};
use sync_protocol::{Outcome, ProblemCode, RawMutation, Settled};

use super::{
    column_codec::{column, count},
    deferred::Deferred,
    users::{self, Versions},
};
use crate::{failure::Result, ids::UserId};

/// The fingerprint of a mutation's kind and arguments as JSON values: the order of fields and the spelling of numbers
/// and strings make no difference.
pub type BodyHash = [u8; 32];

/// Computes the fingerprint of a mutation.
///
/// # Errors
/// When the arguments are nested too deeply.
pub fn body_hash(mutation: &RawMutation) -> Result<BodyHash, serde_json::Error> {
    let args: Value = serde_json::from_str(mutation.args.as_str())?;
    let canonical = serde_json::to_string(&(&mutation.kind, same_numbers(args)))?;
    Ok(Sha256::digest(canonical.as_bytes()).into())
}

/// Writes whole numbers as integers, because `2.0` and `2` are the same JSON number. The map of `serde_json` sorts
/// the fields of objects.
fn same_numbers(value: Value) -> Value {
    /// Above this, one float stands for several integers.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT => {
                #[expect(clippy::cast_possible_truncation, reason = "checked to be exact")]
                let whole = float as i64;
                Value::from(whole)
            }
            _ => Value::Number(number),
        },
        Value::Array(items) => Value::Array(items.into_iter().map(same_numbers).collect()),
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| (name, same_numbers(value)))
                .collect(),
        ),
        other @ (Value::Null | Value::Bool(_) | Value::String(_)) => other,
    }
}

/// The outcome of a mutation, with the events as the outbox has them.
pub type MutationResult = sync_protocol::MutationResult<Arc<RawValue>>;

/// A stored outcome.
#[derive(Clone, Debug)]
pub struct StoredOutcome {
    /// The fingerprint of the mutation.
    pub body_hash: Vec<u8>,
    /// The version with which a snapshot reports it.
    pub version: u64,
    /// The result that was sent.
    pub result: MutationResult,
}

impl From<StoredOutcome> for Settled {
    /// The outcome in the form of a snapshot.
    fn from(
        StoredOutcome {
            version, result, ..
        }: StoredOutcome,
    ) -> Self {
        Self {
            outcome: result.outcome,
            version,
            problem: result
                .problem
                .filter(|_| result.outcome == Outcome::Rejected),
        }
    }
}

static VERSIONS_AND_OUTCOMES: LazyLock<String> = LazyLock::new(|| {
    let versions = users::VERSIONS.as_str();
    // A join, because SQLite collects the ids of a subquery in a table of its own.
    format!(
        "{versions}; SELECT body_hash, version, result FROM json_each(?) \
         CROSS JOIN verdicts ON person_id = ? AND verdicts.id = json_each.value"
    )
});

/// Reads the versions of a user's data, and the outcomes of those of the mutations that have one, by their ids. In one
/// call, because each call of the database costs more than what it reads.
///
/// # Errors
/// `unauthenticated` if the user has been deleted, or when the database fails.
pub async fn find<Id: Serialize + Sync>(
    conn: &mut SqliteConnection,
    user_id: &UserId,
    mutation_ids: &[Id],
) -> Result<(Versions, HashMap<String, StoredOutcome>)> {
    let rows = sqlx::query(VERSIONS_AND_OUTCOMES.as_str())
        .bind(user_id.as_str())
        .bind(serde_json::to_string(mutation_ids)?)
        .bind(user_id.as_str())
        .fetch_all(conn)
        .await?;
    let (versions, found) = rows.split_first().ok_or(ProblemCode::Unauthenticated)?;
    let mut outcomes = HashMap::with_capacity(found.len());
    for row in found {
        let outcome = StoredOutcome {
            body_hash: row.try_get("body_hash")?,
            version: count(row.try_get("version")?),
            result: serde_json::from_str(row.try_get("result")?)?,
        };
        outcomes.insert(outcome.result.id.clone(), outcome);
    }
    Ok((users::versions_of(versions)?, outcomes))
}

/// Stores an outcome, with the other deferred writes of its commit. A snapshot reports a rejected mutation with
/// `account_version`.
///
/// # Errors
/// When the result cannot be written as JSON.
pub fn defer(
    deferred: &mut Deferred,
    user_id: &UserId,
    body_hash: &BodyHash,
    result: &MutationResult,
    account_version: u64,
    now_ms: i64,
) -> Result<()> {
    let version = result.version.unwrap_or(account_version);
    deferred
        .push("INSERT INTO verdicts (person_id, id, body_hash, version, result, at_ms) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(user_id.as_str())?
        .bind(result.id.as_str())?
        .bind(body_hash.as_slice())?
        .bind(column(version))?
        .bind(serde_json::to_string(result)?)?
        .bind(now_ms)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(kind: &str, args: &str) -> BodyHash {
        let text = format!(r#"{{"id":"m","kind":"{kind}","args":{args}}}"#);
        body_hash(&serde_json::from_str(&text).expect("a mutation")).expect("a hash")
    }

    #[test]
    fn bodies_are_compared_as_json_values() {
        let same = hash("k", r#"{"a":1,"b":"x"}"#);
        assert_eq!(hash("k", r#"{ "b" : "\u0078", "a" : 1.0 }"#), same);
        assert_ne!(hash("k", r#"{"a":1,"b":"y"}"#), same);
        assert_ne!(hash("k", r#"{"a":"1","b":"x"}"#), same);
        assert_ne!(hash("l", r#"{"a":1,"b":"x"}"#), same);
    }

    #[test]
    fn a_fingerprint_is_the_same_in_every_version_of_the_server() {
        let args = r#"{"favorite":true,"beat_id":"b1","n":2.0}"#;
        let hex: String = hash("set_favorite", args)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        // SHA-256 of `["set_favorite",{"beat_id":"b1","favorite":true,"n":2}]`.
        assert_eq!(
            hex,
            "74f50cf30728b963b19e0956e5b214edb99bba15bb9c0bfeee0df33ad91a2334"
        );
    }
}
