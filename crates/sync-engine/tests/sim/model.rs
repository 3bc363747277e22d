//! A small model of the server: one user, one commit at a time, outcomes remembered.

use std::collections::{BTreeMap, BTreeSet};

use dashboard_protocol::event::RemovedFavorite;
use dashboard_protocol::{
    Activity, ActivityKind, Beat, Change, Download, DownloadFormat, DownloadStatus, Event,
    Favorite, FavoritesSnapshot, ListSnapshot, Money, Mutation, MutationReply, MutationRequest,
    MutationResult, Order, OrderLine, OrderStatus, Outcome, Page, Prices, Problem, ProblemCode,
    Quota, Resource, Settled, SnapshotReply, SnapshotRequest, Stats, StatsSnapshot, Timestamp,
    MutationOutcome, MutationBody, OrderLineInput,
};

use dashboard_engine::http::{HttpReply, ListName};

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
    pub(crate) outcomes: BTreeMap<String, (Mutation, Settled, MutationResult)>,
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
        self.mutate(None, &body, &mut builder).expect("a valid wish");
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
        let change = Change::OrderUpdated(Box::new(order.clone()));
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
            DownloadStatus::Ready => Change::DownloadCompleted(row),
            _ => Change::DownloadProgress(row),
        };
        self.commit(vec![(Resource::Downloads, change)], &[])
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
            builder.push((Resource::Stats, Change::StatsUpdated(Box::new(stats))));
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
            this_month: dashboard_protocol::StatsMonth {
                downloads: count(self.downloads.len()),
                ..Default::default()
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
        builder.push((
            Resource::Activity,
            Change::ActivityLogged(Box::new(activity)),
        ));
    }

    fn mutate(
        &mut self,
        id: Option<&str>,
        body: &MutationBody,
        builder: &mut CommitBuilder,
    ) -> Result<Resource, ProblemCode> {
        match body {
            MutationBody::SetFavorite { beat_id, favorite } => {
                self.set_favorite(id, beat_id, *favorite, builder);
                return Ok(Resource::Favorites);
            }
            MutationBody::PlaceOrder {
                order_id,
                lines,
                expected_total,
            } => self.place_order(id, (order_id, lines, expected_total), builder)?,
            MutationBody::CancelOrder { order_id } => self.cancel_order(id, order_id, builder)?,
            MutationBody::RequestDownload {
                download_id,
                beat_id,
                format,
            } => {
                self.request_download(id, (download_id, beat_id, *format), builder)?;
                return Ok(Resource::Downloads);
            }
            MutationBody::CancelDownload { download_id } => {
                self.cancel_download(id, download_id, builder)?;
                return Ok(Resource::Downloads);
            }
        }
        Ok(Resource::Orders)
    }

    fn set_favorite(&mut self, id: Option<&str>, beat_id: &str, favorite: bool, builder: &mut CommitBuilder) {
        let index = self.favorites.iter().position(|row| row.beat_id == beat_id);
        match (favorite, index) {
            (true, None) => {
                let row = Favorite {
                    beat_id: beat_id.to_owned(),
                    beat: beat(beat_id),
                    added_at: self.at(),
                };
                self.favorites.insert(0, row.clone());
                builder.push((Resource::Favorites, Change::FavoriteAdded(Box::new(row))));
                let title = beat(beat_id).title;
                self.note(ActivityKind::FavoriteAdded, id, Some(&title), builder);
            }
            (false, Some(index)) => {
                self.favorites.remove(index);
                let beat_id = beat_id.to_owned();
                let title = beat(&beat_id).title;
                let removed = Change::FavoriteRemoved(RemovedFavorite { beat_id });
                builder.push((Resource::Favorites, removed));
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
        builder.push((Resource::Orders, Change::OrderCreated(Box::new(order))));
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
                let change = Change::OrderUpdated(Box::new(order.clone()));
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
        builder.push((
            Resource::Downloads,
            Change::DownloadRequested(Box::new(row)),
        ));
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
                let change = Change::DownloadCancelled(Box::new(row.clone()));
                builder.push((Resource::Downloads, change));
                self.note(ActivityKind::DownloadCancelled, id, None, builder);
            }
            _ => return Err(ProblemCode::NotCancellable),
        }
        Ok(())
    }

    /// Runs a request; the events of fresh commits stand in the reply and in the second value.
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

    fn run_one(&mut self, mutation: &Mutation, fresh: &mut Vec<Event>) -> MutationResult {
        if let Some((known, _, result)) = self.outcomes.get(&mutation.id) {
            assert_eq!(known, mutation, "the same id came with another body");
            return result.clone();
        }
        let mut builder = Vec::new();
        let rejected = (!self.reject.is_empty()).then(|| self.reject.remove(0));
        let outcome = match rejected {
            Some(code) => Err(code),
            None => self.mutate(Some(&mutation.id), &mutation.body, &mut builder),
        };
        let outcome = match outcome {
            Ok(resource) => {
                let events = self.commit(builder, &[&mutation.id]);
                self.effects += u32::from(!events.is_empty());
                fresh.extend(events.clone());
                let version = self.versions[resource.index()];
                MutationOutcome::Accepted { version, events }
            }
            Err(code) => MutationOutcome::Rejected {
                problem: Problem::new(code, 422, "refused"),
            },
        };
        self.remember(mutation, outcome)
    }

    fn run_atomic(
        &mut self,
        mutations: &[Mutation],
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
            let rejected = (!self.reject.is_empty()).then(|| self.reject.remove(0));
            let done = match rejected {
                Some(code) => Err(code),
                None => self.mutate(Some(&mutation.id), &mutation.body, &mut builder),
            };
            if let Err(code) = done {
                culprit = Some((mutation.id.clone(), Problem::new(code, 422, "refused")));
                break;
            }
        }
        if let Some((id, problem)) = culprit {
            *self = before;
            self.reject.clear();
            let others = Problem::new(ProblemCode::BatchRejected, 422, "batch");
            return mutations
                .iter()
                .map(|mutation| {
                    let mine = if mutation.id == id { &problem } else { &others };
                    self.remember(
                        mutation,
                        MutationOutcome::Rejected {
                            problem: mine.clone(),
                        },
                    )
                })
                .collect();
        }
        let ids: Vec<&str> = mutations
            .iter()
            .map(|mutation| mutation.id.as_str())
            .collect();
        let events = self.commit(builder, &ids);
        fresh.extend(events.clone());
        mutations
            .iter()
            .map(|mutation| {
                let version = if events.is_empty() {
                    self.versions[primary_resource(&mutation.body).index()]
                } else {
                    self.version
                };
                let events = events.clone();
                let outcome = MutationOutcome::Accepted { version, events };
                self.remember(mutation, outcome)
            })
            .collect()
    }

    fn remember(&mut self, mutation: &Mutation, outcome: MutationOutcome) -> MutationResult {
        let settled = match &outcome {
            MutationOutcome::Accepted { version, .. } => Settled {
                outcome: Outcome::Accepted,
                version: *version,
                problem: None,
            },
            MutationOutcome::Rejected { problem } => Settled {
                outcome: Outcome::Rejected,
                version: self.version,
                problem: Some(problem.clone()),
            },
        };
        let result = MutationResult {
            id: mutation.id.clone(),
            outcome,
        };
        let known = (mutation.clone(), settled, result.clone());
        self.outcomes.insert(mutation.id.clone(), known);
        result
    }

    pub(crate) fn snapshot(&self, request: &SnapshotRequest) -> Option<Box<SnapshotReply>> {
        let same_epoch = request.epoch.as_deref() == Some(self.epoch.as_str());
        let limit = request.limit.unwrap_or(50);
        let mut reply = SnapshotReply {
            epoch: self.epoch.clone(),
            version: self.version,
            ..SnapshotReply::default()
        };
        let mut differs = false;
        for (resource, known) in &request.resources {
            let version = self.versions[resource.index()];
            if same_epoch && *known == Some(version) {
                continue;
            }
            differs = true;
            let parts = &mut reply.resources;
            match resource {
                Resource::Favorites => {
                    let page = page(&self.favorites, None, limit);
                    parts.favorites = Some(FavoritesSnapshot {
                        version,
                        items: page.items,
                        next_cursor: page.next_cursor,
                        ids: self
                            .favorites
                            .iter()
                            .map(|row| row.beat_id.clone())
                            .collect(),
                    });
                }
                Resource::Orders => parts.orders = Some(list(&self.orders, version, limit)),
                Resource::Downloads => {
                    parts.downloads = Some(list(&self.downloads, version, limit))
                }
                Resource::Activity => parts.activity = Some(list(&self.activity, version, limit)),
                Resource::Stats => {
                    parts.stats = Some(StatsSnapshot {
                        version,
                        data: self.stats.clone(),
                    });
                }
            }
        }
        for id in &request.pending {
            if let Some((_, settled, _)) = self.outcomes.get(id) {
                reply.settled.insert(id.clone(), settled.clone());
            }
        }
        (differs || !reply.settled.is_empty()).then(|| Box::new(reply))
    }

    pub(crate) fn older(&self, list: ListName, cursor: &str, limit: usize) -> HttpReply {
        let cursor = Some(cursor);
        match list {
            ListName::Favorites => HttpReply::Favorites(page(&self.favorites, cursor, limit)),
            ListName::Orders => HttpReply::Orders(page(&self.orders, cursor, limit)),
            ListName::Downloads => HttpReply::Downloads(page(&self.downloads, cursor, limit)),
            ListName::Activity => HttpReply::Activity(page(&self.activity, cursor, limit)),
        }
    }
}

