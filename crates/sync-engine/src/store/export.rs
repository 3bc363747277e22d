//! The whole state of a store as plain data: what the server was last known to have, and the pending mutations on top.
//! Another store that takes it shows the same, so a report of a strange screen can be replayed.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use sync_protocol::{Json, RawMutation, SnapshotReply, Timestamp};

use super::Store;
use super::outbox::Outgoing;
use super::pending::{BatchRef, PendingMutation, Stage};
use crate::schema::{MutationId, NewMutation, ResourceSet};
use crate::state::SnapshotMeta;
use crate::time::Now;

/// A store's state.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Export {
    /// The last known server state.
    pub snapshot: SnapshotReply,
    /// Pending mutations that it does not include yet, oldest first. Reports have called them `log` from the first one on.
    #[serde(rename = "log")]
    pub pending: Vec<ExportedMutation>,
}

/// A mutation that is not settled.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ExportedMutation {
    /// The mutation as it is sent.
    pub mutation: RawMutation,
    /// What the user saw when they asked.
    #[serde(default)]
    pub context: Option<Json>,
    /// When the user asked, in milliseconds since 1970.
    pub asked_at_ms: i64,
    /// The timestamp of its rows.
    pub created: Timestamp,
    /// Which action of the user it belongs to.
    pub batch: u64,
    /// Whether that is an atomic batch.
    pub atomic: bool,
    /// How often it was sent; after the first time its outcome is unknown.
    pub attempts: u32,
    /// When it was first sent, in milliseconds since 1970.
    pub first_sent_ms: Option<i64>,
    /// Version of its commit, if the server has said so.
    pub version: Option<u64>,
    /// Resources that its commit affected, if the server has said so.
    pub affected: Vec<String>,
    /// Those of them whose data include it.
    pub included: Vec<String>,
    /// Those of them that its commit did not change after all.
    #[serde(default)]
    pub noop: Vec<String>,
    /// The mutation that it undoes, if the user cancelled one.
    #[serde(default)]
    pub undoes: Option<String>,
}

impl Store {
    /// The state as it is now.
    #[must_use]
    pub fn export(&self) -> Export {
        Export {
            snapshot: self.export_server(),
            pending: self
                .pending
                .iter()
                .map(|entry| self.export_entry(entry))
                .collect(),
        }
    }

    fn export_server(&self) -> SnapshotReply {
        let schema = self.schema();
        let mut resources = BTreeMap::new();
        let mut version = 0;
        for resource in self.server.loaded().iter() {
            let known = self.server.version(resource).version;
            version = version.max(known);
            let data = self.server.data(resource);
            if let Some(json) = schema.encode_part(resource, data, known) {
                resources.insert(schema.name_of(resource).to_owned(), json);
            }
        }
        SnapshotReply {
            epoch: self.server.epoch.as_deref().unwrap_or_default().to_owned(),
            version,
            resources,
            settled: BTreeMap::new(),
        }
    }

    fn export_entry(&self, entry: &PendingMutation) -> ExportedMutation {
        let names = |set: ResourceSet| {
            let names = set
                .iter()
                .map(|resource| self.schema().name_of(resource).to_owned());
            names.collect()
        };
        ExportedMutation {
            mutation: Outgoing::of(entry).raw(),
            context: entry.mutation.context().cloned(),
            asked_at_ms: entry.delivery.asked.wall_ms,
            created: entry.optimistic.created.clone(),
            batch: entry.batch.id,
            atomic: entry.batch.atomic,
            attempts: entry.delivery.attempts,
            first_sent_ms: entry.delivery.first_sent_ms,
            version: entry.ack.commit.as_ref().map(|(_, version)| *version),
            affected: names(entry.ack.affected),
            included: names(entry.ack.included),
            noop: names(entry.ack.noop),
            undoes: entry.undoes.as_ref().map(|id| id.as_str().to_owned()),
        }
    }

    /// Takes an exported state into a store that has nothing yet: shown at once, and mutations that may have been sent
    /// are sent again under their ids. Does nothing if there are data or mutations already, or nobody is signed in.
    /// Resources and mutations that the schema lacks, or whose data it cannot read, are left out.
    pub fn import(&mut self, now: Now, export: &Export) {
        self.now = now;
        let empty = self.server.loaded().is_empty() && self.pending.entries.is_empty();
        if self.identity.user.is_none() || !empty {
            return;
        }
        let epoch: Rc<str> = Rc::from(export.snapshot.epoch.as_str());
        let meta = SnapshotMeta {
            read: 0,
            now_ms: now.wall_ms,
            server_ms: self.server_ms(),
            page_size: self.page_size,
        };
        let schema = Rc::clone(self.schema());
        let resources = export.snapshot.resources.iter().filter_map(|(name, json)| {
            let resource = schema.resource_named(name)?;
            Some((resource, schema.decode_part(resource, json)?))
        });
        self.server.begin_epoch(&epoch);
        self.server.take(meta, resources.collect(), &mut Vec::new());
        for exported in &export.pending {
            self.io.batches = self.io.batches.max(exported.batch);
            if let Some(entry) = self.import_entry(exported, &epoch) {
                self.pending.push(entry);
            }
        }
        self.resume_unknown();
        self.shown.entities.all = true;
        self.mark_dirty(schema.all_resources());
        self.pump();
        self.commit();
    }

    fn import_entry(
        &self,
        exported: &ExportedMutation,
        epoch: &Rc<str>,
    ) -> Option<PendingMutation> {
        let RawMutation { id, kind, args } = &exported.mutation;
        let decode = self.schema().mutation_named(kind)?.decode;
        let new = NewMutation {
            id: MutationId::from(id.as_str()),
            mutation: decode(args, exported.context.as_ref())?,
        };
        let batch = BatchRef {
            id: exported.batch,
            atomic: exported.atomic,
        };
        let mut entry = self.entry(&new, &exported.created, batch)?;
        let names = |names: &[String]| self.schema().resources_named(names);
        entry.delivery.asked.wall_ms = exported.asked_at_ms;
        entry.delivery.attempts = exported.attempts;
        entry.delivery.first_sent_ms = exported.first_sent_ms;
        entry.stage = Stage::Unknown;
        if let Some(version) = exported.version {
            entry.stage = Stage::Accepted;
            entry.ack.commit = Some((Rc::clone(epoch), version));
        }
        if !exported.affected.is_empty() {
            entry.ack.affected = names(&exported.affected);
        }
        entry.ack.included = names(&exported.included);
        entry.ack.noop = names(&exported.noop);
        entry.undoes = exported.undoes.as_deref().map(MutationId::from);
        Some(entry)
    }
}
