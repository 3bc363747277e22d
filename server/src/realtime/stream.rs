//! The history of one channel.

use std::{collections::VecDeque, time::Duration};

use dashboard_protocol::{
    centrifugo::{HistoryRequest, HistoryResult, Publication, StreamPosition, SubscribeResult},
    limits,
};
use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::random;

/// How long a publication is kept.
const TTL: Duration = Duration::from_millis(limits::HISTORY_TTL_MS);

/// Bytes of publications that one recovery may return. More would come near the largest frame that a client reads;
/// reading the resource afresh is cheaper then.
const RECOVERY_BYTES_MAX: usize = limits::SERVER_FRAME_BYTES_MAX / 2;

/// Numbered publications under one epoch.
#[derive(Debug)]
pub struct Stream {
    epoch: String,
    top: u64,
    kept: VecDeque<Kept>,
    touched: Instant,
}

#[derive(Debug)]
struct Kept {
    at: Instant,
    publication: Publication,
}

impl Default for Stream {
    fn default() -> Self {
        Self {
            epoch: random::id(),
            top: 0,
            kept: VecDeque::new(),
            touched: Instant::now(),
        }
    }
}

impl Stream {
    /// Appends a publication and returns it with its number.
    pub fn append(&mut self, data: Box<RawValue>) -> Publication {
        let now = Instant::now();
        self.touched = now;
        self.top += 1;
        let publication = Publication {
            data,
            offset: self.top,
            epoch: String::new(),
        };
        self.kept.push_back(Kept {
            at: now,
            publication: publication.clone(),
        });
        self.forget_old(now);
        publication
    }

    /// Drops what is past its time or its number.
    pub fn forget_old(&mut self, now: Instant) {
        let too_many = |kept: &VecDeque<Kept>| kept.len() > limits::HISTORY_PUBLICATIONS_MAX;
        let too_old = |kept: &VecDeque<Kept>| {
            kept.front()
                .is_some_and(|kept| now.duration_since(kept.at) > TTL)
        };
        while too_many(&self.kept) || too_old(&self.kept) {
            self.kept.pop_front();
        }
    }

    /// Whether nobody has touched the stream for `idle` and it keeps nothing.
    #[must_use]
    pub fn is_idle(&self, now: Instant, idle: Duration) -> bool {
        self.kept.is_empty() && now.duration_since(self.touched) > idle
    }

    /// Answers a subscription that does not recover.
    pub fn join(&mut self) -> SubscribeResult {
        self.touched = Instant::now();
        SubscribeResult {
            recoverable: true,
            positioned: true,
            epoch: self.epoch.clone(),
            offset: self.top,
            ..SubscribeResult::default()
        }
    }

    /// Answers a subscription that goes on from a position. All that was missed is returned, or nothing is.
    pub fn recover(&mut self, from: &StreamPosition) -> SubscribeResult {
        let mut result = self.join();
        result.was_recovering = true;
        self.forget_old(self.touched);
        // An empty epoch means any: a client that has only ever seen an empty stream knows no epoch.
        let same_epoch = from.epoch.is_empty() || from.epoch == self.epoch;
        let Some(missed) = self.top.checked_sub(from.offset).filter(|_| same_epoch) else {
            return result;
        };
        let Ok(missed) = usize::try_from(missed) else {
            return result;
        };
        let Some(skipped) = self.kept.len().checked_sub(missed) else {
            return result;
        };
        let publications = self.kept.iter().skip(skipped).map(|kept| &kept.publication);
        let bytes: usize = publications.clone().map(|p| p.data.get().len()).sum();
        if bytes <= RECOVERY_BYTES_MAX {
            result.publications = publications.cloned().collect();
            result.recovered = true;
            result.offset = from.offset;
        }
        result
    }

    /// Reads the history.
    pub fn history(&mut self, request: &HistoryRequest) -> HistoryResult {
        self.touched = Instant::now();
        self.forget_old(self.touched);
        let limit = match request.limit {
            0 => 0,
            limit => usize::try_from(limit).unwrap_or(usize::MAX),
        };
        let since = request.since.as_ref().map(|since| since.offset);
        let wanted = |publication: &&Publication| match (since, request.reverse) {
            (None, _) => true,
            (Some(since), false) => publication.offset > since,
            (Some(since), true) => publication.offset < since,
        };
        let all = self.kept.iter().map(|kept| &kept.publication);
        let publications: Vec<Publication> = if request.reverse {
            all.rev().filter(wanted).take(limit).cloned().collect()
        } else {
            all.filter(wanted).take(limit).cloned().collect()
        };
        HistoryResult {
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
    async fn what_was_missed_is_recovered_whole_or_not_at_all() {
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
    async fn old_publications_are_forgotten_and_their_loss_is_told() {
        let mut stream = filled(2);
        tokio::time::advance(TTL + Duration::from_secs(1)).await;
        let from = at(&stream, 1);
        assert!(!stream.recover(&from).recovered);
        let top = at(&stream, 2);
        assert!(stream.recover(&top).recovered);
    }

    #[tokio::test(start_paused = true)]
    async fn a_recovery_that_would_overflow_a_frame_is_rejected() {
        let mut stream = Stream::default();
        let half = format!("\"{}\"", "x".repeat(RECOVERY_BYTES_MAX / 2 - 2));
        stream.append(data(&half));
        stream.append(data(&half));
        let start = at(&stream, 0);
        assert!(stream.recover(&start).recovered);
        stream.append(data("1"));
        assert!(!stream.recover(&start).recovered);
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
        let offsets = |result: HistoryResult| -> Vec<u64> {
            result.publications.iter().map(|p| p.offset).collect()
        };
        assert_eq!(offsets(stream.history(&request)), [4, 5]);
        request.reverse = true;
        assert_eq!(offsets(stream.history(&request)), [2, 1]);
        request.limit = 0;
        assert!(offsets(stream.history(&request)).is_empty());
    }
}
