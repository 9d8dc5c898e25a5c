//! The consumer: addresses and personal data (docs/wire.md#payment-sessions).

use crate::shape::{Rule, body, text};

const NAME: Rule = text(0, 99);

/// A country, by ISO 3166 alpha-2, in any letter case.
pub(crate) const COUNTRY: Rule = Rule::Matching(|text| is_letters(text, 2));

/// A currency, by ISO 4217, in any letter case.
pub(crate) const CURRENCY: Rule = Rule::Matching(|text| is_letters(text, 3));

/// A locale: `^[A-Za-z]{2,2}(?:-[A-Za-z]{2,2})*$`
pub(crate) const LOCALE: Rule = Rule::Matching(|text| text.split('-').all(|part| is_letters(part, 2)));

fn is_letters(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

body! {
    /// A billing or shipping address.
    Address {
        required {}
        optional {
            /// The recipient within an organization ("Attn.").
            attention: String = NAME,
            /// The city.
            city: String = NAME,
            /// The country, by ISO 3166 alpha-2.
            country: String = COUNTRY,
            /// The e-mail address.
            email: String = NAME,
            /// The family name.
            family_name: String = NAME,
            /// The given name.
            given_name: String = NAME,
            /// The organization's name.
            organization_name: String = NAME,
            /// The phone number.
            phone: String = NAME,
            /// The postal code.
            postal_code: String = text(0, 10),
            /// The region or state.
            region: String = NAME,
            /// Street and number.
            street_address: String = NAME,
            /// The second line of the street address.
            street_address2: String = NAME,
            /// The title, such as "Mr" or "Frau".
            title: String = text(0, 20),
        }
    }
}

body! {
    /// The consumer's personal data, except the addresses.
    Customer {
        required {}
        optional {
            /// The date of birth, as `yyyy-mm-dd`.
            date_of_birth: String = text(0, 255),
            /// The gender: `male` or `female`.
            gender: String = text(0, 255),
            /// The social security number: its last four digits, or all nine.
            last_four_ssn: String = Rule::Matching(is_social_security_number),
            /// The national identification number, in countries that have one.
            national_identification_number: String = text(0, 255),
            /// The legal form, for organizations.
            organization_entity_type: String = ENTITY_TYPES,
            /// The registration number, for organizations.
            organization_registration_id: String = text(0, 255),
            /// The title, such as "Mr" or "Frau".
            title: String = text(0, 20),
            /// The type: `person` or `organization`.
            r#type: String = Rule::Word(&["person", "organization"]),
            /// The VAT number, for organizations.
            vat_id: String = text(0, 255),
        }
    }
}

const ENTITY_TYPES: Rule = Rule::Word(&[
    "LIMITED_COMPANY",
    "PUBLIC_LIMITED_COMPANY",
    "ENTREPRENEURIAL_COMPANY",
    "LIMITED_PARTNERSHIP_LIMITED_COMPANY",
    "LIMITED_PARTNERSHIP",
    "GENERAL_PARTNERSHIP",
    "REGISTERED_SOLE_TRADER",
    "SOLE_TRADER",
    "CIVIL_LAW_PARTNERSHIP",
    "PUBLIC_INSTITUTION",
    "OTHER",
]);

fn is_social_security_number(text: &str) -> bool {
    matches!(text.len(), 4 | 9) && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Customer {
    /// Returns the personal data for a read, without the numbers that identify a person (`customer_read`).
    #[must_use]
    pub fn readable(self) -> Self {
        Self { last_four_ssn: None, national_identification_number: None, ..self }
    }
}
