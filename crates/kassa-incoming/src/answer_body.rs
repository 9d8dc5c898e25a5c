//! The body of an answer, in pieces. The listener knows when each piece is sent.

use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use hyper::body::{Body, Frame, SizeHint};

use crate::calls::CallInFlight;
use crate::connection::{Memory, UnsentBytes};

/// The largest piece. It is small, so that a slow caller reads each one in time.
const LARGEST_PIECE: usize = 16 * 1024;

/// The memory that an answer needs besides its bytes: headers, the HTTP/2 stream, the task.
const COST_OF_ANSWER: usize = 4 * 1024;

/// Splits the chunks of an application's body into pieces. The call ends with its body.
pub(crate) struct AnswerBody<B> {
    inner: B,
    call: CallInFlight,
    /// The rest of a chunk, and the memory of the whole chunk.
    rest: Option<(Bytes, Memory)>,
}

/// A piece of an answer. HTTP drops it when it has handed the bytes to the socket.
pub(crate) struct AnswerPiece {
    bytes: Bytes,
    _unsent: Option<UnsentBytes>,
    /// The last piece of a chunk keeps the memory of the whole chunk.
    _memory: Option<Memory>,
}

impl<B> AnswerBody<B> {
    pub(crate) fn new(inner: B, call: CallInFlight) -> Self {
        Self { inner, call, rest: None }
    }

    /// The first piece of a chunk. The rest is sent later.
    fn split(&mut self, mut chunk: Bytes, memory: Memory) -> AnswerPiece {
        let connection = &self.call.connection;
        if chunk.len() > LARGEST_PIECE {
            let bytes = chunk.split_to(LARGEST_PIECE);
            let piece = AnswerPiece { bytes, _unsent: Some(UnsentBytes::new(connection)), _memory: None };
            self.rest = Some((chunk, memory));
            return piece;
        }
        AnswerPiece { bytes: chunk, _unsent: Some(UnsentBytes::new(connection)), _memory: Some(memory) }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for AnswerBody<B> {
    type Data = AnswerPiece;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<AnswerPiece>, B::Error>>> {
        if let Some((chunk, memory)) = self.rest.take() {
            return Poll::Ready(Some(Ok(Frame::data(self.split(chunk, memory)))));
        }
        let frame = match ready!(Pin::new(&mut self.inner).poll_frame(context)) {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => return Poll::Ready(None),
        };
        let piece = frame.map_data(|chunk| match chunk.is_empty() {
            true => AnswerPiece { bytes: chunk, _unsent: None, _memory: None },
            false => {
                let memory = Memory::of(&self.call.connection, chunk.len() + COST_OF_ANSWER);
                self.split(chunk, memory)
            }
        });
        Poll::Ready(Some(Ok(piece)))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.as_ref().map_or(0, |(chunk, _)| chunk.len() as u64);
        let inner = self.inner.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower() + rest);
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}

impl Buf for AnswerPiece {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        self.bytes.chunks_vectored(slices)
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
    }

    fn copy_to_bytes(&mut self, length: usize) -> Bytes {
        self.bytes.copy_to_bytes(length)
    }
}
