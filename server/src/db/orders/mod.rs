//! Orders: placed at the price that the user saw, moved on step by step, taken back before they are paid.

use dashboard_protocol::{
    ActivityKind, Change, Money, Order, OrderLine, OrderStatus, ProblemCode, Resource, Timestamp,
    OrderLineInput, limits,
};

use super::{
    beats,
    commit_builder::{CommitBuilder, Note},
    column_codec::word,
};
use crate::failure::Failure;

mod rows;

use rows::owns;
pub use rows::{find, insert, is_licensed, list};

/// An order that is wished for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Its id, made by the client.
    pub id: &'a str,
    /// What to buy.
    pub lines: &'a [OrderLineInput],
    /// What the user saw as the sum.
    pub expected_total: &'a Money,
}

/// Places an order. It moves on by itself after `step_ms`, unless that is `None`.
///
/// # Errors
/// `invalid`, `not_found`, `already_owned` or `price_changed`, as the protocol says.
pub async fn place(
    builder: &mut CommitBuilder<'_>,
    mutation: Option<&str>,
    wanted: Wanted<'_>,
    step_ms: Option<i64>,
) -> Result<Resource, Failure> {
    let lines = priced(builder, &wanted).await?;
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
        created_at: Timestamp::from_unix_ms(builder.now_ms),
        updated_at: Timestamp::from_unix_ms(builder.now_ms),
    };
    let next_step_ms = step_ms.map(|step_ms| builder.now_ms + step_ms);
    create(builder, mutation, order, next_step_ms).await?;
    Ok(Resource::Orders)
}

/// Writes a new order whose rules have been checked, and notes it.
///
/// # Errors
/// When the database fails.
pub async fn create(
    builder: &mut CommitBuilder<'_>,
    mutation: Option<&str>,
    order: Order,
    next_step_ms: Option<i64>,
) -> Result<(), Failure> {
    let order = insert(builder, order, next_step_ms).await?;
    log(builder, ActivityKind::OrderCreated, mutation, &order).await?;
    builder.change(Resource::Orders, Change::OrderCreated(Box::new(order)));
    Ok(())
}

/// Takes an order back; nothing changes if it is taken back already.
///
/// # Errors
/// `not_found`, or `not_cancellable` once it is paid.
pub async fn cancel(
    builder: &mut CommitBuilder<'_>,
    mutation: Option<&str>,
    id: &str,
) -> Result<Resource, Failure> {
    let Some(order) = find(builder.conn, &builder.user_id, id).await? else {
        return Err(Failure::because(
            ProblemCode::NotFound,
            "this order does not exist",
        ));
    };
    match order.status {
        OrderStatus::Cancelled => {}
        OrderStatus::Pending | OrderStatus::Processing => {
            let change = StatusChange {
                status: OrderStatus::Cancelled,
                next_step_ms: None,
            };
            set_status(builder, mutation, order, change).await?;
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
    builder: &mut CommitBuilder<'_>,
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
    .bind(builder.now_ms)
    .bind(change.next_step_ms)
    .bind(counts)
    .bind(builder.now_ms)
    .bind(&builder.user_id)
    .bind(&order.id)
    .execute(&mut *builder.conn)
    .await?;
    order.status = change.status;
    order.updated_at = Timestamp::from_unix_ms(builder.now_ms);
    log(builder, ActivityKind::OrderUpdated, mutation, &order).await?;
    builder.change(Resource::Orders, Change::OrderUpdated(Box::new(order)));
    Ok(())
}

/// The lines with today's prices, after all rules have been checked.
async fn priced(builder: &mut CommitBuilder<'_>, wanted: &Wanted<'_>) -> Result<Vec<OrderLine>, Failure> {
    let invalid = |detail: &str| Failure::because(ProblemCode::Invalid, detail);
    if !(1..=limits::ORDER_LINES_MAX).contains(&wanted.lines.len()) {
        return Err(invalid("an order must have 1 to 50 lines"));
    }
    if find(builder.conn, &builder.user_id, wanted.id)
        .await?
        .is_some()
    {
        return Err(invalid("this order id is already in use"));
    }
    let mut lines: Vec<OrderLine> = Vec::with_capacity(wanted.lines.len());
    for input in wanted.lines {
        let same = |line: &OrderLine| line.beat_id == input.beat_id && line.license == input.license;
        if lines.iter().any(same) {
            return Err(invalid("an order must not repeat a line"));
        }
        let Some(beat) = beats::find(builder.conn, &input.beat_id).await? else {
            return Err(Failure::because(
                ProblemCode::NotFound,
                "this beat is not in the store",
            ));
        };
        let Some(price) = beat.prices.of(input.license) else {
            return Err(invalid("unknown license"));
        };
        if owns(builder.conn, &builder.user_id, input).await? {
            return Err(Failure::because(ProblemCode::AlreadyOwned, beat.title));
        }
        lines.push(OrderLine {
            beat_id: input.beat_id.clone(),
            license: input.license,
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
                "all lines must have the same currency",
            ));
        }
        total.amount = total.amount.saturating_add(line.price.amount);
    }
    Ok(total)
}

async fn log(
    builder: &mut CommitBuilder<'_>,
    kind: ActivityKind,
    mutation: Option<&str>,
    order: &Order,
) -> Result<(), Failure> {
    let note = Note {
        order_id: Some(order.id.clone()),
        order_status: (kind == ActivityKind::OrderUpdated).then_some(order.status),
        title: Some(order.number.clone()),
        ..Note::of(kind, mutation)
    };
    builder.log(note).await
}
