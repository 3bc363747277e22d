//! The server over real sockets, with a real database in a folder of its own.

mod downloads;
mod faults;
mod limits;
mod lists;
mod mutations;
mod operation;
mod orders;
mod origin;
mod outbox;
mod realtime;
mod session;
mod snapshot;
mod statics;
mod support;
