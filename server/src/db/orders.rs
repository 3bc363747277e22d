//! Orders. An order is placed at the price that the user saw, advances step by step, and can be cancelled until it is
//! paid.

use dashboard_model::{
    Activity, ActivityKind, Change, Money, Order, OrderLine, OrderLineInput, OrderStatus,
    PlaceOrder, limits::ORDER_LINES_MAX, orders::TOTAL,
};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use sync_protocol::{ProblemCode, Timestamp};

use super::{
    beats,
    column_codec::{column, value, word},
    commit_builder::CommitBuilder,
    cursor::{self, ListRow},
};
use crate::{
    failure::{Failure, Result, problem},
    ids::UserId,
};

/// The first order number. It is large, so that numbers keep one length for a long time.
const FIRST_NUMBER: i64 = 100_000;

/// Places an order. It advances by itself after `step_ms`, if that is stated.
///
/// # Errors
/// `invalid`, `not_found`, `already_owned` or `price_changed`.
pub async fn place(
    builder: &mut CommitBuilder<'_>,
    input: PlaceOrder,
    step_ms: Option<i64>,
) -> Result<()> {
    let lines = priced(builder, &input).await?;
    let total = sum(&lines)?;
    if total != input.expected_total {
        let problem = problem(ProblemCode::PriceChanged).with(TOTAL, &total);
        return Err(Failure::Rejected(Box::new(problem)));
    }
    let order = Order {
        id: input.order_id,
        number: String::new(),
        status: OrderStatus::Pending,
        lines,
        total,
        created_at: Timestamp::from_unix_ms(builder.now_ms),
        updated_at: Timestamp::from_unix_ms(builder.now_ms),
    };
    let next_step_ms = step_ms.map(|step_ms| builder.now_ms.saturating_add(step_ms));
    create(builder, order, next_step_ms).await
}

/// Writes a new order and records the change. The caller has checked the rules.
///
/// # Errors
/// When the database fails.
pub async fn create(
    builder: &mut CommitBuilder<'_>,
    order: Order,
    next_step_ms: Option<i64>,
) -> Result<()> {
    let order = insert(builder, order, next_step_ms).await?;
    let created = activity(ActivityKind::OrderCreated, &order);
    builder.log(created).await?;
    builder.change(Change::order_created(order));
    Ok(())
}

/// Cancels an order that is not paid. Changes nothing if it is already cancelled.
///
/// # Errors
/// `not_found`, or `not_cancellable` if it is paid.
pub async fn cancel(builder: &mut CommitBuilder<'_>, id: &str) -> Result<()> {
    let Some(order) = find(builder.conn, &builder.user_id, id).await? else {
        return Err(Failure::not_found("this order does not exist"));
    };
    if order.status == OrderStatus::Cancelled {
        return Ok(());
    }
    if !order.status.is_cancellable() {
        return Err(ProblemCode::NotCancellable.into());
    }
    set_status(builder, order, OrderStatus::Cancelled, None).await
}

/// Changes the status of an order and records the change. `next_step_ms` is the time of its next step, if there is one.
///
/// # Errors
/// When the database fails.
pub async fn set_status(
    builder: &mut CommitBuilder<'_>,
    mut order: Order,
    status: OrderStatus,
    next_step_ms: Option<i64>,
) -> Result<()> {
    let counts = matches!(status, OrderStatus::Paid | OrderStatus::Completed);
    sqlx::query(
        "UPDATE orders SET status = ?, updated_ms = ?, next_step_ms = ?, \
         paid_ms = CASE WHEN ? THEN coalesce(paid_ms, ?) END WHERE person_id = ? AND id = ?",
    )
    .bind(word(&status))
    .bind(builder.now_ms)
    .bind(next_step_ms)
    .bind(counts)
    .bind(builder.now_ms)
    .bind(builder.user_id.as_str())
    .bind(&order.id)
    .execute(&mut *builder.conn)
    .await?;
    order.status = status;
    order.updated_at = Timestamp::from_unix_ms(builder.now_ms);
    let updated = activity(ActivityKind::OrderUpdated, &order);
    builder.log(updated).await?;
    builder.change(Change::order_updated(order));
    Ok(())
}

