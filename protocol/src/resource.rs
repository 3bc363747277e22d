//! The five lists of a user, each with a version of its own.

use std::fmt;

use serde::Serialize;

use crate::record::{Read, Readable, Value, readable};

/// One of the five versioned resources of a user.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// The beats a user marked, newest first.
    Favorites,
    /// The user's orders, newest first.
    Orders,
    /// The user's downloads, newest first.
    Downloads,
    /// What happened on the account, newest first.
    Activity,
    /// Counters and the trend of the last 30 days.
    Stats,
}
readable!(Resource);

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

    /// Position in [`Self::ALL`], for tables indexed by resource.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Readable for Resource {
    fn blank() -> Self {
        Self::Favorites
    }

    fn read(&mut self, value: &mut dyn Value) -> Read {
        *self = Self::parse(&value.text()?).ok_or_else(|| value.refuse("a word is not known"))?;
        Ok(())
    }

    /// A list leaves out those that this build does not know.
    fn join(list: &mut Vec<Self>, value: &mut dyn Value) -> Read {
        list.extend(Self::parse(&value.text()?));
        Ok(())
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
        }
        assert_eq!(Resource::parse("playlists"), None);
    }
}
