//! What happens in a run: clicks, signals and faults, drawn from the seed.

use std::rc::Rc;

use dashboard_model::catalog::CatalogEvent;
use dashboard_model::views::{DashboardStore, favorite_of};
use dashboard_model::{
    BeatUpdate, CancelDownload, CancelOrder, DownloadFormat, DownloadStatus, License, MutationBody,
    OrderLineInput, OrderStatus, PlaceOrder, RequestDownload, Resource, SetFavorite,
};
use sync_engine::Core;
use sync_engine::io::{PageSignal, SocketEvent};
use sync_engine::schema::{MutationId, NewMutation};
use sync_engine::settings::Settings;
use sync_protocol::ProblemCode;
use sync_protocol::centrifugo::unsubscribe_code;

use crate::model::{money, seen_by};
use crate::network::{CallFault, Way};
use crate::server::{Chore, Rules};
use crate::sim::{Check, Event, Sim};
use crate::tab::{Tab, catalog};
use crate::trace::Trace;
use crate::users::{BEATS, NAMES};
use crate::views::{body, replaced_by, waits_for_user};

/// Steps of a scenario.
const STEPS: u64 = 36;
/// The tabs of a run: two of one user, one of another.
const TABS: usize = 3;

impl Sim {
    /// The simulation of a seed, with every user signed in.
    pub(crate) fn of_seed(seed: u64, trace: Trace) -> Result<Self, String> {
        let mut sim = Self::drawn(seed, trace);
        for client in 0..TABS {
            sim.clients[client].net.latency = (5, 40);
            let user = sim.clients[client].user;
            sim.hold(client)?;
            sim.sign_in(client, user)?;
        }
        sim.run(2000)?;
        Ok(sim)
    }

    fn drawn(seed: u64, trace: Trace) -> Self {
        let mut random = sync_engine::random::Random::new(!seed);
        let mut of = |choices: &[u64]| choices[random.up_to(choices.len() as u64 - 1) as usize];
        let rules = Rules {
            ping_s: of(&[10, 10, 25, 0]),
            pong: of(&[1, 1, 0]) == 1,
            token_ms: of(&[600_000, 120_000, 60_000]),
            history: of(&[256, 256, 4]) as usize,
            history_ms: of(&[300_000, 20_000]),
            rejects: true,
            knows_probe: of(&[1, 0]) == 1,
        };
        let settings = Settings {
            page_size: 5,
            max_retries: 4,
            ..Settings::default()
        };
        // Two tabs of one browser, or of two.
        let second = of(&[0, 1]) as usize;
        Self::new(
            seed,
            rules,
            &settings,
            &[(0, 0), (0, second), (1, 2)],
            trace,
        )
    }

    /// A scenario from beginning to end.
    pub(crate) fn scenario(&mut self) -> Check {
        for _ in 0..STEPS {
            let client = self.pick(TABS);
            let kind = self.random.up_to(99);
            let is_awake = self.clients[client].is_awake();
            match kind {
                0..=39 if is_awake => self.click(client)?,
                40..=59 if is_awake => self.signal(client)?,
                60..=79 => self.break_way(client)?,
                80..=89 => self.elsewhere()?,
                90..=97 => self.break_server(client)?,
                98 if is_awake => self.long_outage(client)?,
                _ => {}
            }
            let pause = match self.random.up_to(19) {
                0 => self.random.up_to(60_000),
                1..=4 => self.random.up_to(8000),
                5..=10 => self.random.up_to(1000),
                _ => self.random.up_to(120),
            };
            self.run(pause)?;
        }
        Ok(())
    }

    fn pick(&mut self, count: usize) -> usize {
        self.random.up_to(count as u64 - 1) as usize
    }

    fn is_one_in(&mut self, count: u64) -> bool {
        self.random.up_to(count - 1) == 0
    }

