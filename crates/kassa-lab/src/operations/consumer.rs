//! The acts of the consumer and of the fraud check.

use kassa_openapi::{Answer, ApiOperation, BodyDescription, KeptPart, Parameter};
use kassa_wire::error::ErrorCode::{BadValue, Conflict, MerchantSuspended, NoSuchOrder, NotFound};
use kassa_wire::lab::{
    ConsumerActionDetails, FraudCheckEnded, PageLink, PaymentSessionActionDetails, PaymentSessionDecided,
};
use kassa_wire::snapshot::SessionSnapshot;

const CONSUMER_ACTS: &[&str] = &[
    "enter",
    "approve",
    "decline",
    "error",
    "back",
    "cancel",
    "request-id-check",
    "pass-id-check",
    "fail-id-check",
    "expire-id-check",
    "time-out",
];

pub(crate) const ACT: ApiOperation = ApiOperation::new(
    "actAsConsumer",
    "Act as the consumer of a page session",
)
.about(
    "The same functions as on the page, without a browser. The consumer enters first. `approve` takes the \
         consumer's e-mail address, whose tag decides the outcome, and `decline` and `error` take a reason. These \
         three take the category that the consumer chooses. `request-id-check` begins a check of the identity \
         document, which `pass-id-check`, `fail-id-check` and `expire-id-check` end. `time-out` is the end of the \
         merchant's time limit.",
)
.takes(&[
    Parameter::path("session_id", "{SESSION_ID}", "The id of the page session."),
    Parameter::path("act", "enter", "The act.")
        .one_of(CONSUMER_ACTS),
])
.body(BodyDescription::of::<ConsumerActionDetails>("").optional())
.answers(&[Answer::json::<SessionSnapshot>(200, "The page session.")])
.refuses(&[BadValue, MerchantSuspended, NotFound, Conflict]);

pub(crate) const READ_LINK: ApiOperation =
    ApiOperation::new("readPageLink", "Read the link of a page session")
        .about("The link to the payment page, as the creation answered it.")
        .takes(&[Parameter::path("session_id", "{SESSION_ID}", "The id of the page session.")])
        .answers(&[Answer::json::<PageLink>(200, "The link.")])
        .refuses(&[NotFound]);

pub(crate) const END_FRAUD_CHECK: ApiOperation =
    ApiOperation::new("endFraudCheck", "End the fraud check of an order")
        .about("Ends the check of a pending order now, as its due time would.")
        .takes(&[
            Parameter::path("order_id", "{ORDER_ID}", "The id of the order."),
            Parameter::path("verdict", "accept", "The outcome.").one_of(&["accept", "reject"]),
        ])
        .answers(&[Answer::json::<FraudCheckEnded>(200, "The fraud status of the order.")])
        .refuses(&[NotFound, NoSuchOrder, Conflict]);

pub(crate) const ACT_IN_SHOP: ApiOperation =
    ApiOperation::new("actAsConsumerOfShop", "Act as the consumer of a payment session")
        .about("Authorizes a payment session that no page session hosts, as in a shop with the browser SDK.")
        .takes(&[
            Parameter::path("session_id", "{PAYMENT_SESSION_ID}", "The id of the payment session."),
            Parameter::path("act", "approve", "The act.").one_of(&["approve", "decline"]),
        ])
        .body(
            BodyDescription::of::<PaymentSessionActionDetails>(r#"{"email": "customer@email.se"}"#)
                .optional(),
        )
        .answers(&[Answer::json::<PaymentSessionDecided>(200, "The token of the authorization.")])
        .refuses(&[BadValue, MerchantSuspended, NotFound, Conflict])
        .keeps("AUTHORIZATION_TOKEN", KeptPart::Field("authorization_token"));
