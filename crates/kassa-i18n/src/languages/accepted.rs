//! The languages that a browser asks for.

use super::Language;

/// Returns the languages with texts in the value of an `Accept-Language` header (RFC 9110, section 12.5.4), the
/// preferred one first.
#[must_use]
pub fn accepted_languages(accept_language: &str) -> Vec<&'static Language> {
    let weighted = accept_language.split(',').map(weighted).filter(|(_, weight)| *weight > 0.0);
    let mut weighted: Vec<_> =
        weighted.filter_map(|(tag, weight)| Some((Language::of(tag)?, weight))).collect();
    weighted.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let mut languages: Vec<&'static Language> = Vec::with_capacity(weighted.len());
    for (language, _) in weighted {
        if !languages.contains(&language) {
            languages.push(language);
        }
    }
    languages
}

/// Splits `sv-SE;q=0.8` into the tag and the weight. A weight that cannot be read counts as none.
fn weighted(range: &str) -> (&str, f32) {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (tag, weight.map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, languages: &[&str]) {
        let accepted: Vec<_> = accepted_languages(header).iter().map(|language| language.tag).collect();
        assert_eq!(accepted, languages, "{header}");
    }

    #[test]
    fn languages_with_texts_are_ordered_by_their_weight() {
        check("sv", &["sv"]);
        check("sv-SE,sv;q=0.9,en;q=0.8", &["sv", "en"]);
        check("en;q=0.5, de;q=0.7", &["de", "en"]);
        check("en-GB,en;q=0.9,de;q=0.8", &["en", "de"]);
        check("no", &["nb"]);
        check("de; q=0.1, da;Q=0.2", &["da", "de"]);
        check("zh-CN, fi;q=0.4, en;q=0.3", &["fi", "en"]);
    }

    #[test]
    fn a_header_that_names_no_language_with_texts_has_none() {
        for header in ["", "*", ";;,q=,de;q=x", "é", "de;q=0", "zh", "de;q=nan"] {
            check(header, &[]);
        }
    }
}
