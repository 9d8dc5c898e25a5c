//! The texts of the consumer page in each language.

mod cs;
mod da;
mod de;
mod en;
mod es;
mod fi;
mod fields;
mod fr;
mod it;
mod nb;
mod nl;
mod pl;
mod pt;
mod sv;

pub use fields::Texts;

impl Texts {
    /// Returns the texts for the language of a locale such as `sv-SE`, or English for a language without texts.
    pub fn of(locale: &str) -> &'static Self {
        let language = locale.split('-').next().unwrap_or_default();
        match language.to_ascii_lowercase().as_str() {
            "cs" => &cs::TEXTS,
            "da" => &da::TEXTS,
            "de" => &de::TEXTS,
            "es" => &es::TEXTS,
            "fi" => &fi::TEXTS,
            "fr" => &fr::TEXTS,
            "it" => &it::TEXTS,
            "nb" | "nn" | "no" => &nb::TEXTS,
            "nl" => &nl::TEXTS,
            "pl" => &pl::TEXTS,
            "pt" => &pt::TEXTS,
            "sv" => &sv::TEXTS,
            _ => &en::TEXTS,
        }
    }

    /// Returns the texts for the value of an `Accept-Language` header (RFC 9110, section 12.5.4): the preferred
    /// language that has texts, or English.
    pub fn preferred(accept_language: &str) -> &'static Self {
        let mut best = (0.0, &en::TEXTS);
        for range in accept_language.split(',') {
            let (tag, weight) = weighted(range);
            let texts = Self::of(tag);
            let is_english =
                tag.split('-').next().is_some_and(|language| language.eq_ignore_ascii_case("en"));
            if weight > best.0 && (is_english || texts.language != "en") {
                best = (weight, texts);
            }
        }
        best.1
    }
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

    const LANGUAGES: [&str; 13] =
        ["cs", "da", "de", "en", "es", "fi", "fr", "it", "nb", "nl", "pl", "pt", "sv"];

    #[test]
    fn every_language_has_texts_of_its_own_and_none_is_empty() {
        for language in LANGUAGES {
            let texts = Texts::of(language);
            assert_eq!(texts.language, language);
            for (name, text) in texts.named() {
                assert!(!text.trim().is_empty() && text.trim() == text, "{language}: {name}");
                assert_eq!(text.contains("{count}"), name == "more_lines", "{language}: {name}");
            }
        }
    }

    #[test]
    fn sentences_are_translated() {
        for language in LANGUAGES.iter().filter(|language| **language != "en") {
            for ((name, text), (_, english)) in Texts::of(language).named().iter().zip(en::TEXTS.named()) {
                assert!(!english.contains(' ') || *text != english, "{language}: {name} is English");
            }
        }
    }

    #[test]
    fn the_preferred_language_with_texts_is_chosen() {
        for (header, language) in [
            ("sv", "sv"),
            ("sv-SE,sv;q=0.9,en;q=0.8", "sv"),
            ("en;q=0.5, de;q=0.7", "de"),
            ("el-GR, fi;q=0.4, en;q=0.3", "fi"),
            ("en-GB,en;q=0.9,de;q=0.8", "en"),
            ("no", "nb"),
            ("de;q=0", "en"),
            ("de; q=0.1, da;Q=0.2", "da"),
            ("", "en"),
            ("*", "en"),
            (";;,q=,de;q=x", "en"),
            ("é", "en"),
        ] {
            assert_eq!(Texts::preferred(header).language, language, "{header}");
        }
    }

    #[test]
    fn unknown_languages_read_english_and_old_tags_their_successor() {
        for locale in ["el-GR", "", "xx", "EN", "en-US", "é"] {
            assert_eq!(Texts::of(locale).language, "en", "{locale}");
        }
        assert_eq!(Texts::of("no-NO").language, "nb");
        assert_eq!(Texts::of("SV-fi").language, "sv");
    }
}
