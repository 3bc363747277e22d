//! The server's state as far as it is known, and the ways an application's mutations read it and predict it.

mod changes;
mod list;
mod optimistic_rows;
mod overlay;
mod prediction;
mod reader;
mod server_state;

pub use optimistic_rows::OptimisticRows;
pub use prediction::{Prediction, RowsPrediction};
pub use reader::Reader;
pub use server_state::IdSet;

pub(crate) use list::{List, Older, newest_first};
pub(crate) use optimistic_rows::PreparedRows;
pub(crate) use overlay::{Overlay, PredictedRow, RowOverlay};
pub(crate) use prediction::Effect;
pub(crate) use server_state::{Continuity, ResourceData, ServerState, SnapshotMeta};
