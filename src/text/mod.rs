//! All texts that a user sees or hears.
//!
//! Plain words: the state, what still works, what to do. No address, no code, no exclamation mark. Functions take
//! values that are already formatted for the user's locale.

mod connection;
pub mod demo;
mod errors;
mod records;
mod resources;

pub use connection::CONNECTION_TEXT;
pub use errors::{
    ErrorWords, error_kind, error_words, rejection, rejection_action, sign_in_failed,
};
pub use records::{
    about_beat, activity, download_status, format_name, in_days, order_status, plays, quota,
    this_month,
};
pub use resources::*;

/// The product's name.
pub const PRODUCT: &str = "Beatline";
/// The navigation's name.
pub const DASHBOARD: &str = "Dashboard";
/// The skip link.
pub const SKIP_TO_CONTENT: &str = "Skip to content";

/// Tab and page.
pub const OVERVIEW: &str = "Overview";
/// Tab and page.
pub const ANALYTICS: &str = "Analytics";
/// Statistic.
pub const SPENT: &str = "Spent";
/// Name of the statistics.
pub const STATISTICS: &str = "Statistics";
/// Name of the catalog.
pub const CATALOG: &str = "Catalog";
/// Heading over the newest activity.
pub const RECENT_ACTIVITY: &str = "Recent activity";
/// Link from the newest activity to all of it.
pub const ALL_ACTIVITY: &str = "See all activity";
/// Link from an empty list to the catalog.
pub const BROWSE_CATALOG: &str = "Browse the catalog";
/// Name of the search field.
pub const SEARCH_CATALOG: &str = "Search the catalog";

/// A timestamp within the last minute.
pub const JUST_NOW: &str = "just now";

/// Foot of the catalog.
pub const SHOW_MORE: &str = "Show more";
/// Foot of a list that goes back in time.
pub const SHOW_OLDER: &str = "Show older";
/// Something is being fetched.
pub const LOADING: &str = "Loading…";
/// An attempt is in flight.
pub const ATTEMPTING: &str = "Trying…";
/// Buys a beat.
pub const BUY: &str = "Buy";
/// Cancels an order or a download.
pub const CANCEL: &str = "Cancel";
/// Reason why an action needs a network.
pub const NEEDS_NETWORK: &str = "You're offline. This needs a connection.";
/// Retries a rejected mutation.
pub const TRY_AGAIN: &str = "Try again";
/// Dismisses a message.
pub const DISMISS: &str = "Dismiss";
/// Answer to the question about unsaved changes: stay.
pub const STAY: &str = "Stay signed in";
/// Answer to it: leave.
pub const SIGN_OUT_ANYWAY: &str = "Sign out anyway";
/// Discards a mutation that waits for the user.
pub const DISCARD: &str = "Discard";
/// A mutation that was paused because the store has not accepted it for so long.
pub const NOT_SENT: &str = "This hasn't reached the store yet.";

/// Column of the orders.
pub const COLUMN_ORDER: &str = "Order";
/// Column of the orders.
pub const COLUMN_PLACED: &str = "Placed";
/// Column of the orders.
pub const COLUMN_STATUS: &str = "Status";
/// Column of the orders.
pub const COLUMN_TOTAL: &str = "Total";
/// Column of the orders.
pub const COLUMN_ACTIONS: &str = "Actions";
/// Column of a chart's table.
pub const COLUMN_DAY: &str = "Day";
/// An order that the server has not numbered yet.
pub const NEW_ORDER: &str = "New order";
/// Link to a finished file.
pub const SAVE_FILE: &str = "Save file";
/// A file that was deleted after its time.
pub const EXPIRED: &str = "Expired";
/// Requests an expired file anew.
pub const GET_AGAIN: &str = "Get again";

/// Heading of the sign-in page.
pub const SIGN_IN_TITLE: &str = "Sign in to Beatline";
/// Below that heading.
pub const SIGN_IN_HINT: &str = "See your favorites, orders and downloads live.";
/// Field.
pub const EMAIL: &str = "Email";
/// Field.
pub const PASSWORD: &str = "Password";
/// Button, link and page.
pub const SIGN_IN: &str = "Sign in";
/// Button while the request is in flight.
pub const SIGNING_IN: &str = "Signing in…";
/// Button.
pub const SIGN_OUT: &str = "Sign out";
/// The label of the sign-out button meanwhile.
pub const SIGNING_OUT: &str = "Signing out…";
/// Signing out failed: only the server can end a session.
pub const STILL_SIGNED_IN: &str =
    "You're still signed in: the store didn't answer. Try again in a moment.";
