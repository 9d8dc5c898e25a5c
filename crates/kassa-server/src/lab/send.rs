//! The weather over callbacks: the one place between an attempt that is about to be made and the network.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use http::{HeaderMap, HeaderName, HeaderValue};
use kassa_domain::page_session::PageSession;
use kassa_store::{Attempt, ClaimedCallback};
use kassa_wire::callback::StatusUpdate;
use kassa_wire::headers::WEBHOOK_SIGNATURE;

use super::bench::Bench;
use super::journal::{Entry, Message, Subject};
use super::weather::{Attempted, CallbackFault};
use crate::app::App;
use crate::callbacks::Ready;
use kassa_outgoing::{Call, CallAnswer, CallError, CallErrorKind};

/// What came of an attempt.
pub(crate) struct Sent {
    pub(crate) answer: Result<CallAnswer, CallError>,
    /// After what time it is attempted again, where the weather settles that and not the schedule.
    pub(crate) again_after_ms: Option<i64>,
}

/// How much later than its event the weather lets a callback of this session, as it stands, fall due.
pub(crate) fn delay_ms(app: &App, session: &PageSession) -> i64 {
    let Some(weather) = app.lab.as_ref().and_then(|lab| lab.bench(&session.merchant_id).weather()) else {
        return 0;
    };
    let faults = weather.of_attempt(Attempted::first(session));
    let delays =
        faults.iter().map(|fault| if let CallbackFault::Delay { by_ms } = fault { *by_ms } else { 0 });
    delays.sum()
}

/// Makes one attempt as the weather lets it, and keeps what was sent in the journal.
pub(crate) async fn send(app: &App, ready: &Ready, call: Call) -> Sent {
    let Some(lab) = &app.lab else {
        return Sent { answer: app.outgoing.call(call).await, again_after_ms: None };
    };
    let bench = lab.bench(&ready.callback.merchant_id);
    let faults = faults(&bench, ready);
    if faults.contains(&CallbackFault::Together) {
        bench.crossing.wait_for_departure(&ready.callback.page_session_id).await;
    }
    let attempt = Attempting { app, ready, bench, faults };
    match attempt.kept_back() {
        Some(again_after_ms) => {
            let answer = attempt.keep(&attempt.changed(call), async { Err(kept_back()) }).await;
            Sent { answer, again_after_ms }
        }
        None => Sent { answer: attempt.send(attempt.changed(call)).await, again_after_ms: None },
    }
}

/// Takes note of an attempt that is about to be settled, so that who sees it settled sees the note.
pub(crate) fn note_attempt(app: &App, callback: &ClaimedCallback, attempt: &Attempt) {
    if let Some(lab) = &app.lab {
        lab.bench(&callback.merchant_id).fired.note(callback, attempt);
    }
}

/// A callback was settled: whoever waits for that goes on.
pub(crate) fn tell_settled(app: &App, callback: &ClaimedCallback) {
    if let Some(lab) = &app.lab {
        lab.bench(&callback.merchant_id).crossing.tell();
    }
}

fn faults(bench: &Bench, ready: &Ready) -> Vec<CallbackFault> {
    let Some(weather) = bench.weather() else { return Vec::new() };
    let status = serde_json::from_str::<StatusUpdate>(&ready.body).ok();
    let Some(status) =
        status.and_then(|update| kassa_domain::lifecycle::Status::parse(&update.session.status))
    else {
        return Vec::new();
    };
    weather.of_attempt(Attempted {
        page_session_id: &ready.callback.page_session_id,
        sequence: ready.callback.sequence,
        status,
        attempt: ready.callback.attempts + 1,
    })
}

fn kept_back() -> CallError {
    CallError::new(CallErrorKind::Weather, "the lab's weather kept it back")
}

/// One attempt in its weather.
struct Attempting<'a> {
    app: &'a App,
    ready: &'a Ready,
    bench: Arc<Bench>,
    faults: Vec<CallbackFault>,
}

impl Attempting<'_> {
    /// Whether nothing is sent, and after what time it is attempted again where the schedule does not say.
    fn kept_back(&self) -> Option<Option<i64>> {
        let reordered = self.faults.iter().find_map(|fault| {
            if let CallbackFault::Reorder { by_ms } = fault { Some(Some(*by_ms)) } else { None }
        });
        reordered.or_else(|| self.faults.contains(&CallbackFault::Drop).then_some(None))
    }

    /// The call as the weather lets it arrive.
    fn changed(&self, mut call: Call) -> Call {
        if self.faults.contains(&CallbackFault::Truncate) {
            call.body.truncate(call.body.len() / 2);
        }
        if self.faults.contains(&CallbackFault::CorruptSignature) {
            let of_nothing = format!("v1,{}", STANDARD.encode([0; 32]));
            for (_, value) in call.headers.iter_mut().filter(|(name, _)| *name == WEBHOOK_SIGNATURE) {
                value.clone_from(&of_nothing);
            }
        }
        call
    }

    /// Sends the call as often as the weather wants, side by side. The answer to the first counts.
    async fn send(&self, call: Call) -> Result<CallAnswer, CallError> {
        let times = self.faults.iter().find_map(|fault| {
            if let CallbackFault::Duplicate { times } = fault { Some(*times) } else { None }
        });
        let sends = (0..times.unwrap_or(1)).map(|_| self.keep(&call, self.app.outgoing.call(call.clone())));
        let mut answers = join_all(sends).await;
        answers.swap_remove(0)
    }

    /// Keeps a call, and what comes of it, in the journal.
    async fn keep(
        &self,
        call: &Call,
        answer: impl Future<Output = Result<CallAnswer, CallError>>,
    ) -> Result<CallAnswer, CallError> {
        let Ready { callback, event_id, .. } = self.ready;
        let at = self.app.clock.now(&callback.merchant_id);
        let began_at = self.app.clock.monotonic_now();
        let answer = answer.await;
        self.bench.journal.keep(Entry {
            number: 0,
            subject: Subject::Callback { event_id: event_id.clone(), attempt: callback.attempts + 1 },
            at,
            duration_ms: self.app.clock.monotonic_now().ms_since(began_at),
            method: call.method.clone(),
            path: call.url.clone(),
            page_session_id: Some(callback.page_session_id.clone()),
            request: Message::of(&header_map(call), call.body.clone()),
            answer: answer.as_ref().ok().map(read),
            failure: answer.as_ref().err().map(ToString::to_string),
            weather: self.faults.iter().map(|fault| fault.as_str().to_string()).collect(),
        });
        answer
    }
}

fn read(answer: &CallAnswer) -> (u16, Message) {
    (answer.status.as_u16(), Message::of(&answer.headers, answer.body.clone()))
}

fn header_map(call: &Call) -> HeaderMap {
    let headers = call.headers.iter().filter_map(|(name, value)| {
        Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?))
    });
    headers.collect()
}
