//! The cookies of the server.

use axum::http::{HeaderMap, HeaderValue, header};

use super::origin::Scheme;
use crate::clock::DAY_MS;

/// How many cookies of one name count. Several of one name come from other paths and domains.
const SAME_NAME_MAX: usize = 8;

/// A cookie.
#[derive(Clone, Copy, Debug)]
pub struct Cookie {
    /// Its name over http.
    name: &'static str,
    /// Its name over https. Browsers enforce the rules of the prefix `__Host-`: no domain, the path `/`, Secure.
    secure_name: &'static str,
    /// How long it lasts, in milliseconds.
    pub life_ms: i64,
    /// Whether scripts of the page may read it.
    is_readable: bool,
}

/// The secret of a session.
pub const SESSION: Cookie = Cookie {
    name: "session",
    secure_name: "__Host-session",
    life_ms: 30 * DAY_MS,
    is_readable: false,
};

/// Tells a page that there is a session, so that it need not ask a server that has none. It is set and deleted with the
/// session's cookie.
pub const SIGNED_IN: Cookie = Cookie {
    name: "signed-in",
    secure_name: "signed-in",
    life_ms: SESSION.life_ms,
    is_readable: true,
};

/// The device token of a browser in which an account has signed in. Browsers keep no cookie for longer than 400 days.
pub const DEVICE: Cookie = Cookie {
    name: "device",
    secure_name: "__Host-device",
    life_ms: 400 * DAY_MS,
    is_readable: false,
};

impl Cookie {
    /// The value of the header that sets the cookie, or deletes it (`None`).
    #[must_use]
    pub fn set(self, value: Option<&str>, scheme: Scheme) -> HeaderValue {
        let (name, secure) = match scheme {
            Scheme::Http => (self.name, ""),
            Scheme::Https => (self.secure_name, "; Secure"),
        };
        let life = value.map_or(0, |_| self.life_ms / 1000);
        let value = value.unwrap_or_default();
        let http_only = if self.is_readable { "" } else { "; HttpOnly" };
        let text =
            format!("{name}={value}; Path=/; Max-Age={life}{http_only}; SameSite=Strict{secure}");
        // Name and value are letters, digits, `-`, `_` and `.`.
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
    }

    /// The values that a request has for the cookie. Over https, only the name with the prefix counts, because anybody
    /// near the network can set the other one. A cookie of somebody else may have any bytes.
    pub fn values(self, headers: &HeaderMap, scheme: Scheme) -> impl Iterator<Item = &str> {
        let wanted = match scheme {
            Scheme::Http => self.name,
            Scheme::Https => self.secure_name,
        };
        let lines = headers.get_all(header::COOKIE).iter();
        let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        pairs
            .filter_map(move |pair| {
                let pair = str::from_utf8(pair).ok()?.trim();
                let (name, value) = pair.split_once('=')?;
                (name == wanted && !value.is_empty()).then_some(value)
            })
            .take(SAME_NAME_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_http_only_and_same_site() {
        let plain = SESSION.set(Some("abc"), Scheme::Http);
        assert_eq!(
            plain.to_str().expect("text"),
            "session=abc; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict"
        );
        let secure = SESSION.set(None, Scheme::Https);
        assert_eq!(
            secure.to_str().expect("text"),
            "__Host-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure"
        );
    }

    fn found(lines: &[&str], scheme: Scheme) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            let line = HeaderValue::from_bytes(line.as_bytes()).expect("a header");
            headers.append(header::COOKIE, line);
        }
        let values = SESSION.values(&headers, scheme);
        values.map(str::to_owned).collect()
    }

    #[test]
    fn every_value_is_found_among_other_cookies() {
        assert_eq!(found(&["a=1; xsession=2; session"], Scheme::Http), [""; 0]);
        let lines = ["a=é; session=s; b=2", "session=t;session=ü"];
        assert_eq!(found(&lines, Scheme::Http), ["s", "t", "ü"]);
        let mut headers = HeaderMap::new();
        let latin = HeaderValue::from_bytes(b"a=\xe9; session=s").expect("a header");
        headers.append(header::COOKIE, latin);
        assert_eq!(SESSION.values(&headers, Scheme::Http).next(), Some("s"));
    }

    #[test]
    fn over_https_only_the_name_with_the_prefix_counts() {
        let lines = ["session=plain; __Host-session=own"];
        assert_eq!(found(&lines, Scheme::Https), ["own"]);
        assert_eq!(found(&["session=plain"], Scheme::Https), [""; 0]);
        assert_eq!(found(&lines, Scheme::Http), ["plain"]);
    }

    #[test]
    fn eight_cookies_of_one_name_count_and_not_nine() {
        let line = "session=a; ".repeat(SAME_NAME_MAX + 1);
        assert_eq!(found(&[&line], Scheme::Http).len(), SAME_NAME_MAX);
    }
}
