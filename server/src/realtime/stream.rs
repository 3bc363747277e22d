//! The stream of one channel: its recent publications.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use serde_json::value::RawValue;
use sync_protocol::{
    centrifugo::{HistoryRequest, HistoryResult, Publication, StreamPosition, SubscribeResult},
    limits,
};
use tokio::time::Instant;

use crate::random;

/// How long a stream keeps a publication.
const TTL: Duration = Duration::from_millis(limits::HISTORY_TTL_MS);

/// The maximum size of the publications that a stream keeps, in bytes. A recovery of more would be close to the maximum
/// frame of clients, and a snapshot is cheaper then.
const HISTORY_BYTES_MAX: usize = limits::SERVER_FRAME_BYTES_MAX / 2;

/// The numbered publications of one epoch.
#[derive(Debug)]
pub struct Stream {
    epoch: String,
    top: u64,
    kept: VecDeque<Kept>,
    kept_bytes: usize,
    last_used: Instant,
}

#[derive(Debug)]
struct Kept {
    at: Instant,
    publication: Arc<Publication>,
}

/// A part of a stream, which shares its publications so that it is quickly read under a lock.
#[derive(Debug)]
pub struct History {
    publications: Vec<Arc<Publication>>,
    epoch: String,
    offset: u64,
}

impl From<History> for HistoryResult {
    fn from(history: History) -> Self {
        let publications = history.publications.iter().map(|kept| (**kept).clone());
        Self {
            publications: publications.collect(),
            epoch: history.epoch,
            offset: history.offset,
        }
    }
}

impl Default for Stream {
    fn default() -> Self {
        Self {
            epoch: random::id(),
            top: 0,
            kept: VecDeque::new(),
            kept_bytes: 0,
            last_used: Instant::now(),
        }
    }
}

impl Stream {
    /// Appends a publication and returns it with its offset.
    pub fn append(&mut self, data: Box<RawValue>) -> Arc<Publication> {
        let now = Instant::now();
        self.last_used = now;
        self.top += 1;
        self.kept_bytes += data.get().len();
        let publication = Arc::new(Publication {
            data,
            offset: self.top,
            epoch: String::new(),
        });
        self.kept.push_back(Kept {
            at: now,
            publication: Arc::clone(&publication),
        });
        self.drop_old(now);
        publication
    }

    /// Drops publications that are too old, too many or too large.
    pub fn drop_old(&mut self, now: Instant) {
        let too_many = |kept: &VecDeque<Kept>| kept.len() > limits::HISTORY_PUBLICATIONS_MAX;
        let too_old = |kept: &VecDeque<Kept>| {
            kept.front()
                .is_some_and(|kept| now.duration_since(kept.at) > TTL)
        };
        while too_many(&self.kept) || too_old(&self.kept) || self.kept_bytes > HISTORY_BYTES_MAX {
            let Some(dropped) = self.kept.pop_front() else {
                break;
            };
            self.kept_bytes -= dropped.publication.data.get().len();
        }
    }

    /// Whether the stream is empty and nobody has used it for `idle`.
    #[must_use]
    pub fn is_idle(&self, now: Instant, idle: Duration) -> bool {
        self.kept.is_empty() && now.duration_since(self.last_used) > idle
    }

    /// The result of a subscription without recovery.
    pub fn subscribe(&mut self) -> SubscribeResult {
        self.last_used = Instant::now();
        SubscribeResult {
            recoverable: true,
            positioned: true,
            epoch: self.epoch.clone(),
            offset: self.top,
            ..SubscribeResult::default()
        }
    }

    /// The result of a subscription that recovers from a position: all missed publications, or none.
    pub fn recover(&mut self, from: &StreamPosition) -> SubscribeResult {
        let mut result = self.subscribe();
        result.was_recovering = true;
        self.drop_old(self.last_used);
        // An empty epoch matches any, because a client that has seen only an empty stream knows no epoch.
        let same_epoch = from.epoch.is_empty() || from.epoch == self.epoch;
        let missed = self.top.checked_sub(from.offset).filter(|_| same_epoch);
        let missed = missed.and_then(|missed| usize::try_from(missed).ok());
        let Some(skipped) = missed.and_then(|missed| self.kept.len().checked_sub(missed)) else {
            return result;
        };
        let publications = self.kept.iter().skip(skipped);
        let publications = publications.map(|kept| (*kept.publication).clone());
        result.publications = publications.collect();
        result.recovered = true;
        result.offset = from.offset;
        result
    }

