//! Data in sync with a server, for [Yew](https://yew.rs).
//!
//! An application describes its data in a [`Schema`](sync_engine::schema::Schema), creates a [`SyncClient`] and puts a
//! [`SyncProvider`] around its components. Hooks then read collections, values and queries, add optimistic mutations,
//! and listen for events. `docs/kit.md` is the guide.
//!
//! One dependency is enough: [`prelude`] has what most files need, and the crates below are re-exported whole as
//! [`engine`], [`protocol`] and [`web`].

mod backend;
mod client;
mod connection;
mod driver;
mod guard;
mod hooks;
mod http_backend;
mod keep_alive;
mod listeners;
mod outputs;
pub mod prelude;
mod provider;
mod registry;
mod settings;
#[cfg(feature = "test-util")]
pub mod test_util;

pub use sync_engine as engine;
pub use sync_protocol as protocol;
pub use sync_web as web;
pub use sync_web::page::field_text;

pub use backend::Backend;
pub use client::{Running, SyncClient};
pub use connection::*;
pub use guard::{Subscribable, SubscriptionGuard};
pub use hooks::*;
pub use http_backend::{HttpBackend, body, check, decode};
pub use keep_alive::{KeepAlive, KeepAliveProps, use_shown_effect_with};
pub use listeners::Subscription;
pub use provider::{SyncProvider, SyncProviderProps, SyncUser, render, use_sync};
pub use registry::{SharedClient, acquire};
pub use settings::SettingsSource;
