//! Generates a plausible year of history for an account. It writes rows only and no events, so that nothing is
//! published.

use dashboard_model::{
    Activity, ActivityKind, Beat, Download, DownloadFormat, DownloadStatus, License, Order,
    OrderLine, OrderStatus, Resource,
};
use sqlx::SqliteConnection;
use sync_protocol::Timestamp;

use super::{catalog, rng::Rng};
use crate::{
    audio::{MP3_BITRATE, samples_of, wav},
    clock::DAY_MS,
    db::{activity, commit_builder::CommitBuilder, downloads, favorites, orders, stats, users},
    failure::Result,
    ids::UserId,
};

const DAYS: i64 = 365;
const HOUR_MS: i64 = DAY_MS / 24;

/// How often a user does something, in percent of the days. A download follows an order.
const FAVORITE_DAYS: u64 = 24;
const ORDER_DAYS: u64 = 15;
const DOWNLOAD_DAYS: u64 = 60;
const SIGN_IN_DAYS: u64 = 30;

/// The number of last days on which everything happens twice as often, so that the current month has some numbers.
const BUSY_DAYS: i64 = 45;

struct History<'c> {
    builder: CommitBuilder<'c>,
    rng: Rng,
    beats: Vec<Beat>,
    owned: Vec<usize>,
}

/// Writes the history up to `now_ms`, as one commit with version 1.
///
/// # Errors
/// When the database fails.
pub async fn write(
    conn: &mut SqliteConnection,
    epoch: &str,
    user_id: &UserId,
    seed: u64,
    now_ms: i64,
) -> Result<()> {
    let builder = CommitBuilder::begin(conn, epoch, user_id, now_ms).await?;
    let mut history = History {
        builder,
        rng: Rng::new(seed),
        beats: catalog::all(),
        owned: Vec::new(),
    };
    for day in (1..=DAYS).rev() {
        let morning = now_ms - day * DAY_MS;
        let frequency = if day <= BUSY_DAYS { 2 } else { 1 };
        history.write_day(morning, frequency).await?;
    }
    let CommitBuilder {
        conn,
        user_id,
        mut deferred,
        ..
    } = history.builder;
    stats::refresh(conn, &mut deferred, &user_id, now_ms).await?;
    users::set_version(&mut deferred, &user_id, &Resource::ALL, 1)?;
    deferred.run(conn).await
}

impl History<'_> {
    async fn write_day(&mut self, morning: i64, frequency: u64) -> Result<()> {
        let mut at = morning + self.rng.between(0, 6 * HOUR_MS);
        if self.rng.chance(SIGN_IN_DAYS * frequency) {
            let signed_in = Activity {
                kind: ActivityKind::SignedIn,
                ..Activity::default()
            };
            self.log(at, signed_in).await?;
        }
        at += self.rng.between(HOUR_MS / 60, 2 * HOUR_MS);
        if self.rng.chance(FAVORITE_DAYS * frequency) {
            self.add_favorite(at).await?;
        }
        at += self.rng.between(HOUR_MS / 60, 2 * HOUR_MS);
        if self.rng.chance(ORDER_DAYS * frequency) {
            self.order(at).await?;
            at += self.rng.between(HOUR_MS / 30, HOUR_MS);
            if self.rng.chance(DOWNLOAD_DAYS) {
                self.download(at).await?;
            }
        }
        Ok(())
    }

    async fn add_favorite(&mut self, at: i64) -> Result<()> {
        let index = self.any_beat();
        let beat = self.beats[index].clone();
        if favorites::insert(&mut self.builder, &beat.id, at)
            .await?
            .is_some()
        {
            let added = favorites::activity(ActivityKind::FavoriteAdded, beat);
            self.log(at, added).await?;
        }
        Ok(())
    }

    async fn order(&mut self, at: i64) -> Result<()> {
        let lines = self.lines();
        if lines.is_empty() {
            return Ok(());
        }
        let total = orders::sum(&lines)?;
        let status = match self.rng.below(20) {
            0 => OrderStatus::Cancelled,
            1 => OrderStatus::Refunded,
            2 => OrderStatus::PaymentFailed,
            _ => OrderStatus::Completed,
        };
        let order = Order {
            id: self.id(),
            status,
            lines,
            total,
            created_at: Timestamp::from_unix_ms(at),
            updated_at: Timestamp::from_unix_ms(at + 90_000),
            ..Order::default()
        };
        let order = orders::insert(&mut self.builder, order, None).await?;
        if status == OrderStatus::Completed {
            let bought = |index: &usize| {
                let of_beat = |line: &OrderLine| line.beat_id == self.beats[*index].id;
                order.lines.iter().any(of_beat)
            };
            let bought: Vec<usize> = (0..self.beats.len()).filter(bought).collect();
            self.owned.extend(bought);
        }
        for (kind, later) in [
            (ActivityKind::OrderCreated, 0),
            (ActivityKind::OrderUpdated, 90_000),
        ] {
            let logged = orders::activity(kind, &order);
            self.log(at + later, logged).await?;
        }
        Ok(())
    }

    fn lines(&mut self) -> Vec<OrderLine> {
        let mut lines: Vec<OrderLine> = Vec::new();
        for _ in 0..self.rng.between(1, 3) {
            let index = self.any_beat();
            let license = *self.rng.pick(&[
                License::Basic,
                License::Basic,
                License::Basic,
                License::Premium,
                License::Unlimited,
            ]);
            let beat = &self.beats[index];
            let known = lines.iter().any(|line| line.beat_id == beat.id);
            if !known && !self.owned.contains(&index) {
                lines.extend(OrderLine::of(beat, license));
            }
        }
        lines
    }

    async fn download(&mut self, at: i64) -> Result<()> {
        if self.owned.is_empty() {
            return Ok(());
        }
        let index = *self.rng.pick(&self.owned);
        let beat = self.beats[index].clone();
        let format = *self.rng.pick(&[
            DownloadFormat::Mp3,
            DownloadFormat::Mp3,
            DownloadFormat::Wav,
        ]);
        let mut download = Download {
            id: self.id(),
            beat_id: beat.id.clone(),
            title: beat.title.clone(),
            format,
            status: DownloadStatus::Failed,
            created_at: Timestamp::from_unix_ms(at),
            ..Download::default()
        };
        let done = if self.rng.chance(6) {
            ActivityKind::DownloadFailed
        } else {
            let size = match format {
                DownloadFormat::Wav => wav::HEADER_BYTES + samples_of(&beat) * 2,
                _ => beat.duration_ms * u64::from(MP3_BITRATE) / 8,
            };
            downloads::make_ready(&mut download, size, at + 1000);
            ActivityKind::DownloadCompleted
        };
        downloads::insert(&mut self.builder, &download).await?;
        for (kind, later) in [(ActivityKind::DownloadRequested, 0), (done, 1000)] {
            let logged = downloads::activity(kind, &download);
            self.log(at + later, logged).await?;
        }
        Ok(())
    }

    async fn log(&mut self, at: i64, activity: Activity) -> Result<()> {
        let id = self.id();
        let activity = Activity { id, ..activity };
        activity::insert(&mut self.builder, &activity, at).await
    }

    fn any_beat(&mut self) -> usize {
        let below = self.beats.len() as u64;
        usize::try_from(self.rng.below(below)).unwrap_or_default()
    }

    /// An id in the form of a UUID, from the deterministic generator.
    fn id(&mut self) -> String {
        let (high, low) = (self.rng.next_u64(), self.rng.next_u64());
        uuid::Builder::from_random_bytes((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
            .into_uuid()
            .to_string()
    }
}
