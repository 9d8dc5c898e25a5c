//! Texts that differ in every run: ids, tokens, instants, URLs. Their kind is compared, and not their value.

/// The kind of a text that differs in every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    Id,
    Instant,
    Url,
    Token,
}

/// Names of fields whose value differs in every run, in any form.
const NAMES: [&str; 4] = ["klarna_reference", "html_snippet", "token", "capture_id"];

/// Endings of such names.
const ENDINGS: [&str; 4] = ["_id", "_token", "_at", "_url"];

/// The fewest characters of a token without a blank.
const SHORTEST_TOKEN: usize = 40;

/// The groups of a UUID, in characters.
const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

impl Variable {
    /// The kind of a text; `None` for a text that is the same in every run.
    pub(super) fn of(text: &str) -> Option<Self> {
        match text {
            _ if is_id(text) => Some(Self::Id),
            _ if is_instant(text) => Some(Self::Instant),
            _ if text.starts_with("https://") || text.starts_with("http://") => Some(Self::Url),
            _ if text.len() >= SHORTEST_TOKEN && !text.contains(char::is_whitespace) => Some(Self::Token),
            _ => None,
        }
    }

    /// The kind in words, in place of the value.
    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::Id => "an id",
            Self::Instant => "an instant",
            Self::Url => "a URL",
            Self::Token => "a token",
        }
    }
}

/// Whether the value of a field with this name differs in every run.
pub(super) fn is_variable_name(name: &str) -> bool {
    NAMES.contains(&name) || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether a text has the groups of a UUID. The vendor's ids have other versions than the standard allows.
pub(super) fn is_id(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let is_hex = |group: &&str| group.bytes().all(|letter| letter.is_ascii_hexdigit());
    groups.iter().map(|group| group.len()).eq(GROUPS) && groups.iter().all(is_hex)
}

fn is_instant(text: &str) -> bool {
    text.len() >= 17 && text.as_bytes()[10] == b'T' && text.parse::<jiff::Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_instants_urls_and_tokens_differ_in_every_run() {
        for (text, expected) in [
            ("f52fc7d6-ee28-9c04-8674-8f7b8cdca5d4", Some(Variable::Id)),
            ("2019-05-15T13:51:43.507Z", Some(Variable::Instant)),
            ("https://pay.playground.klarna.com/eu/9qGNmlZ", Some(Variable::Url)),
            ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.aaaaaaaaaa", Some(Variable::Token)),
            ("COMPLETED", None),
            ("Running shoe with a very long name, for cold and wet days", None),
            ("2019-05-15", None),
            ("", None),
        ] {
            assert_eq!(Variable::of(text), expected, "{text}");
        }
    }
}
