//! The order as the sandbox stores it: amounts, captures, refunds, and the details that the merchant sent.

use std::collections::BTreeMap;

use kassa_domain::page_session::OrderReference;
use kassa_domain::payment_session::Authorization;
use kassa_domain::placed_order::{PlacedOrder, Refusal};
use kassa_domain::{AuthorizationToken, MerchantId, PaymentSessionId, Timestamp};
use kassa_engine::{Captures, Random, new_klarna_reference, new_order_id, new_uuid};
use kassa_store::StoredOrder;
use kassa_wire::order_management::{CaptureCreation, RefundCreation, ShippingInfo};
use kassa_wire::payments::PaymentSession;
use kassa_wire::stored::Stored;
use serde::{Deserialize, Serialize};

use crate::sandbox::fraud::PlannedCheck;
use crate::sandbox::person::{ConsumerDetails, with_consumer_details};

/// An order as the store keeps it, in one JSON text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OrderRecord {
    /// Amounts, captures and refunds. The domain's rules guard every change.
    pub(crate) money: PlacedOrder,
    /// The cart, the consumer and the merchant's references.
    pub(crate) content: PaymentSession,
    /// The identifier of the payment method category, such as `pay_later`.
    pub(crate) category: String,
    /// Shipping information for the whole order.
    pub(crate) shipping_info: Vec<ShippingInfo>,
    /// The merchant's details of each capture, by the capture's id.
    pub(crate) captures: BTreeMap<String, CaptureCreation>,
    /// The merchant's details of each refund, by the refund's id.
    pub(crate) refunds: BTreeMap<String, RefundCreation>,
}

impl Stored for OrderRecord {
    const NAME: &'static str = "order";
}

/// The input from which an order is placed.
#[derive(Clone, Debug)]
pub(crate) struct NewOrder {
    pub(crate) merchant_id: MerchantId,
    pub(crate) payment_session_id: PaymentSessionId,
    pub(crate) authorization_token: AuthorizationToken,
    pub(crate) category: String,
    pub(crate) content: PaymentSession,
    pub(crate) captures: Captures,
    pub(crate) fraud_check: Option<PlannedCheck>,
}

impl NewOrder {
    /// Prepares the order of an authorization. `content` is the authorized content, with the fields that the merchant's
    /// call replaced. The consumer's data complete it.
    pub(crate) fn of(
        authorization: &Authorization,
        content: PaymentSession,
        captures: Captures,
    ) -> Result<Self, serde_json::Error> {
        let entered = consumer_details(authorization)?;
        let content = with_consumer_details(content, &entered);
        let billing_email = || content.billing_address.as_ref().and_then(|address| address.email.as_deref());
        let email = entered.email().or_else(billing_email);
        Ok(Self {
            fraud_check: email.and_then(PlannedCheck::of),
            merchant_id: authorization.merchant_id.clone(),
            payment_session_id: authorization.payment_session_id.clone(),
            authorization_token: authorization.token.clone(),
            category: authorization.category.clone(),
            content,
            captures,
        })
    }

    /// Places the order with a new id and reference. Captures it in full if `captures` says so
    /// (docs/wire.md#order-statuses-and-amounts). A pending order is never captured when it is placed.
    pub(crate) fn place(self, random: &dyn Random, at: Timestamp) -> Result<StoredOrder, serde_json::Error> {
        let order_id = new_order_id(random, at);
        let mut record = OrderRecord {
            money: PlacedOrder::place(self.content.order_amount, at),
            content: self.content,
            category: self.category,
            shipping_info: Vec::new(),
            captures: BTreeMap::new(),
            refunds: BTreeMap::new(),
        };
        if let Some(planned) = self.fraud_check {
            record.money.begin_fraud_check(planned.of_order_placed(at));
        } else if self.captures == Captures::AtOnce {
            record.capture_all(new_uuid(random, at), at);
        }
        Ok(StoredOrder {
            reference: OrderReference { order_id, klarna_reference: new_klarna_reference(random) },
            merchant_id: self.merchant_id,
            payment_session_id: self.payment_session_id,
            authorization_token: self.authorization_token,
            version: 0,
            created_at: at,
            body: serde_json::to_string(&record)?,
        })
    }
}

