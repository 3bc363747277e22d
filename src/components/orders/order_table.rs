//! The table of orders.

use yew::prelude::*;

use crate::components::{Tone, money, status_chip};
use crate::text;

/// Properties of [`OrderTable`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct OrderTableProps {
    /// Rows: [`OrderRow`] elements with keys.
    pub children: Html,
}

/// Draws the orders as a table; on a phone each row becomes a card with the same labels. The roles are explicit,
/// because assistive technology ignores a table whose cells are displayed as blocks otherwise.
#[component]
pub fn OrderTable(props: &OrderTableProps) -> Html {
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
            <tbody role="rowgroup">{ props.children.clone() }</tbody>
        </table>
    }
}

/// Properties of [`OrderRow`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct OrderRowProps {
    /// The order's id.
    pub id: AttrValue,
    /// Its number, or a placeholder for an order without one.
    pub number: AttrValue,
    /// The titles of its lines: the second line.
    pub lines: AttrValue,
    /// When it was placed: see [`time_ago`](crate::components::time_ago).
    pub placed: Html,
    /// Its status on the wire.
    pub status: AttrValue,
    /// Its status as a label.
    pub status_label: AttrValue,
    /// The tone of the status.
    pub tone: Tone,
    /// The sum, as the user's locale writes it.
    pub total: AttrValue,
    /// Whether the row is not yet confirmed.
    #[prop_or_default]
    pub pending: bool,
    /// The outcome of the last action on this row.
    #[prop_or_default]
    pub message: Html,
    /// The actions on the order.
    #[prop_or_default]
    pub actions: Html,
}

/// Draws one order as a table row.
#[component]
pub fn OrderRow(props: &OrderRowProps) -> Html {
    html! {
        <tr
            class="order-table-row"
            role="row"
            data-id={props.id.clone()}
            data-status={props.status.clone()}
            data-pending={props.pending.then_some("true")}
        >
            <td class="order-table-cell order-table-what" role="cell">
                <p class="order-table-number tabular">{ &props.number }</p>
                <div class="order-table-second"><p>{ &props.lines }</p>{ props.message.clone() }</div>
            </td>
            <td class="order-table-cell order-table-placed" role="cell">
                <span class="order-table-field" aria-hidden="true">{ text::COLUMN_PLACED }</span>
                { props.placed.clone() }
            </td>
            <td class="order-table-cell order-table-state" role="cell">
                { status_chip(&props.status_label, props.tone) }
            </td>
            <td class="order-table-cell order-table-total" role="cell">{ money(&props.total) }</td>
            <td class="order-table-cell order-table-actions" role="cell">{ props.actions.clone() }</td>
        </tr>
    }
}
