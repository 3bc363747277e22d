//! Values in rows and columns.

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
