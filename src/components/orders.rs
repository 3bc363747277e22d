//! The table of orders.

use dashboard_model::{Order, OrderStatus};
use sync_engine::view::RowView;
use yew::prelude::*;

use super::ui::{Tone, status_chip};
use crate::text;

/// Draws the orders as a table; on a phone each row becomes a card with the same labels. The roles are explicit,
/// because assistive technology ignores a table whose cells are displayed as blocks otherwise.
pub fn order_table(rows: Html) -> Html {
    html! {
        <table class="order-table" role="table" aria-label={text::ORDERS}>
            <thead role="rowgroup">
                <tr role="row">
                    <th class="order-table-head" role="columnheader" scope="col">{ text::COLUMN_ORDER }</th>
                    <th class="order-table-head order-table-placed" role="columnheader" scope="col">{ text::COLUMN_PLACED }</th>
                    <th class="order-table-head order-table-state" role="columnheader" scope="col">{ text::COLUMN_STATUS }</th>
                    <th class="order-table-head order-table-total" role="columnheader" scope="col">{ text::COLUMN_TOTAL }</th>
                    <th class="order-table-head order-table-actions" role="columnheader" scope="col">
                        <span class="visually-hidden">{ text::COLUMN_ACTIONS }</span>
                    </th>
                </tr>
            </thead>
            <tbody role="rowgroup">{ rows }</tbody>
        </table>
    }
}

/// Draws one order as a table row. Its age and its total come formatted, since that needs a browser.
pub fn order_row(
    row: &RowView<Order>,
    placed: Html,
    total: &AttrValue,
    message: Html,
    actions: Html,
) -> Html {
    let order = &row.item;
    let number = if order.number.is_empty() {
        text::NEW_ORDER
    } else {
        &order.number
    };
    let titles: Vec<&str> = order.lines.iter().map(|line| line.title.as_str()).collect();
    let (status, tone) = status_of(order.status);
    html! {
        <tr
            class="order-table-row"
            role="row"
            key={order.id.clone()}
            data-id={order.id.clone()}
            data-status={status}
            data-pending={row.is_pending().then_some("true")}
        >
            <td class="order-table-cell order-table-what" role="cell">
                <p class="order-table-number tabular">{ number }</p>
                <div class="order-table-second"><p>{ titles.join(", ") }</p>{ message }</div>
            </td>
            <td class="order-table-cell order-table-placed" role="cell" data-label={text::COLUMN_PLACED}>
                { placed }
            </td>
            <td class="order-table-cell order-table-state" role="cell">
                { status_chip(text::order_status(order.status), tone) }
            </td>
            <td class="order-table-cell order-table-total tabular" role="cell" data-money="true">
                { total }
            </td>
            <td class="order-table-cell order-table-actions" role="cell">{ actions }</td>
        </tr>
    }
}

/// A status on the wire, and its tone.
const fn status_of(status: OrderStatus) -> (&'static str, Tone) {
    match status {
        OrderStatus::Pending => ("pending", Tone::Info),
        OrderStatus::Processing => ("processing", Tone::Info),
        OrderStatus::Paid => ("paid", Tone::Good),
        OrderStatus::Completed => ("completed", Tone::Good),
        OrderStatus::Cancelled => ("cancelled", Tone::Neutral),
        OrderStatus::Refunded => ("refunded", Tone::Neutral),
        OrderStatus::PaymentFailed => ("payment_failed", Tone::Bad),
        OrderStatus::Unknown => ("unknown", Tone::Neutral),
    }
}
