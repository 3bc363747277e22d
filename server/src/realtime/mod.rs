//! The realtime server: it speaks the Centrifugo client protocol (bidirectional, JSON), so that its SDKs can talk to
//! it and a Centrifugo can stand in its place.
//!
//! [`socket`] moves frames and keeps the times of one connection, [`connection`] carries out its commands, [`hub`]
//! knows all streams and connections, [`sender`] is the queue between the two, [`stream`] the history of a channel.

pub mod connection;
pub mod hub;
pub mod client_sender;
pub mod socket;
pub mod stream;
