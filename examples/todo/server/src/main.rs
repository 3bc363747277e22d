//! The todo example's server, for one user who is always signed in. It keeps all in memory: a restart is a new epoch.
//! Of the protocol it leaves out atomic requests, 304, histories of streams and leaving a channel.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::{Json, Router, routing};
use serde_json::{Value, json};
use sync_protocol::centrifugo::{Command, PING, error_code, messages};
use sync_protocol::{MutationRequest, RawMutation, Timestamp};
use tokio::sync::{Mutex, broadcast};
use tower_http::services::{ServeDir, ServeFile};

const PING_S: u64 = 25;

type App = Arc<Mutex<Todos>>;
type Params = Query<HashMap<String, String>>;
type Body = Option<Json<MutationRequest>>;
type Reply = Result<Json<Value>, StatusCode>;

struct Todos {
    epoch: String,
    token: String,
    /// Oldest first. Each commit adds one, so that their number is the version of both resources.
    todos: Vec<Value>,
    outcomes: HashMap<String, Value>,
    publications: broadcast::Sender<(String, String)>,
}

impl Todos {
    /// A page of the todos with a text.
    fn page(&self, params: &Params) -> Value {
        let of = |name| params.get(name).map_or("", |text: &String| text);
        let end = of("cursor").parse().unwrap_or(usize::MAX);
        let limit = of("limit").parse().unwrap_or(50).clamp(1, 200);
        let title = |at: usize| self.todos[at]["title"].as_str().unwrap_or_default();
        let all = (0..end.min(self.todos.len())).rev();
        let found = all.filter(|at| title(*at).contains(of("text")));
        let found: Vec<usize> = found.take(limit).collect();
        let items: Vec<_> = found.iter().map(|at| &self.todos[*at]).collect();
        let next = found.last().filter(|last| **last > 0).map(usize::to_string);
        json!({"version": self.todos.len(), "items": items, "next_cursor": next})
    }

    /// Those of the wanted resources that differ from what is known, and known outcomes.
    fn snapshot(&self, params: &Params) -> Value {
        let of = |name| params.get(name).map_or("", |text: &String| text);
        let (version, is_same) = (self.todos.len(), of("epoch") == self.epoch);
        let known = format!("@{version}");
        let count = json!({"version": version, "data": version});
        let mut resources = HashMap::from([("todos", self.page(params)), ("count", count)]);
        let wanted = of("resources").split(',');
        let changed = wanted.filter(|one| !is_same || !one.ends_with(&known));
        let wanted: Vec<_> = changed.filter_map(|one| one.split('@').next()).collect();
        resources.retain(|name, _| wanted.contains(name));
        let pending = of("pending").split(',');
        let settled = pending.filter_map(|id| self.outcomes.get_key_value(id));
        let settled: HashMap<_, _> = settled.collect();
        json!({"epoch": self.epoch, "version": version, "resources": resources, "settled": settled})
    }

    /// Runs a mutation; one that was run before has the outcome that it had then.
    fn run(&mut self, RawMutation { id, kind, args }: RawMutation) -> Value {
        if let Some(outcome) = self.outcomes.get(&id) {
            return outcome.clone();
        }
        let args: Value = args.decode().unwrap_or_default();
        let title = args["title"].as_str().unwrap_or_default().trim();
        let (prev, version) = (self.todos.len(), self.todos.len() + 1);
        let mut outcome = json!({
            "id": id, "outcome": "rejected", "version": prev,
            "problem": {"code": "invalid", "status": 422, "title": "a title has 1 to 80 characters"},
        });
        if kind == "add_todo" && args["id"].is_string() && (1..=80).contains(&title.chars().count())
        {
            let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
            let at = Timestamp::from_unix_ms(i64::try_from(now.as_millis()).unwrap_or_default());
            let todo = json!({"id": args["id"], "title": title, "created_at": at});
            let added = json!({"type": "todo_added", "data": todo});
            let counted = json!({"type": "counted", "data": version});
            let events = [("todos", added), ("count", counted)].map(|(name, change)| json!({
                "epoch": self.epoch, "resource": name, "version": version, "prev": prev, "at": at,
                "resources": ["todos", "count"], "mutations": [id], "changes": [change],
            }));
            for event in &events {
                let channel = format!("todo:{}#me", event["resource"].as_str().unwrap_or_default());
                let publication = json!({"data": event, "offset": version});
                let push = json!({"push": {"channel": channel, "pub": publication}});
                // Without a socket nobody hears it.
                let _: Result<_, _> = self.publications.send((channel, push.to_string()));
            }
            self.todos.push(todo);
            outcome =
                json!({"id": id, "outcome": "accepted", "version": version, "events": events});
        }
        self.outcomes.insert(id, outcome.clone());
        outcome
    }

