//! Orders: placed at the price that the person saw, moved on step by step, taken back before they are paid.

use dashboard_protocol::{
    ActivityKind, Change, License, Money, Order, OrderLine, OrderStatus, Page, ProblemCode,
    Resource, Timestamp, WishLine, limits,
};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    beats,
    cursor::{Cursor, Window},
    draft::{Draft, Note},
    words::{column, value, word},
};
use crate::failure::Failure;

/// Numbers begin here, so that they are of one length for long.
const FIRST_NUMBER: i64 = 100_000;

/// An order that is wished for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Its id, made by the client.
    pub id: &'a str,
    /// What to buy.
    pub lines: &'a [WishLine],
    /// What the person saw as the sum.
    pub expected_total: &'a Money,
}

/// Places an order. It moves on by itself after `step_ms`, unless that is `None`.
///
/// # Errors
/// `invalid`, `not_found`, `already_owned` or `price_changed`, as the protocol says.
pub async fn place(
    draft: &mut Draft<'_>,
    mutation: Option<&str>,
    wanted: Wanted<'_>,
    step_ms: Option<i64>,
) -> Result<Resource, Failure> {
    let lines = priced(draft, &wanted).await?;
    let total = sum(&lines)?;
    if total != *wanted.expected_total {
        return Err(Failure::price_changed(total));
    }
    let order = Order {
        id: wanted.id.to_owned(),
        number: String::new(),
        status: OrderStatus::Pending,
        lines,
        total,
        created_at: Timestamp::from_unix_ms(draft.now_ms),
        updated_at: Timestamp::from_unix_ms(draft.now_ms),
    };
    let next_step_ms = step_ms.map(|step_ms| draft.now_ms + step_ms);
    create(draft, mutation, order, next_step_ms).await?;
    Ok(Resource::Orders)
}

/// Writes a new order whose rules have been checked, and notes it.
///
/// # Errors
/// When the database fails.
pub async fn create(
    draft: &mut Draft<'_>,
    mutation: Option<&str>,
    order: Order,
    next_step_ms: Option<i64>,
) -> Result<(), Failure> {
    let order = insert(draft, order, next_step_ms).await?;
    log(draft, ActivityKind::OrderCreated, mutation, &order).await?;
    draft.change(Resource::Orders, Change::OrderCreated(Box::new(order)));
    Ok(())
}

/// Takes an order back; nothing changes if it is taken back already.
///
/// # Errors
/// `not_found`, or `not_cancellable` once it is paid.
pub async fn cancel(
    draft: &mut Draft<'_>,
    mutation: Option<&str>,
    id: &str,
) -> Result<Resource, Failure> {
    let Some(order) = find(draft.conn, &draft.person_id, id).await? else {
        return Err(Failure::because(ProblemCode::NotFound, "no such order"));
    };
    match order.status {
        OrderStatus::Cancelled => {}
        OrderStatus::Pending | OrderStatus::Processing => {
            let change = StatusChange {
                status: OrderStatus::Cancelled,
                next_step_ms: None,
            };
            set_status(draft, mutation, order, change).await?;
        }
        OrderStatus::Paid
        | OrderStatus::Completed
        | OrderStatus::Refunded
        | OrderStatus::PaymentFailed
        | OrderStatus::Unknown => return Err(ProblemCode::NotCancellable.into()),
    }
    Ok(Resource::Orders)
}

/// Where an order is to stand.
#[derive(Clone, Copy, Debug)]
pub struct StatusChange {
    /// The new status.
    pub status: OrderStatus,
    /// When it moves on by itself after that.
    pub next_step_ms: Option<i64>,
}

