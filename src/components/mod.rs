//! The components, in a folder for each feature. The path of each is `components::Name`.
//!
//! A component that draws takes formatted text and callbacks. It reads no context of ours, calls no hook for data, keeps
//! no data and knows no network, so it can be used, and tested, alone. Beside it lives the component that connects it:
//! that one reads one slice through a hook, formats it, and passes it on. Only these, and `pages`, know both sides.

mod activity;
mod analytics;
mod catalog;
mod connection;
mod demo;
mod downloads;
mod favorites;
mod orders;
mod ui;

pub use activity::*;
pub use analytics::*;
pub use catalog::*;
pub use connection::*;
pub use demo::*;
pub use downloads::*;
pub use favorites::*;
pub use orders::*;
pub use ui::*;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
