//! Reads settings from TOML. An error names the place and the reason, but shows no value, which may be a password.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::CowStrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Expected, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// An error in a settings file.
#[derive(Debug)]
pub(crate) struct WrongSetting {
    line: Option<usize>,
    key: Vec<String>,
    reason: String,
}

/// Reads settings from the text of a file.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, WrongSetting> {
    let lines = Lines(text);
    let table = DeTable::parse(text).map_err(|error| WrongSetting {
        line: error.span().map(|span| lines.of(span.start)),
        ..WrongSetting::because(error.message().to_string())
    })?;
    T::deserialize(Setting { value: DeValue::Table(table.into_inner()), lines })
}

impl WrongSetting {
    const fn because(reason: String) -> Self {
        Self { line: None, key: Vec::new(), reason }
    }

    /// Adds the key of an enclosing table to the error.
    fn under(mut self, key: &str, line: usize) -> Self {
        self.key.insert(0, key.to_string());
        self.at(line)
    }

    /// Adds the line, unless a more precise one is known.
    fn at(mut self, line: usize) -> Self {
        self.line.get_or_insert(line);
        self
    }
}

impl fmt::Display for WrongSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key.join("."))?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for WrongSetting {}

impl serde::de::Error for WrongSetting {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self::because(reason.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::because(format!("expected {expected}, found {}", kind_of(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::because(format!("expected {expected}, found another {}", kind_of(found)))
    }

    fn unknown_variant(_found: &str, expected: &'static [&'static str]) -> Self {
        Self::because(format!("expected one of {}", expected.join(", ")))
    }

    fn unknown_field(found: &str, expected: &'static [&'static str]) -> Self {
        Self::because(format!("unknown key {found}; expected one of {}", expected.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::because(format!("{field} is missing"))
    }
}

fn kind_of(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "integer",
        Unexpected::Float(_) => "number",
        Unexpected::Seq => "list",
        Unexpected::Map => "table",
        Unexpected::Char(_)
        | Unexpected::Str(_)
        | Unexpected::Bytes(_)
        | Unexpected::Unit
        | Unexpected::Option
        | Unexpected::NewtypeStruct
        | Unexpected::Enum
        | Unexpected::UnitVariant
        | Unexpected::NewtypeVariant
        | Unexpected::TupleVariant
        | Unexpected::StructVariant
        | Unexpected::Other(_) => "text",
    }
}

/// The text of the file, for the numbers of its lines.
#[derive(Clone, Copy)]
struct Lines<'de>(&'de str);

impl Lines<'_> {
    /// The number of the line with this byte, from 1.
    fn of(self, byte: usize) -> usize {
        1 + self.0.bytes().take(byte).filter(|byte| *byte == b'\n').count()
    }
}

/// A value of the file.
struct Setting<'de> {
    value: DeValue<'de>,
    lines: Lines<'de>,
}

