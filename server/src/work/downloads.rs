//! Prepares downloads. What is queued stands in the database, so that a restart delays a file but loses none.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    time::Duration,
};

use dashboard_protocol::DownloadFormat;
use sqlx::Row;
use tokio::{task::JoinSet, time::sleep};

use crate::{
    app::App,
    audio::files,
    clock::now_ms,
    db::{
        beats,
        downloads::{self, Step},
        commit_builder::CommitBuilder,
        column_codec::value,
    },
    failure::Failure,
};

/// Downloads that are prepared at a time.
const AT_A_TIME: usize = 8;

/// Times that progress is told.
const STEPS: u8 = 4;

/// How long to wait after a failure of the database.
const REST: Duration = Duration::from_secs(1);

/// A download that is to be prepared.
#[derive(Clone, Debug)]
struct Job {
    user_id: String,
    id: String,
    beat_id: String,
    format: DownloadFormat,
}

/// Works for ever.
pub async fn run(app: Arc<App>) {
    let mut begun: HashSet<i64> = HashSet::new();
    let mut jobs: JoinSet<i64> = JoinSet::new();
    loop {
        let room = AT_A_TIME - jobs.len();
        let queued = match queued(&app, &begun, room).await {
            Ok(queued) => queued,
            Err(failure) => {
                tracing::error!(%failure, "queued downloads could not be read");
                sleep(REST).await;
                continue;
            }
        };
        for (row, job) in queued {
            begun.insert(row);
            let app = Arc::clone(&app);
            jobs.spawn(async move {
                work_on(app, job).await;
                row
            });
        }
        tokio::select! {
            () = app.downloads_due.rung() => {}
            Some(Ok(row)) = jobs.join_next() => {
                begun.remove(&row);
            }
        }
    }
}

/// Prepares a download; one whose preparation breaks has failed, or is tried again when the database is back.
async fn work_on(app: Arc<App>, job: Job) {
    let (worker, task) = (Arc::clone(&app), job.clone());
    let outcome = app
        .tasks
        .spawn(async move { prepare(&worker, &task).await });
    let result = match outcome.await {
        Ok(result) => result,
        Err(panicked) => {
            tracing::error!(%panicked, download = job.id, "preparing a download broke");
            notify(&app, &job, Step::Failed).await.map(|_waited_for| ())
        }
    };
    if let Err(failure) = result {
        tracing::error!(%failure, download = job.id, "a download was not prepared");
        sleep(REST).await;
    }
}

/// The oldest downloads that are neither prepared nor begun.
async fn queued(app: &App, begun: &HashSet<i64>, room: usize) -> Result<Vec<(i64, Job)>, Failure> {
    let rows = sqlx::query(
        "SELECT row, person_id, id, beat_id, format FROM downloads \
         WHERE status IN ('queued', 'preparing') ORDER BY row LIMIT ?",
    )
    .bind(i64::try_from(AT_A_TIME * 2).unwrap_or(i64::MAX))
    .fetch_all(app.db.read())
    .await?;
    let mut jobs = Vec::new();
    for row in &rows {
        let number: i64 = row.try_get("row")?;
        if !begun.contains(&number) && jobs.len() < room {
            let job = Job {
                user_id: row.try_get("person_id")?,
                id: row.try_get("id")?,
                beat_id: row.try_get("beat_id")?,
                format: value(row.try_get("format")?),
            };
            jobs.push((number, job));
        }
    }
    Ok(jobs)
}

/// Makes the file and tells how far it is: never further than both the work and the time that preparing takes.
async fn prepare(app: &Arc<App>, job: &Job) -> Result<(), Failure> {
    if !notify(app, job, Step::Progress(1)).await? {
        return Ok(());
    }
    let beat = {
        let mut conn = app.db.read().acquire().await?;
        beats::find(&mut conn, &job.beat_id).await?
    };
    let Some(beat) = beat else {
        notify(app, job, Step::Failed).await?;
        return Ok(());
    };
    let made = Arc::new(AtomicU8::new(0));
    let wanted = Wanted(Arc::new(AtomicBool::new(true)));
    let (counter, still_wanted) = (Arc::clone(&made), Arc::clone(&wanted.0));
    let format = job.format;
    let maker = Arc::clone(app);
    let file = app.tasks.spawn(async move {
        let progress = move |percent| {
            counter.store(percent, Ordering::Relaxed);
            still_wanted.load(Ordering::Relaxed)
        };
        files::ensure(&maker, beat, format, progress).await
    });
    for step in 1..=STEPS {
        sleep(app.config.download_time / u32::from(STEPS)).await;
        let done = if file.is_finished() {
            100
        } else {
            made.load(Ordering::Relaxed)
        };
        let percent = done.min(100 / (STEPS + 1) * step);
        if !notify(app, job, Step::Progress(percent)).await? {
            return Ok(());
        }
    }
    let last = match file.await? {
        Ok(path) => Step::Ready(tokio::fs::metadata(path).await?.len()),
        Err(failure) => {
            tracing::error!(%failure, download = job.id, "a file could not be made");
            Step::Failed
        }
    };
    notify(app, job, last).await?;
    Ok(())
}

/// Tells the maker of a file to stop when nobody waits for it any more.
struct Wanted(Arc<AtomicBool>);

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Commits a step; false if nobody waits for the file any more.
async fn notify(app: &App, job: &Job, step: Step) -> Result<bool, Failure> {
    let mut tx = app.db.begin_write().await?;
    let mut builder = CommitBuilder::begin(&mut tx, &app.epoch, &job.user_id, now_ms()).await?;
    let waited_for = downloads::advance(&mut builder, &job.id, step).await?;
    builder.finish().await?;
    tx.commit().await?;
    app.publisher.wake();
    Ok(waited_for)
}
