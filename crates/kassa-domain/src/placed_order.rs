//! A placed order: its authorized, captured and refunded amounts, and the operations that it allows
//! (docs/wire.md#order-statuses-and-amounts).

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::page_session::words;
use crate::time::DAY_MS;

pub use fraud::{FraudCheck, FraudStatus, Verdict};
pub use refusal::Refusal;

mod fraud;
mod refusal;

/// The days during which an order can be captured, counted from its placing or its last extension
/// (docs/wire.md#order-statuses-and-amounts).
const AUTHORIZATION_DAYS: i64 = 28;

words! {
    /// The wire's `status` of an order.
    OrderStatus {
        /// The order is placed, and nothing is captured.
        Authorized = "AUTHORIZED"
        /// A part is captured. The rest can be captured until the authorization expires.
        PartCaptured = "PART_CAPTURED"
        /// Everything is captured, or the rest was released.
        Captured = "CAPTURED"
        /// The order was cancelled before any capture.
        Cancelled = "CANCELLED"
        /// The authorization expired before any capture.
        Expired = "EXPIRED"
    }
}

/// The money of one placed order, in minor units. Status and sums are computed from it, so they always agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedOrder {
    order_amount: i64,
    original_order_amount: i64,
    created_at: Timestamp,
    expires_at: Timestamp,
    end: Option<OrderEnd>,
    /// When the merchant gave the rest up. Absent in rows of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    captures: Vec<Capture>,
    refunds: Vec<Refund>,
    /// The fraud check, if there is one. Without one the order is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fraud_check: Option<FraudCheck>,
}

/// How the merchant gave up the amount that was not captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderEnd {
    /// The merchant cancelled the order before any capture.
    Cancelled,
    /// The merchant released the rest after a capture.
    Released,
}

/// One capture of authorized money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// The wire's `capture_id`.
    pub id: String,
    /// The amount, in minor units.
    pub amount: i64,
    /// When the amount was captured.
    pub captured_at: Timestamp,
}

/// One refund of captured money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The wire's `refund_id`.
    pub id: String,
    /// The amount, in minor units.
    pub amount: i64,
    /// When the amount was refunded.
    pub refunded_at: Timestamp,
}

/// The state of the order that an operation requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderPrecondition {
    /// The order is not cancelled.
    NotCancelled,
    /// The order is not cancelled, and has a capture.
    HasCaptures,
    /// The order can still be captured.
    CanBeCaptured,
}

impl PlacedOrder {
    /// Places an order over `order_amount` minor units.
    #[must_use]
    pub fn place(order_amount: i64, now: Timestamp) -> Self {
        Self {
            order_amount,
            original_order_amount: order_amount,
            created_at: now,
            expires_at: expiry_counted_from(now),
            end: None,
            ended_at: None,
            captures: Vec::new(),
            refunds: Vec::new(),
            fraud_check: None,
        }
    }

    /// Begins a fraud check. Until it ends the order is pending.
    pub fn begin_fraud_check(&mut self, check: FraudCheck) {
        self.fraud_check = Some(check);
    }

    /// Ends a fraud check now.
    ///
    /// # Errors
    /// The order is not pending.
    pub fn end_fraud_check(&mut self, verdict: Verdict, now: Timestamp) -> Result<(), Refusal> {
        if self.fraud_status(now) != FraudStatus::Pending {
            return Err(Refusal::NotPending);
        }
        // Not `now`: another node's clock may be behind, and the order would be pending there again.
        self.fraud_check = Some(FraudCheck { verdict, ends_at: self.created_at });
        Ok(())
    }

    /// Returns the fraud check, if there is one.
    #[must_use]
    pub fn fraud_check(&self) -> Option<FraudCheck> {
        self.fraud_check
    }

    /// Returns the wire's `fraud_status` at this instant.
    #[must_use]
    pub fn fraud_status(&self, now: Timestamp) -> FraudStatus {
        self.fraud_check.map_or(FraudStatus::Accepted, |check| check.status(now))
    }

