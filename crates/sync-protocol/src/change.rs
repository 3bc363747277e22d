//! A change on the wire: its type beside its data.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use crate::Json;

/// A change on the wire: `{"type": "order_paid", "data": {…}}`.
///
/// In Rust it is an enum with serde's own derives, whose variants have the names of the types. Serde could write and
/// read this form itself (`tag`, `content`), but what it generates for data that come before their type doubles the code
/// of every row in a browser's program.
///
/// # Examples
/// ```
/// use serde::{Deserialize, Serialize};
/// use sync_protocol::{Json, TypedChange};
///
/// #[derive(Debug, Deserialize, PartialEq, Serialize)]
/// #[serde(rename_all = "snake_case")]
/// enum Change {
///     TodoRemoved { id: u32 },
///     ListCleared,
/// }
///
/// let change = Change::TodoRemoved { id: 7 };
/// let typed = TypedChange::of(&change).unwrap();
/// assert_eq!(Json::of(&typed).unwrap().as_str(), r#"{"type":"todo_removed","data":{"id":7}}"#);
/// assert_eq!(typed.decode::<Change>(), Some(change));
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TypedChange {
    /// The type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The data; a type may have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Json>,
}

impl TypedChange {
    /// A change as it is written; `None` if serde does not write it as a variant of an enum.
    #[must_use]
    pub fn of<T: Serialize>(change: &T) -> Option<Self> {
        let text = serde_json::to_string(change).ok()?;
        if let Ok(kind) = serde_json::from_str(&text) {
            return Some(Self { kind, data: None });
        }
        let variant: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&text).ok()?;
        let (kind, data) = variant.into_iter().next()?;
        let data = Some(Json::from(data));
        Some(Self { kind, data })
    }

    /// The change; `None` if its type is unknown or its data have another shape.
    #[must_use]
    pub fn decode<T: DeserializeOwned>(&self) -> Option<T> {
        let kind = serde_json::to_string(&self.kind).ok()?;
        let data = self.data.as_ref().map_or("null", Json::as_str);
        serde_json::from_str(&format!("{{{kind}:{data}}}")).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Change {
        Added(Vec<u32>),
        Renamed { to: String },
        Cleared,
    }

    fn read(json: &str) -> Option<Change> {
        serde_json::from_str::<TypedChange>(json).ok()?.decode()
    }

    #[test]
    fn every_form_of_a_variant_is_written_and_read() {
        for (change, expected) in [
            (
                Change::Added(vec![1, 2]),
                r#"{"type":"added","data":[1,2]}"#,
            ),
            (
                Change::Renamed { to: "\"".into() },
                r#"{"type":"renamed","data":{"to":"\""}}"#,
            ),
            (Change::Cleared, r#"{"type":"cleared"}"#),
        ] {
            let typed = TypedChange::of(&change).unwrap();
            assert_eq!(serde_json::to_string(&typed).unwrap(), expected);
            assert_eq!(read(expected), Some(change));
        }
    }

    #[test]
    fn data_may_come_first_and_other_members_are_ignored() {
        let json = r#"{"data":{"to":"b"},"extra":[],"type":"renamed"}"#;
        assert_eq!(read(json), Some(Change::Renamed { to: "b".into() }));
    }

    #[test]
    fn a_change_of_another_shape_is_rejected() {
        for json in [
            r#"{"data":[1]}"#,
            r#"{"type":"unknown","data":[1]}"#,
            r#"{"type":"added"}"#,
            r#"{"type":"added","data":{}}"#,
            r#"{"type":"a\":[],\"added","data":[1]}"#,
            r#"{"type":7,"data":[1]}"#,
        ] {
            assert_eq!(read(json), None, "{json}");
        }
        assert_eq!(TypedChange::of(&7), None);
    }
}