    /// A tab's screen needs what it shows.
    pub(crate) fn hold(&mut self, client: usize) -> Check {
        let tab = self.clients[client].tab;
        self.input(
            client,
            || format!("shows {tab:?}"),
            |core, now| {
                let schema = Rc::clone(core.schema());
                core.retain(now, &tab.topics(&schema));
                if tab == Tab::Overview {
                    core.observe_query(now, &catalog(&schema));
                }
            },
        )
    }

    /// The user goes to another tab of the dashboard.
    pub(crate) fn go_to(&mut self, client: usize, tab: Tab) -> Check {
        let user = self.clients[client].user;
        let before = self.clients[client].look_at(user, tab);
        self.clients[client].record.tab_since = self.now;
        self.hold(client)?;
        self.input(
            client,
            || format!("leaves {before:?}"),
            |core, now| {
                let schema = Rc::clone(core.schema());
                core.release(now, &before.topics(&schema));
                if before == Tab::Overview {
                    core.release_query(now, &catalog(&schema));
                }
            },
        )
    }

    /// Something that a user does.
    fn click(&mut self, client: usize) -> Check {
        if !self.clients[client].signed_in {
            let user = if self.is_one_in(4) {
                self.pick(2)
            } else {
                self.clients[client].user
            };
            return self.sign_in(client, user);
        }
        match self.random.up_to(29) {
            0..=9 => {
                let body = self.favorite(client);
                if self.is_one_in(8) {
                    self.contest(client, body.clone());
                }
                self.mutate(client, vec![body], false)
            }
            10..=12 => {
                let body = self.order(client);
                self.mutate(client, vec![body], false)
            }
            13..=14 => {
                let body = self.download(client);
                self.mutate(client, vec![body], false)
            }
            15..=16 => self.batch(client),
            17..=18 => self.cancel(client),
            19..=20 => self.think_again(client),
            21..=24 => {
                let tab = Tab::ALL[self.pick(Tab::ALL.len())];
                self.go_to(client, tab)
            }
            25 => {
                let list =
                    [Resource::Orders, Resource::Activity, Resource::Favorites][self.pick(3)];
                self.input(
                    client,
                    || format!("older {list:?}"),
                    |core, now| core.load_older(now, list.into()),
                )
            }
            26 => self.input(client, || "refreshes".to_owned(), Core::refresh),
            27 => self.change_user(client),
            _ => self.switch(client),
        }
    }

    /// Another device makes the same change first, and the user's own mutation is rejected.
    fn contest(&mut self, client: usize, body: MutationBody) {
        let user = self.clients[client].user;
        let events = self.server.users.commit(self.now, user, |model| {
            model.reject.push(ProblemCode::NotFound);
            model.elsewhere(body)
        });
        self.make_public(user, &events);
    }

    /// The user signs out while something is being read; often a user signs in at once, now and then with the wrong
    /// account first.
    fn change_user(&mut self, client: usize) -> Check {
        self.input(client, || "refreshes".to_owned(), Core::refresh)?;
        let browser = self.clients[client].browser;
        self.sign_out_browser(browser)?;
        if self.is_one_in(2) {
            let user = self.pick(2);
            self.sign_in(client, user)?;
            if self.is_one_in(2) {
                // The answers for it are on their way when the other one comes.
                let ms = self.random.up_to(60);
                self.run(ms)?;
                self.sign_out_browser(browser)?;
                self.sign_in(client, 1 - user)?;
            }
        }
        Ok(())
    }

    /// The user switches live updates on, off, or asks for an attempt.
    fn switch(&mut self, client: usize) -> Check {
        let now = self.now;
        let tab = &mut self.clients[client];
        tab.record.urge(now);
        tab.record.disturb(now);
        if tab.switched_off {
            tab.switched_off = false;
            self.input(client, || "connects".to_owned(), Core::connect)
        } else if self.is_one_in(3) {
            self.clients[client].switched_off = true;
            self.input(client, || "disconnects".to_owned(), Core::disconnect)
        } else {
            self.input(client, || "reconnects".to_owned(), Core::reconnect)
        }
    }

