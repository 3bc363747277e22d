//! Values as text in the page's language, ready to be shown.

use dashboard_model::Money;
use sync_protocol::Timestamp;
use yew::AttrValue;

use crate::text;
use sync_web::intl;

/// The step of ages, because lists tick every minute.
const MINUTE_MS: i64 = 60_000;

/// An amount of money.
#[must_use]
pub fn money(amount: &Money) -> AttrValue {
    intl::money(amount.amount, &amount.currency).into()
}

/// A whole number.
#[must_use]
pub fn integer(number: impl Into<u64>) -> AttrValue {
    intl::integer(number.into()).into()
}

/// A beat's second line.
#[must_use]
pub fn about_beat(beat: &dashboard_model::Beat) -> AttrValue {
    let duration = if beat.duration_ms > 0 {
        intl::duration(beat.duration_ms)
    } else {
        String::new()
    };
    text::about_beat(&beat.artist, &beat.genre, beat.bpm, &beat.key, &duration).into()
}

/// The play count of a beat.
#[must_use]
pub fn plays(count: u64) -> AttrValue {
    text::plays(&intl::compact(count)).into()
}

/// The size of a file.
#[must_use]
pub fn file_size(bytes: u64) -> AttrValue {
    intl::megabytes(bytes).into()
}

/// A timestamp as its age, and in full. An invalid timestamp is shown unchanged.
#[must_use]
pub fn timestamp(at: &Timestamp, now_ms: i64) -> (AttrValue, AttrValue) {
    at.to_unix_ms().map_or_else(
        || {
            let raw = AttrValue::from(at.as_str().to_owned());
            (raw.clone(), raw)
        },
        |ms| {
            let age = if now_ms - ms < MINUTE_MS {
                AttrValue::Static(text::JUST_NOW)
            } else {
                intl::age(ms, now_ms).into()
            };
            (age, intl::full_time(ms).into())
        },
    )
}

/// A short day, from `YYYY-MM-DD`.
#[must_use]
pub fn day(date: &str) -> AttrValue {
    let midnight = Timestamp(format!("{date}T00:00:00.000Z"));
    midnight.to_unix_ms().map_or_else(
        || AttrValue::from(date.to_owned()),
        |ms| intl::short_utc_date(ms).into(),
    )
}
