//! The user's activity log.

use serde::{Deserialize, Serialize};
use sync_engine::scheduler::Priority;
use sync_engine::schema::{Collection, Row, RowsMut};
use sync_engine::state::{OptimisticRows, Prediction};
use sync_protocol::Timestamp;

use crate::{OrderStatus, Resource, kind};

/// The kind of an activity row.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// A favorite was added.
    FavoriteAdded,
    /// A favorite was removed.
    FavoriteRemoved,
    /// An order was placed.
    OrderCreated,
    /// An order's status changed.
    OrderUpdated,
    /// A download was requested.
    DownloadRequested,
    /// A download became ready.
    DownloadCompleted,
    /// A download failed.
    DownloadFailed,
    /// A download was cancelled.
    DownloadCancelled,
    /// The user signed in.
    SignedIn,
    /// A kind that this build does not know.
    #[default]
    #[serde(other)]
    Unknown,
}

impl ActivityKind {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FavoriteAdded => "favorite_added",
            Self::FavoriteRemoved => "favorite_removed",
            Self::OrderCreated => "order_created",
            Self::OrderUpdated => "order_updated",
            Self::DownloadRequested => "download_requested",
            Self::DownloadCompleted => "download_completed",
            Self::DownloadFailed => "download_failed",
            Self::DownloadCancelled => "download_cancelled",
            Self::SignedIn => "signed_in",
            Self::Unknown => "unknown",
        }
    }
}

/// One row of the activity log.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Activity {
    /// Identity. A row that a mutation creates is `<mutation id>:<kind>`, so that the optimistic row is the same row.
    pub id: String,
    /// The kind of activity.
    pub kind: ActivityKind,
    /// When it happened.
    pub at: Timestamp,
    /// The mutation that created the row, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mutation_id: Option<String>,
    /// The beat concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beat_id: Option<String>,
    /// A name to show: the beat's title or the order's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The order concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The order's new status, if it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_status: Option<OrderStatus>,
    /// The download concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub download_id: Option<String>,
}

impl Activity {
    /// The id of the row that a mutation creates, the same on both sides.
    #[must_use]
    pub fn id_of(mutation_id: &str, kind: ActivityKind) -> String {
        [mutation_id, kind.as_str()].join(":")
    }
}

impl Row for Activity {
    fn id(&self) -> &str {
        &self.id
    }

    fn at(&self) -> &Timestamp {
        &self.at
    }
}

/// A change of the activity.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub enum ActivityChange {
    /// A row was added.
    #[serde(rename = "activity_logged")]
    Logged(Box<Activity>),
}

impl ActivityChange {
    /// Its type on the wire.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Logged(_) => kind::ACTIVITY_LOGGED,
        }
    }
}

/// The account's activity, newest first.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ActivityLog;

impl Collection for ActivityLog {
    const NAME: &'static str = Resource::Activity.as_str();
    const PRIORITY: Priority = Priority::Low;
    type Row = Activity;
    type Change = ActivityChange;

    fn apply(rows: &mut RowsMut<'_, Activity>, change: &ActivityChange) {
        let ActivityChange::Logged(activity) = change;
        rows.put((**activity).clone());
    }

    fn change_between(
        before: Option<&Activity>,
        after: Option<&Activity>,
    ) -> Option<(&'static str, ActivityChange)> {
        let logged = after.filter(|_| before.is_none())?;
        let change = ActivityChange::Logged(Box::new(logged.clone()));
        Some((change.kind(), change))
    }
}

/// The row that a mutation will create, without its subject.
pub(crate) fn optimistic(rows: &OptimisticRows<'_>, kind: ActivityKind) -> Activity {
    let id = rows.id().as_str();
    Activity {
        id: Activity::id_of(id, kind),
        kind,
        at: rows.at().clone(),
        mutation_id: Some(id.to_owned()),
        ..Activity::default()
    }
}

/// Shows the prepared row of a mutation if it changes something, as far as is known: the server logs no others.
pub(crate) fn predict(prediction: &mut Prediction<'_>) {
    if prediction.is_decided()
        && !prediction.is_conflicted()
        && let Some(mut rows) = prediction.rows::<ActivityLog>()
    {
        rows.create_prepared();
    }
}
