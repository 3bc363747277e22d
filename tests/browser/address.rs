//! Addresses of the realtime server and of the API, as the browser reads them.

use sync_engine::settings::{SettingWarning, Settings};
use sync_web::address::{AddressError, check_addresses, is_same_socket, link, socket_url};
use wasm_bindgen_test::wasm_bindgen_test;

const PAGE: &str = "http://127.0.0.1:8080";
const SECURE: &str = "https://shop.example";

/// Settings with this address of the socket, and the warnings about it.
fn with_socket(url: &str) -> (Settings, Vec<SettingWarning>) {
    let mut settings = Settings {
        ws_url: url.to_owned(),
        ..Settings::default()
    };
    let warnings = check_addresses(&mut settings, "VITE_");
    (settings, warnings)
}

fn resolve(url: &str, page: &str) -> Result<String, AddressError> {
    let (settings, warnings) = with_socket(url);
    assert_eq!(warnings, [], "{url}");
    socket_url(&settings.ws_url, page)
}

#[wasm_bindgen_test]
fn the_page_completes_an_address_that_is_not_set() {
    for (url, page, expected) in [
        ("", PAGE, "ws://127.0.0.1:8080/connection/websocket"),
        ("", SECURE, "wss://shop.example/connection/websocket"),
        ("/live", SECURE, "wss://shop.example/live"),
        (
            "rt.example",
            SECURE,
            "wss://rt.example/connection/websocket",
        ),
        (
            "rt.example:8000/",
            PAGE,
            "ws://rt.example:8000/connection/websocket",
        ),
        (
            "localhost:3001",
            "null",
            "ws://localhost:3001/connection/websocket",
        ),
        (
            "rt.example",
            "null",
            "wss://rt.example/connection/websocket",
        ),
        (
            "ws://localhost:3001",
            PAGE,
            "ws://localhost:3001/connection/websocket",
        ),
        ("WSS://rt.example/a/b?c=d", PAGE, "wss://rt.example/a/b?c=d"),
        (
            "https://rt.example",
            PAGE,
            "wss://rt.example/connection/websocket",
        ),
        ("ws://[::1]:3001/x", SECURE, "ws://[::1]:3001/x"),
    ] {
        assert_eq!(resolve(url, page).as_deref(), Ok(expected), "{url} {page}");
    }
}

#[wasm_bindgen_test]
fn a_secured_page_opens_an_unsecured_socket_only_to_its_own_machine() {
    for (url, allowed) in [
        ("ws://rt.example", false),
        ("ws://192.168.1.7:3001", false),
        ("ws://127.0.0.1.evil.example", false),
        ("ws://localhost.evil.example", false),
        ("ws://localhost", true),
        ("ws://app.LOCALHOST:1", true),
        ("ws://127.8.9.1:3001", true),
        ("ws://[::1]", true),
    ] {
        let expected = if allowed {
            Ok(())
        } else {
            Err(AddressError::Insecure)
        };
        assert_eq!(resolve(url, SECURE).map(drop), expected, "{url}");
        assert!(resolve(url, PAGE).is_ok(), "{url}");
    }
}

#[wasm_bindgen_test]
fn spellings_of_one_address_are_the_same_address() {
    let settings = |url| with_socket(url).0;
    let is_same = |a, b, page| is_same_socket(&settings(a), &settings(b), page);
    for spelling in [
        "shop.example",
        "SHOP.example:443",
        "/connection/websocket",
        "/",
        "wss://shop.example",
        "https://shop.example/connection/websocket",
        "wss://Shop.Example:443/",
    ] {
        assert!(is_same("", spelling, SECURE), "{spelling}");
        assert!(is_same(spelling, "", SECURE), "{spelling}");
    }
    for other in [
        "shop.example:8443",
        "rt.example",
        "/live",
        "/Connection/websocket",
        "ws://localhost",
        "ws://shop.example",
    ] {
        assert!(!is_same("", other, SECURE), "{other}");
    }
    // Equal texts are the same, even if they are no address.
    assert!(is_same("", "", "null") && is_same("ws://a.example", "ws://a.example", SECURE));
    assert!(!is_same("", "/live", "null"));
}

#[wasm_bindgen_test]
fn a_page_without_origin_needs_a_host() {
    for page in ["null", "", "file://"] {
        assert_eq!(resolve("", page), Err(AddressError::NoOrigin), "{page}");
        assert_eq!(
            resolve("/live", page),
            Err(AddressError::NoOrigin),
            "{page}"
        );
    }
}

#[wasm_bindgen_test]
fn an_address_from_elsewhere_is_held_to_the_same_rules() {
    assert_eq!(
        socket_url("ws://rt.example", SECURE),
        Err(AddressError::Insecure)
    );
    assert_eq!(
        socket_url("javascript:alert(1)", SECURE),
        Err(AddressError::Malformed)
    );
}

#[wasm_bindgen_test]
fn addresses_that_make_no_sense_are_rejected() {
    for url in [
        "ftp://a",
        "ws://",
        "ws:///x",
        "ws://a b",
        "ws://user:pw@a",
        "ws://a/#x",
        "a:99999",
        "a:0",
        "//a/x",
        "?a",
        "ws://[::1",
        "ws://[]",
        "a\\b",
    ] {
        let (_, warnings) = with_socket(url);
        assert_eq!(warnings.len(), 1, "{url}");
    }
}

#[wasm_bindgen_test]
fn the_api_is_a_path_or_an_address() {
    for (url, fits) in [
        ("/api", true),
        ("https://api.example/v1", true),
        ("", true),
        ("api", false),
        ("api.example/v1", false),
        ("ws://a", false),
        ("/api?x=1", false),
        ("//a", false),
    ] {
        let mut settings = Settings {
            api_base_url: url.to_owned(),
            ..Settings::default()
        };
        let warnings = check_addresses(&mut settings, "VITE_");
        assert_eq!(warnings.is_empty(), fits, "{url}");
        let used = if fits { url } else { "/api" };
        assert_eq!(settings.api_base_url, used);
    }
}

#[wasm_bindgen_test]
fn a_warning_names_the_setting_and_the_value() {
    let (settings, warnings) = with_socket("ftp://example.com");
    assert_eq!(settings, Settings::default());
    let text = warnings[0].to_string();
    assert!(
        text.contains("VITE_WS_URL") && text.contains("ftp://example.com"),
        "{text}"
    );
}

#[wasm_bindgen_test]
fn a_path_that_the_api_names_is_on_its_host() {
    for (url, api, address) in [
        ("/api/a/file", "/api", "/api/a/file"),
        ("/api/a/file", "", "/api/a/file"),
        (
            "/api/a/file",
            "https://api.example:8443/v1",
            "https://api.example:8443/api/a/file",
        ),
        (
            "https://files.example/a",
            "https://api.example",
            "https://files.example/a",
        ),
    ] {
        assert_eq!(link(url, api), address, "{url} {api}");
    }
}
