//! The descriptions of the HPP API's operations.

use kassa_domain::page_session::{PaymentMethodCategory, PlaceOrderMode, PurchaseType, SubtotalDetail};
use kassa_openapi::{
    Answer, AnswerHeader, ApiOperation, BodyDescription, FieldWords, Group, KeptPart, Parameter, Wire,
};
use kassa_wire::Nothing;
use kassa_wire::error::ErrorCode::{
    BadValue, Conflict, MerchantSuspended, MissingContactData, NotAllowed, NotFound, SessionCompleted,
    SessionEnded, UnsupportedCountry,
};
use kassa_wire::hpp::{Distribution, DistributionToken, IdCheckAnswer, SessionCreated, SessionCreation};
use kassa_wire::snapshot::SessionSnapshot;

pub(super) const PAGE_SESSIONS: Group = Group {
    name: "Page sessions",
    about: "A page session hosts a payment session on a page. The merchant creates it, sends the browser to its \
            `redirect_url`, and learns the outcome by a read or by a callback.",
    wire: Wire::Vendor,
};

const SESSION_ID: Parameter = Parameter::path("session_id", "{SESSION_ID}", "The id of the page session.");

const OPTION_WORDS: &[FieldWords] = &[
    FieldWords {
        object: "Options",
        field: "place_order_mode",
        words: || PlaceOrderMode::ALL.iter().map(|word| word.as_str()).collect(),
    },
    FieldWords { object: "Options", field: "payment_method_category", words: categories },
    FieldWords { object: "Options", field: "payment_method_categories", words: categories },
    FieldWords {
        object: "Options",
        field: "purchase_type",
        words: || PurchaseType::ALL.iter().map(|word| word.as_str()).collect(),
    },
    FieldWords {
        object: "Options",
        field: "show_subtotal_detail",
        words: || SubtotalDetail::ALL.iter().map(|word| word.as_str()).collect(),
    },
];

fn categories() -> Vec<&'static str> {
    PaymentMethodCategory::ALL.iter().map(|word| word.as_str()).collect()
}

pub(super) const CREATE: ApiOperation = ApiOperation::new("createPageSession", "Create a page session")
    .about(
        "Hosts an incomplete payment session of the merchant, which expires in more than an hour. Send the browser to \
         `redirect_url`. `payment_session_url` is the URL of the payment session at this server.",
    )
    .takes(&[Parameter::header(
        "Idempotency-Key",
        "A key of 1 to 255 bytes, such as a UUID. For 24 hours, the same key and body get the same answer.",
    )])
    .body(
        BodyDescription::of::<SessionCreation>(
            r#"{
  "payment_session_url": "{KASSA_URL}/payments/v1/sessions/{PAYMENT_SESSION_ID}",
  "merchant_urls": {
    "success": "{SHOP_URL}/paid?token={{authorization_token}}",
    "back": "{SHOP_URL}/cart",
    "cancel": "{SHOP_URL}/cart",
    "status_update": "{SHOP_URL}/callbacks"
  },
  "options": {"purchase_type": "BUY"}
}"#,
        )
        .with_words(OPTION_WORDS),
    )
    .answers(&[Answer::json::<SessionCreated>(201, "The new page session, with the link to its page.")])
    .refuses(&[BadValue, NotAllowed, MerchantSuspended, NotFound, SessionCompleted, Conflict])
    .keeps("SESSION_ID", KeptPart::Field("session_id"));

pub(super) const READ: ApiOperation = ApiOperation::new("readPageSession", "Read a page session")
    .about(
        "The answer has an entity tag. A read with `If-None-Match` gets 304 if nothing has changed. With `Prefer: \
         wait=N`, such a read waits up to N seconds for a change.",
    )
    .takes(&[
        SESSION_ID,
        Parameter::header("If-None-Match", "The entity tags that the reader has, such as `\"3\"`."),
        Parameter::header("Prefer", "`wait=N`: with `If-None-Match`, wait up to N seconds, at most 60."),
    ])
    .answers(&[
        Answer::json::<SessionSnapshot>(200, "The page session.").with(ANSWER_TO_READ),
        Answer::empty(304, "The page session has the entity tag of the reader.").with(ANSWER_TO_READ),
    ])
    .refuses(&[NotFound]);

const ANSWER_TO_READ: &[AnswerHeader] = &[
    AnswerHeader::new("ETag", "The entity tag of the page session."),
    AnswerHeader::new("Preference-Applied", "`wait=N`, if the server was ready to wait."),
];

pub(super) const DISABLE: ApiOperation = ApiOperation::new("disablePageSession", "Disable a page session")
    .about("The consumer cannot pay any more. A repeated call succeeds and changes nothing.")
    .takes(&[SESSION_ID])
    .answers(&[Answer::empty(204, "The page session is disabled.")])
    .refuses(&[SessionEnded, NotFound]);

pub(super) const DISTRIBUTE: ApiOperation = ApiOperation::new(
    "distributePageSession",
    "Send the link to the consumer",
)
.about("Sends the link to the page by e-mail or text message. In the sandbox, it goes to the lab's inbox.")
.takes(&[SESSION_ID])
.body(BodyDescription::of::<Distribution>(
    r#"{
  "method": "email",
  "contact_information": {"email": "customer@email.se"}
}"#,
))
.answers(&[Answer::json::<Nothing>(201, "The message is accepted.")])
.refuses(&[BadValue, MissingContactData, UnsupportedCountry, SessionEnded, MerchantSuspended, NotFound]);

pub(super) const ANSWER_ID_CHECK: ApiOperation = ApiOperation::new(
    "answerManualIdCheck",
    "Answer the check of an identity document",
)
.about(
    "While the page session is `MANUAL_ID_CHECK`, the staff of the shop checks the consumer's identity document. \
     `PASSED` authorizes the payment, and `FAILED` declines it. The page of `standalone_url` does the same.",
)
.takes(&[SESSION_ID])
.body(BodyDescription::of::<IdCheckAnswer>(r#"{"result": "PASSED", "challenge": "A78"}"#))
.answers(&[Answer::json::<SessionSnapshot>(200, "The page session after the answer.")])
.refuses(&[BadValue, Conflict, NotFound]);

pub(super) const READ_TOKEN: ApiOperation =
    ApiOperation::new("readDistributionToken", "Read the token of the distribution module")
        .about("The token is for the view of a clerk or of a self-checkout.")
        .takes(&[SESSION_ID])
        .answers(&[Answer::json::<DistributionToken>(200, "The token.")])
        .refuses(&[NotFound]);

pub(super) const NEW_TOKEN: ApiOperation =
    ApiOperation::new("createDistributionToken", "Create a token of the distribution module")
        .about("The same as a read. Some clients send a `POST`.")
        .takes(&[SESSION_ID])
        .answers(&[Answer::json::<DistributionToken>(200, "The token.")])
        .refuses(&[NotFound]);
