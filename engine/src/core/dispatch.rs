//! What the parts say to each other. Each output of one becomes an input of others, until all are quiet.

use dashboard_protocol::{Channel, Resource};

use super::{Core, CoreOutput, Part, Freshness};
use crate::catalog;
use crate::topics::{self, ChannelKind};
use crate::metrics::{Counter, Metrics};
use crate::injected_faults::{InjectedFault, is_injected};
use crate::poll;
use crate::scheduler;
use crate::connection::{self, OffReason, State};
use crate::status::ConnectionStatus;
use crate::time::Now;
use crate::view::Key;

/// Shortest time between two resumptions of calls that were answered with 401 while the session says that the user
/// is signed in, in milliseconds: a server of two minds is not asked in a loop.
const RESUME_SPACING_MS: u64 = 5000;

impl Core {
    /// Passes outputs on until no part has one left.
    pub(super) fn drain(&mut self, now: Now) {
        loop {
            while self.pass_one(now) {}
            self.update_poller(now);
            self.update_status(now);
            if !self.pass_one(now) {
                break;
            }
        }
        let report = self.scheduler.take_report();
        self.metrics.take_in(&report);
        self.wait_for_paint(now, &report.waits);
        for resource in Resource::ALL {
            self.metrics
                .refolded(ChannelKind::Resource(resource), self.store.rebases(resource));
        }
        self.metrics.waiting(
            self.scheduler.queue_depth(),
            self.store.oldest_pending_ms(now),
        );
        self.metrics.handle_timeout(now);
        if self.metrics.poll_changed() {
            self.outputs.push_back(CoreOutput::Changed(Key::Metrics));
        }
    }

    fn pass_one(&mut self, now: Now) -> bool {
        if let Some(output) = self.connection.poll_output() {
            self.pass_connection(now, output);
        } else if let Some(output) = self.topics.poll_output() {
            self.pass_topics(now, output);
        } else if let Some(output) = self.poller.poll_output() {
            self.pass_poll(now, output);
        } else if let Some(output) = self.scheduler.poll_output() {
            self.pass_scheduler(now, output);
        } else if let Some(output) = self.store.poll_output() {
            self.pass_store(now, output);
        } else if let Some(output) = self.catalog.poll_output() {
            self.pass_catalog(now, output);
        } else {
            return false;
        }
        true
    }

    fn pass_connection(&mut self, now: Now, output: connection::ConnectionOutput) {
        match output {
            connection::ConnectionOutput::Open { generation, url } => {
                self.outputs
                    .push_back(CoreOutput::OpenSocket { generation, url });
            }
            connection::ConnectionOutput::Send { generation, text } => {
                self.outputs
                    .push_back(CoreOutput::SendText { generation, text });
            }
            connection::ConnectionOutput::Close { generation, code } => {
                self.outputs
                    .push_back(CoreOutput::CloseSocket { generation, code });
            }
            connection::ConnectionOutput::Http { id, request } => {
                let id = Part::Connection.request(id);
                self.outputs.push_back(CoreOutput::Http { id, request });
            }
            connection::ConnectionOutput::CancelHttp { id } => {
                let id = Part::Connection.request(id);
                self.outputs.push_back(CoreOutput::CancelHttp { id });
                self.resume_calls(now);
            }
            connection::ConnectionOutput::Publication { channel, data, .. } => {
                self.publication(now, &channel, &data);
            }
            connection::ConnectionOutput::Subscribed { channel, recovery } => {
                self.subscribed(now, &channel, recovery);
            }
            // The connection does not count as live without it, so its resource is polled.
            connection::ConnectionOutput::Rejected { .. } => self.metrics.touch(),
            connection::ConnectionOutput::Changed(change) => {
                self.metrics.touch();
                if change.to == ConnectionStatus::Connected && self.connection.counters().connections > 1
                {
                    self.metrics.count(Counter::Reconnects, 1);
                }
                self.outputs.push_back(CoreOutput::StatusChanged(change));
            }
            connection::ConnectionOutput::SignedOut => {
                self.set_aside(now);
                self.outputs.push_back(CoreOutput::SignedOut);
            }
            connection::ConnectionOutput::Rtt(rtt_ms) => {
                self.metrics.round_trip(u64::from(rtt_ms));
                self.status.measured(rtt_ms);
            }
            connection::ConnectionOutput::Heartbeat => {
                self.status.answered(now);
                self.freshness.heard(now);
            }
            connection::ConnectionOutput::Malformed => self.metrics.count(Counter::FramesMalformed, 1),
        }
    }

    fn pass_topics(&mut self, now: Now, output: topics::TopicsOutput) {
        // Before somebody is signed in there is nobody to ask for; `subscribe_all` makes up for it.
        let Some(user) = self.user.as_ref().map(|user| user.id.clone()) else {
            return;
        };
        self.metrics.touch();
        match output {
            topics::TopicsOutput::Subscribe(kind) => self.subscribe_channel(now, kind, &user),
            topics::TopicsOutput::Unsubscribe(kind) => {
                let channel = channel_of(kind, &user);
                if !is_injected(InjectedFault::UnsubscribedKept) {
                    self.connection
                        .handle(now, connection::ConnectionInput::Unsubscribe(channel));
                }
                if let ChannelKind::Resource(resource) = kind {
                    self.recovering.remove(&resource);
                }
            }
        }
        self.update_store();
    }

