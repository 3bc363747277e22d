//! The rows of a query that is read page by page.

use std::rc::Rc;

use dashboard_protocol::{Beat, BeatChange};

use crate::flat::{FlatMap, FlatSet};
use crate::catalog_updates::patch;

/// Most rows kept of one query. Nobody scrolls further; a search finds the rest.
pub(super) const ROWS_MAX: usize = 5000;

/// All beats that are shown anywhere, one value for each.
#[derive(Debug, Default)]
pub(super) struct Pool {
    beats: FlatMap<String, Rc<Beat>>,
}

impl Pool {
    pub(super) fn get(&self, id: &str) -> Option<&Rc<Beat>> {
        self.beats.get(id)
    }

    /// Takes a beat in as it was read. The pointer stays if nothing changed.
    pub(super) fn take_in(&mut self, beat: Beat) -> Rc<Beat> {
        match self.beats.get(&beat.id) {
            Some(known) if **known == beat => Rc::clone(known),
            _ => {
                let beat = Rc::new(beat);
                self.beats.insert(beat.id.clone(), Rc::clone(&beat));
                beat
            }
        }
    }

    /// Changes a beat. Returns whether it is known and something changed.
    pub(super) fn patch(&mut self, change: &BeatChange) -> bool {
        let Some(known) = self.beats.get_mut(&change.id) else {
            return false;
        };
        let mut beat = Beat::clone(known);
        patch(&mut beat, change);
        let changed = **known != beat;
        if changed {
            *known = Rc::new(beat);
        }
        changed
    }

    /// Forgets the beats that nothing shows any more.
    pub(super) fn keep_only(&mut self, shown: &FlatSet<&str>) {
        self.beats.retain(|id, _| shown.contains(id.as_str()));
    }
}

/// Loaded rows and where the next ones begin.
#[derive(Debug, Default)]
pub(super) struct Pages {
    pub(super) beats: Vec<Rc<Beat>>,
    pub(super) cursor: Option<String>,
}

impl Pages {
    /// Adds a page. Rows that are there already stay where they are: a row may move between pages while they are
    /// read.
    pub(super) fn append(
        &mut self,
        beats: impl IntoIterator<Item = Rc<Beat>>,
        cursor: Option<String>,
    ) {
        let mut known: FlatSet<String> = self.beats.iter().map(|beat| beat.id.clone()).collect();
        let new = beats
            .into_iter()
            .filter(|beat| known.insert(beat.id.clone()));
        self.beats.extend(new);
        self.beats.truncate(ROWS_MAX);
        self.cursor = cursor.filter(|_| self.beats.len() < ROWS_MAX);
    }

    /// Takes over what changed in the pool. Returns whether anything did.
    pub(super) fn refresh_from(&mut self, pool: &Pool) -> bool {
        let mut changed = false;
        for beat in &mut self.beats {
            if let Some(known) = pool.get(&beat.id)
                && !Rc::ptr_eq(known, beat)
            {
                *beat = Rc::clone(known);
                changed = true;
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dashboard_protocol::{Money, Prices};

    fn money(amount: i64) -> Money {
        Money {
            amount,
            ..Money::default()
        }
    }

    fn beat(id: &str) -> Rc<Beat> {
        Rc::new(Beat {
            id: id.to_owned(),
            ..Beat::default()
        })
    }

    #[test]
    fn a_row_that_moved_between_two_pages_is_there_once() {
        let mut pages = Pages::default();
        pages.append([beat("a"), beat("b")], Some("1".to_owned()));
        pages.append([beat("b"), beat("c"), beat("c")], None);
        let ids: Vec<_> = pages.beats.iter().map(|beat| beat.id.as_str()).collect();
        assert_eq!(ids, ["a", "b", "c"]);
    }

    #[test]
    fn rows_are_bounded() {
        let mut pages = Pages::default();
        let rows = (0..ROWS_MAX + 5).map(|n| beat(&n.to_string()));
        pages.append(rows, Some("1".to_owned()));
        assert_eq!((pages.beats.len(), pages.cursor), (ROWS_MAX, None));
    }

    #[test]
    fn the_basic_price_has_two_names_and_one_value() {
        let mut changed = Beat::default();
        let change = BeatChange {
            price: Some(money(5)),
            ..BeatChange::default()
        };
        patch(&mut changed, &change);
        assert_eq!(changed.prices.basic, money(5));
        let prices = Prices {
            basic: money(7),
            ..Prices::default()
        };
        let change = BeatChange {
            prices: Some(prices),
            ..BeatChange::default()
        };
        patch(&mut changed, &change);
        assert_eq!(changed.price, money(7));
    }

    #[test]
    fn the_pointer_stays_as_long_as_nothing_changed() {
        let mut pool = Pool::default();
        let first = pool.take_in(Beat::clone(&beat("a")));
        assert!(Rc::ptr_eq(&first, &pool.take_in(Beat::clone(&beat("a")))));
        let same = BeatChange {
            id: "a".to_owned(),
            plays: Some(0),
            ..BeatChange::default()
        };
        assert!(!pool.patch(&same));
        let more = BeatChange {
            plays: Some(1),
            ..same
        };
        assert!(pool.patch(&more));
        assert_eq!((first.plays, pool.get("a").unwrap().plays), (0, 1));
        pool.keep_only(&FlatSet::new());
        assert!(pool.get("a").is_none());
    }
}
