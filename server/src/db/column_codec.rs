//! Words of the protocol as they stand in columns: the same as on the wire.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The word of a value; empty for a value that is no word.
pub fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The value of a word; its default for a word that this build does not know.
pub fn value<T: DeserializeOwned + Default>(word: String) -> T {
    serde_json::from_value(Value::String(word)).unwrap_or_default()
}

/// A number of a column that is never negative.
pub fn count(column: i64) -> u64 {
    u64::try_from(column).unwrap_or_default()
}

/// A version or count for a column.
pub fn column(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
