//! Who has made a request: what trusted proxies say about it, in `X-Forwarded-For` and `X-Forwarded-Proto`.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

use crate::auth::origin::Scheme;

/// The mask of the first 64 bits of an address: the part that a provider gives to one customer.
const NETWORK_MASK: u128 = !0 << 64;

/// Whether an address is that of a trusted proxy.
#[must_use]
pub fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|net| net.contains(&address))
}

/// The address of the client. Each proxy appends the address from which it got the request, so the entries are read
/// from the last to the first, as far as a trusted proxy has written them.
#[must_use]
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut client = peer.to_canonical();
    for entry in entries(headers, "x-forwarded-for").rev() {
        if !is_trusted(client, trusted) {
            break;
        }
        // What is no address ends the list: nobody knows who wrote the rest.
        let Some(address) = address(entry) else {
            break;
        };
        client = address;
    }
    client
}

/// The scheme that the browser uses, if a trusted proxy says so. The first entry is that of the proxy next to the
/// browser. A browser that makes one up fools only itself.
#[must_use]
pub fn scheme(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Option<Scheme> {
    if !is_trusted(peer.to_canonical(), trusted) {
        return None;
    }
    let first = entries(headers, "x-forwarded-proto").next()?;
    if first.eq_ignore_ascii_case("https") {
        Some(Scheme::Https)
    } else {
        Some(Scheme::Http)
    }
}

/// The network of an address, for limits: an IPv4 address alone, an IPv6 address with the rest of its /64, because
/// one customer has all of them.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK_MASK).into(),
        address @ IpAddr::V4(_) => address,
    }
}

/// The entries of all lines of a header. A line that is not ASCII is one entry without meaning.
fn entries<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
) -> impl DoubleEndedIterator<Item = &'a str> {
    let lines = headers.get_all(name).iter();
    lines.flat_map(|line| line.to_str().unwrap_or_default().split(',').map(str::trim))
}

/// An address, with or without a port.
fn address(entry: &str) -> Option<IpAddr> {
    let with_port = || entry.parse::<SocketAddr>().map(|address| address.ip());
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().or_else(|_| with_port()).ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            let line = axum::http::HeaderValue::from_bytes(line.as_bytes());
            headers.append(name, line.expect("a header"));
        }
        headers
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn trusted() -> [IpNet; 2] {
        ["10.0.0.0/8", "fd00::/8"].map(|net| net.parse().expect("a network"))
    }

    #[test]
    fn the_client_is_the_last_address_that_is_no_trusted_proxy() {
        for (peer, lines, expected) in [
            ("10.0.0.1", &[][..], "10.0.0.1"),
            ("10.0.0.1", &["1.2.3.4"], "1.2.3.4"),
            ("10.0.0.1", &["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
            ("10.0.0.1", &["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
            (
                "10.0.0.1",
                &["6.6.6.6", "1.2.3.4, 10.0.0.2", "10.0.0.3"],
                "1.2.3.4",
            ),
            ("10.0.0.1", &["10.0.0.3,10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", &["1.2.3.4, unknown"], "10.0.0.1"),
            ("10.0.0.1", &["1.2.3.4, é"], "10.0.0.1"),
            ("10.0.0.1", &["1.2.3.4, "], "10.0.0.1"),
            ("10.0.0.1", &["1.2.3.4:5678"], "1.2.3.4"),
            ("10.0.0.1", &["[2001:db8::1]:5678"], "2001:db8::1"),
            ("10.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
            ("::ffff:10.0.0.1", &["::ffff:1.2.3.4"], "1.2.3.4"),
            ("fd00::1", &["2001:db8::1"], "2001:db8::1"),
            ("9.9.9.9", &["1.2.3.4"], "9.9.9.9"),
        ] {
            let headers = headers("x-forwarded-for", lines);
            assert_eq!(
                client(ip(peer), &headers, &trusted()),
                ip(expected),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn only_a_trusted_proxy_names_the_scheme() {
        for (lines, expected) in [
            (&["https"][..], Some(Scheme::Https)),
            (&["HTTPS"], Some(Scheme::Https)),
            (&["https,http"], Some(Scheme::Https)),
            (&["https", "http"], Some(Scheme::Https)),
            (&["http"], Some(Scheme::Http)),
            (&["é"], Some(Scheme::Http)),
            (&[], None),
        ] {
            let headers = headers("x-forwarded-proto", lines);
            assert_eq!(
                scheme(ip("10.0.0.1"), &headers, &trusted()),
                expected,
                "{lines:?}"
            );
            assert_eq!(scheme(ip("9.9.9.9"), &headers, &trusted()), None);
        }
    }

    #[test]
    fn an_ipv6_network_has_64_bits() {
        assert_eq!(network(ip("2001:db8:0:1:2:3:4:5")), ip("2001:db8:0:1::"));
        assert_eq!(network(ip("1.2.3.4")), ip("1.2.3.4"));
        assert_eq!(network(ip("::ffff:1.2.3.4")), ip("1.2.3.4"));
    }
}
