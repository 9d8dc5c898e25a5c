//! Klarna is the payment system: a second Kassa, the double, plays Klarna, and its lab acts as the consumer in Klarna's
//! form.

mod browser_claims;
mod consumer_leaves;
mod front;
mod merchant_creates;
mod order_outcomes;
mod payment_changes;
