//! Channels on the connection: joining, leaving, following their streams.

use sync_protocol::centrifugo::{
    Command, Publication, ReplyError, SubscribeRequest, SubscribeResult, UnsubscribeRequest,
    error_code,
};

use super::Connection;
use super::channels::ChannelName;
use super::channels::{Continuity, Phase};
use super::fault::is_passing;
use super::io::{ConnectionOutput, Recovery};
use super::timers::Timer;
use super::transport::Purpose;
use crate::time::Now;

/// Cap of the first wait before a subscription is tried again, in milliseconds; doubled each time.
const RESUBSCRIBE_CAP_MS: u64 = 500;
/// Highest cap, in milliseconds. The official clients have the same.
const RESUBSCRIBE_CAP_MAX_MS: u64 = 20_000;
/// A subscription that stood for so long starts its waits small again, in milliseconds.
const STEADY_MS: u64 = 20_000;

impl Connection {
    pub(super) fn subscribe(&mut self, now: Now, channel: &ChannelName) {
        let entry = self.channels.entry(channel);
        if entry.wanted {
            return;
        }
        entry.wanted = true;
        if entry.phase == Phase::Rejected {
            entry.phase = Phase::Idle;
            entry.failures = 0;
        }
        if self.is_connected() {
            self.subscribe_all(now);
        }
    }

    pub(super) fn unsubscribe(&mut self, now: Now, channel: &ChannelName) {
        let Some(entry) = self.channels.find(channel).filter(|entry| entry.wanted) else {
            return;
        };
        entry.wanted = false;
        match entry.phase {
            Phase::Subscribing | Phase::Subscribed => self.send_unsubscribe(now, channel),
            Phase::Waiting(_) | Phase::Rejected => entry.phase = Phase::Idle,
            Phase::Idle | Phase::Unsubscribing => {}
        }
        self.note_settled();
    }

    /// Asks for every wanted channel that was not asked for on this connection.
    pub(super) fn subscribe_all(&mut self, now: Now) {
        for channel in self.channels.to_subscribe() {
            self.send_subscribe(now, &channel);
        }
    }

    fn send_subscribe(&mut self, now: Now, channel: &ChannelName) {
        let position = self.channels.entry(channel).position.clone();
        let from = position.as_ref().map(|position| position.offset);
        let position = position.unwrap_or_default();
        let Some(transport) = self.transport_mut() else {
            return;
        };
        let subscribe = Some(SubscribeRequest {
            channel: channel.to_string(),
            recover: from.is_some(),
            epoch: position.epoch,
            offset: position.offset,
            positioned: true,
            recoverable: true,
            ..SubscribeRequest::default()
        });
        let command = Command {
            subscribe,
            ..Command::default()
        };
        let channel_ = channel.clone();
        let purpose = Purpose::Subscribe {
            channel: channel_,
            from,
        };
        transport.command(now.mono_ms, purpose, command);
        self.channels.entry(channel).phase = Phase::Subscribing;
        self.watch_commands();
    }

    fn send_unsubscribe(&mut self, now: Now, channel: &ChannelName) {
        let Some(transport) = self.transport_mut() else {
            return;
        };
        let unsubscribe = Some(UnsubscribeRequest {
            channel: channel.to_string(),
        });
        let command = Command {
            unsubscribe,
            ..Command::default()
        };
        transport.command(now.mono_ms, Purpose::Unsubscribe(channel.clone()), command);
        self.channels.entry(channel).phase = Phase::Unsubscribing;
        self.watch_commands();
    }

