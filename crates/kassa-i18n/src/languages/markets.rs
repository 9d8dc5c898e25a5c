//! The languages of the countries in which consumers buy.

use super::Language;

/// The languages of each country, beside English. A country without a row has none of the languages of the page.
const COUNTRIES: &[(&str, &[&str])] = &[
    ("AT", &["de"]),
    ("BE", &["nl", "fr", "de"]),
    ("BG", &["bg"]),
    ("CA", &["fr"]),
    ("CH", &["de", "fr", "it"]),
    ("CY", &["el", "tr"]),
    ("CZ", &["cs"]),
    ("DE", &["de"]),
    ("DK", &["da"]),
    ("EE", &["et"]),
    ("ES", &["es"]),
    ("FI", &["fi", "sv"]),
    ("FR", &["fr"]),
    ("GR", &["el"]),
    ("HR", &["hr"]),
    ("HU", &["hu"]),
    ("IS", &["is"]),
    ("IT", &["it"]),
    ("LT", &["lt"]),
    ("LU", &["fr", "de"]),
    ("LV", &["lv"]),
    ("MX", &["es"]),
    ("NL", &["nl"]),
    ("NO", &["nb"]),
    ("PL", &["pl"]),
    ("PT", &["pt"]),
    ("RO", &["ro"]),
    ("SE", &["sv"]),
    ("SI", &["sl"]),
    ("SK", &["sk"]),
    ("TR", &["tr"]),
    ("UA", &["uk"]),
    ("US", &["es"]),
];

/// Returns the languages of a country, an ISO 3166-1 code such as `BE`, beside English.
pub fn languages_of_country(country: &str) -> impl Iterator<Item = &'static Language> {
    let tags = COUNTRIES.iter().find(|(code, _)| code.eq_ignore_ascii_case(country));
    tags.map_or(&[][..], |(_, tags)| tags).iter().filter_map(|tag| Language::of(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_of_a_country_has_texts() {
        for (country, tags) in COUNTRIES {
            let languages: Vec<_> = languages_of_country(country).map(|language| language.tag).collect();
            assert_eq!(languages, *tags, "{country}");
        }
    }

    #[test]
    fn a_country_without_a_row_has_no_languages() {
        assert_eq!(languages_of_country("JP").count() + languages_of_country("").count(), 0);
    }
}
