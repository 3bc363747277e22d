//! The user's resources: what follows from their list in `lib.rs`.

use std::fmt;

use sync_engine::schema::{ResourceId, ResourceSet};

use crate::Resource;

/// Declares the resources: their enum, the union of their changes, the fields of a snapshot, and how they are registered.
/// Each line has a name, the variant of `Resource`, the definition for the schema, the part of a snapshot, and the changes.
macro_rules! resources {
    ($(
        $(#[$doc:meta])+
        $name:ident: $resource:ident, $register:ident::<$definition:ty>, $snapshot:ty, $change:ident($changes:ty);
    )+) => {
        /// One of the versioned resources of a user.
        #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Resource {
            $($(#[$doc])+ $resource,)+
        }

        impl Resource {
            /// The names on the wire.
            const NAMES: &[&str] = &[$(stringify!($name)),+];

            /// All resources, in the order in which they are listed everywhere.
            pub const ALL: [Self; Self::NAMES.len()] = [$(Self::$resource),+];
        }

        /// One change of a resource.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Change {
            $(#[doc = concat!("A change of the resource `", stringify!($name), "`.")] $change($changes),)+
        }

        impl Change {
            /// The resource that it belongs to.
            #[must_use]
            pub const fn resource(&self) -> Resource {
                match self {
                    $(Self::$change(_) => Resource::$resource,)+
                }
            }

            /// Its type on the wire.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self {
                    $(Self::$change(change) => change.kind(),)+
                }
            }

            /// The change as the engine handles it, without a round trip through JSON.
            #[must_use]
            pub fn decoded(&self) -> sync_engine::event::Change {
                match self.clone() {
                    $(Self::$change(change) => sync_engine::event::Change::new(change.kind(), change),)+
                }
            }

            /// The change as it is written.
            pub(crate) fn to_typed(&self) -> Option<TypedChange> {
                match self {
                    $(Self::$change(change) => TypedChange::of(change),)+
                }
            }

            /// Reads a change of a resource.
            pub(crate) fn from_typed(resource: Resource, typed: &TypedChange) -> Option<Self> {
                match resource {
                    $(Resource::$resource => typed.decode().map(Self::$change),)+
                }
            }
        }

        /// The resources of a [`SnapshotReply`], each if it differs.
        #[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
        pub struct SnapshotResources {
            $(
                $(#[$doc])+
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $name: Option<$snapshot>,
            )+
        }

        impl SnapshotResources {
            /// The resources as the engine handles them, without a round trip through JSON.
            pub(crate) fn decoded(self) -> Vec<(ResourceId, ResourceSnapshot)> {
                let parts = [$(self.$name.map(|part| (Resource::$resource.into(), part.decoded()))),+];
                parts.into_iter().flatten().collect()
            }
        }

        /// Registers the resources.
        fn with_resources(schema: Schema) -> Schema {
            schema$(.$register::<$definition>())+
        }
    };
}

/// Declares the types of changes on the wire.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, of $resource:ident;)+) => {
        $($(#[doc = $doc])+ pub const $name: &str = $text;)+

        /// The resource whose events carry changes of this kind; `None` for an unknown kind.
        #[must_use]
        pub fn resource(kind: &str) -> Option<Resource> {
            match kind {
                $($name => Some(Resource::$resource),)+
                _ => None,
            }
        }
    };
}

pub(crate) use kinds;
pub(crate) use resources;

impl Resource {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self.index()]
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
