//! Which pages may call: those of the server's own origin and those that the operator has named. Origins are compared
//! letter by letter, so that no look-alike passes. A missing header passes: only browsers send it.

use axum::http::{HeaderMap, header};

/// What the server knows about its own origin.
#[derive(Clone, Copy, Debug)]
pub struct OwnOrigin {
    /// Whether the request came over https, as far as the proxy in front says or the operator has set.
    pub https: bool,
}

/// Whether a request may pass.
#[must_use]
pub fn allowed(headers: &HeaderMap, own: OwnOrigin, allow_list: &[String]) -> bool {
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
    let scheme = if own.https { "https://" } else { "http://" };
    host.is_some_and(|host| !host.is_empty() && origin.strip_prefix(scheme) == Some(host))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn check(origin: &str, https: bool) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("shop.test:3001"));
        headers.insert(header::ORIGIN, origin.parse().expect("a header"));
        allowed(
            &headers,
            OwnOrigin { https },
            &["http://127.0.0.1:8080".to_owned()],
        )
    }

    #[test]
    fn only_the_own_origin_and_the_named_ones_pass() {
        assert!(check("http://shop.test:3001", false));
        assert!(check("https://shop.test:3001", true));
        assert!(check("http://127.0.0.1:8080", false));
        assert!(allowed(&HeaderMap::new(), OwnOrigin { https: false }, &[]));
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
            assert!(!check(origin, false), "{origin}");
        }
        assert!(!check("http://shop.test:3001", true));
    }

    #[test]
    fn two_origins_are_none() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("a"));
        headers.append(header::ORIGIN, HeaderValue::from_static("http://a"));
        headers.append(header::ORIGIN, HeaderValue::from_static("http://evil.test"));
        assert!(!allowed(&headers, OwnOrigin { https: false }, &[]));
    }
}
