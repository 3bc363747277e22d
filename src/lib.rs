//! The live dashboard for customers of a digital music store, and the kit that it is built from.
//!
//! Each part can be used alone in another Yew application:
//!
//! - [`contexts`]: [`contexts::SessionProvider`] knows who is signed in, [`contexts::RealtimeProvider`] runs the live
//!   connection of that user, [`contexts::DashboardBackend`] is the interface for a custom server;
//! - [`hooks`]: one per question that a component may have about data, the connection, or pending mutations;
//! - [`components`]: components that draw (values in, actions out), and beside them those that connect a hook to one.
//!
//! `sync-engine` makes all decisions and knows no browser; `sync-web` is the only crate that uses one, and `sync-yew`
//! connects them to components.

pub mod app;
pub mod components;
pub mod contexts;
pub mod format;
pub mod hooks;
pub mod pages;
pub mod settings;
pub mod text;
pub mod theme;
