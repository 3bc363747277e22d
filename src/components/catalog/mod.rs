//! Beats: their rows, covers and actions.

mod beat_item;
mod cover;
mod use_beat_actions;

pub use beat_item::{BeatItem, BeatItemProps, BeatWords, beat_row, favorite_button};
pub use cover::cover;
pub use use_beat_actions::{BeatAction, BeatNote, UseBeatActionsHandle, use_beat_actions};
