//! Runs the mutations of users. A request is one write: all its mutations and their outcomes become durable
//! together. Each mutation is a commit of its own, except in an atomic batch, which is one commit.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use dashboard_model::Resource;
use serde_json::value::RawValue;
use sqlx::{Connection, SqliteConnection};
use sync_protocol::{MutationReply, MutationRequest, Problem, ProblemCode, RawMutation, limits};

use crate::{
    app::App,
    clock,
    db::{
        commit_builder::{CommitBuilder, WrittenEvent},
        deferred::Deferred,
        outcomes::{self, BodyHash, MutationResult},
        users::Versions,
    },
    failure::{Failure, Result, problem},
    ids::UserId,
    resources::apply,
};

/// Runs the mutations of a request.
///
/// # Errors
/// `bad_request`, `rate_limited` or `mutation_id_reused`. No mutation has run then.
pub async fn run(
    app: &Arc<App>,
    user_id: &UserId,
    request: MutationRequest,
) -> Result<MutationReply<Arc<RawValue>>> {
    let entries = check(request.mutations)?;
    app.charges.mutations(user_id, cost(&entries))?;
    let (writing, user_id) = (Arc::clone(app), user_id.clone());
    let results = app.db.write_deferred(move |conn| {
        Box::pin(async move {
            let (versions, known) = known(conn, &user_id, &entries).await?;
            let mut run = Run {
                app: &writing,
                user_id: &user_id,
                now_ms: clock::now_ms(),
                conn,
                versions,
                deferred: Deferred::default(),
            };
            let results = if request.atomic {
                run.all_or_none(&entries, known).await?
            } else {
                run.one_by_one(&entries, known).await?
            };
            Ok((results, run.deferred))
        })
    });
    Ok(MutationReply {
        epoch: app.epoch.clone(),
        results: results.await?,
    })
}

/// A mutation of a request, with its fingerprint.
struct Entry {
    mutation: RawMutation,
    hash: BodyHash,
}

impl Entry {
    fn id(&self) -> &str {
        &self.mutation.id
    }
}

/// The cost of a request. The work for a mutation grows with its arguments, such as the lines of an order. An empty
/// request costs as much as a small mutation.
fn cost(entries: &[Entry]) -> u32 {
    const BYTES_PER_UNIT: usize = 128;
    let of_one = |entry: &Entry| (entry.mutation.args.as_str().len() / BYTES_PER_UNIT).max(1);
    let sum: usize = entries.iter().map(of_one).sum();
    u32::try_from(sum.max(1)).unwrap_or(u32::MAX)
}

/// The results of mutations that have run, by their ids.
type Known = HashMap<String, MutationResult>;

/// Checks the size and the ids of a request, and computes the fingerprints.
fn check(mutations: Vec<RawMutation>) -> Result<Vec<Entry>> {
    if mutations.len() > limits::MUTATIONS_PER_REQUEST_MAX {
        return Err(Failure::bad_request("more than 100 mutations"));
    }
    let mut entries = Vec::with_capacity(mutations.len());
    for mutation in mutations {
        if !is_id(&mutation.id) {
            return Err(Failure::bad_request(
                "a mutation id must be 1 to 64 letters, digits or hyphens",
            ));
        }
        let hash = outcomes::body_hash(&mutation)
            .map_err(|_| Failure::bad_request("args is malformed"))?;
        entries.push(Entry { mutation, hash });
    }
    Ok(entries)
}

/// Whether a string is a valid id for something that a client creates.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=limits::ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

