//! The views against the server's data, and the outcome of each mutation.

use dashboard_model::views::{DashboardStore, favorite_of};
use dashboard_model::{MutationBody, Resource, SetFavorite};
use sync_engine::schema::{MutationId, MutationRef};
use sync_engine::view::{ListView, MutationState, PendingView};
use sync_protocol::Outcome;

use crate::checks::entity;
use crate::client::Client;
use crate::image::{Image, Print, of_stats};
use crate::model::primary_resource;
use crate::record::Listed;
use crate::sim::{Check, Event, Sim};
use crate::users::{Account, BEATS, NAMES};

/// How late a part of a commit may be, in milliseconds: 50 that the engine waits for it, and some more.
const LATE_PART_MS: u64 = 120;

/// The mutation of a client, all of which the schema has.
pub(crate) fn body(mutation: &MutationRef) -> MutationBody {
    MutationBody::of(mutation).expect("a mutation of the store")
}

/// Whether a mutation may change a resource.
const fn affects(body: &MutationBody, resource: Resource) -> bool {
    match body {
        MutationBody::SetFavorite(_) => matches!(
            resource,
            Resource::Favorites | Resource::Activity | Resource::Stats
        ),
        MutationBody::PlaceOrder(_) | MutationBody::CancelOrder(_) => {
            matches!(resource, Resource::Orders | Resource::Activity)
        }
        MutationBody::RequestDownload(_) | MutationBody::CancelDownload(_) => matches!(
            resource,
            Resource::Downloads | Resource::Activity | Resource::Stats
        ),
    }
}

/// Confirmed rows of a list: all of them in order without a hole, or, below pending mutations, a part of them in order.
fn check_rows<T: Print>(view: &ListView<T>, image: &Image, is_plain: bool) -> Check {
    let confirmed = view.rows.iter().filter(|row| !row.is_pending());
    let mut known = image.iter();
    for row in confirmed {
        let print = row.item.print();
        if !known.any(|other| *other == print) {
            return Err("a row that the server does not have there".to_owned());
        }
    }
    let is_whole = view.rows.len() == image.len() - known.len()
        && (view.has_older || view.rows.len() == image.len());
    if is_plain && !is_whole {
        return Err(format!(
            "{} rows of {} with a hole, or too few",
            view.rows.len(),
            image.len()
        ));
    }
    Ok(())
}

impl Sim {
    pub(crate) fn check_views(&mut self, client: usize) -> Check {
        let log_changed = std::mem::take(&mut self.clients[client].record.log_changed);
        if log_changed {
            self.check_log(client)?;
        }
        let mut changed = std::mem::take(&mut self.clients[client].record.changed);
        changed.sort_unstable();
        changed.dedup();
        if !self.clients[client].signed_in {
            return Ok(());
        }
        let has_counted = |resource| changed.contains(&resource);
        let is_counted_anew =
            log_changed || has_counted(Resource::Stats) || has_counted(Resource::Favorites);
        if is_counted_anew && self.check_counter(client).is_err() {
            // A part of a commit may be a bit late.
            self.later(self.now + LATE_PART_MS, Event::Recount(client));
        }
        for resource in changed {
            self.check_version(client, resource)?;
            if resource == Resource::Stats {
                if self.check_resource(client, resource).is_err() {
                    self.later(self.now + LATE_PART_MS, Event::Recount(client));
                }
                continue;
            }
            self.check_resource(client, resource)
                .map_err(|wrong| format!("{client}: {resource}: {wrong}"))?;
        }
        Ok(())
    }

    /// The statistics are right by now, on a screen whose timers are not slow. Numbers that later ones replace are left
    /// out of a batch, and the later ones may wait 50 ms for a part of their commit.
    pub(crate) fn check_late_stats(&self, client: usize) -> Check {
        let tab = &self.clients[client];
        if !tab.signed_in || !tab.visible {
            return Ok(());
        }
        self.check_resource(client, Resource::Stats)
            .map_err(|wrong| format!("{client}: stats: {wrong}"))
    }

    /// Data never go back, unless the server did.
    fn check_version(&mut self, client: usize, resource: Resource) -> Check {
        let tab = &mut self.clients[client];
        let Some((epoch, version)) = tab.core.known(resource.into()) else {
            return Ok(());
        };
        let now = (epoch.to_string(), version);
        let before = tab.record.versions.insert(resource, now);
        match before {
            Some((of, before)) if *of == *epoch && version < before => Err(format!(
                "{client}: {resource} goes back from {before} to {version}"
            )),
            _ => Ok(()),
        }
    }

