//! What must hold after every step. The first sentence that does not is the failure of the run.

use dashboard_model::{Beat, MutationBody};
use sync_engine::http::HttpRequest;
use sync_engine::io::ConnectionStatus;
use sync_engine::metrics::Counter;
use sync_engine::status::ShownState;
use sync_protocol::centrifugo::close_code;

use crate::client::Client;
use crate::model::{body_of, entity_id, primary_resource};
use crate::network::Way;
use crate::record::Record;
use crate::sim::{Check, Event, Sim};
use crate::tab::{Tab, catalog};
use crate::views::waits_for_user;

/// Longest time that a connection may look alive after it was noticed to be dead: 4 s that a blip does not show, 2 s that a
/// shown state stays, and one for latencies.
const LIES_MS: u64 = 7000;
/// What is added where timers ring every minute.
const LIES_HIDDEN_MS: u64 = 3 * 60_000;
/// Longest time until a working connection shows as live: a lost read has 4 s to time out, the next one waits for 0.5 s,
/// and the former state stays for 2 s.
const SHOWS_MS: u64 = 9000;
/// First and longest wait after failed reads: doubled with each of them.
const READ_AGAIN_MS: u64 = 500;
const READ_AGAIN_MAX_MS: u64 = 30_000;
/// Longest time until a probe after a wake signal notices a dead connection.
const NOTICED_MS: u64 = 3000;
/// Longest time from a heal to a live connection, after an outage of at most [`OUTAGE_MS`].
const HEALED_MS: u64 = 5000;
const OUTAGE_MS: u64 = 15_000;
/// Longest time until a change of the catalog shows: the server may take 20 s to notice that it was lost, a request
/// that hangs takes 15 s.
const CATALOG_UPDATE_MS: u64 = 45_000;
/// A channel that is no longer needed is unsubscribed after 10 s.
const LEFT_MS: u64 = 13_000;
/// Most sockets opened and calls made in 10 s without a click or a signal. A young outage has two attempts a second on
/// average, at random times.
const OPENED_MAX: usize = 30;
const CALLED_MAX: usize = 60;
/// What a change that cannot be sent may add: the waits between its attempts are doubled from half a second on.
const PENDING_CALLS_MAX: usize = 6;
/// What a click or a signal may add.
const URGED_MAX: usize = 4;

impl Record {
    /// How long the next read may wait after those that failed.
    fn reads_again_after(&self) -> u64 {
        match self.spoiled_reads {
            0 => 0,
            count => (READ_AGAIN_MS << count.min(16)).min(READ_AGAIN_MAX_MS),
        }
    }
}

/// The entity of a mutation.
pub(crate) fn entity(body: &MutationBody) -> String {
    format!("{} {}", primary_resource(body), entity_id(body))
}

impl Sim {
    /// What must hold of a tab after each of its inputs.
    pub(crate) fn check(&mut self, client: usize) -> Check {
        self.check_views(client)?;
        self.check_alarm(client)?;
        self.check_rates(client)?;
        self.watch(client)
    }

    /// No client broke the protocol, and the server closed no connection for what the engine failed to do.
    pub(crate) fn check_server(&mut self) -> Check {
        if let Some(broken) = self.server.broken.first() {
            return Err(format!("a client broke the protocol: {broken}"));
        }
        for ((client, generation), code) in std::mem::take(&mut self.server.lapsed) {
            let tab = &self.clients[client];
            let lag = if code == close_code::NO_PONG {
                10_000
            } else {
                60_000
            };
            let was_well = tab.is_awake()
                && tab.visible
                && tab.record.disturbed_at + lag < self.now
                && tab
                    .record
                    .reachable_since
                    .is_some_and(|since| since + lag < self.now);
            if was_well && tab.socket == Some(generation) && tab.net.passes(generation) {
                return Err(format!("{client}: closed with {code}, and was well"));
            }
        }
        Ok(())
    }

