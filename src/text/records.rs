//! Texts of beats, orders, downloads, activity and statistics.

use dashboard_model::ActivityKind;
use dashboard_model::DownloadFormat;
use dashboard_model::DownloadStatus;
use dashboard_model::OrderStatus;

use super::THIS_MONTH;

/// A beat's second line.
#[must_use]
pub fn about_beat(artist: &str, genre: &str, bpm: u32, key: &str, duration: &str) -> String {
    let tempo = (bpm > 0).then(|| format!("{bpm} BPM"));
    let parts = [
        artist,
        genre,
        tempo.as_deref().unwrap_or_default(),
        key,
        duration,
    ];
    let known: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    known.join(" · ")
}

/// The play count of a beat.
#[must_use]
pub fn plays(count: &str) -> String {
    format!("{count} plays")
}

/// How many in the current month.
#[must_use]
pub fn this_month(count: &str) -> String {
    format!("{count} {THIS_MONTH}")
}

/// The used part of the month's downloads.
#[must_use]
pub fn quota(used: &str, limit: &str) -> String {
    format!("{used} of {limit} {THIS_MONTH}")
}

/// A sum over the days of a chart. The server counts days by UTC, lists show the reader's.
#[must_use]
pub fn in_days(sum: &str, days: usize) -> String {
    format!("{sum} in {days} days (UTC)")
}

/// The state of an order.
#[must_use]
pub const fn order_status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Pending => "Pending",
        OrderStatus::Processing => "Processing",
        OrderStatus::Paid => "Paid",
        OrderStatus::Completed => "Completed",
        OrderStatus::Cancelled => "Cancelled",
        OrderStatus::Refunded => "Refunded",
        OrderStatus::PaymentFailed => "Payment failed",
        OrderStatus::Unknown => "In progress",
    }
}

/// The state of a download.
#[must_use]
pub const fn download_status(status: DownloadStatus) -> &'static str {
    match status {
        DownloadStatus::Queued => "Queued",
        DownloadStatus::Preparing => "Preparing",
        DownloadStatus::Ready => "Ready",
        DownloadStatus::Failed => "Failed",
        DownloadStatus::Cancelled => "Cancelled",
        DownloadStatus::Unknown => "In progress",
    }
}

/// A file format.
#[must_use]
pub const fn format_name(format: DownloadFormat) -> &'static str {
    match format {
        DownloadFormat::Mp3 => "MP3",
        DownloadFormat::Wav => "WAV",
        DownloadFormat::Flac => "FLAC",
        DownloadFormat::Unknown => "Audio",
    }
}

/// An activity row, as a sentence.
#[must_use]
pub fn activity(
    kind: ActivityKind,
    title: Option<&str>,
    order_status: Option<OrderStatus>,
) -> String {
    let name = title.filter(|title| !title.is_empty());
    // The star is the placeholder for the name.
    let about = |with: &str, without: &str| match name.zip(with.split_once('*')) {
        Some((name, (before, after))) => [before, name, after].concat(),
        None => without.to_owned(),
    };
    match kind {
        ActivityKind::FavoriteAdded => about("Added ‘*’ to favorites", "Added a favorite"),
        ActivityKind::FavoriteRemoved => about("Removed ‘*’ from favorites", "Removed a favorite"),
        ActivityKind::OrderCreated => about("Placed order *", "Placed an order"),
        ActivityKind::OrderUpdated => {
            let (with, without) = order_updated(order_status.unwrap_or(OrderStatus::Unknown));
            about(with, without)
        }
        ActivityKind::DownloadRequested => about("Requested ‘*’", "Requested a download"),
        ActivityKind::DownloadCompleted => {
            about("‘*’ is ready to save", "A download is ready to save")
        }
        ActivityKind::DownloadFailed => {
            about("Couldn't prepare ‘*’", "Couldn't prepare a download")
        }
        ActivityKind::DownloadCancelled => {
            about("Cancelled the download of ‘*’", "Cancelled a download")
        }
        ActivityKind::SignedIn => "Signed in".to_owned(),
        ActivityKind::Unknown => about("‘*’ changed", "Something changed"),
    }
}

/// An order's new status as a sentence: with a star as the placeholder for its number, and without a number.
const fn order_updated(status: OrderStatus) -> (&'static str, &'static str) {
    match status {
        OrderStatus::Pending => ("Order * is now pending", "An order is now pending"),
        OrderStatus::Processing => (
            "Order * is now being processed",
            "An order is now being processed",
        ),
        OrderStatus::Paid => ("Order * is now paid", "An order is now paid"),
        OrderStatus::Completed => ("Order * is now complete", "An order is now complete"),
        OrderStatus::Cancelled => ("Order * was cancelled", "An order was cancelled"),
        OrderStatus::Refunded => ("Order * was refunded", "An order was refunded"),
        OrderStatus::PaymentFailed => ("Payment for order * failed", "A payment failed"),
        OrderStatus::Unknown => ("Order * was updated", "An order was updated"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_updated_order_names_its_new_status() {
        let updated = |number, status| activity(ActivityKind::OrderUpdated, number, status);
        let number = Some("BL-1");
        assert_eq!(
            updated(number, Some(OrderStatus::Paid)),
            "Order BL-1 is now paid"
        );
        assert_eq!(
            updated(number, Some(OrderStatus::PaymentFailed)),
            "Payment for order BL-1 failed"
        );
        assert_eq!(
            updated(None, Some(OrderStatus::Cancelled)),
            "An order was cancelled"
        );
        assert_eq!(updated(number, None), "Order BL-1 was updated");
    }
}
