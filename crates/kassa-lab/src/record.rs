//! The layer around the APIs that keeps each call, with its answer, in the journal of the merchant that calls.

use std::sync::Arc;

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use http::{Method, StatusCode};
use kassa_domain::PageSessionId;
use parking_lot::Mutex;
use serde::Deserialize;

use super::browser_calls::merchant_of;
use super::faults::AppliedFaults;
use super::journal::{Entry, Message, Subject};
use crate::Lab;
use kassa_http::{Caller, CutConnection};

/// Keeps the call and its answer. A call without a valid login is not recorded, unless the browser SDK made it.
pub async fn record(State(lab): State<Lab>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::if_logged_in(&lab.accounts, &lab.calls, &mut parts).await;
    let merchant = match &caller {
        Some(caller) => Some(caller.merchant.id.clone()),
        None => merchant_of(&lab, &parts.uri).await,
    };
    let Some(merchant) = merchant else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let merchant_lab = lab.merchant_lab(&merchant);
    let (read, body) = copy_body(body);
    let (method, path) = (parts.method.clone(), parts.uri.to_string());
    let headers = Message::of(&parts.headers, Bytes::new());
    let at = caller.as_ref().map_or_else(|| lab.clock.now(&merchant), |caller| caller.now);
    let began_at = lab.clock.monotonic_now();
    if let Some(caller) = caller {
        parts.extensions.insert(caller);
    }
    parts.extensions.insert(merchant_lab.clone());
    let response = next.run(Request::from_parts(parts, body)).await;
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let is_cut = parts.extensions.get::<CutConnection>().is_some();
    let page_session_id = page_session_of(&method, &path, parts.status, &body);
    if parts.status == StatusCode::CREATED
        && let (Some(faults), Some(id)) = (merchant_lab.faults(), &page_session_id)
    {
        faults.count_session(id);
    }
    merchant_lab.journal.keep(Entry {
        number: 0,
        subject: Subject::Call,
        at,
        duration_ms: lab.clock.monotonic_now().ms_since(began_at),
        method,
        path,
        page_session_id,
        request: headers.with_body(read.take()),
        answer: (!is_cut).then(|| (parts.status.as_u16(), Message::of(&parts.headers, body.clone()))),
        failure: None,
        faults: parts.extensions.remove::<AppliedFaults>().map(|applied| applied.0).unwrap_or_default(),
    });
    Response::from_parts(parts, Body::from(body))
}

/// The part of a body that the handler read.
#[derive(Clone, Default)]
struct BodyCopy(Arc<Mutex<BytesMut>>);

impl BodyCopy {
    fn take(&self) -> Bytes {
        std::mem::take(&mut *self.0.lock()).freeze()
    }
}

/// A body that keeps a copy of what is read of it: a body that nobody reads is not read for the journal's sake.
fn copy_body(body: Body) -> (BodyCopy, Body) {
    let read = BodyCopy::default();
    if body.is_end_stream() {
        return (read, body);
    }
    let copy = read.clone();
    let stream = body.into_data_stream().inspect_ok(move |chunk| {
        copy.0.lock().extend_from_slice(chunk);
    });
    (read, Body::from_stream(stream))
}

/// The page session that a call names, or makes.
fn page_session_of(method: &Method, path: &str, status: StatusCode, answer: &Bytes) -> Option<PageSessionId> {
    #[derive(Deserialize)]
    struct Created {
        session_id: String,
    }
    let sessions =
        path.strip_prefix("/hpp/v1/sessions").or_else(|| path.strip_prefix("/kassa/v1/sessions"))?;
    if let Some(rest) = sessions.strip_prefix('/') {
        return rest.split(['/', '?']).next().map(PageSessionId::new);
    }
    let is_created = method == Method::POST && status == StatusCode::CREATED;
    let created: Created = is_created.then(|| serde_json::from_slice(answer).ok()).flatten()?;
    Some(PageSessionId::new(created.session_id))
}
