//! The server's memory of mutations, so that one that comes again gets the same answer and no second effect.

use dashboard_protocol::{MutationResult, Outcome, RawMutation, Settled, MutationOutcome};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};

use super::column_codec::{column, count};
use crate::failure::Failure;

/// Fingerprint of a mutation's kind and arguments, compared as JSON values: the order of fields and the spelling of
/// numbers and texts do not matter.
pub type BodyHash = [u8; 32];

/// The fingerprint of a mutation.
///
/// # Errors
/// When the arguments are nested deeper than JSON is read here.
pub fn body_hash(mutation: &RawMutation) -> Result<BodyHash, serde_json::Error> {
    let args: Value = serde_json::from_str(mutation.args.get())?;
    let canonical = serde_json::to_string(&(&mutation.kind, same_numbers(args)))?;
    Ok(Sha256::digest(canonical.as_bytes()).into())
}

/// `2.0` and `2` are one JSON number: writes whole numbers as integers. Objects are sorted by serde_json's map.
fn same_numbers(value: Value) -> Value {
    /// Beyond this, a float names more than one integer.
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

/// The remembered fingerprint and result of a mutation.
///
/// # Errors
/// When the database fails.
pub async fn find(
    conn: &mut SqliteConnection,
    user_id: &str,
    id: &str,
) -> Result<Option<(Vec<u8>, MutationResult)>, Failure> {
    let row = sqlx::query("SELECT body_hash, result FROM verdicts WHERE person_id = ? AND id = ?")
        .bind(user_id)
        .bind(id)
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let result: String = row.try_get("result")?;
    Ok(Some((
        row.try_get("body_hash")?,
        serde_json::from_str(&result)?,
    )))
}

/// Remembers a result. `account_version` is the version that a rejection is told with.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    conn: &mut SqliteConnection,
    user_id: &str,
    body_hash: &BodyHash,
    result: &MutationResult,
    account_version: u64,
    now_ms: i64,
) -> Result<(), Failure> {
    let version = match &result.outcome {
        MutationOutcome::Accepted { version, .. } => *version,
        MutationOutcome::Rejected { .. } => account_version,
    };
    sqlx::query(
        "INSERT INTO verdicts (person_id, id, body_hash, version, result, at_ms) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(user_id)
    .bind(&result.id)
    .bind(body_hash.as_slice())
    .bind(column(version))
    .bind(serde_json::to_string(result)?)
    .bind(now_ms)
    .execute(conn)
    .await?;
    Ok(())
}

/// What became of a mutation, as a snapshot tells it; `None` if the server does not know it.
///
/// # Errors
/// When the database fails.
pub async fn settled(
    conn: &mut SqliteConnection,
    user_id: &str,
    id: &str,
) -> Result<Option<Settled>, Failure> {
    let row = sqlx::query("SELECT version, result FROM verdicts WHERE person_id = ? AND id = ?")
        .bind(user_id)
        .bind(id)
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let result: String = row.try_get("result")?;
    let result: MutationResult = serde_json::from_str(&result)?;
    let (outcome, problem) = match result.outcome {
        MutationOutcome::Accepted { .. } => (Outcome::Accepted, None),
        MutationOutcome::Rejected { problem } => (Outcome::Rejected, Some(problem)),
    };
    Ok(Some(Settled {
        outcome,
        version: count(row.try_get("version")?),
        problem,
    }))
}

/// Forgets outcomes that are older than `before_ms`.
///
/// # Errors
/// When the database fails.
pub async fn forget(conn: &mut SqliteConnection, before_ms: i64) -> Result<(), Failure> {
    sqlx::query("DELETE FROM verdicts WHERE at_ms < ?")
        .bind(before_ms)
        .execute(conn)
        .await?;
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
}