    /// Captures an amount, at most the remaining authorized amount.
    ///
    /// # Errors
    /// The order is cancelled, expired, captured or pending, or the amount is too high, or not positive.
    pub fn capture(&mut self, id: String, amount: i64, now: Timestamp) -> Result<(), Refusal> {
        self.require(OrderPrecondition::CanBeCaptured, now)?;
        if self.fraud_status(now) == FraudStatus::Pending {
            return Err(Refusal::Pending);
        }
        if amount > self.remaining_authorized_amount(now) {
            return Err(Refusal::MoreThanRemains);
        }
        let is_capture_of_free_order = amount == 0 && self.order_amount == 0;
        if amount <= 0 && !is_capture_of_free_order {
            return Err(Refusal::NotPositive);
        }
        self.captures.push(Capture { id, amount, captured_at: now });
        Ok(())
    }

    /// Refunds an amount, at most the captured amount that is not refunded yet.
    ///
    /// # Errors
    /// The order is cancelled or has no capture, or the amount is too high, or not positive.
    pub fn refund(&mut self, id: String, amount: i64, now: Timestamp) -> Result<(), Refusal> {
        self.require(OrderPrecondition::HasCaptures, now)?;
        if amount > self.captured_amount() - self.refunded_amount() {
            return Err(Refusal::MoreThanCaptured);
        }
        if amount <= 0 {
            return Err(Refusal::NotPositive);
        }
        self.refunds.push(Refund { id, amount, refunded_at: now });
        Ok(())
    }

    /// Cancels the whole authorization.
    ///
    /// # Errors
    /// The order has a capture, is expired, or is already cancelled.
    pub fn cancel(&mut self, now: Timestamp) -> Result<(), Refusal> {
        if !self.captures.is_empty() {
            return Err(Refusal::HasCaptures);
        }
        self.require(OrderPrecondition::CanBeCaptured, now)?;
        self.end = Some(OrderEnd::Cancelled);
        self.ended_at = Some(now);
        Ok(())
    }

    /// Releases the amount that is not captured yet.
    ///
    /// # Errors
    /// The order is cancelled, or has no capture: use [`cancel`](Self::cancel) then.
    pub fn release_remaining(&mut self, now: Timestamp) -> Result<(), Refusal> {
        self.require(OrderPrecondition::HasCaptures, now)?;
        self.end = Some(OrderEnd::Released);
        self.ended_at = Some(now);
        Ok(())
    }

    /// Extends the authorization to the full period from today. Never shortens it.
    ///
    /// # Errors
    /// The order cannot be captured any more.
    pub fn extend(&mut self, now: Timestamp) -> Result<(), Refusal> {
        self.require(OrderPrecondition::CanBeCaptured, now)?;
        self.expires_at = self.expires_at.max(expiry_counted_from(now));
        Ok(())
    }

    /// Sets a new order amount, higher or lower, but not below the captured amount.
    ///
    /// # Errors
    /// The order cannot be captured any more, or the new amount is below the captured amount.
    pub fn update_authorization(&mut self, order_amount: i64, now: Timestamp) -> Result<(), Refusal> {
        self.require(OrderPrecondition::CanBeCaptured, now)?;
        let captured = self.captured_amount();
        if order_amount < captured {
            return Err(Refusal::LessThanCaptured { order_amount, captured_amount: captured });
        }
        self.order_amount = order_amount;
        Ok(())
    }

