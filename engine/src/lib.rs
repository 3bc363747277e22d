//! What the dashboard decides, without a browser.
//!
//! Fully deterministic: no clock, socket, timer, random source or thread is touched here, and no `yew` or `web-sys`.
//! The time and a seed come in with the calls, what is to be done comes out, one deadline is named. The same calls give
//! the same outputs, so an hour of reconnects is tested in a millisecond.
//!
//! Input never panics. `expect` stands only where the engine's own bookkeeping guarantees it, with the reason.

// The model server of the tests names the engine as a crate, since the simulation is one of its own.
#[cfg(test)]
extern crate self as dashboard_engine;

pub mod catalog;
pub mod core;
pub mod http;
pub mod topics;
mod catalog_updates;
pub mod metrics;
pub mod injected_faults;
pub mod poll;
pub mod random;
pub mod scheduler;
pub mod connection;
pub mod settings;
pub mod status;
pub mod store;
pub mod time;
pub mod view;

pub use core::Core;
pub use dashboard_protocol::flat;