    /// A view shows the server's data at its version, with the pending mutations on top.
    pub(crate) fn check_resource(&self, client: usize, resource: Resource) -> Check {
        let tab = &self.clients[client];
        let user = &self.server.users.users[tab.user];
        let Some((epoch, version)) = tab.core.known(resource.into()) else {
            return Ok(());
        };
        let Some(image) = user.image(&epoch, resource, version) else {
            return Err(format!("version {version} of {epoch}, which never was"));
        };
        let pending = tab.core.mutations();
        let mut bodies = pending
            .pending
            .iter()
            .map(|pending| body(&pending.mutation));
        let is_plain = !bodies.any(|body| affects(&body, resource));
        let core = &tab.core;
        match resource {
            Resource::Favorites => {
                let Some(view) = core.favorites().data else {
                    return Err("no data".to_owned());
                };
                check_rows(&view, image, is_plain)?;
                check_favorites(tab, user, (&epoch, version))
            }
            Resource::Orders => {
                let data = core.orders().data;
                let own = |id: &str| id.starts_with(NAMES[tab.user]);
                let rows = data.iter().flat_map(|view| &view.rows);
                if rows.into_iter().any(|row| !own(&row.item.id)) {
                    return Err("an order of another person".to_owned());
                }
                data.map_or(Ok(()), |view| check_rows(&view, image, is_plain))
            }
            Resource::Downloads => {
                let data = core.downloads().data;
                data.map_or(Ok(()), |view| check_rows(&view, image, is_plain))
            }
            Resource::Activity => {
                let data = core.activity().data;
                data.map_or(Ok(()), |view| check_rows(&view, image, is_plain))
            }
            Resource::Stats => check_stats(tab, image, is_plain),
        }
    }

    /// The counter of favorites is the number of favorites, as far as pending mutations are counted on the same data.
    pub(crate) fn check_counter(&self, client: usize) -> Check {
        let tab = &self.clients[client];
        let user = &self.server.users.users[tab.user];
        let known = |resource: Resource| {
            tab.core
                .known(resource.into())
                .filter(|_| tab.signed_in && tab.visible)
        };
        let (Some((epoch, version)), Some((_, other))) =
            (known(Resource::Stats), known(Resource::Favorites))
        else {
            return Ok(());
        };
        // Not only at both ends: what is pending may concern what has changed in between and back.
        let (first, last) = (version.min(other), version.max(other));
        let is_same = (first..=last).all(|at| user.favorites(at) == user.favorites(version));
        let view = tab
            .core
            .stats()
            .data
            .filter(|_| is_same && *epoch == *user.model.epoch);
        let Some(view) = view else {
            return Ok(());
        };
        let (mut least, mut most) = (0, 0);
        for beat in BEATS {
            let possible = possible(tab, user, version, beat).unwrap_or_default();
            least += u32::from(!possible.contains(&false));
            most += u32::from(possible.contains(&true));
        }
        let shown = view.data.favorites;
        if (least..=most).contains(&shown) {
            Ok(())
        } else {
            Err(format!(
                "{client}: version {version} counts {shown} of {least} to {most}"
            ))
        }
    }

    /// Mutations leave the list of pending ones only for a reason.
    fn check_log(&mut self, client: usize) -> Check {
        let tab = &mut self.clients[client];
        let view = tab.core.mutations();
        let listed = view.pending.iter().map(|pending| {
            let listed = Listed {
                attempts: pending.attempts,
                primary_resource: primary_resource(&body(&pending.mutation)),
            };
            (pending.id.clone(), listed)
        });
        let before = std::mem::replace(&mut tab.record.listed, listed.collect());
        for pending in &view.pending {
            let id = &pending.id;
            if !before.contains_key(id) {
                let number = tab.record.next_number();
                tab.record.asked.insert(id.clone(), number);
            }
        }
        if !tab.signed_in {
            return Ok(());
        }
        let tab = &self.clients[client];
        let own = format!("{:08x}", tab.user);
        // The pending mutations of the former user go when another one signs in.
        let gone = before.iter().filter(|(id, _)| {
            id.as_str().starts_with(&own) && !tab.record.listed.contains_key(*id)
        });
        for (id, was) in gone {
            self.check_gone(client, id, was)
                .map_err(|wrong| format!("{client}: {id} {wrong}"))?;
        }
        if let Some(id) = tab
            .record
            .listed
            .keys()
            .find(|id| !id.as_str().starts_with(&own))
        {
            return Err(format!("{client}: {id} is of another person"));
        }
        Ok(())
    }

