//! The components, in a folder for each feature. The path of each is `components::name`.
//!
//! What draws takes formatted text and callbacks. It reads no context of ours, calls no hook for data, keeps no data and
//! knows no network, so it can be used, and tested, alone; it is a function unless it needs a hook or many optional values.
//! Beside it lives the component that connects it: that one reads one slice through a hook, formats it, and passes it on.
//! Only these, and `pages`, know both sides.

mod analytics;
mod catalog;
mod connection;
mod demo;
mod orders;
mod ui;

pub use analytics::*;
pub use catalog::*;
pub use connection::*;
pub use demo::*;
pub use orders::{order_row, order_table};
pub use ui::*;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
