//! The origin check. Pages of the server's own origin and of the configured origins may call. The check compares
//! origins byte by byte, so that no look-alike passes. A request without the header passes, because only browsers
//! send it.

use axum::http::{HeaderMap, header};

/// The scheme of the server's own origin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS, as the proxy or the configuration says.
    Https,
}

impl Scheme {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Http => "http://",
            Self::Https => "https://",
        }
    }
}

/// Whether the origin of a request is allowed.
#[must_use]
pub fn is_allowed(headers: &HeaderMap, scheme: Scheme, allow_list: &[String]) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else {
        return true;
    };
    if origins.next().is_some() {
        return false;
    }
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    if allow_list.iter().any(|allowed| allowed == origin) {
        return true;
    }
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    host.is_some_and(|host| !host.is_empty() && origin.strip_prefix(scheme.prefix()) == Some(host))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn check(origin: &str, scheme: Scheme) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("shop.test:3001"));
        headers.insert(header::ORIGIN, origin.parse().expect("a header"));
        is_allowed(&headers, scheme, &["http://127.0.0.1:8080".to_owned()])
    }

    #[test]
    fn only_the_own_origin_and_the_configured_ones_are_allowed() {
        assert!(check("http://shop.test:3001", Scheme::Http));
        assert!(check("https://shop.test:3001", Scheme::Https));
        assert!(check("http://127.0.0.1:8080", Scheme::Http));
        assert!(is_allowed(&HeaderMap::new(), Scheme::Http, &[]));
        for origin in [
            "null",
            "",
            "http://",
            "http://shop.test",
            "http://shop.test:80",
            "http://shop.test:30011",
            "http://shop.test:3001/",
            "http://shop.test:3001.evil.test",
            "http://evil.test/shop.test:3001",
            "http://user@shop.test:3001",
            "http://shop.test:3001@evil.test",
            "http://evilshop.test:3001",
            "http://www.shop.test:3001",
            "HTTP://shop.test:3001",
            "http://SHOP.test:3001",
            "https://shop.test:3001",
            "ws://shop.test:3001",
            "file://shop.test:3001",
            "shop.test:3001",
            "//shop.test:3001",
            "http://shop.test:3001 ",
            "http://shop.test:3001,http://evil.test",
            "http://xn--shp-0na.test:3001",
            "http://127.0.0.1",
            "http://127.0.0.1:80801",
            "http://127.0.0.1:8080/",
            "http://localhost:8080",
            "https://127.0.0.1:8080",
            "http://[::1]:8080",
            "*",
        ] {
            assert!(!check(origin, Scheme::Http), "{origin}");
        }
        assert!(!check("http://shop.test:3001", Scheme::Https));
    }

    #[test]
    fn two_origins_are_not_allowed() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("a"));
        headers.append(header::ORIGIN, HeaderValue::from_static("http://a"));
        headers.append(header::ORIGIN, HeaderValue::from_static("http://evil.test"));
        assert!(!is_allowed(&headers, Scheme::Http, &[]));
    }
}
