//! Addresses of the realtime server and of the API, read as the browser reads them.

use std::error::Error;
use std::fmt;

use sync_engine::settings::{SettingWarning, Settings};
use web_sys::Url;

/// The path of a Centrifugo server's connections by default.
const SOCKET_PATH: &str = "/connection/websocket";

/// Why there is no address for the socket.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AddressError {
    /// An unsecured socket to another machine from a secured page: a browser would reject it, and its frames could
    /// be read on the way.
    Insecure,
    /// The page has no origin of its own (as one opened from a file), and no host is set.
    NoOrigin,
    /// The address cannot be read.
    Malformed,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Insecure => {
                "Address of the realtime server: a page that was loaded over https may only use wss: (ws: is for this machine alone)."
            }
            Self::NoOrigin => {
                "Address of the realtime server: this page has no origin of its own; name a host."
            }
            Self::Malformed => "Address of the realtime server: it cannot be read.",
        })
    }
}

impl Error for AddressError {}

/// The address that a socket is opened with. `url` is `scheme://host:port/path`, `host:port/path`, `/path`, or empty for
/// the page's own origin; `page_origin` is the page's, such as `https://shop.example:8443`. Two spellings of one address
/// give the same result.
///
/// # Errors
/// See [`AddressError`]; without a socket the client polls.
pub fn socket_url(url: &str, page_origin: &str) -> Result<String, AddressError> {
    let page = Url::new(page_origin).ok().filter(is_http);
    let address = absolute(url, page.as_ref())?;
    let is_secure = match address.protocol().as_str() {
        "wss:" | "https:" => true,
        "ws:" | "http:" => false,
        _ => return Err(AddressError::Malformed),
    };
    let is_page_secure = page.is_some_and(|page| page.protocol() == "https:");
    if !is_secure && is_page_secure && !is_loopback(&address.hostname()) {
        return Err(AddressError::Insecure);
    }
    address.set_protocol(if is_secure { "wss:" } else { "ws:" });
    if address.pathname() == "/" && address.search().is_empty() {
        address.set_pathname(SOCKET_PATH);
    }
    Ok(address.href())
}

/// The address of a file that the API names: a path is on the API's host.
#[must_use]
pub fn link(url: &str, api_base_url: &str) -> String {
    match Url::new(api_base_url) {
        Ok(api) if url.starts_with('/') => [&api.origin(), url].concat(),
        _ => url.to_owned(),
    }
}

/// Whether two settings name one address for the socket, be it in two spellings.
#[must_use]
pub fn is_same_socket(a: &Settings, b: &Settings, page_origin: &str) -> bool {
    let resolve = |settings: &Settings| socket_url(&settings.ws_url, page_origin).ok();
    a.ws_url == b.ws_url || resolve(a).is_some_and(|url| resolve(b) == Some(url))
}

/// Replaces addresses that cannot be used by their defaults. The names in the warnings begin with `prefix`.
pub fn check_addresses(settings: &mut Settings, prefix: &str) -> Vec<SettingWarning> {
    let defaults = Settings::default();
    let mut warnings = Vec::new();
    if socket_url(&settings.ws_url, "http://localhost").is_err() {
        let expected = "a socket address such as wss://example.com";
        let name = [prefix, "WS_URL"].concat();
        warnings.push(SettingWarning::wrong(&name, &settings.ws_url, expected, ""));
        settings.ws_url = defaults.ws_url;
    }
    if !is_api_url(&settings.api_base_url) {
        let expected = "a path such as /api or an http address";
        let name = [prefix, "API_BASE_URL"].concat();
        let url = &settings.api_base_url;
        warnings.push(SettingWarning::wrong(&name, url, expected, "/api"));
        settings.api_base_url = defaults.api_base_url;
    }
    warnings
}

fn is_api_url(url: &str) -> bool {
    let is_address = || url.contains("://") && Url::new(url).is_ok_and(|url| is_http(&url));
    is_plain(url) && !url.contains('?') && (url.is_empty() || url.starts_with('/') || is_address())
}

fn absolute(url: &str, page: Option<&Url>) -> Result<Url, AddressError> {
    if !is_plain(url) {
        return Err(AddressError::Malformed);
    }
    let parse = |url: &str| Url::new(url).map_err(|_| AddressError::Malformed);
    let address = if url.contains("://") {
        parse(url)?
    } else if url.is_empty() || url.starts_with('/') {
        let page = page.ok_or(AddressError::NoOrigin)?;
        parse(&[&page.origin(), url].concat())?
    } else {
        let secured = parse(&["https://", url].concat())?;
        let is_secure = match page {
            Some(page) => page.protocol() == "https:",
            None => !is_loopback(&secured.hostname()),
        };
        if is_secure {
            secured
        } else {
            parse(&["http://", url].concat())?
        }
    };
    if address.port() == "0" {
        return Err(AddressError::Malformed);
    }
    Ok(address)
}

/// Whether an address has nothing that `URL` would repair in silence or that must not stand in it: a user would be a
/// secret in an address, and a socket has no fragment. Without a host, `URL` would take the first part of the path for it.
fn is_plain(url: &str) -> bool {
    let is_forbidden = |c: char| c.is_whitespace() || c.is_control() || "#@\\\"<>".contains(c);
    !url.contains(is_forbidden) && !url.starts_with("//") && !url.contains(":///")
}

fn is_http(url: &Url) -> bool {
    matches!(url.protocol().as_str(), "http:" | "https:")
}

/// Whether a host is this machine. `URL` has brought all spellings of its numbers into one.
fn is_loopback(hostname: &str) -> bool {
    hostname == "localhost"
        || hostname.ends_with(".localhost")
        || hostname == "[::1]"
        || hostname
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}
