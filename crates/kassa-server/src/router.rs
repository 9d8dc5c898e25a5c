//! Every route, grouped by audience.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use http::HeaderValue;
use http::header::STRICT_TRANSPORT_SECURITY;
use kassa_http::{
    ApiError, CrossSiteCheck, LARGEST_BODY, PageHost, answer_to_panic, complete, limit_rate, no_such_path,
    pages_on_their_host, require_proxy, with_error_body, with_link_base,
};
use kassa_wire::error::ErrorCode;
use tower::Layer as _;
use tower::util::MapRequestLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::app::App;
use crate::operations::{self, AppSlot};

/// For a year, browsers use HTTPS only for this host.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Everything on one listener, operational paths included.
pub fn router(app: &App) -> Router {
    let operations = operations::routes(AppSlot::of(app.clone())).layer(app.cross_site_layer());
    tolerant(operations, surface(app))
}

/// The routes for merchants and consumers of a node whose operational paths have their own listener.
pub(crate) fn public_router(app: App) -> Router {
    let surface = surface(&app);
    tolerant(operations::local_probes(AppSlot::of(app), surface.clone()), surface)
}

/// `exact` as it is, and around it `surface`, whose paths may end in a slash. A layer runs after a route was chosen, so
/// the paths of `exact` are matched as they came, and those of `surface`, one router further in, as they were
/// corrected.
fn tolerant(exact: Router, surface: CrossSiteCheck<Router>) -> Router {
    let routes = exact.fallback_service(surface).layer(MapRequestLayer::new(without_trailing_slash));
    routes.layer(map_response(with_error_body))
}

/// The APIs, the page, the lab and the demo shop.
fn surface(app: &App) -> CrossSiteCheck<Router> {
    let lab = app.lab();
    let rest = lab.map(|lab| kassa_lab::routes().with_state(lab.clone())).unwrap_or_default();
    let rest = rest.fallback(no_such_path);
    let lab_page = lab.filter(|lab| lab.has_page());
    let routes = Router::new()
        .merge(apis(app))
        .merge(completed(rest, app))
        .merge(sdk_files(app))
        .merge(kassa_page::routes(app.pages()))
        .merge(lab_page.map(|lab| kassa_lab::page_routes(lab).with_state(lab.clone())).unwrap_or_default())
        .merge(app.demo().map(kassa_demo::routes).unwrap_or_default());
    let routes = match app.configuration().is_https_only {
        true => routes.layer(SetResponseHeaderLayer::overriding(STRICT_TRANSPORT_SECURITY, HTTPS_ONLY)),
        false => routes,
    };
    let routes = match PageHost::of(app.configuration().page_url.as_deref()) {
        Some(page_host) => routes.layer(from_fn_with_state(page_host, pages_on_their_host)),
        None => routes,
    };
    let routes = match app.configuration().trusted_proxies.is_empty() {
        true => routes,
        false => routes.layer(from_fn_with_state(app.calls().clone(), require_proxy)),
    };
    let routes = routes.layer(from_fn_with_state(app.configuration().link_base.clone(), with_link_base));
    // The check is around the router and not in it, so that it sees every path, after the slash was removed.
    app.cross_site_layer().layer(routes)
}

/// The APIs. The calls of the vendor's APIs may have rate limits. The lab injects faults into all APIs and records
/// them, if there is one.
fn apis(app: &App) -> Router {
    let payments = if app.has_sandbox() { kassa_sandbox::routes() } else { Router::new() };
    let vendors = api(kassa_api::hpp_routes().merge(payments), app);
    let vendors = match app.rate_limits() {
        Some(limits) => vendors.layer(from_fn_with_state(limits, limit_rate)),
        None => vendors,
    };
    let apis = finished(vendors.merge(api(kassa_api::own_routes(), app)), app);
    match app.lab() {
        Some(lab) => apis.layer(from_fn_with_state(lab.clone(), kassa_lab::record)),
        None => apis,
    }
}

/// The browser SDK's script and frames, which pages of every site may use. They have headers of their own.
fn sdk_files(app: &App) -> Router {
    if !app.has_sandbox() {
        return Router::new();
    }
    let files = kassa_sandbox::sdk_files();
    match app.lab() {
        Some(lab) => files
            .layer(from_fn(kassa_lab::apply_faults))
            .layer(from_fn_with_state(lab.clone(), kassa_lab::record)),
        None => files,
    }
}

/// An API with the faults of the lab, if there is one.
fn api(routes: Router<App>, app: &App) -> Router {
    let routes = match app.lab() {
        Some(_) => routes.layer(from_fn(kassa_lab::apply_faults)),
        None => routes,
    };
    guarded(routes.with_state(app.clone()))
}

/// Adds the parts that every API has: limits, and the completion of answers.
fn completed(routes: Router, app: &App) -> Router {
    finished(guarded(routes), app)
}

/// Limits what a call can do.
fn guarded(routes: Router) -> Router {
    routes
        .method_not_allowed_fallback(|| async { ApiError::without_message(ErrorCode::MethodNotAllowed) })
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(CatchPanicLayer::custom(answer_to_panic))
}

/// Completes the answers.
fn finished(routes: Router, app: &App) -> Router {
    routes.layer(from_fn_with_state(app.calls().clone(), complete))
}

/// Removes one trailing slash from a path, because real clients send it (docs/wire.md#tolerant-in-form).
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
