//! The last server state that is known: five resources, each with its version, under one epoch.

use std::rc::Rc;

use dashboard_protocol::{
    Activity, BeatChange, Change, Download, Event, Favorite, FavoritesSnapshot, ListSnapshot,
    Order, Resource, SnapshotReply, SnapshotResources, Stats, StatsSnapshot, Timestamp, MutationBody,
};

use super::item::{Item, items};
use super::list::List;
use super::resources::ResourceSet;
use super::rows::Rows;
use crate::flat::FlatSet;
use crate::http::ListName;
use crate::catalog_updates::patch;
use crate::injected_faults::{InjectedFault, is_injected};

/// How far one resource is known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ResourceVersion {
    /// Whether there are data to show, of whatever epoch.
    pub(super) loaded: bool,
    /// Whether `version` belongs to the current epoch, so that events can be compared with it.
    pub(super) current: bool,
    /// Version of the last commit that is in the data.
    pub(super) version: u64,
    /// When the data were last known to be the server's, by the wall clock.
    pub(super) proved_at_ms: Option<i64>,
    /// Order number of the read that brought the data.
    pub(super) read: u64,
}

/// The last known server state.
#[derive(Clone, Debug, Default)]
pub(super) struct Base {
    pub(super) epoch: Option<Rc<str>>,
    marks: [ResourceVersion; 5],
    pub(super) favorites: Rows<Favorite>,
    /// Beat ids of all favorites, beyond the loaded rows too.
    pub(super) favorite_ids: FlatSet<Rc<str>>,
    pub(super) orders: Rows<Order>,
    pub(super) downloads: Rows<Download>,
    pub(super) activity: Rows<Activity>,
    pub(super) stats: Option<Rc<Stats>>,
    /// The newest moment that the server has named.
    pub(super) newest: Timestamp,
}

/// How an event stands to what is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Continuity {
    /// Its commit is in the data.
    Known,
    /// It is the next one.
    Next,
    /// One before it is missing.
    Gap,
    /// The chain of versions contradicts itself: the data have to be read anew.
    Broken,
    /// There is nothing yet to compare it with.
    Early,
}

impl Base {
    pub(super) const fn version_of_base(&self, resource: Resource) -> &ResourceVersion {
        &self.marks[resource.index()]
    }

    pub(super) const fn mark_mut(&mut self, resource: Resource) -> &mut ResourceVersion {
        &mut self.marks[resource.index()]
    }

    /// The rows of a list.
    pub(super) const fn list(&self, name: ListName) -> &List {
        match name {
            ListName::Favorites => &self.favorites.list,
            ListName::Orders => &self.orders.list,
            ListName::Downloads => &self.downloads.list,
            ListName::Activity => &self.activity.list,
        }
    }

    pub(super) const fn list_mut(&mut self, name: ListName) -> &mut List {
        match name {
            ListName::Favorites => &mut self.favorites.list,
            ListName::Orders => &mut self.orders.list,
            ListName::Downloads => &mut self.downloads.list,
            ListName::Activity => &mut self.activity.list,
        }
    }

    /// Resources with data to show.
    pub(super) fn loaded(&self) -> ResourceSet {
        Resource::ALL
            .into_iter()
            .filter(|resource| self.version_of_base(*resource).loaded)
            .collect()
    }

    /// Another epoch begins: what is known stays on screen, and none of it counts any more.
    pub(super) fn begin_epoch(&mut self, epoch: &str) {
        self.epoch = Some(Rc::from(epoch));
        for version_of_base in &mut self.marks {
            version_of_base.current = false;
        }
    }

    /// How an event of the current epoch stands to what is known.
    pub(super) fn continuity(&self, event: &Event) -> Continuity {
        let version_of_base = self.version_of_base(event.resource);
        if !version_of_base.current {
            Continuity::Early
        } else if version_of_base.version >= event.version {
            if is_injected(InjectedFault::DoubleApply) {
                return Continuity::Next;
            }
            Continuity::Known
        } else if version_of_base.version == event.prev {
            Continuity::Next
        } else if version_of_base.version < event.prev {
            if is_injected(InjectedFault::WrongPrev) {
                return Continuity::Next;
            }
            Continuity::Gap
        } else {
            Continuity::Broken
        }
    }

    /// Applies the next event of a resource.
    pub(super) fn apply(&mut self, event: &Event, now_ms: i64) {
        for change in &event.changes {
            self.change(event.version, change);
        }
        if event.at > self.newest {
            self.newest = event.at.clone();
        }
        let version_of_base = self.mark_mut(event.resource);
        version_of_base.version = event.version;
        version_of_base.proved_at_ms = Some(now_ms);
    }

    fn change(&mut self, version: u64, change: &Change) {
        match change {
            Change::FavoriteAdded(favorite) => {
                self.favorite_ids
                    .insert(Rc::from(favorite.beat_id.as_str()));
                self.favorites.put((**favorite).clone(), version);
            }
            Change::FavoriteRemoved(removed) => {
                self.favorite_ids.remove(removed.beat_id.as_str());
                self.favorites.list.remove(&removed.beat_id);
            }
            Change::OrderCreated(order) | Change::OrderUpdated(order) => {
                self.orders.put((**order).clone(), version);
            }
            Change::DownloadRequested(download)
            | Change::DownloadProgress(download)
            | Change::DownloadCompleted(download)
            | Change::DownloadFailed(download)
            | Change::DownloadCancelled(download) => {
                self.downloads.put((**download).clone(), version);
            }
            Change::ActivityLogged(activity) => {
                self.activity.put((**activity).clone(), version);
            }
            Change::StatsUpdated(stats) => self.set_stats(stats),
            // Events with such a change never come here: their resource is fetched instead.
            Change::Unknown { .. } => {}
        }
    }

