//! The providers, each with its accessor beside it.
//!
//! A context holds a client, which never changes while it is used, or a state that changes rarely; never a value that
//! ticks. What an accessor needs and does not find is a mistake in the tree, so it panics with the provider to add.

mod backend;
mod realtime;
mod session;
mod session_client;

pub use crate::realtime::{Backend, DemoCall};
pub use backend::HttpBackend;
pub use realtime::{RealtimeProvider, RealtimeProviderProps, use_realtime};
pub use session::{
    SessionProvider, SessionProviderProps, SessionState, UseSessionHandle, use_session,
};
