//! How the parts talk to each other. Each output of one becomes an input of others, until none has an output left.

use super::{Core, CoreOutput, Part};
use crate::connection::{ConnectionInput, ConnectionOutput, OffReason};
use crate::http::HttpRequest;
use crate::io::ConnectionStatus;
use crate::metrics::{Counter, Metrics};
use crate::poll::PollOutput;
use crate::queries::QueriesOutput;
use crate::scheduler::SchedulerOutput;
use crate::schema::{ResourceSet, Topic};
use crate::time::Now;
use crate::topics::TopicsOutput;
use crate::view::Key;

/// Shortest time between two resumptions of calls that were answered with 401 while the session check says that the user
/// is signed in, in milliseconds: a server that contradicts itself is not asked in a loop.
const RESUME_SPACING_MS: u64 = 5000;

impl Core {
    /// Passes outputs on until no part has one left.
    pub(super) fn drain(&mut self, now: Now) {
        loop {
            while self.pass_one(now) {}
            self.read_subscribed(now);
            self.update_poller(now);
            self.update_status(now);
            if !self.pass_one(now) {
                break;
            }
        }
        let report = self.scheduler.take_report();
        self.metrics.take_in(&report);
        self.wait_for_paint(now, &report.waits);
        let rebases = self.schema.resources().map(|one| self.store.rebases(one));
        self.metrics.rebased(rebases.sum());
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
        } else if let Some(output) = self.queries.poll_output() {
            self.pass_queries(now, output);
        } else {
            return false;
        }
        true
    }

    pub(super) fn call(&mut self, part: Part, id: u64, request: HttpRequest) {
        let id = part.request(id);
        self.outputs.push_back(CoreOutput::Http { id, request });
    }

    pub(super) fn cancel_call(&mut self, part: Part, id: u64) {
        let id = part.request(id);
        self.outputs.push_back(CoreOutput::CancelHttp { id });
    }

    pub(super) fn pass_connection(&mut self, now: Now, output: ConnectionOutput) {
        match output {
            ConnectionOutput::Socket(command) => {
                self.outputs.push_back(CoreOutput::Socket(command));
            }
            ConnectionOutput::Http { id, request } => self.call(Part::Connection, id, request),
            ConnectionOutput::CancelHttp { id } => {
                self.cancel_call(Part::Connection, id);
                self.resume_calls(now);
            }
            ConnectionOutput::Publication { channel, data, .. } => {
                self.publication(now, &channel, &data);
            }
            ConnectionOutput::Subscribed { channel, recovery } => {
                self.subscribed(now, &channel, recovery);
            }
            // The connection does not count as live without it, so its resource is polled.
            ConnectionOutput::Rejected { .. } => self.metrics.changed = true,
            ConnectionOutput::Changed(change) => {
                self.metrics.changed = true;
                let is_first = self.connection.counters.connections <= 1;
                if change.to == ConnectionStatus::Connected && !is_first {
                    self.metrics.count(Counter::Reconnects, 1);
                }
                self.outputs.push_back(CoreOutput::StatusChanged(change));
            }
            ConnectionOutput::SignedOut => {
                self.end_session(now);
                self.outputs.push_back(CoreOutput::SignedOut);
            }
            ConnectionOutput::Rtt(rtt_ms) => {
                self.metrics.round_trip(u64::from(rtt_ms));
                self.status.measured(rtt_ms);
            }
            ConnectionOutput::Heartbeat => {
                self.status.answered(now);
                self.sync.heard = Some(now);
            }
            ConnectionOutput::Malformed => self.metrics.count(Counter::FramesMalformed, 1),
        }
    }

    fn pass_topics(&mut self, now: Now, output: TopicsOutput) {
        // Before a user is signed in there are no channels to name; `subscribe_all` makes up for it.
        let Some(user) = self.user.as_ref().map(|user| user.id.clone()) else {
            return;
        };
        self.metrics.changed = true;
        match output {
            TopicsOutput::Subscribe(topic) => self.subscribe(now, topic, &user),
            TopicsOutput::Unsubscribe(topic) => {
                let channel = self.schema.channel(topic, &user).into();
                self.connection
                    .handle(now, ConnectionInput::Unsubscribe(channel));
                if let Topic::Resource(resource) = topic {
                    self.sync.recovering.remove(resource);
                    self.sync.to_read.remove(resource);
                }
            }
        }
        self.update_store();
    }

    fn subscribe(&mut self, now: Now, topic: Topic, user: &str) {
        let channel = self.schema.channel(topic, user).into();
        self.connection
            .handle(now, ConnectionInput::Subscribe(channel));
        if let Topic::Resource(resource) = topic {
            self.store.ensure(now, ResourceSet::one(resource));
        }
    }

    /// Subscribes to everything that the screen asked for before a user was signed in.
    pub(super) fn subscribe_all(&mut self, now: Now) {
        let Some(user) = self.user.as_ref().map(|user| user.id.clone()) else {
            return;
        };
        while self.topics.poll_output().is_some() {}
        let subscribed = self.topics.subscribed().clone();
        let resources = subscribed.resources.iter().map(Topic::Resource);
        for topic in resources.chain(subscribed.feeds.into_iter().map(Topic::Feed)) {
            self.subscribe(now, topic, &user);
        }
        self.update_store();
    }

    fn pass_poll(&mut self, now: Now, output: PollOutput) {
        match output {
            PollOutput::Poll => {
                self.metrics.count(Counter::Polls, 1);
                let active = self.topics.active();
                self.sync.polled = active.resources;
                self.store.poll(now, active.resources);
                if !active.feeds.is_empty() {
                    self.queries.refetch(now, None);
                }
            }
            // The store times its calls out by itself after the same time.
            PollOutput::Abort => self.sync.polled = ResourceSet::EMPTY,
        }
    }

    pub(super) fn pass_scheduler(&mut self, now: Now, output: SchedulerOutput) {
        match output {
            SchedulerOutput::Apply(events) => self.store.handle_events(now, events),
            SchedulerOutput::Updates(feed, updates) => self.apply_updates(now, feed, &updates),
            SchedulerOutput::RequestFrame => self.outputs.push_back(CoreOutput::RequestFrame),
            SchedulerOutput::Overflow(resource) => {
                self.metrics.count(Counter::Resyncs, 1);
                self.note_missed(resource);
                self.store.fetch(now, ResourceSet::one(resource));
            }
        }
    }

    fn pass_queries(&mut self, now: Now, output: QueriesOutput) {
        match output {
            QueriesOutput::Http { id, request } => self.call(Part::Queries, id, request),
            QueriesOutput::CancelHttp { id } => self.cancel_call(Part::Queries, id),
            QueriesOutput::Changed(key) => self.outputs.push_back(CoreOutput::Changed(key)),
            QueriesOutput::Unauthenticated => {
                self.connection
                    .handle(now, ConnectionInput::Unauthenticated);
            }
        }
    }

    /// Lets calls that were answered with 401 go on, since the session check says otherwise; not at once again, if they
    /// just did.
    pub(super) fn resume_calls(&mut self, now: Now) {
        let is_over = self.connection.state.off_reason() == Some(OffReason::SessionEnded);
        if is_over || self.user.is_none() {
            return;
        }
        let check = &mut self.session_check;
        let earliest = check.resumed_at.map_or(0, |at| at + RESUME_SPACING_MS);
        if now.mono_ms >= earliest {
            check.resume_at = None;
            check.resumed_at = Some(now.mono_ms);
            self.store.set_paused(now, false);
        } else {
            check.resume_at = Some(earliest);
        }
    }

    /// The server ended the session. Data and unsaved mutations are kept: they go on if the same user signs in again, and are
    /// forgotten when another user does or the user signs out.
    fn end_session(&mut self, now: Now) {
        self.store.end_session(now);
        self.queries.end_session();
        self.forget_user();
    }

    pub(super) fn forget_user(&mut self) {
        self.user = None;
        self.scheduler.clear();
        self.metrics = Metrics::default();
        self.unpainted.events.clear();
        self.sync.forget();
        self.session_check.resume_at = None;
        self.session_check.resumed_at = None;
    }

    /// Says to the store which resources' events arrive by themselves: none while the user has switched live updates off.
    pub(super) fn update_store(&mut self) {
        let live = if self.connection.intent.switched_off {
            ResourceSet::EMPTY
        } else {
            self.topics.subscribed().resources
        };
        self.store.set_live(live);
    }
}
