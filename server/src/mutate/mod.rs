//! Carries out what users ask for. One request is one transaction: all its mutations and their outcomes become
//! durable together, each mutation still being a commit of its own (or all one commit, if the batch is atomic).

use dashboard_protocol::{
    MutationReply, MutationRequest, MutationResult, Problem, ProblemCode, RawMutation, MutationOutcome,
    limits,
};
use sqlx::SqliteConnection;

use crate::{
    app::App,
    auth::session::whole_ms,
    clock,
    db::{
        commit_builder::{Committed, CommitBuilder},
        users,
        outcomes::{self, BodyHash},
    },
    failure::{Failure, problem},
    work::Notify,
};

mod apply;

use apply::apply;

/// Runs the mutations of a request.
///
/// # Errors
/// `bad_request`, `rate_limited` or `mutation_id_reused`: nothing has run then.
pub async fn run(
    app: &App,
    user_id: &str,
    request: MutationRequest<RawMutation>,
) -> Result<MutationReply, Failure> {
    let hashes = check(&request.mutations)?;
    #[expect(clippy::cast_precision_loss, reason = "at most 100")]
    let count = request.mutations.len() as f64;
    app.mutation_rate
        .take(user_id.to_owned(), count)
        .map_err(|wait| Failure::until(ProblemCode::RateLimited, whole_ms(wait)))?;
    let mut tx = app.db.begin_write().await?;
    let mut run = Run {
        app,
        user_id,
        now_ms: clock::now_ms(),
        conn: &mut tx,
    };
    let known = run.known(&request.mutations, &hashes).await?;
    let results = if request.atomic {
        run.all_or_none(&request.mutations, &hashes, known).await?
    } else {
        run.one_by_one(&request.mutations, &hashes, known).await?
    };
    tx.commit().await?;
    app.publisher.wake();
    Notify::ring(&app.orders_due);
    Notify::ring(&app.downloads_due);
    Ok(MutationReply {
        epoch: app.epoch.clone(),
        results,
    })
}

/// Refuses an envelope that is too large or holds wrong ids, and takes the fingerprints.
fn check(mutations: &[RawMutation]) -> Result<Vec<BodyHash>, Failure> {
    let bad = |detail: &str| Failure::because(ProblemCode::BadRequest, detail);
    if mutations.len() > limits::MUTATIONS_PER_REQUEST_MAX {
        return Err(bad("more than 100 mutations"));
    }
    let mut hashes = Vec::with_capacity(mutations.len());
    for mutation in mutations {
        if !is_id(&mutation.id) {
            return Err(bad(
                "a mutation id must be 1 to 64 letters, digits or hyphens",
            ));
        }
        hashes.push(outcomes::body_hash(mutation).map_err(|_| bad("args is malformed"))?);
    }
    Ok(hashes)
}

/// Whether a text can be the id of something that a client makes.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=limits::ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

struct Run<'a> {
    app: &'a App,
    user_id: &'a str,
    now_ms: i64,
    conn: &'a mut SqliteConnection,
}

