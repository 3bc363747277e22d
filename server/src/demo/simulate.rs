//! Back-office life on demand: what the store's staff, another device or the market would do, as real commits with
//! real events.

use std::{sync::Arc, time::Duration};

use dashboard_protocol::{
    ActivityKind, Beat, BeatChange, Channel, Download, DownloadFormat, DownloadStatus, License,
    CatalogUpdate, Money, Order, OrderLine, OrderStatus, ProblemCode, Timestamp,
    demo::{SimulatedKind, Simulation},
};
use sqlx::SqliteConnection;
use tokio::time::{Instant, sleep_until};

use crate::{
    app::App,
    clock::now_ms,
    db::{
        beats, downloads,
        commit_builder::{CommitBuilder, Note},
        favorites, orders, outbox,
        column_codec::column,
    },
    failure::Failure,
    random,
};

/// Most acts of one simulation.
const COUNT_MAX: u32 = 100_000;

/// Most acts a second.
const RATE_MAX: u32 = 2_000;

/// Beats whose files the store gives away: few, so that their files are made once and then shared.
const SAMPLERS: u64 = 8;

/// How often a simulation acts. The acts of one turn share a transaction, each being a commit of its own.
const TURN: Duration = Duration::from_millis(20);

/// Begins a simulation and returns at once.
///
/// # Errors
/// `bad_request` if it would be too much.
pub fn start(app: &Arc<App>, user_id: &str, wanted: Simulation) -> Result<(), Failure> {
    let count = 1..=COUNT_MAX;
    let rate = 1..=RATE_MAX;
    if !count.contains(&wanted.count) || !rate.contains(&wanted.rate_per_s) {
        return Err(Failure::because(
            ProblemCode::BadRequest,
            format!("count must be 1 to {COUNT_MAX} and rate_per_s 1 to {RATE_MAX}"),
        ));
    }
    let life = Life {
        app: Arc::clone(app),
        user_id: user_id.to_owned(),
        what: wanted.what,
    };
    let shutdown = app.shutdown.clone();
    app.tasks.spawn(async move {
        tokio::select! {
            () = shutdown.cancelled() => {}
            result = life.run(wanted) => {
                if let Err(failure) = result {
                    tracing::error!(%failure, "a simulation failed");
                }
            }
        }
    });
    Ok(())
}

struct Life {
    app: Arc<App>,
    user_id: String,
    what: SimulatedKind,
}

impl Life {
    async fn run(self, wanted: Simulation) -> Result<(), Failure> {
        let begun = Instant::now();
        let mut done: u32 = 0;
        while done < wanted.count {
            let due = f64::from(wanted.rate_per_s) * begun.elapsed().as_secs_f64() + 1.0;
            // The first acts at once; a turn that comes late makes up for it.
            let turn = (1..=wanted.count - done)
                .take_while(|next| f64::from(done + next) <= due)
                .last()
                .unwrap_or_default();
            if turn > 0 {
                self.act(turn).await?;
                done += turn;
            }
            sleep_until(Instant::now() + TURN).await;
        }
        Ok(())
    }

    async fn act(&self, times: u32) -> Result<(), Failure> {
        let mut tx = self.app.db.begin_write().await?;
        for _ in 0..times {
            self.act_once(&mut tx).await?;
        }
        tx.commit().await?;
        self.app.publisher.wake();
        self.app.orders_due.ring();
        self.app.downloads_due.ring();
        Ok(())
    }

    async fn act_once(&self, conn: &mut SqliteConnection) -> Result<(), Failure> {
        if self.what == SimulatedKind::CatalogUpdates {
            return trade(conn).await;
        }
        let mut builder = CommitBuilder::begin(conn, &self.app.epoch, &self.user_id, now_ms()).await?;
        match self.what {
            SimulatedKind::Activity => builder.log(Note::of(ActivityKind::SignedIn, None)).await?,
            SimulatedKind::Favorites => toggle_any(&mut builder).await?,
            SimulatedKind::Orders => self.sell(&mut builder).await?,
            SimulatedKind::Downloads => grant(&mut builder).await?,
            SimulatedKind::CatalogUpdates => {}
        }
        builder.finish().await?;
        Ok(())
    }

