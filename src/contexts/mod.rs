//! The providers, each with its accessor beside it.
//!
//! A context contains a client, which never changes while it is used, or a state that rarely changes; never a value
//! that ticks. A missing provider is a mistake in the tree, so the accessor panics and names the provider to add.

mod backend;
mod realtime;
mod session;
mod session_client;

pub use backend::{DashboardBackend, DemoCall};
pub use realtime::{RealtimeProvider, RealtimeProviderProps};
pub use session::{
    SessionProvider, SessionProviderProps, SessionState, UseSessionHandle, use_session,
};
pub use sync_yew::use_sync as use_realtime;
