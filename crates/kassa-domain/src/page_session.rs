//! The page session: the HPP session, which hosts a payment session.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::id_check::{IdChallenge, IdCheck};
use crate::lifecycle::{self, Status};
use crate::merchant_urls::{MerchantUrl, MerchantUrls, PlaceholderValues};
use crate::time::HOUR_MS;
use crate::{
    AuthorizationToken, MerchantId, OperationId, OrderId, PageSessionId, PaymentSessionId, Timestamp,
};

/// The time by which a page session expires before its payment session (docs/wire.md#lifetimes), in milliseconds.
pub const EXPIRES_BEFORE_PAYMENT_SESSION_MS: i64 = HOUR_MS;

/// A page session (the HPP session).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageSession {
    /// The wire's `session_id`.
    pub id: PageSessionId,
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// The payment session that the page session hosts.
    pub payment_session_id: PaymentSessionId,
    /// The current status.
    pub status: Status,
    /// The number of status changes, and the sequence number of the latest event. It guards each commit.
    pub version: i64,
    /// When the merchant created the page session.
    pub created_at: Timestamp,
    /// When the status last changed; for `WAITING`, the creation.
    pub updated_at: Timestamp,
    /// From this instant on, the page session can be neither read nor paid.
    pub expires_at: Timestamp,
    /// The URLs for the browser and for callbacks.
    pub merchant_urls: MerchantUrls,
    /// The look of the page, and the effect of an authorization.
    pub options: PageOptions,
    /// Set when the session is `COMPLETED` under [`PlaceOrderMode::None`].
    pub authorization_token: Option<AuthorizationToken>,
    /// Set when the session is `COMPLETED` and an order exists.
    pub order: Option<OrderReference>,
    /// The operation that places the order, until its outcome is known. Meanwhile no other event changes the status,
    /// and the page session does not expire.
    pub open_operation: Option<OperationId>,
    /// Set while the session is `MANUAL_ID_CHECK`.
    pub id_check: Option<IdCheck>,
}

/// A page session as the merchant sees it, in a read and in the body of a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The wire's `session_id`.
    pub id: PageSessionId,
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// The current status.
    pub status: Status,
    /// The number of status changes. Every change of the other fields increases it.
    pub version: i64,
    /// When the status last changed.
    pub updated_at: Timestamp,
    /// From this instant on, the page session cannot be read.
    pub expires_at: Timestamp,
    /// Set when the session is `COMPLETED` under [`PlaceOrderMode::None`].
    pub authorization_token: Option<AuthorizationToken>,
    /// Set when the session is `COMPLETED` and an order exists.
    pub order: Option<OrderReference>,
    /// Whether an operation is placing the order ([`PageSession::open_operation`]).
    pub has_open_operation: bool,
    /// Set while the session is `MANUAL_ID_CHECK`.
    pub id_challenge: Option<IdChallenge>,
}

impl Snapshot {
    /// Whether the page session cannot be read any more.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        !self.has_open_operation && now >= self.expires_at
    }
}

/// The order's two names on the wire. An answer contains both or neither.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderReference {
    /// The wire's `order_id`.
    pub order_id: OrderId,
    /// The wire's `klarna_reference`: eight upper-case letters and digits.
    pub klarna_reference: String,
}

impl PageSession {
    /// Whether the page session can be neither read nor paid any more.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.open_operation.is_none() && now >= self.expires_at
    }

    /// Whether the consumer can still pay: the status is open, and no order is being placed.
    #[must_use]
    pub fn can_be_paid(&self) -> bool {
        !self.status.is_final() && self.open_operation.is_none()
    }

    /// Returns the page session as its merchant sees it.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            id: self.id.clone(),
            merchant_id: self.merchant_id.clone(),
            status: self.status,
            version: self.version,
            updated_at: self.updated_at,
            expires_at: self.expires_at,
            authorization_token: self.authorization_token.clone(),
            order: self.order.clone(),
            has_open_operation: self.open_operation.is_some(),
            id_challenge: self.id_check.as_ref().map(|check| check.challenge.clone()),
        }
    }

    /// Returns the URL for the browser in the current status, or `None` if the browser shows a page.
    #[must_use]
    pub fn browser_goes_to(&self) -> Option<String> {
        let chain = lifecycle::rule(self.status).browser_goes_to;
        self.merchant_urls.first_of(chain, &self.placeholder_values())
    }

    /// Returns the URL for callbacks, if the merchant gave one.
    #[must_use]
    pub fn status_update_url(&self) -> Option<String> {
        self.merchant_urls.first_of(&[MerchantUrl::StatusUpdate], &self.placeholder_values())
    }

    fn placeholder_values(&self) -> PlaceholderValues<'_> {
        PlaceholderValues {
            session_id: &self.id,
            authorization_token: self.authorization_token.as_ref(),
            order_id: self.order.as_ref().map(|order| &order.order_id),
        }
    }
}