    /// Mutations of one entity reach the server in the order in which they were made.
    pub(crate) fn check_order(&mut self, client: usize, request: &HttpRequest) -> Check {
        let HttpRequest::Mutations(request) = request else {
            return Ok(());
        };
        let record = &mut self.clients[client].record;
        for mutation in &request.mutations {
            let Some(number) = record.asked.remove(mutation.id.as_str()) else {
                continue;
            };
            let entity = entity(&body_of(mutation));
            let last = record.arrived.entry(entity.clone()).or_default();
            if number < *last {
                return Err(format!("{client}: {entity} was overtaken"));
            }
            *last = number;
        }
        Ok(())
    }

    fn check_alarm(&self, client: usize) -> Check {
        let tab = &self.clients[client];
        let waits = tab.wants_connection()
            && tab.core.connection().status != ConnectionStatus::Error
            || tab
                .core
                .mutations()
                .pending
                .iter()
                .any(|pending| !waits_for_user(pending));
        let is_driven = tab.alarm.is_some() || !tab.calls.is_empty();
        if tab.signed_in && waits && !is_driven {
            return Err(format!("{client}: nothing drives it"));
        }
        if !tab.wants_connection() && tab.socket.is_some() {
            return Err(format!("{client}: a connection that nobody wants"));
        }
        Ok(())
    }

    fn check_rates(&mut self, client: usize) -> Check {
        let now = self.now;
        let (opened, called, urged) = self.clients[client].record.rates(now);
        if opened > OPENED_MAX + URGED_MAX * urged {
            return Err(format!("{client}: {opened} sockets opened in 10 s"));
        }
        let pending = self.clients[client].core.mutations().pending.len();
        if called > CALLED_MAX + 3 * URGED_MAX * urged + PENDING_CALLS_MAX * pending {
            return Err(format!("{client}: {called} calls made in 10 s"));
        }
        Ok(())
    }

    pub(crate) fn watch_all(&mut self) -> Check {
        for client in 0..self.clients.len() {
            if self.clients[client].is_awake() {
                self.watch(client)?;
            }
        }
        Ok(())
    }

    /// Whether everything that a tab needs arrives, in truth.
    fn is_linked(&self, client: usize) -> bool {
        let tab = &self.clients[client];
        let Some(generation) = tab.socket else {
            return false;
        };
        let connection = self.server.connections.get(&(client, generation));
        tab.net.passes(generation)
            && self.server.is_up(self.now)
            && connection.is_some_and(|connection| {
                connection.accepted && tab.wanted.is_subset(&connection.subscribed)
            })
    }

    /// Follows the true state of a tab, and compares it with the screen.
    pub(crate) fn watch(&mut self, client: usize) -> Check {
        let now = self.now;
        let is_linked = self.is_linked(client);
        let is_reachable = self.is_reachable(client);
        let tab = &mut self.clients[client];
        let record = &mut tab.record;
        if is_linked {
            record.linked_since.get_or_insert(now);
            record.unlinked_since = None;
        } else {
            record.unlinked_since.get_or_insert(now);
            record.linked_since = None;
        }
        if is_reachable {
            record.reachable_since.get_or_insert(now);
        } else {
            record.reachable_since = None;
        }
        if !tab.signed_in || !tab.is_awake() {
            return Ok(());
        }
        self.check_shown(client)?;
        self.check_words(client)?;
        self.check_age(client)?;
        self.check_polls(client)?;
        self.check_channels(client)?;
        self.check_catalog_updates(client)?;
        self.follow_outage(client);
        Ok(())
    }

    /// Whether calls and connections of a tab come through.
    fn is_reachable(&self, client: usize) -> bool {
        let net = &self.clients[client].net;
        net.way == Way::Up && net.faults.is_empty() && self.server.is_up(self.now)
    }

