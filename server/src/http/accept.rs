//! Accepts TCP connections. The loop uses hyper directly, because `axum::serve` cannot abort a connection without an
//! answer, limit the time for headers, or limit the number of connections.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request, response::Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tower::ServiceExt;

use super::{AbortConnection, Shared, TcpInfo, router};

/// How long the headers of a request may take to arrive, and how long a connection may be idle.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// The maximum size of the headers of a request, in bytes.
const HEADER_BYTES_MAX: usize = 32 * 1024;

/// The pause after the system has failed to accept a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until the server stops.
pub async fn run(app: &Shared, listener: TcpListener) {
    let router = router(app);
    let permits = Arc::new(Semaphore::new(app.config.connections_max));
    loop {
        let next = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let accepted = tokio::select! {
            () = app.shutdown.cancelled() => return,
            accepted = next => accepted,
        };
        match accepted {
            (Ok(permit), Ok((stream, peer))) => {
                let tcp = TcpInfo {
                    peer,
                    permit: Arc::new(permit),
                };
                let connection = serve(Shared::clone(app), router.clone(), stream, tcp);
                app.tasks.spawn(connection);
            }
            (_, Err(error)) => pause_after(&error, &listener).await,
            (Err(_closed), _) => return,
        }
    }
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
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        let tcp = tcp.clone();
        async move {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(tcp);
            let Ok(response): Result<Response, Infallible> = router.oneshot(request).await;
            match response.extensions().get::<AbortConnection>() {
                Some(AbortConnection) => Err(io::Error::from(io::ErrorKind::ConnectionAborted)),
                None => Ok(response),
            }
        }
    });
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
