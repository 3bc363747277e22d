//! The rows of a query that is read page by page.

use std::rc::Rc;

use crate::map::{Map, Set};
use crate::schema::{AnyItem, FeedId, FeedUpdate, QueryId, Schema};

/// Most rows kept of one query. Nobody scrolls further; other parameters find the rest.
pub(super) const ROWS_MAX: usize = 5000;

/// All rows that any query shows, one value for each.
#[derive(Debug, Default)]
pub(super) struct Pool {
    items: Map<(QueryId, Rc<str>), Rc<dyn AnyItem>>,
}

impl Pool {
    pub(super) fn get(&self, query: QueryId, id: &str) -> Option<&Rc<dyn AnyItem>> {
        self.items.get(&(query, Rc::from(id)))
    }

    /// Takes a row as it was read. The pointer stays if nothing changed.
    pub(super) fn take_in(&mut self, query: QueryId, item: Rc<dyn AnyItem>) -> Rc<dyn AnyItem> {
        let key = (query, Rc::from(item.id()));
        match self.items.get(&key) {
            Some(known) if known == &item => Rc::clone(known),
            _ => {
                self.items.insert(key, Rc::clone(&item));
                item
            }
        }
    }

    /// Applies updates of a feed. Returns whether a row changed.
    pub(super) fn patch(&mut self, schema: &Schema, feed: FeedId, updates: &[FeedUpdate]) -> bool {
        let mut changed = false;
        for ((query, _), known) in &mut self.items {
            for update in updates {
                let patched = schema.patch_item(*query, feed, &**known, update);
                if let Some(patched) = patched.filter(|patched| patched != known) {
                    *known = patched;
                    changed = true;
                }
            }
        }
        changed
    }

    /// Forgets the rows that no query shows any more.
    pub(super) fn keep_only(&mut self, shown: &Set<(QueryId, Rc<str>)>) {
        self.items.retain(|key, _| shown.contains(key));
    }
}

/// Loaded rows and where the next ones begin.
#[derive(Debug, Default)]
pub(super) struct Pages {
    pub(super) items: Vec<Rc<dyn AnyItem>>,
    pub(super) cursor: Option<String>,
}

impl Pages {
    /// Adds a page. Rows that are there already keep their index: a row may move between pages while they are read.
    pub(super) fn append(
        &mut self,
        items: impl IntoIterator<Item = Rc<dyn AnyItem>>,
        cursor: Option<String>,
    ) {
        let mut known: Set<String> = self.items.iter().map(|item| item.id().to_owned()).collect();
        let new = items
            .into_iter()
            .filter(|item| known.insert(item.id().to_owned()));
        self.items.extend(new);
        self.items.truncate(ROWS_MAX);
        self.cursor = cursor.filter(|_| self.items.len() < ROWS_MAX);
    }

    /// Takes over the rows that changed in the pool. Returns whether any did.
    pub(super) fn refresh_from(&mut self, query: QueryId, pool: &Pool) -> bool {
        let mut changed = false;
        for item in &mut self.items {
            if let Some(known) = pool.get(query, item.id())
                && !Rc::ptr_eq(known, item)
            {
                *item = Rc::clone(known);
                changed = true;
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Good, PriceUpdate, Prices, Shop, schema};
    use crate::schema::item_rc;

    fn row(id: &str) -> Rc<dyn AnyItem> {
        Rc::new(Good {
            id: id.to_owned(),
            ..Good::default()
        })
    }

    #[test]
    fn a_row_that_moved_between_two_pages_is_there_once() {
        let mut pages = Pages::default();
        pages.append([row("a"), row("b")], Some("1".to_owned()));
        pages.append([row("b"), row("c"), row("c")], None);
        let ids: Vec<_> = pages.items.iter().map(|item| item.id()).collect();
        assert_eq!(ids, ["a", "b", "c"]);
    }

    #[test]
    fn rows_are_bounded() {
        let mut pages = Pages::default();
        let rows = (0..ROWS_MAX + 5).map(|number| row(&number.to_string()));
        pages.append(rows, Some("1".to_owned()));
        assert_eq!((pages.items.len(), pages.cursor), (ROWS_MAX, None));
    }

    #[test]
    fn the_pointer_stays_as_long_as_nothing_changed() {
        let schema = schema();
        let (query, feed) = (schema.query_id::<Shop>(), schema.feed_id::<Prices>());
        let mut pool = Pool::default();
        let first = pool.take_in(query, row("a"));
        let again = pool.take_in(query, row("a"));
        assert!(Rc::ptr_eq(&first, &again));
        let views = |views| -> [FeedUpdate; 1] {
            [FeedUpdate::new(PriceUpdate {
                id: "a".to_owned(),
                views: Some(views),
                ..PriceUpdate::default()
            })]
        };
        assert!(!pool.patch(&schema, feed, &views(0)));
        assert!(pool.patch(&schema, feed, &views(1)));
        let views_of = |item: &Rc<dyn AnyItem>| item_rc::<Good>(item).map(|good| good.views);
        assert_eq!(views_of(&first), Some(0));
        assert_eq!(pool.get(query, "a").and_then(views_of), Some(1));
        pool.keep_only(&Set::new());
        assert!(pool.get(query, "a").is_none());
    }
}
