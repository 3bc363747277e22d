//! The subcommands.

pub(crate) mod build;
pub(crate) mod serve;
pub(crate) mod size;
pub(crate) mod styles;
pub(crate) mod test;
