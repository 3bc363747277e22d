//! Addresses: valid values, and their absolute form on a page.

use std::error::Error;
use std::fmt;

use super::Settings;

/// The path of a Centrifugo server's connections by default.
const WS_PATH: &str = "/connection/websocket";

/// Why there is no address for the socket.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WsUrlError {
    /// An unsecured socket to another machine from a secured page: a browser would reject it, and its frames could
    /// be read on the way.
    Insecure,
    /// The page has no origin of its own (as one opened from a file), and no host is set.
    NoOrigin,
    /// The address cannot be read.
    Malformed,
}

impl fmt::Display for WsUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Insecure => {
                "VITE_WS_URL: a page that was loaded over https may only use wss: (ws: is for this machine alone)."
            }
            Self::NoOrigin => "VITE_WS_URL: this page has no origin of its own; name a host.",
            Self::Malformed => "VITE_WS_URL: the address cannot be read.",
        })
    }
}

impl Error for WsUrlError {}

/// The address that the socket is opened with. `page_origin` is the page's own, such as `https://shop.example:8443`.
///
/// # Errors
/// See [`WsUrlError`]; without a socket the dashboard polls.
pub fn resolve_ws_url(settings: &Settings, page_origin: &str) -> Result<String, WsUrlError> {
    resolve_socket_url(&settings.ws_url, page_origin)
}

/// The same for an address that came from elsewhere, as with a token.
///
/// # Errors
/// See [`WsUrlError`].
pub fn resolve_socket_url(url: &str, page_origin: &str) -> Result<String, WsUrlError> {
    let url = Parts::read(url).ok_or(WsUrlError::Malformed)?;
    let page = Parts::read(page_origin).unwrap_or_default();
    let page = match page.scheme {
        Some(Scheme::Http | Scheme::Https) => page,
        _ => Parts::default(),
    };
    let page_is_secure = page.scheme == Some(Scheme::Https);
    let host = if url.host.is_empty() {
        page.host
    } else {
        url.host
    };
    if host.is_empty() {
        return Err(WsUrlError::NoOrigin);
    }
    let secure = match (url.scheme, page.scheme) {
        (Some(Scheme::Wss | Scheme::Https), _) | (None, Some(Scheme::Https)) => true,
        (Some(Scheme::Ws | Scheme::Http), _) | (None, Some(_)) => false,
        (None, None) => !is_loopback(host),
    };
    if !secure && page_is_secure && !is_loopback(host) {
        return Err(WsUrlError::Insecure);
    }
    let (scheme, port) = if secure {
        ("wss", ":443")
    } else {
        ("ws", ":80")
    };
    // As a browser reads it: one address is to have one spelling.
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix(port).unwrap_or(&host);
    let path = match url.path {
        "" | "/" => WS_PATH,
        path => path,
    };
    Ok(format!("{scheme}://{host}{path}"))
}

/// Whether two settings name one address for the socket, be it in two spellings.
#[must_use]
pub fn is_same_socket(a: &Settings, b: &Settings, page_origin: &str) -> bool {
    let resolve = |settings| resolve_ws_url(settings, page_origin).ok();
    a.ws_url == b.ws_url || resolve(a).is_some_and(|url| resolve(b) == Some(url))
}

/// Checks an address for the socket; empty is the page's own origin.
pub(super) fn read_ws_url(value: &str) -> Option<String> {
    Parts::read(value).map(|_| value.to_owned())
}

/// Checks an address of the API, and takes slashes off its end.
pub(super) fn read_api_url(value: &str) -> Option<String> {
    let parts = Parts::read(value)?;
    let is_path = parts.host.is_empty() && parts.path.starts_with('/');
    let is_address = matches!(parts.scheme, Some(Scheme::Http | Scheme::Https));
    let fits = (is_path || is_address) && !parts.path.contains('?');
    fits.then(|| value.trim_end_matches('/').to_owned())
}

/// The kinds of address that are understood.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Scheme {
    Http,
    Https,
    Ws,
    Wss,
}

/// An address in its parts.
#[derive(Clone, Copy, Debug, Default)]
struct Parts<'a> {
    scheme: Option<Scheme>,
    /// With its port, if there is one.
    host: &'a str,
    /// With its query, if there is one.
    path: &'a str,
}

