//! HTTP Basic authentication with a merchant's credential or as an operator
//! (docs/wire.md#authentication-and-addresses).

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::request::Parts;
use kassa_domain::merchant::Merchant;
use kassa_domain::{Actor, MerchantId, Timestamp, Username};
use kassa_engine::{Accounts, Audience, Login, LoginFailure};
use kassa_wire::error::ErrorCode;

use crate::api_error::ApiError;
use crate::calls::Calls;

/// The merchant that calls, and the present instant by that merchant's clock. A call without a valid login is 401.
#[derive(Clone)]
pub struct Caller {
    /// The merchant.
    pub merchant: Arc<Merchant>,
    /// The actor of the changes that the call makes: the merchant with the username of its credential, or the lab's page.
    pub actor: Actor,
    /// The instant of the call.
    pub now: Timestamp,
}

impl Caller {
    /// Whether a row belongs to the caller. Rows of others are answered as if they were absent.
    #[must_use]
    pub fn owns(&self, merchant: &MerchantId) -> bool {
        self.merchant.id == *merchant
    }

    /// The merchant that calls, if its login is right. A failed login is not counted, because the handler checks it again.
    pub async fn if_logged_in(accounts: &Accounts, calls: &Calls, parts: &Parts) -> Option<Self> {
        let login = login_of(calls, parts, Audience::Merchants).ok()?;
        let (merchant, now) = accounts.log_in(&login).await.ok()?;
        Some(Self { merchant, actor: Actor::Merchant(Username::new(login.username)), now })
    }
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        // A layer may have checked the login before the handler.
        if let Some(known) = parts.extensions.remove::<Self>() {
            return Ok(known);
        }
        let accounts = Accounts::from_ref(state);
        let login = login_of(&Calls::from_ref(state), parts, Audience::Merchants)?;
        match accounts.log_in(&login).await {
            Ok((merchant, now)) => {
                Ok(Self { merchant, actor: Actor::Merchant(Username::new(login.username)), now })
            }
            Err(failure) => Err(refuse(&accounts, &login, failure)),
        }
    }
}

/// The operator that calls. A call without a valid login is 401.
pub struct Operator {
    /// The actor of the changes that the call makes: the operator with its name.
    pub actor: Actor,
}

impl<S> FromRequestParts<S> for Operator
where
    S: Send + Sync,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let accounts = Accounts::from_ref(state);
        let login = login_of(&Calls::from_ref(state), parts, Audience::Operators)?;
        match accounts.log_in_operator(&login).await {
            Ok(()) => Ok(Self { actor: Actor::Operator(Username::new(login.username)) }),
            Err(failure) => Err(refuse(&accounts, &login, failure)),
        }
    }
}

/// Username and password of a call.
fn login_of(calls: &Calls, parts: &Parts, audience: Audience) -> Result<Login, ApiError> {
    let (username, password) =
        basic(parts).ok_or_else(|| ApiError::without_message(ErrorCode::Unauthorized))?;
    let from = calls.client(&parts.headers, &parts.extensions);
    Ok(Login { audience, username, password, from })
}

/// Counts a failed login, and returns its error.
fn refuse(accounts: &Accounts, login: &Login, failure: LoginFailure) -> ApiError {
    let pause = match failure {
        LoginFailure::Wrong(admitted) => accounts.count_failure(login, &admitted),
        LoginFailure::Paused(paused) => {
            accounts.report_paused(login, paused);
            Err(paused)
        }
        LoginFailure::Store(error) => return error.into(),
    };
    match pause {
        Ok(()) => ApiError::without_message(ErrorCode::Unauthorized),
        Err(paused) => ApiError::too_many("Too many failed logins: try again later", paused),
    }
}

fn basic(parts: &Parts) -> Option<(String, String)> {
    let header = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let (username, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((username.to_string(), password.to_string()))
}