/// Moves the order with a number to a status, in a commit of its own. Changes nothing if it has the status already.
///
/// # Errors
/// `not_found`, or `invalid` if an order of its status cannot get the other.
pub async fn transition(
    conn: &mut SqliteConnection,
    epoch: &str,
    number: &str,
    to: OrderStatus,
    now_ms: i64,
) -> Result<()> {
    let found: Option<(String, String)> =
        sqlx::query_as("SELECT person_id, id FROM orders WHERE row = ? AND number = ?")
            .bind(row_of(number))
            .bind(number)
            .fetch_optional(&mut *conn)
            .await?;
    let unknown = || Failure::not_found("this order does not exist");
    let (user_id, id) = found.ok_or_else(unknown)?;
    let user_id = UserId::from(user_id);
    let mut builder = CommitBuilder::begin(conn, epoch, &user_id, now_ms).await?;
    let order = find(builder.conn, &user_id, &id).await?;
    let order = order.ok_or_else(unknown)?;
    if order.status == to {
        return Ok(());
    }
    if !can_become(order.status, to) {
        let (from, to) = (word(&order.status), word(&to));
        return Err(Failure::invalid(format!(
            "an order that is {from} cannot become {to}"
        )));
    }
    set_status(&mut builder, order, to, None).await?;
    builder.finish().await?;
    Ok(())
}

/// Whether the order with a number got a status by a transition before. Forgets those that fell out of the activity.
///
/// # Errors
/// When the database fails.
pub async fn had_status(
    conn: &mut SqliteConnection,
    number: &str,
    status: OrderStatus,
) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM activity JOIN orders \
         ON orders.person_id = activity.person_id AND orders.id = order_id \
         WHERE orders.row = ? AND orders.number = ? AND order_status = ?)",
    )
    .bind(row_of(number))
    .bind(number)
    .bind(word(&status))
    .fetch_one(conn)
    .await?)
}

/// The row of the order with a number, if it is one.
fn row_of(number: &str) -> Option<i64> {
    let row: i64 = number.strip_prefix("BL-")?.parse().ok()?;
    row.checked_sub(FIRST_NUMBER)
}

/// Whether a payment provider or an operator may move an order from one status to the other.
const fn can_become(from: OrderStatus, to: OrderStatus) -> bool {
    use OrderStatus::{Cancelled, Completed, Paid, PaymentFailed, Pending, Processing, Refunded};
    matches!(
        (from, to),
        (Pending, Processing)
            | (Pending | Processing, Paid | PaymentFailed | Cancelled)
            | (Paid, Completed)
            | (Paid | Completed, Refunded)
    )
}

/// Checks the rules and returns the lines with their current prices.
async fn priced(builder: &mut CommitBuilder<'_>, input: &PlaceOrder) -> Result<Vec<OrderLine>> {
    if !(1..=ORDER_LINES_MAX).contains(&input.lines.len()) {
        return Err(Failure::invalid("an order must have 1 to 50 lines"));
    }
    let known = find(builder.conn, &builder.user_id, &input.order_id).await?;
    if known.is_some() {
        return Err(Failure::invalid("this order id is already in use"));
    }
    let mut lines: Vec<OrderLine> = Vec::with_capacity(input.lines.len());
    for line in &input.lines {
        let same =
            |other: &OrderLine| other.beat_id == line.beat_id && other.license == line.license;
        if lines.iter().any(same) {
            return Err(Failure::invalid("an order must not repeat a line"));
        }
        let beat = beats::get(builder.conn, &line.beat_id).await?;
        let Some(priced) = OrderLine::of(&beat, line.license) else {
            return Err(Failure::invalid("unknown license"));
        };
        if owns(builder, line).await? {
            return Err(Failure::because(ProblemCode::AlreadyOwned, beat.title));
        }
        lines.push(priced);
    }
    Ok(lines)
}

