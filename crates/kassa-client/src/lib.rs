//! Client, callback receiver and tracker for integrators of Kassa, or of any service on the same wire.
//!
//! The [`client`] makes typed calls; [`blocking`] wraps it for synchronous callers. The [`receiver`] verifies
//! callbacks. The [`tracker`] merges callbacks and reads into one stream of status changes, and loses none in a crash.

mod backoff;
pub mod blocking;
pub mod client;
pub mod clock;
pub mod error_source;
pub mod fraud_status;
pub mod http;
#[cfg(feature = "web")]
mod incoming;
pub mod ledger;
#[cfg(feature = "web")]
pub mod listen;
pub mod merge;
pub mod random;
pub mod receiver;
#[cfg(feature = "tracker")]
pub mod tracker;

pub use jiff::Timestamp;
#[cfg(feature = "web")]
pub use kassa_incoming::Limits;

/// Compiles and runs the examples of the integration guide.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/integrating.md")]
struct Integrating;
