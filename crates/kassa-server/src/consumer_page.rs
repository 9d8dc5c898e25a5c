//! The page on which the consumer pays. The stored status decides what is shown, never the address.

mod act;
mod assets;
mod error_page;
mod filled;
mod form;
mod leave;
mod pay;
mod policy;
mod qr;
mod show;
mod typed;
mod view;
mod visit;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, post};
use kassa_domain::page_session::PageSession;
use kassa_wire::error::ErrorCode;
use tower_http::catch_panic::CatchPanicLayer;

use crate::api_error::ApiError;
use crate::app::App;

/// The largest form accepted, in bytes.
const LARGEST_FORM: usize = 16_384;

/// The token in the path is all the authority there is, so a foreign site that does not know the token has nothing to
/// forge, and a slow consumer has nothing that could run out. The only cookie fills in the form.
pub(crate) fn routes(app: &App) -> Router<App> {
    let pages = Router::new()
        .route("/{token}", get(show::enter).post(show::open))
        .route("/{token}/outcome", get(show::outcome))
        .route("/{token}/pay", post(pay::pay).get(show::to_the_page))
        .route("/{token}/back", post(act::back).get(show::to_the_page))
        .route("/{token}/cancel", post(act::cancel).get(show::cancel))
        .route("/{token}/cancel/ask", post(show::ask_to_cancel).get(show::cancel))
        .route("/{token}/qr", get(qr::qr))
        .route("/{token}/distribution", get(qr::distribution))
        .route("/{token}/distribution/events", any(qr::distribution_event))
        .fallback(|| async { ApiError::bare(ErrorCode::NotFound) })
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(CatchPanicLayer::custom(crate::answer::panicked))
        .layer(from_fn_with_state(app.clone(), policy::complete));
    Router::new().nest("/pay", pages).route("/assets/{file}", get(assets::asset))
}

/// Whether a part of a path has the form of a token.
fn is_token(text: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    !text.is_empty() && text.chars().all(is_letter)
}

/// The session that a link opens. An expired one is told from an unknown one: the page says so.
async fn opened(app: &App, token: &str) -> Result<PageSession, ApiError> {
    let found = match app.keys.page_session_of(token) {
        Some(id) => app.store.page_session(&id).await?,
        None => None,
    };
    let session = found.ok_or_else(|| ApiError::bare(ErrorCode::NotFound))?;
    if session.is_expired(app.clock.now(&session.merchant_id)) {
        return Err(ApiError::bare(ErrorCode::Gone));
    }
    Ok(session)
}
