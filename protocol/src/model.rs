//! What a person owns and what the store sells. Unknown fields are ignored, unknown words become `Unknown`.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// An amount of money in minor units (cents) of a currency.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Money {
    /// Minor units: `1999` is 19.99 of a currency with two decimals.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
}

impl Default for Money {
    fn default() -> Self {
        Self {
            amount: 0,
            currency: "USD".to_owned(),
        }
    }
}

/// Prices of one beat by licence.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Prices {
    /// Price of the basic licence.
    pub basic: Money,
    /// Price of the premium licence.
    pub premium: Money,
    /// Price of the unlimited licence.
    pub unlimited: Money,
}

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
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Beat {
    /// Identity, as the store gives it.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Who made it.
    pub artist: String,
    /// Style, one or two words.
    #[serde(default)]
    pub genre: String,
    /// Tempo, in beats a minute.
    #[serde(default)]
    pub bpm: u32,
    /// Musical key, such as `A minor`.
    #[serde(default)]
    pub key: String,
    /// Length, in milliseconds.
    #[serde(default)]
    pub duration_ms: u64,
    /// Price of the basic licence.
    pub price: Money,
    /// Prices of all licences.
    #[serde(default)]
    pub prices: Prices,
    /// How often it was played.
    #[serde(default)]
    pub plays: u64,
}

/// A beat that a person marked.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Favorite {
    /// The beat's id; a person has at most one favorite of a beat.
    pub beat_id: String,
    /// The beat, with price and plays as of the read.
    pub beat: Beat,
    /// When it was marked.
    pub added_at: Timestamp,
}

/// What a buyer may do with a beat.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
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
    #[serde(other)]
    Unknown,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
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
    /// The charge was refused.
    PaymentFailed,
    /// A word that this build does not know.
    #[serde(other)]
    Unknown,
}

/// One position of an order, with the price as it was charged.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
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

/// An order. Its id is made by the client, its number by the server.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Order {
    /// UUID made by the client that placed it.
    pub id: String,
    /// Human-readable number; empty until the server has given one.
    #[serde(default)]
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

/// File format of a download.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
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
    #[serde(other)]
    Unknown,
}

/// Where a download stands.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
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
    #[serde(other)]
    Unknown,
}

/// A file that a person asked for. Its id is made by the client.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
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
    #[serde(default)]
    pub progress: u8,
    /// Size of the file, in bytes, once known.
    #[serde(default)]
    pub size_bytes: Option<u64>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the file is deleted, once it is ready.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Where the file can be fetched, once it is ready.
    #[serde(default)]
    pub url: Option<String>,
}

/// What an activity row tells.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
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
    /// The person signed in.
    SignedIn,
    /// A word that this build does not know.
    #[default]
    #[serde(other)]
    Unknown,
}

/// One row of what happened.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Activity {
    /// Identity. A row that a mutation made is `<mutation id>:<kind>`, so that the optimistic row is the same row.
    pub id: String,
    /// What happened.
    pub kind: ActivityKind,
    /// When.
    pub at: Timestamp,
    /// The mutation that made it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mutation_id: Option<String>,
    /// The beat it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beat_id: Option<String>,
    /// A name to show: the beat's title or the order's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The order it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The download it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download_id: Option<String>,
}

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
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Quota {
    /// Asked for this month and not failed or cancelled.
    pub used: u32,
    /// Allowed a month.
    pub limit: u32,
}

/// Counters of the current month (UTC).
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct StatsMonth {
    /// Orders paid or completed.
    pub orders: u32,
    /// Downloads asked for.
    pub downloads: u32,
    /// Sum of those orders.
    pub spent: Money,
}

/// Counters of one day (UTC).
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
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

/// The numbers at the top of the dashboard.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
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
    #[serde(default)]
    pub quota: Quota,
    /// The current month.
    #[serde(default)]
    pub this_month: StatsMonth,
    /// The last 30 days, oldest first.
    #[serde(default)]
    pub trend: Vec<TrendDay>,
}

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
