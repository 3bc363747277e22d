//! The user's resources, by name.

use std::fmt;

use serde::{Deserialize, Serialize};
use sync_engine::schema::{ResourceId, ResourceSet};

/// One of the five versioned resources of a user.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// The user's favorites, newest first.
    Favorites,
    /// The user's orders, newest first.
    Orders,
    /// The user's downloads, newest first.
    Downloads,
    /// The account's activity, newest first.
    Activity,
    /// Counters and the trend of the last 30 days.
    Stats,
}

impl Resource {
    /// All resources, in the order in which they are listed everywhere.
    pub const ALL: [Self; 5] = [
        Self::Favorites,
        Self::Orders,
        Self::Downloads,
        Self::Activity,
        Self::Stats,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Favorites => "favorites",
            Self::Orders => "orders",
            Self::Downloads => "downloads",
            Self::Activity => "activity",
            Self::Stats => "stats",
        }
    }

    /// Reads a name from the wire; `None` for a resource that this build does not know.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|resource| resource.as_str() == name)
    }

    /// Index in [`Self::ALL`], for tables with one entry per resource.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The resource of a schema's id.
    #[must_use]
    pub fn of(id: ResourceId) -> Option<Self> {
        Self::ALL.get(id.index()).copied()
    }

    /// The channel of this resource for a user.
    #[must_use]
    pub fn channel(self, user_id: &str) -> String {
        format!("{}:{self}#{user_id}", crate::NAMESPACE)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Resource> for ResourceId {
    fn from(resource: Resource) -> Self {
        Self::new(resource.index())
    }
}

impl From<Resource> for ResourceSet {
    fn from(resource: Resource) -> Self {
        Self::one(resource.into())
    }
}

impl FromIterator<Resource> for ResourceSet {
    fn from_iter<I: IntoIterator<Item = Resource>>(resources: I) -> Self {
        resources.into_iter().map(ResourceId::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_reads_its_own_name() {
        for (index, resource) in Resource::ALL.into_iter().enumerate() {
            assert_eq!(Resource::parse(resource.as_str()), Some(resource));
            assert_eq!(resource.index(), index);
            assert_eq!(Resource::of(resource.into()), Some(resource));
        }
        assert_eq!(Resource::parse("playlists"), None);
    }
}
