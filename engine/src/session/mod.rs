//! The connection as a state machine.
