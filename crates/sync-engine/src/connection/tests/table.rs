//! The table of states and inputs in the documentation, walked cell by cell.
//!
//! A new state or input does not compile here until it has a name, and fails until it has its row or column.

use std::collections::{BTreeMap, BTreeSet};

use sync_protocol::{Timestamp, Token};

use super::sim::{favorites, orders};
use crate::connection::{
    Connection, ConnectionFault, ConnectionInput, ConnectionOutput, OffReason, State,
    transport::Stage,
};
use crate::http::{HttpFailure, HttpReply, HttpRequest};
use crate::io::{PageSignal, SocketCommand, SocketEvent};
use crate::settings::Settings;
use crate::time::Now;

const TABLE: &str = include_str!("../table.md");

/// Each column: its name, and how to get there.
const COLUMNS: [&str; 10] = [
    "signed out",
    "off",
    "disabled",
    "token",
    "opening",
    "handshake",
    "connected",
    "waiting",
    "suspended",
    "stopped",
];

/// How a column is reached: some have two ways, which make no difference to what follows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Scenario {
    /// In the first attempt; signed out by the user.
    First,
    /// In an attempt after a loss; signed out by the server.
    Later,
}

/// Columns that are walked in both scenarios.
const REACHED_TWICE: [&str; 4] = ["signed out", "token", "opening", "handshake"];

/// A connection in one state, with the time and the outputs so far.
struct Fixture {
    connection: Connection,
    now: Now,
    outputs: Vec<ConnectionOutput>,
    /// The last socket and the last call that were asked for.
    generation: u64,
    call: u64,
}

fn state_name(connection: &Connection) -> &'static str {
    match (&connection.state, &connection.transport) {
        (State::Disconnected { why }, _) => match why {
            OffReason::Disabled => "disabled",
            OffReason::SwitchedOff => "off",
            OffReason::SessionEnded | OffReason::SignedOut => "signed out",
        },
        (State::Connected { .. }, _) => "connected",
        (State::Connecting { .. } | State::Reconnecting { retry_at: None, .. }, transport) => {
            match transport {
                None if connection.awaits_token => "token",
                None => "attempting without work",
                Some(transport) => match transport.stage {
                    Stage::Opening => "opening",
                    Stage::Handshake => "handshake",
                    Stage::Ready => "ready but not connected",
                },
            }
        }
        (State::Reconnecting { .. }, _) => "waiting",
        (State::Error { why }, _) => match why {
            ConnectionFault::Suspended { .. } => "suspended",
            ConnectionFault::Terminal(_) => "stopped",
        },
    }
}

fn effect_name(output: &ConnectionOutput) -> Option<&'static str> {
    match output {
        ConnectionOutput::Socket(SocketCommand::Open { .. }) => Some("open"),
        ConnectionOutput::Socket(SocketCommand::Send { .. }) => Some("send"),
        ConnectionOutput::Socket(SocketCommand::Close { .. }) => Some("close"),
        ConnectionOutput::Http { request, .. } => match request {
            HttpRequest::Token => Some("ask token"),
            _ => Some("ask session"),
        },
        ConnectionOutput::CancelHttp { .. } => Some("cancel"),
        ConnectionOutput::SignedOut => Some("report signed out"),
        ConnectionOutput::Changed(_)
        | ConnectionOutput::Heartbeat
        | ConnectionOutput::Malformed
        | ConnectionOutput::Publication { .. }
        | ConnectionOutput::Rejected { .. }
        | ConnectionOutput::Rtt(_)
        | ConnectionOutput::Subscribed { .. } => None,
    }
}

fn row_name(input: &ConnectionInput) -> &'static str {
    match input {
        ConnectionInput::SignedIn => "signed in",
        ConnectionInput::SignedOut => "signed out",
        ConnectionInput::Connect => "connect",
        ConnectionInput::Disconnect => "disconnect",
        ConnectionInput::Reconnect => "reconnect",
        ConnectionInput::Page(signal) => match signal {
            PageSignal::Online => "online",
            PageSignal::Offline => "offline",
            PageSignal::Visible => "visible",
            PageSignal::Hidden => "hidden",
            PageSignal::Focus => "focus",
            PageSignal::Resumed => "resumed",
            PageSignal::Restored => "restored",
        },
        ConnectionInput::Socket {
            generation: 0,
            event: _,
        } => "old socket",
        ConnectionInput::Socket { event, .. } => match event {
            SocketEvent::Opened => "opened",
            SocketEvent::Text(text) if text == "{}" => "ping",
            SocketEvent::Text(_) => "accepted",
            SocketEvent::Closed { code: 3507, .. } => "closed for good",
            SocketEvent::Closed { .. } => "closed",
            SocketEvent::Malformed => "malformed",
            SocketEvent::Failed => "failed",
        },
        ConnectionInput::Http { id, result } => match result {
            _ if *id == OLD_CALL => "old call",
            Ok(HttpReply::Token(_)) => "token came",
            Ok(_) => "session stands",
            Err(HttpFailure::Status { status: 401, .. }) => "401",
            Err(_) => "call failed",
        },
        ConnectionInput::HttpAnswered => "other call answered",
        ConnectionInput::Unauthenticated => "other call got 401",
        ConnectionInput::Subscribe(_) => "subscribe",
        ConnectionInput::Unsubscribe(_) => "unsubscribe",
    }
}

