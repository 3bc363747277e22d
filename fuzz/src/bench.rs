//! The engine between a hostile server and a clock that the fuzzer moves.

use std::collections::BTreeSet;
use std::rc::Rc;

use dashboard_model::CatalogUpdates;
use sync_engine::http::{HttpFailure, HttpReply, HttpRequest, RequestId, Snapshot};
use sync_engine::io::{PageSignal, SocketCommand, SocketEvent};
use sync_engine::settings::Settings;
use sync_engine::time::Now;
use sync_engine::topics::TopicSet;
use sync_engine::{Core, CoreOutput};
use sync_protocol::{Timestamp, Token, User};

use crate::Picks;

/// Outputs of one input, past which the engine counts as running in a circle.
const OUTPUTS_MAX: usize = 10_000;
/// Wall clock at the beginning: 2026-11-23T10:00:00Z.
const START_MS: i64 = 1_795_428_000_000;

/// The engine, and the sockets and calls that it holds.
#[derive(Debug)]
pub struct Bench {
    core: Core,
    now: Now,
    /// The socket that is there, and whether it was opened.
    socket: Option<u64>,
    is_open: bool,
    calls: Vec<(RequestId, HttpRequest)>,
    /// Ids of commands that were sent and not answered.
    sent: BTreeSet<u64>,
    offsets: u64,
}

impl Bench {
    /// Signed in, connected, with everything subscribed that a screen can need.
    #[must_use]
    pub fn live() -> Self {
        let schema = Rc::new(dashboard_model::schema());
        let topics = TopicSet {
            resources: schema.all_resources(),
            feeds: [schema.feed_id::<CatalogUpdates>()].into_iter().collect(),
        };
        let mut bench = Self {
            core: Core::new(&schema, &Settings::default(), 7),
            now: Now {
                mono_ms: 5000,
                wall_ms: START_MS,
            },
            socket: None,
            is_open: false,
            calls: Vec::new(),
            sent: BTreeSet::new(),
            offsets: 0,
        };
        let user = User {
            id: "42".to_owned(),
            email: "ada@demo.test".to_owned(),
            name: "Ada".to_owned(),
        };
        bench.input(|core, now| {
            core.sign_in(now, user);
            core.retain(now, &topics);
        });
        bench.serve();
        bench
    }

    /// Lets the server answer everything honestly.
    pub fn serve(&mut self) {
        for _ in 0..8 {
            while let Some((id, request)) = self.calls.pop() {
                let reply = self.answer(&request);
                self.input(|core, now| core.handle_http(now, id, reply));
            }
            if self.socket.is_some() && !self.is_open {
                self.is_open = true;
                self.notify(SocketEvent::Opened);
            }
            for id in std::mem::take(&mut self.sent) {
                // The first command of a connection is `connect`.
                let reply = if id == 1 {
                    r#""connect":{"client":"c","ping":25,"pong":true}"#
                } else {
                    r#""subscribe":{"recoverable":true,"epoch":"s","offset":0}"#
                };
                self.say(&format!("{{\"id\":{id},{reply}}}"));
            }
        }
    }

    /// The server says this over the socket that is open.
    pub fn say(&mut self, frame: &str) {
        self.notify(SocketEvent::Text(frame.to_owned()));
    }

    /// The server publishes this in a channel of the user, as the next one of its stream.
    pub fn publish(&mut self, resource: &str, data: &str) {
        self.offsets += 1;
        let offset = self.offsets;
        self.say(&format!(
            r#"{{"push":{{"channel":"dashboard:{resource}#42","pub":{{"data":{data},"offset":{offset}}}}}}}"#
        ));
    }

    /// Time passes.
    pub fn pass(&mut self, ms: u64) {
        self.now.mono_ms += ms;
        self.now.wall_ms += i64::try_from(ms).unwrap_or(0);
        self.input(Core::handle_timeout);
        self.input(Core::handle_frame);
    }

