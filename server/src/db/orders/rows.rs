//! The tables of orders and their lines.

use dashboard_model::{Money, Order, OrderLine, OrderLineInput, OrderStatus};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use sync_protocol::Timestamp;

use crate::{
    db::{
        column_codec::{column, value, word},
        commit_builder::CommitBuilder,
        cursor::ListRow,
    },
    failure::Result,
    ids::UserId,
};

/// The first order number. It is large, so that numbers keep one length for a long time.
const FIRST_NUMBER: i64 = 100_000;

/// Whether the user has ordered the beat with this license, and the order is not cancelled, refunded or failed.
///
/// # Errors
/// When the database fails.
pub(super) async fn owns(
    conn: &mut SqliteConnection,
    user_id: &UserId,
    line: &OrderLineInput,
) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM order_lines JOIN orders ON orders.row = order_row \
         WHERE order_lines.person_id = ? AND beat_id = ? AND license = ? \
         AND status NOT IN ('cancelled', 'refunded', 'payment_failed'))",
    )
    .bind(user_id.as_str())
    .bind(&line.beat_id)
    .bind(word(&line.license))
    .fetch_one(conn)
    .await?)
}

/// Whether the user has paid for the beat, with any license.
///
/// # Errors
/// When the database fails.
pub async fn is_licensed(
    conn: &mut SqliteConnection,
    user_id: &UserId,
    beat_id: &str,
) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM order_lines JOIN orders ON orders.row = order_row \
         WHERE order_lines.person_id = ? AND beat_id = ? AND status IN ('paid', 'completed'))",
    )
    .bind(user_id.as_str())
    .bind(beat_id)
    .fetch_one(conn)
    .await?)
}

/// Writes a new order and returns it with its number.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    builder: &mut CommitBuilder<'_>,
    mut order: Order,
    next_step_ms: Option<i64>,
) -> Result<Order> {
    let created_ms = order.created_at.to_unix_ms().unwrap_or(builder.now_ms);
    let updated_ms = order.updated_at.to_unix_ms().unwrap_or(builder.now_ms);
    let counts = matches!(order.status, OrderStatus::Paid | OrderStatus::Completed);
    let row = sqlx::query(
        "INSERT INTO orders (person_id, id, number, status, total, currency, created_ms, updated_ms, paid_ms, \
         next_step_ms, version) VALUES (?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(builder.user_id.as_str())
    .bind(&order.id)
    .bind(word(&order.status))
    .bind(order.total.amount)
    .bind(&order.total.currency)
    .bind(created_ms)
    .bind(updated_ms)
    .bind(counts.then_some(updated_ms))
    .bind(next_step_ms)
    .bind(column(builder.version))
    .execute(&mut *builder.conn)
    .await?
    .last_insert_rowid();
    order.number = format!("BL-{}", FIRST_NUMBER + row);
    sqlx::query("UPDATE orders SET number = ? WHERE row = ?")
        .bind(&order.number)
        .bind(row)
        .execute(&mut *builder.conn)
        .await?;
    for (position, line) in (0_i64..).zip(&order.lines) {
        sqlx::query(
            "INSERT INTO order_lines (order_row, position, person_id, beat_id, title, license, price) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(row)
        .bind(position)
        .bind(builder.user_id.as_str())
        .bind(&line.beat_id)
        .bind(&line.title)
        .bind(word(&line.license))
        .bind(line.price.amount)
        .execute(&mut *builder.conn)
        .await?;
    }
    Ok(order)
}

/// Finds an order of a user.
///
/// # Errors
/// When the database fails.
pub async fn find(
    conn: &mut SqliteConnection,
    user_id: &UserId,
    id: &str,
) -> Result<Option<Order>> {
    let row = sqlx::query("SELECT * FROM orders WHERE person_id = ? AND id = ?")
        .bind(user_id.as_str())
        .bind(id)
        .fetch_optional(&mut *conn)
        .await?;
    match row {
        Some(row) => Ok(Some(Order::read(conn, &row).await?)),
        None => Ok(None),
    }
}

impl ListRow for Order {
    const PAGE: &'static str = "SELECT created_ms, version, row, * FROM orders \
        WHERE person_id = ? AND (created_ms, version, row) < (?, ?, ?) \
        ORDER BY created_ms DESC, version DESC, row DESC LIMIT ?";

    async fn read(conn: &mut SqliteConnection, row: &SqliteRow) -> Result<Self> {
        let currency: String = row.try_get("currency")?;
        let lines = sqlx::query("SELECT * FROM order_lines WHERE order_row = ? ORDER BY position")
            .bind(row.try_get::<i64, _>("row")?)
            .fetch_all(conn)
            .await?;
        let lines = lines.iter().map(|line| {
            Ok::<_, sqlx::Error>(OrderLine {
                beat_id: line.try_get("beat_id")?,
                title: line.try_get("title")?,
                license: value(line.try_get("license")?),
                price: Money {
                    amount: line.try_get("price")?,
                    currency: currency.clone(),
                },
            })
        });
        Ok(Self {
            id: row.try_get("id")?,
            number: row.try_get("number")?,
            status: value(row.try_get("status")?),
            lines: lines.collect::<Result<_, _>>()?,
            total: Money {
                amount: row.try_get("total")?,
                currency,
            },
            created_at: Timestamp::from_unix_ms(row.try_get("created_ms")?),
            updated_at: Timestamp::from_unix_ms(row.try_get("updated_ms")?),
        })
    }
}
