//! Which entries a reader wants.

use http::Method;
use kassa_domain::PageSessionId;

use super::Entry;
use crate::api_error::ApiError;
use crate::parameters::Parameters;

/// Entries of one answer where the caller names no limit.
const USUAL_LIMIT: i64 = 100;

/// Entries of one answer at most.
const LARGEST_LIMIT: i64 = 1000;

/// Which entries are wanted; what is not named matches all.
#[derive(Clone, Debug, Default)]
pub(in crate::lab) struct Wanted {
    kind: Option<&'static str>,
    method: Option<Method>,
    path: Option<String>,
    status: Option<u16>,
    page_session_id: Option<PageSessionId>,
    after: u64,
    pub(super) limit: usize,
}

impl Wanted {
    pub(in crate::lab) fn read(parameters: &Parameters) -> Result<Self, ApiError> {
        let kind =
            parameters.parsed("kind", |text| ["call", "callback"].into_iter().find(|kind| *kind == text))?;
        let method = parameters.parsed("method", |text| text.to_ascii_uppercase().parse().ok())?;
        let limit = parameters.number("limit", 1..=LARGEST_LIMIT)?.unwrap_or(USUAL_LIMIT);
        Ok(Self {
            kind,
            method,
            path: parameters.text("path").map(str::to_string),
            status: parameters.parsed("status", |text| text.parse().ok())?,
            page_session_id: parameters.text("session").map(PageSessionId::new),
            after: parameters.parsed("after", |text| text.parse().ok())?.unwrap_or(0),
            limit: usize::try_from(limit).unwrap_or(1),
        })
    }

    #[cfg(test)]
    pub(super) fn everything(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    pub(super) fn includes(&self, entry: &Entry) -> bool {
        let status = || entry.answer.as_ref().map(|(status, _)| *status);
        entry.number > self.after
            && self.kind.is_none_or(|kind| kind == entry.subject.kind())
            && self.method.as_ref().is_none_or(|method| *method == entry.method)
            && self.path.as_ref().is_none_or(|pattern| is_path_of(pattern, &entry.path))
            && self.status.is_none_or(|wanted| status() == Some(wanted))
            && self.page_session_id.as_ref().is_none_or(|id| entry.page_session_id.as_ref() == Some(id))
    }
}

/// Whether a path, its query left out, is this one, or begins as it does up to a `*` at its end.
pub(in crate::lab) fn is_path_of(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => path.starts_with(beginning),
        None => path.split('?').next() == Some(pattern),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_exact_or_up_to_a_star() {
        assert!(is_path_of("/hpp/v1/sessions", "/hpp/v1/sessions"));
        assert!(is_path_of("/hpp/v1/sessions", "/hpp/v1/sessions?limit=1"));
        assert!(!is_path_of("/hpp/v1/sessions", "/hpp/v1/sessions/1"));
        assert!(is_path_of("/hpp/v1/sessions/*", "/hpp/v1/sessions/1"));
        assert!(!is_path_of("/hpp/v1/sessions/*", "/hpp/v1/sessions"));
    }
}
