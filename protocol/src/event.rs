//! What a commit did to one resource.

use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::value::RawValue;

use crate::json::fill;
use crate::record::{Read, Readable, Value, readable, record};
use crate::{Activity, Download, Favorite, Money, Order, Prices, Resource, Stats, Timestamp};

/// What a commit did to one resource: the unit of the realtime streams.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// Epoch of the user's data; another one invalidates all that is known.
    pub epoch: String,
    /// The resource that changed.
    pub resource: Resource,
    /// The commit's version.
    pub version: u64,
    /// The resource's version before the commit.
    pub prev: u64,
    /// All resources that the commit touched, as far as this build knows them.
    pub resources: Vec<Resource>,
    /// Ids of the mutations that the commit ran.
    pub mutations: Vec<String>,
    /// When the commit was made.
    pub at: Timestamp,
    /// What changed, in order.
    pub changes: Vec<Change>,
}
record!(Event { epoch, resource, version, prev, changes } or { resources, mutations, at });

macro_rules! changes {
    ($($(#[doc = $doc:literal])+ $name:ident($data:ty) = $text:literal,)+) => {
        /// The type of a change, without its data.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum ChangeKind {
            $($(#[doc = $doc])+ $name,)+
            /// A type that this build does not know.
            Unknown,
        }

        impl ChangeKind {
            /// All types that this build knows.
            pub const KNOWN: &[Self] = &[$(Self::$name,)+];

            /// The name on the wire; `unknown` for [`Self::Unknown`].
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                    Self::Unknown => "unknown",
                }
            }
        }

        /// One change of a resource.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Change {
            $($(#[doc = $doc])+ $name($data),)+
            /// A change that this build cannot read: the resource has to be fetched.
            Unknown {
                /// Its type as it came.
                kind: String,
            },
        }

        impl Change {
            /// The type of the change.
            #[must_use]
            pub const fn kind(&self) -> ChangeKind {
                match self {
                    $(Self::$name(_) => ChangeKind::$name,)+
                    Self::Unknown { .. } => ChangeKind::Unknown,
                }
            }

            fn known(kind: String, data: &str) -> Self {
                match kind.as_str() {
                    $($text => {
                        let mut known = <$data as Readable>::blank();
                        if fill(data, &mut known) {
                            return Self::$name(known);
                        }
                    })+
                    _ => {}
                }
                Self::Unknown { kind }
            }
        }

        impl Serialize for Change {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut fields = serializer.serialize_struct("Change", 2)?;
                match self {
                    $(Self::$name(data) => {
                        fields.serialize_field("type", $text)?;
                        fields.serialize_field("data", data)?;
                    })+
                    Self::Unknown { kind } => fields.serialize_field("type", kind)?,
                }
                fields.end()
            }
        }
    };
}

changes! {
    /// A beat was marked.
    FavoriteAdded(Box<Favorite>) = "favorite_added",
    /// A mark was taken back.
    FavoriteRemoved(RemovedFavorite) = "favorite_removed",
    /// An order was placed.
    OrderCreated(Box<Order>) = "order_created",
    /// An order moved on.
    OrderUpdated(Box<Order>) = "order_updated",
    /// A download was asked for.
    DownloadRequested(Box<Download>) = "download_requested",
    /// A download is further along.
    DownloadProgress(Box<Download>) = "download_progress",
    /// A download is ready.
    DownloadCompleted(Box<Download>) = "download_completed",
    /// A download could not be made.
    DownloadFailed(Box<Download>) = "download_failed",
    /// A download was taken back.
    DownloadCancelled(Box<Download>) = "download_cancelled",
    /// Something happened on the account.
    ActivityLogged(Box<Activity>) = "activity_logged",
    /// The numbers changed; the data holds them all.
    StatsUpdated(Box<Stats>) = "stats_updated",
}

/// Data of `favorite_removed`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct RemovedFavorite {
    /// Which beat lost its mark.
    pub beat_id: String,
}
record!(RemovedFavorite { beat_id });

/// [`Change`] and [`BeatChange`] as they stand on the wire: the data are read by the type.
struct ChangeWire {
    kind: String,
    data: Box<RawValue>,
}
record!(ChangeWire { kind = "type" } or { data });

impl Readable for Change {
    fn blank() -> Self {
        Self::Unknown {
            kind: String::new(),
        }
    }

