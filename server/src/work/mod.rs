//! The background workers: they advance orders, prepare downloads, publish events and clean up.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::{sync::watch, time::timeout};
use tracing::Instrument;

use crate::{
    app::App,
    clock::{day_of, now_ms},
    db::commit_builder::CommitBuilder,
    failure::Result,
    ids::UserId,
    limiter::LogThrottle,
    publisher,
};

pub mod cleaning;
pub mod downloads;
pub mod orders;
pub mod sessions;

/// How long a worker waits after a failure of the database.
pub const RETRY_DELAY: Duration = Duration::from_secs(1);

/// How long a worker leaves what failed for a reason of its own. It goes on with the others.
pub const FAILED_DELAY: Duration = Duration::from_secs(60);

/// How long a worker sleeps at most. Other processes commit too, such as an import beside a running server.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The pause before a worker that has stopped runs again. It bounds what a worker costs that always fails.
const RESTART_PAUSE: Duration = Duration::from_secs(2);

/// How often the metrics are tidied. A latency takes eight bytes until then.
const TIDY_INTERVAL: Duration = Duration::from_secs(5);

/// How often the size of the write-ahead log is checked.
const WAL_INTERVAL: Duration = Duration::from_secs(10);

/// The pause between two looks at the pages in the write-ahead log.
const CHECKPOINT_PAUSE: Duration = Duration::from_millis(50);

/// Starts all workers. They stop with the server.
pub fn start(app: &Arc<App>) {
    supervise(app, "publisher", publisher::run);
    if let Some(step_ms) = app.config.order_step_ms() {
        supervise(app, "orders", move |app| orders::run(app, step_ms));
    }
    supervise(app, "downloads", downloads::run);
    supervise(app, "cleaning", cleaning::run);
    supervise(app, "sessions", sessions::run);
    supervise(app, "checkpoint", checkpoint);
    supervise(app, "wal", bound_wal);
    supervise(app, "metrics", tidy_metrics);
}

/// Runs a worker until the server stops. If it ends or panics, it runs again after a pause, in which the server is not
/// ready.
pub fn supervise<W>(
    app: &Arc<App>,
    name: &'static str,
    worker: impl Fn(Arc<App>) -> W + Send + 'static,
) where
    W: Future<Output = ()> + Send + 'static,
{
    let supervised = Arc::clone(app);
    spawn(app, async move {
        let app = supervised;
        loop {
            let ended = AssertUnwindSafe(worker(Arc::clone(&app))).catch_unwind();
            let is_panic = ended.await.is_err();
            tracing::error!(
                worker = name,
                is_panic,
                "a worker has stopped and will run again"
            );
            app.metrics.restarted(name);
            app.readiness.pause(name);
            tokio::time::sleep(RESTART_PAUSE).await;
            app.readiness.resume(name);
        }
    });
}

async fn checkpoint(app: Arc<App>) {
    let mut commits = app.db.commits();
    let log = LogThrottle::default();
    loop {
        commit_or_interval(&mut commits).await;
        let mut pause = CHECKPOINT_PAUSE;
        if let Err(error) = app.db.checkpoint().await {
            if log.is_due() {
                tracing::error!(%error, "a checkpoint failed");
            }
            pause = RETRY_DELAY;
        }
        tokio::time::sleep(pause).await;
    }
}

async fn bound_wal(app: Arc<App>) {
    loop {
        tokio::time::sleep(WAL_INTERVAL).await;
        match app.db.bound_wal().await {
            Ok(true) => {}
            Ok(false) => tracing::warn!("a long read keeps the write-ahead log large"),
            Err(failure) => tracing::error!(%failure, "the write-ahead log stays large"),
        }
    }
}

async fn tidy_metrics(app: Arc<App>) {
    loop {
        app.metrics.tidy();
        tokio::time::sleep(TIDY_INTERVAL).await;
    }
}

