//! The orders of a user.

use serde::{Deserialize, Serialize};
use sync_engine::scheduler::Priority;
use sync_engine::schema::{Collection, Mutation, MutationRef, MutationRole, Row, RowsMut};
use sync_engine::state::{OptimisticRows, Prediction, Reader};
use sync_protocol::{Problem, ProblemCode, Timestamp};

use crate::activity::{self, ActivityKind, ActivityLog};
use crate::{Activity, Beat, License, Money, Resource, SeenBeats, kind};

/// The extension member of a `price_changed` problem: the order's new total.
pub const TOTAL: &str = "total";

/// The status of an order.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Placed, not yet processed.
    #[default]
    Pending,
    /// Being charged.
    Processing,
    /// Charged.
    Paid,
    /// Charged and delivered.
    Completed,
    /// Cancelled before it was paid.
    Cancelled,
    /// Paid, then refunded.
    Refunded,
    /// The charge was declined.
    PaymentFailed,
    /// A status that this build does not know.
    #[serde(other)]
    Unknown,
}

impl OrderStatus {
    /// Whether the server lets an order of this status be cancelled.
    #[must_use]
    pub const fn is_cancellable(self) -> bool {
        matches!(self, Self::Pending | Self::Processing)
    }
}

/// One line of an order, with the price as it was charged.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct OrderLine {
    /// The beat that was bought.
    pub beat_id: String,
    /// Its title at that time.
    pub title: String,
    /// The license that was bought.
    pub license: License,
    /// Its price at that time.
    pub price: Money,
}

impl OrderLine {
    /// The line for a beat at its current price; `None` for a license that this build does not know.
    #[must_use]
    pub fn of(beat: &Beat, license: License) -> Option<Self> {
        Some(Self {
            beat_id: beat.id.clone(),
            title: beat.title.clone(),
            license,
            price: beat.prices.of(license)?.clone(),
        })
    }
}

/// An order. The client creates its id, the server its number.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Order {
    /// UUID created by the client.
    pub id: String,
    /// Human-readable number; empty until the server has assigned one.
    #[serde(default)]
    pub number: String,
    /// Its status.
    pub status: OrderStatus,
    /// The lines.
    pub lines: Vec<OrderLine>,
    /// Sum of the lines.
    pub total: Money,
    /// When it was placed.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Row for Order {
    fn id(&self) -> &str {
        &self.id
    }

    fn at(&self) -> &Timestamp {
        &self.created_at
    }
}

/// A change of the orders.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub enum OrderChange {
    /// An order was placed.
    #[serde(rename = "order_created")]
    Created(Box<Order>),
    /// An order's status changed.
    #[serde(rename = "order_updated")]
    Updated(Box<Order>),
}

impl OrderChange {
    /// Its type on the wire.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Created(_) => kind::ORDER_CREATED,
            Self::Updated(_) => kind::ORDER_UPDATED,
        }
    }
}

/// The orders, newest first.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Orders;

impl Collection for Orders {
    const NAME: &'static str = Resource::Orders.as_str();
    const PRIORITY: Priority = Priority::High;
    type Row = Order;
    type Change = OrderChange;

    fn apply(rows: &mut RowsMut<'_, Order>, change: &OrderChange) {
        match change {
            OrderChange::Created(order) | OrderChange::Updated(order) => {
                rows.put((**order).clone())
            }
        }
    }

    fn change_between(
        before: Option<&Order>,
        after: Option<&Order>,
    ) -> Option<(&'static str, OrderChange)> {
        let order = Box::new(after?.clone());
        let change = match before {
            None => OrderChange::Created(order),
            Some(_) => OrderChange::Updated(order),
        };
        Some((change.kind(), change))
    }

    fn priority(change: &OrderChange) -> Priority {
        match change {
            OrderChange::Updated(order) if order.status == OrderStatus::PaymentFailed => {
                Priority::Critical
            }
            OrderChange::Created(_) | OrderChange::Updated(_) => Self::PRIORITY,
        }
    }
}

/// One line of a requested order.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct OrderLineInput {
    /// The beat.
    pub beat_id: String,
    /// The license.
    pub license: License,
}

