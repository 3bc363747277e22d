//! A browser, a server and a page that do as a test says.

pub(crate) mod backend;
pub(crate) mod dashboard;
pub(crate) mod page;
pub(crate) mod platform;
pub(crate) mod realtime;
pub(crate) mod world;
