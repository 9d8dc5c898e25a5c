//! Beyond the vendor's wire, with the same credentials: lists, histories, the feed of events, and redelivery.

mod accounts;
mod callbacks;
mod event;
mod feed;
mod history;
mod payment_accounts;
mod payments;
mod redeliver;
mod sessions;
mod settle;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::{delete, get, post};
use kassa_domain::PageSessionId;
use kassa_domain::page_session::PageSession;

use crate::merchant_api::session_not_found;
use kassa_engine::{Accounts, Engine, News, PaymentAccounts, Reads, Timelines};
use kassa_http::{ApiError, Caller, Calls, note_page_session};

pub use redeliver::redeliver_event;
pub use sessions::sessions;

pub(crate) fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Engine: FromRef<S>,
    Reads: FromRef<S>,
    Accounts: FromRef<S>,
    News: FromRef<S>,
    PaymentAccounts: FromRef<S>,
    Timelines: FromRef<S>,
    Calls: FromRef<S>,
{
    Router::new()
        .route("/kassa/v1/sessions", get(sessions))
        .route("/kassa/v1/sessions/{session_id}/events", get(history::history))
        .route("/kassa/v1/sessions/{session_id}/redeliver", post(redeliver::redeliver_session))
        .route("/kassa/v1/sessions/{session_id}/settle", post(settle::settle))
        .route("/kassa/v1/credentials", get(accounts::own_credentials).post(accounts::add_own_credential))
        .route("/kassa/v1/credentials/{username}", delete(accounts::revoke_own_credential))
        .route("/kassa/v1/merchants", get(accounts::merchants).post(accounts::add_merchant))
        .route(
            "/kassa/v1/merchants/{merchant_id}/credentials",
            get(accounts::credentials).post(accounts::add_credential),
        )
        .route(
            "/kassa/v1/merchants/{merchant_id}/credentials/{username}",
            delete(accounts::revoke_credential),
        )
        .route(
            "/kassa/v1/merchants/{merchant_id}/payment-accounts",
            get(payment_accounts::payment_accounts)
                .put(payment_accounts::set_payment_account)
                .delete(payment_accounts::remove_payment_account),
        )
        .route("/kassa/v1/callbacks/settings", get(callbacks::settings).put(callbacks::put_settings))
        .route("/kassa/v1/payments/settings", get(payments::settings).put(payments::put_settings))
        .route("/kassa/v1/callbacks/secrets", get(callbacks::secrets).post(callbacks::add_secret))
        .route("/kassa/v1/callbacks/secrets/{id}", delete(callbacks::revoke_secret))
        .route("/kassa/v1/events", get(feed::feed))
        .route("/kassa/v1/events/redeliver", post(redeliver::redeliver_since))
        .route("/kassa/v1/events/{event_id}", get(event::event))
        .route("/kassa/v1/events/{event_id}/redeliver", post(redeliver_event))
}

/// The caller's session of this id, expired or not: what happened stays readable.
pub async fn any_own_session(reads: &Reads, caller: &Caller, id: String) -> Result<PageSession, ApiError> {
    let found = reads.page_session(&PageSessionId::new(id)).await?;
    let session = found.filter(|session| caller.owns(&session.merchant_id)).ok_or_else(session_not_found)?;
    note_page_session(&session);
    Ok(session)
}
