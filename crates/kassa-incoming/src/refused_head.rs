//! The answer to a head that cannot be read.
//!
//! The HTTP library answers such a head by itself, without a body, and the application never sees the request. This
//! stream lies between them and the socket. It recognizes that answer and sends the application's in its place.

use std::fmt::Write as _;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{HeaderName, Response};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::application::{Application, RequestRefusal};

/// A stream on which the application answers heads that cannot be read.
pub(crate) struct RefusedHeads<S, A> {
    inner: S,
    application: Arc<A>,
    replacement: Option<Replacement>,
}

/// An answer that is being sent in place of the library's.
struct Replacement {
    bytes: Vec<u8>,
    written: usize,
    /// The length of the library's answer, in bytes.
    replaces: usize,
}

/// The library's answer to a head that it cannot read.
struct EmptyAnswer<'a> {
    status_line: &'a str,
    headers: &'a str,
    refusal: RequestRefusal,
}

impl<S, A> RefusedHeads<S, A> {
    pub(crate) fn new(inner: S, application: Arc<A>) -> Self {
        Self { inner, application, replacement: None }
    }
}

impl<'a> EmptyAnswer<'a> {
    /// Recognizes the library's answer by its headers. The application's answers have others.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let head = str::from_utf8(bytes).ok()?.strip_suffix("\r\n\r\n")?;
        let (status_line, headers) = head.split_once("\r\n")?;
        let refusal = match status_line.strip_prefix("HTTP/1.1 ")?.get(..3)? {
            "400" => RequestRefusal::UnreadableHead,
            "414" | "431" => RequestRefusal::HeadTooLarge,
            _ => return None,
        };
        let is_librarys = |line: &str| {
            line == "Content-Length: 0" || line == "Connection: close" || line.starts_with("Date: ")
        };
        headers.split("\r\n").all(is_librarys).then_some(Self { status_line, headers, refusal })
    }

    /// Writes the application's answer, with the library's headers beside its own.
    fn replaced_by<A: Application>(&self, application: &A, context: &mut Context<'_>) -> Option<Vec<u8>> {
        let answer = application.refuse(self.refusal);
        let mut head = format!("{}\r\n", self.status_line);
        for (name, value) in answer.headers() {
            let value = value.to_str().ok()?;
            write!(head, "{}: {value}\r\n", title_case(name)).ok()?;
        }
        let body = body_of(answer, context)?;
        for line in self.headers.split("\r\n").filter(|line| !line.starts_with("Content-Length")) {
            write!(head, "{line}\r\n").ok()?;
        }
        write!(head, "Content-Length: {}\r\n\r\n", body.len()).ok()?;
        Some([head.into_bytes(), body].concat())
    }
}

/// The body of an answer, if all of it is there.
fn body_of<B: hyper::body::Body<Data = bytes::Bytes> + Unpin>(
    answer: Response<B>,
    context: &mut Context<'_>,
) -> Option<Vec<u8>> {
    let mut body = answer.into_body();
    let mut bytes = Vec::new();
    loop {
        match Pin::new(&mut body).poll_frame(context) {
            Poll::Ready(None) => return Some(bytes),
            Poll::Ready(Some(Ok(frame))) => bytes.extend_from_slice(frame.data_ref()?),
            Poll::Ready(Some(Err(_))) | Poll::Pending => return None,
        }
    }
}

/// `Content-Type`, as the listener writes the names of all headers over HTTP/1.1.
fn title_case(name: &HeaderName) -> String {
    let mut starts_word = true;
    let letter = |letter: char| {
        let letter = if starts_word { letter.to_ascii_uppercase() } else { letter };
        starts_word = letter == '-';
        letter
    };
    name.as_str().chars().map(letter).collect()
}

impl<S: AsyncWrite + Unpin, A: Application> RefusedHeads<S, A> {
    /// Sends the rest of a replacement, and reports the length of the answer that it replaces.
    fn poll_replacement(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Some(replacement) = &mut self.replacement else { return Poll::Ready(Ok(0)) };
        while let Some(rest) = replacement.bytes.get(replacement.written..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut self.inner).poll_write(context, rest))? {
                0 => return Poll::Ready(Ok(0)),
                count => replacement.written += count,
            }
        }
        let replaces = replacement.replaces;
        self.replacement = None;
        Poll::Ready(Ok(replaces))
    }

    fn replaces(&mut self, bytes: &[u8], context: &mut Context<'_>) -> bool {
        if self.replacement.is_none()
            && let Some(answer) = EmptyAnswer::read(bytes)
            && let Some(replacement) = answer.replaced_by(&*self.application, context)
        {
            self.replacement = Some(Replacement { bytes: replacement, written: 0, replaces: bytes.len() });
        }
        self.replacement.is_some()
    }
}

impl<S: AsyncRead + Unpin, A: Application> AsyncRead for RefusedHeads<S, A> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin, A: Application> AsyncWrite for RefusedHeads<S, A> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.replaces(bytes, context) {
            true => self.poll_replacement(context),
            false => Pin::new(&mut self.inner).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match slices {
            [only] if self.replaces(only, context) => self.poll_replacement(context),
            _ => Pin::new(&mut self.inner).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal_of(answer: &str) -> Option<RequestRefusal> {
        EmptyAnswer::read(answer.as_bytes()).map(|answer| answer.refusal)
    }

    #[test]
    fn only_the_empty_answer_of_the_library_is_replaced() {
        let date = "Date: Sat, 28 Nov 2026 19:45:44 GMT";
        let empty = |status: &str| {
            format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n{date}\r\n\r\n")
        };
        assert_eq!(refusal_of(&empty("400 Bad Request")), Some(RequestRefusal::UnreadableHead));
        let too_large = empty("431 Request Header Fields Too Large");
        assert_eq!(refusal_of(&too_large), Some(RequestRefusal::HeadTooLarge));
        assert_eq!(refusal_of(&empty("204 No Content")), None);
        assert_eq!(refusal_of(&format!("{}body", empty("400 Bad Request"))), None);
        let of_application =
            format!("HTTP/1.1 400 Bad Request\r\nX: y\r\nContent-Length: 0\r\n{date}\r\n\r\n");
        assert_eq!(refusal_of(&of_application), None);
    }

    #[test]
    fn header_names_are_in_title_case() {
        let name = HeaderName::from_static("klarna-correlation-id");
        assert_eq!(title_case(&name), "Klarna-Correlation-Id");
    }
}
