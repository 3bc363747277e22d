//! The connection on the screen: an indicator in three variants, its panel, and a banner for critical states.

mod banner;
mod button;
mod icon;
mod indicator;
mod panel;
mod retry;
mod style;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
mod text;
mod times;

pub use banner::{ConnectionStatusBanner, ConnectionStatusBannerProps};
pub use icon::draw_icon;
pub use indicator::{ConnectionStatusIndicator, ConnectionStatusIndicatorProps, IndicatorVariant};
pub use text::{ConnectionText, ConnectionWords, English, Label, StatusTimes};
