//! The end of a run: all faults end, and everything has to recover.

use std::rc::Rc;
use sync_engine::Core;
use sync_engine::io::ConnectionStatus;
use sync_engine::io::PageSignal;
use sync_engine::status::ShownState;

use dashboard_model::Resource;

use crate::client::Client;
use crate::image::of_model;
use crate::network::Way;
use crate::sim::{Check, Sim};
use crate::tab::{Tab, catalog};
use crate::views::waits_for_user;

/// Time in which almost everything recovers.
const SHORT_MS: u64 = 12_000;
/// Time in which everything that can recover by itself does.
const DRAIN_MS: u64 = 75_000;
/// Time in which a connection comes back without help: a suspended one attempts it every five minutes, and the timers of
/// a hidden page ring every minute.
const ALONE_MS: u64 = 400_000;
/// What an engine at rest may print more than a new one.
const REST_BYTES_MAX: usize = 24_000;

impl Sim {
    /// All faults end, and users decide what they have to decide.
    pub(crate) fn heal(&mut self) -> Check {
        for client in 0..self.clients.len() {
            self.set_way(client, Way::Up);
            let net = &mut self.clients[client].net;
            net.faults.clear();
            net.latency = (5, 40);
            self.clients[client].record.disturb(self.now);
        }
        for connection in self.server.connections.values_mut() {
            connection.loses_next = false;
        }
        // The server is down for 12 s at most; sleeping devices wake up.
        let awake = self.clients.iter().filter_map(|tab| tab.asleep_until).max();
        let awake = awake.map_or(0, |until| until - self.now);
        self.run(awake.max(13_000))?;
        for user in &mut self.server.users.users {
            user.model.reject.clear();
            user.finds_id_taken = false;
        }
        if self.random.up_to(7) == 0 {
            self.run(ALONE_MS)?;
            self.check_alone()?;
        }
        for client in 0..self.clients.len() {
            self.page(client, PageSignal::Visible)?;
            self.page(client, PageSignal::Online)?;
            if self.clients[client].switched_off {
                self.clients[client].switched_off = false;
                self.input(client, || "connects".to_owned(), Core::connect)?;
            }
        }
        self.run(15_000)?;
        // Signing in may sign out another tab of the browser, which had not noticed that its sign-in had ended.
        self.sign_all_in()?;
        self.sign_all_in()?;
        self.drain()?;
        self.decide_all()?;
        self.drain()
    }

    /// No signal came and nobody clicked: every tab that wants a connection and is not rejected has one.
    fn check_alone(&self) -> Check {
        for (client, tab) in self.clients.iter().enumerate() {
            let session = self.sessions[tab.browser];
            let holds = session.is_some_and(|session| self.server.users.owner(session).is_some());
            let view = tab.core.connection();
            let wants = tab.wants_connection() && holds && view.terminal.is_none();
            // A hidden page with its slow timers may have slept over the end of its token just now.
            let is_back = view.status == ConnectionStatus::Connected
                || !tab.visible && view.status == ConnectionStatus::Reconnecting;
            if wants && !is_back {
                let (shown, status) = (view.shown, view.status);
                return Err(format!(
                    "{client}: does not recover alone: {shown:?}, {status:?}"
                ));
            }
            let is_idle = tab.visible && tab.online;
            if wants
                && is_idle
                && tab.record.linked_since.is_some()
                && view.shown != ShownState::Live
            {
                return Err(format!("{client}: shows {:?} when left alone", view.shown));
            }
        }
        Ok(())
    }

    fn sign_all_in(&mut self) -> Check {
        for client in 0..self.clients.len() {
            let browser = self.clients[client].browser;
            let is_over = |session| self.server.users.owner(session).is_none();
            if self.sessions[browser].is_some_and(is_over) {
                // The server forgot the sign-in, and the tab would notice only with its next token.
                self.sign_out_browser(browser)?;
            }
            if !self.clients[client].signed_in {
                let session = self.sessions[self.clients[client].browser];
                let owner = session.and_then(|session| self.server.users.owner(session));
                let user = owner.unwrap_or(self.clients[client].user);
                self.sign_in(client, user)?;
            }
            self.input(client, || "reconnects".to_owned(), Core::connect)?;
        }
        Ok(())
    }

    /// Waits until nothing is pending any more, but not forever.
    fn drain(&mut self) -> Check {
        self.run(SHORT_MS)?;
        let is_at_rest = |tab: &Client| tab.core.mutations().pending.is_empty();
        if self.clients.iter().all(is_at_rest) {
            return Ok(());
        }
        self.run(DRAIN_MS)
    }

