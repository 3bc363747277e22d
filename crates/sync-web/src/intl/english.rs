//! Numbers, money and times in American English, without `Intl`.
//!
//! The first `Intl` object of a page loads the browser's language data: 20 ms in a new process on a quiet desktop machine, and
//! more than that on a busy one. A page in English draws without it.

use js_sys::Date;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// A time as the clock and the calendar of a place show it.
#[derive(Clone, Copy)]
pub(super) struct LocalTime {
    year: u32,
    /// From 0, as in the two lists above.
    month: u32,
    day: u32,
    weekday: u32,
    hour: u32,
    minute: u32,
    second: u32,
    /// How far the place's clock is ahead of UTC.
    ahead_minutes: i32,
}

impl LocalTime {
    /// In the time zone of the user.
    pub(super) fn new(unix_ms: i64) -> Self {
        let date = Date::new(&(unix_ms as f64).into());
        Self {
            year: date.get_full_year(),
            month: date.get_month(),
            day: date.get_date(),
            weekday: date.get_day(),
            hour: date.get_hours(),
            minute: date.get_minutes(),
            second: date.get_seconds(),
            ahead_minutes: -date.get_timezone_offset() as i32,
        }
    }

    pub(super) fn utc(unix_ms: i64) -> Self {
        let date = Date::new(&(unix_ms as f64).into());
        Self {
            year: date.get_utc_full_year(),
            month: date.get_utc_month(),
            day: date.get_utc_date(),
            weekday: date.get_utc_day(),
            hour: date.get_utc_hours(),
            minute: date.get_utc_minutes(),
            second: date.get_utc_seconds(),
            ahead_minutes: 0,
        }
    }

    fn month_name(self) -> &'static str {
        MONTHS.get(self.month as usize).copied().unwrap_or_default()
    }

    /// As `Nov 23`.
    pub(super) fn short_day(self) -> String {
        let month = self.month_name();
        format!("{} {}", month.get(..3).unwrap_or(month), self.day)
    }

    /// As `2:02 PM`.
    pub(super) fn time(self) -> String {
        let (hour, half) = self.hour_of_half();
        format!("{hour}:{:02} {half}", self.minute)
    }

    /// As `2:02:05 PM`.
    pub(super) fn time_to_second(self) -> String {
        let (hour, half) = self.hour_of_half();
        format!("{hour}:{:02}:{:02} {half}", self.minute, self.second)
    }

    fn hour_of_half(self) -> (u32, &'static str) {
        let half = if self.hour < 12 { "AM" } else { "PM" };
        ((self.hour + 11) % 12 + 1, half)
    }

    /// As `Nov 23, 2026, 2:02 PM`.
    pub(super) fn date_time(self) -> String {
        format!("{}, {}, {}", self.short_day(), self.year, self.time())
    }

    /// As `Monday, November 23, 2026 at 2:02:05 PM GMT+1`.
    pub(super) fn full(self) -> String {
        let weekday = WEEKDAYS.get(self.weekday as usize).unwrap_or(&"");
        let (month, day, year) = (self.month_name(), self.day, self.year);
        let (time, zone) = (self.time_to_second(), self.zone());
        format!("{weekday}, {month} {day}, {year} at {time} {zone}")
    }

    fn zone(self) -> String {
        let sign = if self.ahead_minutes < 0 { '-' } else { '+' };
        let minutes = self.ahead_minutes.unsigned_abs();
        match (minutes / 60, minutes % 60) {
            (0, 0) => "UTC".to_owned(),
            (hours, 0) => format!("GMT{sign}{hours}"),
            (hours, minutes) => format!("GMT{sign}{hours}:{minutes:02}"),
        }
    }
}

