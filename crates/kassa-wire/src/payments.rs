//! The bodies of the KP API (spec 6.1).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cart::{ORDER_LINES, OrderLine};
use crate::people::{Address, COUNTRY, CURRENCY, Customer, LOCALE};
use crate::problems::Problems;
use crate::shape::{Rule, Shaped, body, integer, list, object, read_partial, text};

body! {
    /// A payment session as the merchant describes it (`session_create`). Amounts are minor units.
    PaymentSession {
        required {
            /// ISO 3166 alpha-2, in either case. The country of the billing address overrides it.
            purchase_country: String = COUNTRY,
            /// ISO 4217, in either case.
            purchase_currency: String = CURRENCY,
            /// What is to be paid, taxes included.
            order_amount: i64 = integer(0, i64::MAX),
            /// The cart.
            order_lines: Vec<OrderLine> = ORDER_LINES,
        }
        optional {
            /// The tax contained in `order_amount`.
            order_tax_amount: i64 = integer(0, i64::MAX),
            /// `en-US` where it is left out.
            locale: String = LOCALE,
            /// What the session is for; `buy` where it is left out.
            intent: String = INTENTS,
            /// Where the merchant meets the consumer; `ECOMMERCE` where it is left out.
            acquiring_channel: String = Rule::Word(&["ECOMMERCE", "IN_STORE", "TELESALES"]),
            /// Who pays.
            billing_address: Address = object::<Address>(),
            /// Where the goods go.
            shipping_address: Address = object::<Address>(),
            /// Who the consumer is.
            customer: Customer = object::<Customer>(),
            /// The merchant's order number.
            merchant_reference1: String = text(0, 255),
            /// Another of the merchant's numbers.
            merchant_reference2: String = text(0, 255),
            /// The merchant's own, passed through.
            merchant_data: String = text(0, 6000),
            /// Where browser and server calls go.
            merchant_urls: MerchantUrls = object::<MerchantUrls>(),
            /// Colors of the widget.
            options: WidgetOptions = object::<WidgetOptions>(),
            /// Extra merchant data.
            attachment: Attachment = object::<Attachment>(),
            /// A design made for the merchant.
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
    /// The session with the fields that an update gives; what it leaves out stays.
    ///
    /// # Errors
    /// Every bad field of the update.
    pub fn updated_with(self, update: Value) -> Result<Self, Problems> {
        let given = read_partial::<Self>(update)?;
        let mut merged = serde_json::to_value(self).unwrap_or_default();
        if let Some(fields) = merged.as_object_mut() {
            fields.extend(given);
        }
        Self::read(merged)
    }

    /// What the session is for.
    #[must_use]
    pub fn intent(&self) -> &str {
        self.intent.as_deref().unwrap_or("buy")
    }

    /// Whether the consumer agreed to be charged again with a token.
    #[must_use]
    pub fn allows_customer_token(&self) -> bool {
        self.intent().to_ascii_lowercase().contains("tokenize")
    }

    /// Where the merchant meets the consumer, in upper case.
    #[must_use]
    pub fn acquiring_channel(&self) -> String {
        self.acquiring_channel.as_deref().unwrap_or("ECOMMERCE").to_ascii_uppercase()
    }

    /// The country of the purchase: the billing address's, where it differs (spec 6.1).
    #[must_use]
    pub fn effective_country(&self) -> &str {
        let billed_in = self.billing_address.as_ref().and_then(|address| address.country.as_deref());
        billed_in.unwrap_or(&self.purchase_country)
    }

    /// The consumer's language and region.
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
            /// Who pays.
            billing_address: Address = object::<Address>(),
            /// Promotion codes.
            custom_payment_method_ids: Vec<String> = PAYMENT_METHOD_IDS,
            /// Who the consumer is.
            customer: Customer = object::<Customer>(),
            /// The consumer's language and region.
            locale: String = LOCALE,
            /// The merchant's own, passed through.
            merchant_data: String = text(0, 6000),
            /// The merchant's order number.
            merchant_reference1: String = text(0, 255),
            /// Another of the merchant's numbers.
            merchant_reference2: String = text(0, 255),
            /// Where browser and server calls go.
            merchant_urls: MerchantUrls = object::<MerchantUrls>(),
            /// Where the goods go.
            shipping_address: Address = object::<Address>(),
        }
    }
}