    /// The user asks for changes.
    pub(crate) fn mutate(
        &mut self,
        client: usize,
        bodies: Vec<MutationBody>,
        atomic: bool,
    ) -> Check {
        let line = self.trace.is_on().then(|| format!("asks for {bodies:?}"));
        let mut mutations = Vec::new();
        for body in bodies {
            let tab = &mut self.clients[client];
            let replaced = replaced_by(tab, &body);
            tab.record.given_up.extend(replaced);
            let seen = seen_by(&body);
            mutations.push(NewMutation::new(tab.new_id(client), body.with_seen(&seen)));
        }
        self.input(
            client,
            || line.unwrap_or_default(),
            |core, now| {
                core.mutate(now, mutations, atomic);
            },
        )
    }

    fn favorite(&mut self, client: usize) -> MutationBody {
        let beat_id = BEATS[self.pick(BEATS.len())];
        let shown = self.clients[client]
            .core
            .entity(&favorite_of(beat_id))
            .present;
        MutationBody::SetFavorite(SetFavorite {
            beat_id: beat_id.to_owned(),
            favorite: !shown,
        })
    }

    fn order(&mut self, client: usize) -> MutationBody {
        let view = self.clients[client].core.orders().data;
        let open = view.iter().flat_map(|view| &view.rows);
        let open = open
            .into_iter()
            .find(|row| row.item.status == OrderStatus::Pending);
        let open = open.map(|row| row.item.id.clone());
        if let Some(order_id) = open.filter(|_| self.random.up_to(1) == 0) {
            return MutationBody::CancelOrder(CancelOrder { order_id });
        }
        MutationBody::PlaceOrder(PlaceOrder {
            order_id: self.clients[client].new_entity_id(client),
            lines: vec![OrderLineInput {
                beat_id: BEATS[self.pick(BEATS.len())].to_owned(),
                license: License::Basic,
            }],
            expected_total: money(1000),
        })
    }

    fn download(&mut self, client: usize) -> MutationBody {
        let view = self.clients[client].core.downloads().data;
        let open = view.iter().flat_map(|view| &view.rows);
        let open = open
            .into_iter()
            .find(|row| row.item.status == DownloadStatus::Queued);
        let open = open.map(|row| row.item.id.clone());
        if let Some(download_id) = open.filter(|_| self.random.up_to(1) == 0) {
            return MutationBody::CancelDownload(CancelDownload { download_id });
        }
        MutationBody::RequestDownload(RequestDownload {
            download_id: self.clients[client].new_entity_id(client),
            beat_id: BEATS[self.pick(BEATS.len())].to_owned(),
            format: DownloadFormat::Mp3,
        })
    }

    fn batch(&mut self, client: usize) -> Check {
        let atomic = self.is_one_in(2);
        let first = self.pick(BEATS.len());
        let mut bodies = Vec::new();
        for index in 0..=self.pick(3) {
            let beat_id = BEATS[(first + index) % BEATS.len()];
            let shown = self.clients[client]
                .core
                .entity(&favorite_of(beat_id))
                .present;
            bodies.push(MutationBody::SetFavorite(SetFavorite {
                beat_id: beat_id.to_owned(),
                favorite: !shown,
            }));
        }
        if self.is_one_in(2) {
            let order = self.order(client);
            bodies.push(order);
        }
        self.mutate(client, bodies, atomic)
    }

    /// The user cancels a mutation.
    fn cancel(&mut self, client: usize) -> Check {
        let log = self.clients[client].core.mutations();
        if log.pending.is_empty() {
            return Ok(());
        }
        let id = log.pending[self.pick(log.pending.len())].id.clone();
        // Other mutations of its batch, and those that depend on it, may go with it.
        let all = log.pending.iter().map(|pending| pending.id.clone());
        self.clients[client].record.given_up.extend(all);
        self.input(
            client,
            || format!("cancels {id}"),
            |core, now| core.cancel_mutation(now, &id),
        )
    }

