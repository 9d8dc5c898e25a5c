//! Klarna as the payment system behind the page. The payment session is at Klarna, in the merchant's own account, and
//! the page runs Klarna's script (docs/klarna.md).

mod answers;
mod api;
mod content;
mod klarna;
mod order;
mod pass_through;
mod script;
mod setup;

pub use klarna::{Klarna, KlarnaRules};
pub use pass_through::{Forwarder, PassThrough, routes};
pub use setup::KlarnaSetup;
