//! The kit's words about the connection, in the words of the store.

use sync_yew::{ConnectionText, ConnectionWords};

/// The words of the store.
#[derive(Debug)]
struct Store;

impl ConnectionWords for Store {
    fn server(&self) -> &'static str {
        "the store"
    }

    fn reassurance(&self) -> &'static str {
        "Your purchases are safe."
    }
}

/// The words of the indicator, the banner and their announcements.
pub const CONNECTION_TEXT: ConnectionText = ConnectionText::of(&Store);
