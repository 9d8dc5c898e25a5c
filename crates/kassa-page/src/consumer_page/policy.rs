//! The content security policy of a page, and the headers of every answer.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;

use super::pages::Pages;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::header::{ALLOW, CONTENT_SECURITY_POLICY, REFERRER_POLICY, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use kassa_engine::ScriptSources;
use kassa_http::{
    ApiError, CallRules, RequestFacts, RequestOrigin, RequestSummary, StatefulHandler, add_headers,
    answer_to_panic, with_facts,
};
use kassa_i18n::Texts;
use kassa_wire::error::ErrorCode;

use super::assets::{ICON, SCRIPT, STYLESHEET};
use super::error_page::{Asker, AskerParts, Place, error_in, error_page};
use super::view::Frame;
use super::visit::is_in_advance;

/// The largest form accepted, in bytes.
const LARGEST_FORM: usize = 16_384;

/// A page, with a policy for its own nonce: our files, and forms that end at us. The merchant's pictures are among our
/// files. Nothing else is loaded, run, or framed. A browser goes on to the merchant from a page, not from a form
/// (docs/decisions/0043-browsers-leave-through-a-page.md).
pub(super) fn written(pages: &Pages, status: StatusCode, write: impl FnOnce(&str) -> String) -> Response {
    written_for(pages, &PageUse::default(), status, write)
}

/// A page without forms and links to secrets, which any site may frame: the screen that faces the customer.
pub(super) fn written_in_any_frame(pages: &Pages, write: impl FnOnce(&str) -> String) -> Response {
    let page_use = PageUse { frame_ancestors: "*", ..PageUse::default() };
    written_for(pages, &page_use, StatusCode::OK, write)
}

/// The permissions of a page beyond its own files.
struct PageUse {
    /// Origins to which its form leads, each with a blank before it.
    form_targets: String,
    /// The sites that may frame it.
    frame_ancestors: &'static str,
}

impl Default for PageUse {
    fn default() -> Self {
        Self { form_targets: String::new(), frame_ancestors: "'none'" }
    }
}

/// The pay page of a payment system to whose own page the button leads. A browser applies `form-action` to the redirect
/// after the form, too.
pub(super) fn written_with_redirect(
    pages: &Pages,
    origins: &[String],
    status: StatusCode,
    write: impl FnOnce(&str) -> String,
) -> Response {
    let page_use = PageUse { form_targets: listed(origins.iter().cloned()), ..PageUse::default() };
    written_for(pages, &page_use, status, write)
}

fn written_for(
    pages: &Pages,
    PageUse { form_targets, frame_ancestors }: &PageUse,
    status: StatusCode,
    write: impl FnOnce(&str) -> String,
) -> Response {
    let nonce = pages.calls.new_nonce();
    let mut response = (status, Html(write(&nonce))).into_response();
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self'; \
         connect-src 'self'; form-action 'self'{form_targets}; base-uri 'none'; frame-ancestors {frame_ancestors}",
    );
    let policy = HeaderValue::from_str(&policy).expect("sources have letters, digits and a few signs");
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    response
}

/// The pay page with a payment system's script: its sources are allowed, too. The script adds styles without a nonce,
/// and a nonce in the policy would refuse them. Browsers report each refusal.
pub(super) fn written_with_script(
    pages: &Pages,
    (sources, token): (&ScriptSources, &str),
    status: StatusCode,
    write: impl FnOnce(&str) -> String,
) -> Response {
    let nonce = pages.calls.new_nonce();
    let mut response = (status, Html(write(&nonce))).into_response();
    let list = |sources: &[String]| listed(sources.iter().cloned());
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'{}; style-src 'self' 'unsafe-inline'{}; img-src 'self'{}; \
         font-src 'self'{}; connect-src 'self'{}; frame-src 'self'{}; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'; report-uri /pay/{token}/policy-violations",
        list(&sources.script),
        list(&sources.style),
        list(&sources.image),
        list(&sources.font),
        list(&sources.connect),
        list(&sources.frame),
    );
    match HeaderValue::from_str(&policy) {
        Ok(policy) => response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy),
        Err(_) => {
            return ApiError::Fault("a source of the page's policy is not a source".to_string())
                .into_response();
        }
    };
    response
}

