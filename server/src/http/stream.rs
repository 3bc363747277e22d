//! The bytes of one TCP connection.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};
use tokio_io_timeout::TimeoutStream;

/// How much of what a client still sends after the last reply is read: so many bytes, for so long, with such pauses. The
/// system would otherwise reset the connection, and the client could lose the reply.
const LINGER_BYTES_MAX: usize = 4 * 1024 * 1024;
const LINGER_TIME: Duration = Duration::from_secs(5);
const LINGER_PAUSE: Duration = Duration::from_millis(500);

/// A TCP stream that ends if the other side reads nothing for too long, and that reads the rest of a request before it
/// closes.
#[derive(Debug)]
pub struct Stream {
    inner: Pin<Box<TimeoutStream<TcpStream>>>,
    linger: Option<Linger>,
}

/// The rest of what is read after the last reply.
#[derive(Debug)]
struct Linger {
    bytes: usize,
    until: Instant,
    pause: Pin<Box<Sleep>>,
}

impl Stream {
    /// Wraps a stream. A write that makes no progress for `write_timeout` fails.
    #[must_use]
    pub fn new(stream: TcpStream, write_timeout: Duration) -> Self {
        let mut inner = TimeoutStream::new(stream);
        inner.set_write_timeout(Some(write_timeout));
        Self {
            inner: Box::pin(inner),
            linger: None,
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.inner.as_mut().poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.inner.as_mut().poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.inner.as_mut().poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { inner, linger } = &mut *self;
        if linger.is_none() {
            ready!(inner.as_mut().poll_shutdown(context))?;
        }
        let linger = linger.get_or_insert_with(|| Linger {
            bytes: LINGER_BYTES_MAX,
            until: Instant::now() + LINGER_TIME,
            pause: Box::pin(sleep(LINGER_PAUSE)),
        });
        let mut buffer = [0; 8 * 1024];
        while linger.bytes > 0 && linger.pause.as_mut().poll(context).is_pending() {
            let mut buffer = ReadBuf::new(&mut buffer);
            match ready!(inner.as_mut().poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {
                    linger.bytes = linger.bytes.saturating_sub(buffer.filled().len());
                    let pause = Instant::now() + LINGER_PAUSE;
                    linger.pause.as_mut().reset(pause.min(linger.until));
                }
                // The other side has closed too, or is gone.
                Ok(()) | Err(_) => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}
