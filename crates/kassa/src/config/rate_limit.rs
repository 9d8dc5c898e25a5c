//! Limits on a merchant's calls in a second, as settings name them.

use std::fmt;
use std::num::NonZeroU32;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde::Deserializer;
use serde::de::{Error, Unexpected, Visitor};

/// The limit of one kind of call; `None` means no limit.
pub(super) type CallLimit = Option<NonZeroU32>;

const EXPECTED: &str = "a number of calls per second, or off";

/// Reads a number of calls; `off` and 0 mean no limit.
pub(super) fn parse(text: &str) -> Result<CallLimit, String> {
    if text == "off" {
        return Ok(None);
    }
    text.parse().map(NonZeroU32::new).map_err(|_| format!("expected {EXPECTED}"))
}

/// Reads a setting: a number, or a text.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(source: D) -> Result<Option<CallLimit>, D::Error> {
    source.deserialize_any(NumberOrOff).map(Some)
}

/// The values of a setting. A number may also be a text, as in a variable.
pub(super) fn schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "oneOf": [
            { "type": "integer", "minimum": 0, "maximum": u32::MAX },
            { "type": "string", "pattern": "^([0-9]{1,10}|off)$" },
        ],
    })
}

/// The default of a setting, in words.
pub(super) fn default(limit: CallLimit) -> String {
    let limit = limit.map_or_else(|| "`\"off\"`".to_string(), |limit| format!("`{limit}`"));
    format!("{limit}; with `lab = true` no limit")
}

struct NumberOrOff;

impl Visitor<'_> for NumberOrOff {
    type Value = CallLimit;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        let number =
            u32::try_from(number).map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))?;
        Ok(NonZeroU32::new(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        parse(text).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::super::safety::tests::{SAFE, config};
    use crate::settings_file;
    use kassa_server::Rates;
    use std::num::NonZeroU32;

    fn rates(creations: u32, other_calls: u32) -> Rates {
        Rates { creations: NonZeroU32::new(creations), other_calls: NonZeroU32::new(other_calls) }
    }

    #[test]
    fn the_limits_of_a_node_are_those_of_the_vendors_live_service() {
        assert_eq!(config("").configuration().rates, rates(40, 200));
    }

    #[test]
    fn a_node_whose_lab_is_open_limits_only_what_is_set() {
        assert_eq!(config("lab = true").configuration().rates, Rates::NONE);
        let set = config("lab = true\nrate_limit_creations = 5");
        assert_eq!(set.configuration().rates, rates(5, 0));
    }

    #[test]
    fn a_limit_is_a_number_of_calls_or_off() {
        let check =
            |more: &str, expected: Rates| assert_eq!(config(more).configuration().rates, expected, "{more}");
        check("rate_limit_creations = 5\nrate_limit_other_calls = 50", rates(5, 50));
        check("rate_limit_creations = \"off\"", rates(0, 200));
        check("rate_limit_creations = 0\nrate_limit_other_calls = \"off\"", Rates::NONE);
        check("rate_limit_other_calls = \"50\"", rates(40, 50));
        for wrong in ["-1", "4294967296", "1.5", "true", "\"on\"", "\" off\""] {
            let text = format!("{SAFE}\nrate_limit_creations = {wrong}");
            let error = settings_file::read::<Config>(&text).unwrap_err().to_string();
            assert!(
                error.contains("rate_limit_creations: expected a number of calls per second, or off"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_environment_overrides_a_limit() {
        let mut overridden = config("");
        let variable = |name: &str| match name {
            "KASSA_RATE_LIMIT_CREATIONS" => Some("5".to_string()),
            "KASSA_RATE_LIMIT_OTHER_CALLS" => Some("off".to_string()),
            _ => None,
        };
        assert!(overridden.override_by(variable).is_ok());
        assert_eq!(overridden.configuration().rates, rates(5, 0));
    }
}
