//! Texts with code and bold words, in the part of Markdown that the descriptions use.

/// A text in pieces.
pub(super) struct RichText {
    /// Whether the text is a point of a list.
    pub(super) is_point: bool,
    pub(super) pieces: Vec<TextPiece>,
}

/// A piece of a text.
pub(super) enum TextPiece {
    Plain(String),
    Code(String),
    Bold(String),
}

impl RichText {
    /// Reads one paragraph or point.
    pub(super) fn of(text: &str) -> Self {
        let (is_point, text) = text.strip_prefix("- ").map_or((false, text), |point| (true, point));
        let mut pieces = Vec::new();
        for (place, part) in text.split('`').enumerate() {
            if place % 2 == 1 {
                pieces.push(TextPiece::Code(part.to_string()));
                continue;
            }
            for (place, part) in part.split("**").enumerate() {
                let part = part.to_string();
                pieces.push(if place % 2 == 1 { TextPiece::Bold(part) } else { TextPiece::Plain(part) });
            }
        }
        Self { is_point, pieces }
    }
}

/// Reads several paragraphs and points.
pub(super) fn rich_texts(markdown: &str) -> Vec<RichText> {
    let joined = crate::plain_text::plain(markdown);
    joined.lines().filter(|line| !line.is_empty()).map(RichText::of).collect()
}
