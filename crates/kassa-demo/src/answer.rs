//! The shop's redirects and error pages.

use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use kassa_developer_page::{self, add_headers, render_error_page};

/// The reason for an error page. The browser shows its text.
#[derive(Debug, thiserror::Error)]
pub(super) enum ShopError {
    /// The order never existed, or newer orders have replaced it in memory.
    #[error(
        "The shop does not have this order. It keeps the latest 200 in memory, and a restart deletes them."
    )]
    NoSuchOrder,
    /// The address belongs to no page.
    #[error("The shop has no such page.")]
    NoSuchPage,
    /// A template failed to render.
    #[error("The page could not be rendered.")]
    Unwritable(#[from] askama::Error),
    /// The target of a redirect contains characters that a header cannot carry.
    #[error("The redirect failed: its address is not valid in a header.")]
    Unsendable,
}

/// Redirects the browser with 303, so that it uses GET.
pub(super) fn see_other(url: &str) -> Result<Response, ShopError> {
    let location = HeaderValue::from_str(url).map_err(|_| ShopError::Unsendable)?;
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response();
    add_headers(response.headers_mut());
    Ok(response)
}

impl IntoResponse for ShopError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NoSuchOrder | Self::NoSuchPage => StatusCode::NOT_FOUND,
            Self::Unwritable(_) | Self::Unsendable => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let reason = self.to_string();
        let page = kassa_developer_page::ErrorPage {
            name: "Kassa Demo Shop",
            home: "/demo",
            title: "This page cannot be shown",
            reason,
            back: "Back to the shop",
        };
        render_error_page(status, &page)
    }
}
