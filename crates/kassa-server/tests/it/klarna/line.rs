//! The line between a Kassa and its payment system, which a test can disturb.

use std::collections::VecDeque;
use std::sync::Mutex;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, StatusCode};
use kassa_outgoing::{Call, CallAnswer, CallError, CallErrorKind, Network, Outgoing, OutgoingPolicy};
use serde_json::Value;

/// A disturbance of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disturbance {
    /// The call is not sent.
    NoConnection,
    /// The call arrives, and its answer is lost.
    AnswerLost,
    /// The call is answered with this status, and does not arrive.
    Status(u16),
    /// The call arrives, and only the beginning of its answer comes back.
    AnswerCut,
    /// The call arrives, and no answer ever comes.
    Silence,
    /// The call is answered with 200 and this body, and does not arrive.
    Says(&'static str),
}

/// A call that went to the double.
#[derive(Clone)]
pub struct SentCall {
    /// Method, path, and operation if there is one.
    pub name: String,
    pub url: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub is_repeatable: bool,
}

/// The line to the double. It writes down each call.
pub struct Line {
    network: Network,
    state: Mutex<LineState>,
}

#[derive(Default)]
struct LineState {
    calls: Vec<SentCall>,
    /// The number of calls under way, and the largest number so far.
    under_way: usize,
    most_at_once: usize,
    /// The answers of the double, in the order in which they came.
    answers: Vec<CallAnswer>,
    /// Calls with this text in their method and path meet the next disturbance.
    disturbed: Option<(String, VecDeque<Disturbance>)>,
}

impl Line {
    pub fn new() -> Self {
        Self { network: Network::new(OutgoingPolicy::for_this_machine()).unwrap(), state: Mutex::default() }
    }

    /// Disturbs the next calls whose method and path contain this text.
    pub fn disturb(&self, part: &str, disturbances: &[Disturbance]) {
        let waiting = disturbances.iter().copied().collect();
        self.state.lock().unwrap().disturbed = Some((part.to_string(), waiting));
    }

    /// Ends all disturbances.
    pub fn calm(&self) {
        self.state.lock().unwrap().disturbed = None;
    }

    /// The calls whose method and path contain this text.
    pub fn sent(&self, part: &str) -> Vec<SentCall> {
        let state = self.state.lock().unwrap();
        state.calls.iter().filter(|call| call.name.contains(part)).cloned().collect()
    }

    /// The answers, in the order in which they came.
    pub fn answers(&self) -> Vec<CallAnswer> {
        self.state.lock().unwrap().answers.clone()
    }

    /// The latest answer of the double.
    pub fn latest_answer(&self) -> CallAnswer {
        self.state.lock().unwrap().answers.last().unwrap().clone()
    }

    fn record(&self, call: &Call, more: &HeaderMap) -> Option<Disturbance> {
        let mut state = self.state.lock().unwrap();
        let path = url::Url::parse(&call.url).unwrap().path().to_string();
        // An external payment system has one path, and an operation in the body.
        let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let operation = body["operation"].as_str().unwrap_or_default();
        let name = format!("{} {path} {operation}", call.method).trim_end().to_string();
        let mut headers = more.clone();
        for (name, value) in &call.headers {
            headers.insert(*name, value.parse().unwrap());
        }
        state.calls.push(SentCall {
            name: name.clone(),
            url: call.url.clone(),
            headers,
            body: call.body.clone(),
            is_repeatable: call.is_repeatable,
        });
        let (part, waiting) = state.disturbed.as_mut()?;
        if name.contains(part.as_str()) { waiting.pop_front() } else { None }
    }

    async fn carry(&self, call: Call, more: HeaderMap) -> Result<CallAnswer, CallError> {
        {
            let mut state = self.state.lock().unwrap();
            state.under_way += 1;
            state.most_at_once = state.most_at_once.max(state.under_way);
        }
        let answer = self.network.call_with_headers(call, more).await;
        let mut state = self.state.lock().unwrap();
        state.under_way -= 1;
        state.answers.extend(answer.as_ref().ok().cloned());
        answer
    }

    /// The largest number of calls that were under way at once.
    pub fn most_at_once(&self) -> usize {
        self.state.lock().unwrap().most_at_once
    }
}

impl Outgoing for Line {
    fn call_with_headers(&self, call: Call, more: HeaderMap) -> BoxFuture<'_, Result<CallAnswer, CallError>> {
        Box::pin(async move {
            let disturbance = self.record(&call, &more);
            match disturbance {
                None => self.carry(call, more).await,
                Some(Disturbance::NoConnection) => {
                    Err(CallError::new(CallErrorKind::ConnectFailed, "no connection"))
                }
                Some(Disturbance::AnswerLost) => {
                    let answer = self.carry(call, more).await;
                    assert!(answer.is_ok(), "the call arrives");
                    Err(CallError::new(CallErrorKind::ConnectionLost, "the answer was cut"))
                }
                Some(Disturbance::AnswerCut) => {
                    let answer = self.carry(call, more).await.unwrap();
                    Ok(CallAnswer {
                        body: answer.body.slice(..answer.body.len() / 2),
                        is_whole: false,
                        ..answer
                    })
                }
                Some(Disturbance::Silence) => {
                    let answer = self.carry(call, more).await;
                    assert!(answer.is_ok(), "the call arrives");
                    std::future::pending().await
                }
                Some(Disturbance::Status(status)) => Ok(answered(
                    StatusCode::from_u16(status).unwrap(),
                    "<html>not from the payment system</html>",
                )),
                Some(Disturbance::Says(body)) => Ok(answered(StatusCode::OK, body)),
            }
        })
    }
}

/// An answer that the payment system did not give.
fn answered(status: StatusCode, body: &'static str) -> CallAnswer {
    CallAnswer {
        status,
        headers: HeaderMap::new(),
        body: Bytes::from_static(body.as_bytes()),
        is_whole: true,
        connected_after_ms: None,
        head_after_ms: 1,
    }
}
