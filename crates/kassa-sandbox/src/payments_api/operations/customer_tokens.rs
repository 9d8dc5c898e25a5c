//! Customer tokens.

use kassa_openapi::{Answer, ApiOperation, BodyDescription, Group, KeptPart, Parameter, Wire};
use kassa_wire::customer_tokens::{
    CustomerTokenCreated, CustomerTokenCreation, CustomerTokenRead, TokenOrderCreation, TokenStatusUpdate,
};
use kassa_wire::error::ErrorCode::{
    BadValue, Conflict, InvalidOperation, MerchantSuspended, Mismatch, NotFound, TokenCanceled, TokenNotFound,
};
use kassa_wire::payments::OrderCreated;

use super::payments::{KEY, TOKEN};

pub(in super::super) const CUSTOMER_TOKENS: Group = Group {
    name: "Customer tokens",
    about: "With a customer token, the merchant charges a consumer again, such as for a subscription.",
    wire: Wire::Vendor,
};

const CUSTOMER_TOKEN: Parameter = Parameter::path("token", "{CUSTOMER_TOKEN}", "The customer token.");

pub(in super::super) const CREATE_CUSTOMER_TOKEN: ApiOperation =
    ApiOperation::new("createCustomerToken", "Create a customer token")
        .about(
            "The payment session has an `intent` with `tokenize`. An authorization has one customer token: a repeated \
             call gets the same one.",
        )
        .takes(&[TOKEN])
        .body(BodyDescription::of::<CustomerTokenCreation>(
            r#"{
  "purchase_country": "SE",
  "purchase_currency": "SEK",
  "locale": "sv-SE",
  "description": "Monthly box",
  "intended_use": "SUBSCRIPTION"
}"#,
        ))
        .answers(&[Answer::json::<CustomerTokenCreated>(200, "The customer token.")])
        .refuses(&[BadValue, InvalidOperation, NotFound, Mismatch])
        .keeps("CUSTOMER_TOKEN", KeptPart::Field("token_id"));

pub(in super::super) const READ_CUSTOMER_TOKEN: ApiOperation =
    ApiOperation::new("readCustomerToken", "Read a customer token")
        .takes(&[CUSTOMER_TOKEN])
        .answers(&[Answer::json::<CustomerTokenRead>(200, "The customer token.")])
        .refuses(&[TokenNotFound]);

pub(in super::super) const PLACE_TOKEN_ORDER: ApiOperation =
    ApiOperation::new("placeTokenOrder", "Place an order with a customer token")
        .about("The consumer is charged again, without taking part.")
        .takes(&[CUSTOMER_TOKEN, KEY])
        .body(BodyDescription::of::<TokenOrderCreation>(
            r#"{
  "purchase_currency": "SEK",
  "order_amount": 9999,
  "order_tax_amount": 1870,
  "order_lines": [
    {"name": "Monthly box", "quantity": 1, "unit_price": 9999, "tax_rate": 2300,
     "total_amount": 9999, "total_tax_amount": 1870}
  ]
}"#,
        ))
        .answers(&[Answer::json::<OrderCreated>(200, "The order.")])
        .refuses(&[BadValue, TokenCanceled, MerchantSuspended, TokenNotFound, Conflict]);

pub(in super::super) const CANCEL_CUSTOMER_TOKEN: ApiOperation =
    ApiOperation::new("cancelCustomerToken", "Cancel a customer token")
        .about("The token cannot be used any more. A repeated call succeeds and changes nothing.")
        .takes(&[CUSTOMER_TOKEN])
        .body(BodyDescription::of::<TokenStatusUpdate>(r#"{"status": "CANCELLED"}"#))
        .answers(&[Answer::empty(202, "The token is cancelled.")])
        .refuses(&[BadValue, TokenNotFound]);
