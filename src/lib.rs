//! The kit.

pub mod components;
pub mod contexts;
pub mod hooks;
pub mod platform;
pub mod realtime;
pub mod text;
