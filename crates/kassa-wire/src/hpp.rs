//! The bodies of the HPP API (spec 1; `SessionCreationRequestV1` and its kin).

use serde::{Deserialize, Serialize};

/// `POST /hpp/v1/sessions`. Unknown fields are ignored, and `null` counts as absent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SessionCreation {
    /// `https://<api host>/payments/v1/sessions/<id>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_session_url: Option<String>,
    /// Where the browser and the callbacks go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant_urls: Option<MerchantUrls>,
    /// Look and outcome mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Options>,
    /// A stored profile of default options.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<String>,
}

/// `MerchantUrlsV1` (spec 1.3).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct MerchantUrls {
    /// After successful authorization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success: Option<String>,
    /// After a confirmed cancellation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel: Option<String>,
    /// After Back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back: Option<String>,
    /// After a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// After a technical error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The server-to-server callback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_update: Option<String>,
}

/// `OptionsV1` (spec 4.2). Words come in any letter case.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Options {
    /// `NONE`, `PLACE_ORDER` or `CAPTURE_ORDER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_order_mode: Option<String>,
    /// One category; excludes the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_category: Option<String>,
    /// Several categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_categories: Option<Vec<String>>,
    /// Whether a decline leads to trying the other categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_fallback: Option<bool>,
    /// The label of the pay button.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase_type: Option<String>,
    /// The title of the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_title: Option<String>,
    /// The merchant's logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
    /// Images behind the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background_images: Option<Vec<BackgroundImage>>,
    /// Only `HIDE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_subtotal_detail: Option<String>,
}

/// `BackgroundImageV1`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct BackgroundImage {
    /// Where the image is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The screen width in pixels that it suits best.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<i64>,
}

/// `SessionCreationResponseV1`, answered with 201 (spec 1.2).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionCreated {
    /// The HPP session's id.
    pub session_id: String,
    /// Reads and disables it; needs credentials.
    pub session_url: String,
    /// The public page.
    pub redirect_url: String,
    /// The public image of the link.
    pub qr_code_url: String,
    /// Sends the link; needs credentials.
    pub distribution_url: String,
    /// From then on the consumer cannot pay.
    pub expires_at: String,
    /// For the clerk's and the self-checkout's views.
    pub distribution_module: DistributionModule,
}

/// `DistributionModuleV1` (spec 4.6).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DistributionModule {
    /// A JWT with `alg` `none`.
    pub token: String,
    /// A page whose `{{profile_id}}` and `{{view_id}}` the merchant fills.
    pub standalone_url: String,
    /// Makes a fresh token; needs credentials.
    pub generation_url: String,
}

/// `SessionResponseV1`: what a read answers and a callback carries (spec 1.4). Absent fields are omitted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionRead {
    /// The HPP session's id.
    pub session_id: String,
    /// The wire's word.
    pub status: String,
    /// With `COMPLETED`, where the merchant places the order.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authorization_token: Option<String>,
    /// With `COMPLETED`, once an order exists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub order_id: Option<String>,
    /// Together with `order_id`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub klarna_reference: Option<String>,
    /// When the status last changed.
    pub updated_at: String,
    /// From then on the consumer cannot pay, and a read answers 404.
    pub expires_at: String,
}

/// `POST .../distribution` (spec 5.1).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Distribution {
    /// `sms`, `email` or `token`.
    pub method: Option<String>,
    /// Where to send the link.
    pub contact_information: Option<Contact>,
    /// Only `INSTORE_PURCHASE`; without effect.
    pub template: Option<String>,
}

/// `DistributionContactV1`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Contact {
    /// For `email`.
    pub email: Option<String>,
    /// For `sms`: national or international digits.
    pub phone: Option<String>,
    /// For `sms`: ISO 3166 alpha-2.
    pub phone_country: Option<String>,
    /// For `token`: what the consumer shows, passed on unchanged.
    pub access_id: Option<String>,
}
