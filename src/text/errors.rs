//! Texts of errors, and of their recovery actions.

use dashboard_model::MutationBody;
use sync_engine::schema::MutationRef;
use sync_engine::view::ErrorKind;
use sync_engine::view::ErrorView;
use sync_protocol::ProblemCode;

use super::{SIGN_IN, TRY_AGAIN, resources};

/// Texts of an error: title, explanation, recovery action.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ErrorWords {
    /// The title.
    pub title: &'static str,
    /// The explanation.
    pub hint: &'static str,
    /// The label of the button.
    pub action: &'static str,
}

/// The value of `data-error`.
#[must_use]
pub const fn error_kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Network => "network",
        ErrorKind::Authentication => "authentication",
        ErrorKind::Data => "data",
        ErrorKind::Realtime => "realtime",
        ErrorKind::Limit => "limit",
    }
}

/// Texts of a panel whose data could not be fetched.
#[must_use]
pub const fn error_words(kind: ErrorKind) -> ErrorWords {
    match kind {
        ErrorKind::Network => ErrorWords {
            title: "We can't reach the store",
            hint: "Nothing is lost. Check your connection and try again.",
            action: TRY_AGAIN,
        },
        ErrorKind::Authentication => ErrorWords {
            title: "You're signed out",
            hint: "Sign in to see this part of your dashboard.",
            action: SIGN_IN,
        },
        ErrorKind::Data => ErrorWords {
            title: "We can't show this right now",
            hint: "The store sent data that this page can't read. Reloading usually helps.",
            action: "Reload the page",
        },
        ErrorKind::Realtime => ErrorWords {
            title: "Live updates aren't available",
            hint: "We'll keep refreshing your data in the meantime.",
            action: "Reconnect",
        },
        ErrorKind::Limit => ErrorWords {
            title: "Too many requests",
            hint: "Wait a moment, then try again.",
            action: TRY_AGAIN,
        },
    }
}

/// The reason why signing in failed.
#[must_use]
pub fn sign_in_failed(error: &ErrorView) -> &'static str {
    match (&error.code, error.kind) {
        (Some(ProblemCode::InvalidCredentials), _) | (_, ErrorKind::Authentication) => {
            "Your email and password don't match. Check both and try again."
        }
        (_, ErrorKind::Limit) => "Too many attempts. Wait a minute, then try again.",
        (_, ErrorKind::Network) => {
            "We can't reach the store right now. Check your connection and try again."
        }
        (_, ErrorKind::Data | ErrorKind::Realtime) => {
            "We couldn't sign you in. Reload the page and try again."
        }
    }
}

/// A rejected mutation: what could not be done, how things are now, and why, if that is known.
#[must_use]
pub fn rejection(mutation: &MutationRef, subject: Option<&str>, error: &ErrorView) -> String {
    let what = subject.map_or_else(|| "it".to_owned(), |name| ["‘", name, "’"].concat());
    let (before, after) = resources::failure(MutationBody::of(mutation).as_ref());
    [before, &what, after, rejection_reason(error)]
        .concat()
        .trim_end()
        .to_owned()
}

/// The recovery action after a rejection; none where a retry would be rejected again.
#[must_use]
pub const fn rejection_action(error: &ErrorView) -> Option<&'static str> {
    match &error.code {
        Some(
            ProblemCode::AlreadyOwned
            | ProblemCode::NotFound
            | ProblemCode::NotCancellable
            | ProblemCode::NotLicensed
            | ProblemCode::Invalid,
        ) => None,
        _ => Some(TRY_AGAIN),
    }
}

fn rejection_reason(error: &ErrorView) -> &'static str {
    match (&error.code, error.kind) {
        (Some(ProblemCode::PriceChanged), _) => "The price has changed.",
        (Some(ProblemCode::AlreadyOwned), _) => "You already own it.",
        (Some(ProblemCode::QuotaExceeded), _) => "You've reached your plan's limit.",
        (Some(ProblemCode::NotFound), _) => "It's no longer in the store.",
        (Some(ProblemCode::NotCancellable), _) => "It's too late to cancel.",
        (Some(ProblemCode::NotLicensed), _) => "You need to buy it first.",
        (Some(ProblemCode::BatchRejected), _) => "Another change in the same batch failed.",
        (_, ErrorKind::Network) => "We couldn't reach the store.",
        (_, ErrorKind::Authentication) => "You're signed out.",
        (_, ErrorKind::Limit) => "Too many requests. Wait a moment.",
        (_, ErrorKind::Data | ErrorKind::Realtime) => "",
    }
}

#[cfg(test)]
mod tests {
    use dashboard_model::SetFavorite;

    use super::*;

    #[test]
    fn a_rejection_shows_the_failure_the_current_state_and_the_reason() {
        let error = |code| ErrorView {
            code,
            ..ErrorView::new(ErrorKind::Data)
        };
        let favorite_change = |favorite| {
            MutationRef::new(SetFavorite {
                beat_id: "b".to_owned(),
                favorite,
            })
        };
        for (body, code, expected) in [
            (
                favorite_change(false),
                None,
                "Couldn't remove ‘Blue Train’. It's back in your favorites.",
            ),
            (
                favorite_change(true),
                Some(ProblemCode::QuotaExceeded),
                "Couldn't add ‘Blue Train’. You've reached your plan's limit.",
            ),
        ] {
            assert_eq!(rejection(&body, Some("Blue Train"), &error(code)), expected);
        }
    }
}
