//! Numbers, money and times in the page's language: by own code in American English, otherwise through the browser's `Intl`.
//!
//! Formatters are cached: creating one costs a hundred times as much as using it.

mod english;

use std::cell::RefCell;

use js_sys::{Array, Date, Function, Intl};
use sync_engine::map::Map;
use wasm_bindgen::{JsCast, JsValue};

use crate::object::{object, property};
use crate::page;
use english::LocalTime;

/// Most currencies whose formatters are cached; a store sells in a handful.
const CURRENCIES_MAX: usize = 32;

/// One formatter, with its bound `format` function.
#[derive(Clone)]
struct Formatter {
    format: Function,
    /// How many fraction digits an amount has; only known for money.
    digits: u32,
}

impl Formatter {
    fn number(options: &[(&str, &str)]) -> Self {
        let formatter = Intl::NumberFormat::new(&locales(), &object(options));
        let resolved = formatter.resolved_options();
        let digits = property(&resolved, "maximumFractionDigits");
        Self {
            format: formatter.format(),
            digits: digits.as_f64().unwrap_or(2.0) as u32,
        }
    }

    fn date(options: &[(&str, &str)]) -> Self {
        Self {
            format: Intl::DateTimeFormat::new(&locales(), &object(options)).format(),
            digits: 0,
        }
    }

    fn text(&self, value: &JsValue) -> String {
        self.format
            .call1(&JsValue::UNDEFINED, value)
            .ok()
            .and_then(|text| text.as_string())
            .unwrap_or_default()
    }
}

thread_local! {
    static FORMATTERS: RefCell<Map<&'static str, Formatter>> = RefCell::default();
    static CURRENCIES: RefCell<Map<String, Option<Formatter>>> = RefCell::default();
    static AGES: RefCell<Option<Intl::RelativeTimeFormat>> = RefCell::default();
}

/// Whether the page is in the English that browsers write for `en`.
fn is_english() -> bool {
    matches!(&*page::language(), "en" | "en-US")
}

/// The language of the page, so that dates and sentences are in the same one; the browser's where the page names none, or
/// one that `Intl` would throw for.
fn locales() -> Array {
    let intl = property(&js_sys::global(), "Intl");
    let canonical = property(&intl, "getCanonicalLocales").dyn_into::<Function>();
    let locales = canonical.and_then(|canonical| canonical.call1(&intl, &page::language().into()));
    locales.map_or_else(|_| Array::new(), |locales| Array::from(&locales))
}

/// A number, by the formatter of this name with these options.
fn number(name: &'static str, options: &[(&str, &str)], value: f64) -> String {
    formatter(name, || Formatter::number(options)).text(&value.into())
}

/// A time, by the formatter of this name with these options.
fn date(name: &'static str, options: &[(&str, &str)], unix_ms: i64) -> String {
    let date = Date::new(&(unix_ms as f64).into());
    formatter(name, || Formatter::date(options)).text(&date)
}

fn formatter(name: &'static str, make: impl FnOnce() -> Formatter) -> Formatter {
    FORMATTERS.with_borrow_mut(|kept| kept.entry(name).or_insert_with(make).clone())
}

/// An amount of money in minor units of an ISO 4217 currency, as `$19.99`.
#[must_use]
pub fn money(amount: i64, currency: &str) -> String {
    if is_english()
        && let Some(text) = english::money(amount, currency)
    {
        return text;
    }
    let formatter = CURRENCIES.with_borrow_mut(|kept| {
        if kept.len() >= CURRENCIES_MAX && !kept.contains_key(currency) {
            kept.clear();
        }
        kept.entry(currency.to_owned())
            .or_insert_with(|| {
                // `Intl` throws for anything but three letters.
                let is_code =
                    currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_alphabetic());
                is_code.then(|| Formatter::number(&[("style", "currency"), ("currency", currency)]))
            })
            .clone()
    });
    match formatter {
        Some(formatter) => {
            let amount = amount as f64 / 10_f64.powi(formatter.digits as i32);
            formatter.text(&amount.into())
        }
        None => format!("{amount} {currency}"),
    }
}

