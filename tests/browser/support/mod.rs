//! A browser, a server and a page that a test controls.

pub(crate) mod backend;
pub(crate) mod dashboard;
pub(crate) mod fixture;
pub(crate) mod page;
pub(crate) mod platform;
pub(crate) mod realtime;
