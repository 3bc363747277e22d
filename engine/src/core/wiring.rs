//! What the parts say to each other. Each output of one becomes an input of others, until all are quiet.

use dashboard_protocol::{Channel, Resource};

use super::{Core, Output, Part, Proofs};
use crate::catalog;
use crate::interest::{self, Stream};
use crate::metrics::{Counter, Metrics};
use crate::planted::{Fault as Planted, is_planted};
use crate::poll;
use crate::scheduler;
use crate::session::{self, OffReason, State};
use crate::status::SessionStatus;
use crate::time::Now;
use crate::view::Key;

/// Shortest time between two resumptions of calls that were answered with 401 while the session says that the person
/// is signed in, in milliseconds: a server of two minds is not asked in a loop.
const RESUME_SPACING_MS: u64 = 5000;

impl Core {
    /// Passes outputs on until no part has one left.
    pub(super) fn settle(&mut self, now: Now) {
        loop {
            while self.pass_one(now) {}
            self.tell_poller(now);
            self.tell_status(now);
            if !self.pass_one(now) {
                break;
            }
        }
        let report = self.scheduler.take_report();
        self.metrics.take_in(&report);
        self.wait_for_paint(now, &report.waits);
        for resource in Resource::ALL {
            self.metrics
                .refolded(Stream::Resource(resource), self.store.folds(resource));
        }
        self.metrics.waiting(
            self.scheduler.queue_depth(),
            self.store.oldest_pending_ms(now),
        );
        self.metrics.handle_timeout(now);
        if self.metrics.poll_changed() {
            self.outputs.push_back(Output::Changed(Key::Metrics));
        }
    }

