//! A small model of the server: one user, one commit at a time, outcomes remembered.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use dashboard_model::{
    Activity, ActivityKind, Beat, CancelDownload, CancelOrder, Change, Download, DownloadChange,
    DownloadFormat, DownloadStatus, Event, Favorite, Money, MutationBody, MutationReply,
    MutationResult, Order, OrderLine, OrderLineInput, OrderStatus, PlaceOrder, Prices, Quota,
    RequestDownload, Resource, SeenBeats, SetFavorite, SnapshotReply, Stats, StatsMonth, change,
    snapshot,
};
use sync_engine::http::{self, MutationOutcome, Snapshot, SnapshotRequest};
use sync_engine::schema::{Mutation, ResourceId, Row, RowPage};
use sync_protocol::{
    ListSnapshot, MutationRequest, Outcome, Page, Problem, ProblemCode, RawMutation, Settled,
    Timestamp, ValueSnapshot,
};

pub(crate) fn money(amount: i64) -> Money {
    Money {
        amount,
        currency: "USD".to_owned(),
    }
}

pub(crate) fn beat(id: &str) -> Beat {
    Beat {
        id: id.to_owned(),
        title: format!("Title {id}"),
        artist: "Artist".to_owned(),
        price: money(1000),
        prices: Prices {
            basic: money(1000),
            premium: money(2000),
            unlimited: money(3000),
        },
        ..Beat::default()
    }
}

/// What the model server holds.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) epoch: String,
    pub(crate) version: u64,
    pub(crate) versions: [u64; 5],
    pub(crate) favorites: Vec<Favorite>,
    pub(crate) orders: Vec<Order>,
    pub(crate) downloads: Vec<Download>,
    pub(crate) activity: Vec<Activity>,
    pub(crate) stats: Stats,
    pub(crate) outcomes: BTreeMap<String, (RawMutation, Settled, MutationResult)>,
    pub(crate) now_ms: i64,
    /// The next mutations are rejected with these.
    pub(crate) reject: Vec<ProblemCode>,
    pub(crate) quota: u32,
    /// How many mutations had an effect.
    pub(crate) effects: u32,
    /// How many effects each mutation had.
    pub(crate) effects_of: BTreeMap<String, u32>,
}

/// Changes of a commit in the making.
type CommitBuilder = Vec<(Resource, Change)>;

impl Server {
    pub(crate) fn new(now_ms: i64) -> Self {
        Self {
            epoch: "e1".to_owned(),
            version: 0,
            versions: [0; 5],
            favorites: Vec::new(),
            orders: Vec::new(),
            downloads: Vec::new(),
            activity: Vec::new(),
            stats: Stats {
                quota: Quota { used: 0, limit: 10 },
                ..Stats::default()
            },
            outcomes: BTreeMap::new(),
            now_ms,
            reject: Vec::new(),
            quota: 10,
            effects: 0,
            effects_of: BTreeMap::new(),
        }
    }