    /// Something else happens, by these choices.
    pub fn happen(&mut self, picks: &mut Picks<'_>) {
        match picks.below(8) {
            0 => self.serve(),
            1 => self.fail_calls(picks),
            2 => {
                let code = picks.one_of(&[1000, 1001, 1006, 1009, 3001, 3500, 4500]);
                let reason = String::new();
                self.notify(SocketEvent::Closed { code, reason });
            }
            3 => self.notify(SocketEvent::Failed),
            4 => {
                let signal = picks.one_of(&[
                    PageSignal::Online,
                    PageSignal::Offline,
                    PageSignal::Visible,
                    PageSignal::Hidden,
                    PageSignal::Focus,
                    PageSignal::Restored,
                ]);
                self.input(|core, now| core.handle_page(now, signal));
            }
            5 => self.input(Core::reconnect),
            6 => self.pass(1000 * picks.number().min(1000)),
            _ => self.pass(picks.number().min(400)),
        }
    }

    fn fail_calls(&mut self, picks: &mut Picks<'_>) {
        let status = picks.one_of(&[401, 403, 404, 429, 500, 503]);
        for (id, _) in std::mem::take(&mut self.calls) {
            let failure = match picks.below(3) {
                0 => HttpFailure::Network,
                1 => HttpFailure::Malformed { status: 200 },
                _ => HttpFailure::Status {
                    status,
                    problem: None,
                    retry_after_ms: Some(picks.number()),
                },
            };
            self.input(|core, now| core.handle_http(now, id, Err(failure)));
        }
    }

    fn answer(&self, request: &HttpRequest) -> Result<HttpReply, HttpFailure> {
        match request {
            HttpRequest::Token => Ok(HttpReply::Token(Token {
                token: "t".to_owned(),
                expires_at: Timestamp::from_unix_ms(self.now.wall_ms + 600_000),
                url: None,
                server_time: None,
            })),
            HttpRequest::Snapshot(_) => Ok(HttpReply::Snapshot(Some(Box::new(Snapshot {
                epoch: "E".to_owned(),
                ..Snapshot::default()
            })))),
            HttpRequest::Session
            | HttpRequest::Mutations(_)
            | HttpRequest::Query { .. }
            | HttpRequest::Older { .. } => Err(HttpFailure::Network),
        }
    }

    fn notify(&mut self, event: SocketEvent) {
        if let Some(generation) = self.socket {
            if matches!(event, SocketEvent::Closed { .. }) {
                self.socket = None;
            }
            self.input(|core, now| core.handle_socket(now, generation, event));
        }
    }

    /// Gives an input and takes the outputs.
    ///
    /// # Panics
    /// The engine opens a second socket beside one that is open, runs in a circle, or stops wanting time.
    fn input(&mut self, give: impl FnOnce(&mut Core, Now)) {
        give(&mut self.core, self.now);
        let mut count = 0;
        while let Some(output) = self.core.poll_output() {
            count += 1;
            assert!(count < OUTPUTS_MAX, "an input never ends");
            self.take(output);
        }
        if self.core.user().is_some() {
            assert!(self.core.next_deadline().is_some(), "nothing drives it");
        }
    }

    fn take(&mut self, output: CoreOutput) {
        match output {
            CoreOutput::Socket(SocketCommand::Open { generation, .. }) => {
                let open = self.socket.replace(generation);
                assert_eq!(open, None, "two sockets at once");
                self.is_open = false;
                self.sent.clear();
            }
            CoreOutput::Socket(SocketCommand::Close { generation, .. }) => {
                self.socket = self.socket.filter(|open| *open != generation);
            }
            CoreOutput::Socket(SocketCommand::Send { text, .. }) => self.sent.extend(ids(&text)),
            CoreOutput::Http { id, request } => self.calls.push((id, request)),
            CoreOutput::CancelHttp { id } => self.calls.retain(|(call, _)| *call != id),
            CoreOutput::RequestFrame
            | CoreOutput::Changed(_)
            | CoreOutput::Applied(_)
            | CoreOutput::StatusChanged(_)
            | CoreOutput::SignedIn(_)
            | CoreOutput::SignedOut => {}
        }
    }
}

/// The ids of the commands in a frame.
fn ids(frame: &str) -> impl Iterator<Item = u64> + '_ {
    frame.split("\"id\":").skip(1).filter_map(|rest| {
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok()
    })
}
