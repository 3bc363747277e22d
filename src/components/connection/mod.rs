//! The state of the live connection: indicator, banner, announcements, and the age of the data.

mod announcer;
mod connection_banner;
mod connection_status_banner;
mod connection_status_indicator;
mod connection_style;
mod data_age;
mod retry;
mod speech;
mod status_facts;
mod status_indicator;
mod status_panel;

pub use announcer::Announcer;
pub use connection_banner::{BannerTone, ConnectionBanner, ConnectionBannerProps};
pub use connection_status_banner::{ConnectionStatusBanner, ConnectionStatusBannerProps};
pub use connection_status_indicator::{ConnectionStatusIndicator, ConnectionStatusIndicatorProps};
pub use data_age::DataAge;
pub use status_indicator::{IndicatorVariant, StatusIndicator, StatusIndicatorProps};
pub use status_panel::{StatusAction, StatusActions, StatusFacts, StatusPanel, StatusPanelProps};
