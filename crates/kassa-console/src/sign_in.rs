//! Signing in and out.

use askama::Template;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use http::header::SET_COOKIE;
use http::request::Parts;
use kassa_developer_page::{Frame, page};
use kassa_domain::Role;
use kassa_engine::{Audience, Login, LoginFailure};
use kassa_http::{ApiError, Body, Parameters};

use crate::Console;
use crate::access::{Form, signed_in};
use crate::cookie::{self, Transport};

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
}

impl SignInPage<'_> {
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
    render(&console, StatusCode::OK, to, "", None).await
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
    let cookie = cookie::removed(Transport::of(console.links.base_url()));
    Ok(([(SET_COOKIE, cookie)], Redirect::to("/console/sign-in")).into_response())
}

fn signed_in_with(console: &Console, secret: &str, to: &str) -> Response {
    let cookie = cookie::set(secret, Transport::of(console.links.base_url()));
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
            let seconds = (pause.for_ms.max(1) - 1) / 1000 + 1;
            (StatusCode::TOO_MANY_REQUESTS, format!("Too many failed sign-ins. Try again in {seconds} s."))
        }
    };
    render(console, status, to, &login.username, Some(problem)).await
}

/// The page to go to after the sign-in: a page of the console, and nothing else.
fn target(asked: Option<&str>) -> &str {
    let is_own = |to: &&str| {
        let path = to.split('?').next().unwrap_or_default();
        (path == HOME || path.starts_with("/console/")) && !path.contains("//") && !path.contains('\\')
    };
    asked.filter(is_own).unwrap_or(HOME)
}

async fn render(
    console: &Console,
    status: StatusCode,
    to: &str,
    name: &str,
    problem: Option<String>,
) -> Result<Response, ApiError> {
    let frame = Frame::new(&*console.random, console.links.base_url());
    let operators = console.accounts.operators().await?;
    let has_no_operator = operators.iter().all(|operator| operator.revoked_at.is_some());
    let is_open = console.is_open;
    let shown = SignInPage { frame: &frame, to, name, problem, is_open, has_no_operator };
    Ok(page(status, &frame, &shown)?)
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
        ] {
            assert_eq!(target(Some(other)), HOME, "{other}");
        }
        assert_eq!(target(None), HOME);
    }
}