    /// The user retries a failed mutation, or dismisses it.
    fn think_again(&mut self, client: usize) -> Check {
        let log = self.clients[client].core.mutations();
        let waiting = log.pending.iter().filter(|pending| waits_for_user(pending));
        let waiting = waiting.map(|pending| pending.id.clone());
        let failed = log
            .failures
            .iter()
            .map(|failure| failure.mutation.id.clone());
        let ids: Vec<_> = waiting.chain(failed).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let id = ids[self.pick(ids.len())].clone();
        if self.is_one_in(3) {
            return self.input(
                client,
                || format!("dismisses {id}"),
                |core, now| {
                    core.dismiss_failure(now, Some(&id));
                },
            );
        }
        self.retry(client, &id)
    }

    pub(crate) fn retry(&mut self, client: usize, id: &MutationId) -> Check {
        let tab = &mut self.clients[client];
        let new_id = tab.new_id(client);
        // An atomic batch is discarded and asked for again as a whole.
        let log = tab.core.mutations();
        let asked = log
            .pending
            .iter()
            .find(|pending| pending.id == *id)
            .map(|pending| pending.asked_at_ms);
        let batch_siblings = log
            .pending
            .iter()
            .filter(|pending| waits_for_user(pending) && Some(pending.asked_at_ms) == asked);
        let batch_siblings: Vec<_> = batch_siblings.collect();
        // What is asked for again replaces what waits about the same entity, as a click does.
        let replaced = batch_siblings
            .iter()
            .flat_map(|pending| replaced_by(tab, &body(&pending.mutation)));
        let replaced: Vec<_> = replaced.collect();
        let discarded = batch_siblings.iter().map(|pending| pending.id.clone());
        tab.record.given_up.extend(discarded.chain(replaced));
        tab.record.given_up.insert(id.clone());
        let number = tab.record.next_number();
        tab.record.asked.insert(id.clone(), number);
        self.input(
            client,
            || format!("retries {id}"),
            |core, now| {
                core.retry_mutation(now, id, &new_id);
            },
        )
    }

    /// Something that the page or the device notices.
    fn signal(&mut self, client: usize) -> Check {
        match self.random.up_to(11) {
            0..=1 => self.page(client, PageSignal::Hidden),
            2..=4 => self.page(client, PageSignal::Visible),
            5 => self.page(client, PageSignal::Focus),
            6 => self.page(client, PageSignal::Offline),
            7..=8 => self.page(client, PageSignal::Online),
            9 => self.page(client, PageSignal::Restored),
            _ => {
                // A sleep below three seconds does not show in the clocks.
                let ms = [800, 5000, 60_000, 700_000][self.pick(4)];
                let ms = 3100 + self.random.up_to(ms);
                let stops_clock = self.is_one_in(2);
                if self.is_one_in(2) {
                    self.kill(client);
                }
                self.suspend(client, ms, stops_clock);
                Ok(())
            }
        }
    }

    /// The network of a tab changes.
    fn break_way(&mut self, client: usize) -> Check {
        match self.random.up_to(23) {
            0..=2 => self.set_way(client, Way::Refusing),
            3..=5 => self.set_way(client, Way::BlackHole),
            6 => self.set_way(client, Way::Stalled),
            7 => self.set_way(client, Way::Fickle),
            8..=14 => self.set_way(client, Way::Up),
            15 => self.kill(client),
            16 => {
                if let Some(generation) = self.clients[client].socket {
                    self.cut((client, generation));
                }
            }
            17 => {
                self.clients[client].net.latency = [(5, 40), (100, 200), (400, 1600)][self.pick(3)]
            }
            18 => return self.say_nonsense(client),
            _ => self.break_calls(client),
        }
        if self.clients[client].net.way != Way::Fickle {
            return Ok(());
        }
        self.clients[client].record.disturb(self.now);
        Ok(())
    }

