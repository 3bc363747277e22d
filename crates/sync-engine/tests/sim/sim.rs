//! Tabs, networks and a server under one virtual clock and one seed.

use std::collections::BTreeMap;

use dashboard_model::{Event as DataEvent, Resource};
use sync_engine::Core;
use sync_engine::CoreOutput;
use sync_engine::http::{HttpFailure, HttpReply, HttpResult, RequestId};
use sync_engine::io::{ConnectionStatus, PageSignal, SocketCommand, SocketEvent};
use sync_engine::random::Random;
use sync_engine::settings::Settings;
use sync_engine::time::Now;
use sync_engine::view::Key;

use crate::client::{Client, cut, words};
use crate::network::Call;
use crate::server::{Chore, Out, Rules, Server, Socket};
use crate::trace::Trace;
use crate::users::profile;

/// An animation frame, in milliseconds.
const FRAME_MS: u64 = 16;

/// The result of a step: nothing, or the sentence that says what does not hold.
pub(crate) type Check = Result<(), String>;

/// Something that happens at a later time.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A socket reaches the server.
    Dialled(Socket),
    /// A frame reaches the server.
    Heard(Socket, String),
    /// The end of a socket reaches the server.
    HungUp(Socket),
    /// The network cuts a socket.
    Cut(Socket),
    /// A socket's event reaches a tab.
    Socket(usize, u64, SocketEvent),
    /// A slow call goes on.
    Sent(Box<Call>),
    /// A call reaches the server.
    Asked(Box<Call>),
    /// An answer reaches a tab.
    Answered(usize, RequestId, HttpResult),
    /// The server has something to do.
    Chore(Chore),
    /// A tab draws.
    Paint(usize),
    /// A tab that was asleep goes on.
    Awake(usize),
    /// The counters of a tab have to be right by now.
    Recount(usize),
    /// A half-open socket has to be noticed by now.
    Noticed(usize, u64),
    /// A tab has to be live by now, if nothing happened since.
    Healed(usize, u64),
}

impl Event {
    /// The tab that it reaches.
    const fn reaches(&self) -> Option<usize> {
        match self {
            Self::Socket(client, ..) | Self::Answered(client, ..) | Self::Paint(client) => {
                Some(*client)
            }
            _ => None,
        }
    }
}

/// The simulation.
pub(crate) struct Sim {
    pub(crate) now: u64,
    pub(crate) clients: Vec<Client>,
    /// The sign-in of each browser.
    pub(crate) sessions: Vec<Option<u64>>,
    pub(crate) server: Server,
    pub(crate) random: Random,
    pub(crate) trace: Trace,
    queue: BTreeMap<(u64, u64), Event>,
    sequence: u64,
    /// How often alarms rang without time going by.
    rings: u32,
    /// When the catalog last changed.
    pub(crate) catalog_update_at: u64,
    /// Inputs that the engines were given.
    pub(crate) inputs: u64,
}

impl Sim {
    /// Tabs of the users named by `tabs` (whose, in which browser), all signed out.
    pub(crate) fn new(
        seed: u64,
        rules: Rules,
        settings: &Settings,
        tabs: &[(usize, usize)],
        trace: Trace,
    ) -> Self {
        let clients = tabs.iter().zip(0..).map(|((user, browser), index)| {
            let seed = seed.wrapping_mul(1000).wrapping_add(index);
            Client::new(*user, *browser, settings, seed)
        });
        Self {
            now: 0,
            clients: clients.collect(),
            sessions: vec![None; tabs.len()],
            server: Server::new(rules, seed ^ 0x5eed),
            random: Random::new(seed),
            trace,
            queue: BTreeMap::new(),
            sequence: 0,
            rings: 0,
            catalog_update_at: 0,
            inputs: 0,
        }
    }

    /// A line of the trace.
    pub(crate) fn note(&self, line: impl FnOnce() -> String) {
        self.trace.note(self.now, line);
    }

    pub(crate) fn later(&mut self, at: u64, event: Event) {
        self.sequence += 1;
        self.queue.insert((at.max(self.now), self.sequence), event);
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, ms: u64) -> Check {
        let end = self.now + ms;
        while let Some((at, ringing)) = self.next().filter(|(at, _)| *at <= end) {
            if at > self.now {
                self.rings = 0;
            }
            self.now = at;
            match ringing {
                Some(client) => self.ring(client)?,
                None => {
                    let (_, event) = self.queue.pop_first().expect("it was just seen");
                    self.take(event)?;
                }
            }
        }
        self.now = end;
        self.watch_all()
    }

