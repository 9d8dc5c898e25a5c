//! Instants on the wire: `2019-05-15T13:51:43.507Z`, always three fraction digits and `Z`
//! (docs/wire.md#ids-and-instants).

use jiff::{Span, SpanRelativeTo, Timestamp};
use serde::Serializer;

/// Formats milliseconds since 1970 as an instant of the wire.
#[must_use]
pub fn format_ms(ms: i64) -> String {
    let instant = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
    format!("{instant:.3}")
}

/// Parses an instant of RFC 3339, such as `2019-05-15T13:51:43.507Z`, into milliseconds since 1970.
#[must_use]
pub fn parse_ms(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// Parses a duration of ISO 8601, such as `PT47H` or `P2D`, into milliseconds.
///
/// A day has 24 hours. Negative durations are refused, and so are months and years, which have no fixed length.
#[must_use]
pub fn parse_duration_ms(text: &str) -> Option<i64> {
    let span: Span = text.strip_prefix('P').and(text.parse().ok())?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    i64::try_from(duration.as_millis()).ok().filter(|ms| *ms >= 0)
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
    fn a_duration_has_only_units_of_fixed_length() {
        assert_eq!(parse_duration_ms("PT47H"), Some(47 * 3_600_000));
        assert_eq!(parse_duration_ms("P2D"), Some(48 * 3_600_000));
        assert_eq!(parse_duration_ms("P1WT0.5S"), Some(7 * 86_400_000 + 500));
        for unreadable in ["P1M", "P1Y", "-PT1H", "PT", "2 hours", ""] {
            assert_eq!(parse_duration_ms(unreadable), None, "{unreadable}");
        }
    }

    #[test]
    fn an_instant_has_three_fraction_digits_and_z() {
        assert_eq!(format_ms(1_557_928_303_507), "2019-05-15T13:51:43.507Z");
        assert_eq!(format_ms(0), "1970-01-01T00:00:00.000Z");
    }
}
