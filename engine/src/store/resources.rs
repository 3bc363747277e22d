//! A set of resources in one byte.

use dashboard_protocol::Resource;

/// Some of the five resources.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct ResourceSet(u8);

impl ResourceSet {
    /// None of them.
    pub(super) const EMPTY: Self = Self(0);

    /// Just these.
    pub(super) const fn of(resources: &[Resource]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < resources.len() {
            bits |= 1 << resources[index].index();
            index += 1;
        }
        Self(bits)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn has(self, resource: Resource) -> bool {
        self.0 & (1 << resource.index()) != 0
    }

    pub(super) const fn insert(&mut self, resource: Resource) {
        self.0 |= 1 << resource.index();
    }

    pub(super) const fn remove(&mut self, resource: Resource) {
        self.0 &= !(1 << resource.index());
    }

    /// Those in either.
    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those in both.
    pub(super) const fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those that are not in `other`.
    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether each of them is in `other`.
    pub(super) const fn is_within(self, other: Self) -> bool {
        self.without(other).is_empty()
    }

    /// Each of them, in the order of [`Resource::ALL`].
    pub(super) fn iter(self) -> impl Iterator<Item = Resource> {
        Resource::ALL
            .into_iter()
            .filter(move |resource| self.has(*resource))
    }

    pub(super) fn to_vec(self) -> Vec<Resource> {
        self.iter().collect()
    }
}

impl FromIterator<Resource> for ResourceSet {
    fn from_iter<I: IntoIterator<Item = Resource>>(resources: I) -> Self {
        let mut set = Self::EMPTY;
        for resource in resources {
            set.insert(resource);
        }
        set
    }
}
