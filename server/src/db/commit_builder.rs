//! Builds a commit. Callers write rows and record changes; [`CommitBuilder::finish`] then assigns the versions,
//! updates the statistics and writes the events into the outbox, all in the transaction of the caller.

use std::{collections::BTreeMap, sync::Arc};

use dashboard_model::{Activity, ActivityKind, Change, Event, Resource};
use serde_json::value::{RawValue, to_raw_value};
use sqlx::SqliteConnection;
use sync_protocol::{Timestamp, limits};

use super::{
    activity,
    deferred::Deferred,
    outbox, stats,
    users::{self, Versions},
};
use crate::{
    failure::{Failure, Result},
    ids::UserId,
    random,
};

/// The event of a resource as JSON. It is written once for the outbox, the outcome and the answer.
pub type WrittenEvent = (Resource, Arc<RawValue>);

/// A commit of one user that is being built. A builder that is dropped leaves its rows to the transaction.
#[derive(Debug)]
pub struct CommitBuilder<'c> {
    /// The transaction.
    pub conn: &'c mut SqliteConnection,
    /// The user whose data change.
    pub user_id: UserId,
    /// The time of the commit, in milliseconds since 1970.
    pub now_ms: i64,
    /// The version of the commit. The rows that it creates store it.
    pub version: u64,
    /// The versions before this commit.
    pub before: Versions,
    /// The writes that run when the commit is complete.
    pub deferred: Deferred,
    epoch: String,
    stats_are_fresh: bool,
    changes: BTreeMap<Resource, Vec<Change>>,
    mutations: Vec<String>,
}

impl<'c> CommitBuilder<'c> {
    /// Starts a commit in a write transaction.
    ///
    /// # Errors
    /// When the user does not exist, or no version is left.
    pub async fn begin(
        conn: &'c mut SqliteConnection,
        epoch: &str,
        user_id: &UserId,
        now_ms: i64,
    ) -> Result<Self> {
        let before = users::versions(conn, user_id).await?;
        Self::after(before, conn, epoch, user_id, now_ms)
    }

    /// Starts a commit in a write transaction in which the user's data have the versions `before`.
    ///
    /// # Errors
    /// When no version is left.
    pub fn after(
        before: Versions,
        conn: &'c mut SqliteConnection,
        epoch: &str,
        user_id: &UserId,
        now_ms: i64,
    ) -> Result<Self> {
        if before.account >= limits::VERSION_MAX {
            return Err(Failure::broken("there are no versions left"));
        }
        Ok(Self {
            conn,
            user_id: user_id.clone(),
            now_ms,
            version: before.account + 1,
            epoch: epoch.to_owned(),
            before,
            deferred: Deferred::default(),
            stats_are_fresh: false,
            changes: BTreeMap::new(),
            mutations: Vec::new(),
        })
    }

    /// Starts a mutation: activity rows that follow belong to it.
    pub fn start_mutation(&mut self, id: &str) {
        self.mutations.push(id.to_owned());
    }

    /// Records a change whose row the caller has written.
    pub fn change(&mut self, change: Change) {
        let of_resource = self.changes.entry(change.resource()).or_default();
        of_resource.push(change);
    }

    /// Writes an activity row and records the change. Adds the id of the row, its time and the mutation that runs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn log(&mut self, activity: Activity) -> Result<()> {
        let mutation_id = self.mutations.last().cloned();
        let activity = Activity {
            id: match &mutation_id {
                Some(id) => Activity::id_of(id, activity.kind),
                None => random::id(),
            },
            at: Timestamp::from_unix_ms(self.now_ms),
            mutation_id,
            ..activity
        };
        activity::insert(self, &activity, self.now_ms).await?;
        self.change(Change::activity_logged(activity));
        Ok(())
    }

    /// Logs that the user has signed in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn log_sign_in(&mut self) -> Result<()> {
        let activity = Activity {
            kind: ActivityKind::SignedIn,
            ..Activity::default()
        };
        self.log(activity).await
    }

    /// Completes the commit and returns one event for each resource that changed, in the order of [`Resource::ALL`].
    /// An empty commit writes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish(mut self) -> Result<Vec<WrittenEvent>> {
        let events = self.complete().await?;
        self.deferred.run(self.conn).await?;
        Ok(events)
    }

    /// Completes the commit and returns its events and the writes that are left, which the caller has to run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish_later(mut self) -> Result<(Vec<WrittenEvent>, Deferred)> {
        Ok((self.complete().await?, self.deferred))
    }

    async fn complete(&mut self) -> Result<Vec<WrittenEvent>> {
        if self.changes.is_empty() {
            return Ok(Vec::new());
        }
        if !self.stats_are_fresh {
            self.refresh_stats().await?;
        }
        let changed: Vec<Resource> = self.changes.keys().copied().collect();
        users::set_version(&mut self.deferred, &self.user_id, &changed, self.version)?;
        let mut events = Vec::with_capacity(changed.len());
        for event in self.events() {
            let data = to_raw_value(&event)?;
            let channel = event.resource.channel(self.user_id.as_str());
            outbox::defer(&mut self.deferred, channel, data.get())?;
            events.push((event.resource, data.into()));
        }
        Ok(events)
    }

    /// Computes the statistics again and records the change if they differ.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refresh_stats(&mut self) -> Result<()> {
        let stats = stats::refresh(self.conn, &mut self.deferred, &self.user_id, self.now_ms);
        let stats = stats.await?;
        self.stats_are_fresh = true;
        if let Some(stats) = stats {
            self.change(Change::stats_updated(stats));
        }
        Ok(())
    }

    fn events(&mut self) -> Vec<Event> {
        let changes = std::mem::take(&mut self.changes);
        let resources: Vec<Resource> = changes.keys().copied().collect();
        let event = |(resource, changes)| Event {
            epoch: self.epoch.clone(),
            resource,
            version: self.version,
            prev: self.before.of(resource),
            resources: resources.clone(),
            mutations: self.mutations.clone(),
            at: Timestamp::from_unix_ms(self.now_ms),
            changes,
        };
        changes.into_iter().map(event).collect()
    }
}
