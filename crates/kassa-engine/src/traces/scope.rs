//! The span of the work that runs now, and the spans inside it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use kassa_domain::PageSessionId;
use parking_lot::Mutex;

use super::ids::{first_span, is_recorded};
use super::{FinishedSpan, SpanKind, SpanPlace, SpanValue, TraceParent, Tracing, now};

tokio::task_local! {
    /// The span of the work that runs now.
    static CURRENT: Arc<OpenSpan>;
}

/// Runs a future as the work of this span.
pub async fn within<F: Future>(span: Option<&Arc<OpenSpan>>, work: F) -> F::Output {
    match span {
        None => work.await,
        // On the heap: without tracing, no caller's future grows.
        Some(span) => CURRENT.scope(span.clone(), Box::pin(work)).await,
    }
}

/// The work that runs now is about this page session.
pub(crate) fn about(session: &PageSessionId) {
    let _ = CURRENT.try_with(|span| span.about(session));
}

/// The work that runs now created this page session.
pub(crate) fn created(session: &PageSessionId) {
    let _ = CURRENT.try_with(|span| span.is_about(session, Relation::Created));
}

/// Begins a span inside the work that runs now. `None` if no span is open.
pub(crate) fn child(kind: SpanKind, name: impl FnOnce() -> String) -> Option<ChildSpan> {
    let within = CURRENT.try_with(Arc::clone).ok()?;
    let child = Child {
        span_id: within.tracing.new_span_id(),
        name: name(),
        kind,
        started_at: now(),
        ended_at: SystemTime::UNIX_EPOCH,
        attributes: Vec::new(),
        is_failure: false,
    };
    Some(ChildSpan { within, child })
}

/// A span inside another one.
pub(crate) struct ChildSpan {
    within: Arc<OpenSpan>,
    child: Child,
}

struct Child {
    span_id: [u8; 8],
    name: String,
    kind: SpanKind,
    started_at: SystemTime,
    ended_at: SystemTime,
    attributes: Vec<(&'static str, SpanValue)>,
    is_failure: bool,
}

impl ChildSpan {
    /// Adds an attribute.
    pub(crate) fn note(&mut self, name: &'static str, value: impl Into<SpanValue>) {
        self.child.attributes.push((name, value.into()));
    }

    /// The work failed.
    pub(crate) fn fail(&mut self) {
        self.child.is_failure = true;
    }

    /// The work has ended.
    pub(crate) fn end(self) {
        let Self { within, mut child } = self;
        child.ended_at = now();
        within.contents.lock().children.push(child);
    }
}

/// A span under way. It ends when its last reference is dropped.
pub struct OpenSpan {
    tracing: Arc<Tracing>,
    span_id: [u8; 8],
    name: Cow<'static, str>,
    kind: SpanKind,
    started_at: SystemTime,
    caller: Option<TraceParent>,
    contents: Mutex<Contents>,
}

#[derive(Default)]
struct Contents {
    session: Option<(PageSessionId, Relation)>,
    attributes: Vec<(&'static str, SpanValue)>,
    children: Vec<Child>,
    is_failure: bool,
}

/// How a span belongs to a page session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    /// It created the page session, so it is the first one of its trace.
    Created,
    /// It is about the page session.
    About,
}

impl OpenSpan {
    pub(super) fn new(
        tracing: Arc<Tracing>,
        name: String,
        kind: SpanKind,
        caller: Option<TraceParent>,
    ) -> Self {
        let (span_id, name) = (tracing.new_span_id(), Cow::Owned(name));
        Self { tracing, span_id, name, kind, started_at: now(), caller, contents: Mutex::default() }
    }

    /// Adds an attribute.
    pub fn note(&self, name: &'static str, value: impl Into<SpanValue>) {
        self.contents.lock().attributes.push((name, value.into()));
    }

    /// The work failed.
    pub fn fail(&self) {
        self.contents.lock().is_failure = true;
    }

