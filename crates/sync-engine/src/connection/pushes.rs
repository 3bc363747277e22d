//! Pushes of the server: publications, ended subscriptions, and malformed frames.

use sync_protocol::centrifugo::{Publication, Push, UnsubscribePush, unsubscribe_code};

use super::Connection;
use super::channels::{ChannelName, Continuity};
use super::io::Recovery;
use super::timers::Timer;
use crate::time::Now;

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
        if !self.channels.receives(channel) {
            self.counters.unknown += 1;
            return;
        }
        if self.publish(channel, publication, false) == Some(Continuity::AfterGap) {
            self.announce(channel, Recovery::Lost);
        }
    }

    fn handle_unsubscribe_push(&mut self, now: Now, channel: &ChannelName, push: &UnsubscribePush) {
        if !self.channels.is_active(channel) {
            self.counters.unknown += 1;
            return;
        }
        if push.code == unsubscribe_code::STATE_INVALIDATED {
            self.channels.drop_position(channel);
        }
        if unsubscribe_code::resubscribes(push.code) {
            self.subscribe_later(now, channel);
        } else {
            self.reject(channel, push.code);
        }
    }

    /// The same as a close frame with that code, on servers that push it.
    fn handle_disconnect_push(&mut self, now: Now, code: u32, reason: &str) {
        let code = u16::try_from(code).unwrap_or(u16::MAX);
        self.handle_closed(now, code, reason);
    }

    /// Something malformed arrived that may have been a publication.
    pub(super) fn plan_resync(&mut self, now: Now) {
        let earliest = self.channels.earliest_resync();
        if earliest <= now.mono_ms {
            self.resync(now);
        } else if !self.timers.is_running(Timer::Resync) {
            self.timers.set(Timer::Resync, earliest);
        }
    }

    /// Treats every subscribed channel as incomplete.
    pub(super) fn resync(&mut self, now: Now) {
        for channel in self.channels.resync(now.mono_ms) {
            self.announce(&channel, Recovery::Lost);
        }
    }
}
