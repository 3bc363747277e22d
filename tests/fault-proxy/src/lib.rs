//! A TCP proxy on the loopback interface that misbehaves when told to.
//!
//! It stands between the pages of an end-to-end test and their server, and does to the connections what networks do:
//! it refuses, resets, swallows, delays, throttles and cuts them. A test drives the program over its standard input
//! and output, see [`Command`]; [`Proxy`] is the same for tests in Rust.
//!
//! What a fault means:
//!
//! - A connection that lost a byte in a black hole is dead for good, also after the fault has gone: TCP does not skip.
//!   It stays open, as a half-open link does.
//! - A fault can be kept to websockets, which are told by the head of a connection's first request, and to connections
//!   that exist already or to new ones.
//! - Nothing is said that was not said by one of the two ends.

mod command;
mod connection;
mod frames;
mod head;
mod order;
mod pipe;
mod proxy;
mod tally;

pub use command::{Command, Hold, ParseError};
pub use order::{Fault, Order, Reach};
pub use proxy::Proxy;
pub use tally::Counts;
