//! Beyond the vendor's wire, with the same credentials: lists, histories, the feed of events, and redelivery.

mod accounts;
mod callbacks;
mod consumers;
mod event;
mod feed;
mod history;
mod operations;
mod payment_accounts;
mod payments;
mod profiles;
mod redeliver;
mod sessions;
mod settle;

use axum::extract::FromRef;
use kassa_domain::PageSessionId;
use kassa_domain::page_session::PageSession;

use crate::merchant_api::session_not_found;
use kassa_engine::{Accounts, Consumers, Engine, News, PaymentAccounts, Profiles, Reads, Timelines};
use kassa_http::{ApiError, Caller, Calls, note_page_session};
use kassa_openapi::{ApiRoutes, delete, get, patch, post};

use operations::{ADMINISTRATION, CREDENTIALS, EVENTS, SETTINGS};

pub use callbacks::{add_secret, put_callback_settings, revoke_secret};
pub use payments::put_payment_settings;
pub use profiles::{no_profile, stored_profile};
pub use redeliver::redeliver_event;
pub use sessions::sessions;

pub(crate) fn routes<S>() -> ApiRoutes<S>
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
    let routes = ApiRoutes::new().merge(events()).merge(settings()).merge(credentials());
    routes.merge(administration()).merge(profiles()).merge(personal_data())
}

fn events<S>() -> ApiRoutes<S>
where
    S: Clone + Send + Sync + 'static,
    Engine: FromRef<S>,
    Reads: FromRef<S>,
    Accounts: FromRef<S>,
    News: FromRef<S>,
    Timelines: FromRef<S>,
    Calls: FromRef<S>,
{
    let session = "/kassa/v1/sessions/{session_id}";
    let event = "/kassa/v1/events/{event_id}";
    ApiRoutes::new()
        .route(&EVENTS, "/kassa/v1/sessions", get(sessions, &operations::LIST_SESSIONS))
        .route(&EVENTS, &format!("{session}/events"), get(history::history, &operations::HISTORY))
        .route(
            &EVENTS,
            &format!("{session}/redeliver"),
            post(redeliver::redeliver_session, &operations::REDELIVER_SESSION),
        )
        .route(&EVENTS, &format!("{session}/settle"), post(settle::settle, &operations::SETTLE))
        .route(&EVENTS, "/kassa/v1/events", get(feed::feed, &operations::FEED))
        .route(
            &EVENTS,
            "/kassa/v1/events/redeliver",
            post(redeliver::redeliver_since, &operations::REDELIVER_SINCE),
        )
        .route(&EVENTS, event, get(event::event, &operations::READ_EVENT))
        .route(&EVENTS, &format!("{event}/redeliver"), post(redeliver_event, &operations::REDELIVER_EVENT))
}

fn settings<S>() -> ApiRoutes<S>
where
    S: Clone + Send + Sync + 'static,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    ApiRoutes::new()
        .route(
            &SETTINGS,
            "/kassa/v1/callbacks/settings",
            get(callbacks::settings, &operations::READ_CALLBACK_SETTINGS)
                .put(callbacks::put_callback_settings, &operations::PUT_CALLBACK_SETTINGS),
        )
        .route(
            &SETTINGS,
            "/kassa/v1/payments/settings",
            get(payments::settings, &operations::READ_PAYMENT_SETTINGS)
                .put(payments::put_payment_settings, &operations::PUT_PAYMENT_SETTINGS),
        )
        .route(
            &SETTINGS,
            "/kassa/v1/callbacks/secrets",
            get(callbacks::secrets, &operations::LIST_SECRETS)
                .post(callbacks::add_secret, &operations::ADD_SECRET),
        )
        .route(
            &SETTINGS,
            "/kassa/v1/callbacks/secrets/{id}",
            delete(callbacks::revoke_secret, &operations::REVOKE_SECRET),
        )
}

