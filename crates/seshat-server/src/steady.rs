//! A connection that is given up when the other side stops reading.
//!
//! **Invariant:** as long as something moves, nothing is cut; what waits to be written waits no longer than the patience.
//! Without this, clients that ask for large pages and never read them would fill the memory. How long reading may take
//! is not looked at here: requests have limits of their own, and who waits for news is silent for long.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// See the module.
pub(crate) struct Steady<S> {
    inner: S,
    patience: Duration,
    /// Since something waits to be written.
    waits: Option<Pin<Box<Sleep>>>,
}

impl<S> Steady<S> {
    /// `patience` is how long nothing may move.
    pub(crate) fn new(inner: S, patience: Duration) -> Self {
        Self { inner, patience, waits: None }
    }

    fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.waits = None;
            return polled;
        }
        let patience = self.patience;
        let waits = self.waits.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(waits.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "nobody reads the answer")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Steady<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Steady<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.watch(context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write_vectored(context, slices);
        self.watch(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_flush(context);
        self.watch(context, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_shutdown(context);
        self.watch(context, polled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    const SHORT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn who_does_not_read_is_given_up() {
        let (near, _far) = duplex(16);
        let mut near = Steady::new(near, SHORT);
        let given_up = near.write_all(&[1; 100]).await.unwrap_err();
        assert_eq!(given_up.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn who_reads_slowly_is_not_and_neither_is_who_is_silent() {
        let (near, mut far) = duplex(16);
        let mut near = Steady::new(near, Duration::from_secs(60));
        // Nobody writes anything for as long as it takes; then every byte is read one by one.
        let reading = async {
            let mut read = Vec::new();
            while let Ok(byte) = far.read_u8().await {
                read.push(byte);
                tokio::task::yield_now().await;
            }
            read.len()
        };
        let writing = async {
            tokio::task::yield_now().await;
            near.write_all(&[1; 1000]).await.unwrap();
            near.shutdown().await.unwrap();
        };
        assert_eq!(tokio::join!(reading, writing).0, 1000);
        assert!(near.waits.is_none(), "the time of one wait counts for the next");
    }
}
