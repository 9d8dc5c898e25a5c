//! The descriptions of the operations that the external payment system carries out.

use kassa_openapi::{Answer, ApiOperation, BodyDescription, Group, KeptPart, Parameter, Wire};
use kassa_wire::error::ErrorCode::{BadValue, InvalidOperation, Mismatch, NotFound};
use kassa_wire::payments::{OrderCreated, OrderCreation};

pub(crate) const PAYMENTS: Group = Group {
    name: "Payments",
    about: "A payment session has the cart. When the consumer has authorized the payment, the merchant places the \
            order with the authorization token.",
    wire: Wire::Vendor,
};

const TOKEN: Parameter = Parameter::path(
    "token",
    "{AUTHORIZATION_TOKEN}",
    "The authorization token: `authorization_token` of a completed page session.",
);

pub(crate) const CANCEL_AUTHORIZATION: ApiOperation =
    ApiOperation::new("cancelAuthorization", "Cancel an authorization")
        .about("The payment system releases the money. If it gives no answer, repeat the call.")
        .takes(&[TOKEN])
        .answers(&[Answer::empty(204, "The authorization is cancelled.")])
        .refuses(&[InvalidOperation, NotFound]);

pub(crate) const PLACE_ORDER: ApiOperation = ApiOperation::new("placeOrder", "Place the order")
    .about("The payment system places the order. If it gives no answer, repeat the call: it places one order only.")
    .takes(&[TOKEN])
    .body(BodyDescription::of::<OrderCreation>(
        r#"{
  "purchase_country": "SE",
  "purchase_currency": "SEK",
  "order_amount": 22299,
  "order_lines": [{"name": "Running shoe", "quantity": 1, "unit_price": 22299, "total_amount": 22299}]
}"#,
    ))
    .answers(&[Answer::json::<OrderCreated>(200, "The order.")])
    .refuses(&[BadValue, InvalidOperation, NotFound, Mismatch])
    .keeps("ORDER_ID", KeptPart::Field("order_id"));
