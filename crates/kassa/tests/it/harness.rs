//! The parts of a smoke test: the real binary in its own process, a merchant, and a receiver of callbacks.

mod between;
mod dev;
mod merchant;
mod node;
mod patience;
pub mod process;
mod receiver;

pub use between::{Between, Gate};
pub use dev::{Dev, Signal, kassa, run, tracker_settings};
pub use merchant::{Answer, Merchant, cart};
pub use node::{Configuration, Node};
pub use patience::Patience;
pub use receiver::{Received, Receiver};
