//! Traces: which request, payment operation and callback belong to which page session, and how long each took.
//!
//! All spans of a page session are in one trace, on every node and after every restart, because the ids of the trace
//! and of its first span are derived from the id of the page session. So nothing has to be stored or passed on.
//!
//! A request finds out only while it runs which page session it is about. So its span is put together when it ends,
//! and the spans inside wait for it. Without tracing there is no span, and each call of this module returns at once.

mod ids;
mod scope;
mod traceparent;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use kassa_domain::PageSessionId;

use crate::random::Random;

pub(crate) use scope::{ChildSpan, about, child, created};
pub use scope::{OpenSpan, within};
pub use traceparent::TraceParent;

/// The place of a span: the ids of its trace and of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanPlace {
    /// The trace.
    pub trace_id: [u8; 16],
    /// The span.
    pub span_id: [u8; 8],
}

/// The side of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// A request that the node answers.
    Server,
    /// A request that the node makes.
    Client,
    /// Work inside the node.
    Internal,
}

/// The value of an attribute. An attribute never contains a secret or data of a consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpanValue {
    /// A text.
    Text(Cow<'static, str>),
    /// A number.
    Number(i64),
}

/// A span that has ended.
#[derive(Clone, Debug)]
pub struct FinishedSpan {
    /// Its place.
    pub place: SpanPlace,
    /// The span that it is a part of.
    pub parent: Option<[u8; 8]>,
    /// Whether the parent is a span of the caller.
    pub parent_is_remote: bool,
    /// A few words, such as `POST /hpp/v1/sessions`.
    pub name: Cow<'static, str>,
    /// Its side.
    pub kind: SpanKind,
    /// When it began.
    pub started_at: SystemTime,
    /// When it ended.
    pub ended_at: SystemTime,
    /// Its attributes.
    pub attributes: Vec<(&'static str, SpanValue)>,
    /// Spans of other traces that belong to it.
    pub links: Vec<SpanPlace>,
    /// Whether it failed.
    pub is_failure: bool,
}

/// Takes the spans that have ended. It must not block.
pub trait SpanSink: Send + Sync {
    /// A span has ended.
    fn ended(&self, span: FinishedSpan);
}

/// The traces of a node. Without a sink there are none, and nothing is measured.
#[derive(Clone, Default)]
pub struct Traces(Option<Arc<Tracing>>);

impl fmt::Debug for Traces {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "Traces(on)" } else { "Traces(off)" })
    }
}

pub(crate) struct Tracing {
    sink: Arc<dyn SpanSink>,
    random: Arc<dyn Random>,
    /// The share of the traces that is recorded, between 0 and 1.
    ratio: f64,
}

impl Traces {
    /// Traces that go to this sink. `ratio` is the share of the traces that is recorded, between 0 and 1.
    #[must_use]
    pub fn to(sink: Arc<dyn SpanSink>, random: Arc<dyn Random>, ratio: f64) -> Self {
        Self(Some(Arc::new(Tracing { sink, random, ratio })))
    }

    /// A request begins. `caller` is the span of the caller that it belongs to.
    #[must_use]
    pub fn begin_request(
        &self,
        name: impl FnOnce() -> String,
        caller: impl FnOnce() -> Option<TraceParent>,
    ) -> Option<Arc<OpenSpan>> {
        let tracing = self.0.as_ref()?;
        Some(Arc::new(OpenSpan::new(tracing.clone(), name(), SpanKind::Server, caller())))
    }

    /// Work of the node for a page session begins.
    pub(crate) fn begin(
        &self,
        of: &PageSessionId,
        kind: SpanKind,
        name: impl FnOnce() -> String,
    ) -> Option<Arc<OpenSpan>> {
        let tracing = self.0.as_ref()?;
        let span = OpenSpan::new(tracing.clone(), name(), kind, None);
        span.about(of);
        Some(Arc::new(span))
    }
}

impl From<&'static str> for SpanValue {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for SpanValue {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<i64> for SpanValue {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// The present. A span is dated by the machine's clock, because spans of several programs are shown together.
#[expect(clippy::disallowed_methods, reason = "the Clock has milliseconds, and a merchant's time of the lab")]
fn now() -> SystemTime {
    SystemTime::now()
}
