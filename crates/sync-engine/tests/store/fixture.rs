//! A store and a model server on one clock, with everything that passes between them in the test's hands.

use std::collections::VecDeque;
use std::rc::Rc;

use dashboard_model::views::{DashboardStore, favorite_of};
use dashboard_model::{
    CancelDownload, CancelOrder, DownloadFormat, Event, License, MutationBody, OrderLineInput,
    PlaceOrder, RequestDownload, Resource, SetFavorite,
};
use sync_engine::event::Applied;
use sync_engine::http::{HttpFailure, HttpReply, HttpRequest, SnapshotRequest};
use sync_engine::metrics::Counter;
use sync_engine::schema::{MutationId, NewMutation, ResourceId, ResourceSet, Schema};
use sync_engine::settings::Settings;
use sync_engine::store::{Store, StoreOutput};
use sync_engine::time::Now;
use sync_engine::view::{EntityView, Key, MutationState};
use sync_protocol::{MutationRequest, ProblemCode};

use crate::server::{Server, decoded, decoded_reply, money, seen_by};

/// 2026-11-23T10:00:00Z
pub(super) const START_MS: i64 = 1_795_428_000_000;

#[derive(Clone)]
pub(super) struct Fixture {
    pub(super) store: Store,
    pub(super) server: Server,
    pub(super) now: Now,
    /// Calls that were made and not answered.
    pub(super) calls: VecDeque<(u64, HttpRequest)>,
    /// How many calls were made in all.
    pub(super) calls_made: usize,
    pub(super) changed: Vec<Key>,
    pub(super) counts: Vec<(Counter, ResourceId)>,
    pub(super) rolled_back: Vec<ProblemCode>,
    pub(super) applied: Vec<Applied>,
    pub(super) unauthenticated: usize,
    pub(super) aborted: Vec<u64>,
    pub(super) ids: u64,
}

pub(super) fn id(number: u64) -> MutationId {
    format!("00000000-0000-4000-8000-{number:012x}").into()
}

/// All resources.
pub(super) fn all() -> ResourceSet {
    some(Resource::ALL)
}

/// These resources.
pub(super) fn some<const N: usize>(resources: [Resource; N]) -> ResourceSet {
    resources.into_iter().collect()
}

impl Fixture {
    /// Signed in, nothing loaded.
    pub(super) fn empty() -> Self {
        Self::with_page_of(5)
    }

    /// Signed in, nothing loaded; lists are read with so many rows.
    pub(super) fn with_page_of(page_size: usize) -> Self {
        let now = Now {
            mono_ms: 1_000_000,
            wall_ms: START_MS,
        };
        let settings = Settings {
            page_size,
            ..Settings::default()
        };
        let schema = Rc::new(dashboard_model::schema());
        let mut store = Store::new(&schema, &settings, 7);
        store.sign_in(now, "ada");
        let mut fixture = Self {
            store,
            server: Server::new(START_MS - 1_000_000),
            now,
            calls: VecDeque::new(),
            calls_made: 0,
            changed: Vec::new(),
            counts: Vec::new(),
            rolled_back: Vec::new(),
            applied: Vec::new(),
            unauthenticated: 0,
            aborted: Vec::new(),
            ids: 0,
        };
        fixture.collect();
        fixture.changed.clear();
        fixture
    }

    /// Everything loaded, and nothing on its way. Beats `b1` and `b2` are favorites; there are an order `o1` and a
    /// download `d1`.
    pub(super) fn loaded() -> Self {
        let mut fixture = Self::empty();
        fixture.seed();
        fixture.load(all());
        fixture
    }

    pub(super) fn seed(&mut self) {
        for body in [
            like("b1"),
            like("b2"),
            order("o1", "b1"),
            download("d1", "b1"),
        ] {
            self.server.elsewhere(body);
        }
    }

