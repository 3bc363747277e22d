//! The browser, behind plain Rust types.
//!
//! The only crate that uses `web-sys`, `js-sys`, gloo and `wasm-bindgen`: no signature here but that of
//! [`page::container`] names one of their types.
//! It makes no decisions. Every browser resource is a value that is released when dropped, and every one is counted, so
//! that a test can check [`live_counts`] for leaks.
//!
//! The trait [`Platform`] contains everything that the realtime driver needs, so that tests can replace it; [`browser`]
//! returns the real one.

pub mod above;
pub mod address;
mod alarm;
pub mod broadcast;
mod browser;
pub mod clock;
pub mod console;
mod counts;
pub mod early;
pub mod focus;
pub mod http;
pub mod intl;
pub mod leave;
mod listener;
mod object;
pub mod page;
mod port;
pub mod random;
pub mod rows;
mod signals;
mod socket;
pub mod storage;
pub mod style;
pub mod task;

pub use browser::{BrowserPlatform, browser};
pub use counts::{LiveCounts, live_counts};
pub use port::{Area, Broadcast, Guard, Platform, PlatformError, Socket, SocketListener};
