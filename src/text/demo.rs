//! Words of the demonstration: what it does, what came of it, how things stand.

use dashboard_model::MutationBody;
use sync_engine::connection::Recovery;
use sync_engine::http::HttpFailure;
use sync_engine::schema::MutationRef;
use sync_engine::view::ErrorView;
use sync_engine::view::MutationState;
use sync_engine::view::SubscriptionState;

use super::error_words;

/// Page, and the link to it.
pub const TITLE: &str = "Realtime demo";
/// Panel: the indicator in its sizes, with what can be done.
pub const CONNECTION: &str = "Connection controls";
/// Sizes of the indicator.
pub const VARIANTS: [&str; 3] = ["Minimal", "Compact", "Full"];

/// Panel: simulated back-office life.
pub const SIMULATION: &str = "Back office";
/// What that panel does.
pub const SIMULATION_HINT: &str =
    "Simulate changes from the store's side and watch them arrive live.";
/// Field.
pub const WHAT: &str = "Event";
/// What can be simulated.
pub const KINDS: &[&str] = &["Activity", "Orders", "Downloads", "Favorites", "Market"];
/// Field.
pub const COUNT: &str = "Count";
/// Field.
pub const RATE: &str = "Per second";
/// Begins a simulation.
pub const SIMULATE: &str = "Simulate";

/// Panel: changes of one's own under faults.
pub const CHANGES: &str = "Optimistic changes";
/// What that panel does.
pub const CHANGES_HINT: &str =
    "Pick a fault, then make a change. It shows at once; follow its progress below.";
/// Field.
pub const FAULT: &str = "Fault";
/// What can go wrong, in the order of the faults.
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
/// What can be changed.
pub const MUTATIONS: &[&str] = &["Favorite", "Order", "Download", "Batch of favorites"];
/// Makes the change.
pub const TRY: &str = "Make change";
/// Ends all faults.
pub const CLEAR_FAULTS: &str = "Clear faults";
/// List.
pub const PENDING: &str = "Pending changes";
/// Heads of that list.
pub const PENDING_COLUMNS: &[&str] = &["Change", "State", "Age", "Attempts", "Reason", "Actions"];
/// That list without a row.
pub const PENDING_EMPTY: &str = "No pending changes.";
/// List.
pub const FAILURES: &str = "Failed changes";
/// Heads of that list.
pub const FAILURES_COLUMNS: &[&str] = &["Change", "Age", "Actions"];
/// That list without a row.
pub const FAILURES_EMPTY: &str = "No failed changes.";
/// Takes a change back.
pub const ROLL_BACK: &str = "Roll back";
/// Takes all failures off the list.
pub const CLEAR_LIST: &str = "Clear list";

/// Panel and list: the streams.
pub const SUBSCRIPTIONS: &str = "Subscriptions";
/// Heads of that list.
pub const SUBSCRIPTION_COLUMNS: &[&str] =
    &["Channel", "State", "Position", "Recovered", "Last event"];
/// That list without a row.
pub const SUBSCRIPTIONS_EMPTY: &str = "No subscriptions yet.";
/// No event came over the stream yet.
pub const NONE_YET: &str = "None yet";

/// Panel and table.
pub const COUNTERS: &str = "Counters";
/// Heads of that table.
pub const COUNTER_COLUMNS: &[&str] = &["Counter", "Count"];
/// Counters: events that wait, and most that ever waited.
pub const QUEUE: [&str; 2] = ["queue depth", "queue depth (max)"];
/// Before the cause of what was taken back.
pub const ROLLED_BACK: &str = "rolled back: ";
/// Panel and table.
pub const LATENCIES: &str = "Latency";
/// Heads of that table, in milliseconds.
pub const LATENCY_COLUMNS: &[&str] = &["Latency (ms)", "Count", "p50", "p95", "p99", "Max"];
/// The latencies that are measured.
pub const LATENCY_NAMES: [&str; 3] = ["Round trip", "Event to data", "Event to paint"];

