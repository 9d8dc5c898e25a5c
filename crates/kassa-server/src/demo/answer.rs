//! How the shop answers a browser besides its pages: redirects, and why a page is not shown.

use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use crate::developer_page::{self, add_headers, not_shown};

/// Why a page is not shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotShown {
    /// The order was never opened, or the shop has forgotten it.
    #[error("The shop does not know this order. It remembers the latest 200, until it is restarted.")]
    NoSuchOrder,
    /// No page has this address.
    #[error("The shop has no such page.")]
    NoSuchPage,
    /// A page could not be written.
    #[error("The page could not be written.")]
    Unwritable(#[from] askama::Error),
    /// A redirect leads to an address that no header can carry.
    #[error("The address to go to cannot be sent.")]
    Unsendable,
}

/// Sends the browser on, by a GET.
pub(super) fn see_other(url: &str) -> Result<Response, NotShown> {
    let location = HeaderValue::from_str(url).map_err(|_| NotShown::Unsendable)?;
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response();
    add_headers(response.headers_mut());
    Ok(response)
}

impl IntoResponse for NotShown {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NoSuchOrder | Self::NoSuchPage => StatusCode::NOT_FOUND,
            Self::Unwritable(_) | Self::Unsendable => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let reason = self.to_string();
        let page = developer_page::NotShown {
            name: "Kassa Demo Shop",
            home: "/demo",
            title: "Not on our shelves",
            reason,
            back: "Back to the shop",
        };
        not_shown(status, &page)
    }
}
