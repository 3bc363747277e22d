//! Tests of the server over real sockets, each with a database in a temporary folder.

mod accounts;
mod command_line;
mod connections;
mod deploy;
mod downloads;
mod faults;
mod limits;
mod lists;
mod mutations;
mod operation;
mod orders;
mod origin;
mod outbox;
mod payments;
mod realtime;
mod session;
mod snapshot;
mod statics;
mod store;
mod support;
mod watching;
