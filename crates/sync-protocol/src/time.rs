//! Timestamps on the wire.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

/// A timestamp, as RFC 3339 in UTC with milliseconds (`2026-11-23T10:00:00.000Z`). The server writes only this form, so
/// text order is time order.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Timestamp(pub String);

impl Timestamp {
    /// The text on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Milliseconds since 1970-01-01T00:00:00Z; `None` if the text has another form than the server writes.
    #[must_use]
    pub fn to_unix_ms(&self) -> Option<i64> {
        let number = |from: usize, to: usize| -> Option<i64> {
            let digits = self.0.get(from..to)?;
            digits
                .bytes()
                .all(|b| b.is_ascii_digit())
                .then(|| digits.parse().ok())?
        };
        if self.0.len() != 24 || !self.0.ends_with('Z') {
            return None;
        }
        let days = days_from_civil(number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let seconds =
            days * 86_400 + number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?;
        Some(seconds * 1000 + number(20, 23)?)
    }

    /// The timestamp `unix_ms` milliseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn from_unix_ms(unix_ms: i64) -> Self {
        let (days, ms) = (
            unix_ms.div_euclid(86_400_000),
            unix_ms.rem_euclid(86_400_000),
        );
        let (year, month, day) = civil_from_days(days);
        let (hour, minute) = (ms / 3_600_000, ms / 60_000 % 60);
        let (second, milli) = (ms / 1000 % 60, ms % 1000);
        Self(format!(
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"
        ))
    }
}

impl From<SystemTime> for Timestamp {
    /// The timestamp of a system's time, to the millisecond; 1970-01-01 for an earlier one.
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(SystemTime::UNIX_EPOCH);
        let unix_ms = since.unwrap_or_default().as_millis();
        Self::from_unix_ms(i64::try_from(unix_ms).unwrap_or(i64::MAX))
    }
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar. Algorithm: Howard Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms", `days_from_civil`.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date (year, month, day) that is `days` days after 1970-01-01. Same source, `civil_from_days`.
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_and_milliseconds_are_each_other() {
        for (text, ms) in [
            ("1970-01-01T00:00:00.000Z", 0),
            ("2000-02-29T23:59:59.999Z", 951_868_799_999),
            ("2026-11-23T10:00:00.000Z", 1_795_428_000_000),
            ("1969-12-31T23:59:59.999Z", -1),
        ] {
            assert_eq!(Timestamp(text.to_owned()).to_unix_ms(), Some(ms), "{text}");
            assert_eq!(Timestamp::from_unix_ms(ms).as_str(), text);
        }
    }

    #[test]
    fn other_forms_of_time_are_rejected() {
        for text in [
            "",
            "2026-11-23T10:00:00Z",
            "2026-11-23 10:00:00.000Z1",
            "2026-1a-23T10:00:00.000Z",
        ] {
            assert_eq!(Timestamp(text.to_owned()).to_unix_ms(), None, "{text}");
        }
    }
}
