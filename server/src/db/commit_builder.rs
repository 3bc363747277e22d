//! A commit in the making: rows are written as the draft grows; [`CommitBuilder::finish`] gives it its version, brings the
//! statistics up to date and puts its events into the outbox, all in the transaction that it was begun in.

use dashboard_protocol::{
    Activity, ActivityKind, Change, Channel, Event, OrderStatus, Resource, Timestamp, limits,
};
use sqlx::SqliteConnection;

use super::{
    activity, outbox,
    users::{self, Versions},
    stats,
    column_codec::column,
};
use crate::{failure::Failure, random};

/// A commit in the making. Dropping it writes nothing by itself: rows already written go with their transaction.
#[derive(Debug)]
pub struct CommitBuilder<'c> {
    /// The transaction.
    pub conn: &'c mut SqliteConnection,
    /// Whose data it touches.
    pub user_id: String,
    /// When it is made, in milliseconds since 1970.
    pub now_ms: i64,
    /// The version that it will have; rows that it makes carry it.
    pub version: u64,
    epoch: String,
    before: Versions,
    changes: [Vec<Change>; 5],
    mutations: Vec<String>,
}

/// What a commit did.
#[derive(Debug)]
pub struct Committed {
    /// Its version; the user's version as it was, if it changed nothing.
    pub version: u64,
    /// One event for each resource that it touched, in the order of [`Resource::ALL`].
    pub events: Vec<Event>,
}

/// An activity row that is to be written.
#[derive(Clone, Debug, Default)]
pub struct Note {
    /// What happened.
    pub kind: ActivityKind,
    /// The mutation that made it happen.
    pub mutation_id: Option<String>,
    /// The beat it is about.
    pub beat_id: Option<String>,
    /// A name to show.
    pub title: Option<String>,
    /// The order it is about.
    pub order_id: Option<String>,
    /// The status that the order got.
    pub order_status: Option<OrderStatus>,
    /// The download it is about.
    pub download_id: Option<String>,
}

impl Note {
    /// A note of nothing but its kind and the mutation that made it.
    #[must_use]
    pub fn of(kind: ActivityKind, mutation_id: Option<&str>) -> Self {
        Self {
            kind,
            mutation_id: mutation_id.map(str::to_owned),
            ..Self::default()
        }
    }
}

impl<'c> CommitBuilder<'c> {
    /// Begins a commit in a writing transaction.
    ///
    /// # Errors
    /// When there is no such user, or all versions are used up.
    pub async fn begin(
        conn: &'c mut SqliteConnection,
        epoch: &str,
        user_id: &str,
        now_ms: i64,
    ) -> Result<Self, Failure> {
        let before = users::versions(conn, user_id).await?;
        if before.account >= limits::VERSION_MAX {
            return Err(Failure::broken("there are no versions left"));
        }
        Ok(Self {
            conn,
            user_id: user_id.to_owned(),
            now_ms,
            version: before.account + 1,
            epoch: epoch.to_owned(),
            before,
            changes: Default::default(),
            mutations: Vec::new(),
        })
    }

    /// Versions before this commit.
    #[must_use]
    pub const fn before(&self) -> &Versions {
        &self.before
    }

    /// Notes that the commit runs a mutation.
    pub fn run(&mut self, mutation_id: &str) {
        self.mutations.push(mutation_id.to_owned());
    }

    /// Notes a change; its row is written by the caller.
    pub fn change(&mut self, resource: Resource, change: Change) {
        self.changes[resource.index()].push(change);
    }

    /// Writes an activity row and notes the change.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn log(&mut self, note: Note) -> Result<(), Failure> {
        let id = note
            .mutation_id
            .as_deref()
            .map_or_else(random::id, |id| Activity::id_of(id, note.kind));
        let activity = Activity {
            id,
            kind: note.kind,
            at: Timestamp::from_unix_ms(self.now_ms),
            mutation_id: note.mutation_id,
            beat_id: note.beat_id,
            title: note.title,
            order_id: note.order_id,
            order_status: note.order_status,
            download_id: note.download_id,
        };
        activity::insert(
            self.conn,
            &self.user_id,
            &activity,
            self.now_ms,
            self.version,
        )
        .await?;
        self.change(
            Resource::Activity,
            Change::ActivityLogged(Box::new(activity)),
        );
        Ok(())
    }

    /// Whether nothing has changed so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.iter().all(Vec::is_empty)
    }

    /// Completes the commit; one without changes leaves no trace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish(mut self) -> Result<Committed, Failure> {
        if self.is_empty() {
            return Ok(Committed {
                version: self.before.account,
                events: Vec::new(),
            });
        }
        if let Some(stats) = stats::refresh(self.conn, &self.user_id, self.now_ms).await? {
            self.change(Resource::Stats, Change::StatsUpdated(Box::new(stats)));
        }
        self.write_versions().await?;
        let events = self.events();
        for event in &events {
            let channel = Channel::dashboard(event.resource, &self.user_id);
            let data = serde_json::to_string(event)?;
            outbox::insert(self.conn, &channel.to_string(), &data).await?;
        }
        Ok(Committed {
            version: self.version,
            events,
        })
    }

    /// Commits new statistics if a day has begun since the last ones; else changes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish_day(mut self) -> Result<Committed, Failure> {
        if let Some(stats) = stats::refresh(self.conn, &self.user_id, self.now_ms).await? {
            self.change(Resource::Stats, Change::StatsUpdated(Box::new(stats)));
        }
        self.finish().await
    }

    fn touched(&self) -> Vec<Resource> {
        Resource::ALL
            .into_iter()
            .filter(|resource| !self.changes[resource.index()].is_empty())
            .collect()
    }

    async fn write_versions(&mut self) -> Result<(), Failure> {
        let mut after = self.before;
        for resource in self.touched() {
            after.resources[resource.index()] = self.version;
        }
        let mut query = sqlx::query(
            "UPDATE people SET version = ?, favorites_version = ?, orders_version = ?, downloads_version = ?, \
             activity_version = ?, stats_version = ? WHERE id = ?",
        )
        .bind(column(self.version));
        for version in after.resources {
            query = query.bind(column(version));
        }
        query.bind(&self.user_id).execute(&mut *self.conn).await?;
        Ok(())
    }

    fn events(&mut self) -> Vec<Event> {
        let resources = self.touched();
        let event = |resource: &Resource| Event {
            epoch: self.epoch.clone(),
            resource: *resource,
            version: self.version,
            prev: self.before.of(*resource),
            resources: resources.clone(),
            mutations: self.mutations.clone(),
            at: Timestamp::from_unix_ms(self.now_ms),
            changes: std::mem::take(&mut self.changes[resource.index()]),
        };
        resources.iter().map(event).collect()
    }
}
