//! The simulator. It makes the changes that the store's staff, another device or the catalog would make, as real
//! commits with real events.

use std::{sync::Arc, time::Duration};

use dashboard_model::{
    Beat, BeatUpdate, Download, DownloadStatus, License, Order, OrderLine, OrderStatus,
    catalog::{CATALOG_CHANNEL, CatalogEvent},
    demo::{SimulatedKind, Simulation},
};
use sqlx::SqliteConnection;
use sync_protocol::Timestamp;
use tokio::time::{Instant, sleep_until};

use crate::{
    app::App,
    audio,
    clock::now_ms,
    db::{
        beats,
        column_codec::{column, count},
        commit_builder::CommitBuilder,
        downloads, favorites, orders, outbox,
    },
    failure::{Failure, Result},
    ids::UserId,
    random, work,
};

/// The maximum number of actions of a simulation.
const COUNT_MAX: u32 = 100_000;

/// The maximum number of actions per second.
const RATE_MAX: u32 = 2_000;

/// The number of beats whose files the store gives away. There are few, so that downloads share their files.
const FREE_BEATS: u64 = 8;

/// The interval between two batches of actions. The actions of a batch share a transaction; each is a commit of its
/// own.
const BATCH_INTERVAL: Duration = Duration::from_millis(20);

/// Starts a simulation in the background.
///
/// # Errors
/// `bad_request` if the count or the rate is out of range.
pub fn start(app: &Arc<App>, user_id: &UserId, simulation: Simulation) -> Result<()> {
    let count = 1..=COUNT_MAX;
    let rate = 1..=RATE_MAX;
    if !count.contains(&simulation.count) || !rate.contains(&simulation.rate_per_s) {
        return Err(Failure::bad_request(format!(
            "count must be 1 to {COUNT_MAX} and rate_per_s 1 to {RATE_MAX}"
        )));
    }
    let simulator = Simulator {
        app: Arc::clone(app),
        user_id: user_id.clone(),
        simulation,
    };
    work::spawn(app, async move {
        if let Err(failure) = simulator.run().await {
            tracing::error!(%failure, "a simulation failed");
        }
    });
    Ok(())
}

#[derive(Clone)]
struct Simulator {
    app: Arc<App>,
    user_id: UserId,
    simulation: Simulation,
}

impl Simulator {
    async fn run(self) -> Result<()> {
        let count = self.simulation.count;
        let rate = f64::from(self.simulation.rate_per_s);
        let started = Instant::now();
        let mut done: u32 = 0;
        while done < count {
            // The first action is due at once. A late batch catches up.
            let due = rate * started.elapsed().as_secs_f64() + 1.0;
            let batch = (1..=count - done)
                .take_while(|next| f64::from(done + next) <= due)
                .last()
                .unwrap_or_default();
            if batch > 0 {
                self.run_batch(batch).await?;
                done += batch;
            }
            sleep_until(Instant::now() + BATCH_INTERVAL).await;
        }
        Ok(())
    }