/// The rules for every call of the page in a place.
#[derive(Clone)]
pub(super) struct PageRules {
    pub(super) pages: Pages,
    pub(super) place: Place,
    /// The beginning of each call's path. It is empty if the router removed it.
    pub(super) before_token: &'static str,
}

impl CallRules for PageRules {
    fn answer<'a>(&'a self, request: Request, handler: &'a StatefulHandler) -> BoxFuture<'a, Response> {
        Box::pin(completed(self, request, &**handler))
    }
}

/// Runs a call of the page under its rules.
pub(super) async fn complete(State(rules): State<PageRules>, request: Request, next: Next) -> Response {
    completed(&rules, request, |request| next.run(request)).await
}

/// Runs a call of the page, completes its answer, counts it, and records its span.
async fn completed<F: Future<Output = Response>>(
    rules: &PageRules,
    request: Request,
    handler: impl FnOnce(Request) -> F,
) -> Response {
    let calls = &rules.pages.calls;
    let measured = calls.measure(&request);
    let span = calls.span(&request, RequestOrigin::Browser);
    // In a box, because the future is large, and the layer copies its own future several times.
    let response = calls.in_span(span, Box::pin(answer(rules, request, handler))).await;
    measured.answered(response.status().as_u16());
    response
}

/// Limits the form of a call, answers for a handler that panics, and completes the answer. An error is a page too. A
/// request that a browser makes in advance is refused before it can change anything: a browser keeps no answer of an
/// error for a later visit. This is one layer, because each layer costs a call several allocations.
async fn answer<F: Future<Output = Response>>(
    PageRules { pages, place, before_token }: &PageRules,
    mut request: Request,
    handler: impl FnOnce(Request) -> F,
) -> Response {
    let correlation_id = pages.calls.new_correlation_id();
    let (asked, asker) =
        (RequestSummary::of(&pages.calls, &request), AskerParts::of(&request, *place, before_token));
    let (mut response, facts) = match is_in_advance(request.headers()) {
        true => {
            let refusal = ApiError::refused(ErrorCode::TemporarilyUnavailable, "made in advance");
            (refusal.into_response(), RequestFacts::default())
        }
        false => {
            DefaultBodyLimit::max(LARGEST_FORM).apply(&mut request);
            let (answer, facts) = with_facts(AssertUnwindSafe(handler(request)).catch_unwind()).await;
            (answer.unwrap_or_else(answer_to_panic), facts)
        }
    };
    let error = error_in(&mut response);
    asked.finish(&pages.calls, response.status(), error.as_ref(), (&correlation_id, &facts));
    if let Some(error) = error {
        asked.log(&pages.calls, &error, &correlation_id);
        let page = error_page(pages, &error, &Asker::of(asker)).await;
        response = with_headers_of(&response, page);
    }
    add_headers(response.headers_mut(), &correlation_id);
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Adds the headers that the page of an error has from the answer that it replaces.
fn with_headers_of(replaced: &Response, mut page: Response) -> Response {
    for name in [ALLOW, SET_COOKIE] {
        for value in replaced.headers().get_all(&name) {
            page.headers_mut().append(name.clone(), value.clone());
        }
    }
    page
}

/// The language and the files of every page, without a shop.
pub(super) fn frame<'a>(nonce: &'a str, locale: &'a str, texts: &'a Texts) -> Frame<'a> {
    Frame {
        texts,
        locale,
        nonce,
        stylesheet_href: STYLESHEET.href(),
        script_href: Some(SCRIPT.href()),
        icon_href: ICON.href(),
        shop: None,
        switch: None,
    }
}

fn listed(sources: impl Iterator<Item = String>) -> String {
    let sources: BTreeSet<String> = sources.collect();
    sources.into_iter().map(|source| format!(" {source}")).collect()
}
