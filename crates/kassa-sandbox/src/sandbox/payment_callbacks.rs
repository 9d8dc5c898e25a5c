//! The callbacks to a payment session's own URLs, as KP sends them (docs/wire.md#payments-callbacks).

use kassa_domain::callback::PaymentCallback;
use kassa_domain::payment_session::Authorization;
use kassa_domain::placed_order::{PlacedOrder, Verdict};
use kassa_domain::{OrderId, PaymentSessionId};
use kassa_engine::PaymentCall;
use kassa_store::StoredOrder;
use kassa_wire::payments::PaymentUrls;
use kassa_wire::stored::Stored;
use serde::Deserialize;
use serde_json::json;

use crate::sandbox::fraud::{NOTIFICATION_LAG_MS, event_type};

/// The URLs in the content of a payment session or an order.
#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    merchant_urls: Option<PaymentUrls>,
}

impl Stored for Content {
    const NAME: &'static str = "payment session";
}

/// An order's content, in its stored JSON.
#[derive(Deserialize)]
struct Record {
    money: PlacedOrder,
    content: Content,
}

impl Stored for Record {
    const NAME: &'static str = "order";
}

/// Returns the callback about an authorization, if the merchant gave a URL for it.
pub(crate) fn about_authorization(
    authorization: &Authorization,
) -> Result<Option<PaymentCall>, serde_json::Error> {
    let content = Content::from_stored(&authorization.body)?;
    let url = content.merchant_urls.and_then(|urls| urls.authorization).filter(|url| !url.is_empty());
    let session_id = &authorization.payment_session_id;
    Ok(url.map(|url| PaymentCall {
        kind: PaymentCallback::Authorization,
        url: with_placeholders_filled(&url, session_id, None),
        body:
            json!({ "authorization_token": authorization.token.as_str(), "session_id": session_id.as_str() })
                .to_string(),
        after_ms: 0,
    }))
}

/// Returns the callbacks about a new order for which the merchant gave URLs. The notification of a pending order falls
/// due after the end of its fraud check.
pub(crate) fn about_order(order: &StoredOrder) -> Result<Vec<PaymentCall>, serde_json::Error> {
    let record = Record::from_stored(&order.body)?;
    let urls = record.content.merchant_urls.unwrap_or_default();
    let push = urls.push.filter(|url| !url.is_empty()).map(|url| PaymentCall {
        kind: PaymentCallback::Push,
        url: with_placeholders_filled(&url, &order.payment_session_id, Some(&order.reference.order_id)),
        body: json!({ "order_id": order.reference.order_id.as_str() }).to_string(),
        after_ms: 0,
    });
    let check_and_url = record.money.fraud_check().zip(urls.notification.filter(|url| !url.is_empty()));
    let notification = check_and_url.map(|(check, url)| PaymentCall {
        kind: PaymentCallback::Notification,
        url: with_placeholders_filled(&url, &order.payment_session_id, Some(&order.reference.order_id)),
        body: notification(&order.reference.order_id, check.verdict),
        after_ms: check.ends_at.plus_ms(NOTIFICATION_LAG_MS).ms_since(order.created_at),
    });
    Ok(push.into_iter().chain(notification).collect())
}

/// Returns the body that tells how a fraud check has ended.
pub(crate) fn notification(order: &OrderId, verdict: Verdict) -> String {
    json!({ "order_id": order.as_str(), "event_type": event_type(verdict) }).to_string()
}

/// Replaces the placeholders of a URL. The one for an order stays as it is if there is no order.
pub(crate) fn with_placeholders_filled(
    url: &str,
    session: &PaymentSessionId,
    order: Option<&OrderId>,
) -> String {
    let url = url.replace("{session.id}", session.as_str());
    match order {
        Some(order) => url.replace("{order.id}", order.as_str()),
        None => url,
    }
}
