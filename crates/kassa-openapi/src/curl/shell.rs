//! Quoting for bash and zsh, safe for any byte.

use std::fmt::Write as _;

/// Quotes an argument. A text is quoted in single quotes. Other bytes, such as control characters, are written as
/// escapes in `$'...'`. An argument of a program cannot contain a zero byte.
#[must_use]
pub fn quoted(argument: &[u8]) -> String {
    match std::str::from_utf8(argument) {
        Ok(text) if !text.is_empty() && text.bytes().all(is_plain) => text.to_string(),
        Ok(text) if !text.chars().any(is_hidden) => format!("'{}'", text.replace('\'', r"'\''")),
        Ok(_) | Err(_) => escaped(argument),
    }
}

/// The command that prints these bytes.
pub(super) fn printed(bytes: &[u8]) -> String {
    let mut octal = String::new();
    for byte in bytes {
        // Octal escapes have exactly three digits, so a digit after them is not read as a part of them.
        let _ = write!(octal, "\\{byte:03o}");
    }
    format!("printf '{octal}'")
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_./:@%+,".contains(&byte)
}

/// Whether a character cannot be seen, or changes the text around it. A line break can be seen.
fn is_hidden(character: char) -> bool {
    let changes_direction = matches!(
        character,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    );
    (character.is_control() && character != '\n') || changes_direction
}

fn escaped(argument: &[u8]) -> String {
    let mut escaped = String::from("$'");
    for byte in argument {
        match byte {
            b'\\' | b'\'' => _ = write!(escaped, "\\{}", *byte as char),
            b' '..=b'~' => escaped.push(*byte as char),
            _ => _ = write!(escaped, "\\{byte:03o}"),
        }
    }
    escaped.push('\'');
    escaped
}
