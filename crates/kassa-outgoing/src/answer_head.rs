//! Reads the head of an answer that the HTTP library cannot read. Such an answer still counts by its status line.
//!
//! The library refuses an answer with a malformed header, and does not report its status. So a [`RecordedStream`]
//! stores the beginning of each HTTP/1 answer, and [`MalformedHead::read`] reads the status and the usable headers from
//! these bytes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The number of bytes that are stored of an answer.
const KEPT: usize = 16 * 1024;

/// The beginning of the answer that a connection is receiving.
#[derive(Clone, Debug, Default)]
pub(super) struct AnswerStart(Arc<Mutex<Start>>);

#[derive(Debug, Default)]
enum Start {
    /// No call is under way, or its head was read.
    #[default]
    Unwatched,
    /// A call was written, and nothing has arrived.
    Awaited,
    /// The bytes that have arrived since.
    Arrived(Vec<u8>),
}

impl AnswerStart {
    fn call_written(&self) {
        *self.lock() = Start::Awaited;
    }

    fn bytes_arrived(&self, bytes: &[u8]) {
        let mut start = self.lock();
        if matches!(*start, Start::Awaited) {
            *start = Start::Arrived(Vec::new());
        }
        if let Start::Arrived(kept) = &mut *start {
            kept.extend(bytes.iter().take(KEPT - kept.len()));
        }
    }

    /// Discards the bytes of a head that was read, so that they never count as another answer.
    pub(super) fn forget(&self) {
        *self.lock() = Start::Unwatched;
    }

    /// The bytes of the answer that has begun.
    pub(super) fn take(&self) -> Vec<u8> {
        match std::mem::take(&mut *self.lock()) {
            Start::Arrived(bytes) => bytes,
            Start::Unwatched | Start::Awaited => Vec::new(),
        }
    }

    fn lock(&self) -> parking_lot::MutexGuard<'_, Start> {
        self.0.lock()
    }
}

/// A connection whose answers are recorded, as the client uses it.
pub(super) type RecordedConnection<S> = TokioIo<RecordedStream<TokioIo<S>>>;

/// A connection that stores the beginning of each answer, if it speaks HTTP/1.
pub(super) struct RecordedStream<S> {
    stream: S,
    start: Option<AnswerStart>,
}

/// Records the answers of a connection. An HTTP/2 connection carries many answers at once, in frames, so it is not
/// recorded.
pub(super) fn record_answers<S: Connection>(stream: S) -> RecordedConnection<S> {
    let start = (!stream.connected().is_negotiated_h2()).then(AnswerStart::default);
    TokioIo::new(RecordedStream { stream: TokioIo::new(stream), start })
}

impl<S: Connection> Connection for RecordedStream<S> {
    fn connected(&self) -> Connected {
        let connected = self.stream.connected();
        match &self.start {
            Some(start) => connected.extra(start.clone()),
            None => connected,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for RecordedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let (Poll::Ready(Ok(())), Some(start)) = (&read, &self.start) {
            start.bytes_arrived(&buffer.filled()[before..]);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> RecordedStream<S> {
    fn wrote(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let (Poll::Ready(Ok(1..)), Some(start)) = (&written, &self.start) {
            start.call_written();
        }
        written
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for RecordedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(written)
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
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.wrote(written)
    }
}

/// The readable parts of a head.
#[derive(Debug, PartialEq)]
pub(super) struct MalformedHead {
    pub(super) status: StatusCode,
    /// The headers that can be read.
    pub(super) headers: HeaderMap,
    /// The bytes after the head, as far as they were stored.
    pub(super) body: Vec<u8>,
}

impl MalformedHead {
    /// Reads the beginning of an answer: its status line and each header that is well formed. `None` if there is no
    /// status line, or only those of informational answers.
    pub(super) fn read(mut bytes: &[u8]) -> Option<Self> {
        loop {
            let status = status_of(next_line(&mut bytes)?)?;
            let mut headers = HeaderMap::new();
            while let Some(line) = next_line(&mut bytes).filter(|line| !line.is_empty()) {
                if let Some((name, value)) = header_of(line) {
                    headers.append(name, value);
                }
            }
            if !status.is_informational() || status == StatusCode::SWITCHING_PROTOCOLS {
                return Some(Self { status, headers, body: bytes.to_vec() });
            }
        }
    }
}

/// Takes the next line from the bytes, without its end. `None` if no line is complete.
fn next_line<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let line = &bytes[..end];
    *bytes = &bytes[end + 1..];
    Some(line.strip_suffix(b"\r").unwrap_or(line))
}

/// The status in a status line such as `HTTP/1.1 200 OK`.
fn status_of(line: &[u8]) -> Option<StatusCode> {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let is_http_1 = matches!(words.next()?, [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0'..=b'9']);
    StatusCode::from_bytes(words.next()?).ok().filter(|_| is_http_1)
}

fn header_of(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = HeaderName::from_bytes(line[..colon].trim_ascii()).ok()?;
    Some((name, HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(bytes: &str) -> Option<u16> {
        MalformedHead::read(bytes.as_bytes()).map(|head| head.status.as_u16())
    }

    #[test]
    fn a_status_line_is_read_whatever_follows() {
        for answer in [
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.0 200\n",
            "HTTP/1.1  200   OK\r\n\r\n",
            "HTTP/1.1 200 \u{1}\r\n: x\r\n\u{0}\r\nnothing\r\n\r\n",
            "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\n",
        ] {
            assert_eq!(status(answer), Some(200), "{answer:?}");
        }
    }

    #[test]
    fn text_without_a_complete_status_line_has_no_status() {
        for answer in [
            "",
            "HTTP/1.1 200 OK",
            "HTTP/7 200 OK\r\n\r\n",
            "HTTP/1.1 20 OK\r\n\r\n",
            "HTTP/1.1 2000 OK\r\n\r\n",
            "220 mail.example\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
        ] {
            assert_eq!(status(answer), None, "{answer:?}");
        }
    }

    #[test]
    fn well_formed_headers_beside_a_malformed_one_are_read() {
        let answer = b"HTTP/1.1 503 Busy\r\nset-cookie: a\0b\r\nRetry-After : 30\r\n\r\nlater";
        let head = MalformedHead::read(answer).unwrap();
        assert_eq!(head.headers.len(), 1);
        assert_eq!(head.headers["retry-after"], "30");
        assert_eq!(head.body, b"later");
    }

    #[test]
    fn only_the_bytes_after_a_call_are_stored_and_no_more_than_the_limit() {
        let start = AnswerStart::default();
        start.bytes_arrived(b"unasked");
        assert_eq!(start.take(), b"");
        start.call_written();
        start.bytes_arrived(b"one ");
        start.bytes_arrived(b"answer");
        assert_eq!(start.take(), b"one answer");
        start.call_written();
        start.bytes_arrived(&vec![b'x'; KEPT + 1]);
        start.bytes_arrived(b"x");
        assert_eq!(start.take().len(), KEPT);
        start.call_written();
        start.bytes_arrived(b"read");
        start.forget();
        start.bytes_arrived(b"body");
        assert_eq!(start.take(), b"");
    }
}
