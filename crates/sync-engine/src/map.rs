//! The sorted maps of the engine, under one name: sorted vectors of [`litemap`](https://docs.rs/litemap).
//!
//! A sorted vector is half the code of a `BTreeMap` for each pair of types, and a first visit loads that code:
//! `ARCHITECTURE.md` has the figures. Inserting in the middle moves what follows. Messages use the standard library's map:
//! litemap writes an empty map as `[]`.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::ops::RangeInclusive;

use litemap::LiteMap;

/// A map whose entries are in the order of their keys.
pub type Map<K, V> = LiteMap<K, V>;

/// What [`Map`] lacks of the standard library's sorted map.
pub trait MapExt<K, V> {
    /// The values, in the order of their keys, to change them.
    fn values_mut<'a>(&'a mut self) -> impl DoubleEndedIterator<Item = &'a mut V>
    where
        K: 'a,
        V: 'a;

    /// The values alone, in the order of their keys.
    fn into_values(self) -> impl DoubleEndedIterator<Item = V>;

    /// Removes the first entry.
    fn pop_first(&mut self) -> Option<(K, V)>;
}

impl<K: Ord, V> MapExt<K, V> for Map<K, V> {
    fn values_mut<'a>(&'a mut self) -> impl DoubleEndedIterator<Item = &'a mut V>
    where
        K: 'a,
        V: 'a,
    {
        self.iter_mut().map(|(_, value)| value)
    }

    fn into_values(self) -> impl DoubleEndedIterator<Item = V> {
        self.into_tuple_vec().into_iter().map(|(_, value)| value)
    }

    fn pop_first(&mut self) -> Option<(K, V)> {
        let mut entries = std::mem::take(self).into_tuple_vec();
        let first = (!entries.is_empty()).then(|| entries.remove(0));
        *self = Self::from_sorted_store_unchecked(entries);
        first
    }
}

/// A set whose members are in order.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Set<T>(Map<T, ()>);

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Set<T> {
    /// An empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self(Map::new_vec())
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The members, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.0.keys()
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl<T: Ord> Set<T> {
    /// Adds a member; `false` if it was there.
    pub fn insert(&mut self, member: T) -> bool {
        self.0.insert(member, ()).is_none()
    }

    /// Removes a member; `false` if it was not there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, member: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.remove(member).is_some()
    }

    /// Whether this is a member.
    #[must_use]
    pub fn contains<Q: Ord + ?Sized>(&self, member: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.contains_key(member)
    }

    /// Removes the first member.
    pub fn pop_first(&mut self) -> Option<T> {
        self.0.pop_first().map(|(member, ())| member)
    }

    /// The members in this range, in order.
    pub fn range(&self, range: RangeInclusive<T>) -> impl DoubleEndedIterator<Item = &T> {
        let members = self.0.as_slice();
        let from = members.partition_point(|(member, ())| member < range.start());
        let to = members.partition_point(|(member, ())| member <= range.end());
        members
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .map(|(member, ())| member)
    }

    /// The members that another set lacks, in order.
    pub fn difference<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a T> {
        self.iter().filter(|member| !other.contains(*member))
    }
}

impl<T: Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(members: I) -> Self {
        Self(collect(members.into_iter().map(|member| (member, ()))))
    }
}

/// Collects a map; of two entries with the same key, the last one counts. Unlike `Iterator::collect` it shares the sort
/// of [`sort_by`].
pub(crate) fn collect<K: Ord, V>(entries: impl Iterator<Item = (K, V)>) -> Map<K, V> {
    // In the opposite order, so that the last one of several is the first one of them, which `dedup_by` keeps.
    let mut entries: Vec<(K, V)> = entries.collect();
    entries.reverse();
    let mut sorted = sort_by(entries, |(a, _), (b, _)| a.cmp(b));
    sorted.dedup_by(|(a, _), (b, _)| a == b);
    Map::from_sorted_store_unchecked(sorted)
}

/// Sorts a list; equal items keep their order. One sort for all types: each further one costs a first visit a kilobyte.
pub(crate) fn sort_by<T>(items: Vec<T>, compare: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let order = order_of(items.len(), &|a, b| compare(&items[a], &items[b]));
    let mut unsorted: Vec<Option<T>> = items.into_iter().map(Some).collect();
    let sorted = order.into_iter().filter_map(|index| unsorted[index].take());
    sorted.collect()
}

fn order_of(len: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    order.sort_by(|a, b| compare(*a, *b));
    order
}

impl<T: Ord> Extend<T> for Set<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, members: I) {
        for member in members {
            self.insert(member);
        }
    }
}

impl<T> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = std::iter::Map<std::vec::IntoIter<(T, ())>, fn((T, ())) -> T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0
            .into_tuple_vec()
            .into_iter()
            .map(|(member, ())| member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_equal_keys_counts() {
        let map = collect([(2, 'b'), (1, 'a'), (2, 'c'), (2, 'd')].into_iter());
        assert_eq!(map.into_tuple_vec(), [(1, 'a'), (2, 'd')]);
    }

    #[test]
    fn equal_items_keep_their_order() {
        let sorted = sort_by(vec![(2, 'a'), (1, 'b'), (2, 'c'), (1, 'd')], |a, b| {
            a.0.cmp(&b.0)
        });
        assert_eq!(sorted, [(1, 'b'), (1, 'd'), (2, 'a'), (2, 'c')]);
    }

    #[test]
    fn a_range_has_both_its_ends() {
        let set = Set::from_iter([5, 1, 3, 7]);
        assert!(set.range(3..=5).eq(&[3, 5]));
        assert!(set.range(2..=7).eq(&[3, 5, 7]));
        assert_eq!(set.range(8..=9).count(), 0);
    }

    #[test]
    fn the_first_goes_and_the_others_stay_in_order() {
        let mut set = Set::from_iter([2, 1]);
        assert_eq!(
            [set.pop_first(), set.pop_first(), set.pop_first()],
            [Some(1), Some(2), None]
        );
        let mut map = Map::from_iter([(2, 'b'), (1, 'a')]);
        map.values_mut()
            .for_each(|value| value.make_ascii_uppercase());
        assert_eq!(map.pop_first(), Some((1, 'A')));
        assert!(map.into_values().eq(['B']));
    }

    #[test]
    fn a_set_is_in_order_and_has_each_member_once() {
        let set: Set<i32> = [3, 1, 2, 3, 1].into_iter().collect();
        assert!(set.iter().eq(&[1, 2, 3]));
    }

    #[test]
    fn a_difference_is_what_only_the_one_has() {
        let (a, b) = (Set::from_iter([1, 2, 3]), Set::from_iter([2]));
        assert!(a.difference(&b).eq(&[1, 3]));
    }
}
