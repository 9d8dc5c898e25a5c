//! Signing in and out.

use askama::Template;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use http::header::SET_COOKIE;
use http::request::Parts;
use kassa_developer_page::{Frame, page};
use kassa_domain::Role;
use kassa_engine::{Audience, LimitPause, Login, LoginFailure, OperatorPassword};
use kassa_http::{ApiError, Body, Parameters};
use url::form_urlencoded;

use crate::Console;
use crate::access::{Form, signed_in};
use crate::cookie::{SESSION, Transport};

/// The parameter of the page after an operator who signed in with OpenID Connect has signed out.
const SIGNED_OUT: &str = "signed-out";

/// The longest address of a page to go to, in bytes. A cookie can contain it.
const LONGEST_TARGET: usize = 1024;

/// The first page after a sign-in.
const HOME: &str = "/console";

#[derive(Template)]
#[template(path = "console/sign_in.html")]
struct SignInPage<'a> {
    frame: &'a Frame,
    /// The page to go to.
    to: &'a str,
    name: &'a str,
    problem: Option<String>,
    /// Whether a role can be chosen instead of a password.
    is_open: bool,
    /// Whether nobody can sign in yet.
    has_no_operator: bool,
    /// The sign-in with OpenID Connect, if one is configured.
    openid: Option<OpenIdChoice<'a>>,
}

/// The sign-in with OpenID Connect.
struct OpenIdChoice<'a> {
    provider: &'a str,
    /// The address at which it begins.
    address: String,
    allows_passwords: bool,
    signed_out: Option<SignedOut>,
}

/// The operator signed out of Kassa. The session at the provider may go on.
#[derive(Default)]
struct SignedOut {
    /// The address at which the operator also signs out of the provider, if it is known.
    of_provider: Option<String>,
}

impl SignInPage<'_> {
    fn allows_passwords(&self) -> bool {
        self.openid.as_ref().is_none_or(|openid| openid.allows_passwords)
    }

    fn roles() -> [(&'static str, &'static str, &'static str); 3] {
        [
            (Role::Admin.as_str(), "Admin", "manages merchants and operators"),
            (Role::Support.as_str(), "Support", "helps with page sessions"),
            (Role::ReadOnly.as_str(), "Read only", "sees everything except secrets"),
        ]
    }
}

pub(crate) async fn show(State(console): State<Console>, mut parts: Parts) -> Result<Response, ApiError> {
    let Ok(query) = Parameters::from_request_parts(&mut parts, &console).await;
    let to = target(query.text("to"));
    if signed_in(&console, &parts).await?.is_some() {
        return Ok(Redirect::to(to).into_response());
    }
    let signed_out = match (&console.openid, query.text(SIGNED_OUT)) {
        (Some(provider), Some(_)) => Some(SignedOut { of_provider: provider.sign_out_url() }),
        (None, _) | (_, None) => None,
    };
    render(&console, StatusCode::OK, Attempt { to, signed_out, ..Attempt::default() }).await
}

/// An attempt to sign in that the page shows again.
#[derive(Default)]
struct Attempt<'a> {
    to: &'a str,
    name: &'a str,
    problem: Option<String>,
    signed_out: Option<SignedOut>,
}

/// Signs in with name and password, or in a sandbox with a role.
pub(crate) async fn sign_in(State(console): State<Console>, request: Request) -> Result<Response, ApiError> {
    let from = console.calls.client(request.headers(), request.extensions());
    let body = <Body as axum::extract::FromRequest<Console>>::from_request(request, &console).await?;
    let form = Parameters::of(&body.0);
    let to = target(form.text("to"));
    if console.is_open
        && let Some(role) = form.text("role").and_then(Role::parse)
    {
        let secret = console.accounts.sign_in_to_sandbox(role).await?;
        return Ok(signed_in_with(&console, &secret, to));
    }
    if console.openid.as_ref().is_some_and(|provider| !provider.settings().allows_passwords) {
        let problem = Some("Nobody can sign in to this console with a password.".to_string());
        return render(&console, StatusCode::FORBIDDEN, Attempt { to, problem, ..Attempt::default() }).await;
    }
    let login = Login {
        audience: Audience::Console,
        username: form.text("name").unwrap_or_default().trim().to_string(),
        password: form.text("password").unwrap_or_default().to_string(),
        from,
    };
    match console.accounts.sign_in(&login).await {
        Ok(secret) => Ok(signed_in_with(&console, &secret, to)),
        Err(failure) => refuse(&console, &login, failure, to).await,
    }
}

