//! Sorted tables in one `Vec` each, found in by binary search.
//!
//! Every pair of types that a tree or hash table of the standard library is used with adds some ten kilobytes to what
//! a browser has to load; these add some hundred bytes. The tables of a dashboard are small, some thousands of entries
//! at most, so that moving the entries behind a new one costs no more than a tree's own work. What large values are
//! kept in should hold them boxed.

use std::borrow::Borrow;
use std::cmp::Ordering;

use serde::{Serialize, Serializer};

/// Values by key, in the order of the keys.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FlatMap<K, V> {
    entries: Vec<(K, V)>,
}

impl<K, V> FlatMap<K, V> {
    /// A table without entries.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
        }
    }

    /// How many entries there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes all entries out.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// All entries, in the order of the keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + Clone {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// All entries, in the order of the keys, with values that can be changed.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&K, &mut V)> {
        self.entries.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// All keys, in their order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + Clone {
        self.entries.iter().map(|(key, _)| key)
    }

    /// All values, in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + Clone {
        self.entries.iter().map(|(_, value)| value)
    }

    /// All values, in the order of their keys, to be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    /// The values alone, in the order of their keys.
    pub fn into_values(self) -> impl DoubleEndedIterator<Item = V> {
        self.entries.into_iter().map(|(_, value)| value)
    }

    /// Keeps the entries that `wanted` says, asked in the order of the keys.
    pub fn retain(&mut self, mut wanted: impl FnMut(&K, &mut V) -> bool) {
        self.entries.retain_mut(|(key, value)| wanted(key, value));
    }

    /// Takes out the entry with the smallest key.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        (!self.is_empty()).then(|| self.entries.remove(0))
    }
}

impl<K: Ord, V> FlatMap<K, V> {
    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.get_key_value(key).map(|(_, value)| value)
    }

    /// The key as it is held, and its value.
    pub fn get_key_value<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        let (key, value) = &self.entries[place];
        Some((key, value))
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        Some(&mut self.entries[place].1)
    }

    /// Whether the key has a value.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Gives the key a value; returns the former one. The key that is held stays.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(place) => Some(std::mem::replace(&mut self.entries[place].1, value)),
            Err(place) => {
                self.entries.insert(place, (key, value));
                None
            }
        }
    }

    /// The value of a key, made by `make` if there is none.
    pub fn or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let place = match self.find(&key) {
            Ok(place) => place,
            Err(place) => {
                self.entries.insert(place, (key, make()));
                place
            }
        };
        &mut self.entries[place].1
    }

    /// The value of a key, the default one if there is none.
    pub fn or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.or_insert_with(key, V::default)
    }

    /// Takes the entry of a key out; returns its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        Some(self.entries.remove(place).1)
    }

    /// Where a key is, or where it would be.
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.entries
            .binary_search_by(|(held, _)| held.borrow().cmp(key))
    }
}

impl<K, V> Default for FlatMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for FlatMap<K, V> {
    /// Of a key that comes twice the last value counts.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let entries = sorted(entries.into_iter().collect(), |(a, _), (b, _)| a.cmp(b));
        let mut map = Self {
            entries: Vec::with_capacity(entries.len()),
        };
        for (key, value) in entries {
            match map.entries.last_mut() {
                Some(last) if last.0 == key => last.1 = value,
                _ => map.entries.push((key, value)),
            }
        }
        map
    }
}

impl<K, V> IntoIterator for FlatMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<K: Serialize, V: Serialize> Serialize for FlatMap<K, V> {
    /// As an object.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.iter())
    }
}

/// Keys without values, in their order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FlatSet<K> {
    keys: FlatMap<K, ()>,
}

impl<K> FlatSet<K> {
    /// A set without keys.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            keys: FlatMap::new(),
        }
    }

    /// How many keys there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are no keys.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Takes all keys out.
    pub fn clear(&mut self) {
        self.keys.clear();
    }

    /// All keys, in their order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &K> + Clone {
        self.keys.keys()
    }

    /// The keys alone, in their order.
    pub fn into_keys(self) -> impl DoubleEndedIterator<Item = K> {
        self.keys.into_iter().map(|(key, ())| key)
    }

    /// Takes out the smallest key.
    pub fn pop_first(&mut self) -> Option<K> {
        self.keys.pop_first().map(|(key, ())| key)
    }
}

impl<K: Ord> FlatSet<K> {
    /// Whether the key is in the set.
    pub fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.keys.contains_key(key)
    }

    /// Puts a key in; returns whether it was not there.
    pub fn insert(&mut self, key: K) -> bool {
        self.keys.insert(key, ()).is_none()
    }

    /// Takes a key out; returns whether it was there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.keys.remove(key).is_some()
    }
}

impl<K> Default for FlatSet<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord> FromIterator<K> for FlatSet<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        Self {
            keys: keys.into_iter().map(|key| (key, ())).collect(),
        }
    }
}

