//! The page on which the consumer pays. The stored status decides what is shown, never the address.

mod act;
mod assets;
mod cookie;
mod error_page;
mod filled;
mod form;
mod images;
mod in_store;
mod language;
mod leave;
mod live;
mod pages;
mod pay;
mod policy;
mod qr;
mod redirect;
mod sample;
mod script;
mod show;
mod typed;
mod view;
mod visit;

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use http::Method;
use kassa_http::{ApiError, FrequentCalls, StatefulHandler, answer_to_panic};
use kassa_wire::error::ErrorCode;
use tower_http::catch_panic::CatchPanicLayer;

use error_page::Place;
pub use pages::Pages;
use policy::PageRules;
pub use sample::SamplePage;

/// The routes of the page. The token in the path is the only authority. A site that does not know the token can forge
/// nothing, and a slow consumer has no session that could end. The cookies fill in the form and choose the language.
pub fn routes(pages: Pages) -> Router {
    let consumer = Router::new()
        .route("/{token}", get(show::enter).post(show::open))
        .route("/{token}/outcome", get(show::outcome))
        .route("/{token}/pay", post(pay::pay).get(show::to_the_page))
        .route("/{token}/live", get(live::live))
        .route("/{token}/started", post(script::started))
        .route("/{token}/claim", post(script::claim))
        .route("/{token}/returned", get(redirect::returned))
        .route("/{token}/confirming", get(script::confirming))
        .route("/{token}/policy-violations", post(script::policy_violation))
        .route("/{token}/back", post(act::back).get(show::to_the_page))
        .route("/{token}/cancel", post(act::cancel).get(show::cancel))
        .route("/{token}/cancel/ask", post(show::ask_to_cancel).get(show::cancel))
        .route("/{token}/language/{page}", post(language::choose).get(language::not_chosen))
        .route("/{token}/qr", get(qr::qr));
    let staff = Router::new()
        .route("/{token}", get(in_store::show))
        .route("/{token}/display", get(in_store::display))
        .route("/{token}/events", get(in_store::follow).post(in_store::ignore_report))
        .route("/{token}/send", post(in_store::send).get(in_store::to_the_page))
        .route("/{token}/id-check", post(in_store::answer_id_check).get(in_store::to_the_page))
        .route("/{token}/disable", post(in_store::disable).get(in_store::to_the_page));
    let files = Router::new()
        .route("/assets/{file}", get(assets::asset))
        .route("/images/{signature}", get(images::image))
        .layer(CatchPanicLayer::custom(answer_to_panic));
    Router::new()
        .nest(Place::Consumer.path(), completed(consumer, &pages, Place::Consumer))
        .nest(Place::Staff.path(), completed(staff, &pages, Place::Staff))
        .merge(files)
        .with_state(pages)
}

/// The calls that consumers make most often, which need no router. They have the handlers of [`routes`].
#[must_use]
pub fn frequent_calls(pages: &Pages) -> FrequentCalls {
    let place = Place::Consumer;
    let rules = PageRules { pages: pages.clone(), place, before_token: place.path() };
    let calls = [
        (Method::GET, "", handler(show::enter, pages)),
        (Method::GET, "/outcome", handler(show::outcome, pages)),
        (Method::POST, "/pay", handler(pay::pay, pages)),
        (Method::POST, "/back", handler(act::back, pages)),
    ];
    let path = |action| format!("{}/{{token}}{action}", place.path());
    FrequentCalls::under(rules, calls.map(|(method, action, handler)| (method, path(action), handler)))
}

fn handler<H: Handler<T, Pages>, T: 'static>(handler: H, pages: &Pages) -> StatefulHandler {
    let pages = pages.clone();
    Arc::new(move |request| Box::pin(handler.clone().call(request, pages.clone())))
}

/// Adds the rules for every call of a page.
fn completed(routes: Router<Pages>, pages: &Pages, place: Place) -> Router<Pages> {
    let rules = PageRules { pages: pages.clone(), place, before_token: "" };
    routes
        .fallback(|| async { ApiError::without_message(ErrorCode::NotFound) })
        .layer(from_fn_with_state(rules, policy::complete))
}