    /// An order placed by the store's staff. It moves on like any other; one of ten is rejected by the bank.
    async fn sell(&self, builder: &mut CommitBuilder<'_>) -> Result<(), Failure> {
        let Some(beat) = any_beat(builder.conn).await? else {
            return Ok(());
        };
        let step_ms = i64::try_from(self.app.config.order_step.as_millis()).unwrap_or(i64::MAX);
        let rejected = random::below(10) == 0;
        let now = Timestamp::from_unix_ms(builder.now_ms);
        let order = Order {
            id: random::id(),
            number: String::new(),
            status: if rejected {
                OrderStatus::PaymentFailed
            } else {
                OrderStatus::Pending
            },
            lines: vec![OrderLine {
                beat_id: beat.id,
                title: beat.title,
                license: License::Basic,
                price: beat.price.clone(),
            }],
            total: beat.price,
            created_at: now.clone(),
            updated_at: now,
        };
        let next_step_ms = (!rejected).then(|| builder.now_ms.saturating_add(step_ms));
        orders::create(builder, None, order, next_step_ms).await
    }
}

/// Marks any beat, or takes its mark back.
async fn toggle_any(builder: &mut CommitBuilder<'_>) -> Result<(), Failure> {
    let Some(beat) = any_beat(builder.conn).await? else {
        return Ok(());
    };
    let marked: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM favorites WHERE person_id = ? AND beat_id = ?)",
    )
    .bind(&builder.user_id)
    .bind(&beat.id)
    .fetch_one(&mut *builder.conn)
    .await?;
    favorites::set(builder, None, &beat.id, !marked).await?;
    Ok(())
}

/// A file that the store gives away; it is prepared like any other.
async fn grant(builder: &mut CommitBuilder<'_>) -> Result<(), Failure> {
    let Some(beat) = any_of(builder.conn, Some(SAMPLERS)).await? else {
        return Ok(());
    };
    let download = Download {
        id: random::id(),
        beat_id: beat.id,
        title: beat.title,
        format: DownloadFormat::Mp3,
        status: DownloadStatus::Queued,
        created_at: Timestamp::from_unix_ms(builder.now_ms),
        ..Download::default()
    };
    downloads::create(builder, None, download).await
}

/// Plays a beat some times; one of five times its prices change too, by up to a tenth.
async fn trade(conn: &mut SqliteConnection) -> Result<(), Failure> {
    let Some(mut beat) = any_beat(conn).await? else {
        return Ok(());
    };
    beat.plays += 1 + random::below(20);
    let mut change = BeatChange {
        id: beat.id.clone(),
        plays: Some(beat.plays),
        ..BeatChange::default()
    };
    if random::below(5) == 0 {
        let percent = 90 + i64::try_from(random::below(21)).unwrap_or(10);
        for price in [
            &mut beat.prices.basic,
            &mut beat.prices.premium,
            &mut beat.prices.unlimited,
        ] {
            *price = moved(price, percent);
        }
        beat.price = beat.prices.basic.clone();
        change.price = Some(beat.price.clone());
        change.prices = Some(beat.prices.clone());
    }
    sqlx::query("UPDATE beats SET plays = ?, basic = ?, premium = ?, unlimited = ? WHERE id = ?")
        .bind(column(beat.plays))
        .bind(beat.prices.basic.amount)
        .bind(beat.prices.premium.amount)
        .bind(beat.prices.unlimited.amount)
        .bind(&beat.id)
        .execute(&mut *conn)
        .await?;
    let event = CatalogUpdate {
        changes: vec![change],
    };
    let data = serde_json::to_string(&event)?;
    outbox::insert(conn, &Channel::CatalogUpdates.to_string(), &data).await
}

/// A price after a change, kept between one and a thousand units so that a long simulation stays believable.
fn moved(price: &Money, percent: i64) -> Money {
    Money {
        amount: (price.amount * percent / 100).clamp(100, 100_000),
        currency: price.currency.clone(),
    }
}

async fn any_beat(conn: &mut SqliteConnection) -> Result<Option<Beat>, Failure> {
    any_of(conn, None).await
}

/// Any of the first `most` beats of the catalog, or of all.
async fn any_of(conn: &mut SqliteConnection, most: Option<u64>) -> Result<Option<Beat>, Failure> {
    let last: Option<i64> = sqlx::query_scalar("SELECT max(row) FROM beats")
        .fetch_one(&mut *conn)
        .await?;
    let below = u64::try_from(last.unwrap_or_default()).unwrap_or_default();
    let below = most.map_or(below, |most| most.min(below));
    let row = column(random::below(below)) + 1;
    let id: Option<String> =
        sqlx::query_scalar("SELECT id FROM beats WHERE row >= ? ORDER BY row LIMIT 1")
            .bind(row)
            .fetch_optional(&mut *conn)
            .await?;
    match id {
        Some(id) => beats::find(conn, &id).await,
        None => Ok(None),
    }
}
