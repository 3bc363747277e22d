//! Group commit. Writes wait in a queue, and one task runs all that wait in one transaction, so that they share one
//! synchronous commit. Each write has a savepoint, so that a failed one leaves no trace and the others go on. A write
//! runs to its end even if its caller has left.

use std::{
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures_util::FutureExt;
use metrics::Histogram;
use sqlx::{SqliteConnection, SqlitePool};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

use super::deferred::Deferred;
use crate::failure::{Failure, Result};

/// The maximum number of writes that wait. The server answers `unavailable` to more.
const WAITING_MAX: usize = 1024;

/// How long a group takes in more writes. It bounds the wait of its first one.
const GROUP_TIME: Duration = Duration::from_millis(10);

/// What a write does in the transaction.
pub type Work<'c, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'c>>;

/// The queue of the writes.
#[derive(Clone, Debug)]
pub struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
    commits: watch::Sender<()>,
    commit_seconds: Arc<OnceLock<Histogram>>,
}

impl Writer {
    /// Starts the task that writes. It ends when the last copy of the value is dropped.
    #[must_use]
    pub fn start(pool: SqlitePool) -> Self {
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        let commits = watch::Sender::new(());
        let commit_seconds = Arc::<OnceLock<Histogram>>::default();
        let measured = Arc::clone(&commit_seconds);
        tokio::spawn(run(pool, waiting, commits.clone(), measured));
        Self {
            jobs,
            commits,
            commit_seconds,
        }
    }

    /// The number of writes that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    /// Notes from now on how long commits take.
    pub fn measure(&self, commit_seconds: Histogram) {
        // Only the first one counts: a database belongs to one server.
        let _: Result<(), _> = self.commit_seconds.set(commit_seconds);
    }

    /// Changes with each commit.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<()> {
        self.commits.subscribe()
    }

    /// Queues a write and returns its result after its commit. The deferred part of the write runs with the end of its
    /// savepoint.
    ///
    /// # Errors
    /// The failure of the write, or `unavailable` if too many wait or the commit failed.
    pub async fn write<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, (T, Deferred)> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Pending {
            work: Some(work),
            result: None,
            reply,
        };
        let queued = self.jobs.try_send(Box::new(job));
        queued.map_err(|_full| Failure::busy())?;
        answer.await.map_err(Failure::broken)?
    }
}

/// A write in the queue.
trait Job: Send {
    /// Runs the write, and returns its deferred part.
    fn run<'a>(&'a mut self, conn: &'a mut SqliteConnection) -> Work<'a, Deferred>;

    /// Notes the failure of the write.
    fn fail(&mut self, failure: Failure);

    /// Answers the caller.
    fn answer(self: Box<Self>, committed: bool);
}

