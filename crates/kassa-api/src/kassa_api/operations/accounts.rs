//! Merchants, credentials and payment accounts.

use kassa_openapi::{
    Answer, ApiOperation, BodyDescription, CallerKind, Group, KeptPart, Parameter, Values, Wire,
};
use kassa_wire::error::ErrorCode::{BadValue, Conflict, NotFound};
use kassa_wire::kassa::{
    CredentialCreated, CredentialList, ListedMerchant, ListedPaymentAccount, MerchantChange, MerchantCreated,
    MerchantCreation, MerchantList, PaymentAccountList, PaymentAccountSetting,
};

pub(in super::super) const CREDENTIALS: Group = Group {
    name: "Credentials",
    about: "The merchant's own credentials, for a rotation without a gap.",
    wire: Wire::Kassa,
};

pub(in super::super) const ADMINISTRATION: Group = Group {
    name: "Administration",
    about: "Merchants, their credentials and their payment accounts. These operations are for operators.",
    wire: Wire::Kassa,
};

pub(super) const MERCHANT_ID: Parameter =
    Parameter::path("merchant_id", "{MERCHANT_ID}", "The id of the merchant.");

pub(in super::super) const LIST_OWN_CREDENTIALS: ApiOperation =
    ApiOperation::new("listOwnCredentials", "List the credentials")
        .answers(&[Answer::json::<CredentialList>(200, "The credentials, oldest first.")]);

pub(in super::super) const ADD_OWN_CREDENTIAL: ApiOperation =
    ApiOperation::new("createOwnCredential", "Create a credential")
        .about("Only this answer shows the password. The other credentials stay active.")
        .answers(&[Answer::json::<CredentialCreated>(201, "The new credential.")])
        .refuses(&[NotFound])
        .keeps("USERNAME", KeptPart::Field("username"));

pub(in super::super) const REVOKE_OWN_CREDENTIAL: ApiOperation =
    ApiOperation::new("revokeOwnCredential", "Revoke a credential")
        .about("Ends a rotation. The last active credential cannot be revoked.")
        .takes(&[Parameter::path("username", "{USERNAME}", "The username of the credential.")])
        .answers(&[Answer::empty(204, "The credential is revoked.")])
        .refuses(&[NotFound, Conflict]);

pub(in super::super) const LIST_MERCHANTS: ApiOperation =
    ApiOperation::new("listMerchants", "List merchants").by(CallerKind::Operator).answers(&[Answer::json::<
        MerchantList,
    >(
        200,
        "The merchants, by id.",
    )]);

pub(in super::super) const ADD_MERCHANT: ApiOperation =
    ApiOperation::new("createMerchant", "Create a merchant")
        .about("Only this answer shows the password and the secret.")
        .by(CallerKind::Operator)
        .body(BodyDescription::of::<MerchantCreation>(r#"{"merchant_id": "shoes", "name": "Shoe Shop"}"#))
        .answers(&[Answer::json::<MerchantCreated>(201, "The new merchant with its first credential.")])
        .refuses(&[BadValue, Conflict])
        .keeps("MERCHANT_ID", KeptPart::Field("merchant_id"));

pub(in super::super) const CHANGE_MERCHANT: ApiOperation = ApiOperation::new(
    "changeMerchant",
    "Rename, suspend or resume a merchant",
)
.about(
    "A suspended merchant takes no new payments. Payments that a consumer has confirmed are completed, \
             and callbacks, reads, captures and refunds go on.",
)
.by(CallerKind::Operator)
.takes(&[MERCHANT_ID])
.body(BodyDescription::of::<MerchantChange>(r#"{"name": "Shoe Shop Oslo", "is_suspended": false}"#))
.answers(&[Answer::json::<ListedMerchant>(200, "The merchant after the change.")])
.refuses(&[BadValue, NotFound]);

pub(in super::super) const LIST_CREDENTIALS: ApiOperation =
    ApiOperation::new("listCredentials", "List the credentials of a merchant")
        .by(CallerKind::Operator)
        .takes(&[MERCHANT_ID])
        .answers(&[Answer::json::<CredentialList>(200, "The credentials, oldest first.")])
        .refuses(&[NotFound]);

pub(in super::super) const ADD_CREDENTIAL: ApiOperation =
    ApiOperation::new("createCredential", "Create a credential of a merchant")
        .about("Only this answer shows the password.")
        .by(CallerKind::Operator)
        .takes(&[MERCHANT_ID])
        .answers(&[Answer::json::<CredentialCreated>(201, "The new credential.")])
        .refuses(&[NotFound])
        .keeps("MERCHANT_USERNAME", KeptPart::Field("username"));

pub(in super::super) const REVOKE_CREDENTIAL: ApiOperation =
    ApiOperation::new("revokeCredential", "Revoke a credential of a merchant")
        .about("An operator can also revoke the last credential, which locks the merchant out.")
        .by(CallerKind::Operator)
        .takes(&[
            MERCHANT_ID,
            Parameter::path("username", "{MERCHANT_USERNAME}", "The username of the credential."),
        ])
        .answers(&[Answer::empty(204, "The credential is revoked.")])
        .refuses(&[NotFound]);

pub(in super::super) const LIST_PAYMENT_ACCOUNTS: ApiOperation =
    ApiOperation::new("listPaymentAccounts", "List the payment accounts of a merchant")
        .about("No answer shows a password.")
        .by(CallerKind::Operator)
        .takes(&[MERCHANT_ID])
        .answers(&[Answer::json::<PaymentAccountList>(200, "The payment accounts, by base URL.")])
        .refuses(&[NotFound]);

pub(in super::super) const SET_PAYMENT_ACCOUNT: ApiOperation = ApiOperation::new(
    "setPaymentAccount",
    "Set a payment account of a merchant",
)
.about("Replaces the account at the same base URL. The password is encrypted with the account key.")
.by(CallerKind::Operator)
.takes(&[MERCHANT_ID])
.body(BodyDescription::of::<PaymentAccountSetting>(
    r#"{"base_url": "https://api.playground.klarna.com", "username": "PK1_shoes", "password": "s3cr3t"}"#,
))
.answers(&[Answer::json::<ListedPaymentAccount>(200, "The payment account.")])
.refuses(&[BadValue, NotFound, Conflict]);

pub(in super::super) const REMOVE_PAYMENT_ACCOUNT: ApiOperation =
    ApiOperation::new("removePaymentAccount", "Remove a payment account of a merchant")
        .by(CallerKind::Operator)
        .takes(&[
            MERCHANT_ID,
            Parameter::query("base_url", Values::Text, "The base URL of the account. It is required.")
                .such_as("https://api.playground.klarna.com"),
        ])
        .answers(&[Answer::empty(204, "The account is removed.")])
        .refuses(&[BadValue, NotFound]);
