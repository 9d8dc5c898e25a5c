//! Builds the body of an order, a capture and a refund as Order Management returns them
//! (docs/wire.md#reading-an-order).

use kassa_domain::Timestamp;
use kassa_store::StoredOrder;
use kassa_wire::order_management as wire;
use kassa_wire::people::Customer;
use kassa_wire::time::format_ms;

use crate::sandbox::order::OrderRecord;
use crate::sandbox::payment_method;

pub(super) fn order(stored: &StoredOrder, record: &OrderRecord, now: Timestamp) -> wire::Order {
    let OrderRecord { money, content, .. } = record;
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    wire::Order {
        order_id: stored.reference.order_id.as_str().to_string(),
        status: money.status(now).as_str().to_string(),
        fraud_status: "ACCEPTED".to_string(),
        order_amount: money.order_amount(),
        original_order_amount: money.original_order_amount(),
        captured_amount: money.captured_amount(),
        refunded_amount: money.refunded_amount(),
        remaining_authorized_amount: money.remaining_authorized_amount(now),
        purchase_currency: content.purchase_currency.to_ascii_uppercase(),
        locale: content.locale().to_string(),
        order_lines: content.order_lines.clone(),
        merchant_reference1: or_empty(&content.merchant_reference1),
        merchant_reference2: or_empty(&content.merchant_reference2),
        klarna_reference: stored.reference.klarna_reference.clone(),
        customer: content.customer.clone().map(Customer::readable),
        billing_address: content.billing_address.clone(),
        shipping_address: content.shipping_address.clone(),
        created_at: format_ms(money.created_at().as_ms()),
        purchase_country: content.effective_country().to_ascii_uppercase(),
        expires_at: format_ms(money.expires_at().as_ms()),
        captures: captures(stored, record),
        refunds: refunds(record),
        merchant_data: or_empty(&content.merchant_data),
        initial_payment_method: payment_method::initial(&record.category),
        shipping_info: record.shipping_info.clone(),
    }
}

/// The captures, oldest first, numbered from one.
pub(super) fn captures(stored: &StoredOrder, record: &OrderRecord) -> Vec<wire::Capture> {
    let refunded = record.money.refunded_per_capture();
    let captures = record.money.captures().iter().zip(refunded).zip(1..);
    let shown = captures.map(|((capture, refunded_amount), number)| {
        let details = record.captures.get(&capture.id).cloned().unwrap_or_default();
        wire::Capture {
            capture_id: capture.id.clone(),
            klarna_reference: format!("{}-{number}", stored.reference.klarna_reference),
            captured_amount: capture.amount,
            captured_at: format_ms(capture.captured_at.as_ms()),
            description: details.description.unwrap_or_default(),
            order_lines: details.order_lines.unwrap_or_default(),
            refunded_amount,
            reference: details.reference.unwrap_or_default(),
            billing_address: record.content.billing_address.clone(),
            shipping_address: record.content.shipping_address.clone(),
            shipping_info: details.shipping_info.unwrap_or_default(),
        }
    });
    shown.collect()
}

/// The refunds, oldest first.
pub(super) fn refunds(record: &OrderRecord) -> Vec<wire::Refund> {
    let shown = record.money.refunds().iter().map(|refund| {
        let details = record.refunds.get(&refund.id).cloned().unwrap_or_default();
        wire::Refund {
            refund_id: refund.id.clone(),
            refunded_amount: refund.amount,
            refunded_at: format_ms(refund.refunded_at.as_ms()),
            description: details.description.unwrap_or_default(),
            order_lines: details.order_lines.unwrap_or_default(),
            reference: details.reference.unwrap_or_default(),
            credit_invoice: false,
        }
    });
    shown.collect()
}
