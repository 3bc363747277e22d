//! The decisions of a client that keeps an application's data in step with a server, without a browser.
//!
//! An application describes its data in a [`schema::Schema`]: collections, values, mutations, queries and feeds. The
//! [`Core`] keeps them: it decides when to connect, poll, read and send, predicts what pending mutations will change, and
//! says what is shown.
//!
//! Fully deterministic: no clock, socket, timer, random source or thread is touched here. The time and a seed come in with
//! the calls, what is to be done comes out, one deadline is named. The same calls give the same outputs, so an hour of
//! reconnects is tested in a millisecond.
//!
//! Input never panics. `expect` is used only where the engine's own bookkeeping guarantees it, with the reason.

pub mod connection;
pub mod core;
pub mod event;
mod feed_log;
mod fetch;
#[cfg(test)]
#[path = "tests/fixture.rs"]
mod fixture;
pub mod http;
pub mod io;
pub mod map;
pub mod metrics;
pub mod poll;
pub mod queries;
pub mod random;
pub mod scheduler;
pub mod schema;
pub mod settings;
pub mod state;
pub mod status;
pub mod store;
pub mod time;
pub mod topics;
pub mod view;

pub use core::{Core, CoreOutput};
