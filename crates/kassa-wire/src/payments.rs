//! The bodies of the KP API (docs/wire.md#payments-api).

use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cart::{ORDER_LINES, OrderLine};
use crate::people::{Address, COUNTRY, CURRENCY, Customer, LOCALE};
use crate::problems::Problems;
use crate::shape::{Rule, Shaped, body, integer, list, matching, object, read_partial, text};
use crate::time::Instant;

body! {
    /// The merchant's description of a payment session (`session_create`). Amounts are in minor units.
    PaymentSession {
        required {
            /// The country, by ISO 3166 alpha-2, in any letter case. The country of the billing address overrides it.
            purchase_country: String = COUNTRY,
            /// The currency, by ISO 4217, in any letter case.
            purchase_currency: String = CURRENCY,
            /// The amount to pay, including tax.
            order_amount: i64 = integer(0, i64::MAX),
            /// The cart.
            order_lines: Vec<OrderLine> = ORDER_LINES,
        }
        optional {
            /// The tax contained in `order_amount`.
            order_tax_amount: i64 = integer(0, i64::MAX),
            /// The consumer's language and region. The default is `en-US`.
            locale: String = LOCALE,
            /// The purpose of the payment session. The default is `buy`.
            intent: String = INTENTS,
            /// The sales channel. The default is `ECOMMERCE`.
            acquiring_channel: String = Rule::Word(&["ECOMMERCE", "IN_STORE", "TELESALES"]),
            /// The billing address.
            billing_address: Address = object::<Address>(),
            /// The shipping address.
            shipping_address: Address = object::<Address>(),
            /// The consumer's personal data.
            customer: Customer = object::<Customer>(),
            /// The merchant's order number.
            merchant_reference1: String = text(0, 255),
            /// The merchant's second reference.
            merchant_reference2: String = text(0, 255),
            /// The merchant's own data, passed through.
            merchant_data: String = text(0, 6000),
            /// The merchant's URLs for the browser and for server calls.
            merchant_urls: PaymentUrls = object::<PaymentUrls>(),
            /// The colors of the widget.
            options: WidgetOptions = object::<WidgetOptions>(),
            /// Extra merchant data.
            attachment: Attachment = object::<Attachment>(),
            /// The name of a design that is made for the merchant.
            design: String = text(0, 255),
            /// Promotion codes.
            custom_payment_method_ids: Vec<String> = PAYMENT_METHOD_IDS,
        }
    }
}

const INTENTS: Rule =
    Rule::Word(&["buy", "tokenize", "buy_and_tokenize", "buy_and_default_tokenize", "buy_and_link"]);

const PAYMENT_METHOD_IDS: Rule = list(&text(0, 255), 0, 1000);

impl PaymentSession {
    /// Reads a creation. If the country or the currency is missing, the problems name these two alone
    /// (docs/wire.md#payments-errors).
    ///
    /// # Errors
    /// The invalid fields.
    pub fn created_from(json: Value) -> Result<Self, Problems> {
        Self::read(json)
            .map_err(|problems| problems.missing_first(&["purchase_country", "purchase_currency"]))
    }

    /// Applies an update. Fields that the update does not give stay as they are.
    ///
    /// # Errors
    /// Every invalid field of the update.
    pub fn updated_with(self, update: Value) -> Result<Self, Problems> {
        let changes = read_partial::<Self>(update)?;
        let mut merged = serde_json::to_value(self).unwrap_or_default();
        if let Some(fields) = merged.as_object_mut() {
            fields.extend(changes);
        }
        Self::read(merged)
    }

    /// Returns the purpose of the payment session.
    #[must_use]
    pub fn intent(&self) -> &str {
        self.intent.as_deref().unwrap_or("buy")
    }

    /// Whether the merchant may create a customer token, to charge the consumer again.
    #[must_use]
    pub fn allows_customer_token(&self) -> bool {
        self.intent().to_ascii_lowercase().contains("tokenize")
    }

    /// Whether an order can be placed. The intent `tokenize` gives a customer token only (docs/wire.md#place-an-order).
    #[must_use]
    pub fn allows_order(&self) -> bool {
        !self.intent().eq_ignore_ascii_case("tokenize")
    }

    /// Returns the sales channel, in upper case.
    #[must_use]
    pub fn acquiring_channel(&self) -> String {
        self.acquiring_channel.as_deref().unwrap_or("ECOMMERCE").to_ascii_uppercase()
    }

    /// Returns the country of the purchase: the billing address's country, if it has one
    /// (docs/wire.md#payment-sessions).
    #[must_use]
    pub fn effective_country(&self) -> &str {
        let billed_in = self.billing_address.as_ref().and_then(|address| address.country.as_deref());
        billed_in.unwrap_or(&self.purchase_country)
    }

    /// Returns the consumer's language and region.
    #[must_use]
    pub fn locale(&self) -> &str {
        self.locale.as_deref().unwrap_or("en-US")
    }
}

