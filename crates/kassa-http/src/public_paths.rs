//! The rules for every request of merchants and consumers, before and after its route.

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::STRICT_TRANSPORT_SECURITY;
use http::{Extensions, HeaderValue, Uri};
use kassa_engine::reached_at;
use tower::ServiceExt as _;

use crate::{Calls, CrossSiteCheck, FrequentCalls, LinkBase, PageHost, no_such_path, refusal_without_proxy};

/// For a year, browsers use HTTPS only for this host.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The paths for merchants and consumers.
pub struct PublicPaths {
    /// Refuses requests that a browser sends for web pages of other sites.
    pub check: CrossSiteCheck,
    /// Tells which address a call comes from.
    pub calls: Calls,
    /// The address at which links begin.
    pub link_base: LinkBase,
    /// Whether answers require browsers to use HTTPS only for this host.
    pub is_https_only: bool,
    /// The host of the pages, if it is another than that of the APIs.
    pub page_host: Option<PageHost>,
    /// The calls that need no router.
    pub frequent_calls: FrequentCalls,
    /// The APIs, the page, the lab and the demo shop.
    pub routes: Router,
}

impl PublicPaths {
    /// Answers a request.
    pub async fn answer(&self, request: Request) -> Response {
        let request = without_trailing_slash(request);
        if let Some(refusal) = self.check.refusal(&request) {
            return refusal;
        }
        match self.link_base.address_for(&request) {
            Some(address) => reached_at(address, self.answer_at(request)).await,
            None => self.answer_at(request).await,
        }
    }

    async fn answer_at(&self, request: Request) -> Response {
        if let Some(refusal) = refusal_without_proxy(&self.calls, &request) {
            return refusal;
        }
        if self.page_host.as_ref().is_some_and(|pages| !pages.serves(&request)) {
            return no_such_path(request.uri().clone()).await.into_response();
        }
        let mut response = match self.frequent_calls.find(&request) {
            Some(found) => found.answer(request).await,
            None => self.routes.clone().oneshot(request).await.unwrap_or_else(|never| match never {}),
        };
        if self.is_https_only {
            response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
        }
        response
    }
}

/// The target of a request as the caller sent it, if it had a slash at the end. An extension of the request.
#[derive(Clone, Debug)]
pub struct AsCalled(Uri);

impl AsCalled {
    /// The target of a request as the caller sent it.
    #[must_use]
    pub fn target<'a>(uri: &'a Uri, extensions: &'a Extensions) -> &'a Uri {
        extensions.get::<Self>().map_or(uri, |Self(uri)| uri)
    }
}

/// Removes one trailing slash from a path, because real clients send it (docs/wire.md#tolerant-in-form).
/// [`AsCalled`] has the path with the slash.
fn without_trailing_slash(mut request: Request) -> Request {
    let uri = request.uri();
    let Some(path) = uri.path().strip_suffix('/').filter(|path| !path.is_empty()) else { return request };
    let path_and_query = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_string(),
    };
    if let Ok(path_and_query) = path_and_query.parse() {
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(path_and_query);
        if let Ok(uri) = Uri::from_parts(parts) {
            let as_called = AsCalled(std::mem::replace(request.uri_mut(), uri));
            request.extensions_mut().insert(as_called);
        }
    }
    request
}
