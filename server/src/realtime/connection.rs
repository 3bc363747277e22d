//! The commands of one connection.

use std::{sync::Arc, time::Duration};

use sync_protocol::centrifugo::{
    self, Command, ConnectRequest, ConnectResult, Empty, PING, RPC_PING, RefreshRequest,
    RefreshResult, Reply, ReplyError, RpcResult, close_code, error_code,
};
use tokio::time::Instant;
use tracing::Span;

use super::{
    client_sender::{ClientSender, End},
    hub::{encode, error},
};
use crate::{
    app::App,
    auth::{
        session,
        token::{Claims, TokenError},
    },
    clock,
    ids::UserId,
    limiter::Bucket,
    random,
};

/// The sustained number of commands per second of a connection, and the burst. A tab with all its channels sends
/// about ten commands when it connects.
const COMMAND_RATE: f64 = 50.0;
const COMMAND_BURST: f64 = 500.0;

/// The protocol state of one connection.
#[derive(Debug)]
pub struct Connection {
    app: Arc<App>,
    sender: Arc<ClientSender>,
    client: Option<Client>,
    /// Whether the client has to answer a ping.
    pub awaits_pong: bool,
    commands: Bucket,
}

/// An authenticated client.
#[derive(Debug)]
struct Client {
    user_id: UserId,
    expires_at: Instant,
}

/// The result of a command: success, or the end of the connection.
type Handled = Result<(), End>;

const BAD_REQUEST: End = End::Close(close_code::BAD_REQUEST, "bad request");
const INVALID_TOKEN: End = End::Close(close_code::INVALID_TOKEN, "invalid token");

impl Connection {
    /// Creates the state of a new connection, which is not authenticated.
    #[must_use]
    pub fn new(app: Arc<App>, sender: Arc<ClientSender>) -> Self {
        Self {
            app,
            sender,
            client: None,
            awaits_pong: false,
            commands: Bucket::full(COMMAND_RATE, COMMAND_BURST, Instant::now()),
        }
    }

    /// When the token of the connection expires, or `None` before `connect`.
    #[must_use]
    pub fn expires_at(&self) -> Option<Instant> {
        self.client.as_ref().map(|client| client.expires_at)
    }

    /// Handles the commands of a frame, in order.
    ///
    /// # Errors
    /// The end of the connection.
    pub async fn handle_frame(&mut self, frame: &str) -> Handled {
        let mut messages = centrifugo::messages(frame).peekable();
        if messages.peek().is_none() {
            return Err(BAD_REQUEST);
        }
        for message in messages {
            if self.commands.take(1.0, Instant::now()).is_err() {
                return Err(End::Close(
                    close_code::TOO_MANY_REQUESTS,
                    "too many requests",
                ));
            }
            if message == PING {
                self.pong()?;
                continue;
            }
            let Ok(command) = serde_json::from_str::<Command>(message) else {
                return Err(BAD_REQUEST);
            };
            self.handle(command).await?;
        }
        Ok(())
    }

    fn pong(&mut self) -> Handled {
        // A pong without a ping breaks the protocol.
        if std::mem::take(&mut self.awaits_pong) {
            Ok(())
        } else {
            Err(BAD_REQUEST)
        }
    }

    async fn handle(&mut self, command: Command) -> Handled {
        if command.send.is_some() && self.client.is_some() {
            return Ok(());
        }
        if command.id == 0 && command.connect.is_none() {
            // `{"id":0}` and similar forms are pongs too.
            let is_pong = serde_json::to_string(&command).is_ok_and(|text| text == PING);
            if !is_pong {
                return Err(BAD_REQUEST);
            }
            return self.pong();
        }
        if let Some(request) = &command.connect {
            return self.connect(command.id, request).await;
        }
        if self.client.is_none() || command.ping.is_some() {
            return Err(BAD_REQUEST);
        }
        if let Some(request) = &command.refresh {
            return self.refresh(command.id, request).await;
        }
        let id = command.id;
        if let Some(reply) = self
            .answer(command)
            .unwrap_or_else(|error| Some(failed(error)))
        {
            self.push(id, reply);
        }
        Ok(())
    }

