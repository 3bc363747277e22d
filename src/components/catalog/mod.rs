//! Beats: their rows, covers and actions.

mod beat_actions;
mod beat_item;
mod beat_row;
mod cover;
mod use_beat_actions;

pub use beat_actions::{BeatActions, BeatActionsProps};
pub use beat_item::{BeatItem, BeatItemProps};
pub use beat_row::{BeatRow, BeatRowProps};
pub use cover::cover;
pub use use_beat_actions::{BeatAction, BeatNote, UseBeatActionsHandle, use_beat_actions};
