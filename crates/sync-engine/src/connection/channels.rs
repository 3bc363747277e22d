//! The channels: which are wanted, the state of each, and the position in its stream.

use std::rc::Rc;

use sync_protocol::centrifugo::{Publication, StreamPosition, SubscribeResult};

use super::io::{Recovery, SubscriptionState, SubscriptionView};
use crate::map::{Map, MapExt as _};

/// The name of a channel.
pub type ChannelName = Rc<str>;

/// Cap of the first wait before a subscription is retried, in milliseconds; doubled each time.
const RESUBSCRIBE_CAP_MS: u64 = 500;
/// Highest cap, in milliseconds. The official clients have the same.
const RESUBSCRIBE_CAP_MAX_MS: u64 = 20_000;
/// A subscription that lasted for so long starts its waits small again, in milliseconds.
const STEADY_MS: u64 = 20_000;

/// The state of a channel on the present connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Phase {
    /// Nothing was asked.
    Idle,
    /// The server was asked for it.
    Subscribing,
    /// It is subscribed.
    Subscribed,
    /// The server was asked to end it.
    Unsubscribing,
    /// Asked for again at this time, by the engine's clock.
    Waiting(u64),
    /// The server does not grant it.
    Rejected,
}

/// A channel that is wanted, or was.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    pub(super) wanted: bool,
    pub(super) phase: Phase,
    /// The last publication that was passed on. Kept over connections and while not wanted.
    pub(super) position: Option<StreamPosition>,
    /// A position was dropped, so that the next subscription cannot be complete.
    lost: bool,
    /// Rejections and endings in a row.
    failures: u32,
    /// When it was last subscribed, by the engine's clock.
    pub(super) subscribed_at: u64,
    /// What was last known about the time before the present position.
    pub(super) recovery: Option<Recovery>,
    /// When a publication last came, by the wall clock.
    pub(super) received_at_ms: Option<i64>,
}

impl Default for Subscription {
    fn default() -> Self {
        Self {
            wanted: false,
            phase: Phase::Idle,
            position: None,
            lost: false,
            failures: 0,
            subscribed_at: 0,
            recovery: None,
            received_at_ms: None,
        }
    }
}

/// How a publication continues its stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Continuity {
    /// The next one.
    Next,
    /// Known already.
    Duplicate,
    /// One that others should have come before.
    AfterGap,
}

impl Subscription {
    /// A subscription failed. Returns the cap of the wait before it is retried, in milliseconds, which grows with each
    /// failure in a row.
    pub(super) fn note_failure(&mut self, now: u64) -> u64 {
        if now.saturating_sub(self.subscribed_at) >= STEADY_MS && self.subscribed_at > 0 {
            self.failures = 0;
        }
        let doublings = self.failures.min(10);
        self.failures = self.failures.saturating_add(1);
        (RESUBSCRIBE_CAP_MS << doublings).min(RESUBSCRIBE_CAP_MAX_MS)
    }

    /// Drops the position: the next subscription cannot be complete.
    pub(super) fn drop_position(&mut self) {
        self.lost |= self.position.take().is_some();
    }

    /// Moves the position to a publication.
    pub(super) fn advance(&mut self, publication: &Publication) -> Continuity {
        let (offset, epoch) = (publication.offset, &publication.epoch);
        if offset == 0 {
            return Continuity::Next;
        }
        let Some(position) = &mut self.position else {
            if !epoch.is_empty() {
                self.position = Some(StreamPosition {
                    offset,
                    epoch: epoch.clone(),
                });
            }
            return Continuity::Next;
        };
        let is_other_stream = !epoch.is_empty() && *epoch != position.epoch;
        if !is_other_stream && offset <= position.offset {
            return Continuity::Duplicate;
        }
        let is_next = offset == position.offset + 1;
        position.offset = offset;
        if is_other_stream {
            position.epoch.clone_from(epoch);
            Continuity::AfterGap
        } else if is_next {
            Continuity::Next
        } else {
            Continuity::AfterGap
        }
    }

    /// Applies a subscribe result without its publications. A stream without an epoch has no position that could be
    /// named later: an empty epoch would match whatever stream comes after it.
    pub(super) fn adopt(&mut self, result: &SubscribeResult, from: Option<u64>) -> Recovery {
        let is_recovered = from.is_some() && result.recovered;
        if !is_recovered {
            let had = self.position.take().is_some() || self.lost || from.is_some();
            if !result.epoch.is_empty() {
                self.position = Some(StreamPosition {
                    offset: result.offset,
                    epoch: result.epoch.clone(),
                });
            }
            self.lost = false;
            return if had { Recovery::Lost } else { Recovery::Fresh };
        }
        if let Some(position) = &mut self.position
            && !result.epoch.is_empty()
        {
            position.epoch.clone_from(&result.epoch);
        }
        Recovery::Recovered
    }
}

/// All channels of the connection, wanted or not. Their number is bounded, since all names come from the schema.
#[derive(Clone, Debug, Default)]
pub(crate) struct Channels {
    pub(super) subscriptions: Map<ChannelName, Subscription>,
    /// When all subscribed channels were last treated as incomplete, by the engine's clock.
    pub(super) resynced_at: Option<u64>,
}

