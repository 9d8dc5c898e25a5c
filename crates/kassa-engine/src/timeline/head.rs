//! The present state of a page session, above its timeline.

use kassa_domain::Timestamp;
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::PaymentSession;
use kassa_i18n::format_money;
use kassa_wire::kassa::TimelineHead;
use kassa_wire::payments::PaymentSession as Content;
use kassa_wire::stored::Stored as _;
use kassa_wire::time::Instant;

use super::completing_order;
use crate::payment_system::PaymentSystems;
use crate::snapshot::session_status;

/// The present state of a page session. Facts of the payment session are absent if it was deleted.
pub(super) fn head(
    session: &PageSession,
    payment: Option<&PaymentSession>,
    systems: &PaymentSystems,
    now: Timestamp,
) -> TimelineHead {
    let offer = payment.and_then(|payment| systems.of(payment).ok()?.offer(payment).ok());
    let content = payment.and_then(|payment| Content::from_stored(&payment.body).ok());
    let order = session.order.clone().or_else(|| completing_order(payment));
    let (order_id, klarna_reference) =
        order.map(|order| (order.order_id.as_str().to_string(), order.klarna_reference)).unzip();
    TimelineHead {
        merchant_id: session.merchant_id.as_str().to_string(),
        payment_session_id: session.payment_session_id.as_str().to_string(),
        status: session_status(session.status),
        created_at: Instant::from_ms(session.created_at.as_ms()),
        updated_at: Instant::from_ms(session.updated_at.as_ms()),
        expires_at: Instant::from_ms(session.expires_at.as_ms()),
        is_expired: session.is_expired(now),
        amount: offer.as_ref().map(|offer| format_money(offer.total_minor_units, &offer.currency, "en-GB")),
        order_amount: offer.as_ref().map(|offer| offer.total_minor_units),
        purchase_currency: offer.map(|offer| offer.currency),
        merchant_reference1: content.as_ref().and_then(|content| content.merchant_reference1.clone()),
        merchant_reference2: content.and_then(|content| content.merchant_reference2),
        order_id,
        klarna_reference: klarna_reference.filter(|reference| !reference.is_empty()),
    }
}