    /// The header `traceparent` of a call that this span makes for its page session.
    pub(crate) fn header(&self) -> Option<String> {
        let contents = self.contents.lock();
        let (session, _) = contents.session.as_ref()?;
        let trace_id = first_span(session).trace_id;
        let place = SpanPlace { trace_id, span_id: self.span_id };
        Some(TraceParent { place, is_recorded: self.tracing.records(trace_id) }.header())
    }

    pub(super) fn about(&self, session: &PageSessionId) {
        self.is_about(session, Relation::About);
    }

    /// The page session that a span creates counts more than one that it reads. Of others, the first one counts.
    fn is_about(&self, session: &PageSessionId, relation: Relation) {
        let mut contents = self.contents.lock();
        if contents.session.is_none() || relation == Relation::Created {
            contents.session = Some((session.clone(), relation));
        }
    }

    /// The place of this span and its parent, and the first span of the page session's trace, if it is another trace.
    fn place(&self, contents: &Contents) -> Placed {
        let first = contents.session.as_ref().map(|(session, relation)| (first_span(session), *relation));
        let random_trace = || self.tracing.new_trace_id();
        match (self.caller, first) {
            (Some(caller), first) => Placed {
                place: SpanPlace { trace_id: caller.place.trace_id, span_id: self.span_id },
                parent: Some(caller.place.span_id),
                link: first.map(|(first, _)| first),
            },
            (None, Some((first, Relation::Created))) => Placed { place: first, parent: None, link: None },
            (None, Some((first, Relation::About))) => Placed {
                place: SpanPlace { trace_id: first.trace_id, span_id: self.span_id },
                parent: Some(first.span_id),
                link: None,
            },
            (None, None) => Placed {
                place: SpanPlace { trace_id: random_trace(), span_id: self.span_id },
                parent: None,
                link: None,
            },
        }
    }
}

/// The place of a span.
struct Placed {
    place: SpanPlace,
    parent: Option<[u8; 8]>,
    link: Option<SpanPlace>,
}

impl Drop for OpenSpan {
    fn drop(&mut self) {
        let mut contents = std::mem::take(&mut *self.contents.lock());
        if let Some((session, _)) = &contents.session {
            contents.attributes.push(("kassa.page_session_id", session.as_str().to_string().into()));
        }
        let Placed { place, parent, link } = self.place(&contents);
        let creates = matches!(contents.session, Some((_, Relation::Created)));
        let span = FinishedSpan {
            place,
            parent,
            parent_is_remote: self.caller.is_some(),
            name: self.name.clone(),
            kind: self.kind,
            started_at: self.started_at,
            ended_at: now(),
            attributes: contents.attributes,
            links: link.into_iter().collect(),
            is_failure: contents.is_failure,
        };
        let is_recorded = self.caller.is_none_or(|caller| caller.is_recorded);
        if let (Some(first), true) = (link, creates) {
            // The trace of the page session needs its first span, and this span is in the trace of the caller.
            self.tracing.end(first_of_session(&span, first));
        }
        if is_recorded {
            for child in contents.children {
                self.tracing.end(child.finished(place));
            }
            self.tracing.end(span);
        }
    }
}

/// The first span of a page session's trace, if the caller that created the page session has a trace of its own.
fn first_of_session(request: &FinishedSpan, first: SpanPlace) -> FinishedSpan {
    FinishedSpan {
        place: first,
        parent: None,
        parent_is_remote: false,
        name: Cow::Borrowed("page session created"),
        kind: SpanKind::Internal,
        links: vec![request.place],
        ..request.clone()
    }
}

impl Child {
    fn finished(self, parent: SpanPlace) -> FinishedSpan {
        FinishedSpan {
            place: SpanPlace { trace_id: parent.trace_id, span_id: self.span_id },
            parent: Some(parent.span_id),
            parent_is_remote: false,
            name: Cow::Owned(self.name),
            kind: self.kind,
            started_at: self.started_at,
            ended_at: self.ended_at,
            attributes: self.attributes,
            links: Vec::new(),
            is_failure: self.is_failure,
        }
    }
}

impl Tracing {
    fn new_span_id(&self) -> [u8; 8] {
        let mut id = [0; 8];
        self.random.fill(&mut id);
        id
    }