impl<'de> serde::Deserializer<'de> for Setting<'de> {
    type Error = WrongSetting;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WrongSetting> {
        let out_of_range = || WrongSetting::because("the number is out of range".to_string());
        match self.value {
            DeValue::String(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            DeValue::String(Cow::Owned(text)) => visitor.visit_string(text),
            DeValue::Integer(number) => {
                let number = i64::from_str_radix(number.as_str(), number.radix());
                visitor.visit_i64(number.map_err(|_| out_of_range())?)
            }
            DeValue::Float(number) => visitor.visit_f64(number.as_str().parse().map_err(|_| out_of_range())?),
            DeValue::Boolean(is_so) => visitor.visit_bool(is_so),
            DeValue::Datetime(instant) => visitor.visit_string(instant.to_string()),
            DeValue::Array(values) => {
                visitor.visit_seq(Values { rest: values.into_iter(), lines: self.lines })
            }
            DeValue::Table(entries) => {
                visitor.visit_map(Entries { rest: entries.into_iter(), value: None, lines: self.lines })
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WrongSetting> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, WrongSetting> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, WrongSetting> {
        match self.value {
            DeValue::String(text) => visitor.visit_enum(CowStrDeserializer::new(text)),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => Err(WrongSetting::because("expected a word".to_string())),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

struct Values<'de> {
    rest: <DeArray<'de> as IntoIterator>::IntoIter,
    lines: Lines<'de>,
}

impl<'de> SeqAccess<'de> for Values<'de> {
    type Error = WrongSetting;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, WrongSetting> {
        let Some(value) = self.rest.next() else { return Ok(None) };
        let line = self.lines.of(value.span().start);
        let setting = Setting { value: value.into_inner(), lines: self.lines };
        seed.deserialize(setting).map(Some).map_err(|error| error.at(line))
    }
}

struct Entries<'de> {
    rest: <DeTable<'de> as IntoIterator>::IntoIter,
    /// The value of the key that was read last, with that key.
    value: Option<(String, Spanned<DeValue<'de>>)>,
    lines: Lines<'de>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = WrongSetting;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, WrongSetting> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        let line = self.lines.of(key.span().start);
        let key = key.into_inner();
        self.value = Some((key.to_string(), value));
        seed.deserialize(CowStrDeserializer::new(key)).map(Some).map_err(|error: WrongSetting| error.at(line))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, WrongSetting> {
        let (key, value) = self.value.take().expect("serde reads a key before its value");
        let line = self.lines.of(value.span().start);
        let setting = Setting { value: value.into_inner(), lines: self.lines };
        seed.deserialize(setting).map_err(|error| error.under(&key, line))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Settings {
        password: String,
        #[serde(default)]
        port: u16,
        #[serde(default)]
        secrets: Vec<String>,
        kind: Option<Kind>,
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        FirstKind,
        Other,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Inner {
        is_on: bool,
        ratio: f64,
    }

    #[test]
    fn settings_of_every_kind_are_read() {
        let text = "password = \"a\\tb\"\nport = 0x1F\nsecrets = [\"a\", 'b']\nkind = \"first_kind\"\n\
                    inner.is_on = true\ninner.ratio = 0.5\n";
        let inner = Some(Inner { is_on: true, ratio: 0.5 });
        let secrets = vec!["a".to_string(), "b".to_string()];
        let kind = Some(Kind::FirstKind);
        assert_eq!(
            read::<Settings>(text).unwrap(),
            Settings { password: "a\tb".to_string(), port: 31, secrets, kind, inner }
        );
    }

    fn check(text: &str, said: &str) {
        let error = read::<Settings>(text).unwrap_err();
        assert_eq!(error.to_string(), said, "{text}");
    }

    #[test]
    fn an_error_says_where_and_why_and_shows_no_value() {
        check("port = 1", "password is missing");
        check("password = 734853", "line 1: password: expected a string, found integer");
        check("password = [\"s3cr3t\"]", "line 1: password: expected a string, found list");
        check("password = \"a\"\nsecrets = \"s3cr3t\"", "line 2: secrets: expected a sequence, found text");
        check(
            "password = \"a\"\nsecrets = [\n\"s3cr3t\",\n734853]",
            "line 4: secrets: expected a string, found integer",
        );
        check("password = \"a\"\nport = 734853", "line 2: port: expected u16, found another integer");
        check("password = \"a\"\nport = \"s3cr3t\"", "line 2: port: expected u16, found text");
        check("password = \"a\"\nkind = \"s3cr3t\"", "line 2: kind: expected one of first_kind, other");
        check(
            "password = \"a\"\n[inner]\nis_on = true\nratio = \"s3cr3t\"",
            "line 4: inner.ratio: expected f64, found text",
        );
        check(
            "password = \"s3cr3t\"\npassphrase = \"s3cr3t\"",
            "line 2: unknown key passphrase; expected one of password, port, secrets, kind, inner",
        );
    }

    #[test]
    fn text_that_is_no_toml_is_not_shown() {
        for text in [
            "password = s3cr3t",
            "password \"s3cr3t\"",
            "password = \"s3cr3t",
            "password = \"s3cr3t\" # a \"s3cr3t\"\npassword = \"s3cr3t\"",
            "password = \"s3cr3t\"s3cr3t",
            "password = \"\\s3cr3t\"",
            "password.s3cr3t = 1\npassword = \"s3cr3t\"",
            "[password]\n\"s3cr3t\"",
        ] {
            let said = read::<Settings>(text).unwrap_err().to_string();
            assert!(said.starts_with("line ") && !said.contains("s3cr3t"), "{text}: {said}");
        }
    }
}