body! {
    /// `POST /payments/v1/authorizations/{token}/order` (`create_order_request`).
    OrderCreation {
        required {
            /// As authorized.
            purchase_country: String = COUNTRY,
            /// As authorized.
            purchase_currency: String = CURRENCY,
            /// As authorized.
            order_amount: i64 = integer(0, i64::MAX),
            /// As authorized.
            order_lines: Vec<OrderLine> = ORDER_LINES,
        }
        optional {
            /// As authorized.
            order_tax_amount: i64 = integer(0, i64::MAX),
            /// Whether the order is captured in full at once.
            auto_capture: bool = Rule::Flag,
            /// The billing address.
            billing_address: Address = object::<Address>(),
            /// Promotion codes.
            custom_payment_method_ids: Vec<String> = PAYMENT_METHOD_IDS,
            /// The consumer's personal data.
            customer: Customer = object::<Customer>(),
            /// The consumer's language and region.
            locale: String = LOCALE,
            /// The merchant's own data, passed through.
            merchant_data: String = text(0, 6000),
            /// The merchant's order number.
            merchant_reference1: String = text(0, 255),
            /// The merchant's second reference.
            merchant_reference2: String = text(0, 255),
            /// The merchant's URLs for the browser and for server calls.
            merchant_urls: PaymentUrls = object::<PaymentUrls>(),
            /// The shipping address.
            shipping_address: Address = object::<Address>(),
        }
    }
}

body! {
    /// The URLs of a payment session, in addition to those of a page session.
    PaymentUrls {
        required {}
        optional {
            /// The browser goes here after the order.
            confirmation: String = URL_OR_EMPTY,
            /// Receives notifications about pending orders.
            notification: String = URL_OR_EMPTY,
            /// Receives notifications about completed orders.
            push: String = URL_OR_EMPTY,
            /// Receives notifications about authorizations.
            authorization: String = URL_OR_EMPTY,
            /// The URL that returns the consumer to an app.
            app_return_url: String = matching("^[^ ]+://[^ ]+$", LONGEST_URL, is_url),
        }
    }
}

/// A URL of any scheme, which may contain placeholders such as `{order.id}`. An empty text counts as absent.
const URL_OR_EMPTY: Rule =
    matching("^([^ ]+://[^ ]+)?$", LONGEST_URL, |text| text.is_empty() || is_url(text));

const LONGEST_URL: usize = 2000;

fn is_url(text: &str) -> bool {
    let has_form =
        text.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty());
    has_form
        && text.chars().count() <= LONGEST_URL
        && !text.contains(|letter: char| letter.is_control() || letter == ' ')
}

body! {
    /// The colors of the widget, as `#RRGGBB`.
    WidgetOptions {
        required {}
        optional {
            /// The color of borders.
            color_border: String = COLOR,
            /// The color of the border of the selected option.
            color_border_selected: String = COLOR,
            /// The color of details.
            color_details: String = COLOR,
            /// The color of text.
            color_text: String = COLOR,
            /// The radius of borders.
            radius_border: String = text(0, 255),
        }
    }
}

pub(crate) const COLOR: Rule = matching("^#[0-9A-Fa-f]{6}$", 7, |text| {
    let digits = text.strip_prefix('#').unwrap_or_default();
    digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
});

/// JSON in a text.
const JSON: Rule = matching(".", usize::MAX, |text| serde_json::from_str::<IgnoredAny>(text).is_ok());

body! {
    /// Extra merchant data: JSON in a string.
    Attachment {
        required {
            /// The JSON.
            body: String = JSON,
            /// The content type, such as `application/vnd.klarna.internal.emd-v2+json`.
            content_type: String = text(1, 255),
        }
        optional {}
    }
}

/// The answer to a new payment session (`merchant_session`).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PaymentSessionCreated {
    /// The id of the payment session.
    pub session_id: String,
    /// The token for the widget in the merchant's own shop.
    pub client_token: String,
    /// The ways to pay that the consumer can choose.
    pub payment_method_categories: Vec<PaymentMethodCategory>,
}

/// The answer to a read (`session_read`): the merchant's description and the current state.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PaymentSessionRead {
    /// The merchant's description, with defaults.
    #[serde(flatten)]
    pub session: PaymentSession,
    /// The latest authorization.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authorization_token: Option<String>,
    /// The token for the widget in the merchant's own shop.
    pub client_token: String,
    /// The expiry: from then on, the payment session cannot be used.
    #[schemars(with = "Instant")]
    pub expires_at: String,
    /// The ways to pay that the consumer can choose.
    pub payment_method_categories: Vec<PaymentMethodCategory>,
    /// `complete` once an order was placed, else `incomplete`.
    pub status: String,
}

/// A way to pay that the consumer can choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentMethodCategory {
    /// The identifier in lower case, such as `pay_later`.
    pub identifier: String,
    /// The name for the consumer.
    pub name: String,
    /// The URLs of its pictures.
    pub asset_urls: AssetUrls,
}

/// The URLs of the pictures of a payment method category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AssetUrls {
    /// The picture with the category's name.
    pub descriptive: String,
    /// The picture without the category's name.
    pub standard: String,
}

/// The answer to a new order (`order`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderCreated {
    /// The order's id.
    pub order_id: String,
    /// The URL to which the merchant sends the consumer. It leads to the merchant's confirmation URL. Absent if the
    /// merchant gave none, and for an order with a customer token.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub redirect_url: Option<String>,
    /// The fraud status: `ACCEPTED` or `PENDING`.
    pub fraud_status: String,
    /// The payment method that the consumer chose.
    pub authorized_payment_method: AuthorizedPaymentMethod,
}

/// A payment method. All three fields are always present, because clients rely on them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuthorizedPaymentMethod {
    /// The type in lower case, such as `invoice`.
    pub r#type: String,
    /// The days until payment is due.
    pub number_of_days: i32,
    /// The number of installments.
    pub number_of_installments: i32,
}

#[cfg(test)]
mod tests;
