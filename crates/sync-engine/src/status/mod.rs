//! What the interface is told about the connection: one owner for that question.
//!
//! [`StatusDeriver`] makes a [`ConnectionView`] from [`Facts`] about the session and the poller, under the engine's
//! time, so that the same course of events always shows the same. Called by [`crate::Core`].

mod banner;
mod deriver;
mod facts;
mod quality;
mod view;

#[cfg(test)]
mod tests;

pub use crate::io::ConnectionStatus;
pub use deriver::StatusDeriver;
pub use facts::Facts;
pub use view::{Banner, ConnectionView, Mode, Quality, ShownState};
