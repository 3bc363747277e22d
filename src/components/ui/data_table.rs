//! Values in rows and columns.

use yew::prelude::*;

use crate::text;

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct DataRow {
    /// Its key.
    pub id: AttrValue,
    /// One cell per column; the first is the row's header.
    pub cells: Vec<Html>,
}

/// Properties of [`DataTable`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct DataTableProps {
    /// The accessible name.
    pub label: AttrValue,
    /// Column headers.
    pub columns: &'static [&'static str],
    /// The rows, in their order.
    pub rows: Vec<DataRow>,
    /// The text of an empty table.
    #[prop_or_default]
    pub empty: AttrValue,
    /// Whether all cells but the first are numbers.
    #[prop_or_default]
    pub numbers: bool,
    /// Whether it has a fixed size and scrolls.
    #[prop_or_default]
    pub scrolled: bool,
}

/// Draws a table; in a narrow panel each row becomes a card with the same labels. The roles are explicit, because
/// assistive technology ignores a table whose cells are displayed as blocks otherwise.
#[component]
pub fn DataTable(props: &DataTableProps) -> Html {
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
        "data-table-grid data-table-numbers tabular"
    } else {
        "data-table-grid data-table-cards tabular"
    };
    html! {
        <div
            class="data-table"
            data-scrolled={scrolled.then_some("true")}
            role={scrolled.then_some("region")}
            tabindex={scrolled.then_some("0")}
            aria-label={scrolled.then(|| text::table_of(&props.label))}
        >
            if props.rows.is_empty() {
                <p class="data-table-empty">{ &props.empty }</p>
            } else {
                <table role="table" class={shape} aria-label={props.label.clone()}>
                    <thead role="rowgroup"><tr role="row">{ for props.columns.iter().map(head) }</tr></thead>
                    <tbody role="rowgroup">{ for props.rows.iter().map(row) }</tbody>
                </table>
            }
        </div>
    }
}