/// Place an order.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PlaceOrder {
    /// UUID created by the client.
    pub order_id: String,
    /// The requested lines.
    pub lines: Vec<OrderLineInput>,
    /// The total that the user saw.
    pub expected_total: Money,
}

/// Resources that an order affects: only paid ones count in the statistics.
const AFFECTS: &[&str] = &[Resource::Orders.as_str(), Resource::Activity.as_str()];

impl PlaceOrder {
    /// The predicted order, if every beat in it is known.
    fn order(&self, seen: &SeenBeats, at: &Timestamp) -> Option<Order> {
        let lines = self.lines.iter();
        let lines = lines.map(|line| OrderLine::of(seen.find(&line.beat_id)?, line.license));
        Some(Order {
            id: self.order_id.clone(),
            number: String::new(),
            status: OrderStatus::Pending,
            lines: lines.collect::<Option<_>>()?,
            total: self.expected_total.clone(),
            created_at: at.clone(),
            updated_at: at.clone(),
        })
    }
}

impl Mutation for PlaceOrder {
    const KIND: &'static str = "place_order";
    const AFFECTS: &'static [&'static str] = AFFECTS;
    const ROLE: MutationRole = MutationRole::Create;

    fn entity(&self) -> &str {
        &self.order_id
    }

    fn prepare(&self, rows: &mut OptimisticRows<'_>) {
        let seen: SeenBeats = rows.context().unwrap_or_default();
        if let Some(order) = self.order(&seen, rows.at()) {
            rows.add::<Orders>(order);
            rows.add::<ActivityLog>(Activity {
                order_id: Some(self.order_id.clone()),
                ..activity::optimistic(rows, ActivityKind::OrderCreated)
            });
        }
    }

    fn predict(&self, prediction: &mut Prediction<'_>) {
        if let Some(mut orders) = prediction.rows::<Orders>() {
            orders.create(&self.order_id);
        }
        activity::predict(prediction);
    }

    fn inverse(&self) -> Option<MutationRef> {
        let inverse = CancelOrder {
            order_id: self.order_id.clone(),
        };
        Some(MutationRef::new(inverse))
    }

    fn repeats(&self, earlier: &Self) -> bool {
        self.lines == earlier.lines
    }

    fn revised(&self, problem: &Problem) -> Option<Self> {
        let total = problem.extension(TOTAL)?;
        (problem.code == ProblemCode::PriceChanged).then(|| Self {
            expected_total: total,
            ..self.clone()
        })
    }

    fn subject(&self, reader: &Reader<'_>) -> Option<String> {
        let order = reader.prepared::<Orders>()?;
        order.lines.first().map(|line| line.title.clone())
    }
}

/// Cancel an order before it is paid.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CancelOrder {
    /// Which order.
    pub order_id: String,
}

impl Mutation for CancelOrder {
    const KIND: &'static str = "cancel_order";
    const AFFECTS: &'static [&'static str] = AFFECTS;
    const ROLE: MutationRole = MutationRole::End;

    fn entity(&self) -> &str {
        &self.order_id
    }

    fn prepare(&self, rows: &mut OptimisticRows<'_>) {
        if let Some(order) = rows.reader().find::<Orders>(&self.order_id) {
            rows.add::<ActivityLog>(Activity {
                order_id: Some(self.order_id.clone()),
                order_status: Some(OrderStatus::Cancelled),
                title: Some(order.number.clone()).filter(|number| !number.is_empty()),
                ..activity::optimistic(rows, ActivityKind::OrderUpdated)
            });
        }
    }

    fn predict(&self, prediction: &mut Prediction<'_>) {
        let at = prediction.at().clone();
        if let Some(mut orders) = prediction.rows::<Orders>()
            && let Some(order) = orders.get(&self.order_id)
        {
            if order.status.is_cancellable() {
                orders.replace(Order {
                    status: OrderStatus::Cancelled,
                    updated_at: at,
                    ..(*order).clone()
                });
            } else if order.status != OrderStatus::Cancelled {
                orders.conflict();
            }
        }
        activity::predict(prediction);
    }

    fn subject(&self, reader: &Reader<'_>) -> Option<String> {
        let order = reader.find::<Orders>(&self.order_id)?;
        Some(order.number.clone())
    }
}
