//! The user's orders.

use dashboard_model::Order;
use dashboard_model::OrderStatus;
use dashboard_model::Orders;
use dashboard_model::views::OrdersView;
use sync_engine::view::RowView;
use yew::prelude::*;

use super::query_body::{foot, query_body, use_recovery};
use super::title::use_title;
use crate::components::{
    Ago, Button, DataAge, EmptyState, Icon, ListFoot, OrderRow, OrderTable, Panel, Tone,
    action_message,
};
use crate::format;
use crate::hooks::{UseOptimisticOrderHandle, use_collection, use_optimistic_order};
use crate::text::{self, EmptyList};

/// Placeholder rows for the table during its first fetch.
const SKELETON_ROWS: u8 = 10;

/// Shows the orders, newest first.
#[component]
pub(super) fn OrdersPage() -> Html {
    use_title(text::ORDERS);
    let query = use_collection::<Orders>();
    let on_recover = use_recovery();
    let orders = use_optimistic_order();
    let on_more = {
        let query = query.clone();
        Callback::from(move |()| query.load_older())
    };
    html! {
        <>
            <div class="page-head"><h1>{ text::ORDERS }</h1><DataAge /></div>
            <Panel id="orders" title={text::ORDERS} compact=true>
                { query_body(&query, text::ORDERS, SKELETON_ROWS, &on_recover, |list| table(list, &orders, on_more)) }
            </Panel>
        </>
    }
}

fn table(list: &OrdersView, orders: &UseOptimisticOrderHandle, on_more: Callback<()>) -> Html {
    if list.rows.is_empty() {
        let (title, hint) = text::empty(EmptyList::Orders);
        return html! { <EmptyState icon={Icon::Bag} {title} {hint} /> };
    }
    let foot = foot(list.has_older, list.loading_older);
    html! {
        <>
            <OrderTable>{ for list.rows.iter().map(|line| row(line, orders)) }</OrderTable>
            if foot != ListFoot::End {
                <div class="panel-foot">
                    <Button
                        label={if foot == ListFoot::Loading { text::LOADING } else { text::SHOW_OLDER }}
                        disabled={foot == ListFoot::Loading}
                        on_press={on_more}
                    />
                </div>
            }
        </>
    }
}

fn row(row: &RowView<Order>, orders: &UseOptimisticOrderHandle) -> Html {
    let order = &row.item;
    let number = if order.number.is_empty() {
        AttrValue::Static(text::NEW_ORDER)
    } else {
        order.number.clone().into()
    };
    let titles: Vec<&str> = order.lines.iter().map(|line| line.title.as_str()).collect();
    html! {
        <OrderRow
            key={order.id.clone()}
            id={order.id.clone()}
            {number}
            lines={titles.join(", ")}
            placed={html! { <Ago at={order.created_at.clone()} /> }}
            status={status_word(order.status)}
            status_label={text::order_status(order.status)}
            tone={tone(order.status)}
            total={format::money(&order.total)}
            pending={row.is_pending()}
            message={action_message(orders.updates(), orders.failure_of(&order.id), orders.pending_of(&order.id))}
            actions={cancel(order, orders)}
        />
    }
}

/// The button that cancels an order, as long as that is possible and the order has a number for the button's name.
fn cancel(order: &Order, orders: &UseOptimisticOrderHandle) -> Html {
    let is_early = matches!(order.status, OrderStatus::Pending | OrderStatus::Processing);
    if !is_early || order.number.is_empty() {
        return Html::default();
    }
    let (orders, id) = (orders.clone(), order.id.clone());
    html! {
        <Button
            label={text::CANCEL}
            name={text::cancel_order_name(&order.number)}
            on_press={Callback::from(move |()| orders.cancel(&id))}
        />
    }
}

const fn status_word(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Pending => "pending",
        OrderStatus::Processing => "processing",
        OrderStatus::Paid => "paid",
        OrderStatus::Completed => "completed",
        OrderStatus::Cancelled => "cancelled",
        OrderStatus::Refunded => "refunded",
        OrderStatus::PaymentFailed => "payment_failed",
        OrderStatus::Unknown => "unknown",
    }
}

const fn tone(status: OrderStatus) -> Tone {
    match status {
        OrderStatus::Pending | OrderStatus::Processing => Tone::Info,
        OrderStatus::Paid | OrderStatus::Completed => Tone::Good,
        OrderStatus::Cancelled | OrderStatus::Refunded | OrderStatus::Unknown => Tone::Neutral,
        OrderStatus::PaymentFailed => Tone::Bad,
    }
}
