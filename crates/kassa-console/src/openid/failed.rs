//! The page that says why a sign-in with OpenID Connect failed, and what to do.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use http::header::SET_COOKIE;
use http::request::Parts;
use kassa_developer_page::{Frame, page};
use kassa_domain::Username;
use kassa_engine::{LimitPause, OpenIdAttempt, OpenIdResult};
use kassa_http::ApiError;
use kassa_openid::{OpenIdFailure, OpenIdProvider};

use crate::Console;
use crate::access::{RequestId, client_of};
use crate::cookie::{PENDING, Transport};
use crate::sign_in::{openid_address, seconds_of};

/// The reason why a sign-in failed.
pub(super) enum FailedSignIn {
    /// The provider, or a check of its answer.
    Provider(OpenIdFailure),
    /// An admin revoked the operator.
    Revoked(Username),
    /// Too many sign-ins failed.
    Limited(LimitPause),
}

/// The words of the page.
struct Words {
    title: &'static str,
    reason: String,
    advice: String,
}

#[derive(Template)]
#[template(path = "console/sign_in_failed.html")]
struct FailedPage<'a> {
    frame: &'a Frame,
    words: Words,
    provider: &'a str,
    /// The address at which the sign-in begins again.
    again: String,
    allows_passwords: bool,
    correlation_id: &'a str,
}

impl FailedSignIn {
    /// Counts the failure for the limits, unless the caller did nothing wrong. A sign-in that ended proves nothing: a
    /// person may be slow, and nobody can guess its 256 random bits.
    pub(super) fn counted(self, console: &Console, attempt: &OpenIdAttempt) -> Self {
        match &self {
            Self::Provider(
                OpenIdFailure::ProviderFailed { .. } | OpenIdFailure::Denied(_) | OpenIdFailure::Stale,
            )
            | Self::Limited(_) => self,
            Self::Provider(_) | Self::Revoked(_) => match console.accounts.openid_failed(attempt) {
                Ok(()) => self,
                Err(pause) => Self::Limited(pause),
            },
        }
    }

    /// Counts and logs the failure, and answers with the page.
    pub(super) fn answer(
        &self,
        console: &Console,
        provider: &OpenIdProvider,
        parts: &Parts,
        to: &str,
    ) -> Result<Response, ApiError> {
        console.accounts.count_openid_sign_in(self.result());
        let correlation_id = parts.extensions.get::<RequestId>().map(|id| id.0.as_str()).unwrap_or_default();
        self.log(console, parts, correlation_id);
        let frame = Frame::new(&*console.random, console.links.base_url());
        let name = provider.settings().provider_name.as_str();
        let shown = FailedPage {
            frame: &frame,
            words: self.words(name),
            provider: name,
            again: openid_address(to),
            allows_passwords: provider.settings().allows_passwords,
            correlation_id,
        };
        let mut response = page(self.status(), &frame, &shown)?;
        let removed = PENDING.removed(Transport::of(console.links.base_url()));
        response.headers_mut().append(SET_COOKIE, removed);
        Ok(response)
    }

    fn result(&self) -> OpenIdResult {
        match self {
            Self::Provider(failure) => failure.result(),
            Self::Revoked(_) => OpenIdResult::Revoked,
            Self::Limited(_) => OpenIdResult::Limited,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Provider(OpenIdFailure::ProviderFailed { .. }) => StatusCode::BAD_GATEWAY,
            Self::Provider(OpenIdFailure::Stale) => StatusCode::BAD_REQUEST,
            Self::Provider(_) | Self::Revoked(_) => StatusCode::FORBIDDEN,
            Self::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn log(&self, console: &Console, parts: &Parts, correlation_id: &str) {
        let reason = match self {
            Self::Provider(failure) => failure.to_string(),
            Self::Revoked(name) => format!("the operator {name} is revoked"),
            // The limits log this themselves.
            Self::Limited(_) => return,
        };
        if let Some(left_out) = self.may_be_logged(console) {
            let client = client_of(console, parts).map(tracing::field::display);
            let result = self.result().as_str();
            tracing::warn!(
                client,
                result,
                reason,
                correlation_id,
                left_out,
                "a sign-in with OpenID Connect failed"
            );
        }
    }

    /// Whether a line may be logged now, and how many were omitted. Anybody can cause some failures at any rate, so
    /// their lines are limited. For the others a person needs a code of the provider, and failed sign-ins are limited.
    fn may_be_logged(&self, console: &Console) -> Option<u64> {
        use OpenIdFailure::{Denied, ProviderFailed, Stale};
        match self {
            Self::Provider(Stale | Denied(_) | ProviderFailed { .. }) => {
                console.0.openid_log.may_log(console.clock.monotonic_now())
            }
            Self::Provider(_) | Self::Revoked(_) | Self::Limited(_) => Some(0),
        }
    }

    fn words(&self, provider: &str) -> Words {
        match self {
            Self::Provider(failure) => words_of(failure, provider),
            Self::Revoked(name) => Words {
                title: "Your access was revoked",
                reason: format!("An admin of Kassa revoked the operator {name}."),
                advice:
                    "An admin can restore it on the page of the operators, or with kassa operator restore."
                        .to_string(),
            },
            Self::Limited(pause) => Words {
                title: "Too many sign-ins failed",
                reason: "Kassa limits failed sign-ins from one address.".to_string(),
                advice: format!("Try again in {} s.", seconds_of(*pause)),
            },
        }
    }
}

fn words_of(failure: &OpenIdFailure, provider: &str) -> Words {
    let words = |title, reason: String, advice: String| Words { title, reason, advice };
    match failure {
        OpenIdFailure::Stale => words(
            "This sign-in has ended",
            "It is finished already, it began more than ten minutes ago, or it began in another browser."
                .to_string(),
            "Try again.".to_string(),
        ),
        OpenIdFailure::Denied(code) => words(
            "You are not signed in",
            format!("{provider} refused the sign-in ({code})."),
            "If you did not cancel it yourself, ask the people who administer it.".to_string(),
        ),
        OpenIdFailure::ProviderFailed { purpose, .. } => words(
            "Sign-in is not possible now",
            format!("{provider} gave no usable answer when Kassa asked for {purpose}."),
            "Try again in a minute. If the problem continues, the log of Kassa has the reason.".to_string(),
        ),
        OpenIdFailure::CodeRefused(code) => words(
            "You are not signed in",
            format!(
                "{provider} did not accept the code of this sign-in ({code}). A code is valid once, and not for long."
            ),
            format!(
                "Try again. If the problem continues, an admin must compare client id and secret with {provider}."
            ),
        ),
        OpenIdFailure::TokenRefused(_) => words(
            "You are not signed in",
            format!("The answer of {provider} did not pass a check."),
            "Try again. If the problem continues, show this page to an admin: the log of Kassa has the reason."
                .to_string(),
        ),
        OpenIdFailure::NoName(claim) => words(
            "You are not signed in",
            format!("{provider} sent no usable name (claim {claim})."),
            format!("An admin can add the claim at {provider}, or set another one in name_claim."),
        ),
        OpenIdFailure::EmailNotVerified => words(
            "You are not signed in",
            format!("{provider} says that your e-mail address is not verified."),
            format!("Confirm the address at {provider}, and try again."),
        ),
        OpenIdFailure::NoRole { claim, subject: _ } => words(
            "You have no access to this console",
            format!("{provider} knows you, but none of your groups has a role here (claim {claim})."),
            format!("Ask for one of the groups that have a role. After that, sign in at {provider} again."),
        ),
    }
}