    fn check_shown(&self, client: usize) -> Check {
        let tab = &self.clients[client];
        let since = |since: Option<u64>| since.map_or(0, |since| self.now - since);
        let Client { record, .. } = tab;
        let shown = tab.core.connection().shown;
        let slow = if tab.visible { 0 } else { LIES_HIDDEN_MS };
        let lies = self.server.rules.noticed_ms() + LIES_MS + slow;
        if tab.switched_off && !matches!(shown, ShownState::Paused | ShownState::Offline) {
            return Err(format!("{client}: shows {shown:?} and is switched off"));
        }
        if shown == ShownState::Live && since(record.unlinked_since) > lies {
            return Err(format!("{client}: shows live and is not"));
        }
        // The timers of a hidden page are slow: its time begins when it is shown.
        let calm_since = record.disturbed_at.max(tab.visible_since);
        let calm = self.now.saturating_sub(calm_since);
        let shows = SHOWS_MS + record.reads_again_after();
        let is_well = tab.visible && tab.wants_connection() && calm > shows;
        let whole = since(record.linked_since).min(since(record.reachable_since));
        if is_well && whole > SHOWS_MS && shown != ShownState::Live {
            return Err(format!("{client}: shows {shown:?} and is live"));
        }
        let reached = since(record.reachable_since).min(self.now - tab.online_since);
        if shown == ShownState::Offline && is_well && tab.online && reached > SHOWS_MS {
            return Err(format!("{client}: shows offline and is not"));
        }
        Ok(())
    }

    /// If the engine reports the end of the session, the server has ended it.
    pub(crate) fn check_signed_out(&self, client: usize) -> Check {
        let tab = &self.clients[client];
        let session = self.sessions[tab.browser];
        let holds = session.is_some_and(|session| self.server.users.owner(session).is_some());
        if holds && tab.record.disturbed_at + 20_000 < self.now {
            return Err(format!("{client}: signed out, and the sign-in holds"));
        }
        Ok(())
    }

    /// Nothing is polled while the connection is live.
    fn check_polls(&mut self, client: usize) -> Check {
        let tab = &mut self.clients[client];
        let is_live = tab.core.connection().shown == ShownState::Live;
        let linked = tab.record.linked_since;
        let calm = linked.map(|since| since.max(tab.record.disturbed_at));
        // Over a slow network, a read after a gap may take longer than the poller waits.
        let is_quick = tab.net.latency.0 + tab.net.latency.1 <= 300;
        // The metrics on screen lag behind by one alarm, and alarms of a hidden page may ring once a minute.
        let lag = if tab.visible { 20_000 } else { 130_000 };
        let is_settled = calm.is_some_and(|since| since + lag < self.now)
            && tab.record.reachable_since.is_some()
            && is_quick;
        if !is_live || !is_settled {
            tab.record.polls = None;
            return Ok(());
        }
        let polls = tab.core.metrics().counts.of(Counter::Polls);
        if polls > *tab.record.polls.get_or_insert(polls) {
            return Err(format!("{client}: polls while it is live"));
        }
        Ok(())
    }

    /// The catalog on screen is as the server has it, soon after its last change.
    fn check_catalog_updates(&self, client: usize) -> Check {
        let tab = &self.clients[client];
        let since = |since: Option<u64>| since.map_or(0, |since| self.now - since);
        let calm = self.now - self.catalog_update_at.max(tab.record.tab_since);
        let whole = since(tab.record.linked_since).min(since(tab.record.reachable_since));
        let is_calm = tab.visible && tab.wants_connection() && calm.min(whole) > CATALOG_UPDATE_MS;
        // A failed read shows its error, and is repeated when the user comes back.
        let is_notified = tab
            .core
            .query::<Beat>(&catalog(tab.core.schema()))
            .error
            .is_some();
        if is_calm && !is_notified && self.is_catalog_old(client) {
            return Err(format!("{client}: the catalog is old"));
        }
        Ok(())
    }

    /// Whether the catalog on screen is not the server's, or not there.
    pub(crate) fn is_catalog_old(&self, client: usize) -> bool {
        let tab = &self.clients[client];
        let view = tab.core.query::<Beat>(&catalog(tab.core.schema()));
        let is_shown = tab.tab == Tab::Overview && tab.signed_in;
        is_shown
            && view.data.is_none_or(|catalog| {
                let shown = catalog.rows.iter().map(|beat| beat.plays);
                !shown.eq(self.server.users.plays.iter().copied())
            })
    }

