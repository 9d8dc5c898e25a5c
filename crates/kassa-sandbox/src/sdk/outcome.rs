//! The behaviour of the SDK that the tag of an e-mail address selects (docs/double.md#outcomes). The tags of the
//! sandbox itself, such as `+denied`, work as on every page.

use kassa_domain::time::SECOND_MS;

use crate::sandbox::tag;

/// The time from a refusal to the late approval.
pub(super) const LATE_APPROVAL_MS: i64 = 7 * SECOND_MS;

/// The behaviour of the SDK for a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SdkBehaviour {
    /// The page gets the decision.
    Usual,
    /// The payment is authorized, and the page's callback is never called.
    NoCallback,
    /// The consumer closes the form. Nothing is decided.
    Aborted,
    /// A field of the order has to be corrected.
    InvalidFields,
    /// The page gets the answer of a decline, and nothing is decided.
    Technical,
    /// The page gets the answer of a decline, and seven seconds later the payment is authorized.
    LateApproval,
    /// The pre-assessment refuses the consumer when the widget is loaded.
    NotOffered,
    /// The browser blocks the window of the consumer's form.
    PopupBlocked,
}

impl SdkBehaviour {
    /// Returns the behaviour that an e-mail address asks for.
    pub(super) fn of(email: &str) -> Self {
        match tag(email).as_str() {
            "no-callback" => Self::NoCallback,
            "aborted" => Self::Aborted,
            "invalid-fields" => Self::InvalidFields,
            "technical" => Self::Technical,
            "late-approval" => Self::LateApproval,
            "not-offered" => Self::NotOffered,
            "popup-blocked" => Self::PopupBlocked,
            _ => Self::Usual,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_of_the_email_address_chooses_the_behaviour() {
        for (email, expected) in [
            ("customer+No-Callback@email.se", SdkBehaviour::NoCallback),
            ("customer+aborted@email.se", SdkBehaviour::Aborted),
            ("customer+invalid-fields@email.se", SdkBehaviour::InvalidFields),
            ("customer+technical@email.se", SdkBehaviour::Technical),
            ("customer+late-approval@email.se", SdkBehaviour::LateApproval),
            ("customer+not-offered@email.se", SdkBehaviour::NotOffered),
            ("customer+popup-blocked@email.se", SdkBehaviour::PopupBlocked),
            ("customer+denied@email.se", SdkBehaviour::Usual),
            ("aborted@email.se", SdkBehaviour::Usual),
            ("", SdkBehaviour::Usual),
        ] {
            assert_eq!(SdkBehaviour::of(email), expected, "{email}");
        }
    }
}
