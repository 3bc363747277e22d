//! The commands of one connection.

use std::sync::Arc;

use dashboard_protocol::centrifugo::{
    self, Command, ConnectRequest, ConnectResult, Empty, PING, RPC_PING, RefreshRequest,
    RefreshResult, Reply, ReplyError, RpcResult, close_code, error_code,
};
use tokio::time::Instant;

use super::{
    hub::{error, text},
    client_sender::{End, ClientSender},
};
use crate::{
    app::App,
    auth::{
        session,
        token::{Claims, TokenError},
    },
    clock,
    limiter::Bucket,
    random,
};

/// Commands a second that a connection may send for long, and how many at once. A tab with all its channels sends
/// about ten when it connects.
const COMMAND_RATE: f64 = 50.0;
const COMMAND_BURST: f64 = 500.0;

/// One connection's place in the protocol.
#[derive(Debug)]
pub struct Connection {
    app: Arc<App>,
    sender: Arc<ClientSender>,
    client: Option<Client>,
    /// Whether a ping waits for its answer.
    pub awaits_pong: bool,
    commands: Bucket,
}

/// Who is connected.
#[derive(Debug)]
struct Client {
    user_id: String,
    expires_at: Instant,
}

/// What a command leads to: nothing more, or the end of the connection.
type Handled = Result<(), End>;

const BAD_REQUEST: End = End::Close(close_code::BAD_REQUEST, "bad request");
const INVALID_TOKEN: End = End::Close(close_code::INVALID_TOKEN, "invalid token");

impl Connection {
    /// A connection that has not said who it is.
    #[must_use]
    pub fn new(app: Arc<App>, sender: Arc<ClientSender>) -> Self {
        Self {
            app,
            sender,
            client: None,
            awaits_pong: false,
            commands: Bucket::full(COMMAND_BURST),
        }
    }

    /// When the connection's token ends; `None` before it has connected.
    #[must_use]
    pub fn expires_at(&self) -> Option<Instant> {
        self.client.as_ref().map(|client| client.expires_at)
    }

    /// Carries out the commands of a frame, in order.
    ///
    /// # Errors
    /// How the connection has to end.
    pub async fn handle_frame(&mut self, frame: &str) -> Handled {
        let mut messages = centrifugo::messages(frame).peekable();
        if messages.peek().is_none() {
            return Err(BAD_REQUEST);
        }
        for message in messages {
            if !self
                .commands
                .take(COMMAND_RATE, COMMAND_BURST, Instant::now())
            {
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
        // A pong that nobody asked for breaks the protocol.
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
            // `{"id":0}` and the like are pongs in other words.
            let Ok(spelled) = serde_json::to_string(&command) else {
                return Err(BAD_REQUEST);
            };
            return if spelled == PING {
                self.pong()
            } else {
                Err(BAD_REQUEST)
            };
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
        self.answer(command);
        Ok(())
    }

    /// Carries out the commands that are always answered.
    fn answer(&self, command: Command) {
        let id = command.id;
        let hub = &self.app.hub;
        let reply = if let Some(request) = command.subscribe {
            match hub.subscribe(&self.sender, id, &request) {
                Ok(recovered) => {
                    self.app.metrics.subscribed(recovered);
                    return;
                }
                Err(rejection) => failed(rejection),
            }
        } else if let Some(request) = command.unsubscribe {
            hub.unsubscribe(self.sender.id, &request.channel);
            Reply {
                unsubscribe: Some(Empty {}),
                ..Reply::default()
            }
        } else if let Some(request) = command.history {
            match hub.history(self.sender.id, &request) {
                Ok(result) => Reply {
                    history: Some(result),
                    ..Reply::default()
                },
                Err(rejection) => failed(rejection),
            }
        } else if command.rpc.is_some_and(|call| call.method == RPC_PING) {
            Reply {
                rpc: Some(RpcResult::default()),
                ..Reply::default()
            }
        } else if command.publish.is_some() {
            failed(error(error_code::PERMISSION_DENIED, "permission denied"))
        } else if command.presence.is_some()
            || command.presence_stats.is_some()
            || command.sub_refresh.is_some()
        {
            failed(error(error_code::NOT_AVAILABLE, "not available"))
        } else {
            failed(error(error_code::METHOD_NOT_FOUND, "method not found"))
        };
        self.sender.push(text(&Reply { id, ..reply }));
    }

    async fn connect(&mut self, id: u32, request: &ConnectRequest) -> Handled {
        if id == 0 || self.client.is_some() || request.token.is_empty() {
            return Err(BAD_REQUEST);
        }
        let claims = match self.app.tokens.verify(&request.token, clock::now_ms()) {
            Ok(claims) => claims,
            Err(TokenError::Expired) => {
                let reply = failed(error(error_code::TOKEN_EXPIRED, "token expired"));
                self.sender.push(text(&Reply { id, ..reply }));
                return Ok(());
            }
            Err(TokenError::Invalid) => return Err(INVALID_TOKEN),
        };
        // Admitted first and looked up then: a sign-out in between finds the connection and ends it.
        let sockets_max = self.app.config.sockets_per_user_max;
        if !self
            .app
            .hub
            .admit(&self.sender, &claims.sub, &claims.jti, sockets_max)
        {
            return Err(End::Close(close_code::CONNECTION_LIMIT, "connection limit"));
        }
        self.check_session(&claims).await?;
        let ttl_ms = claims.ttl_ms(clock::now_ms());
        self.client = Some(Client {
            expires_at: Instant::now() + std::time::Duration::from_millis(ttl_ms),
            user_id: claims.sub,
        });
        let result = ConnectResult {
            client: random::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            expires: true,
            ttl: seconds(ttl_ms),
            ping: whole_seconds_up(self.app.config.realtime.ping),
            pong: true,
            ..ConnectResult::default()
        };
        self.sender.push(text(&Reply {
            id,
            connect: Some(result),
            ..Reply::default()
        }));
        Ok(())
    }

    async fn refresh(&mut self, id: u32, request: &RefreshRequest) -> Handled {
        let claims = match self.app.tokens.verify(&request.token, clock::now_ms()) {
            Ok(claims) => claims,
            Err(TokenError::Expired) => return Err(End::Close(close_code::EXPIRED, "expired")),
            Err(TokenError::Invalid) => return Err(INVALID_TOKEN),
        };
        let Some(client) = self
            .client
            .as_ref()
            .filter(|client| client.user_id == claims.sub)
        else {
            return Err(INVALID_TOKEN);
        };
        let user_id = client.user_id.clone();
        self.check_session(&claims).await?;
        let ttl_ms = claims.ttl_ms(clock::now_ms());
        self.client = Some(Client {
            user_id,
            expires_at: Instant::now() + std::time::Duration::from_millis(ttl_ms),
        });
        let result = RefreshResult {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            expires: true,
            ttl: seconds(ttl_ms),
        };
        self.sender.push(text(&Reply {
            id,
            refresh: Some(result),
            ..Reply::default()
        }));
        Ok(())
    }

    /// Refuses the tokens of a sign-in that has ended.
    async fn check_session(&self, claims: &Claims) -> Handled {
        match session::is_alive(&self.app, &claims.jti, &claims.sub).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(INVALID_TOKEN),
            Err(failure) => {
                tracing::error!(%failure, "a session could not be looked up");
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

fn seconds(ms: u64) -> u32 {
    u32::try_from(ms / 1000).unwrap_or(u32::MAX).max(1)
}

fn whole_seconds_up(duration: std::time::Duration) -> u32 {
    u32::try_from(duration.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}
