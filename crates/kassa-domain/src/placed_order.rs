//! The order after placing: what is authorized, captured, refunded, and what may still be done (spec 6.2).

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::page_session::words;
use crate::time::DAY_MS;

pub use refusal::Refusal;

mod refusal;

/// An authorization can be captured for so many days, counted from placing or from the last extension (spec 6.2).
const AUTHORIZATION_DAYS: i64 = 28;

words! {
    /// The wire's `status` of an order.
    OrderStatus {
        /// Placed; nothing is captured.
        Authorized = "AUTHORIZED"
        /// A part is captured; the rest still can be, unless it expired.
        PartCaptured = "PART_CAPTURED"
        /// Everything is captured, or the rest was released.
        Captured = "CAPTURED"
        /// Cancelled before any capture.
        Cancelled = "CANCELLED"
        /// Expired before any capture.
        Expired = "EXPIRED"
    }
}

/// The money of one placed order, in minor units. Its status and sums follow from it, so they cannot contradict it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedOrder {
    order_amount: i64,
    original_order_amount: i64,
    created_at: Timestamp,
    expires_at: Timestamp,
    end: Option<End>,
    captures: Vec<Capture>,
    refunds: Vec<Refund>,
}

/// How the merchant gave up what was not captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum End {
    /// Before any capture.
    Cancelled,
    /// After a capture.
    Released,
}

/// Money taken from the authorization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// The wire's `capture_id`.
    pub id: String,
    /// Minor units.
    pub amount: i64,
    /// When it was taken.
    pub captured_at: Timestamp,
}

/// Money given back from what was captured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The wire's `refund_id`.
    pub id: String,
    /// Minor units.
    pub amount: i64,
    /// When it was given back.
    pub refunded_at: Timestamp,
}

/// What an operation needs the order to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Not cancelled.
    NotCancelled,
    /// Not cancelled, and captured at least once.
    HasCaptures,
    /// Something can still be captured.
    CanBeCaptured,
}

impl PlacedOrder {
    /// Places an order over so many minor units.
    #[must_use]
    pub fn place(order_amount: i64, now: Timestamp) -> Self {
        Self {
            order_amount,
            original_order_amount: order_amount,
            created_at: now,
            expires_at: expiry_counted_from(now),
            end: None,
            captures: Vec::new(),
            refunds: Vec::new(),
        }
    }

    /// Takes money from the authorization: at most what remains of it.
    ///
    /// # Errors
    /// Refused on an order that is cancelled, expired or captured, for more than remains, and for nothing.
    pub fn capture(&mut self, id: String, amount: i64, now: Timestamp) -> Result<(), Refusal> {
        self.demand(Demand::CanBeCaptured, now)?;
        if amount > self.remaining_authorized_amount(now) {
            return Err(Refusal::MoreThanRemains);
        }
        if amount <= 0 && self.order_amount > 0 {
            return Err(Refusal::NotPositive);
        }
        self.captures.push(Capture { id, amount, captured_at: now });
        Ok(())
    }

    /// Gives captured money back: at most what was captured and not refunded yet.
    ///
    /// # Errors
    /// Refused without a capture, for more than was captured, and for nothing.
    pub fn refund(&mut self, id: String, amount: i64, now: Timestamp) -> Result<(), Refusal> {
        self.demand(Demand::HasCaptures, now)?;
        if amount > self.captured_amount() - self.refunded_amount() {
            return Err(Refusal::MoreThanCaptured);
        }
        if amount <= 0 {
            return Err(Refusal::NotPositive);
        }
        self.refunds.push(Refund { id, amount, refunded_at: now });
        Ok(())
    }

    /// Gives the whole authorization up.
    ///
    /// # Errors
    /// Refused after a capture, after expiry, and on a cancelled order.
    pub fn cancel(&mut self, now: Timestamp) -> Result<(), Refusal> {
        if !self.captures.is_empty() {
            return Err(Refusal::HasCaptures);
        }
        self.demand(Demand::CanBeCaptured, now)?;
        self.end = Some(End::Cancelled);
        Ok(())
    }

    /// Gives up what is not captured yet.
    ///
    /// # Errors
    /// Refused on a cancelled order and without a capture: then it is [`cancel`](Self::cancel) that is meant.
    pub fn release_remaining(&mut self, now: Timestamp) -> Result<(), Refusal> {
        self.demand(Demand::HasCaptures, now)?;
        self.end = Some(End::Released);
        Ok(())
    }

