//! Text from outside that becomes a part of one line: of a subject, a header, a log, a table on a terminal.

use std::borrow::Cow;

/// Whether a character ends a line, steers a terminal, or reorders the text around it: control characters, line and
/// paragraph separators, and the embeddings, overrides and isolates of bidirectional text.
#[must_use]
pub fn breaks_a_line(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with each such character replaced by U+FFFD.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(breaks_a_line) {
        Cow::Owned(text.replace(breaks_a_line, "\u{fffd}"))
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_line_breaks_are_replaced() {
        for text in ["Shoe Shop", "Bücher & Co. — 本屋", "חנות נעליים", "\u{200f}חנות", "👟", ""]
        {
            assert!(matches!(one_line(text), Cow::Borrowed(same) if same == text), "{text}");
        }
        for letter in [
            '\r', '\n', '\t', '\0', '\u{1b}', '\u{7f}', '\u{85}', '\u{9b}', '\u{2028}', '\u{2029}',
            '\u{202e}', '\u{2066}', '\u{2069}',
        ] {
            assert_eq!(one_line(&format!("a{letter}b")), "a\u{fffd}b", "{letter:?}");
        }
    }
}
