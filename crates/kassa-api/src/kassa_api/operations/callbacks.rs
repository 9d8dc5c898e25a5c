//! The settings of a merchant.

use kassa_domain::page_session::PaymentMethodCategory;
use kassa_openapi::{Answer, ApiOperation, BodyDescription, FieldWords, Group, KeptPart, Parameter, Wire};
use kassa_wire::error::ErrorCode::{BadValue, Conflict, NotFound};
use kassa_wire::kassa::{CallbackSettings, PaymentSettings, SecretCreated, SecretList};

pub(in super::super) const SETTINGS: Group = Group {
    name: "Settings",
    about: "The merchant's settings: the retry schedule of callbacks, their secrets, and the payment method \
            categories.",
    wire: Wire::Kassa,
};

pub(in super::super) const READ_CALLBACK_SETTINGS: ApiOperation =
    ApiOperation::new("readCallbackSettings", "Read the settings of callbacks").answers(&[Answer::json::<
        CallbackSettings,
    >(
        200,
        "The settings.",
    )]);

pub(in super::super) const PUT_CALLBACK_SETTINGS: ApiOperation =
    ApiOperation::new("putCallbackSettings", "Replace the settings of callbacks")
        .about("They apply to attempts that begin after the call. A field that is absent gets its default.")
        .body(BodyDescription::of::<CallbackSettings>(
            r#"{
  "retry_schedule": {"waits_ms": [5000, 60000], "timeout_ms": 3000, "jitter_percent": 10},
  "disabled_calls_back": true
}"#,
        ))
        .answers(&[Answer::json::<CallbackSettings>(200, "The new settings.")])
        .refuses(&[BadValue]);

pub(in super::super) const READ_PAYMENT_SETTINGS: ApiOperation =
    ApiOperation::new("readPaymentSettings", "Read the settings of payments").answers(&[Answer::json::<
        PaymentSettings,
    >(
        200,
        "The settings.",
    )]);

pub(in super::super) const PUT_PAYMENT_SETTINGS: ApiOperation = ApiOperation::new(
    "putPaymentSettings",
    "Replace the settings of payments",
)
.about(
    "The categories apply to payment sessions that are created after the call, and the time limit to pages \
             that are opened after it.",
)
.body(
    BodyDescription::of::<PaymentSettings>(
        r#"{"payment_method_categories": ["pay_later", "pay_now"], "consumer_timeout_s": 900}"#,
    )
    .with_words(&[FieldWords {
        object: "PaymentSettings",
        field: "payment_method_categories",
        words: || PaymentMethodCategory::ALL.iter().map(|word| word.as_str()).collect(),
    }]),
)
.answers(&[Answer::json::<PaymentSettings>(200, "The new settings.")])
.refuses(&[BadValue]);

pub(in super::super) const LIST_SECRETS: ApiOperation =
    ApiOperation::new("listCallbackSecrets", "List the secrets that sign callbacks")
        .answers(&[Answer::json::<SecretList>(200, "The secrets, newest first.")]);

pub(in super::super) const ADD_SECRET: ApiOperation =
    ApiOperation::new("createCallbackSecret", "Create a secret that signs callbacks")
        .about(
            "Only this answer shows the secret. The previous secret stays active, so a rotation has no gap.",
        )
        .answers(&[Answer::json::<SecretCreated>(201, "The new secret.")])
        .keeps("SECRET_ID", KeptPart::Field("id"));

pub(in super::super) const REVOKE_SECRET: ApiOperation =
    ApiOperation::new("revokeCallbackSecret", "Revoke a secret that signs callbacks")
        .about("Ends a rotation. The last secret cannot be revoked.")
        .takes(&[Parameter::path("id", "{SECRET_ID}", "The id of the secret.")])
        .answers(&[Answer::empty(204, "The secret is revoked.")])
        .refuses(&[NotFound, Conflict]);
