//! The dashboard of a digital music store's customer, live, and the kit it is made of.
//!
//! Each part can be used alone in another Yew application:
//!
//! - [`contexts`]: [`contexts::SessionProvider`] knows who is signed in, [`contexts::RealtimeProvider`] runs the live
//!   connection of that user, [`contexts::Backend`] is the seam for a server of one's own;
//! - [`hooks`]: one for each question a component may have, of data, of the connection, of changes not yet confirmed;
//! - [`components`]: what only draws: values in, mutations out.
//!
//! What is decided is decided in `dashboard-engine`, which knows no browser; [`realtime`] joins it to one, and
//! [`platform`] is the only place that touches it.

pub mod app;
pub mod components;
pub mod connected;
pub mod contexts;
pub mod format;
pub mod hooks;
pub mod pages;
pub mod platform;
pub mod realtime;
pub mod settings;
pub mod text;
