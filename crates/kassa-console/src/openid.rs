//! Signing in with OpenID Connect: the browser goes to the provider, and comes back.
//!
//! The way to the provider begins with a link and not with a form, so that the policy of the pages can forbid forms to
//! other sites. The secrets of a sign-in that waits are in a cookie, encrypted, so any node can finish it.

mod failed;

use axum::extract::State;
use axum::response::Response;
use http::header::{HeaderValue, LOCATION, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use kassa_developer_page::add_headers;
use kassa_engine::{OpenIdAttempt, OpenIdResult, OpenIdSignIn};
use kassa_http::{ApiError, Parameters};
use kassa_openid::{BrowserAnswer, OpenIdFailure, OpenIdProvider, PendingSignIn};
use kassa_wire::error::ErrorCode;

use crate::Console;
use crate::access::{client_of, origin_of};
use crate::cookie::{PENDING, SESSION, Transport};
use crate::sign_in::target;
use failed::FailedSignIn;

/// Sends the browser to the provider.
pub(crate) async fn start(State(console): State<Console>, parts: Parts) -> Result<Response, ApiError> {
    let provider = provider_of(&console)?;
    let query = query_of(&parts);
    let to = target(query.text("to"));
    match provider.start(to).await {
        Ok(started) => {
            let pending = console.accounts.sealed_for_browser(&started.pending.to_text());
            let cookie = PENDING.set(&pending, Transport::of(console.links.base_url()));
            Ok(redirect(&started.url, [cookie]))
        }
        Err(failure) => FailedSignIn::Provider(failure).answer(&console, provider, &parts, to),
    }
}

/// Takes the browser back from the provider.
pub(crate) async fn finish(State(console): State<Console>, parts: Parts) -> Result<Response, ApiError> {
    let provider = provider_of(&console)?;
    let pending = pending_in(&console, &parts.headers);
    let to = target(pending.as_ref().map(PendingSignIn::to)).to_string();
    let attempt = match console.accounts.admit_openid(client_of(&console, &parts)) {
        Ok(attempt) => attempt,
        Err(pause) => return FailedSignIn::Limited(pause).answer(&console, provider, &parts, &to),
    };
    let failed = match sign_in(&console, provider, pending.as_ref(), &parts, &attempt).await? {
        Ok(secret) => return Ok(signed_in(&console, &secret, &to)),
        Err(failed) => failed.counted(&console, &attempt),
    };
    failed.answer(&console, provider, &parts, &to)
}

/// The secret of a new console session, or the reason why there is none.
async fn sign_in(
    console: &Console,
    provider: &OpenIdProvider,
    pending: Option<&PendingSignIn>,
    parts: &Parts,
    attempt: &OpenIdAttempt,
) -> Result<Result<String, FailedSignIn>, ApiError> {
    let query = query_of(parts);
    let answer = BrowserAnswer {
        state: query.text("state"),
        code: query.text("code"),
        error: query.text("error"),
        issuer: query.text("iss"),
    };
    let person = match provider.finish(pending, &answer).await {
        Ok(person) => person,
        Err(failure) => {
            if let OpenIdFailure::NoRole { subject, .. } = &failure {
                console.accounts.openid_role_ended(&provider.settings().issuer, subject).await?;
            }
            return Ok(Err(FailedSignIn::Provider(failure)));
        }
    };
    let origin = origin_of(console, parts);
    Ok(match console.accounts.sign_in_with_openid(&person, origin, attempt).await? {
        OpenIdSignIn::SignedIn(secret) => Ok(secret),
        OpenIdSignIn::Revoked(name) => Err(FailedSignIn::Revoked(name)),
    })
}

fn signed_in(console: &Console, secret: &str, to: &str) -> Response {
    console.accounts.count_openid_sign_in(OpenIdResult::SignedIn);
    let transport = Transport::of(console.links.base_url());
    redirect(to, [SESSION.set(secret, transport), PENDING.removed(transport)])
}

fn provider_of(console: &Console) -> Result<&OpenIdProvider, ApiError> {
    console.openid.as_ref().ok_or_else(|| ApiError::without_message(ErrorCode::NotFound))
}

fn query_of(parts: &Parts) -> Parameters {
    Parameters::of(parts.uri.query().unwrap_or_default().as_bytes())
}

/// The sign-in that waits in this browser.
fn pending_in(console: &Console, headers: &HeaderMap) -> Option<PendingSignIn> {
    let sealed = PENDING.value_in(headers, Transport::of(console.links.base_url()))?;
    PendingSignIn::parse(&console.accounts.unsealed_from_browser(&sealed)?)
}

/// Sends the browser on with these cookies. Nothing on the way may be cached.
fn redirect<const N: usize>(to: &str, cookies: [HeaderValue; N]) -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::from_str(to).expect("a URL has visible ASCII letters"));
    for cookie in cookies {
        headers.append(SET_COOKIE, cookie);
    }
    add_headers(headers);
    response
}
