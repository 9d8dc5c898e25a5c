//! The APIs for merchants and operators: the vendor's HPP API under `/hpp/v1`, and Kassa's own under `/kassa/v1`.

mod kassa_api;
mod merchant_api;

use axum::Router;
use axum::extract::FromRef;
use kassa_engine::{Accounts, Engine, Links, News, Reads};
use kassa_http::Calls;

pub use kassa_api::{any_own_session, history, redeliver_event, sessions};
pub use merchant_api::{own_session, session_not_found};

/// The routes of both APIs.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Engine: FromRef<S>,
    Reads: FromRef<S>,
    Accounts: FromRef<S>,
    Links: FromRef<S>,
    News: FromRef<S>,
    Calls: FromRef<S>,
{
    Router::new().merge(merchant_api::routes()).merge(kassa_api::routes())
}