/// Moves an order on and notes it.
///
/// # Errors
/// When the database fails.
pub async fn set_status(
    draft: &mut Draft<'_>,
    mutation: Option<&str>,
    mut order: Order,
    change: StatusChange,
) -> Result<(), Failure> {
    let counts = matches!(change.status, OrderStatus::Paid | OrderStatus::Completed);
    sqlx::query(
        "UPDATE orders SET status = ?, updated_ms = ?, next_step_ms = ?, \
         paid_ms = CASE WHEN ? THEN coalesce(paid_ms, ?) END WHERE person_id = ? AND id = ?",
    )
    .bind(word(&change.status))
    .bind(draft.now_ms)
    .bind(change.next_step_ms)
    .bind(counts)
    .bind(draft.now_ms)
    .bind(&draft.person_id)
    .bind(&order.id)
    .execute(&mut *draft.conn)
    .await?;
    order.status = change.status;
    order.updated_at = Timestamp::from_unix_ms(draft.now_ms);
    log(draft, ActivityKind::OrderUpdated, mutation, &order).await?;
    draft.change(Resource::Orders, Change::OrderUpdated(Box::new(order)));
    Ok(())
}

/// The lines with today's prices, after all rules have been checked.
async fn priced(draft: &mut Draft<'_>, wanted: &Wanted<'_>) -> Result<Vec<OrderLine>, Failure> {
    let invalid = |detail: &str| Failure::because(ProblemCode::Invalid, detail);
    if !(1..=limits::ORDER_LINES_MAX).contains(&wanted.lines.len()) {
        return Err(invalid("an order has 1 to 50 lines"));
    }
    if find(draft.conn, &draft.person_id, wanted.id)
        .await?
        .is_some()
    {
        return Err(invalid("the order's id is in use"));
    }
    let mut lines: Vec<OrderLine> = Vec::with_capacity(wanted.lines.len());
    for wish in wanted.lines {
        let same = |line: &OrderLine| line.beat_id == wish.beat_id && line.license == wish.license;
        if lines.iter().any(same) {
            return Err(invalid("a line stands twice"));
        }
        let Some(beat) = beats::find(draft.conn, &wish.beat_id).await? else {
            return Err(Failure::because(ProblemCode::NotFound, "no such beat"));
        };
        let Some(price) = beat.prices.of(wish.license) else {
            return Err(invalid("no such licence"));
        };
        if owns(draft.conn, &draft.person_id, wish).await? {
            return Err(Failure::because(ProblemCode::AlreadyOwned, beat.title));
        }
        lines.push(OrderLine {
            beat_id: wish.beat_id.clone(),
            license: wish.license,
            price: price.clone(),
            title: beat.title,
        });
    }
    Ok(lines)
}

fn sum(lines: &[OrderLine]) -> Result<Money, Failure> {
    let mut total = Money {
        amount: 0,
        currency: lines
            .first()
            .map_or_else(String::new, |line| line.price.currency.clone()),
    };
    for line in lines {
        if line.price.currency != total.currency {
            return Err(Failure::because(
                ProblemCode::Invalid,
                "the lines have different currencies",
            ));
        }
        total.amount = total.amount.saturating_add(line.price.amount);
    }
    Ok(total)
}

/// Whether the beat stands with this licence in an order that is not cancelled, refunded or failed.
async fn owns(
    conn: &mut SqliteConnection,
    person_id: &str,
    wish: &WishLine,
) -> Result<bool, Failure> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM order_lines JOIN orders ON orders.row = order_row \
         WHERE order_lines.person_id = ? AND beat_id = ? AND license = ? \
         AND status NOT IN ('cancelled', 'refunded', 'payment_failed'))",
    )
    .bind(person_id)
    .bind(&wish.beat_id)
    .bind(word(&wish.license))
    .fetch_one(conn)
    .await?)
}

/// Whether a paid or completed order holds the beat, with any licence.
///
/// # Errors
/// When the database fails.
pub async fn is_licensed(
    conn: &mut SqliteConnection,
    person_id: &str,
    beat_id: &str,
) -> Result<bool, Failure> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM order_lines JOIN orders ON orders.row = order_row \
         WHERE order_lines.person_id = ? AND beat_id = ? AND status IN ('paid', 'completed'))",
    )
    .bind(person_id)
    .bind(beat_id)
    .fetch_one(conn)
    .await?)
}

