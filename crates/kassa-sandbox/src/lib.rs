//! The sandbox payment system. It decides about payments by the consumer's e-mail address, and keeps its records in
//! this database. Its API for merchants is Klarna Payments, customer tokens and Order Management. Its browser SDK is
//! for the pages of merchants.

mod payments_api;
mod sandbox;
mod sdk;

use axum::extract::FromRef;
use kassa_engine::{Accounts, Payments};
use kassa_http::Calls;
use kassa_openapi::ApiRoutes;

pub use payments_api::payment_sessions;
pub use sandbox::Sandbox;
pub use sdk::sdk_files;

/// The routes of the APIs: that for merchants, and the calls of the browser SDK.
pub fn routes<S>() -> ApiRoutes<S>
where
    S: Clone + Send + Sync + 'static,
    Payments: FromRef<S>,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    payments_api::routes().merge_undocumented(sdk::calls())
}