    /// Channels that nobody needs are unsubscribed.
    fn check_channels(&self, client: usize) -> Check {
        let tab = &self.clients[client];
        let Some(generation) = tab.socket.filter(|_| tab.visible) else {
            return Ok(());
        };
        let calm = tab.record.tab_since.max(tab.record.disturbed_at) + LEFT_MS < self.now
            && tab
                .record
                .linked_since
                .is_some_and(|since| since + LEFT_MS < self.now);
        let connection = self.server.connections.get(&(client, generation));
        let subscribed = connection.map(|connection| &connection.subscribed);
        if calm && subscribed.is_some_and(|channels| !channels.is_subset(&tab.wanted)) {
            return Err(format!("{client}: keeps {subscribed:?}"));
        }
        Ok(())
    }

    /// A wake signal comes: a half-open socket has to be noticed soon.
    pub(crate) fn expect_notice(&mut self, client: usize) {
        let now = self.now;
        let tab = &mut self.clients[client];
        tab.record.urge(now);
        let is_shown_now = tab.visible && tab.visible_since == now;
        let before = tab.record.woken_at.replace(now);
        let is_first = is_shown_now || before.is_none_or(|at| at + 300 < now);
        let is_connected = tab.core.connection().status == ConnectionStatus::Connected;
        let dead = tab.socket.filter(|generation| tab.net.is_dead(*generation));
        if let Some(generation) = dead.filter(|_| is_first && is_connected) {
            self.later(now + NOTICED_MS, Event::Noticed(client, generation));
        }
    }

    pub(crate) fn check_noticed(&self, client: usize, generation: u64) -> Check {
        let tab = &self.clients[client];
        // The timers of a page that was hidden meanwhile were slow, and showing it was another signal.
        let is_watched =
            tab.visible && tab.is_awake() && tab.visible_since + NOTICED_MS <= self.now;
        let was_calm = tab.record.disturbed_at + NOTICED_MS < self.now;
        if is_watched && was_calm && tab.socket == Some(generation) {
            return Err(format!("{client}: a dead socket was not noticed"));
        }
        Ok(())
    }

    /// Follows outages of the network: short ones have to be over soon after it works again.
    fn follow_outage(&mut self, client: usize) {
        let now = self.now;
        let is_reachable = self.clients[client].record.reachable_since.is_some();
        let tab = &mut self.clients[client];
        let is_live =
            tab.core.connection().shown == ShownState::Live && tab.record.linked_since.is_some();
        if is_reachable {
            if let Some(broke_at) = tab.record.broke_at.take()
                && now - broke_at <= OUTAGE_MS
            {
                self.later(now + HEALED_MS, Event::Healed(client, broke_at));
            }
            let tab = &mut self.clients[client];
            if is_live {
                tab.record.was_live_since.get_or_insert(now);
            } else {
                tab.record.was_live_since = None;
            }
        } else if let Some(since) = tab.record.was_live_since.take()
            && since + 30_000 < now
        {
            tab.record.broke_at = Some(now);
        }
    }

    pub(crate) fn check_healed(&mut self, client: usize, broke_at: u64) -> Check {
        self.watch(client)?;
        // Since then another socket was lost, one that had died before was noticed only now, or another tab was opened,
        // whose channel is being subscribed.
        let record = &self.clients[client].record;
        let back_by = record.lost_at.max(record.tab_since) + HEALED_MS;
        if back_by > self.now {
            self.later(back_by, Event::Healed(client, broke_at));
            return Ok(());
        }
        let tab = &self.clients[client];
        let stayed = tab
            .record
            .reachable_since
            .is_some_and(|since| since + HEALED_MS <= self.now);
        let was_calm = tab.record.disturbed_at + 20_000 < broke_at;
        // A dead socket that was not noticed yet is checked elsewhere.
        let knows = tab
            .socket
            .is_none_or(|generation| !tab.net.is_dead(generation));
        let is_quick = tab.net.latency.0 + tab.net.latency.1 <= 300;
        let is_watched =
            knows && is_quick && tab.visible && tab.is_awake() && tab.wants_connection();
        if stayed && was_calm && is_watched && tab.record.linked_since.is_none() {
            return Err(format!("{client}: not live 5 s after the heal"));
        }
        Ok(())
    }
}
