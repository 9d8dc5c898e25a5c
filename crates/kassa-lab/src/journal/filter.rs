//! The filter of a journal read.

use http::Method;
use kassa_domain::PageSessionId;

use super::Entry;
use kassa_http::{ApiError, Parameters};

/// Default number of entries in one answer.
const DEFAULT_LIMIT: i64 = 100;

/// Maximum number of entries in one answer.
const MAX_LIMIT: i64 = 1000;

/// The filter of a journal read. A missing field matches all entries.
#[derive(Clone, Debug, Default)]
pub(crate) struct EntryFilter {
    kind: Option<&'static str>,
    method: Option<Method>,
    path: Option<String>,
    status: Option<u16>,
    page_session_id: Option<PageSessionId>,
    pub(super) after: u64,
    pub(super) limit: usize,
}

impl EntryFilter {
    pub(crate) fn read(parameters: &Parameters) -> Result<Self, ApiError> {
        let kind =
            parameters.parsed("kind", |text| ["call", "callback"].into_iter().find(|kind| *kind == text))?;
        let method = parameters.parsed("method", |text| text.to_ascii_uppercase().parse().ok())?;
        let limit = parameters.number("limit", 1..=MAX_LIMIT)?.unwrap_or(DEFAULT_LIMIT);
        Ok(Self {
            kind,
            method,
            path: parameters.one("path")?.map(str::to_string),
            status: parameters.parsed("status", |text| text.parse().ok())?,
            page_session_id: parameters.one("session")?.map(PageSessionId::new),
            after: parameters.parsed("after", |text| text.parse().ok())?.unwrap_or(0),
            limit: usize::try_from(limit).unwrap_or(1),
        })
    }

    #[cfg(test)]
    pub(super) fn unfiltered(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    pub(super) fn includes(&self, entry: &Entry) -> bool {
        let status = || entry.answer.as_ref().map(|(status, _)| *status);
        entry.number > self.after
            && self.kind.is_none_or(|kind| kind == entry.subject.kind())
            && self.method.as_ref().is_none_or(|method| *method == entry.method)
            && self.path.as_ref().is_none_or(|pattern| is_path_of(pattern, &entry.path))
            && self.status.is_none_or(|expected| status() == Some(expected))
            && self.page_session_id.as_ref().is_none_or(|id| entry.page_session_id.as_ref() == Some(id))
    }
}

/// Returns whether a path matches the pattern: by prefix if the pattern ends in `*`, or else exactly without its query.
pub(crate) fn is_path_of(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => path.starts_with(beginning),
        None => path.split('?').next() == Some(pattern),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_exactly_or_by_prefix() {
        assert!(is_path_of("/hpp/v1/sessions", "/hpp/v1/sessions"));
        assert!(is_path_of("/hpp/v1/sessions", "/hpp/v1/sessions?limit=1"));
        assert!(!is_path_of("/hpp/v1/sessions", "/hpp/v1/sessions/1"));
        assert!(is_path_of("/hpp/v1/sessions/*", "/hpp/v1/sessions/1"));
        assert!(!is_path_of("/hpp/v1/sessions/*", "/hpp/v1/sessions"));
    }
}
