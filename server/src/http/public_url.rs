//! The address under which browsers reach the server.

use std::str::FromStr;

use axum::http::{Uri, uri::PathAndQuery};
use url::Url;

use crate::auth::origin::Scheme;

/// The parsed value of `--public-url`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicUrl {
    /// The origin of its pages, as a browser writes it.
    pub origin: String,
    /// The scheme that browsers use.
    pub scheme: Scheme,
    /// The path of the application without the last slash; empty at the top.
    path: String,
}

impl FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_| "it must be a URL, such as https://shop.example")?;
        let scheme = match url.scheme() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => {
                return Err("it must begin with http:// or https://, such as https://shop.example");
            }
        };
        let has_more = url.query().is_some() || url.fragment().is_some();
        if has_more || !url.username().is_empty() || url.password().is_some() {
            return Err(
                "it may have only a scheme, a host, a port and a path, such as https://shop.example/store/",
            );
        }
        Ok(Self {
            origin: url.origin().ascii_serialization(),
            scheme,
            path: url.path().trim_end_matches('/').to_owned(),
        })
    }
}

impl PublicUrl {
    /// The address without the path of the application, or `None` if it has none to take away. A proxy may pass the
    /// path on or take it away itself, so both kinds of addresses are served.
    #[must_use]
    pub fn below(&self, uri: &Uri) -> Option<Uri> {
        let rest = uri.path_and_query()?.as_str().strip_prefix(&self.path)?;
        let rest = match rest.as_bytes().first() {
            _ if self.path.is_empty() => return None,
            Some(b'/') => PathAndQuery::try_from(rest),
            None | Some(b'?') => PathAndQuery::try_from(format!("/{rest}")),
            Some(_) => return None,
        };
        Some(Uri::from(rest.ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_written_as_browsers_write_it() {
        for (text, origin, scheme) in [
            ("https://Shop.test", "https://shop.test", Scheme::Https),
            (
                "https://shop.test:443/store/",
                "https://shop.test",
                Scheme::Https,
            ),
            (
                "https://shop.test:8443",
                "https://shop.test:8443",
                Scheme::Https,
            ),
            (
                "http://büro.test:80",
                "http://xn--bro-hoa.test",
                Scheme::Http,
            ),
            ("http://[::1]:3001/", "http://[::1]:3001", Scheme::Http),
        ] {
            let url: PublicUrl = text.parse().expect("valid");
            assert_eq!((url.origin.as_str(), url.scheme), (origin, scheme));
        }
        for wrong in [
            "",
            "shop.test",
            "ftp://shop.test",
            "https://",
            "https://ada@shop.test",
            "https://shop.test/?a=1",
            "https://shop.test/#a",
        ] {
            assert!(wrong.parse::<PublicUrl>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_path_of_the_application_is_taken_away_once() {
        let url: PublicUrl = "https://shop.test/my/store/".parse().expect("valid");
        for (path, below) in [
            ("/my/store", Some("/")),
            ("/my/store?a=1", Some("/?a=1")),
            ("/my/store/", Some("/")),
            ("/my/store/api/beats?query=a", Some("/api/beats?query=a")),
            ("/my/store//etc/x", Some("//etc/x")),
            ("/my/stores", None),
            ("/api/beats", None),
            ("/", None),
        ] {
            let uri = Uri::try_from(path).expect("an address");
            let taken = url.below(&uri);
            let taken = taken.as_ref().and_then(Uri::path_and_query);
            assert_eq!(taken.map(PathAndQuery::as_str), below, "{path}");
        }
        let top: PublicUrl = "https://shop.test".parse().expect("valid");
        assert_eq!(top.below(&Uri::from_static("/api/beats")), None);
    }
}