impl Run<'_> {
    /// The remembered results; refuses everything if an id stands for something else.
    async fn known(
        &mut self,
        mutations: &[RawMutation],
        hashes: &[BodyHash],
    ) -> Result<Vec<Option<MutationResult>>, Failure> {
        let mut known = Vec::with_capacity(mutations.len());
        for (index, (mutation, hash)) in mutations.iter().zip(hashes).enumerate() {
            let twin = mutations[..index].iter().position(|m| m.id == mutation.id);
            let twin_differs = twin.is_some_and(|twin| hashes[twin] != *hash);
            let found = outcomes::find(self.conn, self.user_id, &mutation.id).await?;
            let found_differs = found
                .as_ref()
                .is_some_and(|(before, _)| before.as_slice() != hash.as_slice());
            if twin_differs || found_differs {
                return Err(Failure::because(
                    ProblemCode::MutationIdReused,
                    mutation.id.clone(),
                ));
            }
            known.push(found.map(|(_, result)| result));
        }
        Ok(known)
    }

    async fn one_by_one(
        &mut self,
        mutations: &[RawMutation],
        hashes: &[BodyHash],
        known: Vec<Option<MutationResult>>,
    ) -> Result<Vec<MutationResult>, Failure> {
        let mut results: Vec<MutationResult> = Vec::with_capacity(mutations.len());
        for ((mutation, hash), known) in mutations.iter().zip(hashes).zip(known) {
            let twin = results.iter().find(|result| result.id == mutation.id);
            let result = match known.or_else(|| twin.cloned()) {
                Some(result) => {
                    self.app.metrics.replayed(1);
                    result
                }
                None => self.run_one(mutation, hash).await?,
            };
            results.push(result);
        }
        Ok(results)
    }

    async fn run_one(
        &mut self,
        mutation: &RawMutation,
        hash: &BodyHash,
    ) -> Result<MutationResult, Failure> {
        let app = self.app;
        let mut builder = self.builder().await?;
        let before = builder.before().account;
        builder.run(&mutation.id);
        let outcome = match apply(app, &mut builder, mutation).await {
            Ok(unchanged) if builder.is_empty() => MutationOutcome::Accepted {
                version: unchanged,
                events: Vec::new(),
            },
            Ok(_) => accepted(builder.finish().await?),
            // A rule is checked before anything is written, so that there is nothing to undo.
            Err(Failure::Rejected(problem)) => MutationOutcome::Rejected { problem: *problem },
            Err(broken) => return Err(broken),
        };
        self.remember(mutation, hash, outcome, before).await
    }

    async fn all_or_none(
        &mut self,
        mutations: &[RawMutation],
        hashes: &[BodyHash],
        known: Vec<Option<MutationResult>>,
    ) -> Result<Vec<MutationResult>, Failure> {
        if known.iter().any(Option::is_some) {
            return self.as_before(mutations, hashes, known).await;
        }
        sqlx::query("SAVEPOINT batch")
            .execute(&mut *self.conn)
            .await?;
        let app = self.app;
        let mut builder = self.builder().await?;
        let mut unchanged = Vec::with_capacity(mutations.len());
        let mut culprit: Option<(usize, Problem)> = None;
        for (index, mutation) in mutations.iter().enumerate() {
            builder.run(&mutation.id);
            match apply(app, &mut builder, mutation).await {
                Ok(version) => unchanged.push(version),
                Err(Failure::Rejected(problem)) => {
                    culprit = Some((index, *problem));
                    break;
                }
                Err(broken) => return Err(broken),
            }
        }
        let outcomes = match culprit {
            Some((culprit, problem)) => {
                drop(builder);
                sqlx::query("ROLLBACK TO batch")
                    .execute(&mut *self.conn)
                    .await?;
                rejected(mutations.len(), culprit, &problem)
            }
            None if builder.is_empty() => unchanged
                .into_iter()
                .map(|version| MutationOutcome::Accepted {
                    version,
                    events: Vec::new(),
                })
                .collect(),
            None => vec![accepted(builder.finish().await?); mutations.len()],
        };
        sqlx::query("RELEASE batch")
            .execute(&mut *self.conn)
            .await?;
        let before = users::versions(self.conn, self.user_id).await?.account;
        let mut results = Vec::with_capacity(mutations.len());
        for ((mutation, hash), outcome) in mutations.iter().zip(hashes).zip(outcomes) {
            let twin = results
                .iter()
                .find(|result: &&MutationResult| result.id == mutation.id);
            let result = match twin.cloned() {
                Some(result) => result,
                None => self.remember(mutation, hash, outcome, before).await?,
            };
            results.push(result);
        }
        Ok(results)
    }

    /// A batch that was judged before keeps its outcomes. Members that are new to it are rejected: the batch as it is
    /// now cannot become one commit any more.
    async fn as_before(
        &mut self,
        mutations: &[RawMutation],
        hashes: &[BodyHash],
        known: Vec<Option<MutationResult>>,
    ) -> Result<Vec<MutationResult>, Failure> {
        let before = users::versions(self.conn, self.user_id).await?.account;
        let mut results = Vec::with_capacity(mutations.len());
        for ((mutation, hash), known) in mutations.iter().zip(hashes).zip(known) {
            let result = match known {
                Some(result) => {
                    self.app.metrics.replayed(1);
                    result
                }
                None => {
                    let outcome = MutationOutcome::Rejected {
                        problem: problem(ProblemCode::BatchRejected),
                    };
                    self.remember(mutation, hash, outcome, before).await?
                }
            };
            results.push(result);
        }
        Ok(results)
    }

    async fn builder(&mut self) -> Result<CommitBuilder<'_>, Failure> {
        CommitBuilder::begin(self.conn, &self.app.epoch, self.user_id, self.now_ms).await
    }

    async fn remember(
        &mut self,
        mutation: &RawMutation,
        hash: &BodyHash,
        outcome: MutationOutcome,
        account_version: u64,
    ) -> Result<MutationResult, Failure> {
        match &outcome {
            MutationOutcome::Accepted { .. } => self.app.metrics.mutations(1, 0),
            MutationOutcome::Rejected { .. } => self.app.metrics.mutations(0, 1),
        }
        let result = MutationResult {
            id: mutation.id.clone(),
            outcome,
        };
        outcomes::insert(
            self.conn,
            self.user_id,
            hash,
            &result,
            account_version,
            self.now_ms,
        )
        .await?;
        Ok(result)
    }
}

fn accepted(committed: Committed) -> MutationOutcome {
    MutationOutcome::Accepted {
        version: committed.version,
        events: committed.events,
    }
}

fn rejected(count: usize, culprit: usize, why: &Problem) -> Vec<MutationOutcome> {
    let outcome = |index: usize| MutationOutcome::Rejected {
        problem: if index == culprit {
            why.clone()
        } else {
            problem(ProblemCode::BatchRejected)
        },
    };
    (0..count).map(outcome).collect()
}
