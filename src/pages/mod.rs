//! The pages of the application and the frame around them.

mod activity;
mod analytics;
mod catalog_panel;
mod dashboard;
mod demo;
mod downloads;
mod elsewhere;
mod favorites;
mod list_page;
mod not_found;
mod orders;
mod overview;
mod page_link;
mod query_body;
mod requested_row;
mod route;
mod sign_in;
mod statistics;
mod title;

pub use dashboard::{ModernDashboard, ModernDashboardProps};
pub use demo::DemoPage;
pub use elsewhere::Elsewhere;
pub use not_found::NotFound;
pub use route::Route;
pub use sign_in::SignIn;