    pub(super) fn load(&mut self, resources: impl Into<ResourceSet>) {
        self.store.fetch(self.now, resources.into());
        self.collect();
        self.answer_all();
        self.forget();
    }

    pub(super) fn forget(&mut self) {
        self.changed.clear();
        self.counts.clear();
        self.rolled_back.clear();
        self.applied.clear();
        self.calls_made = 0;
    }

    /// Takes the outputs.
    pub(super) fn collect(&mut self) {
        while let Some(output) = self.store.poll_output() {
            match output {
                StoreOutput::Http { id, request } => {
                    self.calls_made += 1;
                    self.calls.push_back((id, request));
                }
                StoreOutput::CancelHttp { id } => {
                    self.calls.retain(|(call, _)| *call != id);
                    self.aborted.push(id);
                }
                StoreOutput::Changed(key) => self.changed.push(key),
                StoreOutput::Counted(counter, resource) => self.counts.push((counter, resource)),
                StoreOutput::RolledBack(code) => self.rolled_back.push(code),
                StoreOutput::Applied(applied) => self.applied.push(applied),
                StoreOutput::FetchDone { .. } => {}
                StoreOutput::Unauthenticated => self.unauthenticated += 1,
            }
        }
    }

    /// Keys emitted since the last call, in order.
    pub(super) fn notified(&mut self) -> Vec<Key> {
        let mut keys = std::mem::take(&mut self.changed);
        keys.sort();
        keys
    }

    pub(super) fn new_id(&mut self) -> MutationId {
        self.ids += 1;
        id(self.ids)
    }

    pub(super) fn schema(&self) -> &Rc<Schema> {
        self.store.schema()
    }

    pub(super) fn mutate(&mut self, body: MutationBody) -> MutationId {
        self.batch(vec![body], false).remove(0)
    }

    pub(super) fn batch(&mut self, bodies: Vec<MutationBody>, atomic: bool) -> Vec<MutationId> {
        let mutations = bodies.into_iter().map(|body| {
            let seen = seen_by(&body);
            NewMutation::new(self.new_id(), body.with_seen(&seen))
        });
        let mutations: Vec<_> = mutations.collect();
        let ids = mutations.iter().map(|new| new.id.clone()).collect();
        self.store.mutate(self.now, mutations, atomic);
        self.collect();
        ids
    }

    pub(super) fn set(&mut self, beat_id: &str, favorite: bool) -> MutationId {
        self.mutate(set_favorite(beat_id, favorite))
    }

    /// Goes on in time, stopping at every deadline on the way.
    pub(super) fn advance(&mut self, ms: u64) {
        let until = self.now.mono_ms + ms;
        for _ in 0..100_000 {
            self.collect();
            let Some(at) = self.store.next_deadline().filter(|at| *at <= until) else {
                break;
            };
            self.now = self.now.after(at.saturating_sub(self.now.mono_ms));
            self.store.handle_timeout(self.now);
        }
        self.now = self.now.after(until - self.now.mono_ms);
        self.store.handle_timeout(self.now);
        self.collect();
    }

    /// Goes on to the next deadlines until a call is made.
    pub(super) fn wait_for_call(&mut self) {
        for _ in 0..1000 {
            self.collect();
            if !self.calls.is_empty() {
                return;
            }
            let at = self.store.next_deadline().expect("something is planned");
            self.now = self.now.after(at.saturating_sub(self.now.mono_ms));
            self.store.handle_timeout(self.now);
        }
        panic!("no call is made");
    }

    /// Events arrive one by one.
    pub(super) fn deliver(&mut self, events: &[Event]) {
        for event in decoded(events) {
            self.store.handle_event(self.now, event);
            self.collect();
        }
    }

    /// Events arrive in one go. Outputs are not taken.
    pub(super) fn receive(&mut self, events: &[Event]) {
        self.store.handle_events(self.now, decoded(events));
    }

