//! The rows that a mutation will make, written down when the mutation is made.

use std::rc::Rc;

use dashboard_protocol::{
    Activity, ActivityKind, Beat, Download, DownloadStatus, Favorite, Order, OrderLine,
    OrderStatus, Timestamp, MutationBody,
};

use super::Store;
use super::entry::OptimisticRows;
use crate::core::NewMutation;

impl Store {
    /// The moment that the rows of a new mutation carry: now, and not before anything that the server has named, so that
    /// they stand on top also where this clock is slow.
    pub(super) fn timestamp(&self) -> Timestamp {
        let now = Timestamp::from_unix_ms(self.now.wall_ms);
        now.max(self.base.newest.clone())
    }

    pub(super) fn optimistic_rows_of(&self, new: &NewMutation, at: &Timestamp) -> OptimisticRows {
        let mut optimistic_rows = OptimisticRows::default();
        let log = |kind: ActivityKind| Activity {
            id: Activity::id_of(&new.id, kind),
            kind,
            at: at.clone(),
            mutation_id: Some(new.id.clone()),
            ..Activity::default()
        };
        let activity = match &new.body {
            MutationBody::SetFavorite { beat_id, favorite } => {
                optimistic_rows.favorite = self.optimistic_favorite(beat_id, *favorite, &new.beats, at);
                let kind = if *favorite {
                    ActivityKind::FavoriteAdded
                } else {
                    ActivityKind::FavoriteRemoved
                };
                self.title_of(beat_id, &new.beats).map(|title| Activity {
                    beat_id: Some(beat_id.clone()),
                    title: Some(title),
                    ..log(kind)
                })
            }
            MutationBody::PlaceOrder { order_id, .. } => {
                optimistic_rows.order = optimistic_order(new, at).map(Rc::new);
                optimistic_rows.order.as_ref().map(|_| Activity {
                    order_id: Some(order_id.clone()),
                    ..log(ActivityKind::OrderCreated)
                })
            }
            MutationBody::CancelOrder { order_id } => {
                let order = self.base.orders.find(order_id);
                order.map(|order| Activity {
                    order_id: Some(order_id.clone()),
                    order_status: Some(OrderStatus::Cancelled),
                    title: Some(order.number.clone()).filter(|number| !number.is_empty()),
                    ..log(ActivityKind::OrderUpdated)
                })
            }
            MutationBody::RequestDownload { .. } => {
                optimistic_rows.download = self.optimistic_download(new, at).map(Rc::new);
                let row = optimistic_rows.download.as_ref();
                row.map(|row| download_activity(row, log(ActivityKind::DownloadRequested)))
            }
            MutationBody::CancelDownload { download_id } => {
                let row = self.base.downloads.find(download_id);
                row.map(|row| download_activity(row, log(ActivityKind::DownloadCancelled)))
            }
        };
        optimistic_rows.activity = activity.map(Rc::new);
        optimistic_rows
    }

    /// The row of a beat that becomes a favorite, or the row that goes.
    fn optimistic_favorite(
        &self,
        beat_id: &str,
        favorite: bool,
        beats: &[Rc<Beat>],
        at: &Timestamp,
    ) -> Option<Rc<Favorite>> {
        let known = self.base.favorites.find(beat_id);
        if !favorite {
            return self.base.favorites.get(beat_id);
        }
        let hint = beats.iter().find(|beat| beat.id == beat_id);
        let beat = hint.map(|beat| (**beat).clone());
        let beat = beat.or_else(|| known.map(|row| row.beat.clone()))?;
        Some(Rc::new(Favorite {
            beat_id: beat_id.to_owned(),
            beat,
            added_at: at.clone(),
        }))
    }

    fn optimistic_download(&self, new: &NewMutation, at: &Timestamp) -> Option<Download> {
        let MutationBody::RequestDownload {
            download_id,
            beat_id,
            format,
        } = &new.body
        else {
            return None;
        };
        Some(Download {
            id: download_id.clone(),
            beat_id: beat_id.clone(),
            title: self.title_of(beat_id, &new.beats)?,
            format: *format,
            status: DownloadStatus::Queued,
            created_at: at.clone(),
            ..Download::default()
        })
    }

    /// A beat's title, from the hints or from any row that names it.
    pub(super) fn title_of(&self, beat_id: &str, beats: &[Rc<Beat>]) -> Option<String> {
        let hint = beats.iter().find(|beat| beat.id == beat_id);
        if let Some(beat) = hint {
            return Some(beat.title.clone());
        }
        if let Some(row) = self.base.favorites.find(beat_id) {
            return Some(row.beat.title.clone());
        }
        let lines = self.base.orders.iter().flat_map(|order| &order.lines);
        let mut bought = lines.filter(|line| line.beat_id == beat_id);
        bought.next().map(|line| line.title.clone())
    }
}

/// The order as it will be, if every beat in it is known.
fn optimistic_order(new: &NewMutation, at: &Timestamp) -> Option<Order> {
    let MutationBody::PlaceOrder {
        order_id,
        lines,
        expected_total,
    } = &new.body
    else {
        return None;
    };
    let lines = lines.iter().map(|line| {
        let beat = new.beats.iter().find(|beat| beat.id == line.beat_id)?;
        Some(OrderLine {
            beat_id: line.beat_id.clone(),
            title: beat.title.clone(),
            license: line.license,
            price: beat.prices.of(line.license)?.clone(),
        })
    });
    Some(Order {
        id: order_id.clone(),
        number: String::new(),
        status: OrderStatus::Pending,
        lines: lines.collect::<Option<_>>()?,
        total: expected_total.clone(),
        created_at: at.clone(),
        updated_at: at.clone(),
    })
}

fn download_activity(row: &Download, activity: Activity) -> Activity {
    Activity {
        beat_id: Some(row.beat_id.clone()),
        title: Some(row.title.clone()),
        download_id: Some(row.id.clone()),
        ..activity
    }
}