/// Writes an order that the draft makes, and gives it its number.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    draft: &mut Draft<'_>,
    mut order: Order,
    next_step_ms: Option<i64>,
) -> Result<Order, Failure> {
    let created_ms = order.created_at.to_unix_ms().unwrap_or(draft.now_ms);
    let updated_ms = order.updated_at.to_unix_ms().unwrap_or(draft.now_ms);
    let counts = matches!(order.status, OrderStatus::Paid | OrderStatus::Completed);
    let row = sqlx::query(
        "INSERT INTO orders (person_id, id, number, status, total, currency, created_ms, updated_ms, paid_ms, \
         next_step_ms, version) VALUES (?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&draft.person_id)
    .bind(&order.id)
    .bind(word(&order.status))
    .bind(order.total.amount)
    .bind(&order.total.currency)
    .bind(created_ms)
    .bind(updated_ms)
    .bind(counts.then_some(updated_ms))
    .bind(next_step_ms)
    .bind(column(draft.version))
    .execute(&mut *draft.conn)
    .await?
    .last_insert_rowid();
    order.number = format!("BL-{}", FIRST_NUMBER + row);
    sqlx::query("UPDATE orders SET number = ? WHERE row = ?")
        .bind(&order.number)
        .bind(row)
        .execute(&mut *draft.conn)
        .await?;
    for (position, line) in (0_i64..).zip(&order.lines) {
        sqlx::query(
            "INSERT INTO order_lines (order_row, position, person_id, beat_id, title, license, price) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(row)
        .bind(position)
        .bind(&draft.person_id)
        .bind(&line.beat_id)
        .bind(&line.title)
        .bind(word(&line.license))
        .bind(line.price.amount)
        .execute(&mut *draft.conn)
        .await?;
    }
    Ok(order)
}

async fn log(
    draft: &mut Draft<'_>,
    kind: ActivityKind,
    mutation: Option<&str>,
    order: &Order,
) -> Result<(), Failure> {
    let note = Note {
        order_id: Some(order.id.clone()),
        title: Some(order.number.clone()),
        ..Note::of(kind, mutation)
    };
    draft.log(note).await
}

/// One order of a person.
///
/// # Errors
/// When the database fails.
pub async fn find(
    conn: &mut SqliteConnection,
    person_id: &str,
    id: &str,
) -> Result<Option<Order>, Failure> {
    let row = sqlx::query("SELECT * FROM orders WHERE person_id = ? AND id = ?")
        .bind(person_id)
        .bind(id)
        .fetch_optional(&mut *conn)
        .await?;
    match row {
        Some(row) => Ok(Some(order(conn, &row).await?)),
        None => Ok(None),
    }
}

/// A page of a person's orders, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &mut SqliteConnection,
    person_id: &str,
    window: Window,
) -> Result<Page<Order>, Failure> {
    let rows = sqlx::query(
        "SELECT * FROM orders WHERE person_id = ? AND (created_ms, version, row) < (?, ?, ?) \
         ORDER BY created_ms DESC, version DESC, row DESC LIMIT ?",
    )
    .bind(person_id)
    .bind(window.after.at_ms)
    .bind(window.after.version)
    .bind(window.after.row)
    .bind(window.fetch())
    .fetch_all(&mut *conn)
    .await?;
    let mut read = Vec::with_capacity(rows.len());
    for row in &rows {
        let cursor = Cursor {
            at_ms: row.try_get("created_ms")?,
            version: row.try_get("version")?,
            row: row.try_get("row")?,
        };
        read.push((order(conn, row).await?, cursor));
    }
    Ok(window.page(read))
}

async fn order(conn: &mut SqliteConnection, row: &SqliteRow) -> Result<Order, Failure> {
    let currency: String = row.try_get("currency")?;
    let lines = sqlx::query("SELECT * FROM order_lines WHERE order_row = ? ORDER BY position")
        .bind(row.try_get::<i64, _>("row")?)
        .fetch_all(conn)
        .await?;
    let lines = lines.iter().map(|line| {
        Ok::<_, sqlx::Error>(OrderLine {
            beat_id: line.try_get("beat_id")?,
            title: line.try_get("title")?,
            license: value::<License>(line.try_get("license")?),
            price: Money {
                amount: line.try_get("price")?,
                currency: currency.clone(),
            },
        })
    });
    Ok(Order {
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
