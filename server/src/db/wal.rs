//! Keeps the write-ahead log small. SQLite begins it anew only when no reader needs it, which may never happen while readers
//! overlap. A checkpoint that waits for them gets there.
//!
//! SQLite's own checkpoint runs inside a commit. One beside the commits copies most of the log before, so that no commit
//! takes long.

use std::{path::Path, time::Duration};

use sqlx::SqliteConnection;

use super::BUSY_TIMEOUT;
use crate::failure::Result;

/// The size that the log keeps after it has been begun anew, and from which on a checkpoint waits for readers: four
/// times what SQLite collects before a checkpoint that does not wait.
pub const WAL_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The number of pages that are worth a checkpoint beside the commits: a quarter of what the one inside a commit waits for.
const PAGES_MIN: i64 = 1000;

/// How long a checkpoint waits for readers. All writes wait as long.
const WAIT: Duration = Duration::from_millis(500);

/// The size of the log of a database, in bytes.
///
/// # Errors
/// When the file cannot be read.
pub async fn size(database: &Path) -> Result<u64> {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    Ok(tokio::fs::metadata(name).await?.len())
}

/// Copies the log into the database and truncates it. Returns false if a reader took too long.
///
/// # Errors
/// When the database fails.
pub async fn truncate(conn: &mut SqliteConnection) -> Result<bool> {
    set_busy_timeout(conn, WAIT).await?;
    let checkpoint = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)");
    let done: Result<(i64, i64, i64), _> = checkpoint.fetch_one(&mut *conn).await;
    set_busy_timeout(conn, BUSY_TIMEOUT).await?;
    let (busy, ..) = done?;
    Ok(busy == 0)
}

/// Copies the log into the database if there is much to copy. Neither waits for readers and writers nor delays them.
///
/// # Errors
/// When the database fails.
pub async fn checkpoint(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let (pages, copied) = progress(conn).await?;
    if pages - copied >= PAGES_MIN {
        let checkpoint = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)");
        checkpoint.execute(conn).await?;
    }
    Ok(())
}

/// The number of pages in the log, and how many of them are in the database.
async fn progress(conn: &mut SqliteConnection) -> Result<(i64, i64), sqlx::Error> {
    let look = sqlx::query_as("PRAGMA wal_checkpoint(NOOP)");
    let (_, pages, copied): (i64, _, _) = look.fetch_one(conn).await?;
    Ok((pages, copied))
}

async fn set_busy_timeout(conn: &mut SqliteConnection, wait: Duration) -> Result<()> {
    // Safe, because the only part that varies is a number.
    let query = sqlx::AssertSqlSafe(format!("PRAGMA busy_timeout = {}", wait.as_millis()));
    sqlx::query(query).execute(conn).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::db::{Db, outbox};

    /// Reads without a pause: the next read begins before the last one ends.
    async fn read_for_ever(db: &Db) {
        let mut last = None;
        loop {
            let mut read = db.read().begin().await.expect("a read");
            let rows = sqlx::query("SELECT count(*) FROM outbox").fetch_one(&mut *read);
            rows.await.expect("a count");
            drop(last.replace(read));
        }
    }

    async fn write_20_mib(db: &Db) {
        for _ in 0..20 {
            let write = db.write(|conn| {
                let data = "x".repeat(1 << 20);
                Box::pin(async move { outbox::insert(conn, "large", &data).await })
            });
            write.await.expect("written");
        }
    }

    #[tokio::test]
    async fn the_log_is_copied_beside_the_commits_from_a_thousand_pages_on() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let db = Db::open(&folder.path().join("test.sqlite")).await;
        let db = db.expect("a database");
        let mut conn = db.checkpointer.acquire().await.expect("a connection");
        loop {
            let (pages, copied) = progress(&mut conn).await.expect("checked");
            checkpoint(&mut conn).await.expect("checked");
            let after = progress(&mut conn).await.expect("checked");
            if pages - copied >= PAGES_MIN {
                assert_eq!(after, (pages, pages));
                break;
            }
            assert_eq!(after, (pages, copied), "too few to copy");
            let write = db.write(|conn| {
                let data = "x".repeat(100 << 10);
                Box::pin(async move { outbox::insert(conn, "large", &data).await })
            });
            write.await.expect("written");
        }
    }

    #[tokio::test]
    async fn the_log_is_begun_anew_under_readers_that_overlap() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("test.sqlite");
        let db = Db::open(&path).await.expect("a database");
        let work = async {
            // Overlapping reads alone leave SQLite a chance, if one happens to begin right after a checkpoint.
            let mut long = db.read().begin().await.expect("a read");
            let rows = sqlx::query("SELECT count(*) FROM outbox").fetch_one(&mut *long);
            rows.await.expect("a count");
            write_20_mib(&db).await;
            write_20_mib(&db).await;
            drop(long);
            let before = size(&path).await.expect("a log");
            assert!(before > 40 << 20, "a read that needs it keeps it: {before}");
            assert!(db.bound_wal().await.expect("checked"));
            assert_eq!(
                size(&path).await.expect("a log"),
                before,
                "it is not too large"
            );
            while !db.truncate_wal().await.expect("checked") {}
            assert_eq!(size(&path).await.expect("a log"), 0);
        };
        tokio::select! {
            () = work => {}
            () = read_for_ever(&db) => {}
        }
        // The connection waits for locks as before.
        let timeout: i64 = sqlx::query_scalar("PRAGMA busy_timeout")
            .fetch_one(&mut *db.write_pool.acquire().await.expect("a connection"))
            .await
            .expect("a number");
        assert_eq!(u128::try_from(timeout), Ok(BUSY_TIMEOUT.as_millis()));
    }

    #[tokio::test]
    async fn the_log_is_truncated_after_a_checkpoint_beside_the_commits_which_delays_no_write() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("test.sqlite");
        let db = Db::open(&path).await.expect("a database");
        let checkpoint = db.checkpointer.acquire().await.expect("a connection");
        let mut truncating = Box::pin(db.truncate_wal());
        assert!(truncating.as_mut().now_or_never().is_none());
        let write = db.write(|conn| Box::pin(async move { outbox::insert(conn, "a", "{}").await }));
        write.await.expect("written");
        assert!(size(&path).await.expect("a log") > 0);
        drop(checkpoint);
        assert!(truncating.await.expect("checked"));
        assert_eq!(size(&path).await.expect("a log"), 0);
    }

    #[tokio::test]
    async fn a_long_read_delays_writes_for_half_a_second_and_not_longer() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let db = Db::open(&folder.path().join("test.sqlite"))
            .await
            .expect("a database");
        let mut read = db.read().begin().await.expect("a read");
        let rows = sqlx::query("SELECT count(*) FROM outbox").fetch_one(&mut *read);
        rows.await.expect("a count");
        let started = tokio::time::Instant::now();
        let mut truncating = Box::pin(db.truncate_wal());
        assert!(truncating.as_mut().now_or_never().is_none());
        let write = db.write(|conn| Box::pin(async move { outbox::insert(conn, "a", "{}").await }));
        let (truncated, written) = tokio::join!(truncating, write);
        assert!(!truncated.expect("checked") && written.is_ok());
        assert!(started.elapsed() < BUSY_TIMEOUT);
    }
}