    /// The reply to a command; `None` ends the connection.
    fn reply(&self, line: &str, channels: &mut Option<Vec<String>>) -> Option<String> {
        let command: Command = serde_json::from_str(line).ok()?;
        let failed = |code: u32| json!({"error": {"code": code, "message": ""}});
        let mut reply = match (command.connect, command.subscribe) {
            (Some(connect), _) if connect.token == self.token => {
                *channels = Some(Vec::new());
                json!({"connect": {"client": "", "version": "", "ping": PING_S}})
            }
            // A token from before a restart: the client gets a new one.
            (Some(_), _) => failed(error_code::TOKEN_EXPIRED),
            (None, Some(wanted)) if let Some(channels) = channels => {
                channels.push(wanted.channel);
                json!({"subscribe": {"epoch": self.epoch, "offset": self.todos.len()}})
            }
            _ => failed(error_code::METHOD_NOT_FOUND),
        };
        reply["id"] = command.id.into();
        Some(reply.to_string())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let flag = |name: &str| args.iter().skip_while(|arg| *arg != name).nth(1);
    let port: u16 = flag("--port").map_or(Ok(3002), |port| port.parse())?;
    let dist = flag("--dist").map_or("target/todo", |dist| dist);
    let app = App::new(Mutex::new(Todos {
        epoch: getrandom::u64()?.to_string(),
        token: getrandom::u64()?.to_string(),
        todos: Vec::new(),
        outcomes: HashMap::new(),
        publications: broadcast::Sender::new(256),
    }));
    let files = ServeDir::new(dist).fallback(ServeFile::new(format!("{dist}/index.html")));
    let socket = async |State(app): State<App>, upgrade: WebSocketUpgrade| {
        upgrade.on_upgrade(async |socket| serve(app, socket).await.unwrap_or_default())
    };
    let routes = Router::new()
        .route("/api/{*path}", routing::get(api).post(api))
        .route("/connection/websocket", routing::get(socket))
        .fallback_service(files)
        .with_state(app);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    Ok(axum::serve(listener, routes).await?)
}

async fn api(app: State<App>, path: Path<String>, params: Params, body: Body) -> Reply {
    let mut app = app.lock().await;
    Ok(Json(match (path.as_str(), body) {
        ("session" | "realtime/token", _) => json!({
            "user": {"id": "me", "email": "", "name": "Me"},
            "token": app.token, "expires_at": "2100-01-01T00:00:00.000Z",
        }),
        ("snapshot", _) => app.snapshot(&params),
        ("mutations", Some(Json(MutationRequest { mutations, .. }))) => {
            let results: Vec<Value> = mutations.into_iter().map(|one| app.run(one)).collect();
            json!({"epoch": app.epoch, "results": results})
        }
        ("todos" | "search", _) => app.page(&params),
        _ => return Err(StatusCode::NOT_FOUND),
    }))
}

/// Serves a socket until it is gone. Streams have no history: who comes back reads a snapshot.
async fn serve(app: App, mut socket: WebSocket) -> Option<()> {
    let mut publications = app.lock().await.publications.subscribe();
    let mut channels = None;
    loop {
        let text = tokio::select! {
            message = socket.recv() => {
                let Message::Text(frame) = message?.ok()? else { continue };
                let app = app.lock().await;
                let replies = messages(&frame).map(|line| app.reply(line, &mut channels));
                replies.collect::<Option<Vec<_>>>()?.join("\n")
            }
            publication = publications.recv() => match publication.ok()? {
                (channel, text) if channels.iter().flatten().any(|one| *one == channel) => text,
                _ => continue,
            },
            () = tokio::time::sleep(Duration::from_secs(PING_S)) => PING.to_owned(),
        };
        socket.send(Message::Text(text.into())).await.ok()?;
    }
}
