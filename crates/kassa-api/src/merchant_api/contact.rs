//! Checks e-mail addresses and phone numbers before anything is sent to them.

use std::str::FromStr as _;

use email_address::{EmailAddress, Options};
use kassa_wire::one_line::breaks_a_line;
use phonenumber::Mode;
use phonenumber::country::Id as Country;

/// The reason why a phone number cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WrongNumber {
    /// There is no such country, or it has no phone numbers.
    Country,
    /// The country has no such number.
    Number,
}

/// Whether a text is an e-mail address alone: without a name, and with a host that has a domain.
pub(super) fn is_email_address(text: &str) -> bool {
    let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
    let is_plain = !text.contains(|letter: char| letter.is_whitespace() || breaks_a_line(letter));
    is_plain && EmailAddress::parse_with_options(text, options).is_ok()
}

/// Returns a number in international form, such as `+46701740605`. `country` decides how a national number is read:
/// two letters (ISO 3166).
pub(super) fn international_number(number: &str, country: &str) -> Result<String, WrongNumber> {
    let country = Country::from_str(&country.to_ascii_uppercase()).map_err(|_| WrongNumber::Country)?;
    let parsed = phonenumber::parse(Some(country), number).map_err(|_| WrongNumber::Number)?;
    match parsed.is_valid() && parsed.extension().is_none() {
        true => Ok(parsed.format().mode(Mode::E164).to_string()),
        false => Err(WrongNumber::Number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn national_and_international_numbers_become_one_form() {
        for number in ["0701740605", "070-174 06 05", "+46701740605", "+46 (0)70 174 06 05", "0046701740605"]
        {
            assert_eq!(international_number(number, "se").as_deref(), Ok("+46701740605"), "{number}");
        }
        assert_eq!(international_number("07911 123456", "GB").as_deref(), Ok("+447911123456"));
        assert_eq!(international_number("+447911123456", "SE").as_deref(), Ok("+447911123456"));
    }

    #[test]
    fn wrong_numbers_and_countries_are_told_apart() {
        for number in ["", "1", "07", "abc", "+46701740605x5", "0701740605, 0701740606", "+999123456789"] {
            assert_eq!(international_number(number, "SE"), Err(WrongNumber::Number), "{number}");
        }
        for country in ["", "S", "SWE", "XX", "00", "ß"] {
            assert_eq!(international_number("0701740605", country), Err(WrongNumber::Country), "{country}");
        }
    }

    #[test]
    fn only_one_bare_address_with_a_domain_is_an_address() {
        for address in ["ada@example.com", "ada+denied@email.se", "o'hara@example.co.uk", "å@exämple.se"] {
            assert!(is_email_address(address), "{address}");
        }
        for text in [
            "",
            "ada",
            "ada@",
            "@example.com",
            "ada@localhost",
            "ada@[127.0.0.1]",
            "Ada <ada@example.com>",
            "ada@example.com, bob@example.com",
            "ada@example.com\r\nBcc: bob@example.com",
            "ada @example.com",
            "ada@exa mple.com",
            "ada@@example.com",
            "ada@example.com\u{2028}",
            "\"a b\"@example.com",
        ] {
            assert!(!is_email_address(text), "{text}");
        }
    }
}
