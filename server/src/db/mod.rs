//! The SQLite file, with one connection for writing and several for reading.
//!
//! Writers queue for their connection and start with `BEGIN IMMEDIATE`, so that no transaction needs an upgrade.
//! Readers see the last commit and never wait (WAL). Commits are synchronous: an answered commit survives a power
//! cut, so an epoch never has the same version twice.

use std::{path::Path, time::Duration};

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::failure::{Failure, Result};

pub mod activity;
pub mod beats;
pub mod column_codec;
pub mod commit_builder;
pub mod cursor;
pub mod downloads;
pub mod favorites;
pub mod meta;
pub mod orders;
pub mod outbox;
pub mod outcomes;
pub mod snapshot;
pub mod stats;
pub mod users;

/// The maximum number of connections for reading.
const READERS_MAX: u32 = 8;

/// How long a reader or a writer waits for a connection before the server answers `unavailable`.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// The names and texts of the migrations of the schema, from version 1 on. A released migration never changes.
const MIGRATIONS: [(&str, &str); 2] = [
    ("ground", include_str!("../../migrations/0001_ground.sql")),
    (
        "activity_order_status",
        include_str!("../../migrations/0002_activity_order_status.sql"),
    ),
];

/// The open database.
#[derive(Clone, Debug)]
pub struct Db {
    readers: SqlitePool,
    writer: SqlitePool,
}

impl Db {
    /// Opens a file and migrates its schema. Creates the file if it does not exist.
    ///
    /// # Errors
    /// When the file cannot be opened, or a newer server has written it.
    pub async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(ACQUIRE_TIMEOUT);
        let pool = SqlitePoolOptions::new()
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false);
        let writer = pool.clone().max_connections(1).min_connections(1);
        let writer = writer.connect_with(options.clone()).await?;
        migrator().run(&writer).await.map_err(Failure::broken)?;
        let readers = pool
            .max_connections(READERS_MAX)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        Ok(Self { readers, writer })
    }

    /// The connections for reading.
    #[must_use]
    pub const fn read(&self) -> &SqlitePool {
        &self.readers
    }

    /// Starts a write transaction after all earlier ones have ended.
    ///
    /// # Errors
    /// When the earlier ones take too long, or the database fails.
    pub async fn begin_write(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Closes all connections after their work is done.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn migrator() -> Migrator {
    let migrations = (1..).zip(MIGRATIONS).map(|(version, (name, sql))| {
        let sql = sqlx::SqlStr::from_static(sql);
        Migration::new(version, name.into(), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.collect())
}