    /// When something happens next, and whose alarm it is, if it is one.
    fn next(&self) -> Option<(u64, Option<usize>)> {
        let event = self.queue.keys().next().map(|(at, _)| (*at, None));
        let alarms = self.clients.iter().enumerate();
        let alarms = alarms.filter_map(|(index, client)| Some((client.alarm?, Some(index))));
        event.into_iter().chain(alarms).min_by_key(|(at, _)| *at)
    }

    fn ring(&mut self, client: usize) -> Check {
        self.rings += 1;
        if self.rings > 100 {
            return Err(format!("{client}: an alarm that rings for ever"));
        }
        self.input(client, || "alarm".to_owned(), Core::handle_timeout)
    }

    fn take(&mut self, event: Event) -> Check {
        if let Some(until) = event
            .reaches()
            .and_then(|client| self.clients[client].asleep_until)
        {
            self.later(until, event);
            return Ok(());
        }
        match event {
            Event::Dialled(socket) => self.accept(socket),
            Event::Heard(socket, text) => {
                self.note(|| format!("server hears {} {}", socket.0, cut(&text)));
                self.server.heard(self.now, socket, &text);
            }
            Event::HungUp(socket) => self.server.hung_up(socket),
            Event::Cut(socket) => self.cut(socket),
            Event::Socket(client, generation, event) => {
                self.handle_socket(client, generation, event)?
            }
            Event::Sent(call) => self.go_on(call),
            Event::Asked(call) => self.serve(&call)?,
            Event::Answered(client, id, result) => self.answer(client, id, result)?,
            Event::Chore(chore) => self.chore(chore),
            Event::Paint(client) => self.paint(client)?,
            Event::Awake(client) => self.awake(client)?,
            Event::Recount(client) if self.clients[client].is_awake() => {
                self.check_counter(client)?;
                self.check_late_stats(client)?;
            }
            Event::Recount(_) => {}
            Event::Noticed(client, generation) => self.check_noticed(client, generation)?,
            Event::Healed(client, since) => self.check_healed(client, since)?,
        }
        self.post();
        self.check_server()
    }

    fn chore(&mut self, chore: Chore) {
        if self.server.is_up(self.now) {
            self.server.do_chore(self.now, chore);
        } else if matches!(chore, Chore::Publish(..)) {
            let at = self.server.up_at;
            self.later(at, Event::Chore(chore));
        }
    }

    /// Sends what the server wants to say, and plans what it wants to do.
    pub(crate) fn post(&mut self) {
        for out in std::mem::take(&mut self.server.out) {
            match out {
                Out::Say(socket, text) => self.say(socket, text),
                Out::HangUp(socket, code) => {
                    self.note(|| format!("server closes {} with {code}", socket.0));
                    self.hang_up(socket, code);
                }
                Out::Later(at, chore) => self.later(at, Event::Chore(chore)),
            }
        }
    }

    fn handle_socket(&mut self, client: usize, generation: u64, event: SocketEvent) -> Check {
        let line = self.trace.is_on().then(|| words(&event));
        let tab = &self.clients[client];
        let held = tab.socket;
        // An input that arrives when something is due triggers that too.
        let due = tab.core.next_deadline();
        let is_due = due.is_some_and(|at| at <= tab.clocks(self.now).mono_ms);
        self.input(
            client,
            || format!("socket {generation} {}", line.unwrap_or_default()),
            |core, now| core.handle_socket(now, generation, event),
        )?;
        let tab = &self.clients[client];
        // Right after a sleep, any input may lead to a new attempt.
        let is_calm = !is_due && tab.record.disturbed_at + 100 < self.now;
        if is_calm && held != Some(generation) && tab.socket != held {
            return Err(format!(
                "{client}: listens to socket {generation}, which it closed"
            ));
        }
        Ok(())
    }