/// The row of the time that passes, which is no input.
const TIME: &str = "time";
const OLD_CALL: u64 = u64::MAX;

impl Fixture {
    fn at(column: &str, scenario: Scenario) -> Self {
        let settings = Settings {
            max_retries: 1,
            realtime: column != "disabled",
            ..Settings::default()
        };
        let mut fixture = Self {
            connection: Connection::new(&settings, 1),
            now: Now {
                mono_ms: 10_000,
                wall_ms: 1_763_892_000_000,
            },
            outputs: Vec::new(),
            generation: 0,
            call: 0,
        };
        fixture.give(ConnectionInput::Subscribe(favorites()));
        match scenario {
            Scenario::First => fixture.go(column),
            Scenario::Later => fixture.go_again(column),
        }
        assert_eq!(state_name(&fixture.connection), column);
        // Old enough that an attempt counts as hanging, too young for anything else but the next attempt.
        fixture.now = fixture.now.after(1500);
        fixture.outputs.clear();
        fixture
    }

    fn go(&mut self, column: &str) {
        if column == "signed out" {
            return;
        }
        self.give(ConnectionInput::SignedIn);
        match column {
            "off" => self.give(ConnectionInput::Disconnect),
            "token" | "disabled" => {}
            _ => {
                self.give_call(Ok(HttpReply::Token(token(self.now))));
                self.go_on_with_a_token(column);
            }
        }
    }

    /// To the same column after there was a connection.
    fn go_again(&mut self, column: &str) {
        if column == "signed out" {
            self.give(ConnectionInput::SignedIn);
            self.give_call(Err(unauthenticated()));
            return;
        }
        self.go("connected");
        // With 3005 the token has expired, and the next attempt begins with another.
        self.event(closed(if column == "token" { 3005 } else { 1006 }));
        self.pass_time();
        assert!(matches!(
            self.connection.state,
            State::Reconnecting { retry_at: None, .. }
        ));
        if column == "handshake" {
            self.event(SocketEvent::Opened);
        }
    }

    fn go_on_with_a_token(&mut self, column: &str) {
        if column == "opening" {
            return;
        }
        self.event(SocketEvent::Opened);
        if column == "handshake" {
            return;
        }
        self.event(accepted());
        self.event(SocketEvent::Text(
            "{\"id\":2,\"subscribe\":{}}\n{\"id\":3,\"rpc\":{}}".to_owned(),
        ));
        match column {
            "waiting" => self.event(closed(1006)),
            "stopped" => {
                self.event(closed(3507));
                self.give_call(Ok(HttpReply::Session(sync_protocol::Session::default())));
            }
            "suspended" => {
                self.event(closed(1006));
                while !self.connection.state.is_suspended() {
                    self.pass_time();
                    self.event(SocketEvent::Failed);
                }
            }
            _ => {}
        }
    }

    fn give(&mut self, input: ConnectionInput) {
        self.connection.handle(self.now, input);
        self.drain();
    }