impl<'a> Parts<'a> {
    /// Reads `scheme://host:port/path`, `host:port/path` or `/path`. An address with a user or a fragment is rejected:
    /// a secret must not stand in an address, and a socket has no fragment.
    fn read(url: &'a str) -> Option<Self> {
        let is_forbidden = |c: char| c.is_whitespace() || c.is_control() || "#@\\\"<>".contains(c);
        if url.contains(is_forbidden) {
            return None;
        }
        // By a character: a search for a text is a kilobyte of the program that a browser loads.
        let absolute = url.split_once(':');
        let absolute = absolute.and_then(|(scheme, rest)| Some((scheme, rest.strip_prefix("//")?)));
        let (scheme, rest) = match absolute {
            Some((scheme, rest)) => (Some(read_scheme(scheme)?), rest),
            None => (None, url),
        };
        let at = rest.find(['/', '?']).unwrap_or(rest.len());
        let (host, path) = rest.split_at(at);
        // A path that begins with two slashes would be taken for a host.
        let fits = if host.is_empty() {
            scheme.is_none() && !path.starts_with("//") && !path.starts_with('?')
        } else {
            is_host_and_port(host)
        };
        fits.then_some(Self { scheme, host, path })
    }
}

fn read_scheme(word: &str) -> Option<Scheme> {
    match word.to_ascii_lowercase().as_str() {
        "http" => Some(Scheme::Http),
        "https" => Some(Scheme::Https),
        "ws" => Some(Scheme::Ws),
        "wss" => Some(Scheme::Wss),
        _ => None,
    }
}

/// Splits off the port; an address of IP version 6 stands in brackets.
fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    }
}

fn is_host_and_port(host: &str) -> bool {
    let (name, port) = split_port(host);
    let name_fits = match name.strip_prefix('[') {
        Some(address) => address.strip_suffix(']').is_some_and(|address| {
            !address.is_empty()
                && address
                    .chars()
                    .all(|c| c.is_ascii_hexdigit() || c == ':' || c == '.')
        }),
        None => {
            !name.is_empty()
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))
        }
    };
    name_fits && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// Whether a host is this machine.
fn is_loopback(host: &str) -> bool {
    let name = split_port(host).0.to_ascii_lowercase();
    let is_v4 = name
        .parse::<std::net::Ipv4Addr>()
        .is_ok_and(|address| address.is_loopback());
    is_v4 || name == "localhost" || name.ends_with(".localhost") || name == "[::1]"
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "http://127.0.0.1:8080";
    const SECURE: &str = "https://shop.example";

    fn resolve(url: &str, page: &str) -> Result<String, WsUrlError> {
        let (settings, warnings) = Settings::from_pairs([("VITE_WS_URL", url)]);
        assert_eq!(warnings, [], "{url}");
        resolve_ws_url(&settings, page)
    }

    #[test]
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

    #[test]
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
                Err(WsUrlError::Insecure)
            };
            assert_eq!(resolve(url, SECURE).map(drop), expected, "{url}");
            assert!(resolve(url, PAGE).is_ok(), "{url}");
        }
    }

    #[test]
    fn spellings_of_one_address_are_the_same_address() {
        let settings = |url| Settings::from_pairs([("VITE_WS_URL", url)]).0;
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

    #[test]
    fn a_page_without_origin_needs_a_host() {
        for page in ["null", "", "file://"] {
            assert_eq!(resolve("", page), Err(WsUrlError::NoOrigin), "{page}");
            assert_eq!(resolve("/live", page), Err(WsUrlError::NoOrigin), "{page}");
        }
    }

    #[test]
    fn an_address_from_elsewhere_is_held_to_the_same_rules() {
        assert_eq!(
            resolve_socket_url("ws://rt.example", SECURE),
            Err(WsUrlError::Insecure)
        );
        assert_eq!(
            resolve_socket_url("javascript:alert(1)", SECURE),
            Err(WsUrlError::Malformed)
        );
    }

    #[test]
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
            let (_, warnings) = Settings::from_pairs([("VITE_WS_URL", url)]);
            assert_eq!(warnings.len(), 1, "{url}");
        }
    }

    #[test]
    fn the_api_is_a_path_or_an_address() {
        for (url, expected) in [
            ("/api/", "/api"),
            ("https://api.example/v1/", "https://api.example/v1"),
            ("/", ""),
        ] {
            assert_eq!(read_api_url(url).as_deref(), Some(expected), "{url}");
        }
        for url in ["api.example/v1", "ws://a", "/api?x=1", "//a", ""] {
            assert_eq!(read_api_url(url), None, "{url}");
        }
    }
}
