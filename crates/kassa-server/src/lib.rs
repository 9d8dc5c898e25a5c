//! The composition: puts the engine, the APIs, the page, the lab and the demo shop behind one listener.

mod app;
mod certificate;
mod cross_site;
mod incoming;
mod operations;
mod reached;
mod router;
mod serve;
mod waiting_room;

pub use app::{App, Configuration};
pub use certificate::{Certificate, UnusableCertificate};
pub use operations::Operations;
pub use reached::LinkBase;
pub use router::router;
pub use serve::{GRACE, Server, serve, serve_node, serve_within};
pub use waiting_room::WaitingRoom;

pub use kassa_engine::{AppSchemes, Mode};
pub use kassa_incoming::Limits;
pub use kassa_store::{Store, StoreError};
