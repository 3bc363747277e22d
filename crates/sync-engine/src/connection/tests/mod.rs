//! Stories under virtual time.

mod chaos;
mod connecting;
mod crowd;
mod hostile;
mod liveness;
mod offline;
mod sim;
mod subscriptions;
mod table;
mod token;
mod trace;
mod user;
