//! The user's favorites.

use serde::{Deserialize, Serialize};
use sync_engine::schema::{Collection, Mutation, MutationRef, MutationRole, Row, RowsMut};
use sync_engine::state::{OptimisticRows, Prediction, Reader};
use sync_protocol::Timestamp;

use crate::activity::{self, ActivityKind, ActivityLog};
use crate::stats;
use crate::{Activity, Beat, BeatUpdate, Resource, SeenBeats, kind};

/// A favorite of a user.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Favorite {
    /// The beat's id; a user has at most one favorite of a beat.
    pub beat_id: String,
    /// The beat, with its price and play count at the time of the fetch.
    pub beat: Beat,
    /// When it was added.
    pub added_at: Timestamp,
}

impl Row for Favorite {
    fn id(&self) -> &str {
        &self.beat_id
    }

    fn at(&self) -> &Timestamp {
        &self.added_at
    }
}

/// A change of the favorites.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub enum FavoriteChange {
    /// A favorite was added.
    #[serde(rename = "favorite_added")]
    Added(Box<Favorite>),
    /// A favorite was removed.
    #[serde(rename = "favorite_removed")]
    Removed(RemovedFavorite),
}

impl FavoriteChange {
    /// Its type on the wire.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Added(_) => kind::FAVORITE_ADDED,
            Self::Removed(_) => kind::FAVORITE_REMOVED,
        }
    }
}

/// Data of `favorite_removed`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RemovedFavorite {
    /// The beat that is no longer a favorite.
    pub beat_id: String,
}

/// The favorites, newest first, with the ids of all of them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Favorites;

impl Collection for Favorites {
    const NAME: &'static str = Resource::Favorites.as_str();
    const TRACKS_IDS: bool = true;
    type Row = Favorite;
    type Change = FavoriteChange;

    fn apply(rows: &mut RowsMut<'_, Favorite>, change: &FavoriteChange) {
        match change {
            FavoriteChange::Added(favorite) => rows.put((**favorite).clone()),
            FavoriteChange::Removed(removed) => rows.remove(&removed.beat_id),
        }
    }

    fn change_between(
        before: Option<&Favorite>,
        after: Option<&Favorite>,
    ) -> Option<(&'static str, FavoriteChange)> {
        let change = match (before, after) {
            (None, Some(favorite)) => FavoriteChange::Added(Box::new(favorite.clone())),
            (Some(favorite), None) => return Self::change_of_removed(&favorite.beat_id),
            // Only the beat's price or play count differs, of which events say nothing.
            _ => return None,
        };
        Some((change.kind(), change))
    }

    fn change_of_removed(id: &str) -> Option<(&'static str, FavoriteChange)> {
        let change = FavoriteChange::Removed(RemovedFavorite {
            beat_id: id.to_owned(),
        });
        Some((change.kind(), change))
    }

    fn patch_rows(
        change: &FavoriteChange,
        patch: &dyn Fn(&Favorite) -> Option<Favorite>,
    ) -> Option<FavoriteChange> {
        match change {
            FavoriteChange::Added(favorite) => {
                patch(favorite).map(|favorite| FavoriteChange::Added(Box::new(favorite)))
            }
            FavoriteChange::Removed(_) => None,
        }
    }
}

/// Applies a catalog update to a favorite, which shows the catalog's price and play count.
pub(crate) fn updated(favorite: &Favorite, update: &BeatUpdate) -> Option<Favorite> {
    (favorite.beat_id == update.id).then(|| Favorite {
        beat: update.applied_to(&favorite.beat),
        ..favorite.clone()
    })
}

/// Add or remove a favorite.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SetFavorite {
    /// Which beat.
    pub beat_id: String,
    /// The requested value.
    pub favorite: bool,
}

impl Mutation for SetFavorite {
    const KIND: &'static str = "set_favorite";
    const AFFECTS: &'static [&'static str] = &[
        Resource::Favorites.as_str(),
        Resource::Activity.as_str(),
        Resource::Stats.as_str(),
    ];
    const ROLE: MutationRole = MutationRole::Set;

    fn entity(&self) -> &str {
        &self.beat_id
    }

    fn prepare(&self, rows: &mut OptimisticRows<'_>) {
        let seen: SeenBeats = rows.context().unwrap_or_default();
        let reader = rows.reader();
        let known = reader.find::<Favorites>(&self.beat_id);
        if self.favorite {
            let beat = seen.find(&self.beat_id).map(|beat| (**beat).clone());
            if let Some(beat) = beat.or_else(|| known.map(|row| row.beat.clone())) {
                rows.add::<Favorites>(Favorite {
                    beat_id: self.beat_id.clone(),
                    beat,
                    added_at: rows.at().clone(),
                });
            }
        } else if let Some(known) = known {
            // The removed row, for the day on which it was added.
            rows.add::<Favorites>(known.clone());
        }
        if let Some(title) = seen.title_of(&self.beat_id, &reader) {
            let kind = if self.favorite {
                ActivityKind::FavoriteAdded
            } else {
                ActivityKind::FavoriteRemoved
            };
            rows.add::<ActivityLog>(Activity {
                beat_id: Some(self.beat_id.clone()),
                title: Some(title),
                ..activity::optimistic(rows, kind)
            });
        }
    }

    fn predict(&self, prediction: &mut Prediction<'_>) {
        if let Some(mut favorites) = prediction.rows::<Favorites>() {
            let is = favorites.contains(&self.beat_id);
            let delta = i32::from(self.favorite) - i32::from(is);
            match delta {
                1 => favorites.insert(&self.beat_id),
                -1 => favorites.remove(&self.beat_id),
                _ => favorites.touch(&self.beat_id),
            }
            favorites.set_delta(delta);
        }
        if prediction.delta() != 0 {
            activity::predict(prediction);
            stats::predict(prediction, |stats, reader, delta| {
                stats.favorites = stats.favorites.saturating_add_signed(delta);
                // A removed favorite counts against the day on which it was added, and only its row has that day.
                let set_on = reader
                    .prepared::<Favorites>()
                    .map(|row| row.added_at.clone());
                if let Some(day) = set_on.and_then(|at| stats.day_mut(&at)) {
                    day.favorites = day.favorites.saturating_add_signed(delta);
                }
            });
        }
    }

    fn inverse(&self) -> Option<MutationRef> {
        let inverse = Self {
            beat_id: self.beat_id.clone(),
            favorite: !self.favorite,
        };
        Some(MutationRef::new(inverse))
    }

    fn presence(&self) -> Option<bool> {
        Some(self.favorite)
    }

    fn is_satisfied(&self, reader: &Reader<'_>) -> Option<bool> {
        let is = reader.contains::<Favorites>(&self.beat_id)?;
        Some(is == self.favorite)
    }

    fn subject(&self, reader: &Reader<'_>) -> Option<String> {
        let seen: SeenBeats = reader.context().unwrap_or_default();
        seen.title_of(&self.beat_id, reader)
    }
}
