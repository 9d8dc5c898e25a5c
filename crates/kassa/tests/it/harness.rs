//! The world of a smoke test: the real binary in its own process, a merchant, a receiver of callbacks.

mod dev;
mod merchant;
mod receiver;

pub use dev::{Dev, Signal, kassa, run};
pub use merchant::{Answer, Merchant, cart};
pub use receiver::{Received, Receiver};
