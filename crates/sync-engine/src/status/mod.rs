//! The status of the connection as the interface shows it.
//!
//! [`StatusDeriver`] makes a [`ConnectionView`] from [`Facts`] about the connection and the poller, under the engine's
//! time, so that the same sequence of events always shows the same. Called by [`crate::Core`].

mod banner;
mod deriver;
mod facts;
mod heartbeat;
mod outage;
mod quality;
mod view;

#[cfg(test)]
mod tests;

pub use crate::io::ConnectionStatus;
pub use deriver::StatusDeriver;
pub use facts::Facts;
pub use view::{AttemptsView, Banner, ConnectionView, Mode, Quality, RoundTripsView, ShownState};
