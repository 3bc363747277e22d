//! Whether the server can do its work: it does not stop, its workers run, a write can be committed, and committed events go
//! out. A balancer sends requests only to a server that is ready.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, timeout};

use crate::{app::App, db::meta, failure::Result};

/// How long the result of a probe of the database is used again, so that a caller costs nothing.
const PROBE_LIFE: Duration = Duration::from_secs(1);

/// How long a write may take.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a committed event may wait. Clients poll after about that time without events.
const OUTBOX_AGE_MAX: Duration = Duration::from_secs(10);

/// What is known about the parts of a running server.
#[derive(Debug, Default)]
pub struct Readiness {
    stopping: AtomicBool,
    published_id: AtomicI64,
    paused: Mutex<BTreeSet<&'static str>>,
    probe: tokio::sync::Mutex<Option<Probe>>,
}

/// The state of the database at some time.
#[derive(Debug)]
struct Probe {
    at: Instant,
    /// The newest event that had not been published when the probe began to look, and when that was.
    waiting: Option<(i64, Instant)>,
    fault: Option<&'static str>,
}

impl Readiness {
    /// The server will stop: it is not ready from now on.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// All events up to this id of the outbox are published.
    pub fn published(&self, id: i64) {
        self.published_id.store(id, Ordering::Relaxed);
    }

    /// A worker has stopped, and will run again after a pause.
    pub fn pause(&self, worker: &'static str) {
        self.paused().insert(worker);
    }

    /// A worker runs.
    pub fn resume(&self, worker: &'static str) {
        self.paused().remove(worker);
    }

    /// The reason why the server is not ready, or `None` if it is.
    pub async fn fault(&self, app: &App) -> Option<String> {
        if self.stopping.load(Ordering::Relaxed) {
            return Some("the server is stopping".to_owned());
        }
        if let Some(worker) = self.paused().first() {
            return Some(format!(
                "the worker {worker} has stopped and will run again"
            ));
        }
        let mut probe = self.probe.lock().await;
        let waiting = match &*probe {
            Some(last) if last.at.elapsed() < PROBE_LIFE => return last.fault.map(str::to_owned),
            last => last.as_ref().and_then(|last| last.waiting),
        };
        let last = probe.insert(self.look(app, waiting).await);
        last.fault.map(str::to_owned)
    }

    /// The number of committed events that are not published.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outbox(&self, app: &App) -> Result<i64> {
        Ok(self.unpublished(app).await?.0)
    }

    async fn look(&self, app: &App, waiting: Option<(i64, Instant)>) -> Probe {
        let now = Instant::now();
        let published_id = self.published_id.load(Ordering::Relaxed);
        let waiting = waiting.filter(|(id, _)| *id > published_id);
        let (waiting, outbox_fault) = match self.unpublished(app).await {
            Ok((_, newest)) => {
                let waiting = newest.map(|newest| waiting.unwrap_or((newest, now)));
                let is_old = waiting.is_some_and(|(_, since)| since.elapsed() >= OUTBOX_AGE_MAX);
                (
                    waiting,
                    is_old.then_some("committed events are not published"),
                )
            }
            Err(_) => (waiting, Some("the database cannot be read")),
        };
        let write = timeout(WRITE_TIMEOUT, meta::touch(&app.db)).await;
        let is_written = write.is_ok_and(|written| written.is_ok());
        let write_fault = (!is_written).then_some("no write can be committed");
        Probe {
            at: Instant::now(),
            waiting,
            fault: outbox_fault.or(write_fault),
        }
    }

    /// The number of events that are not published, and the id of the newest.
    async fn unpublished(&self, app: &App) -> Result<(i64, Option<i64>)> {
        let query = "SELECT count(*), max(id) FROM outbox WHERE id > ?";
        let unpublished = sqlx::query_as(query).bind(self.published_id.load(Ordering::Relaxed));
        Ok(unpublished.fetch_one(app.db.read()).await?)
    }

    fn paused(&self) -> MutexGuard<'_, BTreeSet<&'static str>> {
        self.paused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Config, db::outbox};

    #[tokio::test]
    async fn events_that_wait_for_ten_seconds_make_the_server_not_ready_until_they_are_published() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let config = Config::new(folder.path().join("test.sqlite"));
        let app = App::open(config).await.expect("a server");
        let mut tx = app.db.begin_write().await.expect("a transaction");
        outbox::insert(&mut tx, "market:beats", "{}")
            .await
            .expect("an event");
        tx.commit().await.expect("committed");
        // As if the first probe had been so long ago.
        let after = async |age: Duration| {
            let mut probe = app.readiness.probe.lock().await;
            let past = Instant::now()
                .checked_sub(age)
                .expect("the machine runs longer");
            *probe = Some(Probe {
                at: past,
                waiting: Some((1, past)),
                fault: None,
            });
            drop(probe);
            app.readiness.fault(&app).await
        };
        assert_eq!(after(OUTBOX_AGE_MAX - Duration::from_secs(5)).await, None);
        let fault = after(OUTBOX_AGE_MAX).await.unwrap_or_default();
        assert!(fault.contains("not published"), "{fault}");
        assert_eq!(app.readiness.outbox(&app).await.expect("a number"), 1);
        app.readiness.published(1);
        assert_eq!(after(OUTBOX_AGE_MAX).await, None);
    }
}
