//! The APIs for merchants and operators: the vendor's HPP API under `/hpp/v1`, and Kassa's own under `/kassa/v1`.

mod kassa_api;
mod merchant_api;

use axum::extract::FromRef;
use kassa_engine::{Accounts, Consumers, Engine, Links, News, PaymentAccounts, Profiles, Reads, Timelines};
use kassa_http::Calls;
use kassa_i18n::Languages;
use kassa_openapi::ApiRoutes;

pub use kassa_api::{
    add_secret, any_own_session, no_profile, put_callback_settings, put_payment_settings, redeliver_event,
    revoke_secret, sessions, stored_profile,
};
pub use merchant_api::{distribute, own_session, session_not_found};

/// The routes of the vendor's HPP API.
pub fn hpp_routes<S>() -> ApiRoutes<S>
where
    S: Clone + Send + Sync + 'static,
    Engine: FromRef<S>,
    Reads: FromRef<S>,
    Accounts: FromRef<S>,
    Links: FromRef<S>,
    Languages: FromRef<S>,
    News: FromRef<S>,
    Calls: FromRef<S>,
{
    merchant_api::routes()
}

/// The routes of Kassa's own API.
pub fn own_routes<S>() -> ApiRoutes<S>
where
    S: Clone + Send + Sync + 'static,
    Engine: FromRef<S>,
    Reads: FromRef<S>,
    Accounts: FromRef<S>,
    News: FromRef<S>,
    PaymentAccounts: FromRef<S>,
    Profiles: FromRef<S>,
    Consumers: FromRef<S>,
    Timelines: FromRef<S>,
    Calls: FromRef<S>,
{
    kassa_api::routes()
}
