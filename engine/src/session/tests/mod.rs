//! Stories under virtual time.

mod connecting;
mod person;
mod world;