/// Runs a task until it is done or the server stops.
pub fn spawn(app: &Arc<App>, work: impl Future<Output = ()> + Send + 'static) {
    let shutdown = app.shutdown.clone();
    app.tasks.spawn(async move {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = work => {}
        }
    });
}

/// Runs work that goes on to its end if the caller leaves, with the log of the caller's request.
///
/// # Errors
/// The failure of the work, also if it panics.
pub async fn to_its_end<T: Send + 'static>(
    app: &App,
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    app.tasks.spawn(work.in_current_span()).await?
}

/// Commits new statistics for a user if a day (UTC) has started since the last ones.
///
/// # Errors
/// When the database fails.
pub async fn begin_day(app: &App, user_id: &UserId) -> Result<()> {
    let now_ms = now_ms();
    let are_of_today: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM stats WHERE person_id = ? AND day = ?)")
            .bind(user_id.as_str())
            .bind(day_of(now_ms))
            .fetch_one(app.db.read())
            .await?;
    if are_of_today {
        return Ok(());
    }
    let (epoch, user_id) = (app.epoch.clone(), user_id.clone());
    app.db
        .write(move |conn| {
            Box::pin(async move {
                let mut builder = CommitBuilder::begin(conn, &epoch, &user_id, now_ms).await?;
                builder.refresh_stats().await?;
                builder.finish().await?;
                Ok(())
            })
        })
        .await
}

/// Waits for a commit, but not longer than a worker sleeps.
pub async fn commit_or_interval(commits: &mut watch::Receiver<()>) {
    // The channel cannot close: the database of the server has its other side.
    let _: Result<_, _> = timeout(LOOK_INTERVAL, commits.changed()).await;
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::config::Config;

    #[tokio::test]
    async fn a_checkpoint_that_fails_again_and_again_is_logged_once_a_minute() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("test.sqlite");
        let app = App::open(Config::new(&path)).await.expect("a server");
        // The connection for checkpoints is opened when it is needed.
        std::fs::remove_file(&path).expect("removed");
        let file = folder.path().join("log");
        let log = std::fs::File::create(&file).expect("a file");
        let lines = tracing_subscriber::fmt()
            .with_writer(Arc::new(log))
            .finish();
        let _logging = tracing::subscriber::set_default(lines);
        tokio::time::pause();
        let half_a_minute = Duration::from_secs(30);
        let ended = timeout(half_a_minute, checkpoint(Arc::new(app))).await;
        assert!(ended.is_err());
        let text = std::fs::read_to_string(&file).expect("a log");
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("a checkpoint failed"), "{text}");
    }

    #[tokio::test]
    async fn a_worker_that_ends_or_panics_runs_again_and_the_server_is_not_ready_until_then() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let config = Config::new(folder.path().join("test.sqlite"));
        let app = Arc::new(App::open(config).await.expect("a server"));
        let (runs, ran) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::new(tokio::sync::Notify::new()),
        );
        let (counted, notified) = (Arc::clone(&runs), Arc::clone(&ran));
        tokio::time::pause();
        supervise(&app, "tested", move |_| {
            let (counted, notified) = (Arc::clone(&counted), Arc::clone(&notified));
            async move {
                let run = counted.fetch_add(1, Ordering::Relaxed);
                notified.notify_one();
                assert!(run > 0, "an injected fault");
                if run > 1 {
                    std::future::pending().await
                }
            }
        });
        for run in 1..=2 {
            ran.notified().await;
            tokio::task::yield_now().await;
            let fault = app.readiness.fault(&app).await.unwrap_or_default();
            assert!(fault.contains("tested"), "{fault} after run {run}");
        }
        ran.notified().await;
        tokio::time::resume();
        assert_eq!(app.readiness.fault(&app).await, None);
        let text = app.metrics.to_text(&app).await;
        assert!(text.contains(r#"dashboard_worker_restarts_total{worker="tested"} 2"#));
        app.shutdown.cancel();
    }
}
