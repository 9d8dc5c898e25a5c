//! The running system: merchant API, consumer page, sandbox payment system, callbacks and lab on one listener.

mod accounts;
pub mod advance;
mod answer;
mod api_error;
mod app;
mod authentication;
mod body;
mod callbacks;
mod certificate;
pub mod clock;
mod connections;
mod consumer;
mod consumer_page;
mod demo;
mod developer_page;
mod expiry;
mod ids;
mod kassa_api;
mod keys;
mod lab;
mod merchant_api;
mod merchants;
mod metrics;
pub mod outgoing;
mod parameters;
pub mod payment_system;
mod payments_api;
mod proxies;
pub mod random;
mod router;
pub mod sandbox;
mod seldom;
mod serve;
mod snapshot;
mod waiting;
mod waiting_room;

pub use accounts::Made;
pub use app::{App, Configuration, DEV_MERCHANT, DevCredential, Mode};
pub use callbacks::deliver_until;
pub use certificate::{Certificate, UnusableCertificate};
pub use lab::{lab_page_paths, lab_paths};
pub use router::router;
pub use serve::{GRACE, Server, complete_until, serve, serve_tls};
pub use waiting_room::WaitingRoom;

pub use kassa_store::{Store, StoreError};
