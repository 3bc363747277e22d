//! Values in rows and columns.

use stylist::yew::use_style;
use yew::prelude::*;

use crate::text;

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct DataRow {
    /// Its identity.
    pub id: AttrValue,
    /// One cell for each column; the first names the row.
    pub cells: Vec<Html>,
}

/// Properties of [`DataTable`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct DataTableProps {
    /// What is listed.
    pub label: AttrValue,
    /// Heads of the columns.
    pub columns: &'static [&'static str],
    /// The rows, in their order.
    pub rows: Vec<DataRow>,
    /// What stands there when there is no row.
    #[prop_or_default]
    pub empty: AttrValue,
    /// Whether all cells but the first are numbers.
    #[prop_or_default]
    pub numbers: bool,
    /// Whether it keeps a size of its own and is scrolled.
    #[prop_or_default]
    pub scrolled: bool,
}

/// Draws a table; where the panel is narrow each row becomes a card with the same labels. The roles are written out,
/// because a table whose cells are laid out as blocks is no table to assistive technology otherwise.
#[component]
pub fn DataTable(props: &DataTableProps) -> Html {
    let style = use_style!(
        r#"
        &[data-scrolled] { block-size: 26rem; overflow: auto; }
        &:focus-visible { outline-offset: -2px; }
        .empty { padding: var(--s4); color: var(--ink-2); }
        table { inline-size: 100%; border-collapse: collapse; font-size: var(--t-sm); }
        th { padding: var(--s2) var(--s4); font-weight: 500; text-align: start; vertical-align: baseline; }
        td { padding: var(--s2) var(--s4); border-block-start: 1px solid var(--line); vertical-align: baseline; }
        tbody th { border-block-start: 1px solid var(--line); overflow-wrap: break-word; }
        td button { margin: 0 var(--s2) var(--s1) 0; }
        thead th {
            position: sticky;
            inset-block-start: 0;
            background: var(--surface);
            color: var(--ink-2);
        }
        .numbers th:first-child { padding-block: var(--s1); padding-inline-end: var(--s2); }
        .numbers td { padding: var(--s1) var(--s2); text-align: end; }
        .numbers th + th { padding-inline: var(--s2); text-align: end; }
        .numbers td:last-child { padding-inline-end: var(--s4); }
        .numbers th:last-child { padding-inline-end: var(--s4); }
        @container panel (max-width: 40rem) {
            .cards { display: block; }
            .cards thead {
                position: absolute;
                inline-size: 1px;
                block-size: 1px;
                overflow: hidden;
                clip-path: inset(50%);
            }
            .cards tbody { display: block; }
            .cards tr { display: block; padding: var(--s2) var(--s4); border-block-start: 1px solid var(--line); }
            .cards tr:first-child { border-block-start: 0; }
            .cards tbody th { display: block; padding: 0; border: 0; overflow-wrap: anywhere; }
            .cards td { display: flex; justify-content: space-between; gap: 0 var(--s4); padding: 0; border: 0; text-align: end; }
            .cards td:empty { display: none; }
            .cards td::before { content: attr(data-label); flex: 1 0 auto; color: var(--ink-2); text-align: start; }
            .cards td button { margin: var(--s1) 0 0 var(--s2); }
        }
        "#
    );
    let row = |row: &DataRow| {
        let cell = |(index, cell): (usize, &Html)| match index {
            0 => html! { <th role="rowheader" scope="row">{ cell.clone() }</th> },
            _ => html! { <td role="cell" data-label={props.columns[index]}>{ cell.clone() }</td> },
        };
        html! {
            <tr role="row" key={row.id.to_string()} data-id={row.id.clone()}>
                { for row.cells.iter().enumerate().map(cell) }
            </tr>
        }
    };
    let head =
        |column: &&'static str| html! { <th role="columnheader" scope="col">{ *column }</th> };
    let scrolled = props.scrolled;
    let shape = if props.numbers {
        "numbers tabular"
    } else {
        "cards tabular"
    };
    html! {
        <div
            class={style}
            data-scrolled={scrolled.then_some("true")}
            role={scrolled.then_some("region")}
            tabindex={scrolled.then_some("0")}
            aria-label={scrolled.then(|| text::table_of(&props.label))}
        >
            if props.rows.is_empty() {
                <p class="empty">{ &props.empty }</p>
            } else {
                <table role="table" class={shape} aria-label={props.label.clone()}>
                    <thead role="rowgroup"><tr role="row">{ for props.columns.iter().map(head) }</tr></thead>
                    <tbody role="rowgroup">{ for props.rows.iter().map(row) }</tbody>
                </table>
            }
        </div>
    }
}
