//! The page session: the HPP session, which hosts a payment session.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::lifecycle::{self, Status};
use crate::merchant_urls::{MerchantUrl, MerchantUrls, PlaceholderValues};
use crate::time::HOUR_MS;
use crate::{AuthorizationToken, MerchantId, OrderId, PageSessionId, PaymentSessionId, Timestamp};

/// A page session expires so long before its payment session (spec 2.4).
pub const EXPIRES_BEFORE_PAYMENT_SESSION_MS: i64 = HOUR_MS;

/// One HPP session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageSession {
    /// The wire's `session_id`.
    pub id: PageSessionId,
    /// Whose it is.
    pub merchant_id: MerchantId,
    /// What it hosts.
    pub payment_session_id: PaymentSessionId,
    /// Where it stands.
    pub status: Status,
    /// Counts the status changes; guards each commit. It is the sequence number of the latest event.
    pub version: i64,
    /// When the merchant created it.
    pub created_at: Timestamp,
    /// When the status last changed; the creation for `WAITING`.
    pub updated_at: Timestamp,
    /// From here on it cannot be read or paid.
    pub expires_at: Timestamp,
    /// Where the browser and the callbacks go.
    pub merchant_urls: MerchantUrls,
    /// How it looks, and what an authorization leads to.
    pub options: PageOptions,
    /// Set with `COMPLETED` under [`PlaceOrderMode::None`].
    pub authorization_token: Option<AuthorizationToken>,
    /// Set with `COMPLETED` once an order exists.
    pub order: Option<OrderReference>,
}

/// What a merchant is shown of a page session: by a read, and in the body of a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The wire's `session_id`.
    pub id: PageSessionId,
    /// Whose it is.
    pub merchant_id: MerchantId,
    /// Where it stands.
    pub status: Status,
    /// Counts the status changes: nothing else that is shown changes without it.
    pub version: i64,
    /// When the status last changed.
    pub updated_at: Timestamp,
    /// From here on it cannot be read.
    pub expires_at: Timestamp,
    /// Set with `COMPLETED` under [`PlaceOrderMode::None`].
    pub authorization_token: Option<AuthorizationToken>,
    /// Set with `COMPLETED` once an order exists.
    pub order: Option<OrderReference>,
}

/// What the wire tells of an order: together or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderReference {
    /// The wire's `order_id`.
    pub order_id: OrderId,
    /// The wire's `klarna_reference`: eight upper-case letters and digits.
    pub klarna_reference: String,
}

impl PageSession {
    /// Whether it can neither be read nor paid any more.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }

    /// What its merchant is shown of it.
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
        }
    }

    /// Where the browser goes in the present status, or `None` where a page is shown.
    #[must_use]
    pub fn browser_goes_to(&self) -> Option<String> {
        let chain = lifecycle::rule(self.status).browser_goes_to;
        self.merchant_urls.first_of(chain, &self.placeholder_values())
    }

    /// Where callbacks go.
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

/// Writes an enum whose variants are words of the wire: upper case out, any case in (spec 4.2).
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),* }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The wire's word, in upper case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Reads the wire's word in any letter case.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str().eq_ignore_ascii_case(word))
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What an authorization leads to (`options.place_order_mode`).
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

/// An image behind the page, and the screen width in pixels that it suits best.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackgroundImage {
    /// Where the image is: https.
    pub url: String,
    /// Screen width in pixels.
    pub width: i64,
}

/// The options of a page session (spec 4.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageOptions {
    /// What an authorization leads to.
    pub place_order_mode: PlaceOrderMode,
    /// The categories shown; empty means all.
    pub payment_method_categories: Vec<PaymentMethodCategory>,
    /// Whether a decline in the chosen categories leads to trying the others.
    pub payment_fallback: bool,
    /// The label of the pay button.
    pub purchase_type: PurchaseType,
    /// The title of the page.
    pub page_title: Option<String>,
    /// The merchant's logo.
    pub logo_url: Option<String>,
    /// Images behind the page.
    pub background_images: Vec<BackgroundImage>,
    /// Hides the order lines.
    pub show_subtotal_detail: Option<SubtotalDetail>,
    /// The stored profile that the merchant named; kept, not interpreted.
    pub profile_id: Option<String>,
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
        }
    }
}
