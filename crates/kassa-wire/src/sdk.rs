//! The bodies of the calls that the frames of the browser SDK make (docs/double.md#the-frames).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::shape::{JsonType, Rule, TEXT, body, list_of};

/// The order data of a call in the browser. The payment session's own table checks its fields.
const DATA: Rule = Rule::Exact(&[JsonType::Null, JsonType::Object]);

body! {
    /// `POST /kp/v1/sessions/{session_id}/load`: the page shows a widget.
    SdkLoad {
        required {}
        optional {
            /// The identifiers of the categories to show. Without it, those of the payment session.
            payment_method_categories: Vec<String> = list_of(&TEXT),
            /// The order data that the page gave.
            data: Value = DATA,
        }
    }
}

body! {
    /// `POST /kp/v1/sessions/{session_id}/start`: the consumer is about to authorize.
    SdkStart {
        required {}
        optional {
            /// The order data that the page gave.
            data: Value = DATA,
        }
    }
}

body! {
    /// `POST /kp/v1/sessions/{session_id}/authorize`: the consumer has filled in the form.
    SdkAuthorization {
        required {
            /// The e-mail address. Its tag selects the outcome.
            email: String = TEXT,
            /// The one-time code.
            one_time_code: String = TEXT,
        }
        optional {
            /// The identifier of the chosen category. Without it, the first one of the payment session.
            payment_method_category: String = TEXT,
            /// `false` if the page calls `finalize` later. Until then nothing is authorized.
            auto_finalize: bool = Rule::Flag,
            /// The given name of a new consumer.
            given_name: String = TEXT,
            /// The family name of a new consumer.
            family_name: String = TEXT,
            /// The date of birth of a new consumer, as `YYYY-MM-DD`.
            date_of_birth: String = TEXT,
        }
    }
}

/// One category of a widget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SdkCategory {
    /// The identifier, such as `pay_later`.
    pub identifier: String,
    /// The name that the consumer reads.
    pub name: String,
}

/// The answer to `load` and `start`: what the frame shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SdkPayment {
    /// `false` if the pre-assessment refuses the consumer.
    pub show_form: bool,
    /// The fields of the page's data that cannot be used. Then nothing was changed.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub invalid_fields: Vec<String>,
    /// Whether the browser is to behave as if it had blocked the window of the consumer's form.
    pub popup_blocked: bool,
    /// The name of the merchant.
    pub merchant_name: String,
    /// The consumer's language and region.
    pub locale: String,
    /// The amount to pay, in minor units.
    pub order_amount: i64,
    /// The currency, by ISO 4217.
    pub purchase_currency: String,
    /// The categories to choose from.
    pub payment_method_categories: Vec<SdkCategory>,
    /// The consumer's e-mail address, if the page or the merchant gave it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
}

/// The answer to `authorize`: what the frame does next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "next", rename_all = "snake_case")]
pub enum SdkDecision {
    /// The frame closes, and the page's callback gets the answer.
    Answer(SdkAnswer),
    /// The frame closes, and the page's callback is never called.
    Nothing,
    /// The consumer has to correct or add these fields first.
    Correct {
        /// Their names.
        fields: Vec<String>,
    },
}

/// The object that a page's callback gets from `authorize`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SdkAnswer {
    /// Whether the payment is authorized.
    pub approved: bool,
    /// Whether the consumer may try again with this category.
    pub show_form: bool,
    /// The token of the authorization.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authorization_token: Option<String>,
    /// `true` if the page has to call `finalize`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub finalize_required: Option<bool>,
    /// Why the payment was not authorized, if the consumer can correct it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<SdkError>,
}

/// The reason in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SdkError {
    /// The fields that cannot be used, as paths.
    pub invalid_fields: Vec<String>,
}
