//! HTTP Basic authentication with a merchant's credential or as an operator
//! (docs/wire.md#authentication-and-addresses).

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use http::request::Parts;
use kassa_domain::merchant::Merchant;
use kassa_domain::{Actor, MerchantId, Permission, Timestamp, Username};
use kassa_engine::{Accounts, Audience, LoggedIn, Login, LoginFailure};
use kassa_store::StoreError;
use kassa_wire::error::ErrorCode;

use crate::api_error::ApiError;
use crate::calls::Calls;
use crate::observation::{note_actor, note_caller};

/// The merchant that calls, and the present instant by that merchant's clock. A call without a valid login is 401.
#[derive(Clone)]
pub struct Caller {
    /// The merchant.
    pub merchant: Arc<Merchant>,
    /// The actor of the changes that the call makes: the merchant with the username of its credential, or the lab's
    /// page.
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

    /// Refuses a call that leads to a payment outside this system, or invites to one, if the merchant is suspended. The
    /// engine itself refuses every payment that begins in it.
    pub fn require_takes_payments(&self) -> Result<(), ApiError> {
        if self.merchant.takes_payments() {
            return Ok(());
        }
        Err(ApiError::merchant_suspended())
    }

    /// The merchant that calls, if its login is right. A failed login is not counted, because the handler checks it
    /// again. If the store cannot be read, the handler refuses the call and does not try again: it would wait for the
    /// store as long as this did.
    pub async fn if_logged_in(accounts: &Accounts, calls: &Calls, parts: &mut Parts) -> Option<Self> {
        require_readable_store(parts).ok()?;
        match log_in(accounts, calls, parts).await {
            Ok(caller) => Some(caller),
            Err(CallerFailure::Login(_, LoginFailure::Store(error))) => {
                parts.extensions.insert(UnreadableStore(error));
                None
            }
            Err(CallerFailure::NoCredential | CallerFailure::Login(..)) => None,
        }
    }
}

/// The error of a layer that could not check the login.
#[derive(Clone)]
struct UnreadableStore(StoreError);

/// Refuses a call whose login a layer could not check.
fn require_readable_store(parts: &Parts) -> Result<(), ApiError> {
    match parts.extensions.get::<UnreadableStore>() {
        Some(UnreadableStore(error)) => Err(error.clone().into()),
        None => Ok(()),
    }
}

impl From<LoggedIn> for Caller {
    fn from(LoggedIn { merchant, username, now }: LoggedIn) -> Self {
        Self { merchant, actor: Actor::Merchant(username), now }
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
            note_caller(&known);
            return Ok(known);
        }
        require_readable_store(parts)?;
        let accounts = Accounts::from_ref(state);
        let caller =
            log_in(&accounts, &Calls::from_ref(state), parts).await.map_err(|failure| match failure {
                CallerFailure::NoCredential => ApiError::without_message(ErrorCode::Unauthorized),
                CallerFailure::Login(login, failure) => refuse(&accounts, &login, failure),
            })?;
        note_caller(&caller);
        Ok(caller)
    }
}

/// The reason why the merchant that calls is unknown.
enum CallerFailure {
    /// The call has no username and password.
    NoCredential,
    /// The login failed.
    Login(Box<Login>, LoginFailure),
}

async fn log_in(accounts: &Accounts, calls: &Calls, parts: &Parts) -> Result<Caller, CallerFailure> {
    let header = parts.headers.get(AUTHORIZATION).ok_or(CallerFailure::NoCredential)?;
    let from = calls.client(&parts.headers, &parts.extensions);
    let fingerprint = accounts.fingerprint(header.as_bytes(), from);
    if let Some(recent) = accounts.recent_login(fingerprint) {
        return Ok(recent.into());
    }
    let (username, password) = basic(header).ok_or(CallerFailure::NoCredential)?;
    let login = Login { audience: Audience::Merchants, username, password, from };
    match accounts.log_in(&login, fingerprint).await {
        Ok(logged_in) => Ok(logged_in.into()),
        Err(failure) => Err(CallerFailure::Login(Box::new(login), failure)),
    }
}

/// The operator that calls, who must be an admin. A call without a valid login is 401, and that of an operator with
/// another role is 403.
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
        require_readable_store(parts)?;
        let accounts = Accounts::from_ref(state);
        let login = operator_login(&Calls::from_ref(state), parts)?;
        match accounts.log_in_operator(&login).await {
            Ok(role) if role.may(Permission::Administer) => {
                let actor = Actor::Operator(Username::new(login.username));
                note_actor(actor.clone());
                Ok(Self { actor })
            }
            Ok(role) => {
                let message =
                    format!("The operator's role is {}, which does not allow this", role.in_words());
                Err(ApiError::refused(ErrorCode::Forbidden, message))
            }
            Err(failure) => Err(refuse(&accounts, &login, failure)),
        }
    }
}

fn operator_login(calls: &Calls, parts: &Parts) -> Result<Login, ApiError> {
    let header = parts.headers.get(AUTHORIZATION).and_then(basic);
    let (username, password) = header.ok_or_else(|| ApiError::without_message(ErrorCode::Unauthorized))?;
    let from = calls.client(&parts.headers, &parts.extensions);
    Ok(Login { audience: Audience::Operators, username, password, from })
}

/// Counts a failed login, and returns its error.
fn refuse(accounts: &Accounts, login: &Login, failure: LoginFailure) -> ApiError {
    let pause = match failure {
        LoginFailure::Wrong(admitted) => accounts.count_failure(login, &admitted),
        LoginFailure::LimitPause(paused) => {
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

/// Username and password of a header.
fn basic(header: &HeaderValue) -> Option<(String, String)> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let (username, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((username.to_string(), password.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A state with which no login can be checked.
    struct NoState;

    impl FromRef<NoState> for Accounts {
        fn from_ref(_: &NoState) -> Self {
            panic!("the login is checked again")
        }
    }

    impl FromRef<NoState> for Calls {
        fn from_ref(_: &NoState) -> Self {
            panic!("the login is checked again")
        }
    }

    #[tokio::test]
    async fn a_login_that_a_layer_could_not_check_is_not_checked_again() {
        let (mut parts, ()) = http::Request::new(()).into_parts();
        parts.extensions.insert(UnreadableStore(StoreError::Unavailable("the database is paused".into())));
        let of_merchant = Caller::from_request_parts(&mut parts, &NoState).await.err();
        let of_operator = Operator::from_request_parts(&mut parts, &NoState).await.err();
        for refused in [of_merchant, of_operator] {
            assert!(matches!(refused, Some(ApiError::Unavailable(_))), "{refused:?}");
        }
    }
}
