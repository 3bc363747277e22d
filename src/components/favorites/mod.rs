//! The favorite button.

mod favorite_button;
mod favorite_toggle;

pub use favorite_button::{FavoriteButton, FavoriteButtonProps};
pub use favorite_toggle::{FavoriteToggle, FavoriteToggleProps};