    /// Runs a command that always has an answer, and returns it. The hub queues the one of a subscription.
    fn answer(&self, command: Command) -> Result<Option<Reply>, ReplyError> {
        let hub = &self.app.hub;
        let reply = if let Some(request) = command.subscribe {
            let recovered = hub.subscribe(&self.sender, command.id, &request)?;
            self.app.metrics.subscribed(recovered);
            return Ok(None);
        } else if let Some(request) = command.unsubscribe {
            hub.unsubscribe(self.sender.id, &request.channel);
            Reply {
                unsubscribe: Some(Empty {}),
                ..Reply::default()
            }
        } else if let Some(request) = command.history {
            Reply {
                history: Some(hub.history(self.sender.id, &request)?),
                ..Reply::default()
            }
        } else if command.rpc.is_some_and(|call| call.method == RPC_PING) {
            Reply {
                rpc: Some(RpcResult::default()),
                ..Reply::default()
            }
        } else if command.publish.is_some() {
            return Err(error(error_code::PERMISSION_DENIED, "permission denied"));
        } else if command.presence.is_some()
            || command.presence_stats.is_some()
            || command.sub_refresh.is_some()
        {
            return Err(error(error_code::NOT_AVAILABLE, "not available"));
        } else {
            return Err(error(error_code::METHOD_NOT_FOUND, "method not found"));
        };
        Ok(Some(reply))
    }

    fn push(&self, id: u32, reply: Reply) {
        self.sender.push(encode(&Reply { id, ..reply }));
    }

    async fn connect(&mut self, id: u32, request: &ConnectRequest) -> Handled {
        if id == 0 || self.client.is_some() || request.token.is_empty() {
            return Err(BAD_REQUEST);
        }
        let claims = match self.app.tokens.verify(&request.token, clock::now_ms()) {
            Ok(claims) => claims,
            Err(TokenError::Expired) => {
                let expired = error(error_code::TOKEN_EXPIRED, "token expired");
                self.push(id, failed(expired));
                return Ok(());
            }
            Err(TokenError::Invalid) => return Err(INVALID_TOKEN),
        };
        // The hub admits the connection before the session is checked, so that a sign-out in between finds the
        // connection and ends it.
        let sockets_max = self.app.config.sockets_per_user_max;
        let hub = &self.app.hub;
        if !hub.admit(&self.sender, &claims.sub, &claims.jti, sockets_max) {
            return Err(End::Close(close_code::CONNECTION_LIMIT, "connection limit"));
        }
        self.check_session(&claims).await?;
        let ttl = self.authenticate(claims);
        let result = ConnectResult {
            client: random::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            expires: true,
            ttl,
            ping: whole_seconds_up(self.app.config.realtime.ping),
            pong: true,
            ..ConnectResult::default()
        };
        let reply = Reply {
            connect: Some(result),
            ..Reply::default()
        };
        self.push(id, reply);
        Ok(())
    }

    async fn refresh(&mut self, id: u32, request: &RefreshRequest) -> Handled {
        let claims = match self.app.tokens.verify(&request.token, clock::now_ms()) {
            Ok(claims) => claims,
            Err(TokenError::Expired) => return Err(End::Close(close_code::EXPIRED, "expired")),
            Err(TokenError::Invalid) => return Err(INVALID_TOKEN),
        };
        let client = self.client.as_ref();
        if client.is_none_or(|client| client.user_id != claims.sub) {
            return Err(INVALID_TOKEN);
        }
        // As in `connect`, before the session is checked.
        self.app.hub.set_session(self.sender.id, &claims.jti);
        self.check_session(&claims).await?;
        let ttl = self.authenticate(claims);
        let result = RefreshResult {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            expires: true,
            ttl,
        };
        let reply = Reply {
            refresh: Some(result),
            ..Reply::default()
        };
        self.push(id, reply);
        Ok(())
    }

    /// Stores the client of a verified token. Returns how long the token is valid, in seconds.
    fn authenticate(&mut self, claims: Claims) -> u32 {
        let ttl_ms = claims.ttl_ms(clock::now_ms());
        // A log keeps all values of a field, so that it is told once.
        if self.client.is_none() {
            Span::current().record("user", claims.sub.as_str());
        }
        self.client = Some(Client {
            user_id: claims.sub,
            expires_at: Instant::now() + Duration::from_millis(ttl_ms),
        });
        u32::try_from(ttl_ms / 1000).unwrap_or(u32::MAX).max(1)
    }

    /// Rejects the token of a session that has ended.
    async fn check_session(&self, claims: &Claims) -> Handled {
        match session::is_alive(&self.app, &claims.jti, &claims.sub).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(INVALID_TOKEN),
            Err(failure) => {
                tracing::error!(%failure, "the session lookup failed");
                Err(End::Close(close_code::INTERNAL, "internal server error"))
            }
        }
    }
}

fn failed(error: ReplyError) -> Reply {
    Reply {
        error: Some(error),
        ..Reply::default()
    }
}

fn whole_seconds_up(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}
