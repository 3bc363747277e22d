//! The statistics. They are computed from the counts of each day, which triggers of the database keep.

use std::{
    ops::RangeInclusive,
    sync::{Mutex, PoisonError},
};

use dashboard_model::{Money, Quota, Stats, StatsMonth, TrendDay};
use sqlx::{Row, SqliteConnection};

use super::deferred::Deferred;
use crate::{
    clock::{DAY_MS, day_of, month_start_ms},
    failure::Result,
    ids::UserId,
};

/// The number of days in the trend.
const TREND_DAYS: i64 = 30;

/// Computes the statistics of a user and returns them if they changed, with a deferred write.
///
/// # Errors
/// When the database fails.
pub async fn refresh(
    conn: &mut SqliteConnection,
    deferred: &mut Deferred,
    user_id: &UserId,
    now_ms: i64,
) -> Result<Option<Stats>> {
    let (stats, last) = compute(conn, user_id, now_ms).await?;
    let data = serde_json::to_string(&stats)?;
    if last.as_ref() == Some(&data) {
        return Ok(None);
    }
    deferred
        .push(
            "INSERT INTO stats (person_id, day, data) VALUES (?, ?, ?) \
             ON CONFLICT (person_id) DO UPDATE SET day = excluded.day, data = excluded.data",
        )
        .bind(user_id.as_str())?
        .bind(day_of(now_ms))?
        .bind(data)?;
    Ok(Some(stats))
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

/// The counts of a day: favorites, orders, spent, downloads, quota.
type Day = (i64, u32, u32, i64, u32, u32);

/// Computes the statistics, and returns them with the last ones as they are stored.
async fn compute(
    conn: &mut SqliteConnection,
    user_id: &UserId,
    now_ms: i64,
) -> Result<(Stats, Option<String>)> {
    let today = now_ms.div_euclid(DAY_MS);
    let first = today - (TREND_DAYS - 1);
    let month = month_start_ms(now_ms).div_euclid(DAY_MS);
    // One row, because each row costs more than its values.
    let all = sqlx::query(
        "SELECT coalesce(sum(favorites), 0) AS favorites, coalesce(sum(orders), 0) AS orders, \
         coalesce(sum(spent), 0) AS spent, coalesce(sum(downloads), 0) AS downloads, \
         (SELECT currency FROM orders WHERE person_id = ?1 \
            ORDER BY created_ms DESC, version DESC, row DESC LIMIT 1) AS currency, \
         (SELECT download_limit FROM people WHERE id = ?1) AS quota_limit, \
         (SELECT data FROM stats WHERE person_id = ?1) AS last, \
         json_group_array(json_array(day, favorites, orders, spent, downloads, quota)) FILTER (WHERE day >= ?2) AS days \
         FROM stats_days WHERE person_id = ?1",
    )
    .bind(user_id.as_str())
    .bind(first.min(month))
    .fetch_one(conn)
    .await?;
    let mut days: Vec<Day> = serde_json::from_str(all.try_get("days")?)?;
    // Here, because SQLite would sort them in a table of its own.
    days.sort_unstable_by_key(|(day, ..)| *day);
    let currency: Option<String> = all.try_get("currency")?;
    let currency = currency.unwrap_or_else(|| Money::default().currency);
    let money = |amount: i64| Money {
        amount,
        currency: currency.clone(),
    };
    let of_month = || days.iter().filter(|(day, ..)| *day >= month);
    let stats = Stats {
        favorites: all.try_get("favorites")?,
        orders: all.try_get("orders")?,
        downloads: all.try_get("downloads")?,
        spent: money(all.try_get("spent")?),
        quota: Quota {
            used: of_month().map(|day| day.5).sum(),
            limit: all.try_get("quota_limit")?,
        },
        this_month: StatsMonth {
            orders: of_month().map(|day| day.2).sum(),
            downloads: of_month().map(|day| day.4).sum(),
            spent: money(of_month().map(|day| day.3).sum()),
        },
        trend: trend(&days, first..=today, &money),
    };
    Ok((stats, all.try_get("last")?))
}

fn trend(days: &[Day], shown: RangeInclusive<i64>, money: &impl Fn(i64) -> Money) -> Vec<TrendDay> {
    let names = names(&shown);
    let day = |(day, date): (i64, String)| {
        let found = days.binary_search_by_key(&day, |(day, ..)| *day);
        let counts = found.map(|index| days[index]).unwrap_or_default();
        let (_, favorites, orders, spent, downloads, _) = counts;
        TrendDay {
            date,
            favorites,
            orders,
            downloads,
            spent: money(spent),
        }
    };
    shown.zip(names).map(day).collect()
}

/// The names of days. They are kept, because they are the same for all users until midnight and cost more than the rest.
fn names(days: &RangeInclusive<i64>) -> Vec<String> {
    static LAST: Mutex<(i64, Vec<String>)> = Mutex::new((i64::MIN, Vec::new()));
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.0 != *days.end() {
        let names = days.clone().map(|day| day_of(day * DAY_MS));
        *last = (*days.end(), names.collect());
    }
    last.1.clone()
}

#[cfg(test)]
mod tests {
    use sqlx::Connection;

    use super::*;

    /// The counts by day, as the table has them and counted again.
    async fn counts(conn: &mut SqliteConnection) -> [Vec<Day>; 2] {
        let kept = "SELECT day, favorites, orders, spent, downloads, quota FROM stats_days \
            WHERE favorites + orders + downloads > 0 ORDER BY day";
        let counted = "SELECT day, sum(f), sum(o), sum(s), sum(d), sum(q) FROM (\
            SELECT added_ms / 86400000 AS day, 1 AS f, 0 AS o, 0 AS s, 0 AS d, 0 AS q FROM favorites \
            UNION ALL SELECT paid_ms / 86400000, 0, 1, total, 0, 0 FROM orders WHERE paid_ms IS NOT NULL \
            UNION ALL SELECT created_ms / 86400000, 0, 0, 0, 1, status NOT IN ('failed', 'cancelled') FROM downloads) \
            GROUP BY day ORDER BY day";
        let mut both = [Vec::new(), Vec::new()];
        for (days, query) in both.iter_mut().zip([kept, counted]) {
            let rows = sqlx::query_as(query).fetch_all(&mut *conn).await;
            *days = rows.expect("counts");
        }
        both
    }

    #[tokio::test]
    async fn the_counts_of_a_day_are_those_of_its_rows_before_and_after_the_migration() {
        let mut conn = SqliteConnection::connect(":memory:").await.expect("open");
        let insert = "
            INSERT INTO favorites (person_id, beat_id, added_ms, version) VALUES ('p', 'b', @, 1), ('p', 'c', @ + 1, 1);
            INSERT INTO orders (person_id, id, number, status, total, currency, created_ms, updated_ms, paid_ms, version)
            VALUES ('p', 'o' || @, '', 'paid', 5, 'USD', @, @, @, 1),
                ('p', 'q' || @, '', 'pending', 7, 'USD', @, @, NULL, 1);
            INSERT INTO downloads (person_id, id, beat_id, title, format, status, progress, created_ms, version)
            VALUES ('p', 'd' || @, 'b', '', 'mp3', 'ready', 0, @, 1), ('p', 'e' || @, 'b', '', 'mp3', 'queued', 0, @, 1);";
        let steps = [
            "PRAGMA foreign_keys = OFF".to_owned(),
            include_str!("../../migrations/0001_ground.sql").to_owned(),
            insert.replace('@', "86400001"),
            include_str!("../../migrations/0003_stats_days.sql").to_owned(),
            "DELETE FROM favorites WHERE beat_id = 'b'".to_owned(),
            "DELETE FROM favorites".to_owned(),
            insert.replace('@', "172800002"),
            "UPDATE orders SET status = 'paid', paid_ms = 172800003 WHERE id LIKE 'q%'".to_owned(),
            "UPDATE orders SET status = 'refunded', paid_ms = NULL WHERE id LIKE 'o%'".to_owned(),
            "UPDATE downloads SET status = 'preparing' WHERE status = 'queued'".to_owned(),
            "UPDATE downloads SET status = 'failed' WHERE id LIKE 'e%'".to_owned(),
            "UPDATE downloads SET status = 'cancelled' WHERE status = 'failed'".to_owned(),
        ];
        for (index, step) in steps.into_iter().enumerate() {
            sqlx::raw_sql(sqlx::AssertSqlSafe(step.clone()))
                .execute(&mut conn)
                .await
                .expect("a step");
            if index >= 3 {
                let [kept, counted] = counts(&mut conn).await;
                assert_eq!(kept, counted, "after {step}");
            }
        }
    }
}
