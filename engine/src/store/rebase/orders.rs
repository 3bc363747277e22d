//! The orders with the mutations on top.

use std::rc::Rc;

use dashboard_protocol::{Order, OrderStatus, Resource, MutationBody};

use super::super::base::Base;
use super::super::log::Log;
use super::{Note, Overlay, RowState, list, showing};
use crate::view::OrdersView;

/// Folds the orders. Notes tell which mutations began or ceased to apply.
pub(in crate::store) fn fold(
    base: &Base,
    log: &Log,
    former: Option<&OrdersView>,
) -> (OrdersView, Vec<Note>) {
    let mut overlay = Overlay::new();
    let mut notes = Vec::new();
    for (position, entry) in showing(log, Resource::Orders) {
        let mut conflicted = false;
        match &entry.mutation.body {
            MutationBody::PlaceOrder { order_id, .. } => {
                let known = base.orders.find(order_id).is_some();
                let row_overlay = overlay.touch(order_id, entry);
                if !known && let Some(row) = &entry.optimistic_rows.order {
                    row_overlay.state = RowState::of(row);
                    row_overlay.position = position;
                }
            }
            MutationBody::CancelOrder { order_id } => {
                if let Some(row) = overlay.look(order_id, &base.orders) {
                    conflicted = !can_cancel(row.status) && row.status != OrderStatus::Cancelled;
                    if can_cancel(row.status) {
                        let cancelled = Order {
                            status: OrderStatus::Cancelled,
                            updated_at: entry.created.clone(),
                            ..(*row).clone()
                        };
                        overlay.touch(order_id, entry).state = RowState::Shown(Rc::new(cancelled));
                    }
                }
            }
            MutationBody::SetFavorite { .. }
            | MutationBody::RequestDownload { .. }
            | MutationBody::CancelDownload { .. } => {}
        }
        let note = Note {
            position,
            conflicted,
            counted: entry.counted,
        };
        notes.extend(note.updates(entry));
    }
    let rows = list(base, Resource::Orders, &base.orders, &overlay, former);
    (rows, notes)
}

/// Whether the server lets an order of this status be taken back.
const fn can_cancel(status: OrderStatus) -> bool {
    matches!(status, OrderStatus::Pending | OrderStatus::Processing)
}