/// The total of some lines.
///
/// # Errors
/// `invalid` if they have several currencies.
pub fn sum(lines: &[OrderLine]) -> Result<Money> {
    let mut prices = lines.iter().map(|line| &line.price);
    let mut total = prices.next().cloned().unwrap_or_default();
    for price in prices {
        if price.currency != total.currency {
            return Err(Failure::invalid("all lines must have the same currency"));
        }
        total.amount = total.amount.saturating_add(price.amount);
    }
    Ok(total)
}

/// The activity row of an order.
#[must_use]
pub fn activity(kind: ActivityKind, order: &Order) -> Activity {
    Activity {
        kind,
        order_id: Some(order.id.clone()),
        order_status: (kind == ActivityKind::OrderUpdated).then_some(order.status),
        title: Some(order.number.clone()),
        ..Activity::default()
    }
}

/// Whether the user has ordered the beat with this license, and the order is not cancelled, refunded or failed.
async fn owns(builder: &mut CommitBuilder<'_>, line: &OrderLineInput) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM order_lines JOIN orders ON orders.row = order_row \
         WHERE order_lines.person_id = ? AND beat_id = ? AND license = ? \
         AND status NOT IN ('cancelled', 'refunded', 'payment_failed'))",
    )
    .bind(builder.user_id.as_str())
    .bind(&line.beat_id)
    .bind(word(&line.license))
    .fetch_one(&mut *builder.conn)
    .await?)
}

/// Whether the user has paid for the beat, with any license.
///
/// # Errors
/// When the database fails.
pub async fn is_licensed(builder: &mut CommitBuilder<'_>, beat_id: &str) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM order_lines JOIN orders ON orders.row = order_row \
         WHERE order_lines.person_id = ? AND beat_id = ? AND status IN ('paid', 'completed'))",
    )
    .bind(builder.user_id.as_str())
    .bind(beat_id)
    .fetch_one(&mut *builder.conn)
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
    let query = "SELECT * FROM orders WHERE person_id = ? AND id = ?";
    cursor::find(conn, query, user_id, id).await
}

/// Finds an order of a user whose next step is due.
///
/// # Errors
/// When the database fails.
pub async fn find_due(
    conn: &mut SqliteConnection,
    user_id: &UserId,
    id: &str,
    now_ms: i64,
) -> Result<Option<Order>> {
    let due: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM orders WHERE person_id = ? AND id = ? AND next_step_ms <= ?)",
    )
    .bind(user_id.as_str())
    .bind(id)
    .bind(now_ms)
    .fetch_one(&mut *conn)
    .await?;
    if due {
        find(conn, user_id, id).await
    } else {
        Ok(None)
    }
}

impl ListRow for Order {
    const PAGE: &'static str = "SELECT created_ms, version, row, * FROM orders \
        WHERE person_id = ? AND (created_ms, version, row) < (?, ?, ?) \
        ORDER BY created_ms DESC, version DESC, row DESC LIMIT +?";

    async fn read(conn: &mut SqliteConnection, row: &SqliteRow) -> Result<Self> {
        let currency: String = row.try_get("currency")?;
        let lines: Vec<(String, String, String, i64)> = sqlx::query_as(
            "SELECT beat_id, title, license, price FROM order_lines WHERE order_row = ? ORDER BY position",
        )
        .bind(row.try_get::<i64, _>("row")?)
        .fetch_all(conn)
        .await?;
        let line = |(beat_id, title, license, amount)| OrderLine {
            beat_id,
            title,
            license: value(license),
            price: Money {
                amount,
                currency: currency.clone(),
            },
        };
        Ok(Self {
            id: row.try_get("id")?,
            number: row.try_get("number")?,
            status: value(row.try_get("status")?),
            lines: lines.into_iter().map(line).collect(),
            total: Money {
                amount: row.try_get("total")?,
                currency,
            },
            created_at: Timestamp::from_unix_ms(row.try_get("created_ms")?),
            updated_at: Timestamp::from_unix_ms(row.try_get("updated_ms")?),
        })
    }
}