    fn break_calls(&mut self, client: usize) {
        for _ in 0..=self.pick(4) {
            let fault = match self.random.up_to(9) {
                0 => CallFault::LoseRequest,
                1..=3 => CallFault::LoseReply,
                4 => CallFault::Silence,
                5 => CallFault::Status(503, None),
                6 => CallFault::Status(429, Some(1000 + self.random.up_to(5000))),
                7 => CallFault::Status([500, 408][self.pick(2)], None),
                8 => CallFault::Garble,
                _ => CallFault::Slow(self.random.up_to(15_000)),
            };
            self.note(|| format!("{client} call fault {fault:?}"));
            self.clients[client].net.faults.push(fault);
        }
        self.clients[client].record.disturb(self.now);
    }

    /// A frame that makes no sense, or is not for this tab.
    fn say_nonsense(&mut self, client: usize) -> Check {
        let net = &self.clients[client].net;
        let open = self.clients[client]
            .socket
            .filter(|generation| net.passes(*generation));
        let Some(generation) = open else {
            return Ok(());
        };
        self.clients[client].record.disturb(self.now);
        let other = NAMES[1 - self.clients[client].user];
        let text = match self.random.up_to(5) {
            0 => "{".repeat(200),
            1 => "\u{0}\u{1}nonsense".to_owned(),
            2 => r#"{"push":{"channel":7}}"#.to_owned(),
            3 => r#"{"id":99999,"connect":{"ping":-1}}"#.to_owned(),
            4 => format!(
                r#"{{"push":{{"channel":"dashboard:orders#{other}","pub":{{"data":{{"x":1}},"offset":1}}}}}}"#
            ),
            _ => r#"{"push":{"channel":"dashboard:karma#ada","new":{}}}"#.to_owned(),
        };
        self.later(
            self.now,
            Event::Socket(client, generation, SocketEvent::Text(text)),
        );
        Ok(())
    }

    /// Something that changes without these tabs.
    fn elsewhere(&mut self) -> Check {
        let user = self.pick(2);
        let beat_id = BEATS[self.pick(BEATS.len())].to_owned();
        let favorite = self.is_one_in(2);
        let kind = self.random.up_to(5);
        if kind == 5 {
            self.change_catalog();
            return Ok(());
        }
        let events = self
            .server
            .users
            .commit(self.now, user, |model| match kind {
                0 => model.elsewhere(MutationBody::SetFavorite(SetFavorite { beat_id, favorite })),
                1 => model.log("elsewhere"),
                2 | 3 => {
                    let mut orders = model.orders.iter();
                    let open = orders.find(|order| {
                        !matches!(
                            order.status,
                            OrderStatus::Completed | OrderStatus::Cancelled
                        )
                    });
                    let step = open.map(|order| (order.id.clone(), after(order.status)));
                    step.map_or_else(Vec::new, |(id, status)| model.set_order(&id, status))
                }
                _ => {
                    let mut rows = model.downloads.iter();
                    let open = rows.find(|row| {
                        matches!(
                            row.status,
                            DownloadStatus::Queued | DownloadStatus::Preparing
                        )
                    });
                    let step = open.map(|row| (row.id.clone(), row.progress));
                    step.map_or_else(Vec::new, |(id, progress)| {
                        if progress >= 80 {
                            model.set_download(&id, DownloadStatus::Ready, 100)
                        } else {
                            model.set_download(&id, DownloadStatus::Preparing, progress + 40)
                        }
                    })
                }
            });
        self.make_public(user, &events);
        Ok(())
    }

    fn change_catalog(&mut self) {
        let index = self.pick(BEATS.len());
        self.server.users.plays[index] += 1;
        self.catalog_update_at = self.now;
        let update = BeatUpdate {
            id: BEATS[index].to_owned(),
            plays: Some(self.server.users.plays[index]),
            ..BeatUpdate::default()
        };
        self.server.change_catalog(&CatalogEvent {
            changes: vec![update],
        });
        self.post();
    }

