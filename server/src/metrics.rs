//! Metrics for Prometheus. Each server has a recorder of its own, so that several in one process count apart.

use std::{sync::Arc, time::Duration};

use metrics::{Counter, Histogram, counter, gauge, histogram, with_local_recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use sync_protocol::{Outcome, ProblemCode};

use crate::{
    app::App,
    failure::{Failure, Result},
};

/// The bounds of the latencies, in seconds. A commit waits for the disk for about a millisecond, a shown change may take
/// a tenth of a second, and a request that takes longer than the last bound has failed.
const BOUNDS_S: [f64; 11] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

/// The metrics of the server. Those that count from the start are there from the start, with zero.
#[derive(Debug)]
pub struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
    requests: [Counter; 5],
    accepted: Counter,
    rejected: Counter,
    /// Mutations that were answered with a stored outcome.
    pub replayed: Counter,
    published: Counter,
    delivered: Counter,
    /// Opened websockets.
    pub sockets: Counter,
    /// Closed websockets.
    pub sockets_ended: Counter,
    recovered: Counter,
    unrecovered: Counter,
    /// Handlers that panicked.
    pub panics: Counter,
    /// How long commits take.
    pub commits: Histogram,
}

impl Metrics {
    /// Creates the metrics.
    ///
    /// # Errors
    /// Never: there are bounds.
    pub fn new() -> Result<Self> {
        let builder = PrometheusBuilder::new().set_buckets(&BOUNDS_S);
        let recorder = Arc::new(builder.map_err(Failure::broken)?.build_recorder());
        let handle = recorder.handle();
        Ok(with_local_recorder(&*recorder, || {
            let mutations = |outcome| counter!("dashboard_mutations_total", "outcome" => outcome);
            let recoveries = |done| counter!("dashboard_recoveries_total", "recovered" => done);
            Self {
                requests: ["1xx", "2xx", "3xx", "4xx", "5xx"]
                    .map(|class| counter!("dashboard_http_requests_total", "class" => class)),
                accepted: mutations("accepted"),
                rejected: mutations("rejected"),
                replayed: mutations("replayed"),
                published: counter!("dashboard_publications_total"),
                delivered: counter!("dashboard_deliveries_total"),
                sockets: counter!("dashboard_sockets_opened_total"),
                sockets_ended: counter!("dashboard_sockets_closed_total"),
                recovered: recoveries("true"),
                unrecovered: recoveries("false"),
                commits: histogram!("dashboard_commit_seconds"),
                panics: counter!("dashboard_panics_total"),
                handle,
                recorder: Arc::clone(&recorder),
            }
        }))
    }

    /// Counts an HTTP reply by the class of its status, and by its problem if it is one.
    pub fn replied(&self, status: u16, problem: Option<&ProblemCode>) {
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        self.requests[class].increment(1);
        if let Some(code) = problem {
            self.local(|| counter!("dashboard_problems_total", "code" => code.as_str().to_owned()))
                .increment(1);
        }
    }

    /// Notes how long a call took. The path is that of its route, because those of requests are without number.
    pub fn called(&self, path: &str, time: Duration) {
        let seconds: Histogram =
            self.local(|| histogram!("dashboard_http_request_seconds", "path" => path.to_owned()));
        seconds.record(time);
    }

    /// Counts a mutation by its outcome.
    pub fn mutation(&self, outcome: Outcome) {
        match outcome {
            Outcome::Accepted => self.accepted.increment(1),
            Outcome::Rejected => self.rejected.increment(1),
        }
    }

    /// Counts a publication and the connections that received it.
    pub fn published(&self, connections: usize) {
        self.published.increment(1);
        self.delivered.increment(connections as u64);
    }

    /// Counts a subscription that attempted a recovery, by its success.
    pub fn subscribed(&self, recovered: Option<bool>) {
        match recovered {
            Some(true) => self.recovered.increment(1),
            Some(false) => self.unrecovered.increment(1),
            None => {}
        }
    }

    /// Counts a restart of a worker.
    pub fn restarted(&self, worker: &'static str) {
        self.local(|| counter!("dashboard_worker_restarts_total", "worker" => worker))
            .increment(1);
    }

    /// Sorts the latencies since the last call into their bounds, so that they take no more memory.
    pub fn tidy(&self) {
        self.handle.run_upkeep();
    }

    /// All metrics in the text format of Prometheus, version 0.0.4.
    pub async fn to_text(&self, app: &App) -> String {
        let outbox = app.readiness.outbox(app).await;
        let permits = [
            ("tcp", &app.connection_permits),
            ("http", &app.http_permits),
            ("socket", &app.socket_permits),
        ];
        self.local(|| {
            for (kind, permits) in permits {
                counter!("dashboard_rejected_total", "kind" => kind).absolute(permits.rejected());
                gauge!("dashboard_permits_in_use", "kind" => kind).set(permits.count() as f64);
            }
            gauge!("dashboard_connections").set(app.hub.connections() as f64);
            gauge!("dashboard_queue_depth", "queue" => "passwords")
                .set(app.passwords.waiting() as f64);
            gauge!("dashboard_queue_depth", "queue" => "writes")
                .set(app.db.writer().waiting() as f64);
            if let Ok(events) = outbox {
                gauge!("dashboard_queue_depth", "queue" => "outbox").set(events as f64);
            }
        });
        self.handle.render()
    }

    fn local<T>(&self, work: impl FnOnce() -> T) -> T {
        with_local_recorder(&*self.recorder, work)
    }
}
