//! Klarna is the payment system: a second Kassa, the double, plays Klarna, and its lab acts as the consumer in Klarna's
//! form.

mod abandoned_sessions;
mod browser_claims;
mod consumer_leaves;
pub mod front;
pub mod line;
mod merchant_creates;
mod merchant_stands_behind;
mod order_outcomes;
mod pass_through_fails;
mod payment_changes;
mod references;
