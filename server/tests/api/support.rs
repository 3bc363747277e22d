//! A server on a free port, and its clients. Every wait ends with its condition or fails at a deadline.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Once},
    time::Duration,
};

use argon2::{Algorithm, Argon2, Params, Version, password_hash::PasswordHasher};
use axum::http::{HeaderMap, Method, StatusCode, header};
use dashboard_model::{Beat, Money, Prices};
use dashboard_server::{
    Running,
    app::App,
    config::Config,
    db::{Db, beats, users},
    logging::AUDIT,
};
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};
use tracing_subscriber::{
    filter::Targets, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

/// The deadline of every wait.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// Loopback, and a port that the system chooses.
pub(crate) const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

pub(crate) const PASSWORD: &str = "a long password";

/// A running server in a temporary folder.
pub(crate) struct Server {
    running: Running,
    pub(crate) address: SocketAddr,
    folder: TempDir,
}

impl Server {
    /// Starts a server with the demo accounts ada and ben and twelve beats.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().expect("a folder");
        fill(&folder).await;
        Self::over(folder, change).await
    }

    /// Starts a server in the folder of a stopped one.
    pub(crate) async fn over(folder: TempDir, change: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut config = Config {
            demo: true,
            ..Config::new(database(&folder))
        };
        change(&mut config);
        let running = dashboard_server::start(listener, config)
            .await
            .expect("a server");
        Self {
            running,
            address,
            folder,
        }
    }

    /// Stops the server and returns its folder.
    pub(crate) async fn stop(self) -> TempDir {
        timeout(DEADLINE, self.running.stop())
            .await
            .expect("stopped in time");
        self.folder
    }

    pub(crate) fn app(&self) -> &Arc<App> {
        self.running.app()
    }

    pub(crate) fn db(&self) -> &Db {
        &self.app().db
    }

    /// A client of the address of the metrics.
    pub(crate) fn admin(&self) -> Client {
        Client {
            address: self.running.admin_address().expect("metrics"),
            ..self.stranger()
        }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Makes a demo account one of the store.
    pub(crate) async fn make_real(&self, email: &str) {
        let mut tx = self.db().begin_write().await.expect("a transaction");
        sqlx::query("UPDATE people SET demo = 0 WHERE email = ?")
            .bind(email)
            .execute(&mut *tx)
            .await
            .expect("an account");
        tx.commit().await.expect("committed");
    }

    /// A client that is not signed in.
    pub(crate) fn stranger(&self) -> Client {
        Client {
            address: self.address,
            cookie: None,
            user_id: String::new(),
        }
    }

    pub(crate) async fn ada(&self) -> Client {
        self.sign_in("ada@demo.test").await
    }

    pub(crate) async fn ben(&self) -> Client {
        self.sign_in("ben@demo.test").await
    }

    async fn sign_in(&self, email: &str) -> Client {
        let mut client = self.stranger();
        let reply = client.post("/api/session", &credentials(email)).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        client.cookie = reply.cookies().into_iter().next();
        client.user_id = reply.json()["user"]["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        client
    }
}

thread_local! {
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The warnings, audit events and requests of this test. A test has one thread, on which its server runs too.
pub(crate) struct Log;

impl Log {
    /// Starts to keep them.
    pub(crate) fn start() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let filter = Targets::new()
                .with_default(tracing::Level::WARN)
                .with_target(AUDIT, tracing::Level::INFO)
                .with_target("dashboard_server::http", tracing::Level::INFO)
                .with_target("dashboard_server::realtime::socket", tracing::Level::DEBUG);
            let lines = tracing_subscriber::fmt::layer()
                .with_ansi(false)
                .with_writer(|| Self);
            registry().with(filter).with(lines).init();
        });
        Self
    }

    /// The lines that contain this text.
    pub(crate) fn lines_with(&self, text: &str) -> Vec<String> {
        let log = LOG.with_borrow(|log| String::from_utf8_lossy(log).into_owned());
        let lines = log.lines().filter(|line| line.contains(text));
        lines.map(str::to_owned).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The body of a sign-in.
pub(crate) fn credentials(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD})
}

/// Trusts what the tests say about the client, as if they were a proxy.
pub(crate) fn trust_loopback(config: &mut Config) {
    config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
}

pub(crate) fn database(folder: &TempDir) -> PathBuf {
    folder.path().join("test.sqlite")
}