    /// Something goes wrong at the server.
    fn break_server(&mut self, client: usize) -> Check {
        let socket = self.clients[client]
            .socket
            .map(|generation| (client, generation));
        let kind = self.random.up_to(13);
        self.note(|| format!("server fault {kind} for {client}"));
        if !(3..=4).contains(&kind) {
            self.clients[client].record.disturb(self.now);
        }
        match (kind, socket) {
            (0, _) => self.restart(true),
            (1..=2, _) => self.restart(false),
            (3, _) => self.server.users.back_up(),
            (4, _) if self.is_one_in(3) => {
                self.server.users.restore();
                self.restart(false);
            }
            (5, Some(socket)) => {
                let code = [3004, 3005, 3008, 3014, 4000, 1009][self.pick(6)];
                self.server.hang_up(socket, code);
            }
            (6, Some(socket)) => {
                let channel = self.clients[client].wanted.first().cloned();
                let code = [
                    unsubscribe_code::INSUFFICIENT_STATE,
                    unsubscribe_code::STATE_INVALIDATED,
                ][self.pick(2)];
                self.server
                    .unsubscribe(socket, &channel.unwrap_or_default(), code);
            }
            (7..=9, Some(socket)) => {
                let connection = self.server.connections.get_mut(&socket);
                connection
                    .into_iter()
                    .for_each(|connection| connection.loses_next = true);
                if self.is_one_in(2) {
                    self.change_catalog();
                    self.change_catalog();
                }
            }
            (10, _) => self.server.channels.trim(),
            (11, _) if self.is_one_in(2) => self.end_session(client),
            (12, _) => {
                let user = self.clients[client].user;
                let code =
                    [ProblemCode::QuotaExceeded, ProblemCode::NotFound][self.pick(2)].clone();
                let is_id = self.is_one_in(4);
                let user = &mut self.server.users.users[user];
                if is_id {
                    user.finds_id_taken = true;
                } else {
                    user.model.reject.push(code);
                }
            }
            (13, _) => {
                let resource = Resource::ALL[self.pick(5)];
                self.publish_nonsense(client, resource);
            }
            _ => {}
        }
        self.post();
        Ok(())
    }

    /// A publication that cannot be read, at its position in the stream.
    fn publish_nonsense(&mut self, client: usize, resource: Resource) {
        let name = NAMES[self.clients[client].user];
        let chore = Chore::Publish(resource.channel(name), r#"{"nonsense":1}"#.to_owned());
        self.later(self.now, Event::Chore(chore));
    }

    pub(crate) fn restart(&mut self, keeps_history: bool) {
        let down = [0, 300, 4000, 12_000][self.pick(4)];
        self.note(|| format!("server restarts for {down} ms, history {keeps_history}"));
        self.server.restart(self.now, down, keeps_history);
        self.post();
    }

    /// The server forgets a sign-in.
    fn end_session(&mut self, client: usize) {
        let browser = self.clients[client].browser;
        let Some(session) = self.sessions[browser] else {
            return;
        };
        for tab in self.clients.iter_mut().filter(|tab| tab.browser == browser) {
            tab.record.disturb(self.now);
        }
        if self.is_one_in(2) {
            self.server.end_session(session);
        } else {
            self.server.users.end_session(session);
        }
    }

    /// An outage of many minutes, in which nobody does anything.
    fn long_outage(&mut self, client: usize) -> Check {
        let way = [Way::Refusing, Way::BlackHole][self.pick(2)];
        self.set_way(client, way);
        // A dead connection is noticed after 32 s at the latest, and then the first minute has to go by.
        self.run(100_000)?;
        self.clients[client].record.attempts = 0;
        let ms = 120_000 + self.random.up_to(600_000);
        self.run(ms)?;
        self.check_attempts(client, ms)
    }
}

/// The next status of an order.
const fn after(status: OrderStatus) -> OrderStatus {
    match status {
        OrderStatus::Pending => OrderStatus::Processing,
        OrderStatus::Processing => OrderStatus::Paid,
        _ => OrderStatus::Completed,
    }
}