    /// Reads the history.
    pub fn history(&mut self, request: &HistoryRequest) -> History {
        self.last_used = Instant::now();
        self.drop_old(self.last_used);
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let since = request.since.as_ref().map(|since| since.offset);
        let wanted = |publication: &&Arc<Publication>| match (since, request.reverse) {
            (None, _) => true,
            (Some(since), false) => publication.offset > since,
            (Some(since), true) => publication.offset < since,
        };
        let all = self.kept.iter().map(|kept| &kept.publication);
        let publications = if request.reverse {
            all.rev().filter(wanted).take(limit).cloned().collect()
        } else {
            all.filter(wanted).take(limit).cloned().collect()
        };
        History {
            publications,
            epoch: self.epoch.clone(),
            offset: self.top,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).expect("JSON")
    }

    fn filled(count: usize) -> Stream {
        let mut stream = Stream::default();
        for index in 0..count {
            stream.append(data(&index.to_string()));
        }
        stream
    }

    fn at(stream: &Stream, offset: u64) -> StreamPosition {
        StreamPosition {
            offset,
            epoch: stream.epoch.clone(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn missed_publications_are_recovered_all_or_not_at_all() {
        let mut stream = filled(limits::HISTORY_PUBLICATIONS_MAX + 10);
        let from = at(&stream, 10);
        let result = stream.recover(&from);
        assert!(result.recovered);
        assert_eq!(result.offset, 10);
        assert_eq!(result.publications.len(), limits::HISTORY_PUBLICATIONS_MAX);
        assert_eq!(result.publications[0].offset, 11);

        let from = at(&stream, 9);
        let result = stream.recover(&from);
        assert!(result.was_recovering && !result.recovered);
        assert!(result.publications.is_empty());
        assert_eq!(result.offset, 266);
    }

    #[tokio::test(start_paused = true)]
    async fn another_epoch_or_a_position_ahead_is_not_recovered() {
        let mut stream = filled(3);
        let foreign = StreamPosition {
            offset: 2,
            epoch: "other".to_owned(),
        };
        assert!(!stream.recover(&foreign).recovered);
        let ahead = at(&stream, 4);
        assert!(!stream.recover(&ahead).recovered);
        let any = StreamPosition {
            offset: 3,
            epoch: String::new(),
        };
        assert!(stream.recover(&any).recovered);
    }

    #[tokio::test(start_paused = true)]
    async fn old_publications_are_dropped_and_cannot_be_recovered() {
        let mut stream = filled(2);
        tokio::time::advance(TTL + Duration::from_secs(1)).await;
        let from = at(&stream, 1);
        assert!(!stream.recover(&from).recovered);
        let top = at(&stream, 2);
        assert!(stream.recover(&top).recovered);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_keeps_its_bytes_and_not_one_more() {
        let mut stream = Stream::default();
        let half = format!("\"{}\"", "x".repeat(HISTORY_BYTES_MAX / 2 - 2));
        stream.append(data(&half));
        stream.append(data(&half));
        let start = at(&stream, 0);
        assert!(stream.recover(&start).recovered);
        stream.append(data("1"));
        assert_eq!(stream.kept.len(), 2);
        assert!(!stream.recover(&start).recovered);
        let second = at(&stream, 1);
        assert!(stream.recover(&second).recovered);
    }

    #[tokio::test(start_paused = true)]
    async fn history_is_read_in_both_directions() {
        let mut stream = filled(5);
        let mut request = HistoryRequest {
            channel: String::new(),
            limit: 2,
            since: Some(at(&stream, 3)),
            reverse: false,
        };
        let offsets = |history: History| -> Vec<u64> {
            let result = HistoryResult::from(history);
            result.publications.iter().map(|p| p.offset).collect()
        };
        assert_eq!(offsets(stream.history(&request)), [4, 5]);
        request.reverse = true;
        assert_eq!(offsets(stream.history(&request)), [2, 1]);
        request.limit = 0;
        assert!(offsets(stream.history(&request)).is_empty());
    }
}
