//! The start of every browser test: the real binary, a merchant with its shop, and a browser.

use serde_json::{Value, json};

use super::shop::Shop;
use super::window::{Browser, Chromium};
use crate::harness::{Answer, Dev, Merchant, cart};

/// The e-mail addresses that decide the sandbox's outcome (docs/wire.md#sandbox-consumers).
pub const APPROVED: &str = "customer@email.se";
pub const DENIED: &str = "customer+denied@email.se";
pub const FAILING: &str = "customer+error@email.se";
pub const NEW: &str = "customer+new_user@email.se";

pub struct Scene {
    pub browser: Browser,
    pub shop: Shop,
    pub merchant: Merchant,
    pub dev: Dev,
}

/// A page session, and the link that the consumer opens.
pub struct PayLink {
    pub session: String,
    pub url: String,
    /// The page of the staff of a shop.
    pub staff: String,
}

impl PayLink {
    /// Reads the link from the answer to a creation.
    pub fn of(created: &Answer) -> Self {
        let word = |name: &str| created.word(name).to_string();
        let staff = created.json["distribution_module"]["standalone_url"].as_str().unwrap();
        let staff = staff.split('?').next().unwrap().to_string();
        Self { session: word("session_id"), url: word("redirect_url"), staff }
    }
}

impl Scene {
    pub async fn begin() -> Self {
        Self::begin_in(Chromium::Whole).await
    }

    pub async fn begin_without_scripts() -> Self {
        Self::begin_in(Chromium::WithoutScripts).await
    }

    pub async fn begin_in(chromium: Chromium) -> Self {
        Self::begin_with(Dev::start(), chromium).await
    }

    pub async fn begin_with(dev: Dev, chromium: Chromium) -> Self {
        let (browser, shop) = (Browser::start(chromium).await, Shop::open().await);
        Self { browser, shop, merchant: dev.merchant(), dev }
    }

    /// Creates a link for a web shop with every merchant URL.
    pub async fn link(&self) -> PayLink {
        self.link_of("ECOMMERCE", &self.shop.urls()).await
    }

    /// Creates a link for a channel with these merchant URLs.
    pub async fn link_of(&self, channel: &str, merchant_urls: &Value) -> PayLink {
        self.link_for(&cart(channel), &json!({}), merchant_urls).await
    }

    pub async fn link_for(&self, cart: &Value, options: &Value, merchant_urls: &Value) -> PayLink {
        PayLink::of(&self.merchant.page_session_for(cart, options, merchant_urls).await)
    }

    /// Creates a link and opens it.
    pub async fn open_link(&self) -> PayLink {
        let link = self.link().await;
        self.open(&link).await;
        link
    }

    pub async fn open(&self, link: &PayLink) {
        self.browser.visit(&link.url).await;
    }

    /// The status, as the merchant reads it.
    pub async fn status_of(&self, link: &PayLink) -> String {
        self.merchant.read(&link.session).await["status"].as_str().unwrap().to_string()
    }

    /// Every status that the session reached, oldest first.
    pub async fn history_of(&self, link: &PayLink) -> Vec<String> {
        let path = format!("/kassa/v1/sessions/{}/events", link.session);
        let history = self.merchant.get(&path).await.expect(200).json;
        let events = history["events"].as_array().unwrap().iter();
        events.map(|event| event["status"].as_str().unwrap().to_string()).collect()
    }

    /// Asserts that the browser is on the shop's success page with the token that the merchant reads.
    pub async fn paid(&self, link: &PayLink) {
        self.browser.see("shop-success").await;
        let read = self.merchant.read(&link.session).await;
        assert_eq!(read["status"], "COMPLETED");
        let token = read["authorization_token"].as_str().unwrap();
        let query = format!("success?token={token}&sid={}", link.session);
        assert_eq!(self.browser.url().await, self.shop.url(&query));
    }

    /// Disables the session as the merchant.
    pub async fn disable(&self, link: &PayLink) -> Answer {
        let path = format!("/hpp/v1/sessions/{}", link.session);
        self.merchant.call(http::Method::DELETE, &path, &Value::Null).await.unwrap().expect(204)
    }
}
