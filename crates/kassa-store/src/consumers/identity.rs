//! The e-mail address and the phone number by which a consumer is found in stored texts.

use std::ops::Range;

use serde_json::Value;

use super::mentions::{merged, places, places_of_email, places_of_number};
use crate::EmailHasher;
use crate::reading::stored_json;

/// The mark in the place of erased data.
pub const ERASED: &str = "[erased]";

/// The fewest digits of a phone number. Shorter numbers would find the data of others.
const FEWEST_DIGITS: usize = 7;

/// The most digits of a country code.
const LONGEST_COUNTRY_CODE: usize = 3;

/// A consumer, named by an e-mail address, a phone number, or both. The `Debug` output shows neither.
#[derive(Clone)]
pub struct ConsumerIdentity {
    /// The address, in lower case.
    email: Option<String>,
    phone: Option<PhoneNumber>,
}

/// A phone number.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum PhoneNumber {
    /// The digits with the country code.
    International(String),
    /// The digits after the zero with which people begin a number of their own country.
    National(String),
}

impl PhoneNumber {
    /// Reads a number as people write it: `+46 70`, `0046 70` and `4670` are one number, and `070` is its national
    /// form.
    pub(super) fn read(text: &str) -> Self {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let is_national = digits.starts_with('0') && !digits.starts_with("00") && !text.starts_with('+');
        let digits = digits.trim_start_matches('0').to_string();
        if is_national { Self::National(digits) } else { Self::International(digits) }
    }

    fn digits(&self) -> &str {
        match self {
            Self::International(digits) | Self::National(digits) => digits,
        }
    }

    /// Whether both can be the same number. A national number has no country, so it can be that of any country.
    pub(super) fn may_be(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::International(one), Self::International(other))
            | (Self::National(one), Self::National(other)) => one == other,
            (Self::International(whole), Self::National(end))
            | (Self::National(end), Self::International(whole)) => {
                let code = whole.strip_suffix(end.as_str());
                code.is_some_and(|code| (1..=LONGEST_COUNTRY_CODE).contains(&code.len()))
            }
        }
    }
}

/// The reason why an address or a number names no consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongIdentity {
    /// There is neither.
    #[error("expected an e-mail address or a phone number")]
    Nothing,
    /// It is no e-mail address.
    #[error("expected an e-mail address like ada@example.se")]
    Email,
    /// It is no phone number.
    #[error("expected a phone number like +46701234567, with at least {FEWEST_DIGITS} digits")]
    Phone,
}

impl std::fmt::Debug for ConsumerIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ConsumerIdentity")
    }
}

impl ConsumerIdentity {
    /// Reads an address and a number, as a person writes them.
    pub fn parse(email: Option<&str>, phone: Option<&str>) -> Result<Self, WrongIdentity> {
        let email = email.map(|email| email.trim().to_lowercase());
        if email.as_deref().is_some_and(|email| !is_email(email)) {
            return Err(WrongIdentity::Email);
        }
        let phone = phone.map(|text| PhoneNumber::read(text.trim()));
        if phone.as_ref().is_some_and(|phone| phone.digits().len() < FEWEST_DIGITS) {
            return Err(WrongIdentity::Phone);
        }
        if email.is_none() && phone.is_none() {
            return Err(WrongIdentity::Nothing);
        }
        Ok(Self { email, phone })
    }

    /// A keyed hash, which names the consumer in the audit trail. That of an address is the one that the search uses.
    pub(crate) fn hash(&self, hasher: &EmailHasher) -> String {
        match (self.email.as_deref(), &self.phone) {
            (Some(email), None) => hasher.hash(email),
            (email, phone) => {
                let (email, phone) =
                    (email.unwrap_or_default(), phone.as_ref().map_or("", PhoneNumber::digits));
                hasher.hash(&format!("{email} phone {phone}"))
            }
        }
    }

