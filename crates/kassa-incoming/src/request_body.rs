//! The body of a request, which has to arrive in time and counts as memory until it is complete.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::connection::{IncomingConnection, Memory};

/// The body of a request.
pub struct RequestBody {
    inner: Incoming,
    /// None if there is no body.
    arrival: Option<BodyArrival>,
}

/// A body that has not arrived completely.
struct BodyArrival {
    within: Duration,
    /// The time limit. It begins with the first wait.
    timeout: Option<Pin<Box<Sleep>>>,
    is_late: LateFlag,
    memory: Memory,
    connection: Arc<IncomingConnection>,
}

/// Whether the body of a request was late.
#[derive(Clone, Default)]
pub(crate) struct LateFlag(Option<Arc<AtomicBool>>);

/// The reason why the body of a request cannot be read.
#[derive(Debug)]
pub enum BodyError {
    /// It did not arrive within [`crate::Limits::body`].
    TooSlow,
    /// The connection failed, or the body is not valid HTTP.
    Broken(hyper::Error),
}

/// Whether an error says that the body of a request did not arrive in time, itself or through its sources.
#[must_use]
pub fn is_too_slow(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if matches!(error.downcast_ref(), Some(BodyError::TooSlow)) {
            return true;
        }
        next = error.source();
    }
    false
}

impl LateFlag {
    pub(crate) fn get(&self) -> bool {
        self.0.as_ref().is_some_and(|is_late| is_late.load(Ordering::Relaxed))
    }

    fn set(&self) {
        if let Some(is_late) = &self.0 {
            is_late.store(true, Ordering::Relaxed);
        }
    }
}

impl RequestBody {
    /// Wraps the body of a request. As long as the body is not complete, the head counts as memory too.
    pub(crate) fn wrap(request: Request<Incoming>, connection: &Arc<IncomingConnection>) -> Request<Self> {
        if request.body().is_end_stream() {
            return request.map(|inner| Self { inner, arrival: None });
        }
        let arrival = BodyArrival {
            within: connection.watch().limits.body,
            timeout: None,
            is_late: LateFlag(Some(Arc::default())),
            memory: Memory::of(connection, size_of_head(&request)),
            connection: connection.clone(),
        };
        request.map(|inner| Self { inner, arrival: Some(arrival) })
    }

    pub(crate) fn is_late(&self) -> LateFlag {
        self.arrival.as_ref().map(|arrival| arrival.is_late.clone()).unwrap_or_default()
    }
}

/// Reports a body that nobody reads to its end.
impl Drop for RequestBody {
    fn drop(&mut self) {
        if let Some(arrival) = self.arrival.as_ref().filter(|_| !self.inner.is_end_stream()) {
            arrival.connection.abandon_body();
        }
    }
}

fn size_of_head<B>(request: &Request<B>) -> usize {
    let fields = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
    request.uri().path().len() + request.uri().query().map_or(0, str::len) + fields.sum::<usize>()
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Self { inner, arrival } = &mut *self;
        let polled = Pin::new(inner).poll_frame(context);
        let Some(arrival) = arrival else { return polled.map_err(BodyError::Broken) };
        match polled {
            Poll::Pending => arrival.poll_timeout(context).map(|late| Some(Err(late))),
            Poll::Ready(Some(Ok(frame))) => {
                arrival.memory.add(frame.data_ref().map_or(0, Bytes::len));
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(BodyError::Broken(error)))),
            Poll::Ready(None) => {
                self.arrival = None;
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl BodyArrival {
    fn poll_timeout(&mut self, context: &mut Context<'_>) -> Poll<BodyError> {
        let within = self.within;
        let timeout = self.timeout.get_or_insert_with(|| Box::pin(sleep(within)));
        timeout.as_mut().poll(context).map(|()| {
            self.is_late.set();
            BodyError::TooSlow
        })
    }
}

impl std::fmt::Display for BodyError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooSlow => formatter.write_str("the body did not arrive in time"),
            Self::Broken(_) => formatter.write_str("the body cannot be read"),
        }
    }
}

impl Error for BodyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::TooSlow => None,
            Self::Broken(error) => Some(error),
        }
    }
}
