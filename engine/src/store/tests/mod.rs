//! Each test's name begins with the number of the statement about optimistic updates that it holds.

mod a_overlay;
mod bench;
mod server;
