//! Metrics of the calls to payment systems: Kassa's own, and those of merchants that are passed on.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::HeaderMap;
use kassa_outgoing::{Call, CallAnswer, CallError, Outgoing};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use tokio::time::Instant;

use super::catalogue::MetricGroup;
use crate::traces::{self, ChildSpan, SpanKind};

/// The caller of a payment system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentCallOrigin {
    /// Kassa's own: a read, a start, an order or a release.
    Kassa,
    /// A merchant's, which is passed on.
    Merchant,
}

impl PaymentCallOrigin {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Kassa => "kassa",
            Self::Merchant => "merchant",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    system: &'static str,
    origin: &'static str,
    method: &'static str,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Called {
    system: &'static str,
    origin: &'static str,
    method: &'static str,
}

/// The counters of calls to payment systems. A clone shares the figures.
#[derive(Clone)]
pub struct PaymentCallMetrics {
    calls: Family<Ended, Counter>,
    seconds: Family<Called, Histogram, fn() -> Histogram>,
}

impl Default for PaymentCallMetrics {
    fn default() -> Self {
        // From 5 ms to 82 s: a call that is passed on may take a minute.
        let seconds = || Histogram::new(exponential_buckets(0.005, 2.0, 15));
        Self { calls: Family::default(), seconds: Family::new_with_constructor(seconds) }
    }
}

impl PaymentCallMetrics {
    pub(super) fn describe_in(&self, group: &mut MetricGroup<'_>) {
        group.add_with(
            "payment_system_calls",
            &["system", "origin", "method", "result"],
            "Calls to a payment system; `origin` is `merchant` for calls that are passed on, and the result `401` \
             means that the payment system refused the payment account",
            self.calls.clone(),
        );
        group.add_with(
            "payment_system_call_duration_seconds",
            &["system", "origin", "method"],
            "Time of a call to a payment system",
            self.seconds.clone(),
        );
    }

    /// The same way for calls, with each of them counted.
    #[must_use]
    pub fn measuring(
        &self,
        outgoing: Arc<dyn Outgoing>,
        system: &'static str,
        origin: PaymentCallOrigin,
    ) -> Arc<dyn Outgoing> {
        Arc::new(MeasuredOutgoing { outgoing, system, origin: origin.as_str(), metrics: self.clone() })
    }
}

/// Counts the calls that it makes.
struct MeasuredOutgoing {
    outgoing: Arc<dyn Outgoing>,
    system: &'static str,
    origin: &'static str,
    metrics: PaymentCallMetrics,
}

impl Outgoing for MeasuredOutgoing {
    fn call_with_headers(&self, call: Call, more: HeaderMap) -> BoxFuture<'_, Result<CallAnswer, CallError>> {
        let Self { system, origin, metrics, .. } = self;
        let (system, origin, method) = (*system, *origin, label_of(call.method.as_str()));
        Box::pin(async move {
            let began_at = Instant::now();
            let span = traces::child(SpanKind::Client, || format!("{method} {system}"));
            let answer = self.outgoing.call_with_headers(call, more).await;
            let seconds = metrics.seconds.get_or_create(&Called { system, origin, method });
            seconds.observe(began_at.elapsed().as_secs_f64());
            let result = result_of(&answer);
            metrics.calls.get_or_create(&Ended { system, origin, method, result }).inc();
            if let Some(span) = span {
                end(span, &answer);
            }
            answer
        })
    }
}

/// The methods of calls to payment systems. Merchants' calls have no others.
fn label_of(method: &str) -> &'static str {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    known.into_iter().find(|known| *known == method).unwrap_or("other")
}

/// Ends the span of a call. It shows no path, because a path may contain a token.
fn end(mut span: ChildSpan, answer: &Result<CallAnswer, CallError>) {
    match answer {
        Ok(answer) => span.note("http.response.status_code", i64::from(answer.status.as_u16())),
        Err(error) => span.note("error.type", error.kind.as_str()),
    }
    if !answer.as_ref().is_ok_and(|answer| answer.status.is_success()) {
        span.fail();
    }
    span.end();
}

fn result_of(answer: &Result<CallAnswer, CallError>) -> &'static str {
    match answer {
        Ok(answer) if answer.status.as_u16() == 401 => "401",
        Ok(answer) => super::class_of(answer.status.as_u16()),
        Err(error) => error.kind.as_str(),
    }
}
