//! Chooses the beat for a mutation, so that the store has no reason of its own to reject it.

use std::rc::Rc;

use dashboard_model::Beat;
use dashboard_model::OrderStatus;
use dashboard_model::views::FavoritesView;
use dashboard_model::views::OrdersView;

/// The user's data.
#[derive(Clone, Debug, Default)]
pub(super) struct Shelf {
    /// The first page of the catalog.
    pub(super) beats: Vec<Rc<Beat>>,
    pub(super) favorites: Option<Rc<FavoritesView>>,
    pub(super) orders: Option<Rc<OrdersView>>,
}

impl Shelf {
    /// Whether a beat is a favorite.
    pub(super) fn is_favorite(&self, beat: &Beat) -> bool {
        let favorites = self.favorites.as_ref();
        let ids = favorites.and_then(|view| view.ids.as_ref());
        ids.is_some_and(|ids| ids.contains(beat.id.as_str()))
    }

    /// The first beat that is in no order, or the first of all.
    pub(super) fn to_buy(&self) -> Option<&Rc<Beat>> {
        let is_new = |beat: &&Rc<Beat>| !self.lines().any(|(_, id, _)| id == beat.id);
        self.beats
            .iter()
            .find(is_new)
            .or_else(|| self.beats.first())
    }

    /// A beat that was bought, or the first of all.
    pub(super) fn to_download(&self) -> Option<Rc<Beat>> {
        let is_paid = |status| matches!(status, OrderStatus::Completed | OrderStatus::Paid);
        let bought = self.lines().find(|(status, ..)| is_paid(*status));
        let beat = bought.map(|(_, id, title)| {
            Rc::new(Beat {
                id: id.to_owned(),
                title: title.to_owned(),
                ..Beat::default()
            })
        });
        beat.or_else(|| self.beats.first().cloned())
    }

    /// Status, beat and title of every line of every order, newest first.
    fn lines(&self) -> impl Iterator<Item = (OrderStatus, &str, &str)> {
        let orders = self.orders.iter().flat_map(|view| &view.rows);
        orders.flat_map(|row| {
            let lines = row.item.lines.iter();
            lines.map(|line| (row.item.status, line.beat_id.as_str(), line.title.as_str()))
        })
    }
}

#[cfg(test)]
mod tests {
    use dashboard_model::{License, Money, Order, OrderLine};
    use sync_engine::view::{ListView, RowView};

    use super::*;

    fn beat(id: &str) -> Rc<Beat> {
        Rc::new(Beat {
            id: id.to_owned(),
            ..Beat::default()
        })
    }

    fn orders(of: &[(&str, OrderStatus)]) -> Option<Rc<OrdersView>> {
        let row = |(id, status): &(&str, OrderStatus)| RowView {
            item: Rc::new(Order {
                status: *status,
                lines: vec![OrderLine {
                    beat_id: (*id).to_owned(),
                    title: String::new(),
                    license: License::Basic,
                    price: Money::default(),
                }],
                ..Order::default()
            }),
            mutations: Rc::from([]),
        };
        Some(Rc::new(ListView {
            rows: of.iter().map(row).collect(),
            version: 1,
            has_older: false,
            loading_older: false,
            ids: None,
        }))
    }

    #[test]
    fn purchases_are_of_new_beats_and_downloads_of_paid_ones() {
        let shelf = Shelf {
            beats: vec![beat("a"), beat("b"), beat("c")],
            favorites: None,
            orders: orders(&[("a", OrderStatus::Pending), ("b", OrderStatus::Completed)]),
        };
        assert_eq!(shelf.to_buy().map(|beat| beat.id.as_str()), Some("c"));
        assert_eq!(
            shelf.to_download().map(|beat| beat.id.clone()),
            Some("b".to_owned())
        );
    }

    #[test]
    fn the_first_beat_is_the_fallback() {
        let shelf = Shelf {
            beats: vec![beat("a")],
            favorites: None,
            orders: orders(&[("a", OrderStatus::Pending)]),
        };
        assert_eq!(shelf.to_buy().map(|beat| beat.id.as_str()), Some("a"));
        assert_eq!(
            shelf.to_download().map(|beat| beat.id.clone()),
            Some("a".to_owned())
        );
        assert!(Shelf::default().to_download().is_none());
    }
}
