//! The names of the channels that a client can subscribe to.

use dashboard_model::{NAMESPACE, Resource, catalog::CATALOG_CHANNEL};

/// A channel of this server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Channel<'a> {
    /// Updates of the catalog, for every user.
    Catalog,
    /// Events of one resource of one user. As in Centrifugo, only the user after the `#` may subscribe.
    Personal {
        /// The resource.
        resource: Resource,
        /// The id of the user.
        user_id: &'a str,
    },
}

impl<'a> Channel<'a> {
    /// Reads a channel's name. Returns `None` if there is no such channel.
    #[must_use]
    pub fn parse(name: &'a str) -> Option<Self> {
        if name == CATALOG_CHANNEL {
            return Some(Self::Catalog);
        }
        let personal = name.strip_prefix(NAMESPACE)?.strip_prefix(':')?;
        let (resource, user_id) = personal.split_once('#')?;
        Some(Self::Personal {
            resource: Resource::parse(resource)?,
            user_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_channel_of_each_resource_is_known() {
        for resource in Resource::ALL {
            let name = resource.channel("42");
            let expected = Channel::Personal {
                resource,
                user_id: "42",
            };
            assert_eq!(Channel::parse(&name), Some(expected), "{name}");
        }
        assert_eq!(Channel::parse("market:beats"), Some(Channel::Catalog));
    }

    #[test]
    fn other_names_are_unknown() {
        for name in [
            "",
            "beats",
            "market:",
            "market:beats#42",
            "dashboard:orders",
            "dashboard:karma#42",
            "dashboardorders#42",
            "$dashboard:orders#42",
        ] {
            assert_eq!(Channel::parse(name), None, "{name}");
        }
    }
}
