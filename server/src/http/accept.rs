//! Accepts TCP connections. The loop uses hyper directly, because `axum::serve` cannot abort a connection without an
//! answer, limit the time for headers, or limit the number of connections.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request, response::IntoResponse, response::Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tower::ServiceExt;

use super::{
    AbortConnection, Shared, TcpInfo, forwarded,
    permits::{Permit, limit_reached},
    router,
    stream::Stream,
};
use crate::failure::Result;

/// How long the headers of a request may take to arrive, and how long a connection may be idle. Balancers close idle
/// connections after 60 s and must be first, or they send a request into a connection that closes.
const HEADER_TIMEOUT: Duration = Duration::from_secs(75);

/// The maximum size of the headers of a request, in bytes.
const HEADER_BYTES_MAX: usize = 32 * 1024;

/// The pause after the system has failed to accept a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The number of connections beyond the maximum that are answered at a time, and how long each may take. More are
/// closed without an answer.
const REJECTIONS_MAX: usize = 64;
const REJECTION_TIMEOUT: Duration = Duration::from_secs(2);

/// Serves until the server stops.
pub async fn run(app: Shared, listener: Arc<TcpListener>) {
    let app = &app;
    let router = router(app);
    let rejections = Arc::new(Semaphore::new(REJECTIONS_MAX));
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => match admit(app, peer) {
                Ok((tcp, http)) => {
                    let connection = serve(Shared::clone(app), router.clone(), stream, tcp);
                    app.tasks.spawn(async move {
                        connection.await;
                        drop(http);
                    });
                }
                Err(_limit_reached) => {
                    if let Ok(permit) = Arc::clone(&rejections).try_acquire_owned() {
                        let answer = reject(stream);
                        app.tasks.spawn(async move {
                            answer.await;
                            drop(permit);
                        });
                    }
                }
            },
            Err(error) => pause_after(&error, &listener).await,
        }
    }
}

/// Acquires the permits of a connection: one of all, which a websocket keeps, and one for HTTP. A connection of a trusted
/// proxy carries requests of many clients, so each request acquires the second one.
fn admit(app: &Shared, peer: SocketAddr) -> Result<(TcpInfo, Option<Permit>)> {
    let address = peer.ip().to_canonical();
    let permit = Arc::new(app.connection_permits.acquire(address)?);
    let is_proxy = forwarded::is_trusted(address, &app.config.trusted_proxies);
    let http = (!is_proxy).then(|| app.http_permits.acquire(address));
    Ok((TcpInfo { peer, permit }, http.transpose()?))
}

/// Answers the first request of a connection beyond a limit.
async fn reject(stream: TcpStream) {
    let service = service_fn(|_: hyper::Request<Incoming>| {
        std::future::ready(Ok::<_, Infallible>(limit_reached().into_response()))
    });
    let connection = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(
            TokioIo::new(Stream::new(stream, REJECTION_TIMEOUT)),
            service,
        );
    // The connection ends now, with or without an answer.
    let _: Result<_, _> = timeout(REJECTION_TIMEOUT, connection).await;
}

async fn pause_after(error: &io::Error, listener: &TcpListener) {
    let gone = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if !gone {
        let address: io::Result<SocketAddr> = listener.local_addr();
        tracing::error!(%error, ?address, "accepting failed");
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}

async fn serve(app: Shared, router: Router, stream: TcpStream, tcp: TcpInfo) {
    // Frames are small and urgent. A socket without the option works too.
    let _: io::Result<()> = stream.set_nodelay(true);
    let shared = Shared::clone(&app);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        let tcp = tcp.clone();
        let app = Shared::clone(&shared);
        async move {
            let public_url = app.config.public_url.as_ref();
            let mut request: Request = request.map(Body::new);
            if let Some(below) = public_url.and_then(|url| url.below(request.uri())) {
                *request.uri_mut() = below;
            }
            request.extensions_mut().insert(tcp);
            let Ok(response): Result<Response, Infallible> = router.oneshot(request).await;
            match response.extensions().get::<AbortConnection>() {
                Some(AbortConnection) => Err(io::Error::from(io::ErrorKind::ConnectionAborted)),
                None => Ok(response),
            }
        }
    });
    let stream = Stream::new(stream, app.config.write_timeout);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = app.shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}
