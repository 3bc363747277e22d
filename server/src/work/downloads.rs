//! Prepares downloads. The queue is in the database, so that a restart only delays a file.

use std::{collections::HashSet, path::PathBuf, sync::Arc, time::Duration};

use dashboard_model::{Beat, DownloadFormat};
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::sleep,
};

use super::{FAILED_DELAY, RETRY_DELAY, commit_or_interval};
use crate::{
    app::App,
    audio::files,
    clock::now_ms,
    db::{
        beats,
        column_codec::{column, value},
        commit_builder::CommitBuilder,
        downloads::{self, Step},
    },
    failure::{Failure, Result},
    ids::UserId,
};

/// The number of downloads to prepare at a time.
const JOBS_MAX: usize = 8;

/// The number of progress events of a download.
const STEPS: u8 = 4;

/// A download to prepare.
#[derive(Clone, Debug)]
struct Job {
    user_id: UserId,
    id: String,
    beat_id: String,
    format: DownloadFormat,
}

/// Prepares downloads until the server stops.
pub async fn run(app: Arc<App>) {
    let mut running: HashSet<i64> = HashSet::new();
    let mut jobs: JoinSet<(i64, Option<Duration>)> = JoinSet::new();
    // Those that failed wait outside of the jobs, so that they block no other.
    let mut resting: JoinSet<i64> = JoinSet::new();
    let mut commits = app.db.commits();
    loop {
        let free = JOBS_MAX - jobs.len();
        let queued = match queued(&app, &running, free).await {
            Ok(queued) => queued,
            Err(failure) => {
                tracing::error!(%failure, "reading the queued downloads failed");
                sleep(RETRY_DELAY).await;
                continue;
            }
        };
        for (row, job) in queued {
            running.insert(row);
            let app = Arc::clone(&app);
            jobs.spawn(async move { (row, run_job(app, job).await) });
        }
        tokio::select! {
            () = commit_or_interval(&mut commits) => {}
            Some(Ok((row, rest))) = jobs.join_next() => match rest {
                None => {
                    running.remove(&row);
                }
                Some(rest) => {
                    resting.spawn(async move {
                        sleep(rest).await;
                        row
                    });
                }
            },
            Some(Ok(row)) = resting.join_next() => {
                running.remove(&row);
            }
        }
    }
}

/// Prepares a download. If the preparation panics, the download has failed. If the database fails, returns the time
/// after which the worker tries again.
async fn run_job(app: Arc<App>, job: Job) -> Option<Duration> {
    let (task_app, task_job) = (Arc::clone(&app), job.clone());
    let task = app.tasks.spawn(async move {
        // The next start continues.
        let stopped = task_app.shutdown.cancelled();
        tokio::select! {
            () = stopped => Ok(()),
            prepared = prepare(&task_app, &task_job) => prepared,
        }
    });
    let result = match task.await {
        Ok(result) => result,
        Err(panicked) => {
            tracing::error!(%panicked, download = job.id, "preparing a download panicked");
            commit(&app, &job, Step::Failed)
                .await
                .map(|_in_progress| ())
        }
    };
    let failure = result.err()?;
    tracing::error!(%failure, download = job.id, "preparing a download failed");
    Some(match failure {
        Failure::Rejected(_) => RETRY_DELAY,
        Failure::Broken(_) => FAILED_DELAY,
    })
}

/// The oldest downloads that are in progress and have no running job, with their rows.
async fn queued(app: &App, running: &HashSet<i64>, limit: usize) -> Result<Vec<(i64, Job)>> {
    let found: Vec<(i64, String, String, String, String)> = sqlx::query_as(
        "SELECT row, person_id, id, beat_id, format FROM downloads \
         WHERE status IN ('queued', 'preparing') AND row NOT IN (SELECT value FROM json_each(?)) \
         ORDER BY row LIMIT +?",
    )
    .bind(serde_json::to_string(running)?)
    .bind(column(limit as u64))
    .fetch_all(app.db.read())
    .await?;
    let job = |(row, user_id, id, beat_id, format): (_, String, _, _, _)| {
        let job = Job {
            user_id: user_id.into(),
            id,
            beat_id,
            format: value(format),
        };
        (row, job)
    };
    Ok(found.into_iter().map(job).collect())
}

/// Prepares the file of a download and commits the progress. The progress never exceeds the share of the encoded
/// audio or the share of the configured time.
async fn prepare(app: &Arc<App>, job: &Job) -> Result<()> {
    if !commit(app, job, Step::Progress(1)).await? {
        return Ok(());
    }
    let Some(beat) = beats::find(app.db.read(), &job.beat_id).await? else {
        commit(app, job, Step::Failed).await?;
        return Ok(());
    };
    let encoding = Encoding::start(app, beat, job.format);
    for step in 1..=STEPS {
        sleep(app.config.download_time / u32::from(STEPS)).await;
        let percent = encoding.percent().min(100 / (STEPS + 1) * step);
        if !commit(app, job, Step::Progress(percent)).await? {
            return Ok(());
        }
    }
    let last = match encoding.file.await? {
        Ok(path) => Step::Ready(tokio::fs::metadata(path).await?.len()),
        // Too many encoders, or the server stops. The worker tries again later.
        Err(failure @ Failure::Rejected(_)) => return Err(failure),
        Err(failure) => {
            tracing::error!(%failure, download = job.id, "encoding a file failed");
            Step::Failed
        }
    };
    commit(app, job, last).await?;
    Ok(())
}

/// An encoder that runs in the background. It stops when the value is dropped.
struct Encoding {
    file: JoinHandle<Result<PathBuf>>,
    percent: watch::Receiver<u8>,
}

impl Encoding {
    fn start(app: &Arc<App>, beat: Beat, format: DownloadFormat) -> Self {
        let (done, percent) = watch::channel(0);
        // Sending fails when nobody waits for the file any more.
        let progress = move |percent| done.send(percent).is_ok();
        let task_app = Arc::clone(app);
        let file = app
            .tasks
            .spawn(async move { files::ensure(&task_app, beat, format, progress).await });
        Self { file, percent }
    }

    /// The completed share, in percent.
    fn percent(&self) -> u8 {
        if self.file.is_finished() {
            100
        } else {
            *self.percent.borrow()
        }
    }
}

/// Commits a step. Returns false if the download is no longer in progress.
async fn commit(app: &App, job: &Job, step: Step) -> Result<bool> {
    let (epoch, job) = (app.epoch.clone(), job.clone());
    app.db
        .write(move |conn| {
            Box::pin(async move {
                let mut builder =
                    CommitBuilder::begin(conn, &epoch, &job.user_id, now_ms()).await?;
                let in_progress = downloads::advance(&mut builder, &job.id, step).await?;
                builder.finish().await?;
                Ok(in_progress)
            })
        })
        .await
}
