//! The demonstration: accounts with a year of history, a catalog, a simulator and injected faults.

use crate::{
    app::App,
    auth::password,
    clock::now_ms,
    db::{beats, users},
    failure::Result,
};

pub mod catalog;
pub mod faults;
pub mod history;
pub mod rng;
pub mod simulate;

/// The address, the name and the seed of each account.
const ACCOUNTS: [(&str, &str, u64); 2] = [
    ("ada@demo.test", "Ada Okafor", 11),
    ("ben@demo.test", "Ben Lindqvist", 23),
];

/// The password of the demo accounts.
const PASSWORD: &str = "demo-demo-demo";

/// Fills the catalog if it is empty, and creates the accounts that do not exist.
///
/// # Errors
/// When the database fails.
pub async fn fill(app: &App) -> Result<()> {
    let mut tx = app.db.begin_write().await?;
    let known: i64 = sqlx::query_scalar("SELECT count(*) FROM beats")
        .fetch_one(&mut *tx)
        .await?;
    if known == 0 {
        for beat in catalog::all() {
            beats::put(&mut tx, &beat).await?;
        }
    }
    for (email, name, seed) in ACCOUNTS {
        if users::by_email(&mut *tx, email).await?.is_none() {
            let hash = password::hash(PASSWORD.to_owned()).await?;
            let user_id = users::create(&mut tx, email, name, &hash, true).await?;
            history::write(&mut tx, &app.epoch, &user_id, seed, now_ms()).await?;
        }
    }
    Ok(tx.commit().await?)
}
