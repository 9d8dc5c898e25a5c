//! The bodies of the HPP API (docs/wire.md#page-sessions; `SessionCreationRequestV1` and its kin).

use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// `POST /hpp/v1/sessions`. Unknown fields are ignored, and `null` counts as absent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SessionCreation {
    /// The payment session to host: `https://<api host>/payments/v1/sessions/<id>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_session_url: Option<String>,
    /// The URLs for the browser and for callbacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant_urls: Option<MerchantUrls>,
    /// The look of the page, and the effect of an authorization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Options>,
    /// The id of a stored profile with default options.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<String>,
}

/// `MerchantUrlsV1` (docs/wire.md#merchant-urls).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct MerchantUrls {
    /// The browser goes here after a successful authorization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success: Option<String>,
    /// The browser goes here after a confirmed cancellation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel: Option<String>,
    /// The browser goes here after the consumer pressed Back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back: Option<String>,
    /// The browser goes here after the payment was declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The browser goes here after a technical error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Callbacks go here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_update: Option<String>,
}

/// `OptionsV1` (docs/wire.md#page-options). Words may have any letter case.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Options {
    /// The effect of an authorization: `NONE`, `PLACE_ORDER` or `CAPTURE_ORDER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_order_mode: Option<String>,
    /// A single category, instead of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_category: Option<String>,
    /// A list of categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_categories: Option<Vec<String>>,
    /// Whether the page offers the other categories after a decline.
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
    /// The background images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background_images: Option<Vec<BackgroundImage>>,
    /// Only `HIDE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_subtotal_detail: Option<String>,
}

/// `BackgroundImageV1`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct BackgroundImage {
    /// The image's URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The screen width for which the image is made, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<i64>,
}

/// `SessionCreationResponseV1`, answered with 201 (docs/wire.md#create-a-page-session).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionCreated {
    /// The id of the page session.
    pub session_id: String,
    /// The URL to read and to disable the page session. It needs credentials.
    pub session_url: String,
    /// The URL of the public payment page.
    pub redirect_url: String,
    /// The URL of the public QR code of the page.
    pub qr_code_url: String,
    /// The URL to send the link to the consumer. It needs credentials.
    pub distribution_url: String,
    /// The expiry: from then on, the consumer cannot pay.
    pub expires_at: Instant,
    /// The token and URLs for the views of a clerk and of a self-checkout.
    pub distribution_module: DistributionModule,
}

/// `DistributionModuleV1` (docs/wire.md#distribution-module).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DistributionModule {
    /// A JWT with `alg` `none`.
    pub token: String,
    /// The URL of a page. The merchant replaces `{{profile_id}}` and `{{view_id}}` in it.
    pub standalone_url: String,
    /// The URL to create a new token. It needs credentials.
    pub generation_url: String,
}

/// `POST .../distribution` (docs/wire.md#distribution-request).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Distribution {
    /// The method: `sms`, `email` or `token`.
    pub method: Option<String>,
    /// The recipient of the link.
    pub contact_information: Option<Contact>,
    /// The template, only `INSTORE_PURCHASE`. It has no effect.
    pub template: Option<String>,
}

/// `DistributionContactV1`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Contact {
    /// The e-mail address, for `email`.
    pub email: Option<String>,
    /// The phone number, for `sms`, in national or international digits.
    pub phone: Option<String>,
    /// The country of the phone number, for `sms`, by ISO 3166 alpha-2.
    pub phone_country: Option<String>,
    /// The id that the consumer shows, for `token`. It is passed on unchanged.
    pub access_id: Option<String>,
}
