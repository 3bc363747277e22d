//! The statistics. They are always computed from the rows, so that they cannot drift.

use std::collections::HashMap;

use dashboard_model::{Money, Quota, Stats, StatsMonth, TrendDay};
use sqlx::{Row, SqliteConnection};

use crate::{
    clock::{DAY_MS, day_of, month_start_ms},
    failure::Result,
    ids::UserId,
};

/// The number of days in the trend.
const TREND_DAYS: i64 = 30;

/// Updates the statistics of a user and returns them if they changed.
///
/// # Errors
/// When the database fails.
pub async fn refresh(
    conn: &mut SqliteConnection,
    user_id: &UserId,
    now_ms: i64,
) -> Result<Option<Stats>> {
    let stats = compute(conn, user_id, now_ms).await?;
    let data = serde_json::to_string(&stats)?;
    let done = sqlx::query(
        "INSERT INTO stats (person_id, day, data) VALUES (?1, ?2, ?3) \
         ON CONFLICT (person_id) DO UPDATE SET day = ?2, data = ?3 WHERE data <> ?3",
    )
    .bind(user_id.as_str())
    .bind(day_of(now_ms))
    .bind(data)
    .execute(conn)
    .await?;
    Ok((done.rows_affected() > 0).then_some(stats))
}

/// The statistics of the last commit.
///
/// # Errors
/// When the database fails.
pub async fn last(conn: &mut SqliteConnection, user_id: &UserId) -> Result<Stats> {
    let data: Option<String> = sqlx::query_scalar("SELECT data FROM stats WHERE person_id = ?")
        .bind(user_id.as_str())
        .fetch_optional(conn)
        .await?;
    Ok(data
        .map(|data| serde_json::from_str(&data))
        .transpose()?
        .unwrap_or_default())
}

async fn compute(conn: &mut SqliteConnection, user_id: &UserId, now_ms: i64) -> Result<Stats> {
    let row = sqlx::query(
        "SELECT \
         (SELECT count(*) FROM favorites WHERE person_id = ?1) AS favorites, \
         (SELECT count(*) FROM orders WHERE person_id = ?1 AND paid_ms IS NOT NULL) AS orders, \
         (SELECT coalesce(sum(total), 0) FROM orders WHERE person_id = ?1 AND paid_ms IS NOT NULL) AS spent, \
         (SELECT count(*) FROM orders WHERE person_id = ?1 AND paid_ms >= ?2) AS month_orders, \
         (SELECT coalesce(sum(total), 0) FROM orders WHERE person_id = ?1 AND paid_ms >= ?2) AS month_spent, \
         (SELECT currency FROM orders WHERE person_id = ?1 ORDER BY row DESC LIMIT 1) AS currency, \
         (SELECT count(*) FROM downloads WHERE person_id = ?1) AS downloads, \
         (SELECT count(*) FROM downloads WHERE person_id = ?1 AND created_ms >= ?2) AS month_downloads, \
         (SELECT count(*) FROM downloads WHERE person_id = ?1 AND created_ms >= ?2 \
            AND status NOT IN ('failed', 'cancelled')) AS quota_used, \
         (SELECT download_limit FROM people WHERE id = ?1) AS quota_limit",
    )
    .bind(user_id.as_str())
    .bind(month_start_ms(now_ms))
    .fetch_one(&mut *conn)
    .await?;
    let currency: Option<String> = row.try_get("currency")?;
    let currency = currency.unwrap_or_else(|| Money::default().currency);
    let money = |amount: i64| Money {
        amount,
        currency: currency.clone(),
    };
    Ok(Stats {
        favorites: row.try_get("favorites")?,
        orders: row.try_get("orders")?,
        downloads: row.try_get("downloads")?,
        spent: money(row.try_get("spent")?),
        quota: Quota {
            used: row.try_get("quota_used")?,
            limit: row.try_get("quota_limit")?,
        },
        this_month: StatsMonth {
            orders: row.try_get("month_orders")?,
            downloads: row.try_get("month_downloads")?,
            spent: money(row.try_get("month_spent")?),
        },
        trend: trend(conn, user_id, now_ms, &currency).await?,
    })
}

async fn trend(
    conn: &mut SqliteConnection,
    user_id: &UserId,
    now_ms: i64,
    currency: &str,
) -> Result<Vec<TrendDay>> {
    let today = now_ms.div_euclid(DAY_MS);
    let first = today - (TREND_DAYS - 1);
    let found: Vec<(i64, u32, u32, u32, i64)> = sqlx::query_as(
        "SELECT day, sum(favorites), sum(orders), sum(downloads), sum(spent) FROM (\
         SELECT added_ms / 86400000 AS day, 1 AS favorites, 0 AS orders, 0 AS downloads, 0 AS spent \
         FROM favorites WHERE person_id = ?1 AND added_ms >= ?2 \
         UNION ALL SELECT paid_ms / 86400000, 0, 1, 0, total \
         FROM orders WHERE person_id = ?1 AND paid_ms >= ?2 \
         UNION ALL SELECT created_ms / 86400000, 0, 0, 1, 0 \
         FROM downloads WHERE person_id = ?1 AND created_ms >= ?2) GROUP BY day",
    )
    .bind(user_id.as_str())
    .bind(first * DAY_MS)
    .fetch_all(conn)
    .await?;
    let days: HashMap<_, _> = found.into_iter().map(|row| (row.0, row)).collect();
    let day = |day: i64| {
        let (_, favorites, orders, downloads, amount) = days.get(&day).copied().unwrap_or_default();
        TrendDay {
            date: day_of(day * DAY_MS),
            favorites,
            orders,
            downloads,
            spent: Money {
                amount,
                currency: currency.to_owned(),
            },
        }
    };
    Ok((first..=today).map(day).collect())
}
