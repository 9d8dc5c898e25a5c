//! A TCP stream that notes when the kernel takes no more bytes.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::connection::{IncomingConnection, Instruction};

/// The longest time in which a closed connection reads on.
const LONGEST_LINGER: Duration = Duration::from_secs(1);

/// The number of bytes that a closed connection reads on, at most.
const LARGEST_DISCARDED: usize = 2_000_000;

/// A stream of a connection. It lies below TLS, so it sees everything that is sent.
pub(crate) struct Stream {
    /// `None` once it is dropped.
    inner: Option<TcpStream>,
    connection: Arc<IncomingConnection>,
}

impl Stream {
    pub(crate) fn new(inner: TcpStream, connection: Arc<IncomingConnection>) -> Self {
        Self { inner: Some(inner), connection }
    }

    fn inner(&mut self) -> Pin<&mut TcpStream> {
        Pin::new(self.inner.as_mut().expect("the stream is there until it is dropped"))
    }

    fn note_write(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Pending => self.connection.note_blocked(),
            Poll::Ready(_) => self.connection.note_written(),
        }
        written
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.inner().poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.inner().poll_write(context, bytes);
        self.note_write(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.inner().poll_write_vectored(context, slices);
        self.note_write(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_shutdown(context)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let Some(inner) = self.inner.take() else { return };
        match self.connection.instruction() {
            Instruction::Abort => {
                // If it fails, the kernel keeps the bytes for some minutes longer.
                let _ = inner.set_zero_linger();
            }
            Instruction::Close => {}
            Instruction::GoOn | Instruction::Finish => linger(inner, self.connection.clone()),
        }
    }
}

/// Reads on for a moment if the caller has sent more than was read, or may still be sending a body that was refused.
/// Otherwise the kernel would answer these bytes with a reset, which can overtake the answer. The connection keeps its
/// place meanwhile.
fn linger(mut stream: TcpStream, connection: Arc<IncomingConnection>) {
    let has_unread = |stream: &TcpStream| matches!(stream.try_read(&mut [0; 1]), Ok(1));
    let has_more = connection.has_abandoned_body() || has_unread(&stream);
    let Some(runtime) = Handle::try_current().ok().filter(|_| has_more) else { return };
    runtime.spawn(async move {
        let drained = async {
            let mut discarded = [0; 16_384];
            let mut left = LARGEST_DISCARDED;
            while let Ok(read @ 1..) = stream.read(&mut discarded).await
                && left > read
            {
                left -= read;
            }
        };
        let _ = timeout(LONGEST_LINGER, drained).await;
        drop(connection);
    });
}
