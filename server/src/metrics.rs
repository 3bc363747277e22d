//! Counters for Prometheus.

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering},
};

use sync_protocol::Outcome;

use crate::http::permits::Permits;

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Counts some more.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// The number.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counters of the server.
#[derive(Debug, Default)]
pub struct Metrics {
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
}

impl Metrics {
    /// Counts an HTTP reply by the class of its status.
    pub fn replied(&self, status: u16) {
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        self.requests[class].add(1);
    }

    /// Counts a mutation by its outcome.
    pub fn mutation(&self, outcome: Outcome) {
        match outcome {
            Outcome::Accepted => self.accepted.add(1),
            Outcome::Rejected => self.rejected.add(1),
        }
    }

    /// Counts a publication and the connections that received it.
    pub fn published(&self, connections: usize) {
        self.published.add(1);
        self.delivered.add(connections as u64);
    }

    /// Counts a subscription that attempted a recovery, by its success.
    pub fn subscribed(&self, recovered: Option<bool>) {
        match recovered {
            Some(true) => self.recovered.add(1),
            Some(false) => self.unrecovered.add(1),
            None => {}
        }
    }

    /// The counters, the number of connections and the permits of each kind in the text format of Prometheus, version 0.0.4.
    #[must_use]
    pub fn to_text(&self, connections: usize, permits: [(&str, &Permits); 3]) -> String {
        let mut text = String::new();
        let mut line = |name: &str, value: &Counter| {
            // A write to a string cannot fail.
            let _: std::fmt::Result = writeln!(text, "dashboard_{name} {}", value.get());
        };
        for (class, counter) in (1..).zip(&self.requests) {
            line(
                &format!("http_requests_total{{class=\"{class}xx\"}}"),
                counter,
            );
        }
        line(r#"mutations_total{outcome="accepted"}"#, &self.accepted);
        line(r#"mutations_total{outcome="rejected"}"#, &self.rejected);
        line(r#"mutations_total{outcome="replayed"}"#, &self.replayed);
        line("publications_total", &self.published);
        line("deliveries_total", &self.delivered);
        line(r#"recoveries_total{recovered="true"}"#, &self.recovered);
        line(r#"recoveries_total{recovered="false"}"#, &self.unrecovered);
        line("sockets_opened_total", &self.sockets);
        line("sockets_closed_total", &self.sockets_ended);
        for (kind, permits) in permits {
            let rejected = format!("rejected_total{{kind=\"{kind}\"}}");
            line(&rejected, permits.rejected());
        }
        for (kind, permits) in permits {
            let _: std::fmt::Result = writeln!(
                text,
                "dashboard_permits_in_use{{kind=\"{kind}\"}} {}",
                permits.count()
            );
        }
        text + &format!("dashboard_connections {connections}\n")
    }
}
