//! Names of the streams that a client subscribes to.

use std::fmt;

use crate::Resource;

/// A stream of publications.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Channel {
    /// Events of one resource of one user: `dashboard:<resource>#<user id>`. User-limited in Centrifugo's sense:
    /// only the user named after `#` may subscribe.
    Dashboard {
        /// The resource whose events it carries.
        resource: Resource,
        /// Whose they are.
        user: String,
    },
    /// Changes of prices and play counts in the catalog: `catalog_updates:beats`. Public.
    CatalogUpdates,
}

/// Name of the public catalog stream.
const CATALOG_UPDATES: &str = "market:beats";
/// Namespace of the personal streams, with its separator.
const DASHBOARD: &str = "dashboard:";

impl Channel {
    /// The channel of one resource of one user.
    #[must_use]
    pub fn dashboard(resource: Resource, user: &str) -> Self {
        Self::Dashboard {
            resource,
            user: user.to_owned(),
        }
    }

    /// Reads a channel's name; `None` if no such channel is known.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name == CATALOG_UPDATES {
            return Some(Self::CatalogUpdates);
        }
        let (resource, user) = name.strip_prefix(DASHBOARD)?.split_once('#')?;
        Some(Self::dashboard(Resource::parse(resource)?, user))
    }

    /// The resource whose events the channel carries, if it is a personal one.
    #[must_use]
    pub const fn resource(&self) -> Option<Resource> {
        match self {
            Self::Dashboard { resource, .. } => Some(*resource),
            Self::CatalogUpdates => None,
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dashboard { resource, user } => write!(f, "{DASHBOARD}{resource}#{user}"),
            Self::CatalogUpdates => f.write_str(CATALOG_UPDATES),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for channel in [Channel::dashboard(Resource::Orders, "42"), Channel::CatalogUpdates] {
            assert_eq!(Channel::parse(&channel.to_string()), Some(channel));
        }
    }

    #[test]
    fn unknown_names_are_refused() {
        for name in [
            "",
            "market:",
            "dashboard:favorites",
            "dashboard:playlists#42",
            "other:x#42",
        ] {
            assert_eq!(Channel::parse(name), None, "{name}");
        }
    }
}
