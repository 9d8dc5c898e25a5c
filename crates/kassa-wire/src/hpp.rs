//! The bodies of the HPP API (docs/wire.md#page-sessions; `SessionCreationRequestV1` and its kin).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shape::{ANY_INTEGER, Rule, TEXT, body, list_of, object};
use crate::time::Instant;

body! {
    /// `POST /hpp/v1/sessions`. Unknown fields are ignored, and `null` counts as absent.
    SessionCreation {
        required {}
        optional {
            /// The payment session to host: `https://<api host>/payments/v1/sessions/<id>`.
            payment_session_url: String = TEXT,
            /// The URLs for the browser and for callbacks.
            merchant_urls: MerchantUrls = object::<MerchantUrls>(),
            /// The look of the page, and the effect of an authorization.
            options: Options = object::<Options>(),
            /// The id of a profile. The session gets its values for the merchant URLs and options that the call does
            /// not have. Without an id, the merchant's default profile applies, if there is one.
            profile_id: String = TEXT,
        }
    }
}

body! {
    /// `MerchantUrlsV1` (docs/wire.md#merchant-urls).
    MerchantUrls {
        required {}
        optional {
            /// The browser goes here after a successful authorization.
            success: String = TEXT,
            /// The browser goes here after a confirmed cancellation.
            cancel: String = TEXT,
            /// The browser goes here after the consumer pressed Back.
            back: String = TEXT,
            /// The browser goes here after the payment was declined.
            failure: String = TEXT,
            /// The browser goes here after a technical error.
            error: String = TEXT,
            /// Callbacks go here.
            status_update: String = TEXT,
        }
    }
}

body! {
    /// `OptionsV1` (docs/wire.md#page-options). Words may have any letter case.
    Options {
        required {}
        optional {
            /// The effect of an authorization: `NONE`, `PLACE_ORDER` or `CAPTURE_ORDER`.
            place_order_mode: String = TEXT,
            /// A single category, instead of the list.
            payment_method_category: String = TEXT,
            /// A list of categories.
            payment_method_categories: Vec<String> = list_of(&TEXT),
            /// Whether the page offers the other categories after a decline.
            payment_fallback: bool = Rule::Flag,
            /// The label of the pay button.
            purchase_type: String = TEXT,
            /// The title of the page.
            page_title: String = TEXT,
            /// The merchant's logo.
            logo_url: String = TEXT,
            /// The background images.
            background_images: Vec<BackgroundImage> = list_of(&object::<BackgroundImage>()),
            /// Only `HIDE`.
            show_subtotal_detail: String = TEXT,
        }
    }
}

body! {
    /// `BackgroundImageV1`.
    BackgroundImage {
        required {}
        optional {
            /// The image's URL.
            url: String = TEXT,
            /// The screen width for which the image is made, in pixels.
            width: i64 = ANY_INTEGER,
        }
    }
}

/// `SessionCreationResponseV1`, answered with 201 (docs/wire.md#create-a-page-session).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
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
    /// The URL to answer the check of the consumer's identity document, if the channel is `IN_STORE`. It needs
    /// credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub manual_identification_check_url: Option<String>,
    /// The token and URLs for the views of a clerk and of a self-checkout.
    pub distribution_module: DistributionModule,
}

/// `DistributionModuleV1` (docs/wire.md#distribution-module).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DistributionModule {
    /// A JWT with `alg` `none`.
    pub token: String,
    /// The URL of a page. The merchant replaces `{{profile_id}}` and `{{view_id}}` in it.
    pub standalone_url: String,
    /// The URL to create a new token. It needs credentials.
    pub generation_url: String,
}

/// The answer to a new token of the distribution module.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DistributionToken {
    /// A JWT with `alg` `none`.
    pub token: String,
}

body! {
    /// `POST .../distribution` (docs/wire.md#distribution-request).
    Distribution {
        required {}
        optional {
            /// The method: `sms`, `email` or `token`.
            method: String = TEXT,
            /// The recipient of the link.
            contact_information: Contact = object::<Contact>(),
            /// The template, only `INSTORE_PURCHASE`. It has no effect.
            template: String = TEXT,
        }
    }
}

body! {
    /// `POST .../manual-id-check` (docs/wire.md#identity-check). Its contract is Kassa's own.
    IdCheckAnswer {
        required {
            /// `PASSED` if the document is valid and belongs to the consumer, or `FAILED`.
            result: String = Rule::Word(&["PASSED", "FAILED"]),
            /// The `challenge` of the check that is answered, such as `A78`.
            challenge: String = TEXT,
        }
        optional {}
    }
}

body! {
    /// `DistributionContactV1`.
    Contact {
        required {}
        optional {
            /// The e-mail address, for `email`.
            email: String = TEXT,
            /// The phone number, for `sms`, in national or international digits.
            phone: String = TEXT,
            /// The country of the phone number, for `sms`, by ISO 3166 alpha-2.
            phone_country: String = TEXT,
            /// The id that the consumer shows, for `token`. It is passed on unchanged.
            access_id: String = TEXT,
        }
    }
}
