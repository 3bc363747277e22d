//! What the store says to the other parts, and the answers to its calls.

use dashboard_protocol::Resource;

use super::{Core, CoreOutput, Part};
use crate::http::{HttpReply, HttpResult};
use crate::topics::ChannelKind;
use crate::metrics::Counter;
use crate::poll;
use crate::connection;
use crate::store::{self, Count};
use crate::time::Now;

impl Core {
    pub(super) fn pass_store(&mut self, now: Now, output: store::StoreOutput) {
        match output {
            store::StoreOutput::Http { id, request } => {
                let id = Part::Store.request(id);
                self.outputs.push_back(CoreOutput::Http { id, request });
            }
            store::StoreOutput::CancelHttp { id } => {
                let id = Part::Store.request(id);
                self.outputs.push_back(CoreOutput::CancelHttp { id });
            }
            store::StoreOutput::Changed(key) => self.outputs.push_back(CoreOutput::Changed(key)),
            store::StoreOutput::Applied(applied) => {
                self.changes_applied += 1;
                self.outputs.push_back(CoreOutput::Applied(applied));
            }
            store::StoreOutput::FetchDone {
                resources,
                ok,
                retry_after_ms,
            } => self.fetch_done(now, &resources, ok, retry_after_ms),
            store::StoreOutput::Counted(count) => self.count(&count),
            store::StoreOutput::Unauthenticated => {
                self.connection.handle(now, connection::ConnectionInput::Unauthenticated);
            }
        }
    }

    fn fetch_done(
        &mut self,
        now: Now,
        resources: &[Resource],
        ok: bool,
        retry_after_ms: Option<u64>,
    ) {
        if let Some(ms) = retry_after_ms {
            self.poller.handle(now, poll::PollInput::Patience(ms));
        }
        let is_of_poll = resources.iter().any(|one| self.polled.contains(one));
        if ok {
            self.freshness.read(now, resources);
            for resource in resources {
                self.recovering.remove(resource);
                self.polled.remove(resource);
            }
        } else if is_of_poll {
            self.polled.clear();
        }
        // A poll has succeeded when all that it asks for was read, and failed with the first read that did.
        if is_of_poll && self.polled.is_empty() {
            let answer = if ok {
                Ok(())
            } else {
                Err(poll::PollFailure { retry_after_ms })
            };
            self.poller.handle(now, poll::PollInput::Answer(answer));
        }
    }

    /// What is known of a resource is not all that there is: until it is read, its data are not those of now.
    pub(super) fn miss(&mut self, resource: Resource) {
        if self.topics.is_subscribed(resource) {
            self.recovering.insert(resource);
        }
    }

    fn count(&mut self, count: &Count) {
        let (resource, counter) = match count {
            Count::Applied(resource) => (resource, Counter::Applied),
            Count::Duplicate(resource) => (resource, Counter::Duplicates),
            Count::Gap(resource) => (resource, Counter::Gaps),
            Count::Resync(resource) => {
                self.miss(*resource);
                (resource, Counter::Resyncs)
            }
            Count::NotModified(resource) => (resource, Counter::NotModified),
            Count::Malformed(resource) => {
                self.miss(*resource);
                (resource, Counter::FramesMalformed)
            }
            Count::RolledBack(code) => {
                self.metrics.rolled_back(Some(code));
                return;
            }
        };
        self.metrics
            .count_in(ChannelKind::Resource(*resource), counter, 1);
    }

    /// A reply for the store. Events that came with outcomes go the way of all events first, so that what waits before
    /// them is applied before them; then the outcomes find their effects known. Those of a call that was given up go
    /// nowhere: they may be another user's.
    pub(super) fn store_http(&mut self, now: Now, id: u64, result: HttpResult) {
        if let Ok(HttpReply::Mutations(reply)) = &result
            && self.store.is_sending(id)
        {
            let outcomes = reply.results.iter().map(|result| &result.outcome);
            let events = outcomes.flat_map(dashboard_protocol::MutationOutcome::events);
            let subscribed = self.subscribed_resources();
            self.scheduler
                .push_reply(now, events.cloned().collect(), &subscribed);
            while let Some(output) = self.scheduler.poll_output() {
                self.pass_scheduler(now, output);
            }
        }
        self.store.handle_http(now, id, result);
    }
}
