//! The browser, behind plain Rust types.
//!
//! The only place that touches `web-sys`, `js-sys`, gloo and `wasm-bindgen`: no signature here names one of their
//! types. Never here: decisions. Every resource of the browser is a value that is ended by dropping it, and every one is
//! counted, so that a test can ask [`live_counts`] whether anything was left behind.
//!
//! What the realtime driver needs is gathered in the trait [`Platform`], so that tests can put another one in its place;
//! [`browser`] gives the real one.

pub mod above;
mod alarm;
pub mod broadcast;
mod browser;
pub mod clock;
pub mod console;
mod counts;
mod frame;
pub mod http;
pub mod intl;
mod listener;
pub mod page;
mod port;
pub mod random;
mod signals;
mod socket;
pub mod storage;
pub mod style;
pub mod task;

pub use browser::{BrowserPlatform, browser};
pub use counts::{LiveCounts, live_counts};
pub use port::{Area, Broadcast, Guard, Platform, PlatformError, Socket, SocketListener};
