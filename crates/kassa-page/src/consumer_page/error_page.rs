//! Shows errors as pages. If the link leads to a page session, the page has its language and shop. Otherwise it has the
//! browser's language.

use super::pages::Pages;
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use http::header::{ACCEPT_LANGUAGE, COOKIE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use kassa_http::{ApiError, RETRY_AFTER_S};
use kassa_wire::error::ErrorCode;
use tokio::time::timeout;

use super::filled::PageContext;
use super::form::PayForm;
use super::language::{LanguagePreference, PagePath};
use super::leave::MovesOn;
use super::pages::is_token;
use super::policy::{frame, written};
use super::view::{Outcome, OutcomePage};

/// The longest time in which the page of an error looks for its session. The database may be the reason for the error.
const LONGEST_LOOKUP: Duration = Duration::from_secs(1);

/// The reader of the pages that a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Consumer,
    Staff,
}

impl Place {
    /// The path before the token.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Consumer => "/pay",
            Self::Staff => "/distributions",
        }
    }
}

/// The parts of a request that the page of its error needs. They are read only if there is an error.
pub(super) struct AskerParts {
    place: Place,
    before_token: &'static str,
    uri: Uri,
    method: Method,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl AskerParts {
    /// `before_token` is the beginning of the request's path.
    pub(super) fn of(request: &Request, place: Place, before_token: &'static str) -> Self {
        let kept = [COOKIE, ACCEPT_LANGUAGE].into_iter().flat_map(|name| {
            let values = request.headers().get_all(&name).iter().cloned();
            values.map(move |value| (name.clone(), value))
        });
        let (uri, method) = (request.uri().clone(), request.method().clone());
        Self { place, before_token, uri, method, headers: kept.collect() }
    }
}

/// The token and the language of a request, for the page of its error.
pub(super) struct Asker {
    place: Place,
    token: String,
    /// Whether the request opens the link itself.
    is_entrance: bool,
    preference: LanguagePreference,
}

impl Asker {
    pub(super) fn of(AskerParts { place, before_token, uri, method, headers }: AskerParts) -> Self {
        let path = uri.path().strip_prefix(before_token).unwrap_or_default();
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let token = segments.next().unwrap_or_default().to_string();
        let is_entrance = segments.next().is_none() && method == Method::GET;
        let mut asked = HeaderMap::new();
        for (name, value) in headers {
            asked.append(name, value);
        }
        Self { place, token, is_entrance, preference: LanguagePreference::of(&asked) }
    }

    /// The path of the page, if the token has the form of one.
    fn page(&self) -> Option<String> {
        is_token(&self.token).then(|| format!("{}/{}", self.place.path(), self.token))
    }
}

/// Returns the error of an answer: a handler's own, or that of a library, which writes plain text.
pub(super) fn error_in(response: &mut Response) -> Option<ApiError> {
    let own = response.extensions_mut().remove::<ApiError>();
    own.or_else(|| match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => Some(ApiError::without_message(ErrorCode::MethodNotAllowed)),
        // The path has a part that is no text.
        StatusCode::BAD_REQUEST => Some(ApiError::without_message(ErrorCode::NotFound)),
        _ => None,
    })
}

/// Renders the page of an error.
pub(super) async fn error_page(pages: &Pages, error: &ApiError, asker: &Asker) -> Response {
    let status =
        StatusCode::from_u16(error.code().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let of_session = timeout(LONGEST_LOOKUP, of_session(pages, error, asker, status)).await;
    let of_session = of_session.ok().and_then(Result::ok).flatten();
    let mut response = of_session.unwrap_or_else(|| of_nobody(pages, error, asker, status));
    if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
        response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_S);
    }
    response
}

async fn of_session(
    pages: &Pages,
    error: &ApiError,
    asker: &Asker,
    status: StatusCode,
) -> Result<Option<Response>, ApiError> {
    let Some(id) = pages.links.page_session_of(&asker.token) else { return Ok(None) };
    let Some(session) = pages.reads.page_session(&id).await? else { return Ok(None) };
    let (payment, offer) = pages.engine.hosted(&session).await?;
    let nothing_entered = PayForm::default();
    let context =
        PageContext::of(pages, &session, (&payment, &offer), (&nothing_entered, &asker.preference)).await?;
    let outcome = outcome_of(error, Opens::ASession);
    let path = asker.is_entrance.then_some(PagePath::Entrance);
    let render = |nonce: &str| context.outcome_page(nonce, (&asker.token, path), outcome, MovesOn::ByLink);
    Ok(Some(written(pages, status, render)))
}

fn of_nobody(pages: &Pages, error: &ApiError, asker: &Asker, status: StatusCode) -> Response {
    let outcome = outcome_of(error, Opens::Nothing);
    let page = asker.page().filter(|_| matches!(outcome, Outcome::Unavailable | Outcome::Error));
    let texts = pages.languages.texts(asker.preference.without_session());
    written(pages, status, |nonce| {
        OutcomePage {
            frame: frame(nonce, texts.language.tag, texts),
            outcome,
            amount: None,
            receipt: None,
            id_check_code: None,
            retry_href: page.as_deref(),
            continue_url: None,
            continue_after_s: None,
            reload_href: None,
            live_href: None,
        }
        .html()
    })
}

/// Whether a link opens a page session.
#[derive(Clone, Copy)]
enum Opens {
    ASession,
    Nothing,
}

fn outcome_of(error: &ApiError, link: Opens) -> Outcome {
    let is_path = matches!(error.code(), ErrorCode::NotFound | ErrorCode::MethodNotAllowed);
    match (error, link) {
        (ApiError::Unavailable(_) | ApiError::TooMany { .. }, _) => Outcome::Unavailable,
        (ApiError::Fault(_), _) => Outcome::Error,
        (ApiError::Refused(ErrorCode::Gone, _), _) => Outcome::Expired,
        (ApiError::Refused(ErrorCode::TemporarilyUnavailable, _), _) => Outcome::Unavailable,
        (ApiError::Refused(ErrorCode::MerchantSuspended, _), _) => Outcome::NoPayments,
        (ApiError::Refused(..), Opens::ASession) if !is_path => Outcome::Error,
        (ApiError::Refused(..), Opens::ASession | Opens::Nothing) => Outcome::NotFound,
    }
}
