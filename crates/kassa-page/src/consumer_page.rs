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

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use kassa_http::{ApiError, answer_to_panic};
use kassa_wire::error::ErrorCode;
use tower_http::catch_panic::CatchPanicLayer;

use error_page::Place;
pub use pages::Pages;
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

/// Adds the rules for every call of a page.
fn completed(routes: Router<Pages>, pages: &Pages, place: Place) -> Router<Pages> {
    routes
        .fallback(|| async { ApiError::without_message(ErrorCode::NotFound) })
        .layer(from_fn_with_state((pages.clone(), place), policy::complete))
}
