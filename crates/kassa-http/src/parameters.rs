//! The query of a call, or the form that it sends. The error names a parameter that cannot be read. Unknown parameters
//! are ignored.

use std::convert::Infallible;
use std::fmt;
use std::ops::RangeInclusive;

use axum::extract::FromRequestParts;
use http::request::Parts;
use kassa_domain::Timestamp;
use kassa_wire::time::parse_ms;
use url::form_urlencoded;

use crate::api_error::ApiError;

/// The parameters after the `?`, or in the body of a form. An empty value counts as absent.
#[derive(Clone)]
pub struct Parameters(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self::of(query.as_bytes()))
    }
}

impl fmt::Display for Parameters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.0);
        formatter.write_str(&query.finish())
    }
}

impl Parameters {
    /// Reads the body of a form.
    #[must_use]
    pub fn of(form: &[u8]) -> Self {
        Self(form_urlencoded::parse(form).into_owned().collect())
    }

    /// The first value of a parameter.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(given, _)| given == name)?;
        Some(found.1.as_str()).filter(|value| !value.is_empty())
    }

    /// The only value of a parameter. If it is given twice, the caller expects both values to count, so it is refused.
    pub fn one(&self, name: &str) -> Result<Option<&str>, ApiError> {
        match self.0.iter().filter(|(given, _)| given == name).count() {
            0 | 1 => Ok(self.text(name)),
            _ => Err(ApiError::bad_values_by_rule([name], &format!("Give {name} once"))),
        }
    }

    /// Reads a parameter with the parser of its type.
    pub fn parsed<T>(&self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, ApiError> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        parse(text).map(Some).ok_or_else(|| ApiError::bad_values([name]))
    }

    /// A whole number; one beyond the range counts as its end.
    pub fn number(&self, name: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, ApiError> {
        let number = self.parsed(name, |text| text.parse().ok().filter(|number| number >= range.start()))?;
        Ok(number.map(|number: i64| number.min(*range.end())))
    }

    /// An instant in ISO 8601.
    pub fn instant(&self, name: &str) -> Result<Option<Timestamp>, ApiError> {
        self.parsed(name, |text| parse_ms(text).map(Timestamp::from_ms))
    }
}
