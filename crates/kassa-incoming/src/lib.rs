//! Incoming HTTP with bounds on connections, time and memory.
//!
//! An [`HttpListener`] accepts connections for an [`Application`] and serves HTTP/1.1 and HTTP/2 on them, with or
//! without TLS. It closes connections whose caller sends nothing or does not read its answers, bounds how many places
//! one address may take, and refuses requests whose `Host` is not valid. [`Limits`] has the values. The crate knows
//! nothing of Kassa.

mod addresses;
mod answer_body;
mod application;
mod calls;
mod certificate;
mod connection;
mod host;
mod limits;
mod listener;
mod monitor;
mod places;
mod refused_head;
mod request_body;
mod stream;

pub use application::{Application, RequestRefusal};
pub use certificate::{Certificate, UnusableCertificate};
pub use limits::Limits;
pub use listener::HttpListener;
pub use request_body::{BodyError, RequestBody, is_too_slow};
