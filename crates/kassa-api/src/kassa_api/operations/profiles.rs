//! The profiles of merchants.

use kassa_openapi::{Answer, ApiOperation, BodyDescription, CallerKind, KeptPart, Parameter};
use kassa_wire::error::ErrorCode::{BadValue, Conflict, NotFound};
use kassa_wire::kassa::{Profile, ProfileCreation, ProfileList, ProfileReplacement};

use super::accounts::MERCHANT_ID;

const PROFILE_ID: Parameter = Parameter::path("profile_id", "{PROFILE_ID}", "The id of the profile.");

pub(in super::super) const LIST_PROFILES: ApiOperation =
    ApiOperation::new("listProfiles", "List the profiles of a merchant")
        .by(CallerKind::Operator)
        .takes(&[MERCHANT_ID])
        .answers(&[Answer::json::<ProfileList>(200, "The profiles, by id.")])
        .refuses(&[NotFound]);

pub(in super::super) const CREATE_PROFILE: ApiOperation =
    ApiOperation::new("createProfile", "Create a profile of a merchant")
        .about(
            "Page sessions that name the profile get its values for the merchant URLs and options that their call \
             does not have. The values follow the rules for a session's own values.",
        )
        .by(CallerKind::Operator)
        .takes(&[MERCHANT_ID])
        .body(BodyDescription::of::<ProfileCreation>(
            r#"{"name": "Web shop", "is_default": true, "options": {"page_title": "Shoe Shop", "purchase_type": "ORDER"}}"#,
        ))
        .answers(&[Answer::json::<Profile>(201, "The new profile.")])
        .refuses(&[BadValue, NotFound, Conflict])
        .keeps("PROFILE_ID", KeptPart::Field("profile_id"));

pub(in super::super) const READ_PROFILE: ApiOperation =
    ApiOperation::new("readProfile", "Read a profile of a merchant")
        .by(CallerKind::Operator)
        .takes(&[MERCHANT_ID, PROFILE_ID])
        .answers(&[Answer::json::<Profile>(200, "The profile.")])
        .refuses(&[NotFound]);

pub(in super::super) const REPLACE_PROFILE: ApiOperation = ApiOperation::new(
    "replaceProfile",
    "Replace a profile of a merchant",
)
.about("Absent fields are removed from the profile. Existing page sessions keep the values that they got.")
.by(CallerKind::Operator)
.takes(&[MERCHANT_ID, PROFILE_ID])
.body(BodyDescription::of::<ProfileReplacement>(
    r#"{"name": "Web shop", "merchant_urls": {"success": "https://shop.example/thanks"}}"#,
))
.answers(&[Answer::json::<Profile>(200, "The profile after the change.")])
.refuses(&[BadValue, NotFound]);

pub(in super::super) const DELETE_PROFILE: ApiOperation = ApiOperation::new(
    "deleteProfile",
    "Delete a profile of a merchant",
)
.about("Existing page sessions keep the values that they got. New ones cannot name the profile any more.")
.by(CallerKind::Operator)
.takes(&[MERCHANT_ID, PROFILE_ID])
.answers(&[Answer::empty(204, "The profile is deleted.")])
.refuses(&[NotFound]);
