//! All routes, grouped by audience, and the rules for every request before and after its route.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use futures_util::future::BoxFuture;
use kassa_http::{
    ApiError, ApiRules, FrequentCalls, HealthSlot, OperationalPaths, PageHost, PublicPaths, limit_rate,
    measure_call, no_such_path, run_call, with_error_body,
};
use kassa_openapi::{ApiDocs, ApiRoutes};
use kassa_wire::error::ErrorCode;
use serde_json::Value;
use tower::Service;

use crate::app::App;

/// Everything on one listener, operational paths included.
#[must_use]
pub fn router(app: &App) -> Routing {
    Routing::new(app, OperationalPaths::all(HealthSlot::of(app.health().clone()), app.cross_site_check()))
}

/// The routes for merchants and consumers of a node whose operational paths have their own listener.
pub(crate) fn public_router(app: &App) -> Routing {
    Routing::new(app, OperationalPaths::local_probes(HealthSlot::of(app.health().clone())))
}

/// The routes of a listener, with the rules that apply to all of them. This is one service and no router with layers,
/// because each layer costs every request several allocations.
#[derive(Clone)]
pub struct Routing(Arc<Parts>);

struct Parts {
    operational: OperationalPaths,
    public: PublicPaths,
}

impl Routing {
    fn new(app: &App, operational: OperationalPaths) -> Self {
        let configuration = app.configuration();
        let public = PublicPaths {
            check: app.cross_site_check(),
            calls: app.calls().clone(),
            link_base: configuration.link_base.clone(),
            is_https_only: configuration.is_https_only,
            page_host: PageHost::of(configuration.page_url.as_deref()),
            frequent_calls: frequent_api_calls(app).and(kassa_page::frequent_calls(&app.pages())),
            routes: routes(app),
        };
        Self(Arc::new(Parts { operational, public }))
    }
}

impl Service<Request> for Routing {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let parts = self.0.clone();
        Box::pin(async move { Ok(with_error_body(parts.answer(request).await).await) })
    }
}

impl Parts {
    /// The operational paths are matched as they came. Other paths may end in a slash.
    async fn answer(&self, request: Request) -> Response {
        if self.operational.include(&request) {
            return self.operational.answer(request).await;
        }
        self.public.answer(request).await
    }
}

/// The APIs, their description, the page, the lab, the console and the demo shop.
fn routes(app: &App) -> Router {
    let apis = Apis::of(app);
    let docs = apis.docs(app);
    let Apis { vendors, own, of_lab } = apis;
    let rest = of_lab.into_router().fallback(no_such_path).method_not_allowed_fallback(method_not_allowed);
    let lab_page = app.lab().filter(|lab| lab.has_page());
    Router::new()
        .merge(merchant_apis(vendors, own, app))
        .merge(api(rest, app))
        .merge(measured(kassa_openapi::docs_routes(docs), app))
        .merge(measured(sdk_files(app), app))
        .merge(kassa_page::routes(app.pages()))
        .merge(measured(
            lab_page.map(|lab| kassa_lab::page_routes(lab).with_state(lab.clone())).unwrap_or_default(),
            app,
        ))
        .merge(measured(app.console().as_ref().map(kassa_console::routes).unwrap_or_default(), app))
        .merge(measured(app.demo().map(kassa_demo::routes).unwrap_or_default(), app))
}

/// Counts the calls of these routes. They are not on a hot path, so they may have one more layer.
fn measured(routes: Router, app: &App) -> Router {
    match routes.has_routes() {
        true => routes.layer(from_fn_with_state(app.calls().clone(), measure_call)),
        false => routes,
    }
}

/// The APIs of a deployment.
struct Apis {
    vendors: ApiRoutes<App>,
    own: ApiRoutes<App>,
    of_lab: ApiRoutes<()>,
}

impl Apis {
    fn of(app: &App) -> Self {
        let of_lab = app.lab().map(|lab| kassa_lab::routes().with_state(lab.clone())).unwrap_or_default();
        Self { vendors: vendor_routes(app), own: kassa_api::own_routes(), of_lab }
    }

    fn docs(&self, app: &App) -> ApiDocs {
        let Self { vendors, own, of_lab } = self;
        app.api_docs([vendors.operations(), own.operations(), of_lab.operations()].concat())
    }
}

/// The calls of APIs that need no router. With a lab, all of them need it, because the lab has layers around it.
fn frequent_api_calls(app: &App) -> FrequentCalls {
    let apis = if app.lab().is_none() { vendor_routes(app) } else { ApiRoutes::new() };
    let rules = ApiRules { calls: app.calls().clone(), limits: app.rate_limits() };
    FrequentCalls::under(rules, apis.frequent_with_state(app.clone()))
}

/// The OpenAPI document of the APIs that this application serves.
#[must_use]
pub fn api_document(app: &App) -> Value {
    Apis::of(app).docs(app).document()
}

/// The vendor's APIs. The sandbox serves the payment APIs, or they are passed on to Klarna, or those of payment
/// sessions are served here and the others by the external payment system.
fn vendor_routes(app: &App) -> ApiRoutes<App> {
    let hpp = kassa_api::hpp_routes();
    if app.has_sandbox() {
        hpp.merge(kassa_sandbox::routes())
    } else if let Some(external) = app.external_api() {
        hpp.merge(kassa_sandbox::payment_sessions()).merge(kassa_external::routes(external))
    } else {
        // Klarna describes them.
        hpp.merge_undocumented(app.pass_through().map(kassa_klarna::routes).unwrap_or_default())
    }
}

/// The APIs of merchants and operators. The calls of the vendor's APIs may have rate limits. The lab injects faults
/// into all APIs and records them, if there is one.
fn merchant_apis(vendors: ApiRoutes<App>, own: ApiRoutes<App>, app: &App) -> Router {
    let vendors = with_faults(vendors.into_router(), app);
    let vendors = match app.rate_limits() {
        Some(limits) => vendors.layer(from_fn_with_state(limits, limit_rate)),
        None => vendors,
    };
    let apis = api(vendors.merge(with_faults(own.into_router(), app)), app);
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

/// Routes with the faults of the lab, if there is one.
fn with_faults(routes: Router<App>, app: &App) -> Router {
    let routes = match app.lab() {
        Some(_) => routes.layer(from_fn(kassa_lab::apply_faults)),
        None => routes,
    };
    routes.with_state(app.clone()).method_not_allowed_fallback(method_not_allowed)
}

/// Routes with the parts that every call of an API has.
fn api(routes: Router, app: &App) -> Router {
    routes.layer(from_fn_with_state(app.calls().clone(), run_call))
}

async fn method_not_allowed() -> ApiError {
    ApiError::without_message(ErrorCode::MethodNotAllowed)
}
