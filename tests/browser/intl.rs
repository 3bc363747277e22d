//! Numbers and times as text.

use sync_web::intl;
use sync_yew::test_util::START_MS;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::page::document;

const DAY_MS: i64 = 86_400_000;

/// A formatter is made once for each currency: no other test uses these.
#[wasm_bindgen_test]
fn amounts_are_written_in_the_language_of_the_page() {
    let root = document().document_element().unwrap();
    let former = root.get_attribute("lang").unwrap_or_default();
    for (lang, currency, written) in [("de", "NOK", "1.234,56"), ("en", "DKK", "1,234.56")] {
        root.set_attribute("lang", lang).unwrap();
        let text = intl::money(123_456, currency);
        assert!(text.contains(written), "{lang}: {text}");
    }
    // No language, and none that `Intl` knows: the browser's.
    for (lang, currency) in [("", "SEK"), ("not_a_language!", "CHF")] {
        root.set_attribute("lang", lang).unwrap();
        assert!(intl::money(7, currency).contains('7'), "{lang}");
    }
    root.set_attribute("lang", &former).unwrap();
}

#[wasm_bindgen_test]
fn a_time_of_another_day_has_its_date() {
    let today = intl::time(START_MS, START_MS);
    assert!(!today.contains("2026"), "{today}");
    for now_ms in [START_MS + DAY_MS, START_MS - DAY_MS] {
        assert_eq!(intl::time(START_MS, now_ms), intl::date_time(START_MS));
    }
}
