//! Names of an application's resources as small numbers, and sets of them.

use std::ops::{BitAnd, BitOr, Sub};

/// Most resources of one schema: a [`ResourceSet`] is one machine word.
pub const RESOURCES_MAX: usize = 32;

/// One resource of a schema: its index in the order of registration.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ResourceId(u8);

impl ResourceId {
    /// The resource that was registered as number `index`.
    ///
    /// # Panics
    /// `index` is not below [`RESOURCES_MAX`].
    #[must_use]
    pub const fn new(index: usize) -> Self {
        assert!(index < RESOURCES_MAX, "a schema has at most 32 resources");
        Self(index as u8)
    }

    /// Its index in the order of registration, for tables with one entry per resource.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Some resources of a schema.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct ResourceSet(u32);

impl ResourceSet {
    /// None of them.
    pub const EMPTY: Self = Self(0);

    /// The first `count` resources of a schema.
    #[must_use]
    pub const fn first(count: usize) -> Self {
        if count >= RESOURCES_MAX {
            Self(u32::MAX)
        } else {
            Self((1 << count) - 1)
        }
    }

    /// Just this one.
    #[must_use]
    pub const fn one(resource: ResourceId) -> Self {
        Self(1 << resource.0)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many there are.
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether it holds a resource.
    #[must_use]
    pub const fn contains(self, resource: ResourceId) -> bool {
        self.0 & (1 << resource.0) != 0
    }

    /// Adds a resource.
    pub const fn insert(&mut self, resource: ResourceId) {
        self.0 |= 1 << resource.0;
    }

    /// Takes a resource out.
    pub const fn remove(&mut self, resource: ResourceId) {
        self.0 &= !(1 << resource.0);
    }

    /// Adds all of another set.
    pub const fn insert_all(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Takes all of another set out.
    pub const fn remove_all(&mut self, other: Self) {
        self.0 &= !other.0;
    }

    /// Whether each of them is in `other`.
    #[must_use]
    pub const fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Each of them, in the order of registration.
    pub fn iter(self) -> impl Iterator<Item = ResourceId> {
        let mut bits = self.0;
        std::iter::from_fn(move || {
            if bits == 0 {
                return None;
            }
            let index = bits.trailing_zeros();
            bits &= bits - 1;
            u8::try_from(index).ok().map(ResourceId)
        })
    }
}

impl BitOr for ResourceSet {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for ResourceSet {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Sub for ResourceSet {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl FromIterator<ResourceId> for ResourceSet {
    fn from_iter<I: IntoIterator<Item = ResourceId>>(resources: I) -> Self {
        let mut set = Self::EMPTY;
        for resource in resources {
            set.insert(resource);
        }
        set
    }
}

impl<const N: usize> From<[ResourceId; N]> for ResourceSet {
    fn from(resources: [ResourceId; N]) -> Self {
        resources.into_iter().collect()
    }
}

impl From<ResourceId> for ResourceSet {
    fn from(resource: ResourceId) -> Self {
        Self::one(resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_lists_its_members_in_the_order_of_registration() {
        let ids: Vec<_> = [31, 0, 7].map(ResourceId::new).into();
        let set: ResourceSet = ids.iter().copied().collect();
        let listed: Vec<_> = set.iter().map(ResourceId::index).collect();
        assert_eq!(listed, [0, 7, 31]);
        assert_eq!(set.len(), 3);
    }

    #[test]
    fn sets_are_joined_intersected_and_subtracted() {
        let [a, b, c] = [0, 1, 2].map(ResourceId::new);
        let (ab, bc) = (ResourceSet::from([a, b]), ResourceSet::from([b, c]));
        assert_eq!(ab | bc, ResourceSet::first(3));
        assert_eq!(ab & bc, ResourceSet::one(b));
        assert_eq!(ab - bc, ResourceSet::one(a));
        assert!(ResourceSet::one(b).is_subset(ab) && !ab.is_subset(bc));
        assert_eq!(ResourceSet::first(RESOURCES_MAX).len(), RESOURCES_MAX);
    }

    #[test]
    #[should_panic(expected = "at most 32 resources")]
    fn a_resource_past_the_limit_is_a_mistake_of_the_program() {
        let _ = ResourceId::new(RESOURCES_MAX);
    }
}
