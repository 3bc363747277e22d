//! Each test's name begins with the number of the statement about optimistic updates that it holds.

mod a6;
mod a_overlay;
mod b_acknowledgement;
mod bench;
mod c_reads;
mod d_intent;
mod d_taking_back;
mod e_failure;
mod h_identity;
mod i_batch;
mod i_undo;
mod j_orders;
mod k_observers;
mod l_explain;
/// The same model server as in the simulation of everything.
#[path = "../../../tests/sim/model.rs"]
mod server;
