//! Instants on the wire: `2019-05-15T13:51:43.507Z`, always three fraction digits and `Z` (spec 1.1).

use jiff::Timestamp;
use serde::Serializer;

/// Writes milliseconds since 1970 as the wire writes an instant.
#[must_use]
pub fn format_ms(ms: i64) -> String {
    let instant = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
    format!("{instant:.3}")
}

/// Reads an instant of RFC 3339, such as `2019-05-15T13:51:43.507Z`, as milliseconds since 1970.
#[must_use]
pub fn parse_ms(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// Serializes milliseconds since 1970, for `#[serde(serialize_with)]`.
pub fn serialize_ms<S: Serializer>(ms: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format_ms(*ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_read_with_any_offset() {
        assert_eq!(parse_ms("2019-05-15T13:51:43.507Z"), Some(1_557_928_303_507));
        assert_eq!(parse_ms("2019-05-15T15:51:43.507+02:00"), Some(1_557_928_303_507));
        assert_eq!(parse_ms("yesterday"), None);
    }

    #[test]
    fn an_instant_has_three_fraction_digits_and_z() {
        assert_eq!(format_ms(1_557_928_303_507), "2019-05-15T13:51:43.507Z");
        assert_eq!(format_ms(0), "1970-01-01T00:00:00.000Z");
    }
}
