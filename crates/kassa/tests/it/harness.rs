//! The parts of a smoke test: the real binary in its own process, a merchant, and a receiver of callbacks.

mod dev;
mod load_control;
mod merchant;
mod node;
pub mod process;
mod receiver;
mod recording_proxy;

pub use dev::{Dev, Signal, kassa, run, tracker_settings};
pub use load_control::LoadControl;
pub use merchant::{Answer, Merchant, cart};
pub use node::{Configuration, Node};
pub use receiver::{Received, Receiver};
pub use recording_proxy::{Gate, RecordingProxy};