/// Returns what the consumer of an authorization entered.
pub(crate) fn consumer_details(authorization: &Authorization) -> Result<ConsumerDetails, serde_json::Error> {
    authorization
        .consumer
        .as_deref()
        .map_or_else(|| Ok(ConsumerDetails::default()), ConsumerDetails::from_stored)
}

impl OrderRecord {
    /// Parses a stored order.
    pub(crate) fn of(stored: &StoredOrder) -> Result<Self, serde_json::Error> {
        Self::from_stored(&stored.body)
    }

    /// Captures an amount and keeps the merchant's details.
    pub(crate) fn capture(
        &mut self,
        id: String,
        details: CaptureCreation,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        self.money.capture(id.clone(), details.captured_amount, at)?;
        self.captures.insert(id, details);
        Ok(())
    }

    /// Refunds an amount and keeps the merchant's details.
    pub(crate) fn refund(
        &mut self,
        id: String,
        details: RefundCreation,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        self.money.refund(id.clone(), details.refunded_amount, at)?;
        self.refunds.insert(id, details);
        Ok(())
    }

    fn capture_all(&mut self, id: String, at: Timestamp) {
        let details = CaptureCreation {
            captured_amount: self.money.order_amount(),
            order_lines: Some(self.content.order_lines.clone()),
            ..CaptureCreation::default()
        };
        self.capture(id, details, at).expect("a fresh order can be captured in full");
    }
}

#[cfg(test)]
mod tests {
    use kassa_domain::placed_order::{FraudStatus, OrderStatus};

    use super::*;
    use kassa_engine::SeededRandom;

    const AT: Timestamp = Timestamp::from_ms(1_657_273_696_680);

    fn placed(captures: Captures) -> (StoredOrder, OrderRecord) {
        placed_with(captures, None)
    }

    fn placed_with(captures: Captures, fraud_check: Option<PlannedCheck>) -> (StoredOrder, OrderRecord) {
        let order = NewOrder {
            merchant_id: MerchantId::new("PK1"),
            payment_session_id: PaymentSessionId::new("p"),
            authorization_token: AuthorizationToken::new("t"),
            category: "pay_later".to_string(),
            content: PaymentSession { order_amount: 100, ..PaymentSession::default() },
            captures,
            fraud_check,
        };
        let stored = order.place(&SeededRandom::new(1), AT).unwrap();
        let record = OrderRecord::of(&stored).unwrap();
        (stored, record)
    }

    #[test]
    fn an_order_has_a_reference_of_eight_upper_case_letters_and_digits() {
        let (stored, _) = placed(Captures::Later);
        let reference = stored.reference.klarna_reference;
        assert_eq!(reference.len(), 8);
        assert!(reference.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()));
    }

    #[test]
    fn a_pending_order_is_not_captured_until_its_check_has_ended() {
        for (email, fraud_status, status) in [
            ("c+pend-accept-1@email.se", FraudStatus::Accepted, OrderStatus::Authorized),
            ("c+pend-reject-1@email.se", FraudStatus::Rejected, OrderStatus::Cancelled),
        ] {
            let (_, mut record) = placed_with(Captures::AtOnce, PlannedCheck::of(email));
            assert_eq!(record.money.fraud_status(AT), FraudStatus::Pending);
            assert_eq!(record.money.status(AT), OrderStatus::Authorized);
            let details = || CaptureCreation { captured_amount: 1, ..CaptureCreation::default() };
            assert_eq!(record.capture("c".to_string(), details(), AT), Err(Refusal::Pending));
            let later = AT.plus_ms(kassa_domain::time::MINUTE_MS);
            assert_eq!(record.money.fraud_status(later), fraud_status);
            assert_eq!(record.money.status(later), status);
            let captured = record.capture("c".to_string(), details(), later);
            assert_eq!(captured.is_ok(), fraud_status == FraudStatus::Accepted);
        }
    }

    #[test]
    fn a_new_order_is_captured_in_full_only_if_that_was_requested() {
        assert_eq!(placed(Captures::Later).1.money.status(AT), OrderStatus::Authorized);
        let (_, record) = placed(Captures::AtOnce);
        assert_eq!(record.money.status(AT), OrderStatus::Captured);
        assert_eq!(record.captures.len(), 1);
    }
}
