//! The store against a model server, with everything that passes between them in the tests' hands.
//!
//! Each test's name begins with the number of the statement about optimistic updates that it holds.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may panic, and says what it has searched"
)]

mod a6;
mod a_overlay;
mod b_acknowledgement;
mod c_reads;
mod d_cancel;
mod d_intent;
mod e_failure;
mod fixture;
mod h_identity;
mod i_batch;
mod i_undo;
mod j_orders;
mod k_observers;
mod l_explain;
/// The same model server as in the simulation.
#[path = "../sim/model.rs"]
mod server;
