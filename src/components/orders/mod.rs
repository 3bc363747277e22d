//! The table of orders.

mod order_table;

pub use order_table::{OrderRow, OrderRowProps, OrderTable, OrderTableProps};
