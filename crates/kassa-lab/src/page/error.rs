//! Answers a call of the page with a page, too, if it is refused or fails.

use crate::Lab;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::StatusCode;
use kassa_http::{ApiError, RequestSummary};

use kassa_developer_page::{NotShown, not_shown};

/// Runs a call of the page and completes its answer.
pub(super) async fn complete(State(lab): State<Lab>, request: Request, next: Next) -> Response {
    let correlation_id = lab.calls.new_correlation_id();
    let asked = RequestSummary::of(&lab.calls, &request);
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<ApiError>() {
        Some(error) => {
            asked.log(&lab.calls, &error, &correlation_id);
            error_page(&error)
        }
        None => response,
    }
}

fn error_page(error: &ApiError) -> Response {
    let status =
        StatusCode::from_u16(error.code().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let messages = error.messages().join(" ");
    let reason = if messages.is_empty() { "The lab has no such page.".to_string() } else { messages };
    not_shown(
        status,
        &NotShown {
            name: "Kassa Lab",
            home: "/lab",
            title: "Not in the lab",
            reason,
            back: "Back to the lab",
        },
    )
}
