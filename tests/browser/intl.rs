//! Numbers and times as text.

use sync_web::intl;
use sync_yew::test_util::START_MS;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::page::document;

const DAY_MS: i64 = 86_400_000;

/// Sets the language of the page for the time of a test.
struct Language(String);

impl Language {
    fn set(language: &str) -> Self {
        let root = document().document_element().unwrap();
        let former = root.get_attribute("lang").unwrap_or_default();
        root.set_attribute("lang", language).unwrap();
        Self(former)
    }
}

impl Drop for Language {
    fn drop(&mut self) {
        let root = document().document_element().unwrap();
        root.set_attribute("lang", &self.0).unwrap();
    }
}

/// A formatter is made once for each currency: no other test uses these.
#[wasm_bindgen_test]
fn amounts_are_written_in_the_language_of_the_page() {
    for (lang, currency, written) in [("de", "NOK", "1.234,56"), ("en", "DKK", "1,234.56")] {
        let _language = Language::set(lang);
        let text = intl::money(123_456, currency);
        assert!(text.contains(written), "{lang}: {text}");
    }
    // No language, and none that `Intl` knows: the browser's.
    for (lang, currency) in [("", "SEK"), ("not_a_language!", "CHF")] {
        let _language = Language::set(lang);
        assert!(intl::money(7, currency).contains('7'), "{lang}");
    }
}

/// What `Intl` writes with these options in American English, with plain spaces.
fn by_the_browser(kind: &str, options: &str, value: f64) -> String {
    let code = format!("return new Intl.{kind}('en-US', {options}).format({value})");
    let text = js_sys::Function::new_no_args(&code).call0(&JsValue::UNDEFINED);
    text.unwrap().as_string().unwrap().replace('\u{202f}', " ")
}

#[wasm_bindgen_test]
fn a_page_in_english_reads_as_if_the_browser_had_written_it() {
    let _language = Language::set("en");
    let number = |options, value| by_the_browser("NumberFormat", options, value);
    for value in [
        0,
        999,
        1949,
        1950,
        12_345,
        999_949,
        999_950,
        1_234_567,
        9_876_543_210,
    ] {
        let plain = value as f64;
        assert_eq!(intl::integer(value), number("{}", plain));
        let compact = "{notation: 'compact', maximumFractionDigits: 1}";
        assert_eq!(intl::compact(value), number(compact, plain));
        let megabytes = "{style: 'unit', unit: 'megabyte', maximumFractionDigits: 1}";
        assert_eq!(intl::megabytes(value), number(megabytes, plain / 1e6));
        for currency in ["USD", "EUR", "GBP", "JPY"] {
            let options = format!("{{style: 'currency', currency: '{currency}'}}");
            let digits = if currency == "JPY" { 1.0 } else { 100.0 };
            for sign in [1, -1] {
                let amount = value as i64 * sign;
                let written = by_the_browser("NumberFormat", &options, amount as f64 / digits);
                // The browser knows a negative zero.
                assert_eq!(
                    intl::money(amount, currency),
                    written.replace("-$0.00", "$0.00")
                );
            }
        }
    }
    // Half a day apart, through a whole year.
    for step in 0..730 {
        let at = START_MS + step * DAY_MS / 2;
        let date = |options| by_the_browser("DateTimeFormat", options, at as f64);
        let short_day = "{month: 'short', day: 'numeric', timeZone: 'UTC'}";
        assert_eq!(intl::short_utc_date(at), date(short_day));
        assert_eq!(intl::time(at, at), date("{timeStyle: 'short'}"));
        assert_eq!(intl::time_to_second(at), date("{timeStyle: 'medium'}"));
        assert_eq!(
            intl::date_time(at),
            date("{dateStyle: 'medium', timeStyle: 'short'}")
        );
        // The zone may have a name here.
        let full = intl::full_time(at);
        let without_zone = &full[..=full.rfind(' ').unwrap()];
        let written = date("{dateStyle: 'full', timeStyle: 'long'}");
        assert!(written.starts_with(without_zone), "{full}: {written}");
    }
    for (seconds, count, unit) in [(0, 0, "second"), (1, 1, "second"), (7300, 2, "hour")] {
        let code = format!(
            "return new Intl.RelativeTimeFormat('en-US', {{numeric: 'auto'}}).format(-{count}, '{unit}')"
        );
        let text = js_sys::Function::new_no_args(&code).call0(&JsValue::UNDEFINED);
        let written = text.unwrap().as_string().unwrap();
        assert_eq!(intl::age(START_MS, START_MS + seconds * 1000), written);
    }
}

#[wasm_bindgen_test]
fn a_time_of_another_day_has_its_date() {
    let today = intl::time(START_MS, START_MS);
    assert!(!today.contains("2026"), "{today}");
    for now_ms in [START_MS + DAY_MS, START_MS - DAY_MS] {
        assert_eq!(intl::time(START_MS, now_ms), intl::date_time(START_MS));
    }
}
