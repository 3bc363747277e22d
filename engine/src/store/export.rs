//! The whole state of a store as plain data: what the server was last known to have, and the wishes on top. Another
//! store that takes it shows the same, so a report of a strange screen can be replayed.

use std::rc::Rc;

use dashboard_protocol::{Beat, Mutation, Resource, SnapshotReply, Timestamp};
use serde::{Deserialize, Serialize};

use super::Store;
use super::base::Taken;
use super::entry::{Entity, Entry, Stage, guess_touched};
use super::resources::ResourceSet;
use crate::core::NewMutation;
use crate::time::Now;

/// A store's state.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Export {
    /// The last known server state.
    pub snapshot: SnapshotReply,
    /// Wishes that it does not hold yet, oldest first.
    pub log: Vec<Record>,
}

/// A wish that is not settled.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Record {
    /// The wish with its id.
    pub mutation: Mutation,
    /// The beats it is about, as the person saw them.
    pub beats: Vec<Rc<Beat>>,
    /// When the person asked, in milliseconds since 1970.
    pub asked_at_ms: i64,
    /// The moment that its rows carry.
    pub created: Timestamp,
    /// Which act of the person it belongs to.
    pub act: u64,
    /// Whether that act holds as a whole or not at all.
    pub atomic: bool,
    /// How often it was sent; after the first time its outcome is unknown.
    pub attempts: u32,
    /// When it was first sent, in milliseconds since 1970.
    pub first_sent_ms: Option<i64>,
    /// Version of its commit, if the server has told.
    pub version: Option<u64>,
    /// Resources that its commit touched, if the server has told.
    pub touched: Vec<Resource>,
    /// Those of them whose data hold it.
    pub reflected: Vec<Resource>,
    /// Those of them that its commit did not touch after all.
    #[serde(default)]
    pub riding: Vec<Resource>,
    /// The wish that it undoes, if the person took one back.
    #[serde(default)]
    pub undoes: Option<Rc<str>>,
}

impl Store {
    /// The state as it is now.
    #[must_use]
    pub fn export(&self) -> Export {
        Export {
            snapshot: self.base.export(),
            log: self.log.iter().map(record).collect(),
        }
    }

    /// Takes an exported state into a store that has nothing yet: shown at once, and wishes that may have been sent
    /// are sent again under their ids. Does nothing if there are data or wishes already, or nobody is signed in.
    pub fn import(&mut self, now: Now, export: Export) {
        self.now = now;
        let empty = self.base.loaded().is_empty() && self.log.len() == 0;
        if self.user.is_none() || !empty {
            return;
        }
        let from = Taken {
            read: 0,
            now_ms: now.wall_ms,
            page_size: self.page_size,
        };
        self.base.begin_epoch(&export.snapshot.epoch);
        self.base.take(from, export.snapshot.resources);
        for record in export.log {
            self.acts = self.acts.max(record.act);
            self.take_record(record, &export.snapshot.epoch);
        }
        self.resume_unknown();
        self.hearts.touch_all();
        self.views.dirty = ResourceSet::of(&Resource::ALL);
        self.views.log_dirty = true;
        self.pump();
        self.commit();
    }

    fn take_record(&mut self, record: Record, epoch: &str) {
        let new = NewMutation {
            id: record.mutation.id.clone(),
            wish: record.mutation.wish.clone(),
            beats: record.beats.clone(),
        };
        let id: Rc<str> = Rc::from(record.mutation.id.as_str());
        let commit = record.version.map(|version| (Rc::from(epoch), version));
        let told = !record.touched.is_empty();
        let touched = if told {
            record.touched.into_iter().collect()
        } else {
            guess_touched(&record.mutation.wish)
        };
        let is_request = matches!(
            record.mutation.wish,
            dashboard_protocol::Wish::RequestDownload { .. }
        );
        self.log.push(Entry {
            id,
            entity: Entity::of(&record.mutation.wish),
            drafts: self.drafts_of(&new, &record.created),
            mutation: Rc::new(record.mutation),
            beats: record.beats,
            asked_at_ms: record.asked_at_ms,
            created: record.created,
            act: record.act,
            atomic: record.atomic,
            stage: if commit.is_some() {
                Stage::Accepted
            } else {
                Stage::Unknown
            },
            commit,
            touched,
            reflected: record.reflected.into_iter().collect(),
            riding: record.riding.into_iter().collect(),
            conflicted: false,
            counted: i32::from(is_request),
            moved: false,
            attempts: record.attempts,
            first_sent_ms: record.first_sent_ms,
            cause: None,
            proposed_total: None,
            undoes: record.undoes,
        });
    }
}

fn record(entry: &Entry) -> Record {
    Record {
        mutation: (*entry.mutation).clone(),
        beats: entry.beats.clone(),
        asked_at_ms: entry.asked_at_ms,
        created: entry.created.clone(),
        act: entry.act,
        atomic: entry.atomic,
        attempts: entry.attempts,
        first_sent_ms: entry.first_sent_ms,
        version: entry.commit.as_ref().map(|(_, version)| *version),
        touched: entry.touched.to_vec(),
        reflected: entry.reflected.to_vec(),
        riding: entry.riding.to_vec(),
        undoes: entry.undoes.clone(),
    }
}