    /// Checks that the order is in the state that an operation requires.
    ///
    /// # Errors
    /// The reason why the order is not in that state.
    pub fn require(&self, precondition: OrderPrecondition, now: Timestamp) -> Result<(), Refusal> {
        let status = self.status(now);
        match precondition {
            OrderPrecondition::NotCancelled
            | OrderPrecondition::HasCaptures
            | OrderPrecondition::CanBeCaptured
                if status == OrderStatus::Cancelled =>
            {
                Err(Refusal::Cancelled)
            }
            OrderPrecondition::HasCaptures if self.captures.is_empty() => Err(Refusal::NoCaptures),
            OrderPrecondition::CanBeCaptured if status == OrderStatus::Captured => Err(Refusal::Captured),
            OrderPrecondition::CanBeCaptured if now >= self.expires_at => Err(Refusal::Expired),
            OrderPrecondition::NotCancelled
            | OrderPrecondition::HasCaptures
            | OrderPrecondition::CanBeCaptured => Ok(()),
        }
    }

    /// Returns the wire's status at this instant. An order that expires after a capture stays `PART_CAPTURED`.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> OrderStatus {
        let is_captured_in_full = self.captured_amount() == self.order_amount;
        match self.end {
            Some(OrderEnd::Cancelled) => OrderStatus::Cancelled,
            Some(OrderEnd::Released) => OrderStatus::Captured,
            None if self.fraud_status(now) == FraudStatus::Rejected => OrderStatus::Cancelled,
            None if self.captures.is_empty() && now >= self.expires_at => OrderStatus::Expired,
            None if self.captures.is_empty() => OrderStatus::Authorized,
            None if is_captured_in_full => OrderStatus::Captured,
            None => OrderStatus::PartCaptured,
        }
    }

    /// Returns the amount that can still be captured.
    #[must_use]
    pub fn remaining_authorized_amount(&self, now: Timestamp) -> i64 {
        match self.status(now) {
            OrderStatus::Authorized | OrderStatus::PartCaptured if now < self.expires_at => {
                self.order_amount - self.captured_amount()
            }
            OrderStatus::Authorized
            | OrderStatus::PartCaptured
            | OrderStatus::Captured
            | OrderStatus::Cancelled
            | OrderStatus::Expired => 0,
        }
    }

    /// Returns the sum of all captures. It never exceeds `order_amount`, so it cannot overflow.
    #[must_use]
    pub fn captured_amount(&self) -> i64 {
        self.captures.iter().map(|capture| capture.amount).sum()
    }

    /// Returns the sum of all refunds. It never exceeds the captured amount.
    #[must_use]
    pub fn refunded_amount(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// Returns the refunded amount of each capture, in their order. Refunds apply to the oldest capture first.
    #[must_use]
    pub fn refunded_per_capture(&self) -> Vec<i64> {
        let mut remaining = self.refunded_amount();
        let share = |capture: &Capture| {
            let share = remaining.min(capture.amount);
            remaining -= share;
            share
        };
        self.captures.iter().map(share).collect()
    }

    /// Returns the amount that is authorized now.
    #[must_use]
    pub fn order_amount(&self) -> i64 {
        self.order_amount
    }

    /// Returns the amount that was authorized when the order was placed.
    #[must_use]
    pub fn original_order_amount(&self) -> i64 {
        self.original_order_amount
    }

    /// Returns when the order was placed.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// Returns the end of the authorization: from then on, nothing can be captured.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Returns how the merchant gave up the rest, and when. The instant is unknown if an earlier version stored it.
    #[must_use]
    pub fn end(&self) -> Option<(OrderEnd, Option<Timestamp>)> {
        self.end.map(|end| (end, self.ended_at))
    }

    /// Returns every capture, oldest first.
    #[must_use]
    pub fn captures(&self) -> &[Capture] {
        &self.captures
    }

    /// Returns every refund, oldest first.
    #[must_use]
    pub fn refunds(&self) -> &[Refund] {
        &self.refunds
    }
}

/// Returns the authorization's end: 28 days later, rounded down to midnight UTC, as recorded
/// (docs/wire.md#order-statuses-and-amounts).
fn expiry_counted_from(now: Timestamp) -> Timestamp {
    let then = now.plus_ms(AUTHORIZATION_DAYS * DAY_MS).as_ms();
    Timestamp::from_ms(then - then.rem_euclid(DAY_MS))
}

#[cfg(test)]
mod laws;
