//! The whole engine against a network that fails and a server that is restarted, restored and torn down, under one
//! virtual clock and one seed.
//!
//! It is a test crate of its own: it sees of the engine what the browser's driver sees, and nothing more.
//!
//! A run signs three tabs in, lets clicks, signals and faults happen as the seed says ([`scenario`]), ends all faults
//! ([`finish`]), and checks after every input of every tab what must hold ([`checks`], [`views`]). A failing seed is run
//! again with its trace kept and printed. `SIM_SEEDS` says how many seeds are run, `SIM_SEED` runs one alone.

mod calm;
mod channels;
mod checks;
mod client;
mod finish;
mod heal;
mod image;
mod model;
mod network;
mod record;
mod scenario;
mod seeds;
mod server;
mod sim;
mod stories;
mod tab;
mod trace;
mod users;
mod views;
