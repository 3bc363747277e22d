//! The status on screen against the truth: the banner, polling, and the age of the data.

use sync_engine::io::ConnectionStatus;
use sync_engine::status::{Banner, ShownState};

use crate::server::Committed;
use crate::sim::{Check, Sim};
use crate::users::START_MS;

/// Longest time for which polling may be said to work after its last success: 15 s to the next poll, or 6 s more where
/// the server asked for patience, 4 s for its answer, 2 s that a shown state stays, and some more.
const DELAYED_MS: u64 = 30_000;
/// Shortest silence after which the server counts as unreachable, less the latencies.
const UNREACHABLE_MS: u64 = 57_000;
/// A shown state stays for so long.
const STAYS_MS: u64 = 2000;
/// How old a heartbeat may be at least: a server may take 20 s to notice that it lost a publication, a read that
/// hangs takes some seconds more than once.
const PROVES_MS: u64 = 45_000;
/// What arrived is applied within this time.
const APPLIED_MS: u64 = 3000;
/// How late the time of a heartbeat is shown.
const NOTIFIED_MS: i64 = 1000;

impl Sim {
    /// The banner is that of the shown state, "delayed" means that polls work, and "unreachable" that nobody answers.
    pub(crate) fn check_words(&self, client: usize) -> Check {
        let tab = &self.clients[client];
        let view = tab.core.connection();
        let fits = match view.banner {
            None => view.shown != ShownState::SignedOut,
            Some(Banner::Paused) => view.shown == ShownState::Paused && !tab.switched_off,
            Some(Banner::Offline) => view.shown == ShownState::Offline,
            Some(Banner::Intercepted | Banner::Unreachable) => {
                view.shown == ShownState::Unreachable
            }
            Some(Banner::SignedOut) => view.shown == ShownState::SignedOut,
            Some(Banner::Back { .. }) => view.shown == ShownState::Live,
        };
        if !fits {
            return Err(format!(
                "{client}: the banner {:?} while {:?} is shown",
                view.banner, view.shown
            ));
        }
        // Slow timers, and what was asked before a sleep, are another story.
        let calm_since = tab.visible_since.max(tab.record.disturbed_at);
        let is_calm = tab.visible && calm_since + DELAYED_MS < self.now;
        let read_at = tab.record.read_at;
        if view.shown == ShownState::Delayed && is_calm && read_at + DELAYED_MS < self.now {
            return Err(format!("{client}: shows delayed, last read at {read_at}"));
        }
        let heard_at = tab.record.heard_at;
        let is_heard = heard_at + STAYS_MS + 100 < self.now && heard_at + UNREACHABLE_MS > self.now;
        let is_unreachable =
            view.shown == ShownState::Unreachable && view.status != ConnectionStatus::Error;
        if is_unreachable && is_calm && is_heard && !tab.record.is_intercepted {
            return Err(format!("{client}: shows unreachable, heard at {heard_at}"));
        }
        Ok(())
    }

    /// The data on screen include everything that was committed before the heartbeat on screen.
    pub(crate) fn check_age(&mut self, client: usize) -> Check {
        let tab = &self.clients[client];
        let Some(heartbeat_ms) = tab.core.connection().last_heartbeat.map(|at| at.wall_ms) else {
            return Ok(());
        };
        if heartbeat_ms > tab.clocks(self.now).wall_ms {
            return Err(format!("{client}: a heartbeat of tomorrow"));
        }
        let proved_at = u64::try_from(heartbeat_ms - tab.wall_skew - START_MS).unwrap_or(0);
        let behind = self.missed_before(client, proved_at);
        let record = &mut self.clients[client].record;
        match behind {
            None => record.behind_since = None,
            // What has just arrived may wait for a frame, or for another part of its commit.
            Some(missed) => {
                let since = *record.behind_since.get_or_insert(self.now);
                if since + APPLIED_MS < self.now {
                    return Err(format!(
                        "{client}: shown as of {proved_at}, without {missed}"
                    ));
                }
            }
        }
        self.check_live_age(client)
    }

    /// A commit from long before a time that the data on screen do not include, if there is one.
    fn missed_before(&self, client: usize, timestamp: u64) -> Option<String> {
        let tab = &self.clients[client];
        let model = &self.server.users.users[tab.user].model;
        let mut shown = tab.tab.resources().iter().filter_map(|resource| {
            let (epoch, known) = tab.core.known((*resource).into())?;
            let is_old = *epoch == *model.epoch && known < model.versions[resource.index()];
            (tab.visible && is_old).then_some((resource, epoch, known))
        });
        shown.find_map(|(resource, epoch, known)| {
            let missed = self.server.commits.iter().find(|commit| {
                (commit.user, commit.resource) == (tab.user, *resource)
                    && *commit.epoch == *epoch
                    && commit.version > known
            })?;
            let Committed { at, version, .. } = missed;
            (at + PROVES_MS < timestamp).then(|| format!("{resource} {version} of {at}"))
        })
    }

    /// While all is well the age is short: pings come every 25 s at the latest, and where there are none probes after 30 s.
    fn check_live_age(&self, client: usize) -> Check {
        let tab = &self.clients[client];
        let view = tab.core.connection();
        let since = |since: Option<u64>| since.map_or(0, |since| self.now - since);
        let whole = since(tab.record.linked_since).min(since(tab.record.reachable_since));
        let calm_since = tab.record.disturbed_at.max(tab.visible_since);
        let calm = whole.min(
            self.now
                .saturating_sub(calm_since.max(tab.record.tab_since)),
        );
        let wall_ms = tab.clocks(self.now).wall_ms;
        let age = view.last_heartbeat.map(|at| wall_ms - at.wall_ms);
        let is_well = tab.visible && tab.wants_connection() && calm > PROVES_MS;
        let longest = 35_000 + NOTIFIED_MS;
        if is_well && view.shown == ShownState::Live && age.is_none_or(|age| age > longest) {
            return Err(format!("{client}: live, and data of {age:?} ms ago"));
        }
        Ok(())
    }
}