/// Finds the versions of the user's data, and the stored results. Rejects the request if an id was already used for
/// another mutation.
async fn known(
    conn: &mut SqliteConnection,
    user_id: &UserId,
    entries: &[Entry],
) -> Result<(Versions, Known)> {
    let ids: Vec<&str> = entries.iter().map(Entry::id).collect();
    let (versions, found) = outcomes::find(conn, user_id, &ids).await?;
    let mut hashes: HashMap<&str, &[u8]> = HashMap::new();
    for entry in entries {
        let hash = hashes.entry(entry.id()).or_insert_with(|| {
            let stored = found.get(entry.id());
            stored.map_or(&entry.hash[..], |stored| &stored.body_hash)
        });
        if *hash != entry.hash {
            return Err(Failure::because(ProblemCode::MutationIdReused, entry.id()));
        }
    }
    let results = found.into_iter().map(|(id, outcome)| (id, outcome.result));
    Ok((versions, results.collect()))
}

struct Run<'a> {
    app: &'a App,
    user_id: &'a UserId,
    now_ms: i64,
    conn: &'a mut SqliteConnection,
    /// The versions of the user's data after the mutations that have run.
    versions: Versions,
    /// The statements that are left of the mutations that have run.
    deferred: Deferred,
}

impl Run<'_> {
    async fn one_by_one(
        &mut self,
        entries: &[Entry],
        mut known: Known,
    ) -> Result<Vec<MutationResult>> {
        let mut results = Vec::with_capacity(entries.len());
        for entry in entries {
            let result = if let Some(result) = known.get(entry.id()) {
                self.app.metrics.replayed.increment(1);
                result.clone()
            } else {
                let result = self.run_one(entry).await?;
                known.insert(entry.id().to_owned(), result.clone());
                result
            };
            results.push(result);
        }
        Ok(results)
    }

    async fn run_one(&mut self, entry: &Entry) -> Result<MutationResult> {
        std::mem::take(&mut self.deferred).run(self.conn).await?;
        let app = self.app;
        let id = entry.id();
        let before = self.versions;
        let mut builder =
            CommitBuilder::after(before, self.conn, &app.epoch, self.user_id, self.now_ms)?;
        builder.start_mutation(id);
        let (result, mut deferred) = match apply(app, &mut builder, &entry.mutation).await {
            Ok(primary) => {
                let mut version = builder.version;
                let (events, deferred) = builder.finish_later().await?;
                let (changed, events): (Vec<_>, _) = events.into_iter().unzip();
                if changed.is_empty() {
                    version = before.of(primary);
                } else {
                    self.versions.advance(version, changed.into_iter());
                }
                (MutationResult::accepted(id, version, events), deferred)
            }
            // Rules are checked before the first write, so there is nothing to undo.
            Err(Failure::Rejected(problem)) => {
                let result = MutationResult::rejected(id, *problem);
                (result, Deferred::default())
            }
            Err(broken) => return Err(broken),
        };
        self.defer(&mut deferred, entry, &result)?;
        self.deferred = deferred;
        Ok(result)
    }

    async fn all_or_none(
        &mut self,
        entries: &[Entry],
        mut known: Known,
    ) -> Result<Vec<MutationResult>> {
        // A mutation that the batch repeats runs once.
        let mut seen = HashSet::new();
        let once: Vec<&Entry> = entries.iter().filter(|e| seen.insert(e.id())).collect();
        let new = if known.is_empty() {
            self.run_batch(&once).await?
        } else {
            // A batch that ran before keeps its results. The server rejects mutations that were not part of it: the
            // batch cannot become one commit any more.
            reject_all(&once, None)
        };
        self.app.metrics.replayed.increment(known.len() as u64);
        let mut deferred = Deferred::default();
        for (entry, new) in once.iter().zip(new) {
            if !known.contains_key(entry.id()) {
                self.defer(&mut deferred, entry, &new)?;
                deferred.run_if_full(self.conn).await?;
                known.insert(entry.id().to_owned(), new);
            }
        }
        self.deferred = deferred;
        let results = entries.iter().filter_map(|entry| known.get(entry.id()));
        Ok(results.cloned().collect())
    }

    /// Runs a batch as one commit. Undoes all of it if the server rejects one of its mutations.
    async fn run_batch(&mut self, entries: &[&Entry]) -> Result<Vec<MutationResult>> {
        let Run {
            app,
            user_id,
            now_ms,
            versions,
            ..
        } = *self;
        let mut savepoint = self.conn.begin().await?;
        let mut builder =
            CommitBuilder::after(versions, &mut savepoint, &app.epoch, user_id, now_ms)?;
        let mut primaries = Vec::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            builder.start_mutation(entry.id());
            match apply(app, &mut builder, &entry.mutation).await {
                Ok(primary) => primaries.push(primary),
                Err(Failure::Rejected(problem)) => {
                    savepoint.rollback().await?;
                    return Ok(reject_all(entries, Some((index, &problem))));
                }
                Err(broken) => return Err(broken),
            }
        }
        let (version, before) = (builder.version, builder.before);
        let events = builder.finish().await?;
        savepoint.commit().await?;
        Ok(accept_all(entries, &primaries, version, &before, events))
    }

    /// Stores an outcome. A rejected mutation leaves the versions as they were before it, and a snapshot reports it with
    /// the last one.
    fn defer(&self, deferred: &mut Deferred, entry: &Entry, result: &MutationResult) -> Result<()> {
        self.app.metrics.mutation(result.outcome);
        let (user_id, account_version) = (self.user_id, self.versions.account);
        let now_ms = self.now_ms;
        outcomes::defer(
            deferred,
            user_id,
            &entry.hash,
            result,
            account_version,
            now_ms,
        )
    }
}

