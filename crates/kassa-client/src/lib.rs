//! For integrators of Kassa, and of any service on the same wire: client, callback receiver, tracker.
//!
//! The [`client`] makes typed calls, and its [`blocking`] face waits for them. The [`receiver`] turns a callback's bytes into
//! a verdict. The [`tracker`] merges callbacks and reads into one stream of changes that survives anything.

mod backoff;
pub mod blocking;
pub mod client;
pub mod clock;
pub mod http;
#[cfg(feature = "web")]
mod incoming;
pub mod ledger;
#[cfg(feature = "web")]
pub mod listen;
pub mod news;
pub mod random;
pub mod receiver;
pub mod snapshot;
pub mod status;
#[cfg(feature = "tracker")]
pub mod tracker;

pub use jiff::Timestamp;
#[cfg(feature = "web")]
pub use kassa_incoming::Limits;

/// Holds the examples of the documentation to what compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/integrating.md")]
struct Integrating;
