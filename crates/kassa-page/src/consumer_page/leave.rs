//! The ways from a page to the merchant. A browser gets a page of ours first
//! (docs/decisions/0043-browsers-leave-through-a-page.md).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::HeaderName;
use http::header::ACCEPT;
use http::request::Parts;
use kassa_domain::lifecycle::Status;
use kassa_domain::merchant_urls::{MerchantUrl, PlaceholderValues};
use kassa_domain::page_session::PageSession;

use super::pages::Pages;
use super::visit::contains;
use kassa_engine::{as_uri, start_page};

/// The order in which the merchant's URLs are asked for the shop's website.
const WEBSITE: [MerchantUrl; 5] =
    [MerchantUrl::Back, MerchantUrl::Success, MerchantUrl::Cancel, MerchantUrl::Failure, MerchantUrl::Error];

/// The way in which the sender of a request gets to the merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follows {
    /// A browser needs a page that leads on: it applies the policy of the form before to each redirect.
    APage,
    /// A program reads `Location`.
    ARedirect,
}

impl<S: Sync> FromRequestParts<S> for Follows {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let has = |name: HeaderName, word: &str| contains(&parts.headers, &name, word);
        let shows_pages = has(ACCEPT, "text/html") || has(ACCEPT, "application/xhtml+xml");
        let goes_to_pages = has(HeaderName::from_static("sec-fetch-mode"), "navigate");
        Ok(if shows_pages || goes_to_pages { Self::APage } else { Self::ARedirect })
    }
}

/// Whether a page leads on without the consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MovesOn {
    /// The browser goes to the merchant at once.
    ByItself,
    /// The consumer follows a link.
    ByLink,
}

/// Returns the merchant URL to which the browser goes in this status. A session that was stored under older rules may
/// have a URL that is no longer allowed: then the page is shown.
pub(super) fn way_to_the_merchant(pages: &Pages, session: &PageSession) -> Option<String> {
    session.browser_goes_to().and_then(|url| allowed(pages, &url))
}

/// Returns a way back to the shop for a page whose status has no merchant URL: `back` if the purchase is not over, else
/// the start page of the shop's website.
pub(super) fn way_back(pages: &Pages, session: &PageSession) -> Option<String> {
    let urls = &session.merchant_urls;
    let values = PlaceholderValues { session_id: &session.id, authorization_token: None, order_id: None };
    let back = match session.status {
        Status::Completed | Status::Cancelled => None,
        Status::Waiting
        | Status::InProgress
        | Status::Back
        | Status::Failed
        | Status::Error
        | Status::ManualIdCheck
        | Status::Timeout
        | Status::Disabled => urls.first_of(&[MerchantUrl::Back], &values),
    };
    let website = || {
        let given = WEBSITE.iter().filter_map(|which| urls.first_of(&[*which], &values));
        given.filter_map(|url| allowed(pages, &url)).find_map(|url| start_page(&url))
    };
    back.and_then(|url| allowed(pages, &url)).or_else(website)
}

fn allowed(pages: &Pages, url: &str) -> Option<String> {
    pages.links.may_redirect_to(url).then(|| as_uri(url)).flatten()
}
