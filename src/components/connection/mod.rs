//! The state of the live connection: the kit's indicator and banner, announcements, and the age of the data.

mod announcer;
mod data_age;
mod speech;

pub use sync_yew::{
    ConnectionStatusBanner, ConnectionStatusBannerProps, ConnectionStatusIndicator,
    ConnectionStatusIndicatorProps, IndicatorVariant,
};

pub use announcer::Announcer;
pub use data_age::DataAge;
