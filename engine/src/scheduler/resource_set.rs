//! A set of resources in one byte.

use dashboard_protocol::Resource;

/// Some of the five resources.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct ResourceSet(u8);

impl ResourceSet {
    pub(super) const fn contains(self, resource: Resource) -> bool {
        self.0 & Self::bit(resource) != 0
    }

    pub(super) const fn insert(&mut self, resource: Resource) {
        self.0 |= Self::bit(resource);
    }

    pub(super) const fn remove(&mut self, resource: Resource) {
        self.0 &= !Self::bit(resource);
    }

    pub(super) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    const fn bit(resource: Resource) -> u8 {
        1 << resource.index()
    }
}

impl FromIterator<Resource> for ResourceSet {
    fn from_iter<T: IntoIterator<Item = Resource>>(resources: T) -> Self {
        let mut set = Self::default();
        for resource in resources {
            set.insert(resource);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_not_taken_out() {
        let mut set: ResourceSet = Resource::ALL.into_iter().collect();
        set.remove(Resource::Stats);
        for resource in Resource::ALL {
            assert_eq!(set.contains(resource), resource != Resource::Stats);
        }
        let orders: ResourceSet = [Resource::Orders].into_iter().collect();
        let stats: ResourceSet = [Resource::Stats].into_iter().collect();
        assert!(orders.is_within(set) && !stats.is_within(set));
        assert!(orders.meets(set) && !stats.meets(set));
        assert!(stats.is_within(set.union(stats)));
    }
}
