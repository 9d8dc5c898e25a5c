//! The reasons why an order refuses an operation.

use core::fmt;

/// The reason why an order refuses an operation. Its `Display` form is the vendor's wording, if known
/// (docs/wire.md#order-management-errors).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The order was cancelled.
    Cancelled,
    /// The authorization expired.
    Expired,
    /// The fraud check of the order goes on.
    Pending,
    /// The order has no fraud check that goes on.
    NotPending,
    /// Everything is captured, or the rest was released.
    Captured,
    /// The order has a capture.
    HasCaptures,
    /// The order has no capture.
    NoCaptures,
    /// A capture exceeds the remaining authorized amount.
    MoreThanRemains,
    /// A refund exceeds the captured amount that is not refunded yet.
    MoreThanCaptured,
    /// The amount of a capture or a refund is not positive.
    NotPositive,
    /// A new order amount is below the captured amount.
    LessThanCaptured {
        /// The new order amount.
        order_amount: i64,
        /// The captured amount.
        captured_amount: i64,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled => f.write_str("Order is cancelled"),
            Self::Expired => f.write_str("Order is expired"),
            Self::Pending => f.write_str("Order is pending"),
            Self::NotPending => f.write_str("Order is not pending"),
            Self::Captured => f.write_str("Order has no remaining authorized amount"),
            Self::HasCaptures => f.write_str("Order has previous captures"),
            Self::NoCaptures => f.write_str("Order has no captures"),
            Self::MoreThanRemains => {
                f.write_str("Captured amount is higher than the remaining authorized amount")
            }
            Self::MoreThanCaptured => {
                f.write_str("Refunded amount is higher than the remaining captured amount")
            }
            Self::NotPositive => f.write_str("Amount must be higher than 0"),
            Self::LessThanCaptured { order_amount, captured_amount } => write!(
                f,
                "Resulting authorization amount {order_amount} cannot be less than the captured amount \
                 {captured_amount} for order"
            ),
        }
    }
}
