//! The bodies of customer tokens: made from an authorization, then charged again and again (spec 6.1).

use serde::{Deserialize, Serialize};

use crate::cart::{ORDER_LINES, OrderLine};
use crate::payments::{Attachment, MerchantUrls};
use crate::people::{Address, COUNTRY, CURRENCY, Customer, LOCALE};
use crate::shape::{Rule, body, integer, object, text};

body! {
    /// `POST /payments/v1/authorizations/{token}/customer-token` (`customer_token_creation_request`).
    CustomerTokenCreation {
        required {
            /// ISO 3166 alpha-2, in either case.
            purchase_country: String = COUNTRY,
            /// ISO 4217, in either case.
            purchase_currency: String = CURRENCY,
            /// The consumer's language and region.
            locale: String = LOCALE,
            /// What the consumer reads about the token.
            description: String = text(1, 255),
            /// Only `SUBSCRIPTION`.
            intended_use: String = Rule::Word(&["SUBSCRIPTION"]),
        }
        optional {
            /// Who pays.
            billing_address: Address = object::<Address>(),
            /// Who the consumer is.
            customer: Customer = object::<Customer>(),
        }
    }
}

body! {
    /// `POST /customer-token/v1/tokens/{token}/order`.
    TokenOrderCreation {
        required {
            /// What is to be paid, in minor units, taxes included.
            order_amount: i64 = integer(0, i64::MAX),
            /// The cart.
            order_lines: Vec<OrderLine> = ORDER_LINES,
            /// ISO 4217, in either case.
            purchase_currency: String = CURRENCY,
        }
        optional {
            /// The tax contained in `order_amount`.
            order_tax_amount: i64 = integer(0, i64::MAX),
            /// Whether the order is captured in full at once.
            auto_capture: bool = Rule::Flag,
            /// Extra merchant data.
            attachment: Attachment = object::<Attachment>(),
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
            /// ISO 3166 alpha-2, in either case; the token's where it is left out.
            purchase_country: String = COUNTRY,
            /// Where the goods go.
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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CustomerTokenCreated {
    /// Names the token. It is a secret.
    pub token_id: String,
    /// Where to send the consumer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub redirect_url: Option<String>,
    /// Who pays.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub billing_address: Option<Address>,
    /// Who the consumer is: date of birth and gender.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub customer: Option<Customer>,
}

/// The answer to `GET /customer-token/v1/tokens/{token}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CustomerTokenRead {
    /// `ACTIVE` or `CANCELLED`
    pub status: String,
    /// `INVOICE` and the like, in upper case.
    pub payment_method_type: String,
}
