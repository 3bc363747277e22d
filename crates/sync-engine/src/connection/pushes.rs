//! Pushes of the server: publications, ended subscriptions, and malformed frames.

use sync_protocol::centrifugo::{Publication, Push, UnsubscribePush, unsubscribe_code};

use super::Connection;
use super::channels::{ChannelName, Continuity, Phase, Subscription};
use super::io::Recovery;
use super::timers::Timer;
use crate::time::Now;

/// Shortest time between two resyncs after malformed frames, in milliseconds, so that garbage cannot cause a storm of
/// requests.
const RESYNC_SPACING_MS: u64 = 10_000;

impl Connection {
    pub(super) fn handle_push(&mut self, now: Now, push: Push) {
        if let Some(disconnect) = push.disconnect {
            // The same as a close frame with that code, on servers that push it.
            let code = u16::try_from(disconnect.code).unwrap_or(u16::MAX);
            self.handle_closed(now, code, &disconnect.reason);
            return;
        }
        let channel = ChannelName::from(push.channel);
        if let Some(publication) = push.publication {
            self.handle_publication(&channel, publication);
        } else if let Some(unsubscribe) = push.unsubscribe {
            self.handle_unsubscribe_push(now, &channel, &unsubscribe);
        } else {
            self.counters.unknown += 1;
        }
    }

    fn handle_publication(&mut self, channel: &ChannelName, publication: Publication) {
        let phase = self.channels.phase(channel);
        if !matches!(phase, Some(Phase::Subscribed | Phase::Unsubscribing)) {
            self.counters.unknown += 1;
            return;
        }
        if self.publish(channel, publication, false) == Some(Continuity::AfterGap) {
            self.announce(channel, Recovery::Lost);
        }
    }

    fn handle_unsubscribe_push(&mut self, now: Now, channel: &ChannelName, push: &UnsubscribePush) {
        let active = |entry: &&mut Subscription| {
            matches!(entry.phase, Phase::Subscribed | Phase::Subscribing)
        };
        let Some(entry) = self.channels.find(channel).filter(active) else {
            self.counters.unknown += 1;
            return;
        };
        if push.code == unsubscribe_code::STATE_INVALIDATED {
            entry.drop_position();
        }
        if unsubscribe_code::resubscribes(push.code) {
            self.subscribe_later(now, channel);
        } else {
            self.reject(channel, push.code);
        }
    }

    /// Something malformed arrived that may have been a publication.
    pub(super) fn plan_resync(&mut self, now: Now) {
        let earliest = self
            .channels
            .resynced_at
            .map_or(0, |at| at + RESYNC_SPACING_MS);
        if earliest <= now.mono_ms {
            self.resync(now);
        } else if !self.timers.is_running(Timer::Resync) {
            self.timers.set(Timer::Resync, earliest);
        }
    }

    /// Treats every subscribed channel as incomplete.
    pub(super) fn resync(&mut self, now: Now) {
        self.channels.resynced_at = Some(now.mono_ms);
        let subscribed = |entry: &Subscription| entry.phase == Phase::Subscribed;
        for channel in self.channels.select(subscribed) {
            self.announce(&channel, Recovery::Lost);
        }
    }
}
