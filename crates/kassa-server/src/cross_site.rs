//! Refuses requests that a browser sends for web pages of other sites: one check of the browser's headers before every
//! route.

use std::future::{Ready, ready};
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::Response;
use futures_util::future::Either;
use http::HeaderValue;
use kassa_http::{ApiError, refuse};
use kassa_wire::cross_site::{CrossSiteRefusal, Surface};
use kassa_wire::error::ErrorCode;
use tower::{Layer, Service};

use crate::app::App;

/// Puts the check before a router. The path must be as the router sees it.
#[derive(Clone)]
pub(crate) struct CrossSiteLayer(pub(crate) App);

impl<S> Layer<S> for CrossSiteLayer {
    type Service = CrossSiteCheck<S>;

    fn layer(&self, inner: S) -> CrossSiteCheck<S> {
        CrossSiteCheck { app: self.0.clone(), inner }
    }
}

/// A router behind the check.
#[derive(Clone)]
pub(crate) struct CrossSiteCheck<S> {
    app: App,
    inner: S,
}

impl<S: Service<Request, Response = Response>> Service<Request> for CrossSiteCheck<S> {
    type Response = Response;
    type Error = S::Error;
    type Future = Either<Ready<Result<Response, S::Error>>, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match check(&self.app, &request) {
            Ok(()) => Either::Right(self.inner.call(request)),
            Err(refusal) => Either::Left(ready(Ok(refuse(self.app.calls(), &request, &as_error(&refusal))))),
        }
    }
}

fn check(app: &App, request: &Request) -> Result<(), CrossSiteRefusal> {
    let uri = request.uri();
    let authority = uri.authority().map(http::uri::Authority::as_str);
    let values = |name| request.headers().get_all(name).iter().map(HeaderValue::as_bytes);
    app.configuration().site.check(surface_of(uri.path()), request.method().as_str(), authority, values)
}

/// The kind of a path. Every other path belongs to an API.
fn surface_of(path: &str) -> Surface {
    let mut segments = path.split('/').skip(1);
    match (segments.next(), segments.next(), segments.next()) {
        (Some("payments"), Some("assets"), _) | (Some("pay"), Some(_), Some("qr" | "distribution")) => {
            Surface::Open
        }
        (Some("pay" | "kp"), ..) => Surface::ConsumerPage,
        (Some(""), None, _)
        | (Some("assets" | "demo"), ..)
        | (Some("lab"), None | Some("of" | "assets"), _) => Surface::Page,
        _ => Surface::Api,
    }
}

fn as_error(refusal: &CrossSiteRefusal) -> ApiError {
    let (code, advice) = match refusal {
        CrossSiteRefusal::UnknownHost(host) => (
            ErrorCode::UnknownHost,
            format!("To reach it under this name, start Kassa with --public-url http://{host}"),
        ),
        CrossSiteRefusal::ForeignPage => (
            ErrorCode::CrossSiteRequest,
            "Call it from a program. Pages of other sites may link and redirect to pages, and to nothing else"
                .to_string(),
        ),
        CrossSiteRefusal::FormContent => {
            (ErrorCode::CrossSiteRequest, "Send it with the content type application/json".to_string())
        }
    };
    ApiError::Refused(code, vec![refusal.to_string(), advice])
}

#[cfg(test)]
mod tests {
    use super::*;
    use kassa_lab::{lab_page_paths, lab_paths};

    #[test]
    fn every_path_is_an_apis_unless_it_is_known_to_be_for_people() {
        for path in lab_paths() {
            assert_eq!(surface_of(path), Surface::Api, "{path}");
        }
        for path in
            lab_page_paths().into_iter().chain(["/", "/demo", "/demo/orders/1/live", "/assets/pay.css"])
        {
            assert_eq!(surface_of(path), Surface::Page, "{path}");
        }
        for path in ["/pay/token", "/pay/token/pay", "/pay/token/outcome", "/pay", "/pay/"] {
            assert_eq!(surface_of(path), Surface::ConsumerPage, "{path}");
        }
        for path in
            ["/pay/token/qr", "/pay/token/distribution/events", "/payments/assets/pay_now/standard.svg"]
        {
            assert_eq!(surface_of(path), Surface::Open, "{path}");
        }
        for path in [
            "/hpp/v1/sessions",
            "/payments/v1/sessions",
            "/metrics",
            "/readyz",
            "/lab/v1",
            "//pay",
            "pay",
            "/%70ay/x",
        ] {
            assert_eq!(surface_of(path), Surface::Api, "{path}");
        }
    }
}
