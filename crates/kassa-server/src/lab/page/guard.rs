//! Who may look, and what an answer carries. The page asks for no password, so it answers only where no foreign site
//! can be behind the call: a form of another origin is refused by the layer for that, and an address that is a name of
//! somebody else's, which could have been made to lead here, is refused by this one.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::HOST;
use http::{StatusCode, Uri};
use kassa_wire::error::ErrorCode;

use crate::answer::Asked;
use crate::api_error::ApiError;
use crate::app::App;
use crate::developer_page::{NotShown, not_shown};

/// Runs a call of the page and completes its answer. An error is a page too.
pub(super) async fn complete(State(app): State<App>, request: Request, next: Next) -> Response {
    let correlation_id = app.new_correlation_id();
    let asked = Asked::by(&app, &request);
    let mut response = if is_our_address(&request, &app.configuration.base_url) {
        next.run(request).await
    } else {
        let message =
            "The lab answers at the address that Kassa was started with, at localhost, and at IP addresses.";
        ApiError::refused(ErrorCode::InvalidOperation, message).into_response()
    };
    match response.extensions_mut().remove::<ApiError>() {
        Some(error) => {
            asked.log(&app, &error, &correlation_id);
            error_page(&error)
        }
        None => response,
    }
}

/// Whether the host that the browser asked for is an IP address, `localhost`, or the system's own name.
fn is_our_address(request: &Request, base_url: &str) -> bool {
    let header = request.headers().get(HOST).and_then(|value| value.to_str().ok());
    let authority = request.uri().authority().map(ToString::to_string);
    let Some(asked) = authority.or(header.map(str::to_string)) else { return true };
    let host = host_of(&format!("http://{asked}/"));
    host.is_some_and(|host| {
        let bare = host.trim_matches(['[', ']']);
        bare.parse::<IpAddr>().is_ok() || bare == "localhost" || Some(host.clone()) == host_of(base_url)
    })
}

fn host_of(url: &str) -> Option<String> {
    url.parse::<Uri>().ok()?.host().map(str::to_ascii_lowercase)
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

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[track_caller]
    fn check(host: &str, expected: bool) {
        let request = Request::builder().uri("/lab").header(HOST, host).body(Body::empty()).unwrap();
        assert_eq!(is_our_address(&request, "http://kassa.test:8080"), expected, "{host}");
    }

    #[test]
    fn a_name_that_could_be_made_to_lead_here_is_not_answered() {
        for ours in ["127.0.0.1:8080", "[::1]:8080", "192.168.1.7", "localhost:1", "LOCALHOST", "kassa.test"]
        {
            check(ours, true);
        }
        for foreign in ["shop.example:8080", "127.0.0.1.example", "localhost.example", "", "a b"] {
            check(foreign, false);
        }
    }
}
