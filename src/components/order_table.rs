//! The orders.

use stylist::yew::use_style;
use yew::prelude::*;

use super::money::Money;
use super::sheet::sheet;
use super::status_chip::{StatusChip, Tone};
use crate::text;

/// Properties of [`OrderTable`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct OrderTableProps {
    /// Rows: [`OrderRow`] elements with keys.
    pub children: Html,
}

/// Draws the orders as a table; on a phone each row becomes a card with the same labels. The roles are written out,
/// because a table whose cells are laid out as blocks is no table to assistive technology otherwise.
#[component]
pub fn OrderTable(props: &OrderTableProps) -> Html {
    let style = use_style(sheet!(
        r#"
        inline-size: 100%;
        border-collapse: collapse;
        table-layout: fixed;
        text-align: start;

        th {
            padding: var(--s3) var(--s4);
            color: var(--ink-2);
            font-size: var(--t-sm);
            font-weight: 560;
            text-align: start;
            white-space: nowrap;
        }
        td { padding: var(--s2) var(--s4); block-size: var(--row); border-block-start: 1px solid var(--line); }
        .number { text-align: end; }
        td .field { display: none; }
        th.placed { inline-size: 13rem; }
        th.state { inline-size: 10.5rem; }
        th.number { inline-size: 8rem; }
        th.act { inline-size: 7rem; }
        .order { font-weight: 580; }
        .second { position: relative; color: var(--ink-2); font-size: var(--t-sm); }
        .act { text-align: end; }
        tr[data-pending="true"] { background: var(--surface-2); }
        @container panel (max-width: 42rem) { display: block; }
        thead {
            @container panel (max-width: 42rem) {
                position: absolute;
                inline-size: 1px;
                block-size: 1px;
                overflow: hidden;
                clip-path: inset(50%);
            }
        }
        tbody { @container panel (max-width: 42rem) { display: block; } }
        tr {
            @container panel (max-width: 42rem) {
                display: grid;
                grid-template-columns: 1fr auto;
                gap: 0 var(--s3);
                padding: var(--s3) var(--s4);
                border-block-start: 1px solid var(--line);
            }
        }
        td {
            @container panel (max-width: 42rem) {
                display: flex;
                align-items: center;
                gap: var(--s2);
                block-size: auto;
                padding: 0;
                border: 0;
            }
        }
        @container panel (max-width: 42rem) {
            td.what { display: block; grid-area: 1 / 1; min-inline-size: 0; }
            tr { position: relative; }
            .second { position: static; }
            .second [data-message] { inset-block-start: 2.25rem; inset-inline: 0.625rem; }
            td.state { grid-area: 1 / 2; align-self: start; justify-content: end; }
            td.number { grid-area: 3 / 1; font-weight: 580; }
            td.placed { grid-area: 2 / 1 / 3 / 3; font-size: var(--t-sm); }
            td.placed .field { display: inline; color: var(--ink-2); font-size: var(--t-sm); }
            td.act { grid-area: 2 / 2 / 4 / 3; justify-content: end; }
        }
        "#
    ));
    html! {
        <table class={style} role="table" aria-label={text::ORDERS}>
            <thead role="rowgroup">
                <tr role="row">
                    <th role="columnheader" scope="col">{ text::COLUMN_ORDER }</th>
                    <th role="columnheader" scope="col" class="placed">{ text::COLUMN_PLACED }</th>
                    <th role="columnheader" scope="col" class="state">{ text::COLUMN_STATUS }</th>
                    <th role="columnheader" scope="col" class="number">{ text::COLUMN_TOTAL }</th>
                    <th role="columnheader" scope="col" class="act"><span class="visually-hidden">{ text::COLUMN_ACTIONS }</span></th>
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
    /// Its number, or a word for an order that has none yet.
    pub number: AttrValue,
    /// What was bought: the second line.
    pub lines: AttrValue,
    /// When it was placed: a [`super::TimeAgo`].
    pub placed: Html,
    /// Where it stands, as it is on the wire.
    pub status: AttrValue,
    /// The same as a word.
    pub status_label: AttrValue,
    /// What that means.
    pub tone: Tone,
    /// The sum, as the person's locale writes it.
    pub total: AttrValue,
    /// Whether the row is not yet confirmed.
    #[prop_or_default]
    pub pending: bool,
    /// What became of the last act on this row.
    #[prop_or_default]
    pub message: Html,
    /// What can be done with the order.
    #[prop_or_default]
    pub actions: Html,
}

/// Draws one order as a table row.
#[component]
pub fn OrderRow(props: &OrderRowProps) -> Html {
    html! {
        <tr
            role="row"
            data-id={props.id.clone()}
            data-status={props.status.clone()}
            data-pending={props.pending.then_some("true")}
        >
            <td role="cell" class="what">
                <p class="order tabular">{ &props.number }</p>
                <div class="second"><p>{ &props.lines }</p>{ props.message.clone() }</div>
            </td>
            <td role="cell" class="placed">
                <span class="field" aria-hidden="true">{ text::COLUMN_PLACED }</span>
                { props.placed.clone() }
            </td>
            <td role="cell" class="state">
                <StatusChip label={props.status_label.clone()} tone={props.tone} />
            </td>
            <td role="cell" class="number"><Money text={props.total.clone()} /></td>
            <td role="cell" class="act">{ props.actions.clone() }</td>
        </tr>
    }
}
