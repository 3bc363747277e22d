//! The orders with the wishes on top.

use std::rc::Rc;

use dashboard_protocol::{Order, OrderStatus, Resource, Wish};

use super::super::base::Base;
use super::super::log::Log;
use super::{Note, Overlay, Shape, list, showing};
use crate::view::OrdersView;

/// Folds the orders. Notes tell which wishes began or ceased to apply.
pub(in crate::store) fn fold(
    base: &Base,
    log: &Log,
    former: Option<&OrdersView>,
) -> (OrdersView, Vec<Note>) {
    let mut overlay = Overlay::new();
    let mut notes = Vec::new();
    for (place, entry) in showing(log, Resource::Orders) {
        let mut conflicted = false;
        match &entry.mutation.wish {
            Wish::PlaceOrder { order_id, .. } => {
                let known = base.orders.find(order_id).is_some();
                let layer = overlay.touch(order_id, entry);
                if !known && let Some(row) = &entry.drafts.order {
                    layer.shape = Shape::of(row);
                    layer.place = place;
                }
            }
            Wish::CancelOrder { order_id } => {
                if let Some(row) = overlay.look(order_id, &base.orders) {
                    conflicted = !can_cancel(row.status) && row.status != OrderStatus::Cancelled;
                    if can_cancel(row.status) {
                        let cancelled = Order {
                            status: OrderStatus::Cancelled,
                            updated_at: entry.created.clone(),
                            ..(*row).clone()
                        };
                        overlay.touch(order_id, entry).shape = Shape::Shown(Rc::new(cancelled));
                    }
                }
            }
            Wish::SetFavorite { .. }
            | Wish::RequestDownload { .. }
            | Wish::CancelDownload { .. } => {}
        }
        let note = Note {
            place,
            conflicted,
            counted: entry.counted,
        };
        notes.extend(note.news(entry));
    }
    let rows = list(base, Resource::Orders, &base.orders, &overlay, former);
    (rows, notes)
}

/// Whether the server lets an order of this status be taken back.
const fn can_cancel(status: OrderStatus) -> bool {
    matches!(status, OrderStatus::Pending | OrderStatus::Processing)
}
