//! Answers a request with a page, too, if it is refused or fails.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::StatusCode;
use kassa_developer_page::{ErrorPage, render_error_page};
use kassa_http::{ApiError, RequestSummary};

use crate::Console;
use crate::access::RequestId;

/// Runs a request of the console and completes its answer.
pub(crate) async fn complete(State(console): State<Console>, mut request: Request, next: Next) -> Response {
    let correlation_id = console.calls.new_correlation_id();
    let asked = RequestSummary::of(&console.calls, &request);
    request.extensions_mut().insert(RequestId(correlation_id.clone()));
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<ApiError>() {
        Some(error) => {
            asked.log(&console.calls, &error, &correlation_id);
            error_page(&error)
        }
        None => response,
    }
}

fn error_page(error: &ApiError) -> Response {
    let status =
        StatusCode::from_u16(error.code().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let messages = error.messages().join(" ");
    let reason = if messages.is_empty() { "The console has no such page.".to_string() } else { messages };
    let page = ErrorPage {
        name: "Kassa Console",
        home: "/console",
        title: "This did not work",
        reason,
        back: "Back to the console",
    };
    render_error_page(status, &page)
}