/// A whole number, as `12,345`.
#[must_use]
pub fn integer(whole: u64) -> String {
    if is_english() {
        return english::integer(whole);
    }
    number("integer", &[("maximumFractionDigits", "0")], whole as f64)
}

/// A large number in compact form, as `1.2M`.
#[must_use]
pub fn compact(whole: u64) -> String {
    if is_english() {
        return english::compact(whole);
    }
    let options = [("notation", "compact"), ("maximumFractionDigits", "1")];
    number("compact", &options, whole as f64)
}

/// The size of a file, as `3.4 MB`.
#[must_use]
pub fn megabytes(bytes: u64) -> String {
    if is_english() {
        return english::megabytes(bytes);
    }
    let options = [
        ("style", "unit"),
        ("unit", "megabyte"),
        ("maximumFractionDigits", "1"),
    ];
    number("megabytes", &options, bytes as f64 / 1_000_000.0)
}

/// A UTC day, as `Nov 23`, in any time zone of the user.
#[must_use]
pub fn short_utc_date(unix_ms: i64) -> String {
    if is_english() {
        return LocalTime::utc(unix_ms).short_day();
    }
    let options = [("month", "short"), ("day", "numeric"), ("timeZone", "UTC")];
    date("short_utc_date", &options, unix_ms)
}

/// A time of the day, as `14:02`, with its day unless that is the day of `now_ms`.
#[must_use]
pub fn time(unix_ms: i64, now_ms: i64) -> String {
    let day = |ms: i64| Date::new(&(ms as f64).into()).to_date_string();
    if day(unix_ms) != day(now_ms) {
        date_time(unix_ms)
    } else if is_english() {
        LocalTime::new(unix_ms).time()
    } else {
        date("time", &[("timeStyle", "short")], unix_ms)
    }
}

/// A time of the day to the second, as `14:02:05`.
#[must_use]
pub fn time_to_second(unix_ms: i64) -> String {
    if is_english() {
        return LocalTime::new(unix_ms).time_to_second();
    }
    date("time_to_second", &[("timeStyle", "medium")], unix_ms)
}

/// A day and a time, as `Nov 23, 2026, 14:02`.
#[must_use]
pub fn date_time(unix_ms: i64) -> String {
    if is_english() {
        return LocalTime::new(unix_ms).date_time();
    }
    let options = [("dateStyle", "medium"), ("timeStyle", "short")];
    date("date_time", &options, unix_ms)
}

/// A day and a time with its zone, for a hint.
#[must_use]
pub fn full_time(unix_ms: i64) -> String {
    if is_english() {
        return LocalTime::new(unix_ms).full();
    }
    let options = [("dateStyle", "full"), ("timeStyle", "long")];
    date("full_time", &options, unix_ms)
}

/// The age of a timestamp, as `12 seconds ago`; the date and time once it is more than a day ago. A timestamp in the
/// future, due to clock skew, counts as now.
#[must_use]
pub fn age(then_ms: i64, now_ms: i64) -> String {
    let seconds = (now_ms - then_ms).max(0) / 1000;
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => return date_time(then_ms),
    };
    if is_english() {
        return english::ago(count, unit);
    }
    AGES.with_borrow_mut(|kept| {
        let formatter = kept.get_or_insert_with(|| {
            Intl::RelativeTimeFormat::new(&locales(), &object(&[("numeric", "auto")]))
        });
        String::from(formatter.format(-(count as f64), unit))
    })
}

/// The length of a track, as `3:07`.
#[must_use]
pub fn duration(ms: u64) -> String {
    let seconds = ms / 1000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_length_shows_minutes_and_seconds() {
        assert_eq!(duration(187_400), "3:07");
        assert_eq!(duration(59_999), "0:59");
    }
}
