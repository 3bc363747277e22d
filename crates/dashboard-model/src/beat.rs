//! Beats: the products of the store.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use sync_engine::schema::Item;
use sync_engine::state::Reader;

use crate::{Favorites, Orders};

/// An amount of money in minor units (cents) of a currency.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Money {
    /// Minor units: `1999` is 19.99 of a currency with two decimals.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
}

impl Default for Money {
    fn default() -> Self {
        Self {
            amount: 0,
            currency: "USD".to_owned(),
        }
    }
}

/// Prices of one beat by license.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Prices {
    /// Price of the basic license.
    pub basic: Money,
    /// Price of the premium license.
    pub premium: Money,
    /// Price of the unlimited license.
    pub unlimited: Money,
}

impl Prices {
    /// The price of a license; `None` for a license that this build does not know.
    #[must_use]
    pub const fn of(&self, license: License) -> Option<&Money> {
        match license {
            License::Basic => Some(&self.basic),
            License::Premium => Some(&self.premium),
            License::Unlimited => Some(&self.unlimited),
            License::Unknown => None,
        }
    }
}

/// The rights that a buyer gets to a beat.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum License {
    /// The cheapest.
    #[default]
    Basic,
    /// Wider use.
    Premium,
    /// Any use.
    Unlimited,
    /// A license that this build does not know.
    #[serde(other)]
    Unknown,
}

/// A music track on sale.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Beat {
    /// Identity, assigned by the store.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The producer's name.
    pub artist: String,
    /// Style, one or two words.
    #[serde(default)]
    pub genre: String,
    /// Tempo, in beats per minute.
    #[serde(default)]
    pub bpm: u32,
    /// Musical key, such as `A minor`.
    #[serde(default)]
    pub key: String,
    /// Length, in milliseconds.
    #[serde(default)]
    pub duration_ms: u64,
    /// Price of the basic license.
    pub price: Money,
    /// Prices of all licenses.
    #[serde(default)]
    pub prices: Prices,
    /// Play count.
    #[serde(default)]
    pub plays: u64,
}

impl Item for Beat {
    fn id(&self) -> &str {
        &self.id
    }
}

/// The beats of a mutation, as the user saw them: their titles and prices are shown until the server has replied.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(transparent)]
pub struct SeenBeats(pub Vec<Rc<Beat>>);

impl SeenBeats {
    /// Just this beat.
    #[must_use]
    pub fn one(beat: &Rc<Beat>) -> Self {
        Self(vec![Rc::clone(beat)])
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Rc<Beat>> {
        self.0.iter().find(|beat| beat.id == id)
    }

    /// A beat's title, as the user saw it or as any known row names it.
    pub(crate) fn title_of(&self, beat_id: &str, reader: &Reader<'_>) -> Option<String> {
        if let Some(beat) = self.find(beat_id) {
            return Some(beat.title.clone());
        }
        if let Some(row) = reader.find::<Favorites>(beat_id) {
            return Some(row.beat.title.clone());
        }
        let lines = reader.rows::<Orders>().flat_map(|order| &order.lines);
        let mut bought = lines.filter(|line| line.beat_id == beat_id);
        bought.next().map(|line| line.title.clone())
    }
}

impl FromIterator<Rc<Beat>> for SeenBeats {
    fn from_iter<I: IntoIterator<Item = Rc<Beat>>>(beats: I) -> Self {
        Self(beats.into_iter().collect())
    }
}
