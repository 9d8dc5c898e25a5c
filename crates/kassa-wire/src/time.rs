//! Instants on the wire: `2019-05-15T13:51:43.507Z`, always three fraction digits and `Z`
//! (docs/wire.md#ids-and-instants).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::{Span, SpanRelativeTo, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant on the wire, in whole milliseconds. Its text has always three fraction digits and `Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant {
    /// Milliseconds since 1970.
    ms: i64,
}

impl Instant {
    /// The instant this many milliseconds after the beginning of 1970.
    #[must_use]
    pub const fn from_ms(ms: i64) -> Self {
        Self { ms }
    }

    /// Returns the milliseconds since 1970.
    #[must_use]
    pub const fn as_ms(self) -> i64 {
        self.ms
    }

    /// Returns the instant as a timestamp, for arithmetic. An instant out of its range becomes `Timestamp::MAX`.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.ms).unwrap_or(Timestamp::MAX)
    }
}

/// Drops everything below the millisecond, which the wire does not carry.
impl From<Timestamp> for Instant {
    fn from(at: Timestamp) -> Self {
        Self::from_ms(at.as_millisecond())
    }
}

/// Reads an instant of RFC 3339 with any offset.
impl FromStr for Instant {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<Timestamp>().map(Self::from)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.timestamp())
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text, since the milliseconds are not on the wire.
impl JsonSchema for Instant {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Instant".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date-time", "examples": ["2019-05-15T13:51:43.507Z"]})
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Formats milliseconds since 1970 as an instant of the wire.
#[must_use]
pub fn format_ms(ms: i64) -> String {
    Instant::from_ms(ms).to_string()
}

/// Parses an instant of RFC 3339, such as `2019-05-15T13:51:43.507Z`, into milliseconds since 1970.
#[must_use]
pub fn parse_ms(text: &str) -> Option<i64> {
    text.parse().ok().map(Instant::as_ms)
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
    fn an_instant_in_another_form_is_written_in_the_form_of_the_wire() {
        for text in ["2019-05-15T15:51:43.5+02:00", "2019-05-15T13:51:43.500Z", "2019-05-15T13:51:43.5009Z"] {
            let read: Instant = serde_json::from_value(text.into()).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), "\"2019-05-15T13:51:43.500Z\"", "{text}");
        }
        assert!(serde_json::from_str::<Instant>("\"yesterday\"").is_err());
    }

    #[test]
    fn an_instant_has_three_fraction_digits_and_z() {
        assert_eq!(format_ms(1_557_928_303_507), "2019-05-15T13:51:43.507Z");
        assert_eq!(format_ms(0), "1970-01-01T00:00:00.000Z");
    }
}
