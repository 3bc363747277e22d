//! Stories under virtual time.

mod chaos;
mod connecting;
mod crowd;
mod hostile;
mod liveness;
mod offline;
mod person;
mod streams;
mod table;
mod token;
mod world;
