//! Accounts, and the versions of what each owns.

use dashboard_protocol::{Resource, User};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::column_codec::count;
use crate::{clock, failure::Failure, random};

/// Downloads that an account may ask for in a month.
pub const DOWNLOADS_PER_MONTH: u32 = 100;

/// An account, without its password.
#[derive(Clone, Debug)]
pub struct Account {
    /// Who it is.
    pub user: User,
    /// Whether the simulator and the fault controls serve it.
    pub demo: bool,
}

/// Versions of a user's data.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Versions {
    /// Of the last commit.
    pub account: u64,
    /// Of the last commit that touched each resource, by [`Resource::index`].
    pub resources: [u64; 5],
}

impl Versions {
    /// The version of one resource.
    #[must_use]
    pub const fn of(&self, resource: Resource) -> u64 {
        self.resources[resource.index()]
    }
}

/// Makes an account and returns its id; the address is kept in lower case.
///
/// # Errors
/// When the address is taken or the database fails.
pub async fn create(
    conn: &mut SqliteConnection,
    email: &str,
    name: &str,
    password_hash: &str,
    demo: bool,
) -> Result<String, Failure> {
    let id = random::id();
    sqlx::query(
        "INSERT INTO people (id, email, name, password_hash, demo, download_limit, created_ms) \
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&id)
    .bind(email.to_lowercase())
    .bind(name)
    .bind(password_hash)
    .bind(demo)
    .bind(DOWNLOADS_PER_MONTH)
    .bind(clock::now_ms())
    .execute(conn)
    .await?;
    Ok(id)
}

/// The account of an address, with its password's hash.
///
/// # Errors
/// When the database fails.
pub async fn by_email(
    conn: &mut SqliteConnection,
    email: &str,
) -> Result<Option<(Account, String)>, Failure> {
    let row =
        sqlx::query("SELECT id, email, name, demo, password_hash FROM people WHERE email = ?")
            .bind(email.to_lowercase())
            .fetch_optional(conn)
            .await?;
    row.map(|row| Ok((account(&row)?, row.try_get("password_hash")?)))
        .transpose()
}

/// Reads the columns `id, email, name, demo`.
///
/// # Errors
/// When a column is missing.
pub fn account(row: &SqliteRow) -> Result<Account, sqlx::Error> {
    Ok(Account {
        user: User {
            id: row.try_get("id")?,
            email: row.try_get("email")?,
            name: row.try_get("name")?,
        },
        demo: row.try_get("demo")?,
    })
}

/// The versions of a user's data.
///
/// # Errors
/// When there is no such user or the database fails.
pub async fn versions(conn: &mut SqliteConnection, user_id: &str) -> Result<Versions, Failure> {
    let row = sqlx::query(
        "SELECT version, favorites_version, orders_version, downloads_version, activity_version, stats_version \
         FROM people WHERE id = ?",
    )
    .bind(user_id)
    .fetch_one(conn)
    .await?;
    let mut versions = Versions {
        account: count(row.try_get(0)?),
        ..Versions::default()
    };
    for resource in Resource::ALL {
        versions.resources[resource.index()] = count(row.try_get(resource.index() + 1)?);
    }
    Ok(versions)
}
