//! Errors as RFC 9457 problems, with a machine-readable code.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Json;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// A stable, machine-readable error code. Programs decide by it and by the status, never by text.
        #[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
        #[serde(from = "String", into = "String")]
        pub enum ProblemCode {
            $($(#[doc = $doc])+ $name,)+
            /// A code that this build does not know.
            Other(String),
        }

        impl ProblemCode {
            /// The code on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $text,)+
                    Self::Other(text) => text,
                }
            }

            /// All codes that this build knows.
            pub const KNOWN: &[Self] = &[$(Self::$name,)+];
        }

        impl From<String> for ProblemCode {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => Self::$name,)+
                    _ => Self::Other(text),
                }
            }
        }
    };
}

codes! {
    /// The user owns the item already.
    AlreadyOwned = "already_owned",
    /// The request is malformed.
    BadRequest = "bad_request",
    /// Another mutation of an atomic batch was rejected.
    BatchRejected = "batch_rejected",
    /// The file no longer exists.
    Expired = "expired",
    /// The request comes from a page of another origin.
    ForbiddenOrigin = "forbidden_origin",
    /// Internal server error.
    Internal = "internal",
    /// The mutation's kind is unknown or its arguments are wrong.
    Invalid = "invalid",
    /// Email and password do not match.
    InvalidCredentials = "invalid_credentials",
    /// The resource does not support the method.
    MethodNotAllowed = "method_not_allowed",
    /// The id was used for another mutation.
    MutationIdReused = "mutation_id_reused",
    /// It can no longer be cancelled.
    NotCancellable = "not_cancellable",
    /// It does not exist, or it belongs to another user.
    NotFound = "not_found",
    /// The user has no right to it.
    NotLicensed = "not_licensed",
    /// The file is still being prepared.
    NotReady = "not_ready",
    /// The session belongs to another user than the one that the call expects.
    OtherUser = "other_user",
    /// The body is too large, or contains too many items.
    PayloadTooLarge = "payload_too_large",
    /// The price differs from the expected one; an extension member has the new one.
    PriceChanged = "price_changed",
    /// The quota is used up.
    QuotaExceeded = "quota_exceeded",
    /// The requested range is outside the file.
    RangeNotSatisfiable = "range_not_satisfiable",
    /// Too many requests; `retry_after_ms` says when to retry.
    RateLimited = "rate_limited",
    /// The session does not exist or has ended.
    Unauthenticated = "unauthenticated",
    /// The server cannot respond now.
    Unavailable = "unavailable",
    /// The body is not JSON, or is not declared as JSON.
    UnsupportedMediaType = "unsupported_media_type",
}

impl From<ProblemCode> for String {
    fn from(code: ProblemCode) -> Self {
        code.as_str().to_owned()
    }
}

/// The body of an error reply (`application/problem+json`), and the reason of a rejected mutation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// The error, for programs.
    pub code: ProblemCode,
    /// HTTP status.
    pub status: u16,
    /// The error, for log readers.
    pub title: String,
    /// Details of this occurrence.
    pub detail: Option<String>,
    /// When to retry, in milliseconds from now.
    pub retry_after_ms: Option<u64>,
    /// The application's own members, by name: RFC 9457 calls them extension members.
    pub extensions: BTreeMap<String, Json>,
}

impl Problem {
    /// A problem with only its code, status and title.
    #[must_use]
    pub fn new(code: ProblemCode, status: u16, title: &str) -> Self {
        Self {
            code,
            status,
            title: title.to_owned(),
            detail: None,
            retry_after_ms: None,
            extensions: BTreeMap::new(),
        }
    }

    /// The problem of a rejection without a reason.
    #[must_use]
    pub fn without_reason() -> Self {
        Self::new(ProblemCode::Invalid, 422, "rejected without a reason")
    }

    /// The problem with an extension member; unchanged if that cannot be serialized as JSON.
    #[must_use]
    pub fn with<T: Serialize>(mut self, name: &str, value: &T) -> Self {
        if let Some(json) = Json::of(value) {
            self.extensions.insert(name.to_owned(), json);
        }
        self
    }

    /// An extension member; `None` if none has that name and type.
    #[must_use]
    pub fn extension<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.extensions.get(name)?.decode()
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", &self.code)?;
        map.serialize_entry("status", &self.status)?;
        map.serialize_entry("title", &self.title)?;
        if let Some(detail) = &self.detail {
            map.serialize_entry("detail", detail)?;
        }
        if let Some(retry_after_ms) = &self.retry_after_ms {
            map.serialize_entry("retry_after_ms", retry_after_ms)?;
        }
        for (name, value) in &self.extensions {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Problem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ProblemVisitor)
    }
}

/// Most extension members that are read; further ones are ignored.
const EXTENSIONS_MAX: usize = 16;

struct ProblemVisitor;

impl<'de> Visitor<'de> for ProblemVisitor {
    type Value = Problem;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a problem")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Problem, A::Error> {
        let (mut code, mut status) = (None, None);
        let mut problem = Problem::without_reason();
        problem.title.clear();
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "code" => code = Some(map.next_value()?),
                "status" => status = Some(map.next_value()?),
                "title" => problem.title = map.next_value()?,
                "detail" => problem.detail = map.next_value()?,
                "retry_after_ms" => problem.retry_after_ms = map.next_value()?,
                _ if problem.extensions.len() < EXTENSIONS_MAX => {
                    problem.extensions.insert(name, map.next_value()?);
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        problem.code = code.ok_or_else(|| A::Error::missing_field("code"))?;
        problem.status = status.ok_or_else(|| A::Error::missing_field("status"))?;
        Ok(problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_back_and_an_unknown_one_is_kept() {
        for code in ProblemCode::KNOWN {
            assert_eq!(ProblemCode::from(code.as_str().to_owned()), *code);
        }
        let other = ProblemCode::from("teapot".to_owned());
        assert_eq!(other.as_str(), "teapot");
    }

    #[test]
    fn extension_members_are_read_back() {
        let problem = Problem {
            detail: Some("why".to_owned()),
            retry_after_ms: Some(7),
            ..Problem::new(ProblemCode::PriceChanged, 409, "price changed").with("total", &1999)
        };
        let text = serde_json::to_string(&problem).unwrap();
        let read: Problem = serde_json::from_str(&text).unwrap();
        assert_eq!(read, problem);
        assert_eq!(read.extension("total"), Some(1999));
        assert_eq!(read.extension::<String>("total"), None);
    }

    #[test]
    fn a_problem_needs_its_code_and_its_status_and_nothing_else() {
        let read = serde_json::from_str::<Problem>;
        assert!(read(r#"{"code":"internal","status":500}"#).is_ok());
        assert!(read(r#"{"code":"internal"}"#).is_err());
        assert!(read(r#"{"status":500,"title":"x"}"#).is_err());
    }

    #[test]
    fn sixteen_extension_members_are_read_and_not_seventeen() {
        let members: String = (0..=EXTENSIONS_MAX)
            .map(|n| format!(r#","m{n}":{n}"#))
            .collect();
        let text = format!(r#"{{"code":"internal","status":500{members}}}"#);
        let problem: Problem = serde_json::from_str(&text).unwrap();
        assert_eq!(problem.extensions.len(), EXTENSIONS_MAX);
    }
}