    /// A subscription stands. What was missed is handed on first, then that it stands.
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
        // The channel may have been left since; then the reply to that is still to come.
        if entry.phase == Phase::Subscribing {
            entry.phase = Phase::Subscribed;
        }
        entry.subscribed_at = now.mono_ms;
        let mut recovery = entry.adopt(&result, from);
        if recovery == Recovery::Recovered {
            for publication in result.publications {
                if self.hand_on(channel, publication, true) == Some(Continuity::AfterGap) {
                    recovery = Recovery::Lost;
                }
            }
            let entry = self.channels.entry(channel);
            if let Some(position) = &mut entry.position
                && position.offset < result.offset
            {
                position.offset = result.offset;
                recovery = Recovery::Lost;
            }
        }
        self.announce(channel, recovery);
    }

    pub(super) fn announce(&mut self, channel: &ChannelName, recovery: Recovery) {
        match recovery {
            Recovery::Fresh => {}
            Recovery::Lost => self.counters.lost += 1,
            Recovery::Recovered => self.counters.recovered += 1,
        }
        self.channels.entry(channel).recovery = Some(recovery);
        let channel = channel.clone();
        self.outputs
            .push_back(ConnectionOutput::Subscribed { channel, recovery });
    }

    /// Hands a publication on, unless it is known already.
    pub(super) fn hand_on(
        &mut self,
        channel: &ChannelName,
        publication: Publication,
        recovered: bool,
    ) -> Option<Continuity> {
        let received_at_ms = self.clock.map(|now| now.wall_ms);
        let entry = self.channels.find(channel)?;
        entry.received_at_ms = received_at_ms;
        let place = entry.advance(&publication);
        if place == Continuity::Duplicate {
            self.counters.duplicates += 1;
        } else {
            self.outputs.push_back(ConnectionOutput::Publication {
                channel: channel.clone(),
                data: publication.data,
                recovered,
            });
        }
        Some(place)
    }

    pub(super) fn handle_subscribe_error(
        &mut self,
        now: Now,
        channel: &ChannelName,
        error: &ReplyError,
    ) {
        let Some(entry) = self.channels.find(channel) else {
            self.counters.unknown += 1;
            return;
        };
        if entry.phase != Phase::Subscribing {
            // It was left since; the reply to that is still to come.
            return;
        }
        match error.code {
            error_code::UNRECOVERABLE_POSITION => {
                entry.drop_position();
                self.subscribe_later(now, channel);
            }
            // Client and server disagree about what is subscribed. A new connection has no such doubt.
            error_code::ALREADY_SUBSCRIBED => self.lose(now, error.code, &error.message),
            code if is_passing(code, error.temporary) => self.subscribe_later(now, channel),
            code => self.reject(channel, code),
        }
    }

    pub(super) fn reject(&mut self, channel: &ChannelName, code: u32) {
        self.channels.entry(channel).phase = Phase::Rejected;
        let channel = channel.clone();
        self.outputs
            .push_back(ConnectionOutput::Rejected { channel, code });
    }

    /// Asks again after a wait that grows with each failure in a row.
    pub(super) fn subscribe_later(&mut self, now: Now, channel: &ChannelName) {
        let entry = self.channels.entry(channel);
        if now.mono_ms.saturating_sub(entry.subscribed_at) >= STEADY_MS && entry.subscribed_at > 0 {
            entry.failures = 0;
        }
        let doublings = entry.failures.min(10);
        entry.failures = entry.failures.saturating_add(1);
        let cap = (RESUBSCRIBE_CAP_MS << doublings).min(RESUBSCRIBE_CAP_MAX_MS);
        let until = now.mono_ms + self.backoff.between(0, cap);
        self.channels.entry(channel).phase = Phase::Waiting(until);
        self.watch_waiting();
    }

    /// Asks again for the channels whose waiting is over.
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

    /// The server let a channel go, or did not know it: either way it is not subscribed.
    pub(super) fn handle_unsubscribed(&mut self, now: Now, channel: &ChannelName) {
        let Some(entry) = self.channels.find(channel) else {
            return;
        };
        if entry.phase == Phase::Unsubscribing {
            entry.phase = Phase::Idle;
            if entry.wanted {
                self.send_subscribe(now, channel);
            }
        }
    }
}
