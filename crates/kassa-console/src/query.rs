//! The meaning of the text in the search box.

use kassa_store::SearchTerm;

/// Length of a UUID.
const UUID_LENGTH: usize = 36;

/// Length of a short order reference (`klarna_reference`).
const KLARNA_REFERENCE_LENGTH: usize = 8;

/// The terms that a text may mean, the most likely one first. The search uses the first one that finds something.
pub(crate) fn terms(text: &str) -> Vec<SearchTerm> {
    let text = text.trim();
    if text.is_empty() {
        return Vec::new();
    }
    let whole = || text.to_string();
    let mut terms = Vec::new();
    if is_uuid(text) {
        let id = text.to_ascii_lowercase();
        terms.extend([
            SearchTerm::PageSession(id.clone()),
            SearchTerm::PaymentSession(id.clone()),
            SearchTerm::Order(id.clone()),
            SearchTerm::Authorization(id),
        ]);
    }
    if text.contains('@') {
        terms.push(SearchTerm::Email(whole()));
    }
    terms.push(SearchTerm::MerchantReference(whole()));
    if text.len() == KLARNA_REFERENCE_LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        terms.push(SearchTerm::KlarnaReference(text.to_ascii_uppercase()));
    }
    terms.extend(amounts(text).into_iter().map(SearchTerm::Amount));
    // Payment systems give their own names to sessions and orders.
    terms.extend([SearchTerm::PaymentSession(whole()), SearchTerm::Order(whole())]);
    if !is_uuid(text) {
        terms.push(SearchTerm::Authorization(whole()));
    }
    terms
}

/// The words for how something was found.
pub(crate) fn in_words(term: &SearchTerm) -> &'static str {
    match term {
        SearchTerm::PageSession(_) => "page session",
        SearchTerm::PaymentSession(_) => "payment session",
        SearchTerm::Order(_) => "order",
        SearchTerm::KlarnaReference(_) => "short order reference",
        SearchTerm::Authorization(_) => "authorization",
        SearchTerm::MerchantReference(_) => "merchant reference",
        SearchTerm::Amount(_) => "amount",
        SearchTerm::Email(_) => "e-mail address",
    }
}

fn is_uuid(text: &str) -> bool {
    let is_good = |(place, byte): (usize, u8)| match place {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == UUID_LENGTH && text.bytes().enumerate().all(is_good)
}

/// The amounts in minor units that a text may mean: `249,00`, `249.00 SEK`, or `24900`. A whole number may be in major
/// units, or in minor units as the API writes it.
fn amounts(text: &str) -> Vec<i64> {
    let digits: String = text
        .trim_end_matches(|letter: char| letter.is_ascii_alphabetic() || letter.is_whitespace())
        .trim_start_matches(|letter: char| letter.is_ascii_alphabetic() || letter.is_whitespace())
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '\''))
        .collect();
    let (major, minor) = match digits.rfind(['.', ',']) {
        Some(place) => (digits[..place].replace(['.', ','], ""), Some(&digits[place + 1..])),
        None => (digits.clone(), None),
    };
    let Some(major) = whole(&major) else { return Vec::new() };
    let with = |decimals: u32, minor: i64| major.checked_mul(10_i64.pow(decimals))?.checked_add(minor);
    let meanings = match minor.map(|minor| (minor.len(), whole(minor))) {
        None => [Some(major), with(2, 0)],
        Some((1, Some(minor))) => [with(2, minor * 10), None],
        Some((2, Some(minor))) => [with(2, minor), None],
        // Three decimals, as in dinars, or thousands.
        Some((3, Some(minor))) => {
            let thousands = major.checked_mul(1000).and_then(|thousands| thousands.checked_add(minor));
            [with(3, minor), thousands.and_then(|amount| amount.checked_mul(100))]
        }
        Some(_) => [None, None],
    };
    meanings.into_iter().flatten().collect()
}

fn whole(digits: &str) -> Option<i64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_as_people_write_it() {
        for (text, expected) in [
            ("249.00", vec![24900]),
            ("249,00", vec![24900]),
            ("1 249,50 SEK", vec![124_950]),
            ("1.249,50", vec![124_950]),
            ("EUR 12.5", vec![1250]),
            ("24900", vec![24900, 2_490_000]),
            ("1'249.50 CHF", vec![124_950]),
            ("BHD 1.250", vec![1250, 125_000]),
            ("9223372036854775807", vec![i64::MAX]),
            ("99999999999999999999", vec![]),
            ("12.3456", vec![]),
            ("", vec![]),
            (".", vec![]),
            ("A-12", vec![]),
        ] {
            assert_eq!(amounts(text), expected, "{text}");
        }
    }

    #[test]
    fn an_id_is_searched_as_each_kind_of_id() {
        let id = "0199A6B2-7f7e-7c90-a1b2-c3d4e5f60718";
        let found = terms(id);
        let lower = id.to_ascii_lowercase();
        assert_eq!(found[0], SearchTerm::PageSession(lower.clone()));
        assert!(found.contains(&SearchTerm::Authorization(lower)));
    }

    #[test]
    fn an_address_is_searched_as_one_first() {
        assert_eq!(terms(" ada@example.se ")[0], SearchTerm::Email("ada@example.se".to_string()));
        assert_eq!(terms("K4MADNY4")[1], SearchTerm::KlarnaReference("K4MADNY4".to_string()));
        assert!(terms("  ").is_empty());
    }
}
