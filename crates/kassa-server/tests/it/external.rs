//! The payment system is external: a real server that follows the protocol of docs/payment-systems.md.

mod consumer_pays_elsewhere;
pub mod front;
mod merchant_calls;
mod notifications;
mod only_a_200_is_an_answer;
mod starts_are_repeated;
pub mod system;