struct Pending<T, W> {
    work: Option<W>,
    result: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, W> Job for Pending<T, W>
where
    T: Send,
    W: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, (T, Deferred)> + Send,
{
    fn run<'a>(&'a mut self, conn: &'a mut SqliteConnection) -> Work<'a, Deferred> {
        Box::pin(async move {
            let work = self.work.take();
            let work = work.ok_or_else(|| Failure::broken("a write runs once"))?;
            let ran = AssertUnwindSafe(work(conn)).catch_unwind().await;
            let (value, deferred) =
                ran.unwrap_or_else(|_| Err(Failure::broken("a write panicked")))?;
            self.result = Some(Ok(value));
            Ok(deferred)
        })
    }

    fn fail(&mut self, failure: Failure) {
        self.result = Some(Err(failure));
    }

    fn answer(self: Box<Self>, committed: bool) {
        let result = match self.result {
            Some(Ok(value)) if committed => Ok(value),
            Some(Err(failure)) => Err(failure),
            Some(Ok(_)) | None => Err(Failure::busy()),
        };
        // The caller may have left.
        let _: Result<(), _> = self.reply.send(result);
    }
}

async fn run(
    pool: SqlitePool,
    mut waiting: mpsc::Receiver<Box<dyn Job>>,
    commits: watch::Sender<()>,
    commit_seconds: Arc<OnceLock<Histogram>>,
) {
    while let Some(first) = waiting.recv().await {
        let mut group = vec![first];
        let started = Instant::now();
        let committed = commit(&pool, &mut waiting, &mut group).await;
        if let Some(seconds) = commit_seconds.get() {
            seconds.record(started.elapsed());
        }
        match &committed {
            Ok(()) => {
                commits.send_replace(());
            }
            Err(error) => {
                tracing::error!(%error, writes = group.len(), "a group of writes failed");
                // The others would wait for the same failure, one after the other.
                while let Ok(job) = waiting.try_recv() {
                    group.push(job);
                }
            }
        }
        for job in group {
            job.answer(committed.is_ok());
        }
    }
}

/// Runs a group in one transaction, with the writes that arrive in the meantime. An error undoes all of it.
async fn commit(
    pool: &SqlitePool,
    waiting: &mut mpsc::Receiver<Box<dyn Job>>,
    group: &mut Vec<Box<dyn Job>>,
) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE; SAVEPOINT job").await?;
    let started = Instant::now();
    let mut next = 0;
    while let Some(job) = group.get_mut(next) {
        next += 1;
        if let Err(failure) = run_one(&mut **job, &mut tx).await {
            job.fail(failure);
            // SQLite ends the whole transaction when the disk is full. The savepoint is gone then, and the group fails.
            sqlx::query("ROLLBACK TO job").execute(&mut *tx).await?;
        }
        if started.elapsed() < GROUP_TIME
            && let Ok(job) = waiting.try_recv()
        {
            group.push(job);
        }
    }
    tx.commit().await
}

