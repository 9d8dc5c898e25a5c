//! Every route of the listener, grouped by audience.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use kassa_wire::error::ErrorCode;
use tower::util::MapRequestLayer;
use tower_http::catch_panic::CatchPanicLayer;

use crate::api_error::ApiError;
use crate::app::App;
use crate::body::LARGEST_BODY;
use crate::cross_site::CrossSiteLayer;
use crate::{answer, consumer_page, demo, kassa_api, lab, merchant_api, payments_api, proxies};

/// The format of the metrics page.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The whole HTTP surface.
pub fn router(app: App) -> Router {
    let rest = match app.lab {
        Some(_) => lab::routes(),
        None => Router::new(),
    };
    let lab_page = match &app.lab {
        Some(lab) if lab.has_page() => lab::page_routes(&app),
        Some(_) | None => Router::new(),
    };
    let rest = rest.fallback(|| async { ApiError::bare(ErrorCode::NotFound) });
    let demo = app.demo.get().cloned().map(demo::routes).unwrap_or_default();
    let routes = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .merge(apis(&app))
        .merge(completed(rest, &app))
        .merge(consumer_page::routes(&app))
        .merge(lab_page)
        .with_state(app.clone())
        .merge(demo);
    let routes = match app.configuration.trusted_proxies.is_empty() {
        true => routes,
        false => routes.layer(from_fn_with_state(app.clone(), proxies::require)),
    };
    // A layer runs after a route was chosen: the path is mended one router further out, and checked as it is then.
    let guarded = Router::new().fallback_service(routes).layer(CrossSiteLayer(app));
    guarded.layer(MapRequestLayer::new(without_trailing_slash))
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

/// Takes one trailing slash from a path, since real clients send it (spec 1.1).
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

async fn metrics(State(app): State<App>) -> Response {
    let now = app.clock.system_now();
    let backlog = app.store.backlog().await;
    app.metrics.long_polls(app.waiting.count());
    let page = backlog.map_err(|error| error.to_string());
    match page.and_then(|backlog| app.metrics.page(backlog, now).map_err(|error| error.to_string())) {
        Ok(page) => ([(CONTENT_TYPE, METRICS_TYPE)], page).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
    }
}

/// Whether calls are to be sent here: not to a system that stops, and not to one that cannot write.
async fn ready(State(app): State<App>) -> Response {
    if app.leaving.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    match app.store.prove_writable(app.clock.system_now()).await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
    }
}
