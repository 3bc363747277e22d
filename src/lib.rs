//! The dashboard of a digital music store's customer, live, and the kit it is made of.
//!
//! Each part can be used alone in another Yew application:
//!
//! - [`contexts`]: [`contexts::SessionProvider`] knows who is signed in, [`contexts::RealtimeProvider`] runs the live
//!   connection of that user, [`contexts::DashboardBackend`] is the seam for a server of one's own;
//! - [`hooks`]: one for each question a component may have, of data, of the connection, of changes not yet confirmed;
//! - [`components`]: what only draws: values in, mutations out.
//!
//! What is decided is decided in `sync-engine`, which knows no browser; `sync-web` is the only place that touches one, and
//! `sync-yew` joins them to components.

pub mod app;
pub mod components;
pub mod connected;
pub mod contexts;
pub mod format;
pub mod hooks;
pub mod pages;
pub mod settings;
pub mod tabs;
pub mod text;
pub mod theme;
