//! What a user owns and what the store sells. Unknown fields are ignored, unknown words become `Unknown`.

use std::cmp::Ordering;

use serde::Serialize;

use crate::Timestamp;
use crate::record::{record, words};

/// An amount of money in minor units (cents) of a currency.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize)]
pub struct Money {
    /// Minor units: `1999` is 19.99 of a currency with two decimals.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
}
record!(Money { amount, currency });

impl Default for Money {
    fn default() -> Self {
        Self {
            amount: 0,
            currency: "USD".to_owned(),
        }
    }
}

/// Prices of one beat by licence.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, Serialize)]
pub struct Prices {
    /// Price of the basic licence.
    pub basic: Money,
    /// Price of the premium licence.
    pub premium: Money,
    /// Price of the unlimited licence.
    pub unlimited: Money,
}
record!(Prices {
    basic,
    premium,
    unlimited
});

impl Prices {
    /// The price of a licence; `None` for a licence that this build does not know.
    #[must_use]
    pub const fn of(&self, license: License) -> Option<&Money> {
        match license {
            License::Basic => Some(&self.basic),
            License::Premium => Some(&self.premium),
            License::Unlimited => Some(&self.unlimited),
            License::Unknown => None,
        }
    }
}

/// A music track on sale.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, Serialize)]
pub struct Beat {
    /// Identity, as the store gives it.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Who made it.
    pub artist: String,
    /// Style, one or two words.
    pub genre: String,
    /// Tempo, in beats a minute.
    pub bpm: u32,
    /// Musical key, such as `A minor`.
    pub key: String,
    /// Length, in milliseconds.
    pub duration_ms: u64,
    /// Price of the basic licence.
    pub price: Money,
    /// Prices of all licences.
    pub prices: Prices,
    /// How often it was played.
    pub plays: u64,
}
record!(Beat { id, title, artist, price } or { genre, bpm, key, duration_ms, prices, plays });

/// A beat that a user marked.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, Serialize)]
pub struct Favorite {
    /// The beat's id; a user has at most one favorite of a beat.
    pub beat_id: String,
    /// The beat, with price and plays as of the read.
    pub beat: Beat,
    /// When it was marked.
    pub added_at: Timestamp,
}
record!(Favorite {
    beat_id,
    beat,
    added_at
});

/// What a buyer may do with a beat.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum License {
    /// The cheapest.
    #[default]
    Basic,
    /// Wider use.
    Premium,
    /// Any use.
    Unlimited,
    /// A word that this build does not know.
    Unknown,
}
words!(License { "basic" => Basic, "premium" => Premium, "unlimited" => Unlimited } or Unknown);

/// Where an order stands.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Placed, not yet looked at.
    #[default]
    Pending,
    /// Being charged.
    Processing,
    /// Charged.
    Paid,
    /// Charged and delivered.
    Completed,
    /// Taken back before it was paid.
    Cancelled,
    /// Paid, and the money given back.
    Refunded,
    /// The charge was rejected.
    PaymentFailed,
    /// A word that this build does not know.
    Unknown,
}
words!(OrderStatus {
    "pending" => Pending, "processing" => Processing, "paid" => Paid, "completed" => Completed,
    "cancelled" => Cancelled, "refunded" => Refunded, "payment_failed" => PaymentFailed,
} or Unknown);

/// One position of an order, with the price as it was charged.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, Serialize)]
pub struct OrderLine {
    /// The beat that was bought.
    pub beat_id: String,
    /// Its name at that time.
    pub title: String,
    /// The licence that was bought.
    pub license: License,
    /// Its price at that time.
    pub price: Money,
}
record!(OrderLine {
    beat_id,
    title,
    license,
    price
});

/// An order. Its id is made by the client, its number by the server.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, Serialize)]
pub struct Order {
    /// UUID made by the client that placed it.
    pub id: String,
    /// Human-readable number; empty until the server has given one.
    pub number: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// What was bought.
    pub lines: Vec<OrderLine>,
    /// Sum of the lines.
    pub total: Money,
    /// When it was placed.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}
record!(Order { id, status, lines, total, created_at, updated_at } or { number });

/// File format of a download.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DownloadFormat {
    /// MPEG layer 3.
    #[default]
    Mp3,
    /// Uncompressed PCM in a RIFF file.
    Wav,
    /// Losslessly compressed.
    Flac,
    /// A word that this build does not know.
    Unknown,
}
words!(DownloadFormat { "mp3" => Mp3, "wav" => Wav, "flac" => Flac } or Unknown);

/// Where a download stands.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DownloadStatus {
    /// Asked for.
    #[default]
    Queued,
    /// The file is being made.
    Preparing,
    /// The file can be fetched.
    Ready,
    /// The file could not be made.
    Failed,
    /// Taken back.
    Cancelled,
    /// A word that this build does not know.
    Unknown,
}
words!(DownloadStatus {
    "queued" => Queued, "preparing" => Preparing, "ready" => Ready, "failed" => Failed,
    "cancelled" => Cancelled,
} or Unknown);

