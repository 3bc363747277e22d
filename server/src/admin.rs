//! The commands of an operator. They need no running server; one that runs publishes their changes within a second.

use std::path::Path;

use dashboard_model::{
    Beat, BeatUpdate, OrderStatus,
    catalog::{CATALOG_CHANNEL, CatalogEvent},
    limits::EMAIL_BYTES_MAX,
};
use serde_json::{Map, Value};

use crate::{
    auth::password,
    clock::now_ms,
    db::{Db, beats, meta, orders, outbox, users},
    failure::{Failure, Result},
    mutate::is_id,
};

/// The number of changed beats in one event, which has to fit into a frame.
const UPDATES_PER_EVENT: usize = 100;

/// Adds an account.
///
/// # Errors
/// When the address or the password is invalid, or the address is taken.
pub async fn add_user(database: &Path, email: &str, name: &str, password: String) -> Result<()> {
    if !email.contains('@') || email.len() > EMAIL_BYTES_MAX {
        return Err(Failure::broken("not a valid email address"));
    }
    password::check_new(&password).map_err(Failure::broken)?;
    let hash = password::hash(password).await?;
    let db = Db::open(database).await?;
    let mut tx = db.begin_write().await?;
    if users::by_email(&mut *tx, email).await?.is_some() {
        return Err(Failure::broken("an account with this email already exists"));
    }
    users::create(&mut tx, email, name, &hash, false).await?;
    tx.commit().await?;
    db.close().await;
    Ok(())
}

/// Adds the beats of a file to the catalog, all or none, and returns their number.
///
/// # Errors
/// When the file cannot be read, or one of its beats is invalid.
pub async fn import_beats(database: &Path, file: &Path) -> Result<usize> {
    let imported = read_json(file)
        .await
        .map_err(|failure| Failure::broken(format!("cannot read {}: {failure}", file.display())))?;
    let imported: Vec<Beat> = imported.into_iter().map(beat_of).collect::<Result<_>>()?;
    let db = Db::open(database).await?;
    let mut tx = db.begin_write().await?;
    let mut updates = Vec::new();
    for beat in &imported {
        check(beat)?;
        let known = beats::find(&mut *tx, &beat.id).await?;
        updates.extend(known.and_then(|known| update_of(&known, beat)));
        beats::put(&mut tx, beat).await?;
    }
    for changes in updates.chunks(UPDATES_PER_EVENT) {
        let changes = changes.to_vec();
        let event = serde_json::to_string(&CatalogEvent { changes })?;
        outbox::insert(&mut tx, CATALOG_CHANNEL, &event).await?;
    }
    tx.commit().await?;
    db.close().await;
    Ok(imported.len())
}

async fn read_json(file: &Path) -> Result<Vec<Map<String, Value>>> {
    Ok(serde_json::from_slice(&tokio::fs::read(file).await?)?)
}

/// Moves the order with a number to a status.
///
/// # Errors
/// When there is no such order, or an order of its status cannot get the other.
pub async fn move_order(database: &Path, number: &str, status: OrderStatus) -> Result<()> {
    let db = Db::open(database).await?;
    let mut tx = db.begin_write().await?;
    let epoch = meta::epoch(&mut tx, false).await?;
    orders::transition(&mut tx, &epoch, number, status, now_ms()).await?;
    tx.commit().await?;
    db.close().await;
    Ok(())
}

/// What a running server tells its clients about a beat that an import changed, if it is any of their concern.
fn update_of(before: &Beat, after: &Beat) -> Option<BeatUpdate> {
    let (prices, plays) = (before.prices != after.prices, before.plays != after.plays);
    (prices || plays).then(|| BeatUpdate {
        id: after.id.clone(),
        price: prices.then(|| after.price.clone()),
        prices: prices.then(|| after.prices.clone()),
        plays: plays.then_some(after.plays),
    })
}

/// A beat of a file. It has the form of the wire, but its `price` comes from its prices.
fn beat_of(mut fields: Map<String, Value>) -> Result<Beat> {
    let basic = fields
        .get("prices")
        .and_then(|prices| prices.get("basic"))
        .cloned()
        .ok_or_else(|| Failure::broken("a beat must have prices"))?;
    fields.insert("price".to_owned(), basic);
    Ok(serde_json::from_value(Value::Object(fields))?)
}

fn check(beat: &Beat) -> Result<()> {
    let prices = [
        &beat.prices.basic,
        &beat.prices.premium,
        &beat.prices.unlimited,
    ];
    let one_currency = prices
        .iter()
        .all(|price| price.currency == beat.prices.basic.currency && price.currency.len() == 3);
    let sellable = prices.iter().all(|price| price.amount > 0);
    let playable =
        (20..=400).contains(&beat.bpm) && (1_000..=1_200_000).contains(&beat.duration_ms);
    if is_id(&beat.id) && !beat.title.is_empty() && one_currency && sellable && playable {
        return Ok(());
    }
    Err(Failure::Broken(
        format!(
            "beat {:?} has an invalid id, title, price, tempo or duration",
            beat.id
        )
        .into(),
    ))
}