/// Runs a write, and begins the savepoint of the next one.
async fn run_one(job: &mut dyn Job, conn: &mut SqliteConnection) -> Result<()> {
    let mut deferred = job.run(conn).await?;
    deferred.push("RELEASE job").push("SAVEPOINT job");
    deferred.run(conn).await
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use sqlx::Connection;
    use sync_protocol::ProblemCode;
    use tempfile::TempDir;

    use super::*;
    use crate::db::{Db, outbox};

    async fn open() -> (TempDir, Db) {
        let folder = TempDir::new().expect("a folder");
        let db = Db::open(&folder.path().join("test.sqlite")).await;
        (folder, db.expect("a database"))
    }

    async fn insert(db: &Db, channel: &'static str) -> Result<()> {
        db.write(move |conn| Box::pin(async move { outbox::insert(conn, channel, "{}").await }))
            .await
    }

    async fn channels(db: &Db) -> Vec<String> {
        sqlx::query_scalar("SELECT channel FROM outbox ORDER BY id")
            .fetch_all(db.read())
            .await
            .expect("rows")
    }

    fn is_unavailable(result: Result<()>) -> bool {
        matches!(result, Err(Failure::Rejected(problem))
            if problem.code == ProblemCode::Unavailable && problem.retry_after_ms.is_some())
    }

    /// Starts a write and leaves at once.
    async fn start(write: &mut (impl Future<Output = Result<()>> + Unpin)) {
        let started = poll_fn(|context| std::task::Poll::Ready(write.poll_unpin(context))).await;
        assert!(started.is_pending());
    }

    #[tokio::test]
    async fn a_failed_or_panicking_write_leaves_no_trace_and_the_others_commit() {
        let (_folder, db) = open().await;
        let held = db.begin_write().await.expect("a transaction");
        let failing = db.write(|conn| {
            Box::pin(async move {
                outbox::insert(conn, "failing", "{}").await?;
                Err::<(), _>(ProblemCode::NotFound.into())
            })
        });
        let panicking = db.write(|conn| {
            Box::pin(async move {
                outbox::insert(conn, "panicking", "{}").await?;
                assert!(!conn.is_in_transaction(), "an injected fault");
                Ok(())
            })
        });
        let writes = async {
            tokio::join!(
                insert(&db, "first"),
                failing,
                panicking,
                insert(&db, "last")
            )
        };
        let ((first, failing, panicking, last), ()) = tokio::join!(writes, async { drop(held) });
        assert!(first.is_ok() && last.is_ok());
        assert!(
            matches!(failing, Err(Failure::Rejected(problem)) if problem.code == ProblemCode::NotFound)
        );
        assert!(matches!(panicking, Err(Failure::Broken(_))));
        assert_eq!(channels(&db).await, ["first", "last"]);
    }

    #[tokio::test]
    async fn a_deferred_statement_that_fails_undoes_its_write_and_the_others_commit() {
        let (_folder, db) = open().await;
        let held = db.begin_write().await.expect("a transaction");
        let deferring = |channel: &'static str, data: Option<&'static str>| {
            db.write_deferred(move |conn| {
                Box::pin(async move {
                    outbox::insert(conn, channel, "{}").await?;
                    let mut deferred = Deferred::default();
                    let insert = "INSERT INTO outbox (channel, data) VALUES (?, ?)";
                    deferred.push(insert).bind("deferred")?.bind(data)?;
                    Ok(((), deferred))
                })
            })
        };
        let writes = async {
            tokio::join!(
                deferring("first", Some("{}")),
                deferring("failing", None),
                insert(&db, "last")
            )
        };
        let ((first, failing, last), ()) = tokio::join!(writes, async { drop(held) });
        assert!(first.is_ok() && last.is_ok());
        assert!(matches!(failing, Err(Failure::Broken(_))), "{failing:?}");
        assert_eq!(channels(&db).await, ["first", "deferred", "last"]);
    }

    #[tokio::test]
    async fn a_write_whose_caller_has_left_is_committed() {
        let (_folder, db) = open().await;
        let mut commits = db.commits();
        let held = db.begin_write().await.expect("a transaction");
        start(&mut Box::pin(insert(&db, "left"))).await;
        drop(held);
        commits.changed().await.expect("a commit");
        assert_eq!(channels(&db).await, ["left"]);
    }

    #[tokio::test]
    async fn the_queue_has_a_limit() {
        let (_folder, db) = open().await;
        let held = db.begin_write().await.expect("a transaction");
        let mut waiting = Vec::new();
        for _ in 0..WAITING_MAX {
            let mut write = Box::pin(insert(&db, "waiting"));
            start(&mut write).await;
            waiting.push(write);
        }
        // No other task has run since, so that the queue is full.
        assert!(is_unavailable(insert(&db, "too many").await));
        drop(held);
        for write in waiting {
            assert!(write.await.is_ok());
        }
        assert_eq!(channels(&db).await.len(), WAITING_MAX);
    }

    #[tokio::test]
    async fn a_full_disk_fails_the_writes_only_while_it_is_full() {
        let (_folder, db) = open().await;
        for attempt in 0..2 {
            let mut tx = db.begin_write().await.expect("a transaction");
            // The limit holds for this connection only, and SQLite raises it to the present size.
            sqlx::query("PRAGMA max_page_count = 1")
                .execute(&mut *tx)
                .await
                .expect("a limit");
            tx.commit().await.expect("committed");
            let large = db.write(|conn| {
                let data = "x".repeat(1 << 20);
                Box::pin(async move { outbox::insert(conn, "large", &data).await })
            });
            let (large, other) = tokio::join!(large, insert(&db, "other"));
            assert!(large.is_err() && is_unavailable(other), "{attempt}");
            insert(&db, "after").await.expect("there is space again");
        }
        assert_eq!(channels(&db).await, ["after", "after"]);
    }

    #[tokio::test]
    async fn a_locked_database_fails_all_waiting_writes_at_once() {
        let (folder, db) = open().await;
        let other = Db::open(&folder.path().join("test.sqlite")).await;
        let lock = other.expect("a database");
        let lock = lock.begin_write().await.expect("a lock");
        let started = Instant::now();
        let (first, second, third) = tokio::join!(
            insert(&db, "first"),
            insert(&db, "second"),
            insert(&db, "third")
        );
        assert!(is_unavailable(first) && is_unavailable(second) && is_unavailable(third));
        assert!(started.elapsed() < Duration::from_secs(4));
        lock.rollback().await.expect("unlocked");
        insert(&db, "after").await.expect("unlocked");
    }
}
