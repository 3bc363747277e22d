//! Errors as RFC 9457 problems, with a code that programs decide by.

use serde::Serialize;

use crate::Money;
use crate::record::{Read, Readable, Value, readable, record};

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// What went wrong, in one word that never changes. Decisions are made by it and by the status, never by text.
        #[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize)]
        #[serde(into = "String")]
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
    /// The same beat and licence stand in an order that is not cancelled, refunded or failed.
    AlreadyOwned = "already_owned",
    /// The request's form is wrong.
    BadRequest = "bad_request",
    /// Another mutation of an atomic batch was rejected.
    BatchRejected = "batch_rejected",
    /// The file is gone.
    Expired = "expired",
    /// The request comes from a page of another origin.
    ForbiddenOrigin = "forbidden_origin",
    /// A fault of the server.
    Internal = "internal",
    /// The mutation's kind is unknown or its arguments are wrong.
    Invalid = "invalid",
    /// Email and password do not fit.
    InvalidCredentials = "invalid_credentials",
    /// The method does not exist there.
    MethodNotAllowed = "method_not_allowed",
    /// The id was used for another mutation.
    MutationIdReused = "mutation_id_reused",
    /// The order or download has gone too far to be cancelled.
    NotCancellable = "not_cancellable",
    /// There is no such thing, or it belongs to somebody else.
    NotFound = "not_found",
    /// No paid or completed order holds the beat.
    NotLicensed = "not_licensed",
    /// The file is still being made.
    NotReady = "not_ready",
    /// The body is too large, or holds too much.
    PayloadTooLarge = "payload_too_large",
    /// The price differs from the one that was expected; `total` has the new one.
    PriceChanged = "price_changed",
    /// No downloads left this month.
    QuotaExceeded = "quota_exceeded",
    /// The stated range lies outside the file.
    RangeNotSatisfiable = "range_not_satisfiable",
    /// Too many requests; `retry_after_ms` says when to come again.
    RateLimited = "rate_limited",
    /// The session does not exist or has ended.
    Unauthenticated = "unauthenticated",
    /// The server cannot answer now.
    Unavailable = "unavailable",
    /// The body is not JSON, or is not declared as such.
    UnsupportedMediaType = "unsupported_media_type",
}

impl Readable for ProblemCode {
    fn blank() -> Self {
        Self::Internal
    }

    fn read(&mut self, value: &mut dyn Value) -> Read {
        *self = value.text()?.into();
        Ok(())
    }
}

readable!(ProblemCode);

impl From<ProblemCode> for String {
    fn from(code: ProblemCode) -> Self {
        code.as_str().to_owned()
    }
}

/// The body of an error reply (`application/problem+json`), and the reason of a rejected mutation.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Problem {
    /// What went wrong, for programs.
    pub code: ProblemCode,
    /// HTTP status.
    pub status: u16,
    /// What went wrong, for users who read logs.
    pub title: String,
    /// More about this one case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When to try again, in milliseconds from now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The total that an order would have now (with `price_changed`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
}
record!(Problem { code, status } or { title, detail, retry_after_ms, total });

impl Problem {
    /// A problem with nothing but its code, status and title.
    #[must_use]
    pub fn new(code: ProblemCode, status: u16, title: &str) -> Self {
        Self {
            code,
            status,
            title: title.to_owned(),
            detail: None,
            retry_after_ms: None,
            total: None,
        }
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
}
