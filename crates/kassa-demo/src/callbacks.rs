//! `POST /demo/callbacks/{order}?secret=...`: the shop receives Kassa's callbacks.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use kassa_wire::callback::StatusUpdate;
use kassa_wire::headers::{WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP};
use kassa_wire::signature::{SignatureError, SignedCallback, verify};
use serde::Deserialize;

use super::arrival::Callback;
use super::exchange::body_shown;
use super::follow_up::follow_up;
use super::shop::Shop;

#[derive(Deserialize)]
pub(super) struct SecretParameter {
    #[serde(default)]
    secret: String,
}

/// Verifies a callback, answers at once, and reads the session afterwards, because Kassa waits three seconds at most.
///
/// A call without the order's secret gets 404 and is not recorded. A call with an invalid signature is recorded and
/// gets 401.
pub(super) async fn receive(
    State(shop): State<Arc<Shop>>,
    Path(number): Path<u64>,
    Query(given): Query<SecretParameter>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let order = shop.orders.find(number).filter(|order| order.is_secret(&given.secret));
    let Some(order) = order else { return StatusCode::NOT_FOUND };
    let verified = verified(&shop, &headers, &body);
    let update: Option<StatusUpdate> = serde_json::from_slice(&body).ok();
    let callback = callback(&headers, &body, update.as_ref(), verified);
    order.change(|state| state.arrivals.add_callback(shop.now(), callback));
    match (verified, update) {
        (Ok(()), Some(_)) => {
            tokio::spawn(follow_up(shop, order));
            StatusCode::NO_CONTENT
        }
        (Ok(()), None) => StatusCode::BAD_REQUEST,
        (Err(_), _) => StatusCode::UNAUTHORIZED,
    }
}

fn verified(shop: &Shop, headers: &HeaderMap, body: &[u8]) -> Result<(), SignatureError> {
    let call = SignedCallback {
        event_id: header(headers, WEBHOOK_ID),
        at_s: header(headers, WEBHOOK_TIMESTAMP).parse().unwrap_or(0),
        body,
        signatures: header(headers, WEBHOOK_SIGNATURE),
    };
    verify(&shop.callback_secrets, call, shop.now_s())
}

fn callback(
    headers: &HeaderMap,
    body: &[u8],
    update: Option<&StatusUpdate>,
    verified: Result<(), SignatureError>,
) -> Callback {
    let event_id = match update {
        Some(update) => &update.event_id,
        None => header(headers, WEBHOOK_ID),
    };
    Callback {
        event_id: event_id.to_string(),
        status: update.map(|update| update.session.status().to_string()).unwrap_or_default(),
        unverified: verified.err().map(|reason| reason.to_string()).unwrap_or_default(),
        is_repeated: false,
        body: body_shown(body),
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
