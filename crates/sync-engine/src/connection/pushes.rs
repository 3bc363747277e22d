//! Unasked news: publications, ended subscriptions, and what could not be read.

use sync_protocol::centrifugo::{Publication, Push, UnsubscribePush, unsubscribe_code};

use super::Connection;
use super::channels::ChannelName;
use super::channels::{Continuity, Phase};
use super::io::Recovery;
use super::timers::Timer;
use crate::time::Now;

/// Shortest time between two rereadings after unreadable frames, in milliseconds, so that garbage cannot cause a
/// storm of requests.
const RESYNC_SPACING_MS: u64 = 10_000;

impl Connection {
    pub(super) fn handle_push(&mut self, now: Now, push: Push) {
        if let Some(disconnect) = push.disconnect {
            self.handle_disconnect_push(now, disconnect.code, &disconnect.reason);
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
        let phase = self.channels.find(channel).map(|entry| entry.phase);
        if !matches!(phase, Some(Phase::Subscribed | Phase::Unsubscribing)) {
            self.counters.unknown += 1;
            return;
        }
        if self.hand_on(channel, publication, false) == Some(Continuity::AfterGap) {
            self.announce(channel, Recovery::Lost);
        }
    }

    fn handle_unsubscribe_push(&mut self, now: Now, channel: &ChannelName, push: &UnsubscribePush) {
        let Some(entry) = self
            .channels
            .find(channel)
            .filter(|entry| matches!(entry.phase, Phase::Subscribed | Phase::Subscribing))
        else {
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

    /// As a close frame with the same code, on servers that push it.
    fn handle_disconnect_push(&mut self, now: Now, code: u32, reason: &str) {
        let code = u16::try_from(code).unwrap_or(u16::MAX);
        self.handle_closed(now, code, reason);
    }

    /// Something arrived that could not be read and may have been a publication.
    pub(super) fn plan_resync(&mut self, now: Now) {
        let earliest = self.resynced_at.map_or(0, |at| at + RESYNC_SPACING_MS);
        if earliest <= now.mono_ms {
            self.resync(now);
        } else if !self.timers.is_running(Timer::Resync) {
            self.timers.set(Timer::Resync, earliest);
        }
    }

    /// Takes every subscribed stream for incomplete.
    pub(super) fn resync(&mut self, now: Now) {
        self.resynced_at = Some(now.mono_ms);
        for channel in self.channels.subscribed() {
            self.announce(&channel, Recovery::Lost);
        }
    }
}
