//! Moves orders on: pending, processing, paid, completed. The moments stand in the database, so that a restart
//! delays a step but loses none. (A payment provider would drive this.)

use std::{sync::Arc, time::Duration};

use dashboard_protocol::OrderStatus;
use sqlx::Row;

use crate::{
    app::App,
    clock::now_ms,
    db::{
        commit_builder::CommitBuilder,
        orders::{self, StatusChange},
    },
    failure::Failure,
};

/// Steps made in one transaction.
const STEPS_AT_A_TIME: i64 = 50;

/// How long to wait after a failure of the database.
const REST: Duration = Duration::from_secs(1);

/// Works for ever.
pub async fn run(app: Arc<App>) {
    loop {
        let wait = match step_due(&app).await {
            Ok(next_ms) => next_ms.map(|at| {
                let ms = u64::try_from(at - now_ms()).unwrap_or_default();
                Duration::from_millis(ms)
            }),
            Err(failure) => {
                tracing::error!(%failure, "orders could not be moved on");
                Some(REST)
            }
        };
        match wait {
            Some(wait) => tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = app.orders_due.rung() => {}
            },
            None => app.orders_due.rung().await,
        }
    }
}

/// Makes all steps that are due and returns when the next one is.
async fn step_due(app: &App) -> Result<Option<i64>, Failure> {
    loop {
        let next_ms: Option<i64> = sqlx::query_scalar(
            "SELECT min(next_step_ms) FROM orders WHERE next_step_ms IS NOT NULL",
        )
        .fetch_one(app.db.read())
        .await?;
        match next_ms {
            Some(at) if at <= now_ms() => step_some(app).await?,
            later => return Ok(later),
        }
    }
}

async fn step_some(app: &App) -> Result<(), Failure> {
    let mut tx = app.db.begin_write().await?;
    let now_ms = now_ms();
    let due = sqlx::query(
        "SELECT person_id, id FROM orders WHERE next_step_ms <= ? ORDER BY next_step_ms LIMIT ?",
    )
    .bind(now_ms)
    .bind(STEPS_AT_A_TIME)
    .fetch_all(&mut *tx)
    .await?;
    for row in due {
        let user_id: String = row.try_get("person_id")?;
        let id: String = row.try_get("id")?;
        let mut builder = CommitBuilder::begin(&mut tx, &app.epoch, &user_id, now_ms).await?;
        if let Some(order) = orders::find(builder.conn, &user_id, &id).await? {
            let step_ms = i64::try_from(app.config.order_step.as_millis()).unwrap_or(i64::MAX);
            let change = next(order.status, now_ms.saturating_add(step_ms));
            orders::set_status(&mut builder, None, order, change).await?;
        }
        builder.finish().await?;
    }
    tx.commit().await?;
    app.publisher.wake();
    Ok(())
}

fn next(status: OrderStatus, then_ms: i64) -> StatusChange {
    let (status, next_step_ms) = match status {
        OrderStatus::Pending => (OrderStatus::Processing, Some(then_ms)),
        OrderStatus::Processing => (OrderStatus::Paid, Some(then_ms)),
        OrderStatus::Paid => (OrderStatus::Completed, None),
        last @ (OrderStatus::Completed
        | OrderStatus::Cancelled
        | OrderStatus::Refunded
        | OrderStatus::PaymentFailed
        | OrderStatus::Unknown) => (last, None),
    };
    StatusChange {
        status,
        next_step_ms,
    }
}
