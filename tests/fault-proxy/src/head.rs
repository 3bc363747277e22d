//! The head of a connection's first request, which tells what the connection is for.

use crate::order::Kind;

/// Longest head that is waited for, in bytes. Past it the connection is no websocket.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// What a connection that began with these bytes is for.
pub(crate) fn kind_of(head: &[u8]) -> Kind {
    let end = head.windows(4).position(|window| window == b"\r\n\r\n");
    let Some(end) = end else {
        return if head.len() < HEAD_BYTES_MAX {
            Kind::Unknown
        } else {
            Kind::Plain
        };
    };
    let upgrades = head[..end].split(|byte| *byte == b'\n').any(|line| {
        let line = line.trim_ascii().to_ascii_lowercase();
        line.strip_prefix(b"upgrade:")
            .is_some_and(|value| value.trim_ascii() == b"websocket")
    });
    if upgrades {
        Kind::Websocket
    } else {
        Kind::Plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_websocket_is_told_by_its_upgrade() {
        let head = b"GET /connection/websocket HTTP/1.1\r\nHost: a\r\nUPGRADE: WebSocket\r\n\r\n";
        assert_eq!(kind_of(head), Kind::Websocket);
        assert_eq!(kind_of(&head[..head.len() - 1]), Kind::Unknown);
        assert_eq!(kind_of(b"GET /upgrade HTTP/1.1\r\n\r\n"), Kind::Plain);
        assert_eq!(kind_of(b""), Kind::Unknown);
    }

    #[test]
    fn a_head_without_an_end_is_no_websocket() {
        assert_eq!(kind_of(&[b'a'; HEAD_BYTES_MAX - 1]), Kind::Unknown);
        assert_eq!(kind_of(&[b'a'; HEAD_BYTES_MAX]), Kind::Plain);
    }
}
