//! The external payment system: a platform's own, behind the page. Kassa sends it one signed request for each operation
//! (docs/payment-systems.md#a-payment-system-of-your-own).

mod adapter;
mod answers;
mod external;
mod merchant_api;
mod notifications;
mod operations;
mod probe;
mod requests;
mod setup;

pub use external::External;
pub use merchant_api::{ExternalApi, routes};
pub use notifications::NOTIFICATIONS_PATH;
pub use probe::{ProbeFinding, ProbeStep, probe};
pub use setup::{ExternalRules, ExternalSetup};
