//! The bodies of customer tokens (docs/wire.md#customer-tokens). A merchant creates a token from an authorization, and
//! then places orders with it repeatedly.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cart::{ORDER_LINES, OrderLine};
use crate::payments::{Attachment, PaymentUrls};
use crate::people::{Address, COUNTRY, CURRENCY, Customer, LOCALE};
use crate::shape::{Rule, body, integer, object, text};

body! {
    /// `POST /payments/v1/authorizations/{token}/customer-token` (`customer_token_creation_request`).
    CustomerTokenCreation {
        required {
            /// The text for the consumer about the token.
            description: String = text(1, 255),
            /// Only `SUBSCRIPTION`.
            intended_use: String = Rule::Word(&["SUBSCRIPTION"]),
        }
        optional {
            /// The country, by ISO 3166 alpha-2, in any letter case. The default is the authorization's country.
            purchase_country: String = COUNTRY,
            /// The currency, by ISO 4217, in any letter case. The default is the authorization's currency.
            purchase_currency: String = CURRENCY,
            /// The consumer's language and region. The default is the authorization's locale.
            locale: String = LOCALE,
            /// The billing address.
            billing_address: Address = object::<Address>(),
            /// The consumer's personal data.
            customer: Customer = object::<Customer>(),
        }
    }
}

body! {
    /// `POST /customer-token/v1/tokens/{token}/order`.
    TokenOrderCreation {
        required {
            /// The amount to pay, in minor units, including tax.
            order_amount: i64 = integer(0, i64::MAX),
            /// The tax contained in `order_amount`.
            order_tax_amount: i64 = integer(0, i64::MAX),
            /// The cart.
            order_lines: Vec<OrderLine> = ORDER_LINES,
            /// The currency, by ISO 4217, in any letter case.
            purchase_currency: String = CURRENCY,
        }
        optional {
            /// Whether the order is captured in full at once.
            auto_capture: bool = Rule::Flag,
            /// Extra merchant data.
            attachment: Attachment = object::<Attachment>(),
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
            /// The country, by ISO 3166 alpha-2, in any letter case. The default is the token's country.
            purchase_country: String = COUNTRY,
            /// The shipping address.
            shipping_address: Address = object::<Address>(),
        }
    }
}

body! {
    /// `PATCH /customer-token/v1/tokens/{token}/status`.
    TokenStatusUpdate {
        required {
            /// Only `CANCELLED`.
            status: String = Rule::Word(&["CANCELLED"]),
        }
        optional {}
    }
}

/// The answer to a new customer token (`customer_token_creation_response`).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CustomerTokenCreated {
    /// The token, a secret.
    pub token_id: String,
    /// The URL to which the merchant sends the consumer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub redirect_url: Option<String>,
    /// The billing address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub billing_address: Option<Address>,
    /// The consumer's date of birth and gender.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub customer: Option<Customer>,
}

/// The answer to `GET /customer-token/v1/tokens/{token}`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CustomerTokenRead {
    /// The token's status: `ACTIVE` or `CANCELLED`.
    pub status: String,
    /// The type of the payment method in upper case, such as `INVOICE`.
    pub payment_method_type: String,
}