    /// An answer arrives, maybe of an aborted call.
    fn answer(&mut self, client: usize, id: RequestId, result: HttpResult) -> Check {
        let tab = &mut self.clients[client];
        let is_waited_for = tab.calls.remove(&id);
        let is_read = matches!(result, Ok(HttpReply::Snapshot(_)));
        if is_waited_for && is_read {
            tab.record.read_at = self.now;
        }
        if is_waited_for {
            match &result {
                Err(HttpFailure::Malformed { .. }) => tab.record.is_intercepted = true,
                Err(HttpFailure::Network | HttpFailure::Timeout) => {}
                Err(HttpFailure::Status { .. }) | Ok(_) => {
                    tab.record.heard_at = self.now;
                    tab.record.is_intercepted = false;
                }
            }
        }
        let line = self.trace.is_on().then(|| cut(&format!("{result:?}")));
        self.input(
            client,
            || format!("answer {} {}", id.0, line.unwrap_or_default()),
            |core, now| core.handle_http(now, id, result),
        )
    }

    fn paint(&mut self, client: usize) -> Check {
        let tab = &mut self.clients[client];
        if !tab.visible || !std::mem::take(&mut tab.wants_paint) {
            return Ok(());
        }
        self.input(client, || "frame".to_owned(), Core::handle_frame)
    }

    /// Gives an engine one input, does what it wants done, and checks what must hold.
    pub(crate) fn input(
        &mut self,
        client: usize,
        what: impl FnOnce() -> String,
        act: impl FnOnce(&mut Core, Now),
    ) -> Check {
        self.inputs += 1;
        self.note(|| format!("{client} > {}", what()));
        let tab = &mut self.clients[client];
        let clocks = tab.clocks(self.now);
        act(&mut tab.core, clocks);
        while let Some(output) = self.clients[client].core.poll_output() {
            self.perform(client, output)?;
        }
        self.clients[client].set_alarm(self.now);
        self.check(client)
    }

    fn perform(&mut self, client: usize, output: CoreOutput) -> Check {
        self.note(|| format!("{client} < {}", cut(&format!("{output:?}"))));
        let tab = &mut self.clients[client];
        match output {
            CoreOutput::Socket(SocketCommand::Open { generation, .. }) => {
                if let Some(held) = tab.socket.replace(generation) {
                    return Err(format!("{client}: opens {generation} and holds {held}"));
                }
                tab.record.opened(self.now);
                self.open(client, generation);
            }
            CoreOutput::Socket(SocketCommand::Send { generation, text }) => {
                self.send(client, generation, text);
            }
            CoreOutput::Socket(SocketCommand::Close { generation, .. }) => {
                if tab.socket == Some(generation) {
                    tab.socket = None;
                }
                self.close(client, generation);
            }
            CoreOutput::Http { id, request } => {
                if !tab.calls.insert(id) {
                    return Err(format!("{client}: call {} is made twice", id.0));
                }
                tab.record.called(self.now, &request);
                self.call(client, id, request);
            }
            CoreOutput::CancelHttp { id } => {
                tab.calls.remove(&id);
            }
            CoreOutput::RequestFrame => {
                tab.wants_paint = true;
                let at = self.now + FRAME_MS;
                self.later(at, Event::Paint(client));
            }
            CoreOutput::Changed(Key::Resource(id)) => tab.record.changed.extend(Resource::of(id)),
            CoreOutput::Changed(Key::Mutations) => tab.record.log_changed = true,
            CoreOutput::StatusChanged(change) if change.to == ConnectionStatus::Connected => {
                // The server said so, and may have been cut off since, which takes time to be noticed.
                let unlinked = &mut tab.record.unlinked_since;
                *unlinked = unlinked.map(|_| self.now);
            }
            CoreOutput::Changed(_)
            | CoreOutput::Applied(_)
            | CoreOutput::StatusChanged(_)
            | CoreOutput::SignedIn(_) => {}
            CoreOutput::SignedOut => {
                tab.signed_in = false;
                tab.record.signed_out();
                self.check_signed_out(client)?;
            }
        }
        Ok(())
    }

    // What users and devices do.

