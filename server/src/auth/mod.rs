//! Authentication: passwords, sessions, realtime tokens and the origins of pages.

pub mod attempts;
pub mod cookie;
pub mod origin;
pub mod password;
pub mod session;
pub mod session_cache;
pub mod token;