/// Creates accounts with a cheap password hash, and some beats.
async fn fill(folder: &TempDir) {
    let params = Params::new(8, 1, 1, None).expect("parameters");
    let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = cheap.hash_password(PASSWORD.as_bytes()).expect("a hash");
    let db = Db::open(&database(folder)).await.expect("a database");
    let mut tx = db.begin_write().await.expect("a transaction");
    for (email, name) in [("ada@demo.test", "Ada"), ("ben@demo.test", "Ben")] {
        users::create(&mut tx, email, name, &hash.to_string(), true)
            .await
            .expect("an account");
    }
    for index in 1..=12 {
        beats::put(&mut tx, &beat(index)).await.expect("a beat");
    }
    tx.commit().await.expect("committed");
    db.close().await;
}

/// Beat `b1`, `b2` and so on. Its number is its price, in units.
pub(crate) fn beat(index: u32) -> Beat {
    let money = |units: i64| Money {
        amount: units * 100,
        currency: "USD".to_owned(),
    };
    let prices = Prices {
        basic: money(index.into()),
        premium: money(i64::from(index) * 2),
        unlimited: money(i64::from(index) * 5),
    };
    Beat {
        id: format!("b{index}"),
        title: format!("Title {index}"),
        artist: "Mara Voß".to_owned(),
        genre: "House".to_owned(),
        bpm: 120,
        key: "A minor".to_owned(),
        duration_ms: 2000,
        price: prices.basic.clone(),
        prices,
        plays: 1,
    }
}

/// An HTTP client that opens a connection for each call.
#[derive(Clone)]
pub(crate) struct Client {
    address: SocketAddr,
    pub(crate) cookie: Option<String>,
    pub(crate) user_id: String,
}

/// An HTTP reply.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The code of a problem, after checking its form.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        problem["code"].as_str().expect("a code").to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The lines by which the reply sets cookies.
    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        let lines = self.headers.get_all("set-cookie").iter();
        lines.map(|line| line.to_str().expect("text")).collect()
    }

    /// The cookies that the reply sets, as a browser sends them: that of the session first.
    pub(crate) fn cookies(&self) -> Vec<String> {
        let lines = self.headers.get_all("set-cookie").iter();
        let lines = lines.map(|line| line.to_str().expect("text"));
        lines
            .filter_map(|line| line.split(';').next().map(str::to_owned))
            .collect()
    }
}

impl Client {
    /// The same client, of a proxy on this port.
    pub(crate) fn at(mut self, port: u16) -> Self {
        self.address.set_port(port);
        self
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, &[], Vec::new()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        let json = [("content-type", "application/json")];
        let body = body.to_string().into_bytes();
        self.call(Method::POST, path, &json, body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.call(Method::DELETE, path, &[], Vec::new()).await
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Reply {
        self.try_call(method, path, headers, body)
            .await
            .expect("a reply")
    }

    /// Makes a call that the server may abort without an answer.
    pub(crate) async fn try_call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Reply, hyper::Error> {
        let stream = TcpStream::connect(self.address).await.expect("connected");
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let mut request = hyper::Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.address.to_string());
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .expect("a request");
        let answered = timeout(DEADLINE, sender.send_request(request));
        let reply = answered.await.expect("answered in time")?;
        let (parts, body) = reply.into_parts();
        let body = body.collect().await?.to_bytes();
        connection.abort();
        Ok(Reply {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }

    /// Makes a call without a body.
    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.call(Method::GET, path, headers, Vec::new()).await
    }

    /// Runs one mutation and returns its result.
    pub(crate) async fn mutate(&self, id: &str, kind: &str, args: Value) -> Value {
        let body = json!({"mutations": [{"id": id, "kind": kind, "args": args}]});
        let reply = self.post("/api/mutations", &body).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        reply.json()["results"][0].clone()
    }

    /// Adds a beat to the favorites, or removes it.
    pub(crate) async fn favorite(&self, id: &str, beat_id: &str, favorite: bool) -> Value {
        let args = json!({"beat_id": beat_id, "favorite": favorite});
        self.mutate(id, "set_favorite", args).await
    }

    pub(crate) async fn snapshot(&self, query: &str) -> Value {
        let reply = self.get(&format!("/api/snapshot?{query}")).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        reply.json()
    }

    pub(crate) async fn fault(&self, fault: Value) {
        let reply = self.post("/api/demo/fault", &fault).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT, "{reply:?}");
    }

    pub(crate) async fn token(&self) -> String {
        let reply = self.get("/api/realtime/token").await;
        reply.json()["token"].as_str().expect("a token").to_owned()
    }

    pub(crate) fn channel(&self, resource: &str) -> String {
        format!("dashboard:{resource}#{}", self.user_id)
    }

    /// Opens a websocket that is not authenticated.
    pub(crate) async fn socket(&self) -> Socket {
        Socket::open(self.address, None).await.expect("a websocket")
    }

    /// Opens a websocket and connects with a token.
    pub(crate) async fn connected(&self) -> Socket {
        let mut socket = self.socket().await;
        socket
            .send(&json!({"id": 1, "connect": {"token": self.token().await}}))
            .await;
        let reply = socket.next().await;
        assert!(reply["connect"]["client"].is_string(), "{reply}");
        socket
    }
}

/// A websocket client of the Centrifugo protocol.
pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
    waiting: VecDeque<Value>,
}