/// A file that a user asked for. Its id is made by the client.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, Serialize)]
pub struct Download {
    /// UUID made by the client that asked.
    pub id: String,
    /// The beat whose audio it holds.
    pub beat_id: String,
    /// The beat's name.
    pub title: String,
    /// File format.
    pub format: DownloadFormat,
    /// Where it stands.
    pub status: DownloadStatus,
    /// Percent prepared, 0 to 100; never goes back.
    pub progress: u8,
    /// Size of the file, in bytes, once known.
    pub size_bytes: Option<u64>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the file is deleted, once it is ready.
    pub expires_at: Option<Timestamp>,
    /// Where the file can be fetched, once it is ready.
    pub url: Option<String>,
}
record!(Download {
    id, beat_id, title, format, status, created_at,
} or {
    progress, size_bytes, expires_at, url,
});

/// What an activity row tells.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// A beat was marked.
    FavoriteAdded,
    /// A mark was taken back.
    FavoriteRemoved,
    /// An order was placed.
    OrderCreated,
    /// An order moved on.
    OrderUpdated,
    /// A download was asked for.
    DownloadRequested,
    /// A download became ready.
    DownloadCompleted,
    /// A download could not be made.
    DownloadFailed,
    /// A download was taken back.
    DownloadCancelled,
    /// The user signed in.
    SignedIn,
    /// A word that this build does not know.
    #[default]
    Unknown,
}
words!(ActivityKind {
    "favorite_added" => FavoriteAdded, "favorite_removed" => FavoriteRemoved,
    "order_created" => OrderCreated, "order_updated" => OrderUpdated,
    "download_requested" => DownloadRequested, "download_completed" => DownloadCompleted,
    "download_failed" => DownloadFailed, "download_cancelled" => DownloadCancelled,
    "signed_in" => SignedIn,
} or Unknown);

/// One row of what happened.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, Serialize)]
pub struct Activity {
    /// Identity. A row that a mutation made is `<mutation id>:<kind>`, so that the optimistic row is the same row.
    pub id: String,
    /// What happened.
    pub kind: ActivityKind,
    /// When.
    pub at: Timestamp,
    /// The mutation that made it, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mutation_id: Option<String>,
    /// The beat it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beat_id: Option<String>,
    /// A name to show: the beat's title or the order's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The order it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The status that the order got, if its status changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_status: Option<OrderStatus>,
    /// The download it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub download_id: Option<String>,
}
record!(Activity { id, kind, at } or { mutation_id, beat_id, title, order_id, order_status, download_id });

impl ActivityKind {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FavoriteAdded => "favorite_added",
            Self::FavoriteRemoved => "favorite_removed",
            Self::OrderCreated => "order_created",
            Self::OrderUpdated => "order_updated",
            Self::DownloadRequested => "download_requested",
            Self::DownloadCompleted => "download_completed",
            Self::DownloadFailed => "download_failed",
            Self::DownloadCancelled => "download_cancelled",
            Self::SignedIn => "signed_in",
            Self::Unknown => "unknown",
        }
    }
}

impl Activity {
    /// The id of the row that a mutation makes, the same on both sides.
    #[must_use]
    pub fn id_of(mutation_id: &str, kind: ActivityKind) -> String {
        format!("{mutation_id}:{}", kind.as_str())
    }
}

/// Downloads allowed and used this month.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, Serialize)]
pub struct Quota {
    /// Asked for this month and not failed or cancelled.
    pub used: u32,
    /// Allowed a month.
    pub limit: u32,
}
record!(Quota { used, limit });

/// Counters of the current month (UTC).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, Serialize)]
pub struct StatsMonth {
    /// Orders paid or completed.
    pub orders: u32,
    /// Downloads asked for.
    pub downloads: u32,
    /// Sum of those orders.
    pub spent: Money,
}
record!(StatsMonth {
    orders,
    downloads,
    spent
});

/// Counters of one day (UTC).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, Serialize)]
pub struct TrendDay {
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// Favorites added.
    pub favorites: u32,
    /// Orders paid or completed.
    pub orders: u32,
    /// Downloads asked for.
    pub downloads: u32,
    /// Sum of those orders.
    pub spent: Money,
}
record!(TrendDay {
    date,
    favorites,
    orders,
    downloads,
    spent
});

/// The numbers at the top of the dashboard.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq, Serialize)]
pub struct Stats {
    /// Favorites now.
    pub favorites: u32,
    /// Orders paid or completed, ever.
    pub orders: u32,
    /// Downloads, ever.
    pub downloads: u32,
    /// Sum of those orders.
    pub spent: Money,
    /// Downloads allowed and used.
    pub quota: Quota,
    /// The current month.
    pub this_month: StatsMonth,
    /// The last 30 days, oldest first.
    pub trend: Vec<TrendDay>,
}
record!(Stats { favorites, orders, downloads, spent } or { quota, this_month, trend });

/// Order of two rows in a list: newest first by their moment, ties by the version that made the row, later first.
#[must_use]
pub fn newest_first(a: (&Timestamp, u64), b: (&Timestamp, u64)) -> Ordering {
    b.cmp(&a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_from_the_future_are_read_as_unknown() {
        let order: OrderStatus = serde_json::from_str("\"disputed\"").unwrap();
        assert_eq!(order, OrderStatus::Unknown);
    }
}
