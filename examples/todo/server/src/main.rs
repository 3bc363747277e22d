//! The todo example's server, for one user who is always signed in. It keeps all in memory: a restart is a new epoch.
//! Of the protocol it leaves out atomic requests, 304 and histories of streams.

use std::{collections::HashMap, sync::Arc, time::SystemTime};

use axum::extract::{Path, Query, State, WebSocketUpgrade, ws};
use axum::{Json, Router, http::StatusCode, routing};
use serde_json::{Value, json};
use sync_protocol::server::{PING, ServerConnection, publication};
use sync_protocol::{MutationRequest, Problem, ProblemCode, RawMutation, SnapshotQuery, Timestamp};
use tokio::sync::{Mutex, broadcast};
use tower_http::services::ServeDir;

type App = Arc<Mutex<Todos>>;
type Params = Query<HashMap<String, String>>;
type Body = Option<Json<MutationRequest>>;
type Call = (Path<String>, Query<SnapshotQuery>, Params, Body);
type Reply = Result<Json<Value>, StatusCode>;

struct Todos {
    /// Also the token of the only user: both end with the process.
    epoch: String,
    /// Oldest first. Each commit adds one, so that their number is the version of both resources.
    todos: Vec<Value>,
    outcomes: HashMap<String, Value>,
    /// Channels, and the events in them.
    publications: broadcast::Sender<(String, Value)>,
}

impl Todos {
    /// A page of the todos with a text.
    fn page(&self, params: &Params) -> Value {
        let of = |name| params.get(name).map_or("", |text: &String| text);
        let end = of("cursor").parse().unwrap_or(usize::MAX);
        let limit = of("limit").parse().unwrap_or(50).clamp(1, 200);
        let has_text = |title: &Value| title.as_str().is_some_and(|it| it.contains(of("text")));
        let older = self.todos.iter().enumerate().take(end).rev();
        let found = older.filter(|(_, todo)| has_text(&todo["title"]));
        let (places, items): (Vec<_>, Vec<_>) = found.take(limit).unzip();
        let next = places.last().filter(|at| **at > 0).map(usize::to_string);
        json!({"version": self.todos.len(), "items": items, "next_cursor": next})
    }

    /// Those of the wanted resources that differ from what is known, and known outcomes.
    fn snapshot(&self, query: &SnapshotQuery, params: &Params) -> Value {
        let version = self.todos.len();
        let count = json!({"version": version, "data": version});
        let mut resources = HashMap::from([("todos", self.page(params)), ("count", count)]);
        resources.retain(|name, _| query.wants(&self.epoch, name, version as u64));
        let known = |id| self.outcomes.get_key_value(id);
        let settled: HashMap<_, _> = query.pending().filter_map(known).collect();
        json!({"epoch": self.epoch, "version": version, "resources": resources, "settled": settled})
    }

    /// Runs a mutation; one that was run before has the outcome that it had then.
    fn run(&mut self, RawMutation { id, kind, args }: RawMutation) -> Value {
        if let Some(outcome) = self.outcomes.get(&id) {
            return outcome.clone();
        }
        let todo: Value = args.decode().unwrap_or_default();
        let title = todo["title"].as_str().unwrap_or_default();
        let length = title.trim().chars().count();
        let is_valid = todo["id"].is_string() && (1..=80).contains(&length);
        let mut outcome = if kind == "add_todo" && is_valid {
            json!({"outcome": "accepted", "events": self.add(&id, todo)})
        } else {
            let problem = Problem::new(ProblemCode::Invalid, 422, "a title has 1 to 80 characters");
            json!({"outcome": "rejected", "problem": problem})
        };
        outcome["id"] = id.as_str().into();
        outcome["version"] = self.todos.len().into();
        self.outcomes.insert(id, outcome.clone());
        outcome
    }

    /// Adds a todo. Returns the events of the commit, which it publishes too: one for each resource that changed.
    fn add(&mut self, mutation: &str, mut todo: Value) -> [Value; 2] {
        todo["created_at"] = json!(Timestamp::from(SystemTime::now()));
        self.todos.push(todo.clone());
        let version = self.todos.len();
        let put = json!({"type": "put", "data": todo});
        let set = json!({"type": "set", "data": version});
        [("todos", put), ("count", set)].map(|(name, change)| {
            let event = json!({
                "epoch": self.epoch, "resource": name, "version": version, "prev": version - 1,
                "resources": ["todos", "count"], "mutations": [mutation],
                "at": todo["created_at"], "changes": [change],
            });
            let publication = (format!("todo:{name}#me"), event.clone());
            // Without a socket nobody hears it.
            let _: Result<_, _> = self.publications.send(publication);
            event
        })
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
        todos: Vec::new(),
        outcomes: HashMap::new(),
        publications: broadcast::Sender::new(256),
    }));
    let socket = async |State(app): State<App>, upgrade: WebSocketUpgrade| {
        upgrade.on_upgrade(async |socket| serve(app, socket).await.unwrap_or_default())
    };
    let routes = Router::new()
        .route("/api/{*path}", routing::get(api).post(api))
        .route("/connection/websocket", routing::get(socket))
        .fallback_service(ServeDir::new(dist))
        .with_state(app);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    Ok(axum::serve(listener, routes).await?)
}

async fn api(app: State<App>, (path, query, params, body): Call) -> Reply {
    let mut app = app.lock().await;
    Ok(Json(match (path.as_str(), body) {
        ("session" | "realtime/token", _) => json!({
            "user": {"id": "me", "email": "", "name": "Me"},
            "token": app.epoch, "expires_at": "2100-01-01T00:00:00.000Z",
        }),
        ("snapshot", _) => app.snapshot(&query, &params),
        ("mutations", Some(Json(MutationRequest { mutations, .. }))) => {
            let results: Vec<Value> = mutations.into_iter().map(|one| app.run(one)).collect();
            json!({"epoch": app.epoch, "results": results})
        }
        ("todos" | "search", _) => app.page(&params),
        _ => return Err(StatusCode::NOT_FOUND),
    }))
}

/// Serves a socket until it is gone.
async fn serve(app: App, mut socket: ws::WebSocket) -> Option<()> {
    let mut publications = app.lock().await.publications.subscribe();
    let mut connection = ServerConnection::default();
    loop {
        let text = tokio::select! {
            message = socket.recv() => {
                let ws::Message::Text(frame) = message?.ok()? else { continue };
                let token = app.lock().await.epoch.clone();
                connection.replies(&frame, |sent| sent == token, |channel| channel.ends_with("#me"))?
            }
            published = publications.recv() => match published.ok()? {
                (channel, event) if connection.is_subscribed(&channel) => publication(&channel, &event)?,
                _ => continue,
            },
            () = tokio::time::sleep(ServerConnection::PING_INTERVAL) => PING.to_owned(),
        };
        socket.send(ws::Message::Text(text.into())).await.ok()?;
    }
}