    fn subscribe_channel(&mut self, now: Now, kind: ChannelKind, user: &str) {
        self.connection
            .handle(now, connection::ConnectionInput::Subscribe(channel_of(kind, user)));
        if let ChannelKind::Resource(resource) = kind {
            self.store.ensure(now, &[resource]);
        }
    }

    /// Joins all that the screen asked for before somebody was signed in.
    pub(super) fn subscribe_all(&mut self, now: Now) {
        let Some(user) = self.user.as_ref().map(|user| user.id.clone()) else {
            return;
        };
        while self.topics.poll_output().is_some() {}
        let subscribed = self.topics.subscribed();
        let resources = subscribed.resources.into_keys().map(ChannelKind::Resource);
        for kind in resources.chain(subscribed.catalog_updates.then_some(ChannelKind::CatalogUpdates)) {
            self.subscribe_channel(now, kind, &user);
        }
        self.update_store();
    }

    fn pass_poll(&mut self, now: Now, output: poll::PollOutput) {
        match output {
            poll::PollOutput::Poll => {
                self.metrics.count(Counter::Polls, 1);
                let active = self.active_resources();
                self.polled = active.iter().copied().collect();
                self.store.poll(now, &active);
                if self.topics.active().catalog_updates {
                    self.catalog.refetch(now, None);
                }
            }
            // The store gives its calls up by itself after the same time.
            poll::PollOutput::GiveUp => self.polled.clear(),
        }
    }

    pub(super) fn pass_scheduler(&mut self, now: Now, output: scheduler::SchedulerOutput) {
        match output {
            scheduler::SchedulerOutput::Apply(events) => self.store.handle_events(now, events),
            scheduler::SchedulerOutput::CatalogUpdates(changes) => self.apply_catalog_updates(now, changes),
            scheduler::SchedulerOutput::RequestFrame => self.outputs.push_back(CoreOutput::RequestFrame),
            scheduler::SchedulerOutput::Overflow(resource) => {
                self.metrics
                    .count_in(ChannelKind::Resource(resource), Counter::Resyncs, 1);
                self.miss(resource);
                self.store.fetch(now, &[resource]);
            }
        }
    }

    fn pass_catalog(&mut self, now: Now, output: catalog::CatalogOutput) {
        match output {
            catalog::CatalogOutput::Http { id, request } => {
                let id = Part::Catalog.request(id);
                self.outputs.push_back(CoreOutput::Http { id, request });
            }
            catalog::CatalogOutput::CancelHttp { id } => {
                let id = Part::Catalog.request(id);
                self.outputs.push_back(CoreOutput::CancelHttp { id });
            }
            catalog::CatalogOutput::Changed(key) => self.outputs.push_back(CoreOutput::Changed(key)),
            catalog::CatalogOutput::Unauthenticated => {
                self.connection.handle(now, connection::ConnectionInput::Unauthenticated);
            }
        }
    }

    /// Lets calls that were answered with 401 go on, since the server said otherwise to the session; not at once
    /// again, if they just did.
    pub(super) fn resume_calls(&mut self, now: Now) {
        let is_over = matches!(
            self.connection.state(),
            State::Disconnected {
                why: OffReason::SessionEnded
            }
        );
        if is_over || self.user.is_none() {
            return;
        }
        let earliest = self.resumed_at.map_or(0, |at| at + RESUME_SPACING_MS);
        if now.mono_ms >= earliest {
            self.resumed_at = Some(now.mono_ms);
            self.resume_at = None;
            self.store.set_paused(now, false);
        } else {
            self.resume_at = Some(earliest);
        }
    }

    /// Forgets everything about the user. What the screen needs is kept: it lets go by itself.
    pub(super) fn forget(&mut self, now: Now) {
        self.store.sign_out(now);
        self.catalog.clear();
        self.rest();
    }

    /// The server ended the session. What the user saw, the catalog too, and has not saved is kept: it goes on if they
    /// sign in again, and goes when somebody else does or they sign out.
    fn set_aside(&mut self, now: Now) {
        self.store.end_session(now);
        self.catalog.set_aside();
        self.rest();
    }

    fn rest(&mut self) {
        self.user = None;
        self.scheduler.clear();
        self.metrics = Metrics::default();
        self.unpainted.forget();
        self.recovering.clear();
        self.freshness = Freshness::default();
        self.polled.clear();
        (self.resume_at, self.resumed_at) = (None, None);
    }

    /// Tells the store whose news arrive by themselves: nobody's while the user has switched live updates off.
    pub(super) fn update_store(&mut self) {
        let brought = if self.connection.is_switched_off() {
            Vec::new()
        } else {
            self.subscribed_resources()
        };
        self.store.set_live(&brought);
    }

    pub(super) fn subscribed_resources(&self) -> Vec<Resource> {
        self.topics.subscribed().resources.into_keys().collect()
    }
}

fn channel_of(kind: ChannelKind, user: &str) -> Channel {
    match kind {
        ChannelKind::Resource(resource) => Channel::dashboard(resource, user),
        ChannelKind::CatalogUpdates => Channel::CatalogUpdates,
    }
}