    fn new_trace_id(&self) -> [u8; 16] {
        let mut id = [0; 16];
        self.random.fill(&mut id);
        id
    }

    fn records(&self, trace_id: [u8; 16]) -> bool {
        is_recorded(trace_id, self.ratio)
    }

    fn end(&self, span: FinishedSpan) {
        if self.records(span.place.trace_id) {
            self.sink.ended(span);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SpanSink, Traces};
    use super::*;
    use crate::random::SeededRandom;

    #[derive(Default)]
    struct Kept(Mutex<Vec<FinishedSpan>>);

    impl SpanSink for Kept {
        fn ended(&self, span: FinishedSpan) {
            self.0.lock().push(span);
        }
    }

    /// The spans of a request with this caller, in which `work` runs, by their names.
    async fn spans(caller: Option<TraceParent>, work: impl Fn()) -> Vec<FinishedSpan> {
        let kept = Arc::new(Kept::default());
        let traces = Traces::to(kept.clone(), Arc::new(SeededRandom::new(7)), 1.0);
        let request = traces.begin_request(|| "request".to_string(), || caller);
        within(request.as_ref(), async { work() }).await;
        drop(request);
        let mut spans = std::mem::take(&mut *kept.0.lock());
        spans.sort_by(|one, other| one.name.cmp(&other.name));
        spans
    }

    fn inside() {
        child(SpanKind::Internal, || "inside".to_string()).unwrap().end();
    }

    fn session() -> PageSessionId {
        PageSessionId::new("0198c1a0-0000-7000-8000-000000000001")
    }

    #[tokio::test]
    async fn a_request_belongs_to_the_trace_of_its_page_session() {
        let first = first_span(&session());
        let about = spans(None, || {
            inside();
            about(&session());
        });
        let [inside, request] = &about.await[..] else { panic!("two spans") };
        assert_eq!((request.place.trace_id, request.parent), (first.trace_id, Some(first.span_id)));
        assert_eq!((inside.place.trace_id, inside.parent), (first.trace_id, Some(request.place.span_id)));
    }

    #[tokio::test]
    async fn the_request_that_creates_a_page_session_is_the_first_span_of_its_trace() {
        let created = spans(None, || {
            about(&PageSessionId::new("another one, which it reads"));
            inside();
            created(&session());
        });
        let [inside, request] = &created.await[..] else { panic!("two spans") };
        assert_eq!((request.place, request.parent), (first_span(&session()), None));
        assert_eq!(inside.parent, Some(request.place.span_id));
    }

    #[tokio::test]
    async fn a_request_without_a_page_session_is_a_trace_of_its_own() {
        let [inside, request] = &spans(None, inside).await[..] else { panic!("two spans") };
        assert_eq!(request.parent, None);
        assert_eq!(
            (inside.place.trace_id, inside.parent),
            (request.place.trace_id, Some(request.place.span_id))
        );
    }

    #[tokio::test]
    async fn a_caller_that_records_nothing_gets_no_spans_and_the_page_session_keeps_its_trace() {
        let place = SpanPlace { trace_id: [1; 16], span_id: [2; 8] };
        let caller = Some(TraceParent { place, is_recorded: false });
        let created = spans(caller, || {
            inside();
            created(&session());
        });
        let [first] = &created.await[..] else { panic!("one span") };
        assert_eq!(first.place, first_span(&session()));
        let about = spans(caller, || about(&session()));
        assert_eq!(about.await.len(), 0);
    }

    #[test]
    fn outside_of_a_span_there_is_none_inside() {
        about(&session());
        assert!(child(SpanKind::Internal, || unreachable!("no name is made")).is_none());
        assert!(Traces::default().begin_request(|| unreachable!("no name is made"), || None).is_none());
    }
}
