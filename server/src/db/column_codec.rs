//! Converts values to columns and back. A column holds the same word as the wire.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The word of a value, or an empty string if its JSON is not a string.
pub fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The value of a word, or the default for an unknown word.
pub fn value<T: DeserializeOwned + Default>(word: String) -> T {
    serde_json::from_value(Value::String(word)).unwrap_or_default()
}

/// A count from a column that is never negative.
pub fn count(column: i64) -> u64 {
    u64::try_from(column).unwrap_or_default()
}

/// A version or a count as a column.
pub fn column(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
