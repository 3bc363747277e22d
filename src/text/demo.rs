//! Texts of the demonstration.

use dashboard_model::MutationBody;
use sync_engine::connection::Recovery;
use sync_engine::http::HttpFailure;
use sync_engine::schema::MutationRef;
use sync_engine::view::ErrorView;
use sync_engine::view::MutationState;
use sync_engine::view::SubscriptionState;

use super::{error_words, resources};

/// Page, and the link to it.
pub const TITLE: &str = "Realtime demo";
/// Panel: the indicator in its variants, with its actions.
pub const CONNECTION: &str = "Connection controls";
/// Variants of the indicator.
pub const VARIANTS: [&str; 3] = ["Minimal", "Compact", "Full"];

/// Panel: simulated back-office activity.
pub const SIMULATION: &str = "Back office";
/// Description of that panel.
pub const SIMULATION_HINT: &str =
    "Simulate changes from the store's side and watch them arrive live.";
/// Field.
pub const WHAT: &str = "Event";
/// Events that can be simulated.
pub const KINDS: &[&str] = &["Activity", "Orders", "Downloads", "Favorites", "Market"];
/// Field.
pub const COUNT: &str = "Count";
/// Field.
pub const RATE: &str = "Per second";
/// Begins a simulation.
pub const SIMULATE: &str = "Simulate";

/// Panel: the user's own mutations under faults.
pub const CHANGES: &str = "Optimistic changes";
/// Description of that panel.
pub const CHANGES_HINT: &str =
    "Pick a fault, then make a change. It shows at once; follow its progress below.";
/// Field.
pub const FAULT: &str = "Fault";
/// The faults, in their order.
pub const FAULTS: &[&str] = &[
    "None",
    "Rejected: plan limit reached",
    "Rejected: price changed",
    "Rejected: already owned",
    "Rejected: not in the store",
    "Rejected: not purchased",
    "Server error",
    "Reply takes 3 s",
    "Replies get lost",
    "Connection drops",
    "Server silent for 30 s",
];
/// Field.
pub const CHANGE: &str = "Change";
/// The mutations.
pub const MUTATIONS: &[&str] = &["Favorite", "Order", "Download", "Batch of favorites"];
/// Makes the mutation.
pub const TRY: &str = "Make change";
/// Ends all faults.
pub const CLEAR_FAULTS: &str = "Clear faults";
/// List.
pub const PENDING: &str = "Pending changes";
/// Headers of that list.
pub const PENDING_COLUMNS: &[&str] = &["Change", "State", "Age", "Attempts", "Reason", "Actions"];
/// That list when empty.
pub const PENDING_EMPTY: &str = "No pending changes.";
/// List.
pub const FAILURES: &str = "Failed changes";
/// Headers of that list.
pub const FAILURES_COLUMNS: &[&str] = &["Change", "Age", "Actions"];
/// That list when empty.
pub const FAILURES_EMPTY: &str = "No failed changes.";
/// Cancels a mutation.
pub const ROLL_BACK: &str = "Roll back";
/// Dismisses all failures.
pub const CLEAR_LIST: &str = "Clear list";

/// Panel and list: the channels.
pub const SUBSCRIPTIONS: &str = "Subscriptions";
/// Headers of that list.
pub const SUBSCRIPTION_COLUMNS: &[&str] =
    &["Channel", "State", "Position", "Recovered", "Last event"];
/// That list when empty.
pub const SUBSCRIPTIONS_EMPTY: &str = "No subscriptions yet.";
/// No event has arrived on the channel yet.
pub const NONE_YET: &str = "None yet";

/// Panel and table.
pub const COUNTERS: &str = "Counters";
/// Headers of that table.
pub const COUNTER_COLUMNS: &[&str] = &["Counter", "Count"];
/// Counters: waiting events, and their maximum.
pub const QUEUE: [&str; 2] = ["queue depth", "queue depth (max)"];
/// Before the cause of a rollback.
pub const ROLLED_BACK: &str = "rolled back: ";
/// Panel and table.
pub const LATENCIES: &str = "Latency";
/// Headers of that table, in milliseconds.
pub const LATENCY_COLUMNS: &[&str] = &["Latency (ms)", "Count", "p50", "p95", "p99", "Max"];
/// The latencies that are measured.
pub const LATENCY_NAMES: [&str; 3] = ["Round trip", "Event to data", "Event to paint"];

