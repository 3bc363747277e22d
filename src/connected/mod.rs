//! The public components of the kit: each connects a hook to a presentational component.
//!
//! Each reads one slice through a hook, formats it, and passes it to a presentational component. Only these, and the
//! pages, know both sides.

mod ago;
mod announcer;
mod beat_item;
mod connection_status_banner;
mod connection_status_indicator;
mod data_age;
mod demo;
mod favorite_toggle;
mod rejection;
mod retry;
mod speech;
mod status_facts;
mod undecided;
mod use_beat_actions;

pub use ago::{Ago, AgoProps};
pub use announcer::Announcer;
pub use beat_item::{BeatItem, BeatItemProps};
pub use connection_status_banner::{ConnectionStatusBanner, ConnectionStatusBannerProps};
pub use connection_status_indicator::{ConnectionStatusIndicator, ConnectionStatusIndicatorProps};
pub use data_age::DataAge;
pub use demo::{RealtimeDemo, RealtimeDemoProps};
pub use favorite_toggle::{FavoriteToggle, FavoriteToggleProps};
pub use rejection::{Rejection, RejectionProps};
pub use undecided::{Undecided, UndecidedProps, action_message, is_undecided};
pub use use_beat_actions::{BeatAction, BeatNote, UseBeatActionsHandle, use_beat_actions};
