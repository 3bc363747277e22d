//! The SQLite file, with one connection for writing and several for reading.
//!
//! Writes go through the queue of [`writer`] and start with `BEGIN IMMEDIATE`, so that no transaction needs an upgrade.
//! Readers see the last commit and never wait (WAL). Commits are synchronous: an answered commit survives a power
//! cut, so an epoch never has the same version twice.
//!
//! Queries that run often limit their rows with `LIMIT +?`: SQLite prepares one with `LIMIT ?` again for each call, because
//! its plan depends on the number.

use std::{
    fs::OpenOptions,
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{
    Connection, Sqlite, SqliteConnection, SqlitePool, Transaction,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use tokio::sync::watch;

use self::{
    deferred::Deferred,
    writer::{Work, Writer},
};
use crate::failure::{Failure, Result};

pub mod activity;
pub mod backup;
pub mod beats;
pub mod column_codec;
pub mod commit_builder;
pub mod cursor;
pub mod deferred;
pub mod downloads;
pub mod favorites;
pub mod meta;
pub mod orders;
pub mod outbox;
pub mod outcomes;
pub mod snapshot;
pub mod stats;
pub mod users;
pub mod wal;
pub mod writer;

/// The maximum number of connections for reading.
const READERS_MAX: u32 = 8;

/// How long a reader or a writer waits for a connection before the server answers `unavailable`.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a writer waits for another process that holds the lock, such as a long import.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// The names and texts of the migrations of the schema, from version 1 on. A released migration never changes.
const MIGRATIONS: [(&str, &str); 4] = [
    ("ground", include_str!("../../migrations/0001_ground.sql")),
    (
        "activity_order_status",
        include_str!("../../migrations/0002_activity_order_status.sql"),
    ),
    (
        "stats_days",
        include_str!("../../migrations/0003_stats_days.sql"),
    ),
    (
        "disabled_accounts",
        include_str!("../../migrations/0004_disabled_accounts.sql"),
    ),
];

/// The open database.
#[derive(Clone, Debug)]
pub struct Db {
    path: PathBuf,
    readers: SqlitePool,
    write_pool: SqlitePool,
    checkpointer: SqlitePool,
    writer: Writer,
}

impl Db {
    /// Opens a file and migrates its schema. Creates the file if it does not exist.
    ///
    /// # Errors
    /// When the file cannot be opened, or a newer server has written it.
    pub async fn open(path: &Path) -> Result<Self> {
        let opened = Self::open_file(path).await;
        opened.map_err(|failure| {
            let path = path.display();
            Failure::broken(format!("cannot open the database {path}: {failure}"))
        })
    }

    async fn open_file(path: &Path) -> Result<Self> {
        create_private(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("temp_store", "memory")
            .busy_timeout(BUSY_TIMEOUT);
        let pool = SqlitePoolOptions::new()
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false);
        let write_pool = pool
            .clone()
            .max_connections(1)
            .after_release(|conn, _| Box::pin(is_clean(conn)));
        // 64 MiB of pages, and a checkpoint each 16 MiB: pages that change often are read and copied less often.
        let write_options = options
            .clone()
            .pragma("cache_size", "-65536")
            .pragma("wal_autocheckpoint", "4000")
            .pragma("journal_size_limit", wal::WAL_BYTES_MAX.to_string());
        let write_pool = write_pool.connect_with(write_options).await?;
        let checkpointer = pool
            .clone()
            .max_connections(1)
            .connect_lazy_with(options.clone().create_if_missing(false));
        migrator().run(&write_pool).await.map_err(Failure::broken)?;
        let readers = pool
            .max_connections(READERS_MAX)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        Ok(Self {
            path: path.to_owned(),
            readers,
            writer: Writer::start(write_pool.clone()),
            write_pool,
            checkpointer,
        })
    }

    /// The connections for reading.
    #[must_use]
    pub const fn read(&self) -> &SqlitePool {
        &self.readers
    }

    /// Runs a write in the next group commit and returns its result after the commit. It runs to its end even if the
    /// caller leaves. An error undoes it.
    ///
    /// # Errors
    /// The failure of the write, or `unavailable` if too many wait, the database is locked or the disk is full.
    pub async fn write<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, T> + Send + 'static,
    {
        self.write_deferred(|conn| {
            let work = work(conn);
            Box::pin(async move { Ok((work.await?, Deferred::default())) })
        })
        .await
    }

    /// Like [`Self::write`], for a write that leaves its last statements to the end of its savepoint: they need no call of
    /// their own.
    ///
    /// # Errors
    /// As of [`Self::write`], also if a deferred statement fails.
    pub async fn write_deferred<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, (T, Deferred)> + Send + 'static,
    {
        self.writer.write(work).await
    }

    /// The queue of the writes, for the metrics.
    #[must_use]
    pub const fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Begins the write-ahead log anew if it is too large. Returns false if a reader took too long.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bound_wal(&self) -> Result<bool> {
        if wal::size(&self.path).await? <= wal::WAL_BYTES_MAX {
            return Ok(true);
        }
        self.truncate_wal().await
    }

    /// Copies the write-ahead log into the database and truncates it. All writes wait for half a second at most. Returns
    /// false if a reader took too long.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn truncate_wal(&self) -> Result<bool> {
        // SQLite fails at once beside another checkpoint, as if a reader took too long.
        let _idle = self.checkpointer.acquire().await?;
        wal::truncate(&mut *self.write_pool.acquire().await?).await
    }

    /// Copies the write-ahead log into the database, beside the commits, if there is much to copy.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn checkpoint(&self) -> Result<(), sqlx::Error> {
        wal::checkpoint(&mut *self.checkpointer.acquire().await?).await
    }

    /// Changes with each commit of [`Self::write`].
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<()> {
        self.writer.commits()
    }

    /// Starts a write transaction of its own, for a start and for commands. All other writes wait for its end.
    ///
    /// # Errors
    /// When the earlier ones take too long, or the database fails.
    pub async fn begin_write(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.write_pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Closes all connections after their work is done.
    pub async fn close(&self) {
        // The queue is in order: the writes before this one are done. If it fails, so have they.
        let _: Result<()> = self.write(|_| Box::pin(async { Ok(()) })).await;
        self.readers.close().await;
        self.checkpointer.close().await;
        self.write_pool.close().await;
    }
}

/// Whether a released connection can be used again. After a failed commit or rollback, such as on a full disk, it
/// counts itself as still in a transaction and would fail every later one. The ping waits for a rollback in progress.
async fn is_clean(conn: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    conn.ping().await?;
    Ok(!conn.is_in_transaction())
}

/// Creates a file that only its owner can read and write, if there is none. SQLite gives the same mode to its other files.
fn create_private(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    match options.write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Failure::broken(
            "its folder is missing; create it, or name another file with --database",
        )),
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

fn migrator() -> Migrator {
    let migrations = (1..).zip(MIGRATIONS).map(|(version, (name, sql))| {
        let sql = sqlx::SqlStr::from_static(sql);
        Migration::new(version, name.into(), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.collect())
}