/// Panel and list: the timeline.
pub const TIMELINE: &str = "Timeline";
/// Headers of that list.
pub const TIMELINE_COLUMNS: &[&str] = &["Time", "Source", "Event"];
/// That list when empty.
pub const TIMELINE_EMPTY: &str = "Nothing here yet. Run a simulation or clear the filter.";
/// Field.
pub const FILTER: &str = "Filter the timeline";
/// Pauses the list.
pub const PAUSE: &str = "Pause";
/// Resumes the list.
pub const RESUME: &str = "Resume";
/// Copies the list to the clipboard.
pub const COPY: &str = "Copy";
/// Copies the cached state, with pending mutations on top, to the clipboard: for a bug report.
pub const COPY_STATE: &str = "Copy state";
/// The text was copied.
pub const COPIED: &str = "Copied";
/// The browser denied access.
pub const NOT_COPIED: &str = "Couldn't copy";
/// Source of connection events.
pub const SOURCE_CONNECTION: &str = "connection";
/// Source of catalog updates.
pub const SOURCE_CATALOG_UPDATES: &str = "market";

/// The server accepted a simulation.
#[must_use]
pub fn simulated(count: &str, what: &str, rate: &str) -> String {
    [
        "Started: ",
        count,
        " × ",
        what,
        " at ",
        rate,
        " per second.",
    ]
    .concat()
}

/// The server accepted a fault, or cleared all faults.
#[must_use]
pub const fn injected(is_injected: bool) -> &'static str {
    if is_injected {
        "Fault set."
    } else {
        "All faults cleared."
    }
}

/// The server rejected the request.
#[must_use]
pub fn failed(failure: &HttpFailure) -> &'static str {
    match failure {
        HttpFailure::Status { status: 404, .. } => {
            "Demo controls aren't available. Start the server with --demo and use a demo account."
        }
        _ => error_words(ErrorView::from(failure).kind).title,
    }
}

/// A requested mutation.
#[must_use]
pub fn mutation(mutation: &MutationRef, subject: Option<&str>) -> String {
    let what = resources::request(MutationBody::of(mutation).as_ref());
    [what, subject.unwrap_or("…")].concat()
}

/// The state of a mutation.
#[must_use]
pub const fn state(state: MutationState) -> &'static str {
    match state {
        MutationState::Queued => "Queued",
        MutationState::Sent => "Sent",
        MutationState::Accepted => "Accepted",
        MutationState::Unknown => "No reply yet",
        MutationState::Conflicted => "No longer applies",
        MutationState::NeedsResolution => "Needs your decision",
        MutationState::Paused => "Paused",
        MutationState::Cancelling => "Cancelling",
    }
}

/// The price for which a mutation waits, or nothing.
#[must_use]
pub fn new_price(total: &str) -> String {
    ["The price is now ", total, "."].concat()
}

/// The position of a channel.
#[must_use]
pub const fn channel(state: SubscriptionState) -> &'static str {
    match state {
        SubscriptionState::Subscribed => "Subscribed",
        SubscriptionState::Subscribing => "Subscribing",
        SubscriptionState::Rejected => "Rejected",
        SubscriptionState::Unsubscribed => "Unsubscribed",
    }
}

/// How a channel was recovered.
#[must_use]
pub const fn recovery(recovery: Recovery) -> &'static str {
    match recovery {
        Recovery::Fresh => "New",
        Recovery::Lost => "No, reloaded",
        Recovery::Recovered => "Yes",
    }
}

/// A position in a stream.
#[must_use]
pub fn position(offset: &str, epoch: &str) -> String {
    // The first characters distinguish streams; the whole epoch is long and for programs.
    [offset, " in ", epoch.get(..8).unwrap_or(epoch)].concat()
}

/// The result of an event for its resource.
#[must_use]
pub fn event(kind: &str, version: &str) -> String {
    [kind, ", version ", version].concat()
}

/// A catalog update.
#[must_use]
pub fn catalog_updates(count: &str) -> String {
    let beats = if count == "1" { " beat" } else { " beats" };
    [count, beats, " changed"].concat()
}

/// A change of the connection's status.
#[must_use]
pub fn step(from: &str, to: &str, code: &str, reason: &str) -> String {
    let mut words = [from, " → ", to, ", code ", code].concat();
    if !reason.is_empty() {
        words.push_str(": ");
        words.push_str(reason);
    }
    words
}

/// How many entries wait while the list is paused.
#[must_use]
pub fn waiting(count: &str) -> String {
    [count, " new"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_shows_its_code_and_a_reason_only_if_there_is_one() {
        let notified = |reason| step("connected", "reconnecting", "3001", reason);
        assert_eq!(notified(""), "connected → reconnecting, code 3001");
        assert_eq!(
            notified("shutdown"),
            "connected → reconnecting, code 3001: shutdown"
        );
    }

    #[test]
    fn a_server_without_controls_differs_from_an_unreachable_one() {
        let failure = |status| HttpFailure::Status {
            status,
            problem: None,
            retry_after_ms: None,
        };
        assert!(failed(&failure(404)).contains("--demo"));
        assert_eq!(failed(&HttpFailure::Network), "We can't reach the store");
        assert_eq!(failed(&failure(503)), failed(&HttpFailure::Network));
    }
}