    /// Reads the type first and the data by it. Data that do not fit their type make the change `Unknown`; the rest
    /// of the event stays readable.
    fn read(&mut self, value: &mut dyn Value) -> Read {
        let mut wire = ChangeWire::blank();
        wire.read(value)?;
        *self = Self::known(wire.kind, wire.data.get());
        Ok(())
    }
}

readable!(Change);

/// A message of the public catalog stream. Latest value wins; there are no versions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CatalogUpdate {
    /// The changes, in order; those of unknown type are left out.
    pub changes: Vec<BeatChange>,
}
record!(CatalogUpdate { changes });

/// New values of a beat on sale.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(into = "BeatChangeWire")]
pub struct BeatChange {
    /// Which beat.
    pub id: String,
    /// Price of the basic licence, if it changed.
    pub price: Option<Money>,
    /// Prices of all licences, if they changed.
    pub prices: Option<Prices>,
    /// Play count, if it changed.
    pub plays: Option<u64>,
}

/// The one type of change in [`CatalogUpdate`].
const BEAT_CHANGED: &str = "beat_changed";

/// [`BeatChange`] as it stands on the wire.
#[derive(Serialize)]
struct BeatChangeWire {
    r#type: &'static str,
    data: BeatData,
}

/// The data of [`BeatChangeWire`].
#[derive(Serialize)]
struct BeatData {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prices: Option<Prices>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plays: Option<u64>,
}

impl From<BeatChange> for BeatChangeWire {
    fn from(change: BeatChange) -> Self {
        let BeatChange {
            id,
            price,
            prices,
            plays,
        } = change;
        Self {
            r#type: BEAT_CHANGED,
            data: BeatData {
                id,
                price,
                prices,
                plays,
            },
        }
    }
}

record!(BeatData { id } or { price, prices, plays });

impl Readable for BeatChange {
    fn blank() -> Self {
        Self::default()
    }

    fn read(&mut self, value: &mut dyn Value) -> Read {
        let mut wire = ChangeWire::blank();
        wire.read(value)?;
        *self = Self::known(&wire).ok_or_else(|| value.refuse("a change is of another type"))?;
        Ok(())
    }

    /// A list leaves out changes of another type, and those that cannot be read.
    fn join(list: &mut Vec<Self>, value: &mut dyn Value) -> Read {
        let mut wire = ChangeWire::blank();
        wire.read(value)?;
        list.extend(Self::known(&wire));
        Ok(())
    }
}

impl BeatChange {
    fn known(wire: &ChangeWire) -> Option<Self> {
        let mut data = BeatData::blank();
        let known = wire.kind == BEAT_CHANGED && fill(wire.data.get(), &mut data);
        known.then_some(Self {
            id: data.id,
            price: data.price,
            prices: data.prices,
            plays: data.plays,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_unknown_type_or_shape_leaves_the_event_readable() {
        let text = r#"{"epoch":"e","resource":"favorites","version":2,"prev":1,"resources":["favorites","karma"],
            "changes":[{"type":"favorite_starred","data":{"x":1}},{"type":"favorite_removed","data":7},
            {"type":"favorite_removed","data":{"beat_id":"b1","why":"new field"}}],"new":true}"#;
        let event: Event = serde_json::from_str(text).unwrap();
        assert_eq!(event.resources, [Resource::Favorites]);
        assert_eq!(
            event.changes[0],
            Change::Unknown {
                kind: "favorite_starred".to_owned()
            }
        );
        assert_eq!(
            event.changes[1],
            Change::Unknown {
                kind: "favorite_removed".to_owned()
            }
        );
        assert_eq!(event.changes[2].kind(), ChangeKind::FavoriteRemoved);
    }

    #[test]
    fn market_changes_are_read_back_and_unknown_ones_left_out() {
        let event = CatalogUpdate {
            changes: vec![BeatChange {
                id: "b".to_owned(),
                plays: Some(7),
                ..BeatChange::default()
            }],
        };
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(
            text,
            r#"{"changes":[{"type":"beat_changed","data":{"id":"b","plays":7}}]}"#
        );
        assert_eq!(serde_json::from_str::<CatalogUpdate>(&text).unwrap(), event);
        let other = r#"{"changes":[{"type":"beat_sold","data":{"id":"b"}}]}"#;
        assert!(
            serde_json::from_str::<CatalogUpdate>(other)
                .unwrap()
                .changes
                .is_empty()
        );
    }
}