    fn check_gone(&self, client: usize, id: &MutationId, was: &Listed) -> Check {
        let tab = &self.clients[client];
        let user = &self.server.users.users[tab.user];
        let outcome = user.model.outcomes.get(id.as_str());
        let failures = tab.core.mutations();
        let mut failed = failures
            .failures
            .iter()
            .flat_map(|failure| failure.mutations());
        let is_rejected = failed.any(|failed| failed.id == *id);
        let known = tab.core.known(was.primary_resource.into());
        let is_same_epoch = known
            .as_ref()
            .is_some_and(|(epoch, _)| **epoch == *user.model.epoch);
        match outcome {
            Some((_, settled, _)) if settled.outcome == Outcome::Accepted => {
                if is_rejected {
                    return Err("was accepted, and is listed as rejected".to_owned());
                }
                // A part of a batch may have changed nothing itself.
                let needed = user.version_by(was.primary_resource, settled.version);
                let is_there = known.is_none_or(|(_, version)| version >= needed);
                let is_given_up = tab.record.given_up.contains(id);
                if is_same_epoch && !is_there && !is_given_up {
                    return Err("left before its effect had arrived".to_owned());
                }
                Ok(())
            }
            Some(_) => Ok(()),
            None => {
                let is_explained = was.attempts == 0
                    || tab.record.given_up.contains(id)
                    || is_rejected
                    || user.has_been_restored();
                if is_explained {
                    Ok(())
                } else {
                    Err("vanished without an outcome".to_owned())
                }
            }
        }
    }
}

/// What a favorite may be at a version of the data: the server's value, or that of a pending mutation. A mutation that
/// the data include may be pending as long as the tab does not know that they do.
fn possible(tab: &Client, user: &Account, version: u64, beat: &str) -> Option<Vec<bool>> {
    let ids = user.favorites(version)?;
    let mut possible = vec![ids.iter().any(|id| id == beat)];
    for pending in &tab.core.mutations().pending {
        let Some(SetFavorite { beat_id, favorite }) = pending.mutation.downcast() else {
            continue;
        };
        if beat_id == beat {
            if !user.holds(pending.id.as_str(), version) {
                possible.clear();
            }
            possible.push(*favorite);
        }
    }
    Some(possible)
}

/// Each favorite has one of its possible values.
fn check_favorites(tab: &Client, user: &Account, (epoch, version): (&str, u64)) -> Check {
    let view = tab.core.favorites().data;
    let Some(view) = view.filter(|_| epoch == user.model.epoch) else {
        return Ok(());
    };
    let ids = view.ids.as_ref().ok_or("no ids of favorites")?;
    for beat in BEATS {
        let shown = ids.contains(beat);
        let possible = possible(tab, user, version, beat);
        if possible.is_some_and(|possible| !possible.contains(&shown)) {
            return Err(format!("{beat} is shown as {shown}"));
        }
        if tab.core.entity(&favorite_of(beat)).present != shown {
            return Err(format!("the favorite {beat} and the list disagree"));
        }
    }
    Ok(())
}

/// Without pending mutations, the counters are the server's.
fn check_stats(tab: &Client, image: &Image, is_plain: bool) -> Check {
    let Some(view) = tab.core.stats().data else {
        return Ok(());
    };
    let shown = of_stats(&view.data);
    if is_plain && shown != *image {
        return Err(format!("shows {shown:?}, the server has {image:?}"));
    }
    Ok(())
}

/// Whether a mutation waits for the user to decide.
pub(crate) const fn waits_for_user(pending: &PendingView) -> bool {
    matches!(
        pending.state,
        MutationState::Paused | MutationState::NeedsResolution
    )
}

/// The mutations that one click on a favorite replaces.
pub(crate) fn replaced_by(tab: &Client, new: &MutationBody) -> Vec<MutationId> {
    let log = tab.core.mutations();
    let replaced = log.pending.iter().filter(|pending| {
        let is_same = entity(&body(&pending.mutation)) == entity(new);
        is_same && (pending.attempts == 0 || pending.state == MutationState::Paused)
    });
    replaced.map(|pending| pending.id.clone()).collect()
}