    pub(crate) fn at(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.now_ms)
    }

    /// A change that nobody here asked for.
    #[expect(clippy::needless_pass_by_value, reason = "stories read better so")]
    pub(crate) fn elsewhere(&mut self, body: MutationBody) -> Vec<Event> {
        let mut builder = Vec::new();
        self.mutate(None, &body, &mut builder)
            .expect("a valid mutation");
        self.commit(builder, &[])
    }

    /// An order or a download moves on.
    pub(crate) fn set_order(&mut self, id: &str, status: OrderStatus) -> Vec<Event> {
        let at = self.at();
        let order = self
            .orders
            .iter_mut()
            .find(|order| order.id == id)
            .expect("there is such an order");
        order.status = status;
        order.updated_at = at;
        let change = Change::order_updated(order.clone());
        self.commit(vec![(Resource::Orders, change)], &[])
    }

    pub(crate) fn set_download(
        &mut self,
        id: &str,
        status: DownloadStatus,
        progress: u8,
    ) -> Vec<Event> {
        let mut rows = self.downloads.iter_mut();
        let row = rows
            .find(|row| row.id == id)
            .expect("there is such a download");
        row.status = status;
        row.progress = progress;
        let row = Box::new(row.clone());
        let change = match status {
            DownloadStatus::Ready => DownloadChange::Completed(row),
            _ => DownloadChange::Progress(row),
        };
        self.commit(vec![(Resource::Downloads, Change::Download(change))], &[])
    }

    pub(crate) fn log(&mut self, title: &str) -> Vec<Event> {
        let mut builder = Vec::new();
        self.note(ActivityKind::SignedIn, None, Some(title), &mut builder);
        self.commit(builder, &[])
    }

    fn commit(&mut self, mut builder: CommitBuilder, mutations: &[&str]) -> Vec<Event> {
        if builder.is_empty() {
            return Vec::new();
        }
        self.now_ms += 1;
        let stats = self.compute();
        if stats != self.stats {
            self.stats = stats.clone();
            builder.push((Resource::Stats, Change::stats_updated(stats)));
        }
        self.version += 1;
        for id in mutations {
            *self.effects_of.entry((*id).to_owned()).or_default() += 1;
        }
        let touched: BTreeSet<Resource> = builder.iter().map(|(resource, _)| *resource).collect();
        let events = touched.iter().map(|resource| Event {
            epoch: self.epoch.clone(),
            resource: *resource,
            version: self.version,
            prev: self.versions[resource.index()],
            resources: touched.iter().copied().collect(),
            mutations: mutations.iter().map(|id| (*id).to_owned()).collect(),
            at: self.at(),
            changes: builder
                .iter()
                .filter(|(of, _)| of == resource)
                .map(|(_, change)| change.clone())
                .collect(),
        });
        let events: Vec<_> = events.collect();
        for resource in &touched {
            self.versions[resource.index()] = self.version;
        }
        events
    }

    pub(crate) fn compute(&self) -> Stats {
        let count = |len: usize| u32::try_from(len).expect("lists are short");
        let live = |row: &&Download| {
            !matches!(
                row.status,
                DownloadStatus::Cancelled | DownloadStatus::Failed
            )
        };
        Stats {
            favorites: count(self.favorites.len()),
            downloads: count(self.downloads.len()),
            quota: Quota {
                used: count(self.downloads.iter().filter(live).count()),
                limit: self.quota,
            },
            this_month: StatsMonth {
                downloads: count(self.downloads.len()),
                ..StatsMonth::default()
            },
            ..Stats::default()
        }
    }

    fn note(
        &mut self,
        kind: ActivityKind,
        id: Option<&str>,
        title: Option<&str>,
        builder: &mut CommitBuilder,
    ) {
        let activity = Activity {
            id: id.map_or_else(
                || format!("a{}", self.version),
                |id| Activity::id_of(id, kind),
            ),
            kind,
            at: self.at(),
            mutation_id: id.map(str::to_owned),
            title: title.map(str::to_owned),
            ..Activity::default()
        };
        self.activity.insert(0, activity.clone());
        builder.push((Resource::Activity, Change::activity_logged(activity)));
    }

    fn mutate(
        &mut self,
        id: Option<&str>,
        body: &MutationBody,
        builder: &mut CommitBuilder,
    ) -> Result<Resource, ProblemCode> {
        match body {
            MutationBody::SetFavorite(SetFavorite { beat_id, favorite }) => {
                self.set_favorite(id, beat_id, *favorite, builder);
            }
            MutationBody::PlaceOrder(PlaceOrder {
                order_id,
                lines,
                expected_total,
            }) => self.place_order(id, (order_id, lines, expected_total), builder)?,
            MutationBody::CancelOrder(CancelOrder { order_id }) => {
                self.cancel_order(id, order_id, builder)?;
            }
            MutationBody::RequestDownload(RequestDownload {
                download_id,
                beat_id,
                format,
            }) => self.request_download(id, (download_id, beat_id, *format), builder)?,
            MutationBody::CancelDownload(CancelDownload { download_id }) => {
                self.cancel_download(id, download_id, builder)?;
            }
        }
        Ok(primary_resource(body))
    }

    fn set_favorite(
        &mut self,
        id: Option<&str>,
        beat_id: &str,
        favorite: bool,
        builder: &mut CommitBuilder,
    ) {
        let index = self.favorites.iter().position(|row| row.beat_id == beat_id);
        match (favorite, index) {
            (true, None) => {
                let row = Favorite {
                    beat_id: beat_id.to_owned(),
                    beat: beat(beat_id),
                    added_at: self.at(),
                };
                self.favorites.insert(0, row.clone());
                builder.push((Resource::Favorites, Change::favorite_added(row)));
                let title = beat(beat_id).title;
                self.note(ActivityKind::FavoriteAdded, id, Some(&title), builder);
            }
            (false, Some(index)) => {
                self.favorites.remove(index);
                let title = beat(beat_id).title;
                builder.push((Resource::Favorites, Change::favorite_removed(beat_id)));
                self.note(ActivityKind::FavoriteRemoved, id, Some(&title), builder);
            }
            _ => {}
        }
    }

    fn place_order(
        &mut self,
        id: Option<&str>,
        (order_id, lines, expected_total): (&str, &[OrderLineInput], &Money),
        builder: &mut CommitBuilder,
    ) -> Result<(), ProblemCode> {
        if self.orders.iter().any(|order| order.id == order_id) {
            return Err(ProblemCode::Invalid);
        }
        let lines = lines.iter().map(|line| OrderLine {
            beat_id: line.beat_id.clone(),
            title: beat(&line.beat_id).title,
            license: line.license,
            price: beat(&line.beat_id)
                .prices
                .of(line.license)
                .expect("it has a price")
                .clone(),
        });
        let order = Order {
            id: order_id.to_owned(),
            number: format!("N{}", self.orders.len()),
            status: OrderStatus::Pending,
            lines: lines.collect(),
            total: expected_total.clone(),
            created_at: self.at(),
            updated_at: self.at(),
        };
        self.orders.insert(0, order.clone());
        builder.push((Resource::Orders, Change::order_created(order)));
        self.note(ActivityKind::OrderCreated, id, None, builder);
        Ok(())
    }

    fn cancel_order(
        &mut self,
        id: Option<&str>,
        order_id: &str,
        builder: &mut CommitBuilder,
    ) -> Result<(), ProblemCode> {
        let at = self.at();
        let order = self.orders.iter_mut().find(|order| order.id == order_id);
        let order = order.ok_or(ProblemCode::NotFound)?;
        match order.status {
            OrderStatus::Cancelled => {}
            OrderStatus::Pending | OrderStatus::Processing => {
                order.status = OrderStatus::Cancelled;
                order.updated_at = at;
                let change = Change::order_updated(order.clone());
                builder.push((Resource::Orders, change));
                self.note(ActivityKind::OrderUpdated, id, None, builder);
            }
            _ => return Err(ProblemCode::NotCancellable),
        }
        Ok(())
    }

    fn request_download(
        &mut self,
        id: Option<&str>,
        (download_id, beat_id, format): (&str, &str, DownloadFormat),
        builder: &mut CommitBuilder,
    ) -> Result<(), ProblemCode> {
        if self.downloads.iter().any(|row| row.id == download_id) {
            return Err(ProblemCode::Invalid);
        }
        if self.compute().quota.used >= self.quota {
            return Err(ProblemCode::QuotaExceeded);
        }
        let row = Download {
            id: download_id.to_owned(),
            beat_id: beat_id.to_owned(),
            title: beat(beat_id).title,
            format,
            created_at: self.at(),
            ..Download::default()
        };
        self.downloads.insert(0, row.clone());
        builder.push((Resource::Downloads, Change::download_requested(row)));
        self.note(ActivityKind::DownloadRequested, id, None, builder);
        Ok(())
    }

    fn cancel_download(
        &mut self,
        id: Option<&str>,
        download_id: &str,
        builder: &mut CommitBuilder,
    ) -> Result<(), ProblemCode> {
        let row = self.downloads.iter_mut().find(|row| row.id == download_id);
        let row = row.ok_or(ProblemCode::NotFound)?;
        match row.status {
            DownloadStatus::Cancelled => {}
            DownloadStatus::Queued | DownloadStatus::Preparing => {
                row.status = DownloadStatus::Cancelled;
                let change = DownloadChange::Cancelled(Box::new(row.clone()));
                builder.push((Resource::Downloads, Change::Download(change)));
                self.note(ActivityKind::DownloadCancelled, id, None, builder);
            }
            _ => return Err(ProblemCode::NotCancellable),
        }
        Ok(())
    }

    /// Runs a request; the events of fresh commits are in the reply and in the second value.
    pub(crate) fn run(&mut self, request: &MutationRequest) -> (MutationReply, Vec<Event>) {
        let mut fresh = Vec::new();
        let results = if request.atomic {
            self.run_atomic(&request.mutations, &mut fresh)
        } else {
            let mutations = request.mutations.iter();
            mutations
                .map(|mutation| self.run_one(mutation, &mut fresh))
                .collect()
        };
        let reply = MutationReply {
            epoch: self.epoch.clone(),
            results,
        };
        (reply, fresh)
    }

    fn run_one(&mut self, mutation: &RawMutation, fresh: &mut Vec<Event>) -> MutationResult {
        if let Some((known, _, result)) = self.outcomes.get(&mutation.id) {
            assert_eq!(known, mutation, "the same id came with another body");
            return result.clone();
        }
        let mut builder = Vec::new();
        let result = match self.decide(mutation, &mut builder) {
            Ok(resource) => {
                let events = self.commit(builder, &[&mutation.id]);
                self.effects += u32::from(!events.is_empty());
                fresh.extend(events.iter().cloned());
                let version = self.versions[resource.index()];
                MutationResult::accepted(&mutation.id, version, events)
            }
            Err(code) => {
                MutationResult::rejected(&mutation.id, Problem::new(code, 422, "rejected"))
            }
        };
        self.remember(mutation, result)
    }

    /// Runs a mutation, unless it is to be rejected.
    fn decide(
        &mut self,
        mutation: &RawMutation,
        builder: &mut CommitBuilder,
    ) -> Result<Resource, ProblemCode> {
        let rejected = (!self.reject.is_empty()).then(|| self.reject.remove(0));
        match rejected {
            Some(code) => Err(code),
            None => self.mutate(Some(&mutation.id), &body_of(mutation), builder),
        }
    }

    fn run_atomic(
        &mut self,
        mutations: &[RawMutation],
        fresh: &mut Vec<Event>,
    ) -> Vec<MutationResult> {
        let known = mutations.iter().map(|mutation| {
            let (_, _, result) = self.outcomes.get(&mutation.id)?;
            Some(result.clone())
        });
        if let Some(known) = known.collect() {
            return known;
        }
        let before = self.clone();
        let mut builder = Vec::new();
        let mut culprit = None;
        for mutation in mutations {
            if let Err(code) = self.decide(mutation, &mut builder) {
                culprit = Some((mutation.id.clone(), Problem::new(code, 422, "rejected")));
                break;
            }
        }
        if let Some((id, problem)) = culprit {
            *self = before;
            self.reject.clear();
            let others = Problem::new(ProblemCode::BatchRejected, 422, "batch");
            let rejected = mutations.iter().map(|mutation| {
                let mine = if mutation.id == id { &problem } else { &others };
                let result = MutationResult::rejected(&mutation.id, mine.clone());
                self.remember(mutation, result)
            });
            return rejected.collect();
        }
        let ids: Vec<&str> = mutations
            .iter()
            .map(|mutation| mutation.id.as_str())
            .collect();
        let events = self.commit(builder, &ids);
        fresh.extend(events.iter().cloned());
        let accepted = mutations.iter().map(|mutation| {
            let version = if events.is_empty() {
                self.versions[primary_resource(&body_of(mutation)).index()]
            } else {
                self.version
            };
            let result = MutationResult::accepted(&mutation.id, version, events.clone());
            self.remember(mutation, result)
        });
        accepted.collect()
    }

    fn remember(&mut self, mutation: &RawMutation, result: MutationResult) -> MutationResult {
        let settled = Settled {
            outcome: result.outcome,
            version: result.version.unwrap_or(self.version),
            problem: result.problem.clone(),
        };
        let known = (mutation.clone(), settled, result.clone());
        self.outcomes.insert(mutation.id.clone(), known);
        result
    }

    pub(crate) fn snapshot(&self, request: &SnapshotRequest) -> Option<Box<Snapshot>> {
        let same_epoch = request.epoch.as_deref() == Some(self.epoch.as_str());
        let limit = request.limit.unwrap_or(50);
        let mut reply = SnapshotReply {
            epoch: self.epoch.clone(),
            version: self.version,
            ..SnapshotReply::default()
        };
        let mut differs = false;
        for (id, known) in &request.resources {
            let version = self.versions[id.index()];
            if same_epoch && *known == Some(version) {
                continue;
            }
            differs = true;
            let parts = &mut reply.resources;
            match Resource::of(*id).expect("a resource of the store") {
                Resource::Favorites => {
                    let ids = self.favorites.iter().map(|row| row.beat_id.clone());
                    parts.favorites = Some(ListSnapshot {
                        ids: Some(ids.collect()),
                        ..list(&self.favorites, version, limit)
                    });
                }
                Resource::Orders => parts.orders = Some(list(&self.orders, version, limit)),
                Resource::Downloads => {
                    parts.downloads = Some(list(&self.downloads, version, limit));
                }
                Resource::Activity => parts.activity = Some(list(&self.activity, version, limit)),
                Resource::Stats => {
                    parts.stats = Some(ValueSnapshot {
                        version,
                        data: self.stats.clone(),
                    });
                }
            }
        }
        for id in &request.pending {
            if let Some((_, settled, _)) = self.outcomes.get(id.as_str()) {
                reply
                    .settled
                    .insert(id.as_str().to_owned(), settled.clone());
            }
        }
        (differs || !reply.settled.is_empty()).then(|| Box::new(snapshot::decoded(reply)))
    }

    pub(crate) fn older(&self, resource: ResourceId, cursor: &str, limit: usize) -> RowPage {
        let cursor = Some(cursor);
        match Resource::of(resource).expect("a resource of the store") {
            Resource::Favorites => RowPage::new(page(&self.favorites, cursor, limit)),
            Resource::Orders => RowPage::new(page(&self.orders, cursor, limit)),
            Resource::Downloads => RowPage::new(page(&self.downloads, cursor, limit)),
            Resource::Activity => RowPage::new(page(&self.activity, cursor, limit)),
            Resource::Stats => panic!("the statistics have no pages"),
        }
    }
}