    /// The user retries everything that waits for a decision.
    fn decide_all(&mut self) -> Check {
        for client in 0..self.clients.len() {
            let log = self.clients[client].core.mutations();
            let waiting = log.pending.iter().filter(|pending| waits_for_user(pending));
            let waiting: Vec<_> = waiting.map(|pending| pending.id.clone()).collect();
            for id in waiting {
                self.retry(client, &id)?;
            }
        }
        Ok(())
    }

    /// Every tab is live, nothing is pending, and every screen shows the server's state.
    pub(crate) fn check_end(&mut self) -> Check {
        for client in 0..self.clients.len() {
            let tab = &self.clients[client];
            let view = tab.core.connection();
            if view.shown != ShownState::Live || tab.record.linked_since.is_none() {
                return Err(format!(
                    "{client}: at the end {:?}, {:?}",
                    view.shown, view.status
                ));
            }
            let model = &self.server.users.users[tab.user].model;
            if let Some((id, count)) = model.effects_of.iter().find(|(_, count)| **count > 1) {
                return Err(format!("{id} had {count} effects"));
            }
            let log = tab.core.mutations();
            if let Some(pending) = log.pending.first() {
                return Err(format!("{client}: pending at the end: {pending:?}"));
            }
            for resource in tab.tab.resources() {
                self.check_same(client, *resource)
                    .map_err(|wrong| format!("{client}: at the end {resource}: {wrong}"))?;
            }
            if self.is_catalog_old(client) {
                return Err(format!("{client}: at the end the catalog is old"));
            }
        }
        Ok(())
    }

    fn check_same(&self, client: usize, resource: Resource) -> Check {
        let tab = &self.clients[client];
        let model = &self.server.users.users[tab.user].model;
        let newest = model.versions[resource.index()];
        match tab.core.known(resource.into()) {
            Some((epoch, version)) if *epoch == *model.epoch && version == newest => {}
            known => {
                return Err(format!(
                    "{known:?}, the server has {newest} of {}",
                    model.epoch
                ));
            }
        }
        let image = self.server.users.users[tab.user].image(&model.epoch, resource, newest);
        if image != Some(&of_model(model, resource)) {
            return Err("the model forgot something".to_owned());
        }
        self.check_resource(client, resource)
    }

    /// Every user signs out: nothing of them stays, and nothing runs on.
    pub(crate) fn leave(&mut self) -> Check {
        for client in 0..self.clients.len() {
            let browser = self.clients[client].browser;
            self.sign_out_browser(browser)?;
            let tab = self.clients[client].tab;
            self.input(
                client,
                || "leaves".to_owned(),
                |core, now| {
                    let schema = Rc::clone(core.schema());
                    core.release(now, &tab.topics(&schema));
                    if tab == Tab::Overview {
                        core.release_query(now, &catalog(&schema));
                    }
                },
            )?;
        }
        self.run(400_000)?;
        for (client, tab) in self.clients.iter().enumerate() {
            if tab.socket.is_some() || !tab.calls.is_empty() {
                return Err(format!("{client}: a socket or a call stays"));
            }
            if let Some(alarm) = tab.alarm {
                return Err(format!("{client}: an alarm at {alarm} stays"));
            }
            // Printed, a core is about as large as in memory; doing so takes longer than a good part of the run.
            let is_weighed = self.inputs.is_multiple_of(16);
            let bytes = if is_weighed {
                printed_bytes(&tab.core)
            } else {
                0
            };
            if bytes > REST_BYTES_MAX {
                return Err(format!("{client}: {bytes} bytes stay"));
            }
        }
        Ok(())
    }

    /// A connection without any sign of a network is suspended after its attempts.
    pub(crate) fn check_attempts(&self, client: usize, ms: u64) -> Check {
        let tab = &self.clients[client];
        let is_quiet =
            tab.visible && tab.is_awake() && !matches!(tab.net.way, Way::Up | Way::Fickle);
        // Half of the growth to the limit of four, the token calls of each, and a slow attempt every five minutes.
        let most = 12 + 2 * u32::try_from(ms / 300_000).unwrap_or(u32::MAX);
        if is_quiet && tab.record.attempts > most {
            return Err(format!(
                "{client}: {} attempts in {ms} ms",
                tab.record.attempts
            ));
        }
        Ok(())
    }
}

/// How long a core is when it is printed, without the names of types that sorted maps print after their entries.
fn printed_bytes(core: &impl std::fmt::Debug) -> usize {
    const TYPES: &str = ", _key_type: ";
    let text = format!("{core:?}");
    let mut parts = text.split(TYPES);
    let first = parts.next().map_or(0, str::len);
    let rest = parts.map(|part| part.find(" }").map_or(part.len(), |at| part.len() - at));
    first + rest.sum::<usize>()
}
