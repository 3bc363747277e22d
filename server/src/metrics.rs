//! Counters for Prometheus.

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering},
};

use sync_protocol::Outcome;

/// The counters of the server.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: [AtomicU64; 5],
    accepted: AtomicU64,
    rejected: AtomicU64,
    replayed: AtomicU64,
    published: AtomicU64,
    delivered: AtomicU64,
    sockets: AtomicU64,
    sockets_ended: AtomicU64,
    recovered: AtomicU64,
    unrecovered: AtomicU64,
}

impl Metrics {
    /// Counts an HTTP reply by the class of its status.
    pub fn replied(&self, status: u16) {
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        add(&self.requests[class], 1);
    }

    /// Counts a mutation by its outcome.
    pub fn mutation(&self, outcome: Outcome) {
        match outcome {
            Outcome::Accepted => add(&self.accepted, 1),
            Outcome::Rejected => add(&self.rejected, 1),
        }
    }

    /// Counts mutations that were answered with a stored outcome.
    pub fn replayed(&self, count: u64) {
        add(&self.replayed, count);
    }

    /// Counts a publication and the connections that received it.
    pub fn published(&self, connections: usize) {
        add(&self.published, 1);
        add(&self.delivered, connections as u64);
    }

    /// Counts a subscription that attempted a recovery, by its success.
    pub fn subscribed(&self, recovered: Option<bool>) {
        match recovered {
            Some(true) => add(&self.recovered, 1),
            Some(false) => add(&self.unrecovered, 1),
            None => {}
        }
    }

    /// Counts an opened websocket.
    pub fn socket_opened(&self) {
        add(&self.sockets, 1);
    }

    /// Counts a closed websocket.
    pub fn socket_closed(&self) {
        add(&self.sockets_ended, 1);
    }

    /// The counters in the text format of Prometheus, version 0.0.4.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, label: &str, value: &AtomicU64| {
            // A write to a string cannot fail.
            let _: std::fmt::Result = writeln!(text, "dashboard_{name}{label} {}", get(value));
        };
        for (class, counter) in self.requests.iter().enumerate() {
            let label = format!("{{class=\"{}xx\"}}", class + 1);
            line("http_requests_total", &label, counter);
        }
        line("mutations_total", "{outcome=\"accepted\"}", &self.accepted);
        line("mutations_total", "{outcome=\"rejected\"}", &self.rejected);
        line("mutations_total", "{outcome=\"replayed\"}", &self.replayed);
        line("publications_total", "", &self.published);
        line("deliveries_total", "", &self.delivered);
        line("recoveries_total", "{recovered=\"true\"}", &self.recovered);
        line(
            "recoveries_total",
            "{recovered=\"false\"}",
            &self.unrecovered,
        );
        line("sockets_opened_total", "", &self.sockets);
        line("sockets_closed_total", "", &self.sockets_ended);
        text
    }
}

fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
