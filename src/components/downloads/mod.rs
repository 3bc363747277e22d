//! The rows of downloads.

mod download_row;

pub use download_row::{DownloadRow, DownloadRowProps};