/// Ends the sign-in, and removes the cookie.
pub(crate) async fn sign_out(State(console): State<Console>, form: Form) -> Result<Response, ApiError> {
    console.accounts.sign_out(&form.access.secret).await?;
    let cookie = SESSION.removed(Transport::of(console.links.base_url()));
    let to = match form.access.operator.password {
        OperatorPassword::AtProvider => format!("/console/sign-in?{SIGNED_OUT}=yes"),
        OperatorPassword::Generated | OperatorPassword::Chosen => "/console/sign-in".to_string(),
    };
    Ok(([(SET_COOKIE, cookie)], Redirect::to(&to)).into_response())
}

fn signed_in_with(console: &Console, secret: &str, to: &str) -> Response {
    let cookie = SESSION.set(secret, Transport::of(console.links.base_url()));
    ([(SET_COOKIE, cookie)], Redirect::to(to)).into_response()
}

async fn refuse(
    console: &Console,
    login: &Login,
    failure: LoginFailure,
    to: &str,
) -> Result<Response, ApiError> {
    let pause = match failure {
        LoginFailure::Wrong(admitted) => console.accounts.count_failure(login, &admitted).err(),
        LoginFailure::LimitPause(pause) => {
            console.accounts.report_paused(login, pause);
            Some(pause)
        }
        LoginFailure::Store(error) => return Err(error.into()),
    };
    let (status, problem) = match pause {
        None => (StatusCode::UNAUTHORIZED, "The name or the password is wrong.".to_string()),
        Some(pause) => {
            let problem = format!("Too many failed sign-ins. Try again in {} s.", seconds_of(pause));
            (StatusCode::TOO_MANY_REQUESTS, problem)
        }
    };
    let (name, problem) = (login.username.as_str(), Some(problem));
    render(console, status, Attempt { to, name, problem, ..Attempt::default() }).await
}

/// A pause in whole seconds.
pub(crate) fn seconds_of(pause: LimitPause) -> i64 {
    (pause.for_ms.max(1) - 1) / 1000 + 1
}

/// The page to go to after the sign-in: a page of the console, and nothing else.
pub(crate) fn target(asked: Option<&str>) -> &str {
    let is_own = |to: &&str| {
        let path = to.split('?').next().unwrap_or_default();
        let is_path = path == HOME || path.starts_with("/console/");
        // A header can contain nothing else, and a browser turns a backslash into a slash.
        let can_be_sent = to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        is_path && can_be_sent && !path.contains("//") && to.len() <= LONGEST_TARGET
    };
    asked.filter(is_own).unwrap_or(HOME)
}

async fn render(console: &Console, status: StatusCode, attempt: Attempt<'_>) -> Result<Response, ApiError> {
    let frame = Frame::new(&*console.random, console.links.base_url());
    let operators = console.accounts.operators().await?;
    let Attempt { to, name, problem, signed_out } = attempt;
    let openid = console.openid.as_ref().map(|provider| OpenIdChoice {
        provider: &provider.settings().provider_name,
        address: openid_address(to),
        allows_passwords: provider.settings().allows_passwords,
        signed_out,
    });
    // With OpenID Connect, the first operator needs no command.
    let has_no_operator = openid.is_none() && operators.iter().all(|operator| operator.revoked_at.is_some());
    let is_open = console.is_open;
    let shown = SignInPage { frame: &frame, to, name, problem, is_open, has_no_operator, openid };
    Ok(page(status, &frame, &shown)?)
}

/// The address at which a sign-in with OpenID Connect begins that leads to a page.
pub(crate) fn openid_address(to: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("to", to).finish();
    format!("/console/sign-in/openid?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_leads_to_pages_of_the_console_only() {
        for own in ["/console", "/console/sessions?q=a%40b.se", "/console?x=1"] {
            assert_eq!(target(Some(own)), own);
        }
        for other in [
            "",
            "//evil.example",
            "/consolex",
            "https://evil.example/console",
            "/console//evil",
            "/console/\\e",
            "/console?q=å",
            "/console?q=a b",
        ] {
            assert_eq!(target(Some(other)), HOME, "{other}");
        }
        assert_eq!(target(None), HOME);
        assert_eq!(target(Some(&format!("/console?q={}", "a".repeat(LONGEST_TARGET)))), HOME);
    }
}
