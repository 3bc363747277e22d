//! Channels on the connection: subscribing, unsubscribing, following their streams.

use sync_protocol::centrifugo::{
    Command, Publication, ReplyError, SubscribeRequest, SubscribeResult, UnsubscribeRequest,
    error_code,
};

use super::Connection;
use super::channels::{ChannelName, Continuity, Phase, Subscription};
use super::fault::is_passing;
use super::io::{ConnectionOutput, Recovery};
use super::timers::Timer;
use super::transport::Purpose;
use crate::time::Now;

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
        for channel in self.channels.to_subscribe() {
            self.send_subscribe(now, &channel);
        }
    }

    fn send_subscribe(&mut self, now: Now, channel: &ChannelName) {
        let Some(transport) = self.work.transport_mut() else {
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
        let Some(transport) = self.work.transport_mut() else {
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
            if !self.channels.is_caught_up(channel, result.offset) {
                recovery = Recovery::Lost;
            }
        }
        self.announce(channel, recovery);
    }

    /// Notifies the others that a channel is subscribed, or was interrupted.
    pub(super) fn announce(&mut self, channel: &ChannelName, recovery: Recovery) {
        match recovery {
            Recovery::Fresh => {}
            Recovery::Lost => self.counters.lost += 1,
            Recovery::Recovered => self.counters.recovered += 1,
        }
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
        if continuity == Continuity::Duplicate {
            self.counters.duplicates += 1;
        } else {
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
        let cap = self.channels.note_failure(now.mono_ms, channel);
        let until = now.mono_ms + self.attempts.between(0, cap);
        self.channels.set_phase(channel, Phase::Waiting(until));
        self.watch_waiting();
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
}
