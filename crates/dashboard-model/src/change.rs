//! Events as the server writes them.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sync_protocol::TypedChange;

pub use crate::kind;
use crate::{
    Activity, ActivityChange, Change, Download, DownloadChange, Favorite, FavoriteChange, Order,
    OrderChange, RemovedFavorite, Resource, Stats, StatsChange,
};

/// The event of one resource in a commit.
pub type Event = sync_protocol::Event<Resource, Change>;

/// Reply of `POST /api/mutations`.
pub type MutationReply = sync_protocol::MutationReply<Event>;

/// The outcome of one mutation of a request.
pub type MutationResult = sync_protocol::MutationResult<Event>;

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let typed = self
            .to_typed()
            .ok_or_else(|| S::Error::custom("a change without a type"))?;
        typed.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let typed = TypedChange::deserialize(deserializer)?;
        let change =
            kind::resource(&typed.kind).and_then(|resource| Self::from_typed(resource, &typed));
        change.ok_or_else(|| D::Error::custom(format_args!("no change of type {}", typed.kind)))
    }
}

impl Change {
    /// A favorite was added.
    #[must_use]
    pub fn favorite_added(favorite: Favorite) -> Self {
        Self::Favorite(FavoriteChange::Added(Box::new(favorite)))
    }

    /// A favorite was removed.
    #[must_use]
    pub fn favorite_removed(beat_id: &str) -> Self {
        let beat_id = beat_id.to_owned();
        Self::Favorite(FavoriteChange::Removed(RemovedFavorite { beat_id }))
    }

    /// An order was placed.
    #[must_use]
    pub fn order_created(order: Order) -> Self {
        Self::Order(OrderChange::Created(Box::new(order)))
    }

    /// An order's status changed.
    #[must_use]
    pub fn order_updated(order: Order) -> Self {
        Self::Order(OrderChange::Updated(Box::new(order)))
    }

    /// A download was requested.
    #[must_use]
    pub fn download_requested(download: Download) -> Self {
        Self::Download(DownloadChange::Requested(Box::new(download)))
    }

    /// An activity row was added.
    #[must_use]
    pub fn activity_logged(activity: Activity) -> Self {
        Self::Activity(ActivityChange::Logged(Box::new(activity)))
    }

    /// The statistics changed.
    #[must_use]
    pub fn stats_updated(stats: Stats) -> Self {
        Self::Stats(StatsChange::Updated(Box::new(stats)))
    }
}

/// An event as the engine handles it, without a round trip through JSON: for servers in the same program, such as those
/// of tests.
#[must_use]
pub fn decoded(event: &Event) -> sync_engine::event::Event {
    sync_engine::event::Event {
        epoch: event.epoch.as_str().into(),
        resource: event.resource.into(),
        version: event.version,
        prev: event.prev,
        resources: event.resources.iter().copied().collect(),
        mutations: event
            .mutations
            .iter()
            .map(|id| id.as_str().into())
            .collect(),
        at: event.at.clone(),
        changes: event.changes.iter().map(Change::decoded).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    #[test]
    fn a_change_is_read_as_it_was_written() {
        let change = Change::favorite_removed("b1");
        let text = serde_json::to_string(&change).unwrap();
        assert_eq!(
            text,
            r#"{"type":"favorite_removed","data":{"beat_id":"b1"}}"#
        );
        assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), change);
    }

    #[test]
    fn a_change_of_unknown_type_or_shape_leaves_the_event_readable() {
        let text = r#"{"epoch":"e","resource":"favorites","version":2,"prev":1,"resources":["favorites","karma"],
            "changes":[{"type":"favorite_starred","data":{"x":1}},{"type":"favorite_removed","data":7},
            {"type":"favorite_removed","data":{"beat_id":"b1","why":"new field"}}],"new":true}"#;
        let event = schema().decode_event(text).unwrap();
        assert_eq!(event.resources, Resource::Favorites.into());
        assert!(event.changes[0].is_unknown() && event.changes[1].is_unknown());
        assert_eq!(event.changes[0].kind(), "favorite_starred");
        assert_eq!(event.changes[2], Change::favorite_removed("b1").decoded());
    }

    #[test]
    fn an_event_is_the_same_with_and_without_json() {
        let event = Event {
            epoch: "e".to_owned(),
            resource: Resource::Orders,
            version: 3,
            prev: 2,
            resources: vec![Resource::Orders, Resource::Activity],
            mutations: vec!["m1".to_owned()],
            at: sync_protocol::Timestamp::from_unix_ms(0),
            changes: vec![Change::order_created(Order::default())],
        };
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(schema().decode_event(&text), Some(decoded(&event)));
    }
}