/// A mutation of a request; the client sends only what the schema has.
pub(crate) fn body_of(mutation: &RawMutation) -> MutationBody {
    MutationBody::decode(&mutation.kind, &mutation.args).expect("a mutation of the store")
}

/// Events as the engine handles them.
pub(crate) fn decoded<'a>(
    events: impl IntoIterator<Item = &'a Event>,
) -> Vec<sync_engine::event::Event> {
    events.into_iter().map(change::decoded).collect()
}

/// A reply as the engine handles it.
pub(crate) fn decoded_reply(reply: MutationReply) -> http::MutationReply {
    let results = reply.results.into_iter().map(|result| {
        let outcome = match result.outcome {
            Outcome::Accepted => MutationOutcome::Accepted {
                version: result.version.expect("it was accepted"),
                events: decoded(result.events()),
            },
            Outcome::Rejected => MutationOutcome::Rejected {
                problem: result.problem.expect("it was rejected"),
            },
        };
        http::MutationResult {
            id: result.id.into(),
            outcome,
        }
    });
    http::MutationReply {
        epoch: reply.epoch.into(),
        results: results.collect(),
    }
}

/// The primary resource of a mutation.
pub(crate) const fn primary_resource(body: &MutationBody) -> Resource {
    match body {
        MutationBody::SetFavorite(_) => Resource::Favorites,
        MutationBody::PlaceOrder(_) | MutationBody::CancelOrder(_) => Resource::Orders,
        MutationBody::RequestDownload(_) | MutationBody::CancelDownload(_) => Resource::Downloads,
    }
}

