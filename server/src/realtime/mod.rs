//! The realtime server. It implements the Centrifugo client protocol (bidirectional, JSON), so that the SDKs of
//! Centrifugo work with it and a Centrifugo can replace it.
//!
//! [`socket`] transports the frames of one connection and watches its timeouts, and [`connection`] handles its
//! commands. [`hub`] has all channels and connections. [`client_sender`] is the queue between the two, [`stream`] the
//! history of a channel, and [`channel`] the names of the channels.

pub mod channel;
pub mod client_sender;
pub mod connection;
pub mod hub;
pub mod socket;
pub mod stream;
