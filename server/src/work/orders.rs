//! Advances the orders of the demonstration: pending, processing, paid, completed. The times of the steps are in the
//! database, so that a restart only delays a step. In a real store, a payment provider does this.

use std::{sync::Arc, time::Duration};

use dashboard_model::OrderStatus;
use futures_util::future::try_join_all;
use sqlx::SqliteConnection;

use super::{FAILED_DELAY, RETRY_DELAY, commit_or_interval};
use crate::{
    app::App,
    clock::now_ms,
    db::{
        column_codec::{column, count},
        commit_builder::CommitBuilder,
        orders,
    },
    failure::{Failure, Result},
    ids::UserId,
};

/// The number of steps at a time.
const STEPS_MAX: i64 = 50;

/// Advances orders until the server stops. Each step takes `step_ms`.
pub async fn run(app: Arc<App>, step_ms: i64) {
    let mut commits = app.db.commits();
    loop {
        match advance_due(&app, step_ms).await {
            Ok(Some(next_ms)) => tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(count(next_ms - now_ms()))) => {}
                () = commit_or_interval(&mut commits) => {}
            },
            Ok(None) => commit_or_interval(&mut commits).await,
            Err(failure) => {
                tracing::error!(%failure, "advancing the orders failed");
                tokio::time::sleep(RETRY_DELAY).await;
            }
        }
    }
}

/// Makes all steps that are due. Returns the time of the next one.
async fn advance_due(app: &Arc<App>, step_ms: i64) -> Result<Option<i64>> {
    loop {
        let due: Vec<(String, String)> = sqlx::query_as(
            "SELECT person_id, id FROM orders WHERE next_step_ms <= ? ORDER BY next_step_ms LIMIT +?",
        )
        .bind(now_ms())
        .bind(STEPS_MAX)
        .fetch_all(app.db.read())
        .await?;
        if due.is_empty() {
            let next = "SELECT min(next_step_ms) FROM orders WHERE next_step_ms IS NOT NULL";
            return Ok(sqlx::query_scalar(next).fetch_one(app.db.read()).await?);
        }
        try_join_all(
            due.into_iter()
                .map(|(user_id, id)| step(app, step_ms, user_id.into(), id)),
        )
        .await?;
    }
}

/// Makes a step of an order, or delays it if it fails for a reason of its own.
async fn step(app: &Arc<App>, step_ms: i64, user_id: UserId, id: String) -> Result<()> {
    let (writing, of_user, of_order) = (Arc::clone(app), user_id.clone(), id.clone());
    let result = app
        .db
        .write(move |conn| {
            Box::pin(
                async move { advance(conn, &writing.epoch, step_ms, &of_user, &of_order).await },
            )
        })
        .await;
    let cause = match result {
        Ok(()) => return Ok(()),
        // The database cannot write now: that is not the order's own reason.
        Err(failure @ Failure::Rejected(_)) => return Err(failure),
        Err(Failure::Broken(cause)) => cause,
    };
    tracing::error!(%cause, order = id, "an order cannot advance");
    let later_ms = now_ms().saturating_add(column(FAILED_DELAY.as_secs() * 1000));
    app.db
        .write(move |conn| {
            Box::pin(async move {
                sqlx::query("UPDATE orders SET next_step_ms = ? WHERE person_id = ? AND id = ?")
                    .bind(later_ms)
                    .bind(user_id.as_str())
                    .bind(&id)
                    .execute(conn)
                    .await?;
                Ok(())
            })
        })
        .await
}

async fn advance(
    conn: &mut SqliteConnection,
    epoch: &str,
    step_ms: i64,
    user_id: &UserId,
    id: &str,
) -> Result<()> {
    let now_ms = now_ms();
    let mut builder = CommitBuilder::begin(conn, epoch, user_id, now_ms).await?;
    // The step may have been cancelled since it was found.
    if let Some(order) = orders::find_due(builder.conn, user_id, id, now_ms).await? {
        let next_step_ms = now_ms.saturating_add(step_ms);
        let (status, next_step_ms) = next(order.status, next_step_ms);
        orders::set_status(&mut builder, order, status, next_step_ms).await?;
    }
    builder.finish().await?;
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