    /// The one call that waits for an answer.
    pub(super) fn only_call(&self) -> (u64, HttpRequest) {
        assert_eq!(self.calls.len(), 1, "{:?}", self.calls);
        self.calls[0].clone()
    }

    pub(super) fn mutation_calls(&self) -> Vec<(u64, MutationRequest)> {
        let calls = self.calls.iter();
        calls
            .filter_map(|(id, request)| match request {
                HttpRequest::Mutations(body) => Some((*id, body.clone())),
                _ => None,
            })
            .collect()
    }

    pub(super) fn snapshot_calls(&self) -> Vec<(u64, SnapshotRequest)> {
        let calls = self.calls.iter();
        calls
            .filter_map(|(id, request)| match request {
                HttpRequest::Snapshot(body) => Some((*id, body.clone())),
                _ => None,
            })
            .collect()
    }

    pub(super) fn take_call(&mut self, id: u64) -> HttpRequest {
        let index = self.calls.iter().position(|(call, _)| *call == id).unwrap();
        self.calls.remove(index).unwrap().1
    }

    /// The model server's answer, and the events it publishes.
    pub(super) fn serve(&mut self, request: &HttpRequest) -> (HttpReply, Vec<Event>) {
        match request {
            HttpRequest::Snapshot(request) => (
                HttpReply::Snapshot(self.server.snapshot(request)),
                Vec::new(),
            ),
            HttpRequest::Mutations(request) => {
                self.server.now_ms = self.server.now_ms.max(self.now.wall_ms);
                let (reply, events) = self.server.run(request);
                (HttpReply::Mutations(decoded_reply(reply)), events)
            }
            HttpRequest::Older {
                resource,
                cursor,
                limit,
            } => {
                let page = self.server.older(*resource, cursor, *limit);
                (HttpReply::Older(page), Vec::new())
            }
            other => panic!("not a call of the store: {other:?}"),
        }
    }

    /// Answers a call, and returns the events that go out meanwhile.
    pub(super) fn answer(&mut self, id: u64) -> Vec<Event> {
        let request = self.take_call(id);
        let (reply, events) = self.serve(&request);
        self.reply(id, reply);
        events
    }

    pub(super) fn reply(&mut self, id: u64, reply: HttpReply) {
        self.store.handle_http(self.now, id, Ok(reply));
        self.collect();
    }

    pub(super) fn fail(&mut self, id: u64, failure: HttpFailure) {
        self.calls.retain(|(call, _)| *call != id);
        self.store.handle_http(self.now, id, Err(failure));
        self.collect();
    }

    pub(super) fn status(&mut self, id: u64, status: u16, retry_after_ms: Option<u64>) {
        self.fail(
            id,
            HttpFailure::Status {
                status,
                problem: None,
                retry_after_ms,
            },
        );
    }

    pub(super) fn answer_all(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some((id, _)) = self.calls.front() {
            let id = *id;
            events.extend(self.answer(id));
        }
        events
    }

    /// Lets everything come to rest: time goes on, calls are answered, events arrive.
    pub(super) fn drain(&mut self) {
        for _ in 0..200 {
            let events = self.answer_all();
            self.deliver(&events);
            if self.calls.is_empty() && self.store.next_deadline().is_none() {
                return;
            }
            self.advance(1000);
        }
        panic!("the store does not come to rest");
    }

    pub(super) fn entity(&self, beat_id: &str) -> EntityView {
        self.store.entity(&favorite_of(beat_id))
    }

    pub(super) fn favorite(&self, beat_id: &str) -> bool {
        self.entity(beat_id).present
    }

    pub(super) fn favorites(&self) -> Vec<String> {
        let data = self.store.favorites().data;
        let rows = data.iter().flat_map(|view| &view.rows);
        rows.map(|row| row.item.beat_id.clone()).collect()
    }

    pub(super) fn counter(&self) -> u32 {
        self.store.stats().data.unwrap().data.favorites
    }

