//! Advances orders: pending, processing, paid, completed. The times of the steps are in the database, so that a
//! restart only delays a step. (In a real store, a payment provider would do this.)

use std::{sync::Arc, time::Duration};

use dashboard_model::OrderStatus;

use super::RETRY_DELAY;
use crate::{
    app::App,
    clock::now_ms,
    db::{column_codec::count, commit_builder::CommitBuilder, orders},
    failure::Result,
    ids::UserId,
};

/// The number of steps in one transaction.
const STEPS_MAX: i64 = 50;

/// Advances orders until the server stops.
pub async fn run(app: Arc<App>) {
    loop {
        let wait = match advance_due(&app).await {
            Ok(next_ms) => next_ms.map(|at| Duration::from_millis(count(at - now_ms()))),
            Err(failure) => {
                tracing::error!(%failure, "advancing the orders failed");
                Some(RETRY_DELAY)
            }
        };
        match wait {
            Some(wait) => tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = app.orders_due.notified() => {}
            },
            None => app.orders_due.notified().await,
        }
    }
}

/// Makes all steps that are due. Returns the time of the next one.
async fn advance_due(app: &App) -> Result<Option<i64>> {
    loop {
        let next_ms: Option<i64> = sqlx::query_scalar(
            "SELECT min(next_step_ms) FROM orders WHERE next_step_ms IS NOT NULL",
        )
        .fetch_one(app.db.read())
        .await?;
        match next_ms {
            Some(at) if at <= now_ms() => advance_some(app).await?,
            later => return Ok(later),
        }
    }
}

async fn advance_some(app: &App) -> Result<()> {
    let mut tx = app.db.begin_write().await?;
    let now_ms = now_ms();
    let due: Vec<(String, String)> = sqlx::query_as(
        "SELECT person_id, id FROM orders WHERE next_step_ms <= ? ORDER BY next_step_ms LIMIT ?",
    )
    .bind(now_ms)
    .bind(STEPS_MAX)
    .fetch_all(&mut *tx)
    .await?;
    for (user_id, id) in due {
        let user_id = UserId::from(user_id);
        let mut builder = CommitBuilder::begin(&mut tx, &app.epoch, &user_id, now_ms).await?;
        if let Some(order) = orders::find(builder.conn, &user_id, &id).await? {
            let next_step_ms = now_ms.saturating_add(app.config.order_step_ms());
            let (status, next_step_ms) = next(order.status, next_step_ms);
            orders::set_status(&mut builder, order, status, next_step_ms).await?;
        }
        builder.finish().await?;
    }
    tx.commit().await?;
    app.committed.notify_one();
    Ok(())
}

/// The next status of an order, with `next_step_ms` as the time of the step after it.
fn next(status: OrderStatus, next_step_ms: i64) -> (OrderStatus, Option<i64>) {
    match status {
        OrderStatus::Pending => (OrderStatus::Processing, Some(next_step_ms)),
        OrderStatus::Processing => (OrderStatus::Paid, Some(next_step_ms)),
        OrderStatus::Paid => (OrderStatus::Completed, None),
        last @ (OrderStatus::Completed
        | OrderStatus::Cancelled
        | OrderStatus::Refunded
        | OrderStatus::PaymentFailed
        | OrderStatus::Unknown) => (last, None),
    }
}
