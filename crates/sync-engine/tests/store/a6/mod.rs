//! Whatever the order of clicks, replies, losses, rejections, events and doubles: the end is what the server has, no
//! frame shows a value that nobody asked for, and a list and its counter never disagree.
//!
//! Of up to three mutations every run is tried, within bounds that `stories.rs` tells: from each state that can be told from
//! the others, every step that is possible is taken (`search.rs`, `fingerprint.rs`). Runs of more are drawn (`long.rs`).

mod fingerprint;
mod long;
mod past;
#[cfg(feature = "injected-faults")]
mod injected;
mod search;
mod stories;
mod sim;
