//! A TCP connection that records when it was made.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// The instant at which a connection was made. Each answer over the connection carries it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConnectedAt(pub(super) Instant);

/// A TCP connection as the client uses it.
#[derive(Debug)]
pub(super) struct TcpConnection {
    stream: TokioIo<TcpStream>,
    connected_at: ConnectedAt,
    /// Whether a proxy reads the calls, so that each names its whole URL.
    is_to_proxy: bool,
}

impl TcpConnection {
    pub(super) fn new(stream: TcpStream) -> Self {
        let connected_at = ConnectedAt(Instant::now());
        Self { stream: TokioIo::new(stream), connected_at, is_to_proxy: false }
    }

    /// The connection, for calls that a proxy reads.
    pub(super) fn read_by_proxy(self) -> Self {
        Self { is_to_proxy: true, ..self }
    }
}

impl Connection for TcpConnection {
    fn connected(&self) -> Connected {
        Connected::new().proxy(self.is_to_proxy).extra(self.connected_at)
    }
}

impl Read for TcpConnection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl Write for TcpConnection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }
}