/// As `12,345`.
pub(super) fn integer(whole: u64) -> String {
    let digits = whole.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// As `1.2M`.
pub(super) fn compact(whole: u64) -> String {
    let units = [
        (10_u64.pow(12), "T"),
        (10_u64.pow(9), "B"),
        (10_u64.pow(6), "M"),
        (1000, "K"),
    ];
    // 999,950 is the first number that counts as a million, because 999.95K would be rounded to 1000K.
    let unit = units
        .into_iter()
        .find(|(size, _)| whole >= size - size / 20_000);
    unit.map_or_else(
        || whole.to_string(),
        |(size, name)| format!("{}{name}", in_tenths(whole, size)),
    )
}

/// As `3.4 MB`.
pub(super) fn megabytes(bytes: u64) -> String {
    format!("{} MB", in_tenths(bytes, 1_000_000))
}

/// How often `size` is in `whole`, to a tenth.
fn in_tenths(whole: u64, size: u64) -> String {
    let (whole, size) = (u128::from(whole), u128::from(size));
    let tenths = ((whole * 10 + size / 2) / size) as u64;
    match tenths % 10 {
        0 => integer(tenths / 10),
        tenth => format!("{}.{tenth}", integer(tenths / 10)),
    }
}

/// As `$1,234.56`; none for a currency that is not among the most usual.
pub(super) fn money(amount: i64, currency: &str) -> Option<String> {
    let symbol = match currency {
        "USD" => '$',
        "EUR" => '€',
        "GBP" => '£',
        _ => return None,
    };
    let sign = if amount < 0 { "-" } else { "" };
    let amount = amount.unsigned_abs();
    Some(format!(
        "{sign}{symbol}{}.{:02}",
        integer(amount / 100),
        amount % 100
    ))
}

/// As `12 seconds ago`.
pub(super) fn ago(count: i64, unit: &str) -> String {
    match count {
        0 => "now".to_owned(),
        1 => format!("1 {unit} ago"),
        _ => format!("{count} {unit}s ago"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AFTERNOON: LocalTime = LocalTime {
        year: 2026,
        month: 10,
        day: 23,
        weekday: 1,
        hour: 14,
        minute: 2,
        second: 5,
        ahead_minutes: 60,
    };

    #[test]
    fn days_and_times_are_written_as_in_america() {
        assert_eq!(AFTERNOON.short_day(), "Nov 23");
        assert_eq!(AFTERNOON.time(), "2:02 PM");
        assert_eq!(AFTERNOON.time_to_second(), "2:02:05 PM");
        assert_eq!(AFTERNOON.date_time(), "Nov 23, 2026, 2:02 PM");
        assert_eq!(
            AFTERNOON.full(),
            "Monday, November 23, 2026 at 2:02:05 PM GMT+1"
        );
        for (hour, written) in [
            (0, "12:02 AM"),
            (11, "11:02 AM"),
            (12, "12:02 PM"),
            (23, "11:02 PM"),
        ] {
            assert_eq!(LocalTime { hour, ..AFTERNOON }.time(), written);
        }
    }

    #[test]
    fn a_zone_is_its_distance_from_utc() {
        let zones = [
            (0, "UTC"),
            (-210, "GMT-3:30"),
            (345, "GMT+5:45"),
            (-480, "GMT-8"),
        ];
        for (ahead_minutes, written) in zones {
            assert_eq!(
                LocalTime {
                    ahead_minutes,
                    ..AFTERNOON
                }
                .zone(),
                written
            );
        }
    }

    #[test]
    fn numbers_are_grouped_and_rounded() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(integer),
            ["0", "999", "1,000", "1,234,567"]
        );
        let compacted = [
            0, 999, 1000, 1949, 1950, 99_949, 999_949, 999_950, 1_250_000,
        ]
        .map(compact);
        let written = [
            "0", "999", "1K", "1.9K", "2K", "99.9K", "999.9K", "1M", "1.3M",
        ];
        assert_eq!(compacted, written);
        assert_eq!(compact(u64::MAX), "18,446,744.1T");
        assert_eq!(
            [0, 49_999, 3_400_000].map(megabytes),
            ["0 MB", "0 MB", "3.4 MB"]
        );
    }

    #[test]
    fn amounts_have_their_sign_before_the_symbol() {
        assert_eq!(money(123_456, "USD").as_deref(), Some("$1,234.56"));
        assert_eq!(money(-5, "EUR").as_deref(), Some("-€0.05"));
        assert_eq!(
            money(i64::MIN, "GBP").as_deref(),
            Some("-£92,233,720,368,547,758.08")
        );
        assert_eq!(money(1999, "JPY"), None);
    }

    #[test]
    fn ages_are_counted() {
        let ages =
            [(0, "second"), (1, "minute"), (23, "hour")].map(|(count, unit)| ago(count, unit));
        assert_eq!(ages, ["now", "1 minute ago", "23 hours ago"]);
    }
}
