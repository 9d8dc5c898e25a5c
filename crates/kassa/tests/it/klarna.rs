//! Two processes: `kassa serve` with Klarna as its payment system, and `kassa dev`, the double, which plays Klarna.

pub mod front;
mod klarna_is_silent;
mod orders_survive_kills;
mod reference_comes_late;
mod secrets_stay_inside;
