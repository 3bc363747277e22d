//! The channels: which are wanted, how far each has come, and the place in its stream.

use sync_protocol::centrifugo::{Publication, StreamPosition, SubscribeResult};

use std::rc::Rc;

use super::io::{Recovery, SubscriptionState, SubscriptionView};
use crate::map::Map;

/// The name of a channel.
pub type ChannelName = Rc<str>;

/// How far a channel has come on the present connection.
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
    /// The server does not give it.
    Rejected,
}

/// A channel that is wanted, or was.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    pub(super) wanted: bool,
    pub(super) phase: Phase,
    /// The last publication that was handed on. Kept over connections and while not wanted.
    pub(super) position: Option<StreamPosition>,
    /// A position was given up, so that what comes next cannot be whole.
    pub(super) lost: bool,
    /// Rejections and endings in a row.
    pub(super) failures: u32,
    /// When it was last subscribed, by the engine's clock.
    pub(super) subscribed_at: u64,
    /// What was last known about the time before the present place, and when a publication last came.
    pub(super) recovery: Option<Recovery>,
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

/// What a publication is to its stream.
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
    /// Gives the position up.
    pub(super) fn drop_position(&mut self) {
        self.lost |= self.position.take().is_some();
    }

    /// Moves the position to a publication and tells what it is.
    pub(super) fn advance(&mut self, publication: &Publication) -> Continuity {
        let &Publication {
            offset, ref epoch, ..
        } = publication;
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
        if !epoch.is_empty() && *epoch != position.epoch {
            position.epoch.clone_from(epoch);
            position.offset = offset;
            return Continuity::AfterGap;
        }
        if offset <= position.offset {
            return Continuity::Duplicate;
        }
        let is_next = offset == position.offset + 1;
        position.offset = offset;
        if is_next {
            Continuity::Next
        } else {
            Continuity::AfterGap
        }
    }

    /// Takes a subscribe result in, but for its publications. A stream without an epoch has no place that could be
    /// named later: an empty epoch would match whatever stream comes after it.
    pub(super) fn adopt(&mut self, result: &SubscribeResult, from: Option<u64>) -> Recovery {
        let goes_on = from.is_some() && result.recovered;
        if !goes_on {
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

/// All channels of the session, wanted or not. Their number is that of the known kinds, since all names come from here.
#[derive(Clone, Debug, Default)]
pub(super) struct Channels {
    subscriptions: Map<ChannelName, Subscription>,
}

impl Channels {
    /// The channel's entry, made if there is none.
    pub(super) fn entry(&mut self, channel: &ChannelName) -> &mut Subscription {
        self.subscriptions.entry(channel.clone()).or_default()
    }

    /// The channel's entry, if there is one.
    pub(super) fn find(&mut self, channel: &ChannelName) -> Option<&mut Subscription> {
        self.subscriptions.get_mut(channel)
    }

    /// Channels that are wanted and were not asked for on this connection.
    pub(super) fn to_subscribe(&self) -> Vec<ChannelName> {
        self.select(|subscription| subscription.wanted && subscription.phase == Phase::Idle)
    }

    /// Channels whose waiting is over.
    pub(super) fn due(&self, now: u64) -> Vec<ChannelName> {
        self.select(|subscription| match subscription.phase {
            Phase::Waiting(until) => subscription.wanted && until <= now,
            _ => false,
        })
    }

    /// Channels that are subscribed.
    pub(super) fn subscribed(&self) -> Vec<ChannelName> {
        self.select(|subscription| subscription.phase == Phase::Subscribed)
    }

    /// When the first waiting is over.
    pub(super) fn next_due(&self) -> Option<u64> {
        let waiting = self.subscriptions.values();
        waiting
            .filter_map(|subscription| match subscription.phase {
                Phase::Waiting(until) if subscription.wanted => Some(until),
                _ => None,
            })
            .min()
    }

    /// The connection is gone: nothing is subscribed. Positions and rejections stay.
    pub(super) fn disconnect(&mut self) {
        for subscription in self.subscriptions.values_mut() {
            if subscription.phase != Phase::Rejected {
                subscription.phase = Phase::Idle;
            }
        }
    }

    /// Asks again for what was rejected, since somebody acted.
    pub(super) fn forget_rejections(&mut self) {
        for subscription in self.subscriptions.values_mut() {
            if subscription.phase == Phase::Rejected {
                subscription.phase = Phase::Idle;
                subscription.failures = 0;
            }
        }
    }

    /// Gives all positions up.
    pub(super) fn drop_positions(&mut self) {
        self.subscriptions
            .values_mut()
            .for_each(Subscription::drop_position);
    }

    /// Whether every wanted channel was answered, well or not.
    pub(super) fn are_answered(&self) -> bool {
        self.all_wanted(|phase| matches!(phase, Phase::Subscribed | Phase::Rejected))
    }

    /// Whether every wanted channel is subscribed.
    pub(super) fn are_subscribed(&self) -> bool {
        self.all_wanted(|phase| phase == Phase::Subscribed)
    }

    /// All channels as they are shown.
    pub(super) fn views(&self) -> Vec<SubscriptionView> {
        let views = self
            .subscriptions
            .iter()
            .map(|(channel, entry)| SubscriptionView {
                channel: channel.clone(),
                state: match entry.phase {
                    _ if !entry.wanted => SubscriptionState::Unsubscribed,
                    Phase::Subscribed => SubscriptionState::Subscribed,
                    Phase::Rejected => SubscriptionState::Rejected,
                    Phase::Idle | Phase::Subscribing | Phase::Unsubscribing | Phase::Waiting(_) => {
                        SubscriptionState::Subscribing
                    }
                },
                position: entry.position.clone(),
                recovery: entry.recovery,
                received_at_ms: entry.received_at_ms,
            });
        views.collect()
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.subscriptions.clear();
    }

    fn all_wanted(&self, is_so: impl Fn(Phase) -> bool) -> bool {
        let mut wanted = self.subscriptions.values().filter(|entry| entry.wanted);
        wanted.all(|entry| is_so(entry.phase))
    }

    fn select(&self, is_so: impl Fn(&Subscription) -> bool) -> Vec<ChannelName> {
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
        for (offset, epoch, place) in [
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
            assert_eq!(found, place, "{offset} {epoch}");
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
