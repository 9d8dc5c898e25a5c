//! Every route, grouped by audience.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use http::HeaderValue;
use http::header::STRICT_TRANSPORT_SECURITY;
use kassa_wire::error::ErrorCode;
use tower::Layer as _;
use tower::util::MapRequestLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::absent_apis::no_such_path;
use crate::api_error::ApiError;
use crate::app::App;
use crate::body::LARGEST_BODY;
use crate::cross_site::{CrossSiteCheck, CrossSiteLayer};
use crate::operations::{self, Watched};
use crate::{answer, consumer_page, demo, kassa_api, lab, merchant_api, payments_api, proxies};

/// A browser that was here once calls this host by https alone for a year.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Everything on one listener, operational paths included.
pub fn router(app: App) -> Router {
    let operations = operations::routes(Watched::of(app.clone())).layer(CrossSiteLayer(app.clone()));
    tolerant(operations, surface(app))
}

/// What merchants and consumers reach of a node, whose operational paths have a listener of their own.
pub(crate) fn public_router(app: App) -> Router {
    let surface = surface(app.clone());
    tolerant(operations::local_probes(Watched::of(app), surface.clone()), surface)
}

/// `exact` as it is, and around it `surface`, whose paths may end in a slash. A layer runs after a route was chosen, so the
/// paths of `exact` are matched as they came, and those of `surface`, one router further in, as they were mended.
fn tolerant(exact: Router, surface: CrossSiteCheck<Router>) -> Router {
    let routes = exact.fallback_service(surface).layer(MapRequestLayer::new(without_trailing_slash));
    routes.layer(map_response(answer::with_error_body))
}

/// The APIs, the page, the lab and the demo shop.
fn surface(app: App) -> CrossSiteCheck<Router> {
    let rest = match app.lab {
        Some(_) => lab::routes(),
        None => Router::new(),
    };
    let lab_page = match &app.lab {
        Some(lab) if lab.has_page() => lab::page_routes(&app),
        Some(_) | None => Router::new(),
    };
    let rest = rest.fallback(no_such_path);
    let demo = app.demo.get().cloned().map(demo::routes).unwrap_or_default();
    let routes = Router::new()
        .merge(apis(&app))
        .merge(completed(rest, &app))
        .merge(consumer_page::routes(&app))
        .merge(lab_page)
        .with_state(app.clone())
        .merge(demo);
    let routes = match app.configuration.is_https_only {
        true => routes.layer(SetResponseHeaderLayer::overriding(STRICT_TRANSPORT_SECURITY, HTTPS_ONLY)),
        false => routes,
    };
    let routes = match app.configuration.trusted_proxies.is_empty() {
        true => routes,
        false => routes.layer(from_fn_with_state(app.clone(), proxies::require)),
    };
    // The check stands around the router, not in it: it sees every path, after the slash was removed.
    CrossSiteLayer(app).layer(routes)
}

/// The APIs. Where there is a lab, it has its weather over them, and keeps a journal around.
fn apis(app: &App) -> Router<App> {
    let apis =
        Router::new().merge(merchant_api::routes()).merge(payments_api::routes()).merge(kassa_api::routes());
    if app.lab.is_none() {
        return completed(apis, app);
    }
    let under_weather = apis.layer(from_fn(lab::blow));
    completed(under_weather, app).layer(from_fn_with_state(app.clone(), lab::record))
}

/// What every API has in common: limits, and how an answer is completed.
fn completed(routes: Router<App>, app: &App) -> Router<App> {
    routes
        .method_not_allowed_fallback(|| async { ApiError::bare(ErrorCode::MethodNotAllowed) })
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(CatchPanicLayer::custom(answer::panicked))
        .layer(from_fn_with_state(app.clone(), answer::complete))
}

/// Takes one trailing slash from a path, since real clients send it (docs/wire.md#tolerant-in-form).
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
        if let Ok(uri) = http::Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}