    fn pass_time(&mut self) {
        if let Some(at) = self.connection.next_deadline() {
            self.now = self.now.after(at.saturating_sub(self.now.mono_ms));
            self.connection.handle_timeout(self.now);
            self.drain();
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.connection.poll_output() {
            match output {
                ConnectionOutput::Socket(SocketCommand::Open { generation, .. }) => {
                    self.generation = generation;
                }
                ConnectionOutput::Http { id, .. } => self.call = id,
                _ => {}
            }
            self.outputs.push(output);
        }
    }

    fn event(&mut self, event: SocketEvent) {
        let generation = self.generation;
        self.give(ConnectionInput::Socket { generation, event });
    }

    /// Answers the call that is open, if one is.
    fn give_call(&mut self, result: crate::http::HttpResult) {
        let id = self.call;
        self.give(ConnectionInput::Http { id, result });
    }

    fn apply(&mut self, row: &str) {
        if row == TIME {
            self.pass_time();
            return;
        }
        let generation = self.generation.max(1);
        let id = self.call.max(1);
        let inputs = inputs(self.now, generation, id);
        let input = inputs.into_iter().find(|input| row_name(input) == row);
        let input = input.unwrap_or_else(|| panic!("no input for the row `{row}`"));
        self.give(input);
    }

    /// The effect, in the words of a cell.
    fn cell(&self, before: &str) -> String {
        let after = state_name(&self.connection);
        let effects: BTreeSet<_> = self.outputs.iter().filter_map(effect_name).collect();
        let effects: Vec<_> = effects.into_iter().collect();
        match (after == before, effects.is_empty()) {
            (true, true) => "–".to_owned(),
            (true, false) => format!("= {}", effects.join(", ")),
            (false, true) => format!("**{after}**"),
            (false, false) => format!("**{after}** {}", effects.join(", ")),
        }
    }
}

fn token(now: Now) -> Token {
    Token {
        token: "jwt".to_owned(),
        expires_at: Timestamp::from_unix_ms(now.wall_ms + 600_000),
        url: None,
        server_time: None,
    }
}

const fn unauthenticated() -> HttpFailure {
    HttpFailure::Status {
        status: 401,
        problem: None,
        retry_after_ms: None,
    }
}

fn accepted() -> SocketEvent {
    SocketEvent::Text(r#"{"id":1,"connect":{"client":"c","ping":25,"pong":true}}"#.to_owned())
}

fn closed(code: u16) -> SocketEvent {
    let reason = String::new();
    SocketEvent::Closed { code, reason }
}

fn inputs(now: Now, generation: u64, id: u64) -> Vec<ConnectionInput> {
    let connection = HttpReply::Session(sync_protocol::Session::default());
    let mut inputs = vec![
        ConnectionInput::SignedIn,
        ConnectionInput::SignedOut,
        ConnectionInput::Connect,
        ConnectionInput::Disconnect,
        ConnectionInput::Reconnect,
        ConnectionInput::HttpAnswered,
        ConnectionInput::Unauthenticated,
        ConnectionInput::Subscribe(orders()),
        ConnectionInput::Unsubscribe(favorites()),
        ConnectionInput::Socket {
            generation: 0,
            event: SocketEvent::Failed,
        },
    ];
    inputs.extend(
        [
            PageSignal::Online,
            PageSignal::Offline,
            PageSignal::Visible,
            PageSignal::Hidden,
            PageSignal::Focus,
            PageSignal::Resumed,
            PageSignal::Restored,
        ]
        .map(ConnectionInput::Page),
    );
    inputs.extend(
        [
            SocketEvent::Opened,
            SocketEvent::Text("{}".to_owned()),
            accepted(),
            SocketEvent::Malformed,
            closed(1006),
            closed(3507),
            SocketEvent::Failed,
        ]
        .map(|event| ConnectionInput::Socket { generation, event }),
    );
    inputs.extend(
        [
            (id, Ok(HttpReply::Token(token(now)))),
            (id, Ok(connection.clone())),
            (id, Err(unauthenticated())),
            (id, Err(HttpFailure::Network)),
            (OLD_CALL, Ok(connection)),
        ]
        .map(|(id, result)| ConnectionInput::Http { id, result }),
    );
    inputs
}

/// Row name to cells, as the documentation has them.
fn documented() -> BTreeMap<String, Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        let line = line.trim().trim_start_matches('|').trim_end_matches('|');
        line.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let mut lines = TABLE.lines().filter(|line| line.starts_with('|'));
    let head = cells(lines.next().expect("the table has a head"));
    assert_eq!(head[1..], COLUMNS);
    let rows = lines.skip(1).map(cells);
    rows.map(|mut row| (row.remove(0), row)).collect()
}

#[test]
fn every_cell_of_the_table_is_true() {
    let table = documented();
    let sample = inputs(Now::default(), 1, 1);
    let rows: BTreeSet<_> = sample.iter().map(row_name).chain([TIME]).collect();
    assert_eq!(rows.len(), sample.len() + 1, "two inputs with one name");
    let documented_rows: BTreeSet<_> = table.keys().map(String::as_str).collect();
    assert_eq!(documented_rows, rows);
    let mut wrong = Vec::new();
    for (row, cells) in &table {
        assert_eq!(cells.len(), COLUMNS.len(), "cells of `{row}`");
        for (column, cell) in COLUMNS.into_iter().zip(cells) {
            for scenario in [Scenario::First, Scenario::Later] {
                if scenario == Scenario::Later && !REACHED_TWICE.contains(&column) {
                    continue;
                }
                let mut fixture = Fixture::at(column, scenario);
                fixture.apply(row);
                let found = fixture.cell(column);
                if found != *cell {
                    wrong.push(format!(
                        "{row} in {column} ({scenario:?}): `{found}`, documented `{cell}`"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
