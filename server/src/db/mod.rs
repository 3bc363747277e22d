//! The SQLite file: one connection that writes, several that read.
//!
//! Writers queue for the one connection and begin with `BEGIN IMMEDIATE`, so that no transaction ever has to be
//! upgraded; readers see the last commit and wait for nobody (WAL). Commits are synchronous: what was answered
//! survives a power cut, so that no version is ever given twice in one epoch.

use std::{path::Path, time::Duration};

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::failure::Failure;

pub mod activity;
pub mod beats;
pub mod cursor;
pub mod downloads;
pub mod commit_builder;
pub mod favorites;
pub mod meta;
pub mod orders;
pub mod outbox;
pub mod users;
pub mod snapshot;
pub mod stats;
pub mod outcomes;
pub mod column_codec;

/// Readers at a time.
const READERS_MAX: u32 = 8;

/// How long a reader or writer waits for its turn before the server says that it cannot answer.
const TURN_WAIT: Duration = Duration::from_secs(10);

/// The steps of the schema, oldest first. A step that has been released never changes.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (
        1,
        "ground",
        include_str!("../../migrations/0001_ground.sql"),
    ),
    (
        2,
        "activity_order_status",
        include_str!("../../migrations/0002_activity_order_status.sql"),
    ),
];

/// A transaction of the writer.
pub type WriteTx = Transaction<'static, Sqlite>;

/// The open database.
#[derive(Clone, Debug)]
pub struct Db {
    readers: SqlitePool,
    writer: SqlitePool,
}

impl Db {
    /// Opens a file, makes it if it is missing, and brings its schema up to date.
    ///
    /// # Errors
    /// When the file cannot be opened or was written by a newer server.
    pub async fn open(path: &Path) -> Result<Self, Failure> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(TURN_WAIT);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .acquire_timeout(TURN_WAIT)
            .test_before_acquire(false)
            .connect_with(options.clone())
            .await?;
        migrator()
            .run(&writer)
            .await
            .map_err(|error| Failure::Broken(error.into()))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS_MAX)
            .acquire_timeout(TURN_WAIT)
            .test_before_acquire(false)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        Ok(Self { readers, writer })
    }

    /// Connections for reading.
    #[must_use]
    pub const fn read(&self) -> &SqlitePool {
        &self.readers
    }

    /// Begins a reading transaction: all its reads see one state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_read(&self) -> Result<Transaction<'static, Sqlite>, Failure> {
        Ok(self.readers.begin().await?)
    }

    /// Begins a writing transaction, once all earlier ones have ended.
    ///
    /// # Errors
    /// When the turn does not come in time.
    pub async fn begin_write(&self) -> Result<WriteTx, Failure> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Closes all connections, after their work is done.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn migrator() -> Migrator {
    let steps = MIGRATIONS.iter().map(|(version, name, sql)| {
        Migration::new(
            *version,
            (*name).into(),
            MigrationType::Simple,
            sqlx::SqlStr::from_static(sql),
            false,
        )
    });
    Migrator::with_migrations(steps.collect())
}