    pub(super) fn states(&self) -> Vec<MutationState> {
        let view = self.store.mutations();
        view.pending.iter().map(|pending| pending.state).collect()
    }

    pub(super) fn pending(&self) -> usize {
        self.store.mutations().pending.len()
    }

    pub(super) fn failures(&self) -> usize {
        self.store.mutations().failures.len()
    }

    pub(super) fn counted(&self, counter: Counter, resource: Resource) -> usize {
        let counted = (counter, resource.into());
        self.counts
            .iter()
            .filter(|other| **other == counted)
            .count()
    }

    /// What is shown is exactly what the server has, for every loaded resource.
    pub(super) fn assert_same(&self, context: &str) {
        if let Some(view) = self.store.favorites().data {
            let rows: Vec<_> = view.rows.iter().map(|row| (*row.item).clone()).collect();
            assert_eq!(rows, first(&self.server.favorites, rows.len()), "{context}");
            let ids = view.ids.as_ref().expect("favorites track ids");
            let ids: Vec<_> = ids.iter().map(|id| id.to_string()).collect();
            let known = self.server.favorites.iter().map(|row| row.beat_id.clone());
            let mut known: Vec<_> = known.collect();
            known.sort();
            assert_eq!(ids, known, "{context}");
            assert!(view.rows.iter().all(|row| !row.is_pending()), "{context}");
        }
        if let Some(view) = self.store.orders().data {
            let rows: Vec<_> = view.rows.iter().map(|row| (*row.item).clone()).collect();
            assert_eq!(rows, first(&self.server.orders, rows.len()), "{context}");
        }
        if let Some(view) = self.store.downloads().data {
            let rows: Vec<_> = view.rows.iter().map(|row| (*row.item).clone()).collect();
            assert_eq!(rows, first(&self.server.downloads, rows.len()), "{context}");
        }
        if let Some(view) = self.store.activity().data {
            let rows: Vec<_> = view.rows.iter().map(|row| (*row.item).clone()).collect();
            assert_eq!(rows, first(&self.server.activity, rows.len()), "{context}");
        }
        if let Some(view) = self.store.stats().data {
            assert_eq!(*view.data, self.server.stats, "{context}");
        }
    }
}

fn first<T: Clone>(rows: &[T], count: usize) -> Vec<T> {
    rows.iter().take(count).cloned().collect()
}

fn set_favorite(beat_id: &str, favorite: bool) -> MutationBody {
    MutationBody::SetFavorite(SetFavorite {
        beat_id: beat_id.to_owned(),
        favorite,
    })
}

pub(super) fn like(beat_id: &str) -> MutationBody {
    set_favorite(beat_id, true)
}

pub(super) fn unlike(beat_id: &str) -> MutationBody {
    set_favorite(beat_id, false)
}

pub(super) fn order(order_id: &str, beat_id: &str) -> MutationBody {
    MutationBody::PlaceOrder(PlaceOrder {
        order_id: order_id.to_owned(),
        lines: vec![OrderLineInput {
            beat_id: beat_id.to_owned(),
            license: License::Basic,
        }],
        expected_total: money(1000),
    })
}

pub(super) fn cancel_order(order_id: &str) -> MutationBody {
    MutationBody::CancelOrder(CancelOrder {
        order_id: order_id.to_owned(),
    })
}

pub(super) fn download(download_id: &str, beat_id: &str) -> MutationBody {
    MutationBody::RequestDownload(RequestDownload {
        download_id: download_id.to_owned(),
        beat_id: beat_id.to_owned(),
        format: DownloadFormat::Mp3,
    })
}

pub(super) fn cancel_download(download_id: &str) -> MutationBody {
    MutationBody::CancelDownload(CancelDownload {
        download_id: download_id.to_owned(),
    })
}

pub(super) fn ids_of(request: &MutationRequest) -> Vec<&str> {
    let mutations = request.mutations.iter();
    mutations.map(|mutation| mutation.id.as_str()).collect()
}