/// Sorts; equal items stay in their order. Only places are sorted, so that the sort itself is there once for all
/// types.
pub fn sorted<T>(items: Vec<T>, compare: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let places = places(items.len(), &|a, b| compare(&items[a], &items[b]));
    let mut items: Vec<_> = items.into_iter().map(Some).collect();
    places
        .into_iter()
        .filter_map(|place| items[place].take())
        .collect()
}

fn places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<_> = (0..count).collect();
    places.sort_unstable_by(|a, b| compare(*a, *b).then(a.cmp(b)));
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Enough of a random source for what keys come (a linear congruential generator, Knuth's constants).
    struct Random(u64);

    impl Random {
        fn new(seed: u64) -> Self {
            Self(seed)
        }

        fn up_to(&mut self, max: u64) -> u64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % (max + 1)
        }
    }

    fn entries(map: &FlatMap<String, u64>) -> Vec<(String, u64)> {
        map.clone().into_iter().collect()
    }

    #[test]
    fn a_table_does_what_a_tree_does() {
        let mut random = Random::new(11);
        let (mut flat, mut tree) = (FlatMap::new(), BTreeMap::new());
        for value in 0..20_000 {
            let key = format!("k{}", random.up_to(60));
            match random.up_to(40) {
                0 => assert_eq!(flat.pop_first(), tree.pop_first()),
                1 => {
                    let limit = value - random.up_to(value);
                    flat.retain(|_, value| *value % 7 != limit % 7);
                    tree.retain(|_, value| *value % 7 != limit % 7);
                }
                2..8 => {
                    *flat.or_default(key.clone()) += 1;
                    *tree.entry(key.clone()).or_default() += 1;
                }
                8..14 => {
                    *flat.or_insert_with(key.clone(), || value) += 1;
                    *tree.entry(key.clone()).or_insert(value) += 1;
                }
                14..26 => assert_eq!(flat.remove(&key), tree.remove(&key)),
                26..30 => {
                    let (flat, tree) = (flat.get_mut(&key), tree.get_mut(&key));
                    assert_eq!(flat, tree);
                    flat.into_iter().chain(tree).for_each(|value| *value += 3);
                }
                _ => assert_eq!(
                    flat.insert(key.clone(), value),
                    tree.insert(key.clone(), value)
                ),
            }
            assert_eq!(flat.contains_key(&key), tree.contains_key(&key));
            assert_eq!(flat.get_key_value(key.as_str()), tree.get_key_value(&key));
            assert!(flat.iter().eq(tree.iter()) && flat.keys().eq(tree.keys()));
            assert_eq!((flat.len(), flat.is_empty()), (tree.len(), tree.is_empty()));
        }
        flat.iter_mut()
            .for_each(|(key, value)| *value = key.len() as u64);
        tree.iter_mut()
            .for_each(|(key, value)| *value = key.len() as u64);
        flat.values_mut().for_each(|value| *value *= 2);
        tree.values_mut().for_each(|value| *value *= 2);
        assert!(flat.values().eq(tree.values()) && !flat.is_empty());
        assert!(flat.clone().into_values().eq(tree.into_values()));
        flat.clear();
        assert_eq!(flat, FlatMap::default());
    }

    #[test]
    fn a_table_made_at_once_is_sorted_and_holds_the_last_value_of_each_key() {
        let mut random = Random::new(12);
        for count in 0..200 {
            let given: Vec<_> = (0..count)
                .map(|value| (format!("k{}", random.up_to(80)), value))
                .collect();
            let tree: BTreeMap<_, _> = given.iter().cloned().collect();
            let flat: FlatMap<_, _> = given.into_iter().collect();
            assert!(entries(&flat).into_iter().eq(tree));
        }
    }

    #[test]
    fn a_set_does_what_a_tree_does() {
        let mut random = Random::new(13);
        let first: Vec<_> = (0..50).map(|_| random.up_to(99)).collect();
        let mut flat: FlatSet<_> = first.iter().copied().collect();
        let mut tree: BTreeSet<_> = first.into_iter().collect();
        for _ in 0..5000 {
            let key = random.up_to(99);
            match random.up_to(9) {
                0 => assert_eq!(flat.pop_first(), tree.pop_first()),
                1..5 => assert_eq!(flat.remove(&key), tree.remove(&key)),
                _ => assert_eq!(flat.insert(key), tree.insert(key)),
            }
            assert_eq!(flat.contains(&key), tree.contains(&key));
            assert!(flat.iter().eq(tree.iter()));
            assert_eq!((flat.len(), flat.is_empty()), (tree.len(), tree.is_empty()));
        }
        assert!(flat.clone().into_keys().eq(tree));
        flat.clear();
        assert_eq!(flat, FlatSet::default());
    }

    #[test]
    fn equal_items_stay_in_their_order() {
        let mut random = Random::new(14);
        let items: Vec<_> = (0..500).map(|place| (random.up_to(9), place)).collect();
        let mut expected = items.clone();
        expected.sort_by_key(|(key, _)| *key);
        assert_eq!(sorted(items, |a, b| a.0.cmp(&b.0)), expected);
    }
}
