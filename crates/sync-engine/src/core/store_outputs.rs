//! The outputs of the store, and the answers to its calls.

use super::{Core, CoreOutput, Part};
use crate::connection::ConnectionInput;
use crate::http::{HttpReply, HttpResult};
use crate::metrics::Counter;
use crate::schema::{ResourceId, ResourceSet};
use crate::store::StoreOutput;
use crate::time::Now;

impl Core {
    pub(super) fn pass_store(&mut self, now: Now, output: StoreOutput) {
        match output {
            StoreOutput::Http { id, request } => self.call(Part::Store, id, request),
            StoreOutput::CancelHttp { id } => self.cancel_call(Part::Store, id),
            StoreOutput::Changed(key) => self.outputs.push_back(CoreOutput::Changed(key)),
            StoreOutput::Applied(applied) => {
                self.sync.changes_applied += u64::from(!applied.derived);
                self.outputs.push_back(CoreOutput::Applied(applied));
            }
            StoreOutput::FetchDone {
                resources,
                asked,
                ok,
                retry_after_ms,
            } => {
                if ok {
                    self.sync.note_read(asked, resources);
                }
                self.fetch_done(now, resources, ok, retry_after_ms);
            }
            StoreOutput::Counted(counter, resource) => {
                if matches!(counter, Counter::Resyncs | Counter::FramesMalformed) {
                    self.note_missed(resource);
                }
                self.metrics.count(counter, 1);
            }
            StoreOutput::RolledBack(code) => self.metrics.rolled_back(&code),
            StoreOutput::Unauthenticated => {
                self.connection
                    .handle(now, ConnectionInput::Unauthenticated);
            }
        }
    }

    fn fetch_done(
        &mut self,
        now: Now,
        resources: ResourceSet,
        ok: bool,
        retry_after_ms: Option<u64>,
    ) {
        if let Some(ms) = retry_after_ms {
            self.poller.wait_for_server(now, ms);
        }
        let is_of_poll = !(resources & self.sync.polled).is_empty();
        if ok {
            self.sync.recovering.remove_all(resources);
            self.sync.polled.remove_all(resources);
        } else if is_of_poll {
            self.sync.polled = ResourceSet::EMPTY;
        }
        // A poll has succeeded when everything that it asks for was read, and failed with the first read that did.
        if is_of_poll && self.sync.polled.is_empty() {
            let answer = if ok { Ok(()) } else { Err(retry_after_ms) };
            self.poller.handle_answer(now, answer);
        }
    }

    /// Something of a resource was missed: until it is read, its data do not match the server.
    pub(super) fn note_missed(&mut self, resource: ResourceId) {
        if self.topics.is_subscribed(resource) {
            self.sync.recovering.insert(resource);
        }
    }

    /// A reply for the store. Events that wait for the resources of its events are applied before it, as they may be older.
    pub(super) fn store_http(&mut self, now: Now, id: u64, result: HttpResult) {
        if let Ok(HttpReply::Mutations(reply)) = &result
            && self.store.is_sending(id)
        {
            self.scheduler.release(now, reply.resources());
            while let Some(output) = self.scheduler.poll_output() {
                self.pass_scheduler(now, output);
            }
        }
        self.store.handle_http(now, id, result);
    }
}
