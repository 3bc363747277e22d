//! Channels on the connection: subscribing, unsubscribing, following their streams, what the server pushes.

use sync_protocol::centrifugo::{
    Command, Publication, Push, ReplyError, SubscribeRequest, SubscribeResult, UnsubscribePush,
    UnsubscribeRequest, error_code, unsubscribe_code,
};

use super::Connection;
use super::channels::{ChannelName, Continuity, Phase, Subscription};
use super::fault::is_passing;
use super::io::{ConnectionOutput, Recovery};
use super::timers::Timer;
use super::transport::Purpose;
use crate::time::Now;

/// Shortest time between two resyncs after malformed frames, in milliseconds, so that garbage cannot cause a storm of
/// requests.
const RESYNC_SPACING_MS: u64 = 10_000;

impl Connection {
    pub(super) fn subscribe(&mut self, now: Now, channel: &ChannelName) {
        if self.channels.want(channel) && self.is_connected() {
            self.subscribe_all(now);
        }
    }

    pub(super) fn unsubscribe(&mut self, now: Now, channel: &ChannelName) {
        if self.channels.unwant(channel) {
            self.send_unsubscribe(now, channel);
        }
        self.note_settled();
    }

    /// Asks for every wanted channel that was not asked for on this connection.
    pub(super) fn subscribe_all(&mut self, now: Now) {
        let unasked = |entry: &Subscription| entry.wanted && entry.phase == Phase::Idle;
        for channel in self.channels.select(unasked) {
            self.send_subscribe(now, &channel);
        }
    }

    fn send_subscribe(&mut self, now: Now, channel: &ChannelName) {
        let Some(transport) = self.transport.as_deref_mut() else {
            return;
        };
        let entry = self.channels.entry(channel);
        entry.phase = Phase::Subscribing;
        let position = entry.position.clone();
        let from = position.as_ref().map(|position| position.offset);
        let position = position.unwrap_or_default();
        let command = Command {
            subscribe: Some(SubscribeRequest {
                channel: channel.to_string(),
                recover: from.is_some(),
                epoch: position.epoch,
                offset: position.offset,
                positioned: true,
                recoverable: true,
                ..SubscribeRequest::default()
            }),
            ..Command::default()
        };
        let channel = channel.clone();
        transport.command(now.mono_ms, Purpose::Subscribe { channel, from }, command);
        self.watch_commands();
    }

    fn send_unsubscribe(&mut self, now: Now, channel: &ChannelName) {
        let Some(transport) = self.transport.as_deref_mut() else {
            return;
        };
        let command = Command {
            unsubscribe: Some(UnsubscribeRequest {
                channel: channel.to_string(),
            }),
            ..Command::default()
        };
        transport.command(now.mono_ms, Purpose::Unsubscribe(channel.clone()), command);
        self.channels.set_phase(channel, Phase::Unsubscribing);
        self.watch_commands();
    }

    /// A channel is subscribed. Missed publications are passed on first, then that it is subscribed.
    pub(super) fn handle_subscribed(
        &mut self,
        now: Now,
        channel: &ChannelName,
        from: Option<u64>,
        result: SubscribeResult,
    ) {
        let Some(entry) = self.channels.find(channel) else {
            self.counters.unknown += 1;
            return;
        };
        // If it is not wanted any more, the reply to that is still to come.
        if entry.phase == Phase::Subscribing {
            entry.phase = Phase::Subscribed;
        }
        entry.subscribed_at = now.mono_ms;
        let mut recovery = entry.adopt(&result, from);
        if recovery == Recovery::Recovered {
            for publication in result.publications {
                if self.publish(channel, publication, true) == Some(Continuity::AfterGap) {
                    recovery = Recovery::Lost;
                }
            }
            // The position of the server, which the publications should have led up to.
            if let Some(entry) = self.channels.find(channel)
                && let Some(position) = &mut entry.position
                && position.offset < result.offset
            {
                position.offset = result.offset;
                recovery = Recovery::Lost;
            }
        }
        self.announce(channel, recovery);
    }

    /// Notifies the others that a channel is subscribed, or was interrupted.
    pub(super) fn announce(&mut self, channel: &ChannelName, recovery: Recovery) {
        if let Some(entry) = self.channels.find(channel) {
            entry.recovery = Some(recovery);
        }
        let channel = channel.clone();
        self.outputs
            .push_back(ConnectionOutput::Subscribed { channel, recovery });
    }

    /// Passes a publication on, unless it is a duplicate. Returns how it continues its stream.
    pub(super) fn publish(
        &mut self,
        channel: &ChannelName,
        publication: Publication,
        recovered: bool,
    ) -> Option<Continuity> {
        let wall_ms = self.clock.wall_ms();
        let entry = self.channels.find(channel)?;
        entry.received_at_ms = wall_ms;
        let continuity = entry.advance(&publication);
        if continuity != Continuity::Duplicate {
            self.outputs.push_back(ConnectionOutput::Publication {
                channel: channel.clone(),
                data: publication.data,
                recovered,
            });
        }
        Some(continuity)
    }

    pub(super) fn handle_subscribe_error(
        &mut self,
        now: Now,
        channel: &ChannelName,
        error: &ReplyError,
    ) {
        match self.channels.phase(channel) {
            None => {
                self.counters.unknown += 1;
                return;
            }
            Some(Phase::Subscribing) => {}
            // It is not wanted any more; the reply to that is still to come.
            Some(_) => return,
        }
        match error.code {
            error_code::UNRECOVERABLE_POSITION => {
                if let Some(entry) = self.channels.find(channel) {
                    entry.drop_position();
                }
                self.subscribe_later(now, channel);
            }
            // Client and server disagree about the subscriptions. A new connection has no such doubt.
            error_code::ALREADY_SUBSCRIBED => self.lose(now, error.code, &error.message),
            code if is_passing(code, error.temporary) => self.subscribe_later(now, channel),
            code => self.reject(channel, code),
        }
    }

    pub(super) fn reject(&mut self, channel: &ChannelName, code: u32) {
        self.channels.set_phase(channel, Phase::Rejected);
        let channel = channel.clone();
        self.outputs
            .push_back(ConnectionOutput::Rejected { channel, code });
    }

    /// Asks again after a wait that grows with each failure in a row.
    pub(super) fn subscribe_later(&mut self, now: Now, channel: &ChannelName) {
        if let Some(entry) = self.channels.find(channel) {
            let cap = entry.note_failure(now.mono_ms);
            let until = now.mono_ms + self.attempts.between(0, cap);
            entry.phase = Phase::Waiting(until);
            self.watch_waiting();
        }
    }

    /// Asks again for the channels whose wait is over.
    pub(super) fn resubscribe(&mut self, now: Now) {
        for channel in self.channels.due(now.mono_ms) {
            self.send_subscribe(now, &channel);
        }
        self.watch_waiting();
    }

    fn watch_waiting(&mut self) {
        match self.channels.next_due() {
            Some(due) => self.timers.set(Timer::Resubscribe, due),
            None => self.timers.stop(Timer::Resubscribe),
        }
    }

    /// The server ended a channel, or did not know it: either way it is not subscribed.
    pub(super) fn handle_unsubscribed(&mut self, now: Now, channel: &ChannelName) {
        let ending = |entry: &&mut Subscription| entry.phase == Phase::Unsubscribing;
        if let Some(entry) = self.channels.find(channel).filter(ending) {
            entry.phase = Phase::Idle;
            if entry.wanted {
                self.send_subscribe(now, channel);
            }
        }
    }

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
