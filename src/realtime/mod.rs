//! The engine joined to the browser.
//!
//! One core, one input at a time: what happened goes in with the time, the outputs are run after the core is closed
//! again, one alarm is set for the next deadline. Never here: decisions about the connection or the data (those are the
//! engine's), and nothing that draws.

mod backend;
mod driver;
mod handle;
mod subscription_guard;
mod listeners;
mod outputs;
mod registry;

pub use backend::{Backend, DemoCall};
pub use handle::{RealtimeHandle, Running};
pub use subscription_guard::{SubscriptionGuard, Topic};
pub use listeners::Subscription;

pub(crate) use registry::{Share, acquire};
