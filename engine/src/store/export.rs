//! The whole state of a store as plain data: what the server was last known to have, and the mutations on top. Another
//! store that takes it shows the same, so a report of a strange screen can be replayed.

use std::rc::Rc;

use dashboard_protocol::{Beat, Mutation, Resource, SnapshotReply, Timestamp};
use serde::{Deserialize, Serialize};

use super::Store;
use super::base::SnapshotMeta;
use super::entry::{Entity, Entry, Stage, guess_affected};
use super::resources::ResourceSet;
use crate::core::NewMutation;
use crate::time::Now;

/// A store's state.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Export {
    /// The last known server state.
    pub snapshot: SnapshotReply,
    /// Mutations that it does not hold yet, oldest first.
    pub log: Vec<Record>,
}

/// A mutation that is not settled.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Record {
    /// The mutation with its id.
    pub mutation: Mutation,
    /// The beats it is about, as the user saw them.
    pub beats: Vec<Rc<Beat>>,
    /// When the user asked, in milliseconds since 1970.
    pub asked_at_ms: i64,
    /// The moment that its rows carry.
    pub created: Timestamp,
    /// Which act of the user it belongs to.
    #[serde(rename = "batch_id")]
    pub batch_id: u64,
    /// Whether that act holds as a whole or not at all.
    pub atomic: bool,
    /// How often it was sent; after the first time its outcome is unknown.
    pub attempts: u32,
    /// When it was first sent, in milliseconds since 1970.
    pub first_sent_ms: Option<i64>,
    /// Version of its commit, if the server has told.
    pub version: Option<u64>,
    /// Resources that its commit touched, if the server has told.
    #[serde(rename = "affected")]
    pub affected: Vec<Resource>,
    /// Those of them whose data hold it.
    pub reflected: Vec<Resource>,
    /// Those of them that its commit did not touch after all.
    #[serde(default, rename = "noop_resources")]
    pub noop_resources: Vec<Resource>,
    /// The mutation that it undoes, if the user took one back.
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

    /// Takes an exported state into a store that has nothing yet: shown at once, and mutations that may have been sent
    /// are sent again under their ids. Does nothing if there are data or mutations already, or nobody is signed in.
    pub fn import(&mut self, now: Now, export: Export) {
        self.now = now;
        let empty = self.base.loaded().is_empty() && self.log.len() == 0;
        if self.user.is_none() || !empty {
            return;
        }
        let from = SnapshotMeta {
            read: 0,
            now_ms: now.wall_ms,
            page_size: self.page_size,
        };
        self.base.begin_epoch(&export.snapshot.epoch);
        self.base.take(from, export.snapshot.resources);
        for record in export.log {
            self.batch_ids = self.batch_ids.max(record.batch_id);
            self.take_record(record, &export.snapshot.epoch);
        }
        self.resume_unknown();
        self.favorite_states.touch_all();
        self.views.dirty = ResourceSet::of(&Resource::ALL);
        self.views.log_dirty = true;
        self.pump();
        self.commit();
    }

    fn take_record(&mut self, record: Record, epoch: &str) {
        let new = NewMutation {
            id: record.mutation.id.clone(),
            body: record.mutation.body.clone(),
            beats: record.beats.clone(),
        };
        let id: Rc<str> = Rc::from(record.mutation.id.as_str());
        let commit = record.version.map(|version| (Rc::from(epoch), version));
        let notified = !record.affected.is_empty();
        let affected = if notified {
            record.affected.into_iter().collect()
        } else {
            guess_affected(&record.mutation.body)
        };
        let is_request = matches!(
            record.mutation.body,
            dashboard_protocol::MutationBody::RequestDownload { .. }
        );
        self.log.push(Entry {
            id,
            entity: Entity::of(&record.mutation.body),
            optimistic_rows: self.optimistic_rows_of(&new, &record.created),
            mutation: Rc::new(record.mutation),
            beats: record.beats,
            asked_at_ms: record.asked_at_ms,
            created: record.created,
            batch_id: record.batch_id,
            atomic: record.atomic,
            stage: if commit.is_some() {
                Stage::Accepted
            } else {
                Stage::Unknown
            },
            commit,
            affected,
            reflected: record.reflected.into_iter().collect(),
            noop_resources: record.noop_resources.into_iter().collect(),
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
        batch_id: entry.batch_id,
        atomic: entry.atomic,
        attempts: entry.attempts,
        first_sent_ms: entry.first_sent_ms,
        version: entry.commit.as_ref().map(|(_, version)| *version),
        affected: entry.affected.to_vec(),
        reflected: entry.reflected.to_vec(),
        noop_resources: entry.noop_resources.to_vec(),
        undoes: entry.undoes.clone(),
    }
}