impl Socket {
    /// Opens a websocket, with the header of a page's `origin` if there is one.
    pub(crate) async fn open(
        address: SocketAddr,
        origin: Option<&str>,
    ) -> Result<Self, StatusCode> {
        Self::open_with(address, origin.map(|origin| ("origin", origin))).await
    }

    /// Opens a websocket, with one more header if there is one.
    pub(crate) async fn open_with(
        address: SocketAddr,
        header: Option<(&'static str, &str)>,
    ) -> Result<Self, StatusCode> {
        use tokio_tungstenite::tungstenite::Error;
        let stream = TcpStream::connect(address).await.expect("connected");
        let mut request = format!("ws://{address}/connection/websocket")
            .into_client_request()
            .expect("a request");
        if let Some((name, value)) = header {
            let value = value.parse().expect("a header");
            request.headers_mut().insert(name, value);
        }
        let opened = timeout(DEADLINE, client_async(request, stream));
        match opened.await.expect("answered in time") {
            Ok((stream, _)) => Ok(Self {
                stream,
                waiting: VecDeque::new(),
            }),
            Err(Error::Http(reply)) => Err(reply.status()),
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn send(&mut self, command: &Value) {
        self.send_text(&command.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        let message = Message::Text(text.into());
        // The server may have closed the socket. The next read of the test shows that.
        let _: Result<(), _> = self.stream.send(message).await;
    }

    pub(crate) async fn send_binary(&mut self, bytes: Vec<u8>) {
        let _: Result<(), _> = self.stream.send(Message::Binary(bytes.into())).await;
    }

    /// Subscribes and returns the reply.
    pub(crate) async fn subscribe(&mut self, id: u32, channel: &str) -> Value {
        self.send(&json!({"id": id, "subscribe": {"channel": channel}}))
            .await;
        self.next().await
    }

    /// The next message that is not a ping.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            let message = self.next_or_ping().await;
            if message != json!({}) {
                return message;
            }
        }
    }

    /// The next message.
    pub(crate) async fn next_or_ping(&mut self) -> Value {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                return message;
            }
            match self.receive().await {
                Some(Message::Text(text)) => {
                    let messages = text.split('\n').filter(|line| !line.is_empty());
                    let messages = messages.map(|line| serde_json::from_str(line).expect("JSON"));
                    self.waiting.extend(messages);
                }
                other => panic!("not a text frame: {other:?}"),
            }
        }
    }

    /// The event of the next publication, which must be of this channel.
    pub(crate) async fn event(&mut self, channel: &str) -> Value {
        let message = self.next().await;
        assert_eq!(message["push"]["channel"], channel, "{message}");
        message["push"]["pub"]["data"].clone()
    }

    /// Waits for the end of the connection and skips all messages. Returns the close code, or 1006 without a close
    /// frame.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            match self.receive().await {
                Some(Message::Close(frame)) => {
                    return frame.map_or(1005, |frame| frame.code.into());
                }
                Some(_) => {}
                None => return 1006,
            }
        }
    }

    async fn receive(&mut self) -> Option<Message> {
        let received = timeout(DEADLINE, self.stream.next());
        received.await.expect("received in time")?.ok()
    }
}

impl Socket {
    /// Whether the next message is a successful answer to `connect`.
    pub(crate) async fn try_connected(&mut self) -> bool {
        match self.receive().await {
            Some(Message::Text(text)) => text.contains("\"connect\""),
            _ => false,
        }
    }

    /// Waits for any message or for the end of the connection.
    pub(crate) async fn answered_or_closed(&mut self) {
        let _: Option<Message> = self.receive().await;
    }
}
