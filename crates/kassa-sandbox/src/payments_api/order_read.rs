//! Builds the body of an order, a capture and a refund as Order Management returns them
//! (docs/wire.md#reading-an-order).

use kassa_domain::Timestamp;
use kassa_store::StoredOrder;
use kassa_wire::cart::OrderLine;
use kassa_wire::order_management as wire;
use kassa_wire::payments::PaymentSession;
use kassa_wire::people::{Address, Customer};
use kassa_wire::time::format_ms;

use crate::sandbox::order::OrderRecord;
use crate::sandbox::payment_method;

pub(super) fn order(stored: &StoredOrder, record: &OrderRecord, now: Timestamp) -> wire::Order {
    let OrderRecord { money, content, .. } = record;
    wire::Order {
        order_id: stored.reference.order_id.as_str().to_string(),
        status: money.status(now).as_str().to_string(),
        fraud_status: money.fraud_status(now).as_str().to_string(),
        order_amount: money.order_amount(),
        original_order_amount: money.original_order_amount(),
        captured_amount: money.captured_amount(),
        refunded_amount: money.refunded_amount(),
        remaining_authorized_amount: money.remaining_authorized_amount(now),
        purchase_currency: content.purchase_currency.to_ascii_uppercase(),
        locale: content.locale().to_string(),
        order_lines: lines(&content.order_lines),
        merchant_reference1: given(content.merchant_reference1.as_ref()),
        merchant_reference2: given(content.merchant_reference2.as_ref()),
        klarna_reference: stored.reference.klarna_reference.clone(),
        customer: customer(content.customer.as_ref()),
        billing_address: billing_address(content),
        shipping_address: shipping_address(content),
        created_at: format_ms(money.created_at().as_ms()),
        purchase_country: content.purchase_country.to_ascii_uppercase(),
        expires_at: format_ms(money.expires_at().as_ms()),
        captures: captures(stored, record),
        refunds: refunds(record),
        merchant_data: given(content.merchant_data.as_ref()),
        initial_payment_method: payment_method::initial(&record.category),
        shipping_info: record.shipping_info.clone(),
    }
}

/// Returns a text that is set. An empty one is not.
fn given(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}

fn lines(lines: &[OrderLine]) -> Vec<OrderLine> {
    lines.iter().map(OrderLine::shown).collect()
}

fn billing_address(content: &PaymentSession) -> Address {
    content.billing_address.as_ref().map_or_else(|| Address::default().shown(), Address::shown)
}

fn shipping_address(content: &PaymentSession) -> Option<Address> {
    content.shipping_address.as_ref().map(Address::shown)
}

/// Returns the part of the personal data that an order shows.
fn customer(customer: Option<&Customer>) -> Customer {
    let Customer { date_of_birth, r#type, national_identification_number, .. } =
        customer.cloned().unwrap_or_default();
    Customer { date_of_birth, r#type, national_identification_number, ..Customer::default() }
}

/// The captures, oldest first, numbered from one.
pub(super) fn captures(stored: &StoredOrder, record: &OrderRecord) -> Vec<wire::CaptureRead> {
    let refunded = record.money.refunded_per_capture();
    let captures = record.money.captures().iter().zip(refunded).zip(1..);
    let shown = captures.map(|((capture, refunded_amount), number)| {
        let details = record.captures.get(&capture.id).cloned().unwrap_or_default();
        wire::CaptureRead {
            capture_id: capture.id.clone(),
            klarna_reference: format!("{}-{number}", stored.reference.klarna_reference),
            captured_amount: capture.amount,
            captured_at: format_ms(capture.captured_at.as_ms()),
            description: details.description.unwrap_or_default(),
            order_lines: lines(&details.order_lines.unwrap_or_default()),
            refunded_amount,
            reference: given(details.reference.as_ref()),
            billing_address: billing_address(&record.content),
            shipping_address: shipping_address(&record.content),
            shipping_info: details.shipping_info.unwrap_or_default(),
        }
    });
    shown.collect()
}

/// The refunds, oldest first.
pub(super) fn refunds(record: &OrderRecord) -> Vec<wire::RefundRead> {
    let shown = record.money.refunds().iter().map(|refund| {
        let details = record.refunds.get(&refund.id).cloned().unwrap_or_default();
        wire::RefundRead {
            refund_id: refund.id.clone(),
            refunded_amount: refund.amount,
            refunded_at: format_ms(refund.refunded_at.as_ms()),
            description: details.description.unwrap_or_default(),
            order_lines: lines(&details.order_lines.unwrap_or_default()),
            reference: given(details.reference.as_ref()),
            credit_invoice: false,
        }
    });
    shown.collect()
}
