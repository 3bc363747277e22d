//! The sorted maps of the engine, under one name.

/// A map whose entries are in the order of their keys.
pub type Map<K, V> = std::collections::BTreeMap<K, V>;

/// A set whose members are in order.
pub type Set<T> = std::collections::BTreeSet<T>;