/// The id of the entity of a mutation.
pub(crate) fn entity_id(body: &MutationBody) -> &str {
    match body {
        MutationBody::SetFavorite(body) => body.entity(),
        MutationBody::PlaceOrder(body) => body.entity(),
        MutationBody::CancelOrder(body) => body.entity(),
        MutationBody::RequestDownload(body) => body.entity(),
        MutationBody::CancelDownload(body) => body.entity(),
    }
}

/// The beats of a mutation, as a user sees them.
pub(crate) fn seen_by(body: &MutationBody) -> SeenBeats {
    let ids: Vec<&str> = match body {
        MutationBody::SetFavorite(SetFavorite { beat_id, .. })
        | MutationBody::RequestDownload(RequestDownload { beat_id, .. }) => vec![beat_id],
        MutationBody::PlaceOrder(body) => body.lines.iter().map(|line| &*line.beat_id).collect(),
        MutationBody::CancelOrder(_) | MutationBody::CancelDownload(_) => Vec::new(),
    };
    ids.into_iter().map(|id| Rc::new(beat(id))).collect()
}

/// The cursor behind a row. Rows of one commit have the same timestamp, so it has the id as well.
fn cursor_of<T: Row>(row: &T) -> String {
    format!("{} {}", row.at().as_str(), row.id())
}

/// The rows behind a cursor: behind the row that it names, or, if that is gone, before its timestamp.
fn behind<'a, T: Row>(rows: &'a [T], cursor: &str) -> &'a [T] {
    let is_named = |row: &T| cursor_of(row) == cursor;
    let (at, _) = cursor.split_once(' ').expect("it was made here");
    let next = rows.iter().position(is_named).map_or_else(
        || rows.partition_point(|row| row.at().as_str() >= at),
        |index| index + 1,
    );
    &rows[next..]
}

fn page<T: Row>(rows: &[T], cursor: Option<&str>, limit: usize) -> Page<T> {
    let after = cursor.map_or(rows, |cursor| behind(rows, cursor));
    let items = after[..after.len().min(limit)].to_vec();
    let more = after.len() > limit;
    Page {
        next_cursor: items.last().filter(|_| more).map(cursor_of),
        items,
    }
}

fn list<T: Row>(rows: &[T], version: u64, limit: usize) -> ListSnapshot<T> {
    let page = page(rows, None, limit);
    ListSnapshot {
        version,
        items: page.items,
        next_cursor: page.next_cursor,
        ids: None,
    }
}