impl Channels {
    /// Somebody wants a channel. Returns whether nobody did before.
    pub(super) fn want(&mut self, channel: &ChannelName) -> bool {
        let entry = self.entry(channel);
        let is_new = !std::mem::replace(&mut entry.wanted, true);
        if is_new && entry.phase == Phase::Rejected {
            entry.phase = Phase::Idle;
            entry.failures = 0;
        }
        is_new
    }

    /// Nobody wants a channel any more. Returns whether the server has to be asked to end it.
    pub(super) fn unwant(&mut self, channel: &str) -> bool {
        let Some(entry) = self.find(channel).filter(|entry| entry.wanted) else {
            return false;
        };
        entry.wanted = false;
        match entry.phase {
            Phase::Subscribing | Phase::Subscribed => return true,
            Phase::Waiting(_) | Phase::Rejected => entry.phase = Phase::Idle,
            Phase::Idle | Phase::Unsubscribing => {}
        }
        false
    }

    /// The state of a channel on the present connection; `None` if it was never wanted.
    pub(super) fn phase(&self, channel: &str) -> Option<Phase> {
        self.subscriptions.get(channel).map(|entry| entry.phase)
    }

    pub(super) fn set_phase(&mut self, channel: &str, phase: Phase) {
        if let Some(entry) = self.find(channel) {
            entry.phase = phase;
        }
    }

    /// Channels whose wait is over.
    pub(super) fn due(&self, now: u64) -> Vec<ChannelName> {
        self.select(|entry| matches!(entry.phase, Phase::Waiting(until) if until <= now))
    }

    /// When the first wait is over.
    pub(super) fn next_due(&self) -> Option<u64> {
        let waiting = self
            .subscriptions
            .values()
            .filter_map(|entry| match entry.phase {
                Phase::Waiting(until) => Some(until),
                _ => None,
            });
        waiting.min()
    }

    /// The connection is gone: nothing is subscribed. Positions and rejections stay.
    pub(super) fn disconnect(&mut self) {
        for subscription in self.subscriptions.values_mut() {
            if subscription.phase != Phase::Rejected {
                subscription.phase = Phase::Idle;
            }
        }
    }

    /// Asks again for rejected channels, since the user acted.
    pub(super) fn forget_rejections(&mut self) {
        for subscription in self.subscriptions.values_mut() {
            if subscription.phase == Phase::Rejected {
                subscription.phase = Phase::Idle;
                subscription.failures = 0;
            }
        }
    }

    /// All channels as they are shown.
    pub(crate) fn views(&self) -> Vec<SubscriptionView> {
        let views = self
            .subscriptions
            .iter()
            .map(|(channel, entry)| SubscriptionView {
                channel: channel.clone(),
                state: match entry.phase {
                    _ if !entry.wanted => SubscriptionState::Unsubscribed,
                    Phase::Subscribed => SubscriptionState::Subscribed,
                    Phase::Rejected => SubscriptionState::Rejected,
                    _ => SubscriptionState::Subscribing,
                },
                position: entry.position.clone(),
                recovery: entry.recovery,
                received_at_ms: entry.received_at_ms,
            });
        views.collect()
    }

    pub(super) fn entry(&mut self, channel: &ChannelName) -> &mut Subscription {
        self.subscriptions.entry(channel.clone()).or_default()
    }

    pub(super) fn find(&mut self, channel: &str) -> Option<&mut Subscription> {
        self.subscriptions.get_mut(channel)
    }

    /// Whether every wanted channel is in such a phase.
    pub(super) fn all_wanted(&self, is_so: impl Fn(Phase) -> bool) -> bool {
        let mut wanted = self.subscriptions.values().filter(|entry| entry.wanted);
        wanted.all(|entry| is_so(entry.phase))
    }

    pub(super) fn select(&self, is_so: impl Fn(&Subscription) -> bool) -> Vec<ChannelName> {
        let chosen = self.subscriptions.iter().filter(|(_, entry)| is_so(entry));
        chosen.map(|(channel, _)| channel.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    fn publication(offset: u64, epoch: &str) -> Publication {
        Publication {
            data: RawValue::from_string("{}".to_owned()).unwrap(),
            offset,
            epoch: epoch.to_owned(),
        }
    }

    #[test]
    fn a_stream_is_followed_by_offset() {
        let mut subscription = Subscription {
            position: Some(StreamPosition {
                offset: 5,
                epoch: "e".to_owned(),
            }),
            ..Subscription::default()
        };
        for (offset, epoch, continuity) in [
            (5, "", Continuity::Duplicate),
            (6, "", Continuity::Next),
            (6, "e", Continuity::Duplicate),
            (9, "", Continuity::AfterGap),
            (7, "", Continuity::Duplicate),
            (1, "other", Continuity::AfterGap),
            (2, "other", Continuity::Next),
            (0, "", Continuity::Next),
        ] {
            let found = subscription.advance(&publication(offset, epoch));
            assert_eq!(found, continuity, "{offset} {epoch}");
        }
    }

    #[test]
    fn the_first_publication_of_an_empty_stream_brings_its_epoch() {
        let mut subscription = Subscription::default();
        let result = SubscribeResult::default();
        assert_eq!(subscription.adopt(&result, None), Recovery::Fresh);
        assert_eq!(subscription.position, None);
        assert_eq!(subscription.advance(&publication(1, "e")), Continuity::Next);
        assert_eq!(
            subscription.advance(&publication(1, "e")),
            Continuity::Duplicate
        );
    }
}
