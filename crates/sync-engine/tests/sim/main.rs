//! The whole engine against a network that fails and a server that is restarted, restored and torn down, under one
//! virtual clock and one seed.
//!
//! It is a test crate of its own: it sees of the engine what the browser's driver sees, and nothing more; it is built
//! without the engine's unit tests, and once more with faults planted in the engine (`planted`).
//!
//! A run signs three tabs in, lets clicks, signals and faults happen as the seed says ([`scenario`]), makes everything
//! whole again ([`finish`]), and checks after every input of every tab what must hold ([`checks`], [`views`]). A
//! failing seed is run again with its trace kept, and told with it. `SIM_SEEDS` says how many seeds are run,
//! `SIM_SEED` runs one alone.

mod calm;
mod checks;
mod client;
mod scenario;
mod finish;
mod image;
mod model;
mod network;
mod users;
#[cfg(feature = "injected-faults")]
mod injected;
mod record;
mod seeds;
mod server;
mod stories;
mod channels;
mod trace;
mod views;
mod sim;
