//! Payment sessions and authorizations.

use kassa_openapi::{Answer, ApiOperation, BodyDescription, Group, KeptPart, Parameter, Wire};
use kassa_openapi::{AnswerHeader, CallerKind};
use kassa_wire::error::ErrorCode::{
    BadValue, InvalidOperation, MerchantSuspended, Mismatch, NotFound, SessionCompleted,
};
use kassa_wire::payments::{
    OrderCreated, OrderCreation, PaymentSession, PaymentSessionCreated, PaymentSessionRead,
};

pub(in super::super) const PAYMENTS: Group = Group {
    name: "Payments",
    about: "A payment session has the cart. When the consumer has authorized the payment, the merchant places the \
            order with the authorization token, within 60 minutes.",
    wire: Wire::Vendor,
};

const SESSION_ID: Parameter =
    Parameter::path("session_id", "{PAYMENT_SESSION_ID}", "The id of the payment session.");

/// An authorization token.
pub(super) const TOKEN: Parameter = Parameter::path(
    "token",
    "{AUTHORIZATION_TOKEN}",
    "The authorization token: `authorization_token` of a completed page session.",
);

pub(in super::super) const CREATE_SESSION: ApiOperation =
    ApiOperation::new("createPaymentSession", "Create a payment session")
        .about(
            "The payment session expires after 48 hours. `order_amount` is the sum of the `total_amount` of the lines, \
             and `order_tax_amount` is the sum of their `total_tax_amount`.",
        )
        .body(BodyDescription::of::<PaymentSession>(
            r#"{
  "purchase_country": "SE",
  "purchase_currency": "SEK",
  "locale": "sv-SE",
  "intent": "buy_and_tokenize",
  "order_amount": 22299,
  "order_tax_amount": 4170,
  "order_lines": [
    {"name": "Running shoe", "quantity": 1, "unit_price": 9999, "tax_rate": 2300,
     "total_amount": 9999, "total_tax_amount": 1870},
    {"name": "Jacket", "quantity": 1, "unit_price": 12300, "tax_rate": 2300,
     "total_amount": 12300, "total_tax_amount": 2300}
  ]
}"#,
        ))
        .answers(&[Answer::json::<PaymentSessionCreated>(200, "The new payment session.")])
        .refuses(&[BadValue, MerchantSuspended])
        .keeps("PAYMENT_SESSION_ID", KeptPart::Field("session_id"));

pub(in super::super) const READ_SESSION: ApiOperation =
    ApiOperation::new("readPaymentSession", "Read a payment session")
        .about("The consumer's personal data is in the answer only after an authorization.")
        .takes(&[SESSION_ID])
        .answers(&[Answer::json::<PaymentSessionRead>(200, "The payment session.")])
        .refuses(&[NotFound]);

pub(in super::super) const UPDATE_SESSION: ApiOperation = ApiOperation::new(
    "updatePaymentSession",
    "Update a payment session",
)
.about("Fields that the body does not have stay as they are. Another cart makes an authorization invalid.")
.takes(&[SESSION_ID])
.body(BodyDescription::update::<PaymentSession>(r#"{"merchant_reference1": "1042"}"#))
.answers(&[Answer::empty(204, "The payment session is updated.")])
.refuses(&[BadValue, NotFound, SessionCompleted]);

pub(in super::super) const BADGE: ApiOperation =
    ApiOperation::new("readBadge", "Read the picture of a payment method category")
        .by(CallerKind::Everyone)
        .takes(&[
            Parameter::path("category", "pay_later", "The identifier of the category."),
            Parameter::path("kind", "standard.svg", "The picture.")
                .one_of(&["descriptive.svg", "standard.svg"]),
        ])
        .answers(&[Answer::other(200, "image/svg+xml", "The picture.")])
        .refuses(&[NotFound]);

pub(in super::super) const CANCEL_AUTHORIZATION: ApiOperation =
    ApiOperation::new("cancelAuthorization", "Cancel an authorization")
        .about("The authorization will not become an order.")
        .takes(&[TOKEN])
        .answers(&[Answer::empty(204, "The authorization is cancelled.")])
        .refuses(&[NotFound]);

pub(in super::super) const PLACE_ORDER: ApiOperation = ApiOperation::new("placeOrder", "Place the order")
    .about(
        "The cart is the authorized one. A repeated call with the same body gets the same answer, and places no second \
         order.",
    )
    .takes(&[TOKEN])
    .body(BodyDescription::of::<OrderCreation>(
        r#"{
  "purchase_country": "SE",
  "purchase_currency": "SEK",
  "order_amount": 22299,
  "order_tax_amount": 4170,
  "order_lines": [
    {"name": "Running shoe", "quantity": 1, "unit_price": 9999, "tax_rate": 2300,
     "total_amount": 9999, "total_tax_amount": 1870},
    {"name": "Jacket", "quantity": 1, "unit_price": 12300, "tax_rate": 2300,
     "total_amount": 12300, "total_tax_amount": 2300}
  ],
  "merchant_reference1": "1042"
}"#,
    ))
    .answers(&[Answer::json::<OrderCreated>(200, "The order.")])
    .refuses(&[BadValue, InvalidOperation, NotFound, SessionCompleted, Mismatch])
    .keeps("ORDER_ID", KeptPart::Field("order_id"));

/// The header of a call that is carried out once.
pub(super) const KEY: Parameter = Parameter::header(
    "Klarna-Idempotency-Key",
    "A key of 1 to 255 bytes, such as a UUID. For 24 hours, the same key gets the same answer.",
);

/// The headers of an answer with a new resource.
pub(super) const LOCATION: AnswerHeader = AnswerHeader::new("Location", "The URL of the new resource.");
