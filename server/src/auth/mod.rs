//! Who is asking: passwords, sessions, realtime tokens and the origin of a page.

pub mod origin;
pub mod password;
pub mod session;
pub mod token;
