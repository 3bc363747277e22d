//! The rows of the activity.

mod activity_row;

pub use activity_row::{ActivityRow, ActivityRowProps};