/// The resource that a mutation speaks of.
pub(crate) const fn primary_resource(body: &MutationBody) -> Resource {
    match body {
        MutationBody::SetFavorite { .. } => Resource::Favorites,
        MutationBody::PlaceOrder { .. } | MutationBody::CancelOrder { .. } => Resource::Orders,
        MutationBody::RequestDownload { .. } | MutationBody::CancelDownload { .. } => Resource::Downloads,
    }
}

/// A row that lists are ordered by.
trait Dated: Clone {
    fn at(&self) -> &Timestamp;
    fn id(&self) -> &str;

    /// Rows of one commit have the same moment, so it takes the id as well.
    fn cursor(&self) -> String {
        format!("{} {}", self.at().as_str(), self.id())
    }
}

macro_rules! dated {
    ($($row:ty: $field:ident, $id:ident,)+) => {
        $(impl Dated for $row {
            fn at(&self) -> &Timestamp {
                &self.$field
            }

            fn id(&self) -> &str {
                &self.$id
            }
        })+
    };
}

dated! {
    Favorite: added_at, beat_id,
    Order: created_at, id,
    Download: created_at, id,
    Activity: at, id,
}

/// The rows behind a cursor: behind the row that it names, or, if that is gone, before its moment.
fn behind<'a, T: Dated>(rows: &'a [T], cursor: &str) -> &'a [T] {
    let is_named = |row: &T| row.cursor() == cursor;
    let (at, _) = cursor.split_once(' ').expect("it was made here");
    let next = rows.iter().position(is_named).map_or_else(
        || rows.partition_point(|row| row.at().as_str() >= at),
        |index| index + 1,
    );
    &rows[next..]
}

fn page<T: Dated>(rows: &[T], cursor: Option<&str>, limit: usize) -> Page<T> {
    let after = cursor.map_or(rows, |cursor| behind(rows, cursor));
    let items = after[..after.len().min(limit)].to_vec();
    let more = after.len() > limit;
    Page {
        next_cursor: items.last().filter(|_| more).map(Dated::cursor),
        items,
    }
}

fn list<T: Dated>(rows: &[T], version: u64, limit: usize) -> ListSnapshot<T> {
    let page = page(rows, None, limit);
    ListSnapshot {
        version,
        items: page.items,
        next_cursor: page.next_cursor,
    }
}
