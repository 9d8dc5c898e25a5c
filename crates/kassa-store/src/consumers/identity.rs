//! The e-mail address and the phone number by which a consumer is found in stored texts.

use crate::EmailHasher;

/// The mark in the place of erased data.
pub const ERASED: &str = "[erased]";

/// The fewest digits of a phone number. Shorter numbers would find the data of others.
const FEWEST_DIGITS: usize = 7;

/// The most digits of a country code.
const LONGEST_COUNTRY_CODE: usize = 3;

/// A consumer, named by an e-mail address, a phone number, or both. The `Debug` output shows neither.
#[derive(Clone)]
pub struct ConsumerIdentity {
    /// The address in lower case, as it is written and as URLs write it.
    emails: Vec<String>,
    phone: Option<PhoneNumber>,
}

/// A phone number.
#[derive(Clone, PartialEq, Eq)]
enum PhoneNumber {
    /// The digits with the country code.
    International(String),
    /// The digits after the zero with which people begin a number of their own country.
    National(String),
}

impl PhoneNumber {
    /// Reads a number as people write it: `+46 70`, `0046 70` and `4670` are one number, and `070` is its national
    /// form.
    fn read(text: &str) -> Self {
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
    fn may_be(&self, other: &Self) -> bool {
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
        let encoded = email.as_ref().map(|email| email.replace('@', "%40"));
        Ok(Self { emails: email.into_iter().chain(encoded).collect(), phone })
    }

    /// A keyed hash, which names the consumer in the audit trail. That of an address is the one that the search uses.
    pub(crate) fn hash(&self, hasher: &EmailHasher) -> String {
        let email = self.emails.first().map(String::as_str);
        match (email, &self.phone) {
            (Some(email), None) => hasher.hash(email),
            (email, phone) => {
                let (email, phone) =
                    (email.unwrap_or_default(), phone.as_ref().map_or("", PhoneNumber::digits));
                hasher.hash(&format!("{email} phone {phone}"))
            }
        }
    }

    /// Whether a text contains the address or the number.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.first_in(text).is_some()
    }

    /// The text with a mark in the place of each address and number of the consumer.
    pub(crate) fn erased_from(&self, text: &str) -> String {
        let (mut kept, mut rest) = (String::new(), text);
        while let Some((begin, end)) = self.first_in(rest) {
            kept.push_str(&rest[..begin]);
            kept.push_str(ERASED);
            rest = &rest[end..];
        }
        kept + rest
    }

    /// The place of the first mention.
    fn first_in(&self, text: &str) -> Option<(usize, usize)> {
        let email = self.emails.iter().filter_map(|email| place_of_email(text, email)).min();
        let phone = self.phone.as_ref().and_then(|phone| place_of_number(text, phone));
        email.into_iter().chain(phone).min()
    }
}

fn is_email(text: &str) -> bool {
    let has_parts = text
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    has_parts && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
}

/// The place of an address that does not go on before or after it: `ada@a.se` is not in `amanda@a.se`.
fn place_of_email(text: &str, email: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    loop {
        let begin = from + find_ignoring_case(&text[from..], email)?;
        let end = begin + email.len();
        let before = text[..begin].chars().next_back();
        let mut after = text[end..].chars();
        let next = after.next();
        let goes_on = match next {
            Some('.') => after.next().is_some_and(char::is_alphanumeric),
            Some(letter) => letter.is_alphanumeric() || letter == '-' || letter == '_',
            None => false,
        };
        if !before.is_some_and(is_of_name) && !goes_on {
            return Some((begin, end));
        }
        from = begin + text[begin..].chars().next().map_or(1, char::len_utf8);
    }
}

/// Whether a letter before an address belongs to it. A percent sign encodes another letter in a URL.
fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric()
        || "._+-!#$&'*/^`{|}~".contains(letter) && letter != '/' && letter != '&' && letter != '\''
}

/// Addresses are compared without regard to the case of ASCII letters, and of other letters as they are written.
fn find_ignoring_case(text: &str, lower: &str) -> Option<usize> {
    let (text, lower) = (text.as_bytes(), lower.as_bytes());
    let is_boundary = |place: usize| text.get(place).is_none_or(|byte| byte & 0xC0 != 0x80);
    (0..=text.len().checked_sub(lower.len())?).find(|&place| {
        text[place].eq_ignore_ascii_case(&lower[0])
            && text[place..place + lower.len()].eq_ignore_ascii_case(lower)
            && is_boundary(place)
            && is_boundary(place + lower.len())
    })
}

/// The place of a number in a text. A number of JSON without quotes is an amount or an instant.
fn place_of_number(text: &str, phone: &PhoneNumber) -> Option<(usize, usize)> {
    let is_part = |letter: char| letter.is_ascii_digit() || " ()-./+".contains(letter);
    let mut from = 0;
    loop {
        let begin = from + text[from..].find(|letter: char| letter.is_ascii_digit() || letter == '+')?;
        let end = text[begin..].find(|letter| !is_part(letter)).map_or(text.len(), |length| begin + length);
        let run = text[begin..end].trim_end_matches([' ', '(', ')', '-', '.', '/', '+']);
        let is_bare = text[..begin].ends_with([':', '[', ',']);
        if !is_bare && phone.may_be(&PhoneNumber::read(run)) {
            return Some((begin, begin + run.len()));
        }
        from = end;
    }
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
        ] {
            assert!(!ada().is_in(text), "{text}");
        }
    }

    #[test]
    fn a_number_is_found_in_every_spelling_and_no_amount_is_one() {
        for text in ["+46701234567", "0046 70 123 45 67", r#"{"phone":"46701234567"}"#, "(+46) 70/123.45.67"]
        {
            assert!(ada().is_in(text), "{text}");
        }
        for text in [r#"{"order_amount":46701234567}"#, "[46701234567]", "467012345678", "+4670123456", "1"] {
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
