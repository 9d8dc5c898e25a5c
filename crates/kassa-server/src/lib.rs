//! The composition: puts the engine, the APIs, the page, the lab and the demo shop behind one listener.

mod app;
mod configuration;
mod payment_systems;
mod router;
mod serve;
mod startup;

pub use app::App;
pub use configuration::{Configuration, ConsoleAccess};
pub use payment_systems::PaymentSetup;
pub use router::{Routing, api_document, router};
pub use serve::{GRACE, Server, serve, serve_node, serve_within};
pub use startup::StartupServer;

pub use kassa_engine::{AppSchemes, Mode, Rates};
pub use kassa_external::{ExternalRules, ExternalSetup, NOTIFICATIONS_PATH, ProbeFinding, ProbeStep, probe};
pub use kassa_http::{LinkBase, Operations, REQUEST_LOG};
pub use kassa_i18n::Languages;
pub use kassa_incoming::{Certificate, Limits, UnusableCertificate};
pub use kassa_klarna::{Klarna, KlarnaRules, KlarnaSetup};
pub use kassa_openid::{OpenIdSecret, OpenIdSettings, OpenIdSetup, RoleGroups};
pub use kassa_store::{Store, StoreError};
