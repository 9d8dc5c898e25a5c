//! Who calls: HTTP Basic with a merchant's credential (docs/wire.md#authentication-and-addresses).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::request::Parts;
use kassa_domain::merchant::Merchant;
use kassa_domain::{MerchantId, Timestamp};
use kassa_store::{Credential, StoreError};
use kassa_wire::error::ErrorCode;

use crate::api_error::ApiError;
use crate::app::App;
use crate::keys::HASH_OF_NOBODY;
use crate::limits::{Admitted, Audience, Login, Paused};
use crate::proxies;

/// The merchant that calls, and the time as it is for it.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) merchant: Arc<Merchant>,
    pub(crate) now: Timestamp,
}

impl Caller {
    /// Whether a row belongs to the caller. What does not is answered as if it were absent.
    pub(crate) fn owns(&self, merchant: &MerchantId) -> bool {
        self.merchant.id == *merchant
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        // The lab asks before the handler does.
        if let Some(known) = parts.extensions.remove::<Self>() {
            return Ok(known);
        }
        let login = login_of(app, parts, Audience::Merchants)?;
        Self::log_in(app, &login).await.map_err(|failure| refuse(app, &login, failure))
    }
}

impl Caller {
    /// The merchant that calls, if its login is right. One that fails is not counted: the handler asks again.
    pub(crate) async fn if_logged_in(app: &App, parts: &Parts) -> Option<Self> {
        let login = login_of(app, parts, Audience::Merchants).ok()?;
        Self::log_in(app, &login).await.ok()
    }

    async fn log_in(app: &App, login: &Login) -> Result<Self, LoginFailure> {
        let found = check(app, login, app.merchants.credential(&login.username), |found| &found.1).await?;
        let merchant = found.0.clone();
        Ok(Self { now: app.clock.now(&merchant.id), merchant })
    }
}

/// Why a login failed.
pub(crate) enum LoginFailure {
    /// The password is wrong, or no active credential has this username.
    Wrong(Admitted),
    /// The password was not checked, after too many failures.
    Paused(Paused),
    /// The store cannot be read.
    Store(StoreError),
}

impl From<StoreError> for LoginFailure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Username and password of a call.
pub(crate) fn login_of(app: &App, parts: &Parts, audience: Audience) -> Result<Login, ApiError> {
    let (username, password) = basic(parts).ok_or_else(|| ApiError::bare(ErrorCode::Unauthorized))?;
    let from = proxies::client(app, &parts.headers, &parts.extensions);
    Ok(Login { audience, username, password, from })
}

/// Checks a login: finds what its username names, and compares the password with the credential in it. An unknown
/// username takes the same steps as a wrong password, so that the time tells nobody which usernames exist.
pub(crate) async fn check<T>(
    app: &App,
    login: &Login,
    find: impl Future<Output = Result<Option<T>, StoreError>>,
    credential: impl Fn(&T) -> &Credential,
) -> Result<T, LoginFailure> {
    let now = app.clock.monotonic_now();
    let admitted = app.logins.admit(login, now).map_err(LoginFailure::Paused)?;
    let found = find.await?;
    let hash = found.as_ref().map_or(HASH_OF_NOBODY, |found| &credential(found).secret_hash);
    let is_right = app.keys.is_secret_of(&login.password, hash);
    match found.filter(|found| is_right && credential(found).revoked_at.is_none()) {
        Some(found) => {
            app.logins.succeeded(&admitted, now);
            Ok(found)
        }
        None => Err(LoginFailure::Wrong(admitted)),
    }
}

/// Counts a failed login, and answers it.
pub(crate) fn refuse(app: &App, login: &Login, failure: LoginFailure) -> ApiError {
    let now = app.clock.monotonic_now();
    let answer = match failure {
        LoginFailure::Wrong(admitted) => app.logins.failed(login, &admitted, now),
        LoginFailure::Paused(paused) => Err(paused),
        LoginFailure::Store(error) => return error.into(),
    };
    app.logins.report(login, answer, now, &app.metrics.node);
    match answer {
        Ok(()) => ApiError::bare(ErrorCode::Unauthorized),
        Err(paused) => ApiError::too_many("Too many failed logins: try again later", paused),
    }
}

/// Name and password of the call.
fn basic(parts: &Parts) -> Option<(String, String)> {
    let header = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let (username, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((username.to_string(), password.to_string()))
}