    /// Lets the authorization be captured for the account's period from today; never shortens it.
    ///
    /// # Errors
    /// Refused where nothing can be captured any more.
    pub fn extend(&mut self, now: Timestamp) -> Result<(), Refusal> {
        self.demand(Demand::CanBeCaptured, now)?;
        self.expires_at = self.expires_at.max(expiry_counted_from(now));
        Ok(())
    }

    /// Sets a new amount, higher or lower, but never below what was captured.
    ///
    /// # Errors
    /// Refused where nothing can be captured any more, and for less than was captured.
    pub fn update_authorization(&mut self, order_amount: i64, now: Timestamp) -> Result<(), Refusal> {
        self.demand(Demand::CanBeCaptured, now)?;
        let captured = self.captured_amount();
        if order_amount < captured {
            return Err(Refusal::LessThanCaptured { order_amount, captured_amount: captured });
        }
        self.order_amount = order_amount;
        Ok(())
    }

    /// Checks that the order is what an operation needs it to be.
    ///
    /// # Errors
    /// Says what the order is instead.
    pub fn demand(&self, demand: Demand, now: Timestamp) -> Result<(), Refusal> {
        let status = self.status(now);
        match demand {
            Demand::NotCancelled | Demand::HasCaptures | Demand::CanBeCaptured
                if status == OrderStatus::Cancelled =>
            {
                Err(Refusal::Cancelled)
            }
            Demand::HasCaptures if self.captures.is_empty() => Err(Refusal::NoCaptures),
            Demand::CanBeCaptured if status == OrderStatus::Captured => Err(Refusal::Captured),
            Demand::CanBeCaptured if now >= self.expires_at => Err(Refusal::Expired),
            Demand::NotCancelled | Demand::HasCaptures | Demand::CanBeCaptured => Ok(()),
        }
    }

    /// The wire's status at this instant. An order that expires after a capture stays `PART_CAPTURED`.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> OrderStatus {
        let is_captured_in_full = self.captured_amount() == self.order_amount;
        match self.end {
            Some(End::Cancelled) => OrderStatus::Cancelled,
            Some(End::Released) => OrderStatus::Captured,
            None if self.captures.is_empty() && now >= self.expires_at => OrderStatus::Expired,
            None if self.captures.is_empty() => OrderStatus::Authorized,
            None if is_captured_in_full => OrderStatus::Captured,
            None => OrderStatus::PartCaptured,
        }
    }

    /// What can still be captured.
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

    /// The sum of all captures. It never exceeds `order_amount`, so it cannot overflow.
    #[must_use]
    pub fn captured_amount(&self) -> i64 {
        self.captures.iter().map(|capture| capture.amount).sum()
    }

    /// The sum of all refunds. It never exceeds what was captured.
    #[must_use]
    pub fn refunded_amount(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// What was refunded of each capture, in their order: the oldest is refunded first.
    #[must_use]
    pub fn refunded_per_capture(&self) -> Vec<i64> {
        let mut left = self.refunded_amount();
        let share = |capture: &Capture| {
            let share = left.min(capture.amount);
            left -= share;
            share
        };
        self.captures.iter().map(share).collect()
    }

    /// The amount authorized now.
    #[must_use]
    pub fn order_amount(&self) -> i64 {
        self.order_amount
    }

    /// The amount authorized at first.
    #[must_use]
    pub fn original_order_amount(&self) -> i64 {
        self.original_order_amount
    }

    /// When it was placed.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// From here on nothing can be captured.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Every capture, oldest first.
    #[must_use]
    pub fn captures(&self) -> &[Capture] {
        &self.captures
    }

    /// Every refund, oldest first.
    #[must_use]
    pub fn refunds(&self) -> &[Refund] {
        &self.refunds
    }
}

/// The authorization's end: so many days on, cut to midnight UTC, as recorded (spec 6.2).
fn expiry_counted_from(now: Timestamp) -> Timestamp {
    let then = now.plus_ms(AUTHORIZATION_DAYS * DAY_MS).as_ms();
    Timestamp::from_ms(then - then.rem_euclid(DAY_MS))
}

#[cfg(test)]
mod laws;
