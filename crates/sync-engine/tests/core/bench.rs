//! One core with a server that answers at once, and everything that it was asked for.

use dashboard_model::{Beat, Resource, SnapshotReply};
use sync_engine::http::{
    HttpFailure, HttpReply, HttpRequest, HttpResult, RequestId, SnapshotRequest,
};
use sync_engine::io::{PageSignal, SocketCommand, SocketEvent};
use sync_engine::schema::{ItemPage, ResourceId};
use sync_engine::settings::Settings;
use sync_engine::status::{ConnectionView, ShownState};
use sync_engine::time::Now;
use sync_engine::{Core, CoreOutput};
use sync_protocol::centrifugo::{Command, messages};
use sync_protocol::{ListSnapshot, Page, Session, Timestamp, Token, ValueSnapshot};

use super::tab::Tab;
use super::{schema, user};

/// What the server does with a connection that is opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sockets {
    Accepted,
    Rejected,
}

/// What the server knows of the position that a client names when it subscribes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum History {
    /// Everything after it: there is nothing.
    Kept,
    /// Nothing.
    Gone,
    /// It is of another epoch.
    OtherEpoch,
}

/// The bench.
pub(super) struct Bench {
    pub(super) core: Core,
    pub(super) now: Now,
    pub(super) sockets: Sockets,
    /// What every read is answered with, if not with the data.
    pub(super) reads_fail: Option<HttpFailure>,
    /// Whether reads are left without an answer; see [`Bench::answer`].
    pub(super) holds_reads: bool,
    /// By channel name: what the server knows; otherwise [`History::Kept`].
    pub(super) histories: Vec<(String, History)>,
    /// Version and epoch of all resources.
    pub(super) version: u64,
    /// How far the server's clock is ahead, in milliseconds.
    pub(super) ahead_ms: i64,
    /// How often the one beat of the catalog was played.
    pub(super) plays: u64,
    /// Every read: when it was asked for, and of what.
    pub(super) reads: Vec<(u64, Vec<Resource>)>,
    /// Reads without an answer.
    pub(super) held: Vec<(RequestId, SnapshotRequest)>,
    /// Every status change: its new status, code and reason.
    pub(super) changes: Vec<(&'static str, u32, String)>,
    pub(super) opened: usize,
    pub(super) socket: Option<u64>,
}

pub(super) fn busy(retry_after_ms: Option<u64>) -> HttpFailure {
    HttpFailure::Status {
        status: 503,
        problem: None,
        retry_after_ms,
    }
}

impl Bench {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            core: Core::new(&schema(), settings, 5),
            now: Now {
                mono_ms: 5000,
                wall_ms: 1_763_892_000_000,
            },
            sockets: Sockets::Accepted,
            reads_fail: None,
            holds_reads: false,
            histories: Vec::new(),
            version: 1,
            ahead_ms: 0,
            plays: 0,
            reads: Vec::new(),
            held: Vec::new(),
            changes: Vec::new(),
            opened: 0,
            socket: None,
        }
    }

    /// Ada is signed in and looks at a tab, live for ten seconds.
    pub(super) fn live(tab: Tab) -> Self {
        let mut bench = Self::new(&Settings::default());
        bench.sign_in(tab);
        bench.run(10_000);
        assert_eq!(bench.shown(), ShownState::Live);
        bench.reads.clear();
        bench.changes.clear();
        bench
    }

    pub(super) fn sign_in(&mut self, tab: Tab) {
        self.open(tab);
        self.give(|core, now| core.sign_in(now, user("ada")));
    }

    /// Looks at a tab, beside what is looked at already.
    pub(super) fn open(&mut self, tab: Tab) {
        self.give(|core, now| core.retain(now, &tab.topics()));
    }

    /// Goes from one tab to another.
    pub(super) fn switch(&mut self, from: Tab, to: Tab) {
        self.give(|core, now| {
            core.retain(now, &to.topics());
            core.release(now, &from.topics());
        });
    }

    pub(super) fn give(&mut self, input: impl FnOnce(&mut Core, Now)) {
        input(&mut self.core, self.now);
        while let Some(output) = self.core.poll_output() {
            self.act(output);
        }
    }

    pub(super) fn page(&mut self, signal: PageSignal) {
        self.give(|core, now| core.handle_page(now, signal));
    }

    /// Lets time go by, with a ping of the server every 25 s.
    pub(super) fn run(&mut self, ms: u64) {
        let end = self.now.mono_ms + ms;
        loop {
            let ping = (self.now.mono_ms / 25_000 + 1) * 25_000;
            let alarm = self.core.next_deadline();
            let at = alarm.map_or(ping, |alarm| alarm.min(ping));
            if at > end {
                break;
            }
            self.now = self.now.after(at.saturating_sub(self.now.mono_ms));
            if at == ping {
                self.say("{}");
            }
            self.give(Core::handle_timeout);
        }
        self.now = self.now.after(end - self.now.mono_ms);
        self.give(Core::handle_timeout);
    }

    /// The connection is lost, and the server takes no other.
    pub(super) fn lose_sockets(&mut self) {
        self.sockets = Sockets::Rejected;
        self.cut(1006, "");
    }

    pub(super) fn cut(&mut self, code: u16, reason: &str) {
        if let Some(generation) = self.socket.take() {
            let reason = reason.to_owned();
            let event = SocketEvent::Closed { code, reason };
            self.give(|core, now| core.handle_socket(now, generation, event));
        }
    }

    pub(super) fn say(&mut self, text: &str) {
        if let Some(generation) = self.socket {
            let event = SocketEvent::Text(text.to_owned());
            self.give(|core, now| core.handle_socket(now, generation, event));
        }
    }

    /// Answers the reads that were held, oldest first.
    pub(super) fn answer(&mut self, result: &Result<(), HttpFailure>) {
        for (id, request) in std::mem::take(&mut self.held) {
            let result = match result {
                Ok(()) => Ok(self.snapshot(&request)),
                Err(failure) => Err(failure.clone()),
            };
            self.give(|core, now| core.handle_http(now, id, result));
        }
    }

    pub(super) fn view(&self) -> std::rc::Rc<ConnectionView> {
        self.core.connection()
    }

    pub(super) fn shown(&self) -> ShownState {
        self.view().shown
    }

    /// How old the data on screen are said to be, in milliseconds.
    pub(super) fn age_ms(&self) -> Option<u64> {
        Some(self.now.since(self.view().last_heartbeat?))
    }

    /// The reads since the last call: the resources that each asked for.
    pub(super) fn take_reads(&mut self) -> Vec<Vec<Resource>> {
        let reads = std::mem::take(&mut self.reads);
        reads.into_iter().map(|(_, resources)| resources).collect()
    }

    fn act(&mut self, output: CoreOutput) {
        match output {
            CoreOutput::Socket(SocketCommand::Open { generation, .. }) => {
                self.opened += 1;
                let event = if self.sockets == Sockets::Accepted {
                    self.socket = Some(generation);
                    SocketEvent::Opened
                } else {
                    SocketEvent::Failed
                };
                self.give(|core, now| core.handle_socket(now, generation, event));
            }
            CoreOutput::Socket(SocketCommand::Send { text, .. }) => {
                let replies: Vec<_> = messages(&text)
                    .filter_map(|line| self.reply(line))
                    .collect();
                // Each in a message of its own, as a server sends them.
                for reply in replies {
                    self.say(&reply);
                }
            }
            CoreOutput::Socket(SocketCommand::Close { generation, .. }) => {
                self.socket = self.socket.filter(|open| *open != generation);
            }
            CoreOutput::Http { id, request } => {
                if let Some(result) = self.answer_to(id, request) {
                    self.give(|core, now| core.handle_http(now, id, result));
                }
            }
            CoreOutput::StatusChanged(change) => {
                let to = change.to.as_str();
                self.changes.push((to, change.code, change.reason));
            }
            CoreOutput::CancelHttp { .. }
            | CoreOutput::RequestFrame
            | CoreOutput::Changed(_)
            | CoreOutput::Applied(_)
            | CoreOutput::SignedIn(_)
            | CoreOutput::SignedOut => {}
        }
    }

    fn reply(&self, line: &str) -> Option<String> {
        let command: Command = serde_json::from_str(line).expect("the client writes JSON");
        let result = if command.connect.is_some() {
            r#""connect":{"client":"c","ping":25,"pong":true}"#.to_owned()
        } else if let Some(subscribe) = command.subscribe {
            let known = self.histories.iter();
            let mut known = known.filter(|(name, _)| *name == subscribe.channel);
            let history = known.next().map_or(History::Kept, |(_, history)| *history);
            let epoch = if history == History::OtherEpoch {
                "e2"
            } else {
                "e1"
            };
            let recovered = subscribe.recover && history == History::Kept;
            let offset = subscribe.offset;
            format!(
                r#""subscribe":{{"recoverable":true,"epoch":"{epoch}","offset":{offset},"recovered":{recovered}}}"#
            )
        } else if command.unsubscribe.is_some() {
            r#""unsubscribe":{}"#.to_owned()
        } else if command.refresh.is_some() {
            r#""refresh":{"expires":true,"ttl":600000}"#.to_owned()
        } else if command.rpc.is_some() {
            r#""rpc":{}"#.to_owned()
        } else {
            return None;
        };
        Some(format!(r#"{{"id":{},{result}}}"#, command.id))
    }

    /// The time by the server's clock in `ms` milliseconds.
    fn server_time(&self, ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(self.now.wall_ms + self.ahead_ms + ms)
    }

    fn answer_to(&mut self, id: RequestId, request: HttpRequest) -> Option<HttpResult> {
        match request {
            HttpRequest::Token => Some(Ok(HttpReply::Token(Token {
                token: "jwt".to_owned(),
                expires_at: self.server_time(600_000_000),
                url: None,
                server_time: Some(self.server_time(0)),
            }))),
            HttpRequest::Session => Some(Ok(HttpReply::Session(Session {
                user: user("ada"),
                ..Session::default()
            }))),
            HttpRequest::Snapshot(request) => {
                let asked = request.resources.iter().map(|(id, _)| resource_of(*id));
                self.reads.push((self.now.mono_ms, asked.collect()));
                if self.holds_reads {
                    self.held.push((id, request));
                    return None;
                }
                match &self.reads_fail {
                    Some(failure) => Some(Err(failure.clone())),
                    None => Some(Ok(self.snapshot(&request))),
                }
            }
            HttpRequest::Query { .. } => Some(Ok(HttpReply::Query(ItemPage::new(Page {
                items: vec![Beat {
                    id: "b".to_owned(),
                    plays: self.plays,
                    ..Beat::default()
                }],
                next_cursor: None,
            })))),
            HttpRequest::Mutations(_) | HttpRequest::Older { .. } => None,
        }
    }

    fn snapshot(&self, request: &SnapshotRequest) -> HttpReply {
        let version = self.version;
        let mut reply = SnapshotReply {
            epoch: "d1".to_owned(),
            version,
            ..SnapshotReply::default()
        };
        let differing = request.resources.iter();
        let differing = differing.filter(|(_, known)| *known != Some(version));
        let resources = &mut reply.resources;
        let mut is_same = true;
        for (resource, _) in differing {
            is_same = false;
            match resource_of(*resource) {
                Resource::Favorites => {
                    resources.favorites = Some(ListSnapshot {
                        ids: Some(Vec::new()),
                        ..list(version)
                    });
                }
                Resource::Orders => resources.orders = Some(list(version)),
                Resource::Downloads => resources.downloads = Some(list(version)),
                Resource::Activity => resources.activity = Some(list(version)),
                Resource::Stats => {
                    resources.stats = Some(ValueSnapshot {
                        version,
                        ..ValueSnapshot::default()
                    });
                }
            }
        }
        let snapshot = (!is_same).then(|| dashboard_model::snapshot::decoded(reply));
        HttpReply::Snapshot(snapshot.map(Box::new))
    }
}

fn list<T>(version: u64) -> ListSnapshot<T> {
    ListSnapshot {
        version,
        items: Vec::new(),
        next_cursor: None,
        ids: None,
    }
}

fn resource_of(id: ResourceId) -> Resource {
    Resource::of(id).expect("only resources of the dashboard are read")
}
