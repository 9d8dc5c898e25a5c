//! Lays out JSON for reading. Fields keep their order, and secrets are shortened.

/// Fields that contain a secret. The page shows enough of it to recognize it, not to use it.
const SECRET_FIELDS: [&str; 3] = ["authorization_token", "client_token", "token"];

/// Number of characters that the page shows of a secret.
const SHOWN_OF_SECRET: usize = 6;

/// The query field with the secret of the demo shop's callback URL.
const SECRET_IN_QUERY: &str = "secret=";

/// A piece of text in one color.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonToken {
    /// The style class, such as `key` or `text`.
    pub kind: &'static str,
    /// The text as the page shows it.
    pub text: String,
}

/// Lays out a body. Text that is not JSON is returned unchanged.
pub fn format_json(body: &str) -> Vec<JsonToken> {
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok();
    if !is_json {
        return vec![JsonToken { kind: "plain", text: body.to_string() }];
    }
    let mut layout = Layout::default();
    let mut rest = body;
    while let Some(token) = next_token(&mut rest) {
        layout.put(token, rest);
    }
    layout.pieces
}

/// Returns the end of a secret. Time-ordered ids differ at the end.
pub fn shortened(secret: &str) -> String {
    let hidden = secret.chars().count().saturating_sub(SHOWN_OF_SECRET);
    ['…'].into_iter().chain(secret.chars().skip(hidden)).collect()
}

/// Returns the text without the secret of the callback URL.
pub fn without_secret(text: &str) -> String {
    let Some((before, after)) = text.split_once(SECRET_IN_QUERY) else { return text.to_string() };
    let end = after.find(['&', '"']).unwrap_or(after.len());
    format!("{before}{SECRET_IN_QUERY}…{}", &after[end..])
}

#[derive(Default)]
struct Layout {
    pieces: Vec<JsonToken>,
    depth: usize,
    /// The name of the field that the next value belongs to.
    field: String,
}

impl Layout {
    fn put(&mut self, token: &str, rest: &str) {
        let next = rest.trim_start().chars().next();
        match token {
            "{" | "[" if matches!(next, Some('}' | ']')) => self.push("plain", token),
            "{" | "[" => {
                self.depth += 1;
                self.push("plain", token);
                self.new_line();
            }
            "}" | "]" => self.close(token),
            "," => {
                self.push("plain", token);
                self.new_line();
            }
            ":" => self.push("plain", ": "),
            text if text.starts_with('"') && next == Some(':') => {
                self.field = text.trim_matches('"').to_string();
                self.push("key", text);
            }
            text if text.starts_with('"') => self.text(text),
            other => self.push("number", other),
        }
    }

    fn close(&mut self, token: &str) {
        let is_empty = self.pieces.last().is_some_and(|piece| piece.text.ends_with(['{', '[']));
        if !is_empty {
            self.depth = self.depth.saturating_sub(1);
            self.new_line();
        }
        self.push("plain", token);
    }

    fn text(&mut self, text: &str) {
        let shown = if SECRET_FIELDS.contains(&self.field.as_str()) {
            format!("\"{}\"", shortened(text.trim_matches('"')))
        } else {
            without_secret(text)
        };
        self.push("text", &shown);
    }

    fn new_line(&mut self) {
        let indent = "  ".repeat(self.depth);
        self.push("plain", &format!("\n{indent}"));
    }

    fn push(&mut self, kind: &'static str, text: &str) {
        match self.pieces.last_mut() {
            Some(last) if last.kind == kind => last.text.push_str(text),
            Some(_) | None => self.pieces.push(JsonToken { kind, text: text.to_string() }),
        }
    }
}

/// Removes and returns the next token of valid JSON: a punctuation mark, a string with its quotes, a number or a word.
fn next_token<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let text = rest.trim_start();
    let length = match text.chars().next()? {
        '"' => length_of_text(text),
        '{' | '}' | '[' | ']' | ',' | ':' => 1,
        _ => text.find([',', '}', ']', ' ', '\n', '\r', '\t']).unwrap_or(text.len()),
    };
    let (token, after) = text.split_at(length);
    *rest = after;
    Some(token)
}

fn length_of_text(text: &str) -> usize {
    let mut is_escaped = false;
    for (place, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return place + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: &str) {
        let text: String = format_json(body).into_iter().map(|piece| piece.text).collect();
        assert_eq!(text, expected);
    }

    #[test]
    fn fields_keep_their_order() {
        check(
            r#"{"b":1,"a":[true,{"c":null}],"e":{},"f":[]}"#,
            "{\n  \"b\": 1,\n  \"a\": [\n    true,\n    {\n      \"c\": null\n    }\n  ],\n  \"e\": {},\n  \"f\": []\n\
             }",
        );
        check(r#""just a text""#, r#""just a text""#);
    }

    #[test]
    fn punctuation_inside_a_string_is_part_of_it() {
        check(r#"{"a":"x\"},{: [1"}"#, "{\n  \"a\": \"x\\\"},{: [1\"\n}");
    }

    #[test]
    fn text_that_is_not_json_is_unchanged() {
        check("no such { thing", "no such { thing");
        check("", "");
    }

    #[test]
    fn secrets_are_shortened_in_every_position() {
        check(
            r#"{"x":[{"authorization_token":"a1a8f727-2756-6058"}]}"#,
            "{\n  \"x\": [\n    {\n      \"authorization_token\": \"…6-6058\"\n    }\n  ]\n}",
        );
        check(
            r#"{"status_update":"http://x/cb?secret=abc&sid=1"}"#,
            "{\n  \"status_update\": \"http://x/cb?secret=…&sid=1\"\n}",
        );
    }

    #[test]
    fn keys_strings_and_numbers_have_different_classes() {
        let pieces = format_json(r#"{"a":"b","c":-1.5e3}"#);
        let of_kind = |kind| pieces.iter().filter(move |piece| piece.kind == kind).map(|p| p.text.as_str());
        assert_eq!(of_kind("key").collect::<Vec<_>>(), ["\"a\"", "\"c\""]);
        assert_eq!(of_kind("text").collect::<Vec<_>>(), ["\"b\""]);
        assert_eq!(of_kind("number").collect::<Vec<_>>(), ["-1.5e3"]);
    }
}
