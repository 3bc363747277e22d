//! The beats on sale, under a search text, and their public updates.

use std::rc::Rc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sync_engine::schema::{Feed, Query, Update};

use crate::limits::SEARCH_BYTES_MAX;
use crate::{Beat, Money, Prices};

/// The catalog under a search text.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Catalog {
    /// The search text; empty for everything.
    pub query: Rc<str>,
}

impl Catalog {
    /// The catalog under a search text.
    #[must_use]
    pub fn search(query: &str) -> Self {
        Self {
            query: Rc::from(query),
        }
    }
}

impl Query for Catalog {
    const NAME: &'static str = "beats";
    type Row = Beat;

    fn params(&self) -> Vec<(&'static str, String)> {
        match search_text(&self.query) {
            "" => Vec::new(),
            text => vec![("query", text.to_owned())],
        }
    }
}

/// The search text as it is sent: trimmed, and no longer than the server accepts.
fn search_text(query: &str) -> &str {
    let query = query.trim();
    let end = (0..=query.len().min(SEARCH_BYTES_MAX))
        .rev()
        .find(|at| query.is_char_boundary(*at));
    &query[..end.unwrap_or(0)]
}

/// The name of the public channel of the catalog's updates.
pub const CATALOG_CHANNEL: &str = "market:beats";

/// The public channel of the catalog's updates.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct CatalogUpdates;

impl Feed for CatalogUpdates {
    const CHANNEL: &'static str = CATALOG_CHANNEL;
    type Update = BeatUpdate;
}

/// New values of a beat on sale. The latest value wins; there are no versions.
///
/// The derived functions write and read the fields, which are the data of a `beat_changed`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(remote = "Self")]
pub struct BeatUpdate {
    /// Which beat.
    pub id: String,
    /// Price of the basic license, if it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// Prices of all licenses, if they changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prices: Option<Prices>,
    /// Play count, if it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plays: Option<u64>,
}

impl BeatUpdate {
    /// The beat with the new values.
    #[must_use]
    pub fn applied_to(&self, beat: &Beat) -> Beat {
        let mut beat = beat.clone();
        if let Some(prices) = &self.prices {
            beat.price.clone_from(&prices.basic);
            beat.prices.clone_from(prices);
        }
        if let Some(price) = &self.price {
            beat.price.clone_from(price);
            beat.prices.basic.clone_from(price);
        }
        if let Some(plays) = self.plays {
            beat.plays = plays;
        }
        beat
    }
}

/// Applies an update to a beat.
pub(crate) fn updated(beat: &Beat, update: &BeatUpdate) -> Option<Beat> {
    (beat.id == update.id).then(|| update.applied_to(beat))
}

impl Update for BeatUpdate {
    fn key(&self) -> &str {
        &self.id
    }

    fn merge(&mut self, later: &Self) {
        if later.plays.is_some() {
            self.plays = later.plays;
        }
        if later.price.is_some() {
            self.price.clone_from(&later.price);
        }
        if later.prices.is_some() {
            self.prices.clone_from(&later.prices);
        }
    }
}

/// A publication of the catalog's channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CatalogEvent {
    /// The updates, in order.
    pub changes: Vec<BeatUpdate>,
}

/// [`BeatUpdate`] on the wire.
#[derive(Deserialize, Serialize)]
struct BeatUpdateWire {
    #[serde(rename = "type")]
    kind: BeatUpdateKind,
    #[serde(with = "BeatUpdate")]
    data: BeatUpdate,
}

#[derive(Deserialize, Serialize)]
enum BeatUpdateKind {
    #[serde(rename = "beat_changed")]
    Changed,
}

impl Serialize for BeatUpdate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wire = BeatUpdateWire {
            kind: BeatUpdateKind::Changed,
            data: self.clone(),
        };
        wire.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for BeatUpdate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(BeatUpdateWire::deserialize(deserializer)?.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    fn money(amount: i64) -> Money {
        Money {
            amount,
            ..Money::default()
        }
    }

    #[test]
    fn a_search_text_is_cut_between_characters() {
        assert_eq!(search_text("  lofi "), "lofi");
        let long = "ä".repeat(SEARCH_BYTES_MAX);
        assert_eq!(search_text(&long).len(), SEARCH_BYTES_MAX);
        let odd = format!("a{long}");
        assert_eq!(search_text(&odd).len(), SEARCH_BYTES_MAX - 1);
    }

    #[test]
    fn updates_are_read_back_and_unknown_ones_left_out() {
        let schema = schema();
        let feed = schema.feed_id::<CatalogUpdates>();
        let event = CatalogEvent {
            changes: vec![BeatUpdate {
                id: "b".to_owned(),
                plays: Some(7),
                ..BeatUpdate::default()
            }],
        };
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(
            text,
            r#"{"changes":[{"type":"beat_changed","data":{"id":"b","plays":7}}]}"#
        );
        let read = schema.decode_updates(feed, &text).unwrap();
        assert_eq!(read[0].downcast(), Some(&event.changes[0]));
        let other = r#"{"changes":[{"type":"beat_sold","data":{"id":"b"}}]}"#;
        assert_eq!(schema.decode_updates(feed, other), Some(Vec::new()));
    }

    #[test]
    fn the_basic_price_has_two_names_and_one_value() {
        let change = BeatUpdate {
            price: Some(money(5)),
            ..BeatUpdate::default()
        };
        let changed = change.applied_to(&Beat::default());
        assert_eq!(changed.prices.basic, money(5));
        let prices = Prices {
            basic: money(7),
            ..Prices::default()
        };
        let change = BeatUpdate {
            prices: Some(prices),
            ..BeatUpdate::default()
        };
        assert_eq!(change.applied_to(&changed).price, money(7));
    }

    #[test]
    fn the_latest_value_of_each_field_stays() {
        let update = |plays, amount: Option<i64>| BeatUpdate {
            id: "b".to_owned(),
            price: amount.map(money),
            prices: None,
            plays,
        };
        let mut merged = update(Some(1), Some(100));
        merged.merge(&update(Some(2), None));
        assert_eq!(merged, update(Some(2), Some(100)));
    }
}
