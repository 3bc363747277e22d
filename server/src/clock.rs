//! The wall clock.

use std::time::{SystemTime, UNIX_EPOCH};

use sync_protocol::Timestamp;

/// One day, in milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// The current time, in milliseconds since 1970-01-01T00:00:00Z.
#[must_use]
pub fn now_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The day (UTC) of a timestamp, as `YYYY-MM-DD`.
#[must_use]
pub fn day_of(unix_ms: i64) -> String {
    let mut text = Timestamp::from_unix_ms(unix_ms).0;
    text.truncate(10);
    text
}

/// The start of the month (UTC) of a timestamp, in milliseconds since 1970.
#[must_use]
pub fn month_start_ms(unix_ms: i64) -> i64 {
    let text = Timestamp::from_unix_ms(unix_ms).0;
    let first = format!("{}-01T00:00:00.000Z", text.get(..7).unwrap_or("1970-01"));
    Timestamp(first).to_unix_ms().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_on_its_first_day_at_midnight() {
        let now = Timestamp("2028-02-29T23:59:59.999Z".to_owned());
        let now = now.to_unix_ms().expect("a timestamp");
        assert_eq!(
            Timestamp::from_unix_ms(month_start_ms(now)).as_str(),
            "2028-02-01T00:00:00.000Z"
        );
        assert_eq!(day_of(now), "2028-02-29");
    }
}
