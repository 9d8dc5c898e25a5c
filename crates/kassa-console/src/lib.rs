//! The console at `/console`: operators find page sessions, see why each is in its status, help consumers and
//! merchants, and administer merchants and operators.
//!
//! Every page needs a sign-in. A role says what an operator may do; each change checks it, and the pages show only the
//! buttons that the operator may press. Everything works without scripts.

mod access;
mod account;
mod chart;
mod cookie;
mod error;
mod frame;
mod live;
mod merchant;
mod merchant_actions;
mod merchants;
mod openid;
mod operators;
mod overview;
mod profile;
mod profile_form;
mod query;
mod session;
mod session_actions;
mod sessions;
mod sign_in;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use kassa_engine::{
    Accounts, Clock, Engine, Links, LogThrottle, News, PaymentAccounts, Profiles, Random, Reads, Timelines,
};
use kassa_http::{ApiError, Calls, answer_to_panic};
use kassa_i18n::Languages;
use kassa_openid::{OpenIdProvider, RETURN_PATH};
use kassa_wire::error::ErrorCode;
use tower_http::catch_panic::CatchPanicLayer;

use overview::OverviewCache;

/// Maximum size of a form, in bytes.
const LARGEST_FORM: usize = 64 * 1024;

/// The parts from which the console is made.
pub struct ConsoleSetup {
    /// Creates page sessions and changes them.
    pub engine: Engine,
    /// Reads page sessions, and searches for them.
    pub reads: Reads,
    /// Reads the timelines of page sessions.
    pub timelines: Timelines,
    /// Merchants, credentials and operators.
    pub accounts: Accounts,
    /// Merchants' accounts at payment systems.
    pub payment_accounts: PaymentAccounts,
    /// The profiles of merchants.
    pub profiles: Profiles,
    /// The addresses of the system.
    pub links: Links,
    /// The texts of messages to consumers.
    pub languages: Languages,
    /// Wakes pages that are open.
    pub news: News,
    /// Names calls and their callers.
    pub calls: Calls,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of short-lived values.
    pub random: Arc<dyn Random>,
    /// The OpenID provider at which operators sign in, if one is configured.
    pub openid: Option<OpenIdProvider>,
    /// Whether everybody may sign in without a password. Only for a sandbox on the developer's own machine.
    pub is_open: bool,
}

/// The console. Cloning it costs a reference count.
#[derive(Clone)]
pub struct Console(Arc<Parts>);

struct Parts {
    setup: ConsoleSetup,
    overviews: OverviewCache,
    /// Limits the log lines about failed sign-ins with OpenID Connect.
    openid_log: LogThrottle,
}

impl Console {
    /// Makes the console.
    #[must_use]
    pub fn new(setup: ConsoleSetup) -> Self {
        let (overviews, openid_log) = (OverviewCache::default(), LogThrottle::default());
        Self(Arc::new(Parts { setup, overviews, openid_log }))
    }
}

impl std::ops::Deref for Console {
    type Target = ConsoleSetup;

    fn deref(&self) -> &ConsoleSetup {
        &self.0.setup
    }
}

/// Every path of the console with its handlers.
fn table() -> Vec<(&'static str, MethodRouter<Console>)> {
    vec![
        ("/console", get(overview::show)),
        ("/console/sign-in", get(sign_in::show).post(sign_in::sign_in)),
        ("/console/sign-in/openid", get(openid::start)),
        (RETURN_PATH, get(openid::finish)),
        ("/console/sign-out", post(sign_in::sign_out)),
        ("/console/account", get(account::show).post(account::choose_password)),
        ("/console/sessions", get(sessions::show)),
        ("/console/sessions/{session}", get(session::show).post(session_actions::act)),
        ("/console/merchants", get(merchants::show).post(merchants::create)),
        ("/console/merchants/{merchant}", get(merchant::show).post(merchant_actions::act)),
        ("/console/merchants/{merchant}/new-profile", get(profile::new).post(profile::create)),
        ("/console/merchants/{merchant}/profiles/{profile}", get(profile::show).post(profile::act)),
        ("/console/merchants/{merchant}/profiles/{profile}/preview", get(profile::preview)),
        ("/console/merchants/{merchant}/profiles/{profile}/sample", get(profile::sample)),
        ("/console/operators", get(operators::show).post(operators::act)),
        ("/console/assets/{file}", get(asset)),
        ("/console/{*rest}", get(no_page)),
    ]
}

/// The routes of the console.
pub fn routes(console: &Console) -> Router {
    let pages =
        table().into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    pages
        .method_not_allowed_fallback(|| async { ApiError::without_message(ErrorCode::MethodNotAllowed) })
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(CatchPanicLayer::custom(answer_to_panic))
        .layer(from_fn_with_state(console.clone(), error::complete))
        .with_state(console.clone())
}

async fn no_page() -> ApiError {
    ApiError::without_message(ErrorCode::NotFound)
}

async fn asset(Path(file): Path<String>) -> Result<Response, ApiError> {
    kassa_developer_page::asset(&file).ok_or_else(|| ApiError::without_message(ErrorCode::NotFound))
}
