//! The source of an error, in a form that can be cloned and compared.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The source of an error, with a description in one line. Two are equal if their descriptions are.
#[derive(Clone, Debug)]
pub struct ErrorSource {
    what: String,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl ErrorSource {
    /// Describes a source that is no error itself.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), source: None }
    }

    /// Wraps an error, with its own message as the description.
    pub fn of(source: impl Error + Send + Sync + 'static) -> Self {
        let what = source.to_string();
        Self::by(source, what)
    }

    /// Wraps an error, with another description.
    pub fn by(source: impl Error + Send + Sync + 'static, what: impl Into<String>) -> Self {
        Self { what: what.into(), source: Some(Arc::new(source)) }
    }
}

impl PartialEq for ErrorSource {
    fn eq(&self, other: &Self) -> bool {
        self.what == other.what
    }
}

impl Eq for ErrorSource {}

impl fmt::Display for ErrorSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for ErrorSource {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrapped_error_is_the_source() {
        let error = serde_json::from_str::<u8>("x").unwrap_err();
        let text = error.to_string();
        let wrapped = ErrorSource::by(error, "the body is no number");
        assert_eq!(wrapped.to_string(), "the body is no number");
        assert_eq!(wrapped.source().unwrap().to_string(), text);
        assert!(ErrorSource::new("closed").source().is_none());
    }
}
