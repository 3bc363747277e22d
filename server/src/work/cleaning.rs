//! Cleans up old outcomes, sessions, publications, files, and the oldest rows of long lists.

use std::{sync::Arc, time::Duration};

use sync_protocol::limits;

use crate::{
    app::App,
    audio::files,
    clock::now_ms,
    db::{column_codec::column, downloads},
    failure::Result,
};

/// The interval between two cleanups.
const INTERVAL: Duration = Duration::from_secs(600);

/// The number of rows to delete in one write.
const ROWS_PER_WRITE: i64 = 500;

/// The number of rows of the smallest step.
const ROWS_PER_WRITE_MIN: i64 = 5;

/// A list of which only the newest rows of each user are kept. The older ones go without an event: clients that have
/// them lose them with their next snapshot.
struct Bounded {
    rows_max: i64,
    /// Selects the users with more rows.
    users: &'static str,
    delete: &'static str,
}

const BOUNDED: [Bounded; 2] = [
    Bounded {
        rows_max: 10_000,
        users: "SELECT person_id FROM activity GROUP BY person_id HAVING count(*) > ?",
        delete: "DELETE FROM activity WHERE row IN (SELECT row FROM activity WHERE person_id = ?2 \
            ORDER BY at_ms DESC, version DESC, row DESC LIMIT ?3 OFFSET ?1)",
    },
    // Those in progress stay for their worker.
    Bounded {
        rows_max: 2_000,
        users: "SELECT person_id FROM downloads GROUP BY person_id HAVING count(*) > ?",
        delete: "DELETE FROM downloads WHERE status NOT IN ('queued', 'preparing') AND row IN \
            (SELECT row FROM downloads WHERE person_id = ?2 \
            ORDER BY created_ms DESC, version DESC, row DESC LIMIT ?3 OFFSET ?1)",
    },
];

/// Cleans up until the server stops.
pub async fn run(app: Arc<App>) {
    loop {
        app.hub.drop_old();
        // Files first: on a full disk, deleting rows needs space too.
        if let Err(failure) = clean_files(&app).await {
            tracing::error!(%failure, "cleaning up the files failed");
        }
        if let Err(failure) = clean_rows(&app, now_ms()).await {
            tracing::error!(%failure, "cleaning up the database failed");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn clean_rows(app: &App, now_ms: i64) -> Result<()> {
    let outcomes = "DELETE FROM verdicts WHERE (person_id, id) IN \
        (SELECT person_id, id FROM verdicts WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?3)";
    let before_ms = now_ms.saturating_sub(column(limits::OUTCOME_RETENTION_MS));
    delete(app, outcomes, before_ms, String::new()).await?;
    let sessions = "DELETE FROM sessions WHERE token_hash IN \
        (SELECT token_hash FROM sessions WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?3)";
    delete(app, sessions, now_ms, String::new()).await?;
    for list in BOUNDED {
        let users: Vec<String> = sqlx::query_scalar(list.users)
            .bind(list.rows_max)
            .fetch_all(app.db.read())
            .await?;
        for user_id in users {
            delete(app, list.delete, list.rows_max, user_id).await?;
        }
    }
    Ok(())
}

async fn clean_files(app: &App) -> Result<()> {
    let folder = app.config.files();
    let age = Duration::from_millis(downloads::FILE_LIFE_MS.unsigned_abs());
    tokio::task::spawn_blocking(move || files::clean(&folder, age)).await??;
    Ok(())
}

/// Deletes rows in small writes, so that others go on in between. The parameters of the statement are a bound, a user,
/// and the maximum number of rows.
async fn delete(app: &App, statement: &'static str, bound: i64, user_id: String) -> Result<()> {
    in_steps(|rows| {
        let user_id = user_id.clone();
        app.db.write(move |conn| {
            Box::pin(async move {
                let statement = sqlx::query(statement).bind(bound).bind(user_id);
                let done = statement.bind(rows).execute(conn).await?;
                Ok(done.rows_affected())
            })
        })
    })
    .await
}

/// Deletes until nothing is left. A step that fails is tried again with fewer rows: on a full disk, there may be space
/// for the log of a few.
async fn in_steps<D>(delete: impl Fn(i64) -> D) -> Result<()>
where
    D: Future<Output = Result<u64>>,
{
    let mut rows = ROWS_PER_WRITE;
    loop {
        match delete(rows).await {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(failure) if rows > ROWS_PER_WRITE_MIN => {
                rows = (rows / 10).max(ROWS_PER_WRITE_MIN);
                tracing::warn!(%failure, rows, "cleaning up goes on in smaller steps");
            }
            Err(failure) => return Err(failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::failure::Failure;

    /// Deletes 12 rows where there is space for at most `space` of them at a time. Returns the sizes of the steps.
    async fn steps(space: i64) -> (Result<()>, Vec<i64>) {
        let (left, steps) = (RefCell::new(12), RefCell::new(Vec::new()));
        let done = in_steps(async |rows: i64| {
            steps.borrow_mut().push(rows);
            let deleted = rows.min(*left.borrow());
            if deleted > space {
                return Err(Failure::broken("full"));
            }
            *left.borrow_mut() -= deleted;
            Ok(u64::try_from(deleted).unwrap_or_default())
        })
        .await;
        (done, steps.into_inner())
    }

    #[tokio::test]
    async fn a_step_that_fails_gets_smaller_down_to_five_rows_and_not_four() {
        assert!(matches!(steps(500).await, (Ok(()), steps) if steps == [500, 500]));
        assert!(matches!(steps(5).await, (Ok(()), steps) if steps == [500, 50, 5, 5, 5, 5]));
        assert!(matches!(steps(4).await, (Err(_), steps) if steps == [500, 50, 5]));
    }
}
