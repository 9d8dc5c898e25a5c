//! The headers of a message in the journal, as one text. The journal keeps thousands of messages, and a map of headers
//! would keep the whole buffer from which each of them was read.

use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};

/// Separates a name from its value. No name contains it.
const COLON: u8 = b':';

/// Ends a header. No value contains it.
const LINE_END: u8 = b'\n';

/// The size in which the headers of most messages fit, in bytes.
const MOST_MESSAGES: usize = 1024;

/// One line for each header: the name in lower case, a colon, and the value.
#[derive(Clone, Debug)]
pub(super) struct HeaderLines(Box<[u8]>);

impl HeaderLines {
    /// Copies headers without credentials.
    pub(super) fn of<'a>(headers: impl Iterator<Item = (&'a str, &'a [u8])>) -> Self {
        let mut lines = Vec::with_capacity(MOST_MESSAGES);
        for (name, value) in headers.filter(|(name, _)| !is_secret(name)) {
            lines.extend_from_slice(name.as_bytes());
            lines.push(COLON);
            lines.extend_from_slice(value);
            lines.push(LINE_END);
        }
        Self(lines.into_boxed_slice())
    }

    /// The names and values, in the order of the message.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.split(|byte| *byte == LINE_END).filter_map(|line| {
            let (name, value) = line.split_at_checked(line.iter().position(|byte| *byte == COLON)?)?;
            Some((str::from_utf8(name).ok()?, &value[1..]))
        })
    }
}

fn is_secret(name: &str) -> bool {
    [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].iter().any(|secret| *secret == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_kept_without_credentials_and_with_every_byte_of_their_values() {
        let given: [(&str, &[u8]); 6] = [
            ("authorization", b"Basic secret"),
            ("x-time", b"12:30:00"),
            ("cookie", b"secret"),
            ("x-empty", b""),
            ("proxy-authorization", b"secret"),
            ("x-latin", b"\xe5\tb"),
        ];
        let lines = HeaderLines::of(given.into_iter());
        let kept: Vec<_> = lines.iter().collect();
        let expected: [(&str, &[u8]); 3] =
            [("x-time", b"12:30:00"), ("x-empty", b""), ("x-latin", b"\xe5\tb")];
        assert_eq!(kept, expected);
    }
}
