//! A small application for unit tests: jobs, notes, a number, and a shop whose prices come over a feed. Tests with the
//! dashboard's data are integration tests, in `tests/`.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use sync_protocol::Timestamp;

use crate::event::{Change, Event};
use crate::scheduler::Priority;
use crate::schema::{
    Collection, Feed, Item, Query, ResourceId, ResourceSet, Row, RowsMut, Schema, Update, Value,
};

/// The schema of the application.
pub(crate) fn schema() -> Rc<Schema> {
    let schema = Schema::new("fixture")
        .collection::<Jobs>()
        .collection::<Notes>()
        .value::<Total>()
        .query::<Shop>()
        .feed::<Prices>()
        .patch_query::<Shop, Prices>(|good, update| {
            (good.id == update.id).then(|| Good {
                id: good.id.clone(),
                price: update.price.unwrap_or(good.price),
                views: update.views.unwrap_or(good.views),
            })
        });
    Rc::new(schema)
}

pub(crate) const JOBS: ResourceId = ResourceId::new(0);
pub(crate) const NOTES: ResourceId = ResourceId::new(1);
pub(crate) const TOTAL: ResourceId = ResourceId::new(2);

/// An event of a commit that affected one resource.
pub(crate) fn event(resource: ResourceId, version: u64, changes: Vec<Change>) -> Event {
    Event {
        epoch: Rc::from("e"),
        resource,
        version,
        prev: version - 1,
        resources: ResourceSet::one(resource),
        mutations: vec![format!("m{version}").as_str().into()],
        at: Timestamp::default(),
        changes,
    }
}

/// Work that makes progress.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) progress: u8,
    pub(crate) at: Timestamp,
}

impl Row for Job {
    fn id(&self) -> &str {
        &self.id
    }

    fn at(&self) -> &Timestamp {
        &self.at
    }
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobChange {
    Added(Job),
    Progress(Job),
    Done(Job),
    Failed(Job),
}

impl JobChange {
    const fn job(&self) -> &Job {
        match self {
            Self::Added(job) | Self::Progress(job) | Self::Done(job) | Self::Failed(job) => job,
        }
    }
}

/// Urgent when one fails; progress is left out when a later state follows.
pub(crate) struct Jobs;

impl Collection for Jobs {
    const NAME: &'static str = "jobs";
    type Row = Job;
    type Change = JobChange;

    fn apply(rows: &mut RowsMut<'_, Job>, change: &JobChange) {
        rows.put(change.job().clone());
    }

    fn priority(change: &JobChange) -> Priority {
        match change {
            JobChange::Failed(_) => Priority::Critical,
            _ => Self::PRIORITY,
        }
    }

    fn replaces(change: &JobChange) -> Option<&str> {
        (!matches!(change, JobChange::Added(_))).then(|| change.job().id.as_str())
    }

    fn is_transient(change: &JobChange) -> bool {
        matches!(change, JobChange::Progress(_))
    }
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NoteChange {
    Logged(Job),
}

/// A log: no change replaces another.
pub(crate) struct Notes;

impl Collection for Notes {
    const NAME: &'static str = "notes";
    const PRIORITY: Priority = Priority::Low;
    type Row = Job;
    type Change = NoteChange;

    fn apply(rows: &mut RowsMut<'_, Job>, change: &NoteChange) {
        let NoteChange::Logged(note) = change;
        rows.put(note.clone());
    }
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TotalChange {
    Updated(u32),
}

/// A number whose every change replaces the one before.
pub(crate) struct Total;

impl Value for Total {
    const NAME: &'static str = "total";
    type Data = u32;
    type Change = TotalChange;

    fn apply(data: &mut u32, change: &TotalChange) {
        let TotalChange::Updated(total) = change;
        *data = *total;
    }

    fn replaces(_: &TotalChange) -> bool {
        true
    }
}

/// A row of the shop.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
pub(crate) struct Good {
    pub(crate) id: String,
    pub(crate) price: i64,
    pub(crate) views: u64,
}

impl Item for Good {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Everything on sale.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shop;

impl Query for Shop {
    const NAME: &'static str = "shop";
    type Row = Good;

    fn params(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
pub(crate) struct PriceUpdate {
    pub(crate) id: String,
    pub(crate) price: Option<i64>,
    pub(crate) views: Option<u64>,
}

impl Update for PriceUpdate {
    fn key(&self) -> &str {
        &self.id
    }

    fn merge(&mut self, later: &Self) {
        self.price = later.price.or(self.price);
        self.views = later.views.or(self.views);
    }
}

/// The prices of the shop.
pub(crate) struct Prices;

impl Feed for Prices {
    const CHANNEL: &'static str = "shop:prices";
    type Update = PriceUpdate;
}
