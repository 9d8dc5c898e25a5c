//! The consumer: addresses and personal data (docs/wire.md#payment-sessions).

use jiff::civil::Date;

use crate::shape::{Rule, body, matching, text};

const NAME: Rule = text(0, 99);

/// A country, by ISO 3166 alpha-2, in any letter case.
pub(crate) const COUNTRY: Rule = Rule::Code(2);

/// A currency, by ISO 4217, in any letter case.
pub(crate) const CURRENCY: Rule = Rule::Code(3);

/// A locale: `^[A-Za-z]{2,2}(?:-[A-Za-z]{2,2})*$`
pub(crate) const LOCALE: Rule = matching("^[A-Za-z]{2}(-[A-Za-z]{2})*$", usize::MAX, |text| {
    text.split('-').all(|part| is_letters(part, 2))
});

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
            /// The country, by ISO 3166 alpha-2, in upper case.
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
            date_of_birth: String = matching("^([0-9]{4}-[0-9]{2}-[0-9]{2})?$", 10, is_date_or_empty),
            /// The gender: `male` or `female`.
            gender: String = text(0, 255),
            /// The social security number: its last four digits, or all nine.
            last_four_ssn: String = matching("^([0-9]{4}|[0-9]{9})$", 9, is_social_security_number),
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

/// Whether somebody can be born on a day, written as `yyyy-mm-dd`. `latest` is the latest day in the same form.
#[must_use]
pub fn is_date_of_birth(text: &str, latest: &str) -> bool {
    is_date(text) && text <= latest
}

/// An empty date counts as absent.
fn is_date_or_empty(text: &str) -> bool {
    text.is_empty() || is_date(text)
}

/// Whether a text is a day of the calendar as `yyyy-mm-dd`, and not too long ago for a consumer.
fn is_date(text: &str) -> bool {
    let has_form = text.len() == 10 && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit());
    has_form && text.parse::<Date>().is_ok_and(|date| date.year() >= EARLIEST_YEAR)
}

/// The earliest year in which anybody who buys something was born.
const EARLIEST_YEAR: i16 = 1850;

fn is_social_security_number(text: &str) -> bool {
    matches!(text.len(), 4 | 9) && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Address {
    /// Returns the address with the fields of an update in the place of its own. An empty text clears a field.
    #[must_use]
    pub fn updated_with(&self, update: &Self) -> Self {
        let field = |old: &Option<String>, new: &Option<String>| {
            new.clone().or_else(|| old.clone()).filter(|text| !text.is_empty())
        };
        self.combined_with(update, field)
    }

    /// Returns the address with the fields that it lacks, copied from another one.
    #[must_use]
    pub fn completed_with(&self, other: &Self) -> Self {
        self.combined_with(other, |own, other| {
            own.clone().filter(|text| !text.is_empty()).or_else(|| other.clone())
        })
    }

    /// Returns the address as Order Management shows it: the three fields that are always there, and no other empty
    /// field (docs/wire.md#reading-an-order).
    #[must_use]
    pub fn shown(&self) -> Self {
        let always = Self {
            region: Some(String::new()),
            street_address2: Some(String::new()),
            title: Some(String::new()),
            ..Self::default()
        };
        self.completed_with(&always)
    }

    fn combined_with(
        &self,
        other: &Self,
        field: impl Fn(&Option<String>, &Option<String>) -> Option<String>,
    ) -> Self {
        Self {
            attention: field(&self.attention, &other.attention),
            city: field(&self.city, &other.city),
            country: field(&self.country, &other.country),
            email: field(&self.email, &other.email),
            family_name: field(&self.family_name, &other.family_name),
            given_name: field(&self.given_name, &other.given_name),
            organization_name: field(&self.organization_name, &other.organization_name),
            phone: field(&self.phone, &other.phone),
            postal_code: field(&self.postal_code, &other.postal_code),
            region: field(&self.region, &other.region),
            street_address: field(&self.street_address, &other.street_address),
            street_address2: field(&self.street_address2, &other.street_address2),
            title: field(&self.title, &other.title),
        }
    }
}

impl Customer {
    /// Returns the date of birth. An empty one counts as absent.
    #[must_use]
    pub fn date_of_birth(&self) -> Option<&str> {
        self.date_of_birth.as_deref().filter(|date| !date.is_empty())
    }

    /// Returns the personal data for a read, without the numbers that identify a person (`customer_read`).
    #[must_use]
    pub fn readable(self) -> Self {
        Self { last_four_ssn: None, national_identification_number: None, ..self }
    }
}
