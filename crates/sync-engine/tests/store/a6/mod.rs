//! Whatever the order of clicks, replies, losses, rejections, events and duplicates: the end is the server's state, no
//! frame shows a value that nobody asked for, and a list and its counter never disagree.
//!
//! Of up to three mutations every run is tried, within the bounds of `stories.rs`: from each distinct state, every possible
//! step is taken (`search.rs`, `fingerprint.rs`). Runs of more are drawn (`long.rs`).

mod fingerprint;
mod long;
mod search;
mod sim;
mod stories;