    fn set_stats(&mut self, stats: &Stats) {
        if self.stats.as_deref() != Some(stats) {
            self.stats = Some(Rc::new(stats.clone()));
        }
    }

    /// Takes those of a reply's resources that are newer than what is known; tells which.
    pub(super) fn take(&mut self, from: SnapshotMeta, resources: SnapshotResources) -> ResourceSet {
        let mut taken = ResourceSet::EMPTY;
        let mut admit = |base: &mut Self, resource, version| {
            let fresh = base.admit(resource, version, from);
            if fresh {
                taken.insert(resource);
            }
            fresh
        };
        if let Some(part) = resources.favorites
            && admit(self, Resource::Favorites, part.version)
        {
            self.favorite_ids = part.ids.iter().map(|id| Rc::from(id.as_str())).collect();
            let list = ListSnapshot {
                version: part.version,
                items: part.items,
                next_cursor: part.next_cursor,
            };
            take_list(&mut self.favorites, &mut self.newest, list, from.page_size);
        }
        if let Some(part) = resources.orders
            && admit(self, Resource::Orders, part.version)
        {
            take_list(&mut self.orders, &mut self.newest, part, from.page_size);
        }
        if let Some(part) = resources.downloads
            && admit(self, Resource::Downloads, part.version)
        {
            take_list(&mut self.downloads, &mut self.newest, part, from.page_size);
        }
        if let Some(part) = resources.activity
            && admit(self, Resource::Activity, part.version)
        {
            take_list(&mut self.activity, &mut self.newest, part, from.page_size);
        }
        if let Some(part) = resources.stats
            && admit(self, Resource::Stats, part.version)
        {
            self.set_stats(&part.data);
        }
        taken
    }

    /// Whether data of this version may replace what is known; if so, notes it. The same version read later is taken
    /// too: prices and play counts in favorites are as of the read.
    fn admit(&mut self, resource: Resource, version: u64, from: SnapshotMeta) -> bool {
        let version_of_base = self.mark_mut(resource);
        let newer = version > version_of_base.version || (version == version_of_base.version && from.read > version_of_base.read);
        if version_of_base.current && !newer && !is_injected(InjectedFault::OldSnapshotTaken) {
            return false;
        }
        *version_of_base = ResourceVersion {
            loaded: true,
            current: true,
            version,
            proved_at_ms: Some(from.now_ms),
            read: from.read,
        };
        true
    }

    /// The catalog changed: favorites show prices and play counts of the catalog.
    pub(super) fn catalog_updates(&mut self, changes: &[BeatChange]) -> bool {
        self.favorites.update(|favorite| {
            let mut updates = changes.iter().filter(|updates| updates.id == favorite.beat_id);
            let first = updates.next()?;
            let mut changed = favorite.clone();
            for updates in std::iter::once(first).chain(updates) {
                patch(&mut changed.beat, updates);
            }
            Some(changed)
        })
    }

    /// What the planted fault of that name does.
    pub(super) fn put_back(&mut self, body: &MutationBody) {
        if let MutationBody::SetFavorite { beat_id, favorite } = body {
            if *favorite {
                self.favorite_ids.remove(beat_id.as_str());
                self.favorites.list.remove(beat_id);
            } else {
                self.favorite_ids.insert(Rc::from(beat_id.as_str()));
            }
        }
    }

    /// What is known, in the form of a snapshot.
    pub(super) fn export(&self) -> SnapshotReply {
        let list = |resource: Resource| {
            self.version_of_base(resource)
                .loaded
                .then(|| self.version_of_base(resource).version)
        };
        let resources = SnapshotResources {
            favorites: list(Resource::Favorites).map(|version| FavoritesSnapshot {
                version,
                items: self.favorites.iter().cloned().collect(),
                next_cursor: self.favorites.list.cursor().cloned(),
                ids: self
                    .favorite_ids
                    .iter()
                    .map(|id| (**id).to_owned())
                    .collect(),
            }),
            orders: list(Resource::Orders).map(|version| export_list(&self.orders, version)),
            downloads: list(Resource::Downloads)
                .map(|version| export_list(&self.downloads, version)),
            activity: list(Resource::Activity).map(|version| export_list(&self.activity, version)),
            stats: list(Resource::Stats)
                .zip(self.stats.as_ref())
                .map(|(version, data)| StatsSnapshot {
                    version,
                    data: (**data).clone(),
                }),
        };
        SnapshotReply {
            epoch: self.epoch.as_deref().unwrap_or_default().to_owned(),
            version: self
                .marks
                .iter()
                .map(|version_of_base| version_of_base.version)
                .max()
                .unwrap_or(0),
            resources,
            settled: Default::default(),
        }
    }
}

/// Where a reply's resources come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct SnapshotMeta {
    /// Order number of the read.
    pub(super) read: u64,
    /// When it arrived, by the wall clock.
    pub(super) now_ms: i64,
    /// Rows that a window shows at least.
    pub(super) page_size: usize,
}

fn take_list<T: Item>(
    rows: &mut Rows<T>,
    newest: &mut Timestamp,
    part: ListSnapshot<T>,
    page_size: usize,
) {
    if let Some(first) = part.items.first()
        && first.at() > newest
    {
        *newest = first.at().clone();
    }
    let items = items(part.items);
    rows.list
        .replace(items, part.next_cursor, part.version, page_size);
}

fn export_list<T: Item + Clone>(rows: &Rows<T>, version: u64) -> ListSnapshot<T> {
    ListSnapshot {
        version,
        items: rows.iter().cloned().collect(),
        next_cursor: rows.list.cursor().cloned(),
    }
}