body! {
    /// The KP session's own URLs, beside those of the page.
    MerchantUrls {
        required {}
        optional {
            /// Where the consumer goes after the order.
            confirmation: String = text(0, 2000),
            /// Told about pending orders.
            notification: String = text(0, 2000),
            /// Told about completed orders.
            push: String = text(0, 2000),
            /// Told about authorizations.
            authorization: String = text(0, 2000),
            /// Where an app takes the consumer back.
            app_return_url: String = Rule::Matching(|url| url.contains("://") && url.chars().count() <= 2000),
        }
    }
}

body! {
    /// Colors of the widget, `#RRGGBB`.
    WidgetOptions {
        required {}
        optional {
            /// Of borders.
            color_border: String = COLOR,
            /// Of borders of what is selected.
            color_border_selected: String = COLOR,
            /// Of details.
            color_details: String = COLOR,
            /// Of text.
            color_text: String = COLOR,
            /// The radius of borders.
            radius_border: String = text(0, 255),
        }
    }
}

const COLOR: Rule = Rule::Matching(|text| {
    let digits = text.strip_prefix('#').unwrap_or_default();
    digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
});

body! {
    /// Extra merchant data: JSON in a string.
    Attachment {
        required {
            /// The JSON.
            body: String = Rule::Matching(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()),
            /// `application/vnd.klarna.internal.emd-v2+json`
            content_type: String = text(1, 255),
        }
        optional {}
    }
}

/// The answer to a new payment session (`merchant_session`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PaymentSessionCreated {
    /// Names the session.
    pub session_id: String,
    /// For the widget in the merchant's own shop.
    pub client_token: String,
    /// What the consumer can choose from.
    pub payment_method_categories: Vec<PaymentMethodCategory>,
}

/// The answer to a read (`session_read`): what the merchant described, and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PaymentSessionRead {
    /// What the merchant described, defaults filled in.
    #[serde(flatten)]
    pub session: PaymentSession,
    /// The latest authorization.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authorization_token: Option<String>,
    /// For the widget in the merchant's own shop.
    pub client_token: String,
    /// From then on the session is gone.
    pub expires_at: String,
    /// What the consumer can choose from.
    pub payment_method_categories: Vec<PaymentMethodCategory>,
    /// `complete` once an order was placed, else `incomplete`.
    pub status: String,
}

/// What the consumer can choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentMethodCategory {
    /// `pay_later` and the like, in lower case.
    pub identifier: String,
    /// What the consumer reads.
    pub name: String,
    /// Its pictures.
    pub asset_urls: AssetUrls,
}

/// Pictures of a payment method category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetUrls {
    /// With its name.
    pub descriptive: String,
    /// Without.
    pub standard: String,
}

/// The answer to a new order (`order`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCreated {
    /// Names the order.
    pub order_id: String,
    /// Where to send the consumer; absent where the merchant gave no confirmation URL.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub redirect_url: Option<String>,
    /// `ACCEPTED` or `PENDING`
    pub fraud_status: String,
    /// How the consumer pays.
    pub authorized_payment_method: AuthorizedPaymentMethod,
}

/// How the consumer pays. All three are always there, since clients rely on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizedPaymentMethod {
    /// `invoice` and the like, in lower case.
    pub r#type: String,
    /// Days until payment is due.
    pub number_of_days: i32,
    /// Into how many payments it is split.
    pub number_of_installments: i32,
}

#[cfg(test)]
mod tests;