    async fn run_batch(&self, actions: u32) -> Result<()> {
        let simulator = self.clone();
        self.app
            .db
            .write(move |conn| {
                Box::pin(async move {
                    for _ in 0..actions {
                        simulator.run_action(conn).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    async fn run_action(&self, conn: &mut SqliteConnection) -> Result<()> {
        let kind = self.simulation.what;
        if kind == SimulatedKind::Market {
            return update_catalog(conn).await;
        }
        let (epoch, user_id) = (&self.app.epoch, &self.user_id);
        let mut builder = CommitBuilder::begin(conn, epoch, user_id, now_ms()).await?;
        match kind {
            SimulatedKind::Activity => builder.log_sign_in().await?,
            SimulatedKind::Favorites => toggle_any(&mut builder).await?,
            SimulatedKind::Orders => self.place_order(&mut builder).await?,
            SimulatedKind::Downloads => give_download(&mut builder).await?,
            SimulatedKind::Market => {}
        }
        builder.finish().await?;
        Ok(())
    }

    /// Permits an order as the store's staff would. It advances like any other, but the bank declines one of ten.
    async fn place_order(&self, builder: &mut CommitBuilder<'_>) -> Result<()> {
        let Some(beat) = any_beat(builder.conn).await? else {
            return Ok(());
        };
        let declined = random::below(10) == 0;
        let now = Timestamp::from_unix_ms(builder.now_ms);
        let order = Order {
            id: random::id(),
            status: if declined {
                OrderStatus::PaymentFailed
            } else {
                OrderStatus::Pending
            },
            lines: OrderLine::of(&beat, License::Basic).into_iter().collect(),
            total: beat.price,
            created_at: now.clone(),
            updated_at: now,
            ..Order::default()
        };
        let step_ms = self.app.config.order_step_ms().filter(|_| !declined);
        let next_step_ms = step_ms.map(|step_ms| builder.now_ms.saturating_add(step_ms));
        orders::create(builder, order, next_step_ms).await
    }
}

/// Adds a random beat to the favorites, or removes it.
async fn toggle_any(builder: &mut CommitBuilder<'_>) -> Result<()> {
    let Some(beat) = any_beat(builder.conn).await? else {
        return Ok(());
    };
    let is_favorite: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM favorites WHERE person_id = ? AND beat_id = ?)",
    )
    .bind(builder.user_id.as_str())
    .bind(&beat.id)
    .fetch_one(&mut *builder.conn)
    .await?;
    favorites::set(builder, &beat.id, !is_favorite).await
}

/// Creates a download that the store gives away. A worker prepares it like any other.
async fn give_download(builder: &mut CommitBuilder<'_>) -> Result<()> {
    let Some(beat) = any_of(builder.conn, FREE_BEATS).await? else {
        return Ok(());
    };
    let download = Download {
        id: random::id(),
        beat_id: beat.id,
        title: beat.title,
        format: audio::SMALLEST,
        status: DownloadStatus::Queued,
        created_at: Timestamp::from_unix_ms(builder.now_ms),
        ..Download::default()
    };
    downloads::create(builder, download).await
}

/// Plays a random beat some times. One of five times, its prices change too, by up to a tenth.
async fn update_catalog(conn: &mut SqliteConnection) -> Result<()> {
    let Some(mut beat) = any_beat(conn).await? else {
        return Ok(());
    };
    beat.plays += 1 + random::below(20);
    let mut update = BeatUpdate {
        id: beat.id.clone(),
        plays: Some(beat.plays),
        ..BeatUpdate::default()
    };
    if random::below(5) == 0 {
        let percent = 90 + i64::try_from(random::below(21)).unwrap_or(10);
        for price in [
            &mut beat.prices.basic,
            &mut beat.prices.premium,
            &mut beat.prices.unlimited,
        ] {
            // Within one and a thousand units, so that a long simulation stays plausible.
            price.amount = (price.amount * percent / 100).clamp(100, 100_000);
        }
        beat.price = beat.prices.basic.clone();
        update.price = Some(beat.price.clone());
        update.prices = Some(beat.prices.clone());
    }
    beats::put(conn, &beat).await?;
    let event = CatalogEvent {
        changes: vec![update],
    };
    outbox::insert(conn, CATALOG_CHANNEL, &serde_json::to_string(&event)?).await
}

async fn any_beat(conn: &mut SqliteConnection) -> Result<Option<Beat>> {
    any_of(conn, u64::MAX).await
}

/// A random beat of the first `limit` beats of the catalog.
async fn any_of(conn: &mut SqliteConnection, limit: u64) -> Result<Option<Beat>> {
    let last: Option<i64> = sqlx::query_scalar("SELECT max(row) FROM beats")
        .fetch_one(&mut *conn)
        .await?;
    let below = count(last.unwrap_or_default()).min(limit);
    let row = column(random::below(below)) + 1;
    let found =
        sqlx::query("SELECT *, id AS beat_id FROM beats WHERE row >= ? ORDER BY row LIMIT 1")
            .bind(row)
            .fetch_optional(&mut *conn)
            .await?;
    Ok(found.as_ref().map(beats::beat).transpose()?)
}
