//! The addresses that this system gives out, and the rules for those that it accepts from merchants.

use std::sync::Arc;

use kassa_domain::PageSessionId;
use kassa_domain::merchant_urls::MerchantUrl;
use url::{Url, form_urlencoded};

use crate::keys::Keys;
use crate::merchant_links::AppSchemes;

tokio::task_local! {
    /// The address at which the caller of the current task reached this system, if links are to begin with it.
    static REACHED_AT: String;
}

/// Handles a request. The links that it makes begin with this address instead of the base URL.
pub async fn reached_at<F: Future>(address: String, handling: F) -> F::Output {
    REACHED_AT.scope(address, handling).await
}

/// The address of [`reached_at`], while a request is handled.
#[must_use]
pub fn caller_address() -> Option<String> {
    REACHED_AT.try_with(Clone::clone).ok()
}

/// The addresses of this system.
pub(crate) struct Addresses {
    pub(crate) base_url: String,
    pub(crate) other_urls: Vec<String>,
    /// The origin of the consumers' pages, if it is another than the caller's.
    pub(crate) page_url: Option<String>,
}

/// Builds and reads addresses.
#[derive(Clone)]
pub struct Links(Arc<Parts>);

struct Parts {
    base_url: String,
    own_urls: Vec<Url>,
    page_url: Option<String>,
    keys: Keys,
    app_schemes: AppSchemes,
    allows_http_callbacks: bool,
}

impl Links {
    pub(crate) fn new(
        addresses: Addresses,
        keys: Keys,
        app_schemes: AppSchemes,
        allows_http_callbacks: bool,
    ) -> Self {
        let Addresses { base_url, other_urls, page_url } = addresses;
        let own_urls = [&base_url].into_iter().chain(&other_urls);
        let own_urls = own_urls.filter_map(|url| Url::parse(url).ok()).collect();
        Self(Arc::new(Parts { base_url, own_urls, page_url, keys, app_schemes, allows_http_callbacks }))
    }

    /// The address at which the outside reaches this system, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.0.base_url
    }

    /// Every address of this system that the configuration names.
    #[must_use]
    pub fn own_urls(&self) -> &[Url] {
        &self.0.own_urls
    }

    /// The address of a path of this system.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", caller_address().as_deref().unwrap_or(self.base_url()))
    }

    /// The public page of a session.
    #[must_use]
    pub fn page_url(&self, id: &PageSessionId) -> String {
        self.url_of_page(&self.page_path(id))
    }

    /// The path of the public page of a session.
    #[must_use]
    pub fn page_path(&self, id: &PageSessionId) -> String {
        format!("/pay/{}", self.0.keys.page_token(id).unwrap_or_default())
    }

    /// The page of a session for the staff of a shop. Everyone who has it can send the link, answer the check of an
    /// identity document, and disable the session.
    #[must_use]
    pub fn staff_url(&self, id: &PageSessionId) -> String {
        self.url_of_page(&format!("/distributions/{}", self.0.keys.staff_token(id).unwrap_or_default()))
    }

    fn url_of_page(&self, path: &str) -> String {
        match &self.0.page_url {
            Some(page_url) => format!("{page_url}{path}"),
            None => self.url(path),
        }
    }

    /// Whether consumers reach their pages over TLS.
    #[must_use]
    pub fn pages_are_secure(&self) -> bool {
        let page_url = self.0.page_url.as_deref();
        page_url.unwrap_or(self.base_url()).starts_with("https:")
    }

    /// The path at which Kassa serves the image at a merchant's address.
    #[must_use]
    pub fn image_path(&self, address: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("of", address).finish();
        format!("/images/{}?{query}", self.0.keys.image_signature(address))
    }

    /// Whether [`Links::image_path`] made the path with this signature and address.
    #[must_use]
    pub fn has_signed_image(&self, address: &str, signature: &str) -> bool {
        self.0.keys.has_signed_image(address, signature)
    }

    /// The QR code of a page.
    #[must_use]
    pub fn qr_code_url(page_url: &str) -> String {
        format!("{page_url}/qr")
    }

    /// The session whose page a token opens, if this system made the token. Only the store knows whether it exists.
    #[must_use]
    pub fn page_session_of(&self, token: &str) -> Option<PageSessionId> {
        self.0.keys.page_session_of(token)
    }

    /// The session whose page for the staff a token opens, if this system made the token.
    #[must_use]
    pub fn page_session_of_staff(&self, token: &str) -> Option<PageSessionId> {
        self.0.keys.page_session_of_staff(token)
    }

    /// Whether the consumer's browser may be sent to an address of a merchant.
    #[must_use]
    pub fn may_redirect_to(&self, address: &str) -> bool {
        self.0.app_schemes.lead_somewhere(address)
    }

    /// Whether the browser may be sent to a merchant URL after its placeholders are replaced.
    #[must_use]
    pub fn may_redirect_to_filled(&self, url: &str, which: MerchantUrl) -> bool {
        self.0.app_schemes.lead_somewhere_once_filled(url, which)
    }

    /// Whether a callback may go over plain HTTP.
    #[must_use]
    pub fn allows_http_callbacks(&self) -> bool {
        self.0.allows_http_callbacks
    }
}