    /// Whether a text contains the address or the number. In JSON, it looks at what the names and texts say.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        match json_of(text) {
            Some(value) => self.is_in_json(&value),
            None => !self.mentions(text).is_empty(),
        }
    }

    /// A number in JSON is an amount or an instant, and no phone number.
    fn is_in_json(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.is_in(text),
            Value::Array(values) => values.iter().any(|value| self.is_in_json(value)),
            Value::Object(fields) => {
                fields.iter().any(|(name, value)| self.is_in(name) || self.is_in_json(value))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// The text with a mark in the place of each address and number of the consumer.
    pub(crate) fn erased_from(&self, text: &str) -> String {
        let (mut kept, mut from) = (String::new(), 0);
        for mention in self.mentions(text) {
            kept.push_str(&text[from..mention.start]);
            kept.push_str(ERASED);
            from = mention.end;
        }
        kept + &text[from..]
    }

    /// The places of all mentions, in their order.
    fn mentions(&self, text: &str) -> Vec<Range<usize>> {
        let emails = self.email.iter().flat_map(|email| places(text, |text| places_of_email(text, email)));
        let numbers = self.phone.iter().flat_map(|phone| places(text, |text| places_of_number(text, phone)));
        merged(emails.chain(numbers).collect())
    }
}

/// The value of a text that is JSON. Other texts can begin like JSON.
pub(super) fn json_of(text: &str) -> Option<Value> {
    let may_be_json = text.trim_start().starts_with(['{', '[', '"']);
    may_be_json.then(|| stored_json(text).ok()).flatten()
}

fn is_email(text: &str) -> bool {
    let has_parts = text
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    has_parts && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> ConsumerIdentity {
        ConsumerIdentity::parse(Some(" Ada@Example.se "), Some("+46 70-123 45 67")).unwrap()
    }

    #[test]
    fn an_address_is_found_in_any_case_and_not_within_another() {
        for text in [
            "ada@example.se",
            r#"{"email":"ADA@example.SE"}"#,
            "To: <ada@example.se>.",
            "https://shop.example/?mail=ada%40example.se&x",
            "Grüße an ada@example.se",
            "https://shop.example/?q=to%3Dada%40example.se%2C",
            "https://shop.example/?q=to+ada%40example.se",
            "https://shop.example/%61d%61@example.se",
            "https://shop.example/?back=https%3A%2F%2Fother.example%2F%3Fmail%3Dada%2540example.se",
            "50%ada@example.se",
            "%FF%40ada@example.se",
            "`ada@example.se`",
            "*ada@example.se*",
            r#"{"note":"to:\nada@example.se\tand others"}"#,
            r#"{"note":"\u00a0\u0061da\u0040example.se"}"#,
            r#"{"inner":"{\"note\":\"\\nada@example.se\"}"}"#,
            r#"{"ada@example.se":1}"#,
        ] {
            assert!(ada().is_in(text), "{text}");
        }
        for text in [
            "amanda@example.se",
            "ada@example.sex",
            "ada@example.se.net",
            "l.ada@example.se",
            "ada@example",
            "",
            "https://shop.example/?mail=l%2Eada%40example.se",
            "https://shop.example/?mail=amanda%40example.se",
            "https://shop.example/?mail=ada%40example.se.net",
            r#"{"note":"amanda@example.se"}"#,
        ] {
            assert!(!ada().is_in(text), "{text}");
        }
    }

    #[test]
    fn an_address_with_a_plus_is_found_as_urls_write_it() {
        let tagged = ConsumerIdentity::parse(Some("ada+shop@example.se"), None).unwrap();
        for text in [
            "ada+shop@example.se",
            "?mail=ada%2Bshop%40example.se",
            "?mail=ADA%2bShop%40example.se",
            "?mail=ada+shop%40example.se",
            "?back=%3Fmail%3Dada%252Bshop%2540example.se",
        ] {
            assert!(tagged.is_in(text), "{text}");
            assert!(!ada().is_in(text), "{text}");
        }
        let urls = "https://shop.example/?mail=ada%2Bshop%40example.se&n=1";
        assert_eq!(tagged.erased_from(urls), "https://shop.example/?mail=[erased]&n=1");
    }

    #[test]
    fn a_number_is_found_in_every_spelling_and_no_amount_is_one() {
        for text in [
            "+46701234567",
            "0046 70 123 45 67",
            r#"{"phone":"46701234567"}"#,
            "(+46) 70/123.45.67",
            "Tel:+46701234567",
            "[+46701234567]",
            "0701234567 2 pieces",
            "2 0701234567",
            "070-123 45 67 2 pieces",
            "+46 (0)70-123 45 67",
            "070\u{a0}123\u{a0}45\u{a0}67",
            "?tel=%2B46701234567",
            "?tel=070%20123%2045%2067",
            "tel=070+123+45+67%20",
        ] {
            assert!(ada().is_in(text), "{text}");
        }
        for text in [
            r#"{"order_amount":46701234567}"#,
            "[46701234567]",
            "467012345678",
            "+4670123456",
            "1",
            "0701234567890",
            "070, 123, 45, 67",
        ] {
            assert!(!ada().is_in(text), "{text}");
        }
    }

    #[test]
    fn a_number_is_found_with_and_without_its_country() {
        let of = |phone: &str| ConsumerIdentity::parse(None, Some(phone)).unwrap();
        for (asked, stored, is_found) in [
            ("+46701234567", "070-123 45 67", true),
            ("0701234567", "+46 70 123 45 67", true),
            ("0701234567", "0701234567", true),
            ("+46701234567", "0701234568", false),
            ("+4646701234567", "0701234567", false),
            ("0701234567", "701234567", false),
        ] {
            assert_eq!(of(asked).is_in(stored), is_found, "{asked} in {stored}");
        }
    }

    #[test]
    fn only_the_mentions_of_a_text_are_erased() {
        let text = "Mail to Ada@example.se or +46 70 123 45 67, not to bo@example.se.";
        assert_eq!(ada().erased_from(text), "Mail to [erased] or [erased], not to bo@example.se.");
        assert_eq!(ada().erased_from("nothing"), "nothing");
        assert_eq!(ada().erased_from("0701234567 2 pieces"), "[erased] 2 pieces");
        assert_eq!(ada().erased_from("ada@example.se,ada@example.se"), "[erased],[erased]");
    }

    #[test]
    fn an_address_or_a_number_is_needed() {
        for (email, phone, why) in [
            (None, None, WrongIdentity::Nothing),
            (Some("ada"), None, WrongIdentity::Email),
            (Some("@example.se"), None, WrongIdentity::Email),
            (Some("a@b@c"), None, WrongIdentity::Email),
            (Some(""), None, WrongIdentity::Email),
            (None, Some("112"), WrongIdentity::Phone),
        ] {
            assert_eq!(ConsumerIdentity::parse(email, phone).err(), Some(why));
        }
        assert_eq!(format!("{:?}", ada()), "ConsumerIdentity");
    }

    #[test]
    fn the_hash_of_an_address_is_that_of_the_search() {
        let hasher = EmailHasher::new([7; 32]);
        let ada = ConsumerIdentity::parse(Some("Ada@example.se"), None).unwrap();
        assert_eq!(ada.hash(&hasher), hasher.hash("ada@example.se"));
        let phone = ConsumerIdentity::parse(None, Some("0046701234567")).unwrap();
        let same = ConsumerIdentity::parse(None, Some("+46 701234567")).unwrap();
        assert_eq!(phone.hash(&hasher), same.hash(&hasher));
    }
}