    /// A user signs in on a tab; the sign-in is the browser's.
    pub(crate) fn sign_in(&mut self, client: usize, user: usize) -> Check {
        let browser = self.clients[client].browser;
        let known = self.sessions[browser].filter(|session| {
            let owner = self.server.users.owner(*session);
            owner == Some(user)
        });
        if known.is_none() {
            if !self.server.is_up(self.now)
                || self.clients[client].net.way != crate::network::Way::Up
            {
                return Ok(());
            }
            self.sign_out_browser(browser)?;
            let (session, events) = self.server.users.sign_in(self.now, user);
            self.sessions[browser] = Some(session);
            self.make_public(user, &events);
        }
        let tab = &mut self.clients[client];
        if tab.user != user {
            // What an ended session left is kept for its user alone.
            tab.record.signed_out();
        }
        tab.look_at(user, tab.tab);
        (tab.signed_in, tab.switched_off) = (true, false);
        tab.record.begin(self.now);
        self.input(
            client,
            || format!("signs in as {user}"),
            |core, now| core.sign_in(now, profile(user)),
        )
    }

    /// A user signs out: the server ends the sign-in, and all tabs of the browser sign out.
    pub(crate) fn sign_out_browser(&mut self, browser: usize) -> Check {
        if let Some(session) = self.sessions[browser].take() {
            self.server.end_session(session);
            self.post();
        }
        for client in 0..self.clients.len() {
            let tab = &mut self.clients[client];
            if tab.browser != browser || !tab.signed_in {
                continue;
            }
            (tab.signed_in, tab.switched_off) = (false, false);
            tab.record.signed_out();
            if !tab.is_awake() {
                tab.hears_of_it_later = true;
            } else {
                self.input(client, || "signs out".to_owned(), Core::sign_out)?;
            }
        }
        Ok(())
    }

    /// Events of a commit go out.
    pub(crate) fn make_public(&mut self, user: usize, events: &[DataEvent]) {
        self.server.make_public(self.now, user, events);
        self.post();
    }

    /// The page of a tab notices something.
    pub(crate) fn page(&mut self, client: usize, signal: PageSignal) -> Check {
        let now = self.now;
        let tab = &mut self.clients[client];
        match signal {
            PageSignal::Visible => {
                if !tab.visible {
                    // What its slow timers did not notice is to be noticed from now on.
                    tab.record.unlinked_since = tab.record.unlinked_since.map(|_| now);
                }
                tab.set_visible(now, true);
                tab.record.tab_since = now;
                // From now on the counters are on screen.
                tab.record.changed.push(Resource::Stats);
            }
            PageSignal::Hidden => tab.set_visible(now, false),
            PageSignal::Online => {
                if !tab.online {
                    tab.online_since = now;
                }
                tab.online = true;
            }
            PageSignal::Offline => tab.online = false,
            PageSignal::Focus | PageSignal::Resumed | PageSignal::Restored => {}
        }
        if !matches!(signal, PageSignal::Hidden | PageSignal::Offline) {
            self.expect_notice(client);
        }
        self.input(
            client,
            || format!("page {signal:?}"),
            |core, now| core.handle_page(now, signal),
        )?;
        if signal == PageSignal::Visible && self.clients[client].wants_paint {
            let at = self.now + FRAME_MS;
            self.later(at, Event::Paint(client));
        }
        Ok(())
    }

    /// A device falls asleep: nothing reaches it, nothing runs on it.
    pub(crate) fn suspend(&mut self, client: usize, ms: u64, stops_clock: bool) {
        self.note(|| format!("{client} sleeps for {ms} ms"));
        let until = self.now + ms;
        let tab = &mut self.clients[client];
        tab.asleep_until = Some(until);
        if stops_clock {
            tab.mono_lag += ms;
        }
        tab.alarm = tab.alarm.map(|_| until);
        tab.record.disturb(until);
        self.later(until, Event::Awake(client));
    }

    fn awake(&mut self, client: usize) -> Check {
        let tab = &mut self.clients[client];
        tab.asleep_until = None;
        tab.set_alarm(self.now);
        tab.record.restart(self.now);
        if std::mem::take(&mut tab.hears_of_it_later) {
            self.input(client, || "signs out".to_owned(), Core::sign_out)?;
        }
        // Browsers send several signals, some, or none.
        for signal in [PageSignal::Resumed, PageSignal::Visible, PageSignal::Focus] {
            if self.random.up_to(2) == 0 {
                self.page(client, signal)?;
            }
        }
        Ok(())
    }
}
