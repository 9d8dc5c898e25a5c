//! The places of e-mail addresses and phone numbers in a text, also in URLs.

use std::ops::Range;

use percent_encoding::percent_decode_str;

use super::identity::PhoneNumber;

/// The most times that a text is decoded. A URL can be a parameter of another URL.
const MOST_ENCODINGS: usize = 3;

/// The length of a letter that a URL encodes: a percent sign and two digits.
const ESCAPE_BYTES: usize = 3;

/// The most digits of a phone number, with `00` before it and a zero after the country code.
const MOST_DIGITS: usize = 18;

/// The longest separator between two groups of digits, in letters.
const LONGEST_SEPARATOR: usize = 3;

/// The letters between the groups of digits of a phone number: of a keyboard, then spaces and hyphens of typesetters.
const SEPARATORS: &str = " ()-./\u{a0}\u{2009}\u{202f}\u{2010}\u{2011}\u{2013}";

/// The places that `find` finds in a text as it is written, and in its decoded forms as a part of a URL. In a form, a
/// plus is a space; elsewhere in a URL, it is a plus.
pub(super) fn places(text: &str, find: impl Fn(&str) -> Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut found = find(text);
    for plus in ['+', ' '] {
        let mut layer = Decoded::of(text);
        for _ in 0..MOST_ENCODINGS {
            let Some(decoded) = layer.decode(plus) else { break };
            found.extend(find(&decoded.text).into_iter().map(|place| decoded.in_source(&place)));
            layer = decoded;
        }
    }
    merged(found)
}

/// The places in their order. Places that overlap become one.
pub(super) fn merged(mut places: Vec<Range<usize>>) -> Vec<Range<usize>> {
    places.sort_by_key(|place| place.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for place in places {
        match merged.last_mut() {
            Some(last) if place.start < last.end => last.end = last.end.max(place.end),
            Some(_) | None => merged.push(place),
        }
    }
    merged
}

/// A text that was decoded, with the place of each of its bytes in the source.
struct Decoded {
    text: String,
    /// One place more than there are bytes: the end of the source.
    places: Vec<usize>,
}

impl Decoded {
    fn of(source: &str) -> Self {
        Self { text: source.to_string(), places: (0..=source.len()).collect() }
    }

    fn in_source(&self, place: &Range<usize>) -> Range<usize> {
        self.places[place.start]..self.places[place.end]
    }

    /// Decodes once. `None` if nothing is encoded. Bytes that are no UTF-8 stay as they are written.
    fn decode(&self, plus: char) -> Option<Self> {
        let mut decoded = Self { text: String::new(), places: Vec::new() };
        let (mut at, mut is_encoded) = (0, false);
        while let Some(letter) = self.text[at..].chars().next() {
            let escapes = escapes(&self.text[at..]);
            if escapes.is_empty() {
                decoded.text.push(if letter == '+' { plus } else { letter });
                decoded.places.extend(&self.places[at..at + letter.len_utf8()]);
                at += letter.len_utf8();
                continue;
            }
            // Each run is decoded once, however many of its bytes are no UTF-8.
            let bytes: Vec<u8> = percent_decode_str(escapes).collect();
            for chunk in bytes.utf8_chunks() {
                let valid = chunk.valid();
                let starts = (0..valid.len()).map(|byte| self.places[at + byte * ESCAPE_BYTES]);
                decoded.places.extend(starts);
                decoded.text.push_str(valid);
                is_encoded |= !valid.is_empty();
                at += valid.len() * ESCAPE_BYTES;
                let invalid = chunk.invalid().len() * ESCAPE_BYTES;
                decoded.text.push_str(&self.text[at..at + invalid]);
                decoded.places.extend(&self.places[at..at + invalid]);
                at += invalid;
            }
        }
        decoded.places.extend(self.places.last());
        is_encoded.then_some(decoded)
    }
}

/// The encoded letters at the beginning of a text.
fn escapes(text: &str) -> &str {
    let is_escape = |three: &&[u8]| three[0] == b'%' && three[1..].iter().all(u8::is_ascii_hexdigit);
    let count = text.as_bytes().chunks_exact(ESCAPE_BYTES).take_while(is_escape).count();
    &text[..count * ESCAPE_BYTES]
}

/// The places of an address that does not go on before or after it: `ada@a.se` is not in `amanda@a.se`.
pub(super) fn places_of_email(text: &str, lower: &str) -> Vec<Range<usize>> {
    let (bytes, wanted) = (text.as_bytes(), lower.as_bytes());
    let last = bytes.len().checked_sub(wanted.len());
    let starts = last.into_iter().flat_map(|last| 0..=last);
    let places = starts.map(|start| start..start + wanted.len());
    // Letters outside of ASCII are compared as they are written.
    let found = places.filter(|place| {
        bytes[place.clone()].eq_ignore_ascii_case(wanted)
            && text.is_char_boundary(place.start)
            && text.is_char_boundary(place.end)
            && !text[..place.start].chars().next_back().is_some_and(is_of_name)
            && !goes_on(&text[place.end..])
    });
    found.collect()
}

/// Whether a letter before an address belongs to it. Addresses may have more signs, but in texts those are punctuation.
fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || "._+-".contains(letter)
}

/// Whether the host of an address goes on with this text. A dot may also end a sentence.
fn goes_on(text: &str) -> bool {
    let mut letters = text.chars();
    match letters.next() {
        Some('.') => letters.next().is_some_and(char::is_alphanumeric),
        Some(letter) => letter.is_alphanumeric() || letter == '-' || letter == '_',
        None => false,
    }
}

/// The places of a number. It consists of whole groups of digits, and other numbers can be beside it.
pub(super) fn places_of_number(text: &str, phone: &PhoneNumber) -> Vec<Range<usize>> {
    let groups = digit_groups(text);
    let (mut found, mut first) = (Vec::new(), 0);
    while first < groups.len() {
        let longest = (first..first + groups_of_one_number(text, &groups[first..]))
            .rev()
            .find(|&last| phone.may_be(&PhoneNumber::read(&text[groups[first].start..groups[last].end])));
        found.extend(longest.map(|last| groups[first].start..groups[last].end));
        first = longest.unwrap_or(first) + 1;
    }
    found
}

/// How many of these groups, from the first one on, can be one number.
fn groups_of_one_number(text: &str, groups: &[Range<usize>]) -> usize {
    let mut digits = groups.first().map_or(0, ExactSizeIterator::len);
    let go_on = groups.windows(2).take_while(|pair| {
        digits += pair[1].len();
        digits <= MOST_DIGITS && is_separator(&text[pair[0].end..pair[1].start])
    });
    1 + go_on.count()
}

fn is_separator(between: &str) -> bool {
    between.chars().count() <= LONGEST_SEPARATOR && between.chars().all(|letter| SEPARATORS.contains(letter))
}

/// The groups of digits in a text, each with the plus before it.
fn digit_groups(text: &str) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (place, _) in text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
        match groups.last_mut() {
            Some(group) if group.end == place => group.end += 1,
            Some(_) | None => {
                let has_plus = text[..place].ends_with('+');
                groups.push(place - usize::from(has_plus)..place + 1);
            }
        }
    }
    groups
}
