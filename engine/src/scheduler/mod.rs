//! When events are applied.
