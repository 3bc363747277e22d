//! TCP connections. A loop of our own on hyper, because a handler must be able to cut a connection instead of
//! answering, headers have to come in time, and connections are counted.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request, response::Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tower::ServiceExt;

use super::{AbortConnection, TcpInfo, Shared, router};

/// How long the headers of a request may take to arrive; also how long a connection may be idle.
const HEADER_WAIT: Duration = Duration::from_secs(30);

/// Bytes that the headers of a request may have.
const HEADER_BYTES_MAX: usize = 32 * 1024;

/// How long to wait before accepting again after the system has run out of something.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// Serves until the server is to stop.
pub async fn run(app: &Shared, listener: TcpListener) {
    let router = router(app);
    let places = Arc::new(Semaphore::new(app.config.connections_max));
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let accepted = tokio::select! {
            () = app.shutdown.cancelled() => return,
            accepted = next => accepted,
        };
        match accepted {
            (Ok(place), Ok((stream, peer))) => {
                let line = TcpInfo {
                    peer,
                    place: Arc::new(place),
                };
                let connection = serve(Shared::clone(app), router.clone(), stream, line);
                app.tasks.spawn(connection);
            }
            (_, Err(error)) => rest_after(&error, &listener).await,
            (Err(_closed), _) => return,
        }
    }
}

async fn rest_after(error: &io::Error, listener: &TcpListener) {
    let gone = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if !gone {
        let address: io::Result<SocketAddr> = listener.local_addr();
        tracing::error!(%error, ?address, "accepting failed");
        tokio::time::sleep(ACCEPT_REST).await;
    }
}

async fn serve(app: Shared, router: Router, stream: TcpStream, line: TcpInfo) {
    // Frames are small and wanted now. A socket that refuses the option works all the same.
    let _: io::Result<()> = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        let line = line.clone();
        async move {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(line);
            let response: Response = match router.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            match response.extensions().get::<AbortConnection>() {
                Some(AbortConnection) => Err(io::Error::from(io::ErrorKind::ConnectionAborted)),
                None => Ok(response),
            }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_WAIT)
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