/// The results of the mutations of one commit. The first one that changed something carries the events, the others
/// name it. A mutation that changed nothing has the version of its primary resource.
fn accept_all(
    entries: &[&Entry],
    primaries: &[Resource],
    version: u64,
    before: &Versions,
    events: Vec<WrittenEvent>,
) -> Vec<MutationResult> {
    let (changed, events): (Vec<Resource>, Vec<_>) = events.into_iter().unzip();
    let mut events = Some(events);
    let mut first: Option<&str> = None;
    let mut results = Vec::with_capacity(entries.len());
    for (entry, primary) in entries.iter().zip(primaries) {
        let id = entry.id();
        results.push(if changed.contains(primary) {
            let events = events.take().unwrap_or_default();
            MutationResult {
                events_in: first.map(str::to_owned),
                ..MutationResult::accepted(id, version, events)
            }
        } else {
            MutationResult::accepted(id, before.of(*primary), Vec::new())
        });
        first = first.or_else(|| changed.contains(primary).then_some(id));
    }
    results
}

/// Rejects the mutation at `culprit` for its own reason, and the others because of the batch.
fn reject_all(entries: &[&Entry], culprit: Option<(usize, &Problem)>) -> Vec<MutationResult> {
    let result = |(index, entry): (usize, &&Entry)| {
        let problem = match culprit {
            Some((culprit, problem)) if culprit == index => problem.clone(),
            _ => problem(ProblemCode::BatchRejected),
        };
        MutationResult::rejected(entry.id(), problem)
    };
    entries.iter().enumerate().map(result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(args: &str) -> Entry {
        let text = format!(r#"{{"id":"m","kind":"k","args":{args}}}"#);
        let mutation = serde_json::from_str(&text).expect("a mutation");
        check(vec![mutation]).expect("an entry").remove(0)
    }

    #[test]
    fn a_mutation_costs_what_its_arguments_cost() {
        let small = || entry(r#"{"beat_id":"b1","favorite":true}"#);
        assert_eq!(cost(&[]), 1);
        assert_eq!(cost(&[small()]), 1);
        assert_eq!(cost(&[small(), small(), small()]), 3);
        let line = r#"{"beat_id":"0190a8f4-3d52-4c66","license":"basic"}"#;
        let lines = [line; 50].join(",");
        assert!(cost(&[entry(&format!("[{lines}]"))]) > 15);
    }
}
