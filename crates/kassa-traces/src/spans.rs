//! Spans in the form of OpenTelemetry's library.

use std::borrow::Cow;

use kassa_engine::{FinishedSpan, SpanKind, SpanPlace, SpanValue};
use opentelemetry::trace::{Link, SpanContext, SpanId, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

/// A span as the library sends it.
pub(super) fn exported(span: FinishedSpan) -> SpanData {
    let mut links = SpanLinks::default();
    links.links = span.links.into_iter().map(|place| Link::with_context(context(place))).collect();
    SpanData {
        span_context: context(span.place),
        parent_span_id: span.parent.map_or(SpanId::INVALID, SpanId::from_bytes),
        parent_span_is_remote: span.parent_is_remote,
        span_kind: kind(span.kind),
        name: span.name,
        start_time: span.started_at,
        end_time: span.ended_at,
        attributes: span.attributes.into_iter().map(attribute).collect(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links,
        status: if span.is_failure { Status::error(Cow::Borrowed("")) } else { Status::Unset },
        instrumentation_scope: InstrumentationScope::builder("kassa").build(),
    }
}

fn context(SpanPlace { trace_id, span_id }: SpanPlace) -> SpanContext {
    let (trace_id, span_id) = (TraceId::from_bytes(trace_id), SpanId::from_bytes(span_id));
    SpanContext::new(trace_id, span_id, TraceFlags::SAMPLED, false, TraceState::NONE)
}

fn kind(kind: SpanKind) -> opentelemetry::trace::SpanKind {
    match kind {
        SpanKind::Server => opentelemetry::trace::SpanKind::Server,
        SpanKind::Client => opentelemetry::trace::SpanKind::Client,
        SpanKind::Internal => opentelemetry::trace::SpanKind::Internal,
    }
}

fn attribute((name, value): (&'static str, SpanValue)) -> KeyValue {
    let value = match value {
        SpanValue::Text(Cow::Borrowed(text)) => Value::String(StringValue::from(text)),
        SpanValue::Text(Cow::Owned(text)) => Value::String(StringValue::from(text)),
        SpanValue::Number(number) => Value::I64(number),
    };
    KeyValue::new(name, value)
}
