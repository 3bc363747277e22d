//! Streams with a history that is limited in size and age, as a Centrifugo server keeps them.

use std::collections::{BTreeMap, VecDeque};

use sync_protocol::centrifugo::SubscribeRequest;

struct Entry {
    offset: u64,
    at: u64,
    data: String,
}

#[derive(Default)]
struct Stream {
    epoch: String,
    top: u64,
    history: VecDeque<Entry>,
}

/// All streams of the server.
pub(crate) struct Channels {
    channels: BTreeMap<String, Stream>,
    epochs: u64,
    size: usize,
    age_ms: u64,
}

impl Channels {
    pub(crate) const fn new(size: usize, age_ms: u64) -> Self {
        Self {
            channels: BTreeMap::new(),
            epochs: 1,
            size,
            age_ms,
        }
    }

    /// All history is lost; the streams that come after have other epochs.
    pub(crate) fn forget(&mut self) {
        self.channels.clear();
        self.epochs += 1;
    }

    /// The history is gone, the offsets go on.
    pub(crate) fn trim(&mut self) {
        for stream in self.channels.values_mut() {
            stream.history.clear();
        }
    }

    fn stream(&mut self, channel: &str, now: u64) -> &mut Stream {
        let epochs = self.epochs;
        let stream = self
            .channels
            .entry(channel.to_owned())
            .or_insert_with(|| Stream {
                epoch: format!("s{epochs}"),
                ..Stream::default()
            });
        while let Some(first) = stream.history.front()
            && (first.at + self.age_ms < now || stream.history.len() > self.size)
        {
            stream.history.pop_front();
        }
        stream
    }

    /// Keeps a publication and returns the push for it.
    pub(crate) fn publish(&mut self, now: u64, channel: &str, data: &str) -> String {
        let stream = self.stream(channel, now);
        stream.top += 1;
        let offset = stream.top;
        stream.history.push_back(Entry {
            offset,
            at: now,
            data: data.to_owned(),
        });
        format!(r#"{{"push":{{"channel":"{channel}","pub":{{"data":{data},"offset":{offset}}}}}}}"#)
    }

    /// The result for a subscription.
    pub(crate) fn subscribe(&mut self, now: u64, request: &SubscribeRequest) -> String {
        let stream = self.stream(&request.channel, now);
        let Stream { epoch, top, .. } = &*stream;
        let missed: Vec<_> = stream
            .history
            .iter()
            .filter(|entry| entry.offset > request.offset)
            .map(|entry| format!(r#"{{"data":{},"offset":{}}}"#, entry.data, entry.offset))
            .collect();
        // An empty epoch means any; the history has to hold everything after the offset.
        let is_same = request.epoch.is_empty() || request.epoch == *epoch;
        let is_whole = request.offset <= *top && missed.len() as u64 == *top - request.offset;
        if request.recover && is_same && is_whole {
            format!(
                r#""subscribe":{{"recoverable":true,"epoch":"{epoch}","offset":{},"recovered":true,"was_recovering":true,"publications":[{}]}}"#,
                request.offset,
                missed.join(",")
            )
        } else {
            let was = request.recover;
            format!(
                r#""subscribe":{{"recoverable":true,"epoch":"{epoch}","offset":{top},"was_recovering":{was}}}"#
            )
        }
    }
}