fn credentials<S>() -> ApiRoutes<S>
where
    S: Clone + Send + Sync + 'static,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    ApiRoutes::new()
        .route(
            &CREDENTIALS,
            "/kassa/v1/credentials",
            get(accounts::own_credentials, &operations::LIST_OWN_CREDENTIALS)
                .post(accounts::add_own_credential, &operations::ADD_OWN_CREDENTIAL),
        )
        .route(
            &CREDENTIALS,
            "/kassa/v1/credentials/{username}",
            delete(accounts::revoke_own_credential, &operations::REVOKE_OWN_CREDENTIAL),
        )
}

fn administration<S>() -> ApiRoutes<S>
where
    S: Clone + Send + Sync + 'static,
    Accounts: FromRef<S>,
    PaymentAccounts: FromRef<S>,
    Calls: FromRef<S>,
{
    let merchant = "/kassa/v1/merchants/{merchant_id}";
    ApiRoutes::new()
        .route(
            &ADMINISTRATION,
            "/kassa/v1/merchants",
            get(accounts::merchants, &operations::LIST_MERCHANTS)
                .post(accounts::add_merchant, &operations::ADD_MERCHANT),
        )
        .route(&ADMINISTRATION, merchant, patch(accounts::change_merchant, &operations::CHANGE_MERCHANT))
        .route(
            &ADMINISTRATION,
            &format!("{merchant}/credentials"),
            get(accounts::credentials, &operations::LIST_CREDENTIALS)
                .post(accounts::add_credential, &operations::ADD_CREDENTIAL),
        )
        .route(
            &ADMINISTRATION,
            &format!("{merchant}/credentials/{{username}}"),
            delete(accounts::revoke_credential, &operations::REVOKE_CREDENTIAL),
        )
        .route(
            &ADMINISTRATION,
            &format!("{merchant}/payment-accounts"),
            get(payment_accounts::payment_accounts, &operations::LIST_PAYMENT_ACCOUNTS)
                .put(payment_accounts::set_payment_account, &operations::SET_PAYMENT_ACCOUNT)
                .delete(payment_accounts::remove_payment_account, &operations::REMOVE_PAYMENT_ACCOUNT),
        )
}

fn profiles<S>() -> ApiRoutes<S>
where
    S: Clone + Send + Sync + 'static,
    Accounts: FromRef<S>,
    Profiles: FromRef<S>,
    Calls: FromRef<S>,
{
    let path = "/kassa/v1/merchants/{merchant_id}/profiles";
    ApiRoutes::new()
        .route(
            &ADMINISTRATION,
            path,
            get(profiles::profiles, &operations::LIST_PROFILES)
                .post(profiles::create_profile, &operations::CREATE_PROFILE),
        )
        .route(
            &ADMINISTRATION,
            &format!("{path}/{{profile_id}}"),
            get(profiles::profile, &operations::READ_PROFILE)
                .put(profiles::replace_profile, &operations::REPLACE_PROFILE)
                .delete(profiles::delete_profile, &operations::DELETE_PROFILE),
        )
}

fn personal_data<S>() -> ApiRoutes<S>
where
    S: Clone + Send + Sync + 'static,
    Accounts: FromRef<S>,
    Consumers: FromRef<S>,
    Calls: FromRef<S>,
{
    ApiRoutes::new()
        .route(&ADMINISTRATION, "/kassa/v1/consumers/show", post(consumers::show, &operations::SHOW_CONSUMER))
        .route(
            &ADMINISTRATION,
            "/kassa/v1/consumers/erase",
            post(consumers::erase, &operations::ERASE_CONSUMER),
        )
}

/// The caller's session of this id, expired or not: what happened stays readable.
pub async fn any_own_session(reads: &Reads, caller: &Caller, id: String) -> Result<PageSession, ApiError> {
    let found = reads.page_session(&PageSessionId::new(id)).await?;
    let session = found.filter(|session| caller.owns(&session.merchant_id)).ok_or_else(session_not_found)?;
    note_page_session(&session);
    Ok(session)
}