/// Defines an enum of the wire's words. It is written in upper case and parsed in any letter case
/// (docs/wire.md#page-options).
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),* }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns the wire's word, in upper case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Parses the wire's word in any letter case.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str().eq_ignore_ascii_case(word))
            }
        }
    };
}
pub(crate) use words;

words! {
    /// The effect of an authorization (`options.place_order_mode`).
    PlaceOrderMode {
        /// The merchant places the order with the authorization token.
        None = "NONE"
        /// The page places the order.
        PlaceOrder = "PLACE_ORDER"
        /// The page places the order and captures it in full.
        CaptureOrder = "CAPTURE_ORDER"
    }
}

words! {
    /// A payment method category (`options.payment_method_category`).
    PaymentMethodCategory {
        /// Direct debit.
        DirectDebit = "DIRECT_DEBIT"
        /// Direct bank transfer.
        DirectBankTransfer = "DIRECT_BANK_TRANSFER"
        /// Pay now.
        PayNow = "PAY_NOW"
        /// Pay later.
        PayLater = "PAY_LATER"
        /// Pay over time.
        PayOverTime = "PAY_OVER_TIME"
        /// The single category of newer accounts.
        Klarna = "KLARNA"
    }
}

words! {
    /// The label of the pay button (`options.purchase_type`).
    PurchaseType {
        /// Buy
        Buy = "BUY"
        /// Rent
        Rent = "RENT"
        /// Book
        Book = "BOOK"
        /// Subscribe
        Subscribe = "SUBSCRIBE"
        /// Download
        Download = "DOWNLOAD"
        /// Order
        Order = "ORDER"
        /// Continue
        Continue = "CONTINUE"
        /// Pay: in the customization guide, not in the OpenAPI file.
        Pay = "PAY"
    }
}

words! {
    /// Whether the page shows the order lines (`options.show_subtotal_detail`).
    SubtotalDetail {
        /// Only the total is shown.
        Hide = "HIDE"
    }
}

/// A background image, and the screen width for which it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackgroundImage {
    /// The image's URL, with `https`.
    pub url: String,
    /// The screen width, in pixels.
    pub width: i64,
}

/// The shop's own pages, to which each page of the consumer links. A profile gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ShopLinks {
    /// The terms and conditions.
    pub terms: Option<String>,
    /// The privacy policy.
    pub privacy: Option<String>,
    /// The customer support.
    pub support: Option<String>,
}

/// The colours of the shop, each as `#` and six hexadecimal digits. A profile gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ShopColors {
    /// The colour of the pay button, of links, and of what is chosen.
    pub accent: Option<String>,
    /// The background of the page.
    pub background: Option<String>,
}

/// The options of a page session (docs/wire.md#page-options).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageOptions {
    /// The effect of an authorization.
    pub place_order_mode: PlaceOrderMode,
    /// The categories that the page shows. An empty list shows all.
    pub payment_method_categories: Vec<PaymentMethodCategory>,
    /// Whether the page offers the other categories after a decline in the chosen ones.
    pub payment_fallback: bool,
    /// The label of the pay button.
    pub purchase_type: PurchaseType,
    /// The title of the page.
    pub page_title: Option<String>,
    /// The merchant's logo.
    pub logo_url: Option<String>,
    /// The background images.
    pub background_images: Vec<BackgroundImage>,
    /// Whether the page hides the order lines.
    pub show_subtotal_detail: Option<SubtotalDetail>,
    /// The id of the profile whose values the session got at its creation. Later changes of the profile do not matter.
    pub profile_id: Option<String>,
    /// The shop's own pages.
    pub links: ShopLinks,
    /// The colours of the shop.
    pub colors: ShopColors,
}

impl Default for PageOptions {
    fn default() -> Self {
        Self {
            place_order_mode: PlaceOrderMode::None,
            payment_method_categories: Vec::new(),
            payment_fallback: false,
            purchase_type: PurchaseType::Buy,
            page_title: None,
            logo_url: None,
            background_images: Vec::new(),
            show_subtotal_detail: None,
            profile_id: None,
            links: ShopLinks::default(),
            colors: ShopColors::default(),
        }
    }
}