/// Panel and list: what happened.
pub const TIMELINE: &str = "Timeline";
/// Heads of that list.
pub const TIMELINE_COLUMNS: &[&str] = &["Time", "Source", "Event"];
/// That list without a row.
pub const TIMELINE_EMPTY: &str = "Nothing here yet. Run a simulation or clear the filter.";
/// Field.
pub const FILTER: &str = "Filter the timeline";
/// Keeps the list as it is.
pub const PAUSE: &str = "Pause";
/// Lets the list go on.
pub const RESUME: &str = "Resume";
/// Puts the list on the clipboard.
pub const COPY: &str = "Copy";
/// Puts what is known, with the changes on top, on the clipboard: for a report of a screen that looks wrong.
pub const COPY_STATE: &str = "Copy state";
/// It is there.
pub const COPIED: &str = "Copied";
/// The browser would not.
pub const NOT_COPIED: &str = "Couldn't copy";
/// Source of what the connection did.
pub const SOURCE_CONNECTION: &str = "connection";
/// Source of what the market did.
pub const SOURCE_CATALOG_UPDATES: &str = "market";

/// The server took a simulation.
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

/// The server took a fault, or took all away.
#[must_use]
pub const fn injected(is_injected: bool) -> &'static str {
    if is_injected {
        "Fault set."
    } else {
        "All faults cleared."
    }
}

/// The server did not take it.
#[must_use]
pub fn failed(failure: &HttpFailure) -> &'static str {
    match failure {
        HttpFailure::Status { status: 404, .. } => {
            "Demo controls aren't available. Start the server with --demo and use a demo account."
        }
        _ => error_words(ErrorView::from(failure).kind).title,
    }
}

/// A change that is asked for.
#[must_use]
pub fn mutation(mutation: &MutationRef, subject: Option<&str>) -> String {
    let what = match MutationBody::of(mutation) {
        Some(MutationBody::SetFavorite(mark)) if mark.favorite => "Add favorite ",
        Some(MutationBody::SetFavorite(_)) => "Remove favorite ",
        Some(MutationBody::PlaceOrder(_)) => "Buy ",
        Some(MutationBody::CancelOrder(_)) => "Cancel order ",
        Some(MutationBody::RequestDownload(_)) => "Download ",
        Some(MutationBody::CancelDownload(_)) => "Cancel download ",
        None => "Change ",
    };
    [what, subject.unwrap_or("…")].concat()
}

/// Where a change stands.
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

/// The price that a change waits for, or nothing.
#[must_use]
pub fn new_price(total: &str) -> String {
    ["The price is now ", total, "."].concat()
}

/// Where a stream stands.
#[must_use]
pub const fn channel(state: SubscriptionState) -> &'static str {
    match state {
        SubscriptionState::Subscribed => "Subscribed",
        SubscriptionState::Subscribing => "Subscribing",
        SubscriptionState::Rejected => "Rejected",
        SubscriptionState::Unsubscribed => "Unsubscribed",
    }
}

/// How a stream came back.
#[must_use]
pub const fn recovery(recovery: Recovery) -> &'static str {
    match recovery {
        Recovery::Fresh => "New",
        Recovery::Lost => "No, reloaded",
        Recovery::Recovered => "Yes",
    }
}

/// A place in a stream.
#[must_use]
pub fn position(offset: &str, epoch: &str) -> String {
    // The beginning tells one stream from the next; the whole is long and for programs.
    [offset, " in ", epoch.get(..8).unwrap_or(epoch)].concat()
}

/// What an event did to its resource.
#[must_use]
pub fn event(kind: &str, version: &str) -> String {
    [kind, ", version ", version].concat()
}

/// What came from the market.
#[must_use]
pub fn catalog_updates(count: &str) -> String {
    let beats = if count == "1" { " beat" } else { " beats" };
    [count, beats, " changed"].concat()
}

/// A step of the connection.
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
    fn a_step_tells_its_code_and_a_reason_only_if_there_is_one() {
        let notified = |reason| step("connected", "reconnecting", "3001", reason);
        assert_eq!(notified(""), "connected → reconnecting, code 3001");
        assert_eq!(
            notified("shutdown"),
            "connected → reconnecting, code 3001: shutdown"
        );
    }

    #[test]
    fn a_server_without_controls_is_told_apart_from_one_that_is_away() {
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
