//! The user's orders.

use std::rc::Rc;

use dashboard_model::{Order, OrderStatus, Orders};
use sync_engine::view::RowView;
use yew::prelude::*;

use super::list_page::{ids, use_list_page};
use super::query_body::foot;
use crate::components::{
    Ago, Button, Icon, action_message, empty_state, list_foot, order_row, order_table,
};
use crate::format;
use crate::hooks::{UseOptimisticOrderHandle, use_optimistic_order, use_slide};
use crate::text;

/// Placeholder rows for the table during its first fetch.
const SKELETON_ROWS: u8 = 10;

/// Shows the orders, newest first.
#[component]
pub(super) fn OrdersPage() -> Html {
    let list = use_list_page::<Orders>(text::ORDERS);
    let orders = use_optimistic_order();
    use_slide(
        "orders-panel",
        &list
            .query
            .data()
            .map_or_else(Rc::default, |list| ids(&list.rows)),
    );
    list.page("orders", text::ORDERS, SKELETON_ROWS, |view| {
        if view.rows.is_empty() {
            return empty_state(Icon::Bag, text::NO_ORDERS, Html::default());
        }
        let foot = foot(view.has_older, view.loading_older);
        html! {
            <>
                { order_table(view.rows.iter().map(|line| row(line, &orders)).collect()) }
                { list_foot(foot, text::SHOW_OLDER, &list.on_more) }
            </>
        }
    })
}

fn row(row: &RowView<Order>, orders: &UseOptimisticOrderHandle) -> Html {
    let order = &row.item;
    let placed = html! { <Ago at={order.created_at.clone()} /> };
    let message = action_message(
        orders.updates(),
        orders.failure_of(&order.id),
        orders.pending_of(&order.id),
    );
    let total = format::money(&order.total);
    order_row(row, placed, &total, message, cancel(order, orders))
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