/// Name of the theme button: system.
pub const THEME_SYSTEM: &str = "Theme: system";
/// Name of the theme button: light.
pub const THEME_LIGHT: &str = "Theme: light";
/// Name of the theme button: dark.
pub const THEME_DARK: &str = "Theme: dark";
/// An empty field.
pub const EMAIL_MISSING: &str = "Enter your email address.";
/// An invalid field.
pub const EMAIL_WRONG: &str = "Enter a full email address, like name@example.com.";
/// An empty field.
pub const PASSWORD_MISSING: &str = "Enter your password.";
/// The session ended by itself or elsewhere.
pub const SESSION_ENDED: &str = "Your session has ended. Sign in to see live updates.";

/// Page for an unknown address.
pub const NOT_FOUND: &str = "Page not found";
/// Below that heading.
pub const NOT_FOUND_HINT: &str = "There's no page at this address. It may have moved.";
/// The recovery action.
pub const TO_OVERVIEW: &str = "Go to the overview";

/// Figures of the month.
pub const THIS_MONTH: &str = "this month";
/// Chart.
pub const CHART_SPENT: &str = "Spent per day";
/// Chart.
pub const CHART_ORDERS: &str = "Orders per day";
/// Chart.
pub const CHART_DOWNLOADS: &str = "Downloads per day";
/// Chart.
pub const CHART_FAVORITES: &str = "Favorites added per day";

/// A page's title in the browser.
#[must_use]
pub fn page_title(page: &str) -> String {
    format!("{page} · {PRODUCT}")
}

/// Name of a favorite button; the same whether pressed or not.
#[must_use]
pub fn favorite_name(title: &str) -> String {
    format!("Favorite {title}")
}

/// Name of the button that buys.
#[must_use]
pub fn buy_name(title: &str) -> String {
    format!("{BUY} {title}")
}

/// Name of the button that requests a file.
#[must_use]
pub fn download_name(title: &str) -> String {
    format!("Download {title}")
}

/// Name of the button that cancels an order.
#[must_use]
pub fn cancel_order_name(number: &str) -> String {
    format!("{CANCEL} order {number}")
}

/// Name of the button that cancels a download.
#[must_use]
pub fn cancel_download_name(title: &str) -> String {
    format!("{CANCEL} download {title}")
}

/// The question before signing out with unsaved changes.
#[must_use]
pub fn unsaved(count: usize) -> String {
    match count {
        0 => "Everything is saved now.".to_owned(),
        1 => "1 change isn't saved yet. You'll lose it if you sign out now.".to_owned(),
        _ => format!("{count} changes aren't saved yet. You'll lose them if you sign out now."),
    }
}

/// The price changed while something was being bought.
#[must_use]
pub fn price_changed(total: &str) -> String {
    format!("The price is now {total}. You haven't been charged.")
}

/// Buys at the new price.
#[must_use]
pub fn buy_for(total: &str) -> String {
    format!("{BUY} for {total}")
}

/// Name of a download's progress.
#[must_use]
pub fn progress_name(title: &str) -> String {
    format!("Preparing {title}")
}

/// Name of the link to a file.
#[must_use]
pub fn save_file_name(title: &str) -> String {
    format!("{SAVE_FILE}: {title}")
}

/// Requests an expired file anew, by the beat's title.
#[must_use]
pub fn get_again_name(title: &str) -> String {
    format!("{GET_AGAIN}: {title}")
}

/// Opens the numbers of a chart.
#[must_use]
pub fn show_table(title: &str) -> String {
    format!("Show table: {title}")
}

/// Name of the numbers of a chart.
#[must_use]
pub fn table_of(title: &str) -> String {
    format!("Table: {title}")
}

/// What is loading, for users who cannot see the blocks.
#[must_use]
pub fn loading(what: &str) -> String {
    format!("Loading {}…", what.to_ascii_lowercase())
}

/// The age of the shown data, once they are older than a minute and no updates arrive.
#[must_use]
pub fn as_of(time: &str) -> String {
    format!("as of {time}")
}
