//! The connection on the screen: an indicator in three variants, its panel, and a banner for critical states.

mod banner;
mod banner_view;
mod button;
mod facts;
mod icon;
mod indicator;
mod indicator_view;
mod panel;
mod retry;
mod style;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
mod text;

pub use banner::{ConnectionStatusBanner, ConnectionStatusBannerProps};
pub use banner_view::{BannerTone, ConnectionBanner, ConnectionBannerProps};
pub use icon::draw_icon;
pub use indicator::{ConnectionStatusIndicator, ConnectionStatusIndicatorProps};
pub use indicator_view::{IndicatorVariant, StatusIndicator, StatusIndicatorProps};
pub use panel::{StatusAction, StatusActions, StatusFacts, StatusPanel, StatusPanelProps};
pub use text::{ConnectionText, ConnectionWords, English, Label, StatusTimes};
