//! Accounts and the versions of their data.

use std::sync::LazyLock;

use dashboard_model::Resource;
use sqlx::{Row, SqliteConnection, SqliteExecutor, sqlite::SqliteRow};
use sync_protocol::ProblemCode;

use super::{
    column_codec::{column, count},
    deferred::Deferred,
};
use crate::{clock, failure::Result, ids::UserId, random};

/// The number of downloads that an account may request in a month.
pub const DOWNLOADS_PER_MONTH: u32 = 100;

/// An account, without its password.
#[derive(Clone, Debug)]
pub struct Account {
    /// The id of the user.
    pub id: UserId,
    /// The address to sign in with.
    pub email: String,
    /// The name of the user.
    pub name: String,
    /// Whether the account may use the simulator and the fault controls.
    pub demo: bool,
    /// Whether nobody can sign in.
    pub disabled: bool,
}

/// The versions of a user's data.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Versions {
    /// The version of the last commit.
    pub account: u64,
    /// The version of the last commit that changed each resource, by [`Resource::index`].
    pub resources: [u64; Resource::ALL.len()],
}

impl Versions {
    /// The version of one resource.
    #[must_use]
    pub const fn of(&self, resource: Resource) -> u64 {
        self.resources[resource.index()]
    }

    /// Notes a commit that changed these resources.
    pub fn advance(&mut self, version: u64, changed: impl Iterator<Item = Resource>) {
        self.account = version;
        for resource in changed {
            self.resources[resource.index()] = version;
        }
    }
}

/// Creates an account and returns its id. Stores the address in lower case.
///
/// # Errors
/// When the address is taken or the database fails.
pub async fn create(
    conn: &mut SqliteConnection,
    email: &str,
    name: &str,
    password_hash: &str,
    demo: bool,
) -> Result<UserId> {
    let id = UserId::from(random::id());
    sqlx::query(
        "INSERT INTO people (id, email, name, password_hash, demo, download_limit, created_ms) \
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(id.as_str())
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

/// Finds the account of an address, with the hash of its password.
///
/// # Errors
/// When the database fails.
pub async fn by_email(
    db: impl SqliteExecutor<'_>,
    email: &str,
) -> Result<Option<(Account, String)>> {
    let row = sqlx::query(
        "SELECT id, email, name, demo, disabled, password_hash FROM people WHERE email = ?",
    )
    .bind(email.to_lowercase())
    .fetch_optional(db)
    .await?;
    row.map(|row| Ok((account(&row)?, row.try_get("password_hash")?)))
        .transpose()
}

/// Reads the columns `id, email, name, demo, disabled`.
///
/// # Errors
/// When a column is missing.
pub fn account(row: &SqliteRow) -> Result<Account, sqlx::Error> {
    Ok(Account {
        id: UserId::from(row.try_get::<String, _>("id")?),
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        demo: row.try_get("demo")?,
        disabled: row.try_get("disabled")?,
    })
}

/// Selects the versions of a user's data, for [`versions_of`]. Each resource has a column, named after it.
pub static VERSIONS: LazyLock<String> = LazyLock::new(|| {
    let columns = Resource::ALL.map(|resource| format!(", {resource}_version"));
    format!(
        "SELECT version{} FROM people WHERE id = ?",
        columns.concat()
    )
});

/// Reads the versions of a user's data.
///
/// # Errors
/// `unauthenticated` if the user has been deleted, or when the database fails.
pub async fn versions(conn: &mut SqliteConnection, user_id: &UserId) -> Result<Versions> {
    let query = sqlx::query(VERSIONS.as_str()).bind(user_id.as_str());
    let row = query.fetch_optional(conn).await?;
    Ok(versions_of(&row.ok_or(ProblemCode::Unauthenticated)?)?)
}

/// Reads a row of [`VERSIONS`].
///
/// # Errors
/// When a column is missing.
pub fn versions_of(row: &SqliteRow) -> Result<Versions, sqlx::Error> {
    let mut versions = Versions {
        account: count(row.try_get(0)?),
        ..Versions::default()
    };
    for (column, resource) in (1..).zip(Resource::ALL) {
        versions.resources[resource.index()] = count(row.try_get::<i64, usize>(column)?);
    }
    Ok(versions)
}

/// Stores the version of a commit that changed these resources, with its other deferred writes.
///
/// # Errors
/// Never: numbers and text have a form in the database.
pub fn set_version(
    deferred: &mut Deferred,
    user_id: &UserId,
    resources: &[Resource],
    version: u64,
) -> Result<()> {
    // Safe, because the only parts that vary are names of resources.
    let columns: String = resources
        .iter()
        .map(|resource| format!(", {resource}_version = ?"))
        .collect();
    deferred.push(&format!(
        "UPDATE people SET version = ?{columns} WHERE id = ?"
    ));
    for _ in 0..=resources.len() {
        deferred.bind(column(version))?;
    }
    deferred.bind(user_id.as_str())?;
    Ok(())
}