    fn pass_one(&mut self, now: Now) -> bool {
        if let Some(output) = self.session.poll_output() {
            self.pass_session(now, output);
        } else if let Some(output) = self.interests.poll_output() {
            self.pass_interest(now, output);
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

    fn pass_session(&mut self, now: Now, output: session::Output) {
        match output {
            session::Output::Open { generation, url } => {
                self.outputs
                    .push_back(Output::OpenSocket { generation, url });
            }
            session::Output::Send { generation, text } => {
                self.outputs
                    .push_back(Output::SendText { generation, text });
            }
            session::Output::Close { generation, code } => {
                self.outputs
                    .push_back(Output::CloseSocket { generation, code });
            }
            session::Output::Http { id, request } => {
                let id = Part::Session.request(id);
                self.outputs.push_back(Output::Http { id, request });
            }
            session::Output::CancelHttp { id } => {
                let id = Part::Session.request(id);
                self.outputs.push_back(Output::CancelHttp { id });
                self.resume_calls(now);
            }
            session::Output::Publication { channel, data, .. } => {
                self.publication(now, &channel, &data);
            }
            session::Output::Subscribed { channel, recovery } => {
                self.subscribed(now, &channel, recovery);
            }
            // The connection does not count as live without it, so its resource is polled.
            session::Output::Refused { .. } => self.metrics.touch(),
            session::Output::Changed(change) => {
                self.metrics.touch();
                if change.to == SessionStatus::Connected && self.session.counters().connections > 1
                {
                    self.metrics.count(Counter::Reconnects, 1);
                }
                self.outputs.push_back(Output::StatusChanged(change));
            }
            session::Output::SignedOut => {
                self.set_aside(now);
                self.outputs.push_back(Output::SignedOut);
            }
            session::Output::Rtt(rtt_ms) => {
                self.metrics.round_trip(u64::from(rtt_ms));
                self.status.measured(rtt_ms);
            }
            session::Output::ProofOfLife => {
                self.status.answered(now);
                self.proofs.heard(now);
            }
            session::Output::Unreadable => self.metrics.count(Counter::FramesUnreadable, 1),
        }
    }

    fn pass_interest(&mut self, now: Now, output: interest::Output) {
        // Before somebody is signed in there is nobody to ask for; `join_all` makes up for it.
        let Some(user) = self.user.as_ref().map(|user| user.id.clone()) else {
            return;
        };
        self.metrics.touch();
        match output {
            interest::Output::Subscribe(stream) => self.join(now, stream, &user),
            interest::Output::Unsubscribe(stream) => {
                let channel = channel_of(stream, &user);
                if !is_planted(Planted::UnsubscribedKept) {
                    self.session
                        .handle(now, session::Input::Unsubscribe(channel));
                }
                if let Stream::Resource(resource) = stream {
                    self.recovering.remove(&resource);
                }
            }
        }
        self.tell_store();
    }

    fn join(&mut self, now: Now, stream: Stream, user: &str) {
        self.session
            .handle(now, session::Input::Subscribe(channel_of(stream, user)));
        if let Stream::Resource(resource) = stream {
            self.store.ensure(now, &[resource]);
        }
    }

    /// Joins all that the screen asked for before somebody was signed in.
    pub(super) fn join_all(&mut self, now: Now) {
        let Some(user) = self.user.as_ref().map(|user| user.id.clone()) else {
            return;
        };
        while self.interests.poll_output().is_some() {}
        let subscribed = self.interests.subscribed();
        let resources = subscribed.resources.into_keys().map(Stream::Resource);
        for stream in resources.chain(subscribed.market.then_some(Stream::Market)) {
            self.join(now, stream, &user);
        }
        self.tell_store();
    }

    fn pass_poll(&mut self, now: Now, output: poll::Output) {
        match output {
            poll::Output::Poll => {
                self.metrics.count(Counter::Polls, 1);
                let active = self.active_resources();
                self.polled = active.iter().copied().collect();
                self.store.poll(now, &active);
                if self.interests.active().market {
                    self.catalog.refetch(now, None);
                }
            }
            // The store gives its calls up by itself after the same time.
            poll::Output::GiveUp => self.polled.clear(),
        }
    }

    pub(super) fn pass_scheduler(&mut self, now: Now, output: scheduler::Output) {
        match output {
            scheduler::Output::Apply(events) => self.store.handle_events(now, events),
            scheduler::Output::Market(changes) => self.apply_market(now, changes),
            scheduler::Output::RequestFrame => self.outputs.push_back(Output::RequestFrame),
            scheduler::Output::Overflow(resource) => {
                self.metrics
                    .count_in(Stream::Resource(resource), Counter::Resyncs, 1);
                self.miss(resource);
                self.store.fetch(now, &[resource]);
            }
        }
    }

    fn pass_catalog(&mut self, now: Now, output: catalog::Output) {
        match output {
            catalog::Output::Http { id, request } => {
                let id = Part::Catalog.request(id);
                self.outputs.push_back(Output::Http { id, request });
            }
            catalog::Output::CancelHttp { id } => {
                let id = Part::Catalog.request(id);
                self.outputs.push_back(Output::CancelHttp { id });
            }
            catalog::Output::Changed(key) => self.outputs.push_back(Output::Changed(key)),
            catalog::Output::Unauthenticated => {
                self.session.handle(now, session::Input::Unauthenticated);
            }
        }
    }

    /// Lets calls that were answered with 401 go on, since the server said otherwise to the session; not at once
    /// again, if they just did.
    pub(super) fn resume_calls(&mut self, now: Now) {
        let is_over = matches!(
            self.session.state(),
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

    /// Forgets everything about the person. What the screen needs is kept: it lets go by itself.
    pub(super) fn forget(&mut self, now: Now) {
        self.store.sign_out(now);
        self.catalog.clear();
        self.rest();
    }

    /// The server ended the session. What the person saw, the catalog too, and has not saved is kept: it goes on if they
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
        self.proofs = Proofs::default();
        self.polled.clear();
        (self.resume_at, self.resumed_at) = (None, None);
    }

    /// Tells the store whose news arrive by themselves: nobody's while the person has switched live updates off.
    pub(super) fn tell_store(&mut self) {
        let brought = if self.session.is_switched_off() {
            Vec::new()
        } else {
            self.subscribed_resources()
        };
        self.store.set_live(&brought);
    }

    pub(super) fn subscribed_resources(&self) -> Vec<Resource> {
        self.interests.subscribed().resources.into_keys().collect()
    }
}

fn channel_of(stream: Stream, user: &str) -> Channel {
    match stream {
        Stream::Resource(resource) => Channel::dashboard(resource, user),
        Stream::Market => Channel::Market,
    }
}
