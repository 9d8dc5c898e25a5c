//! The conditions of a read: the versions that the reader has (`If-None-Match`), and its waiting time
//! (`Prefer: wait=N`).

use http::header::IF_NONE_MATCH;
use http::{HeaderMap, HeaderName, HeaderValue};
use kassa_domain::page_session::Snapshot;
use kassa_engine::LONGEST_WAIT_S;

/// RFC 7240, section 2.
const PREFER: HeaderName = HeaderName::from_static("prefer");

/// RFC 7240, section 3.
pub(super) const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The entity tag of a session, without quotes. It changes with everything that a read shows: the version, and the
/// short reference of an order, which may become known without a new version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EntityTag(String);

impl EntityTag {
    pub(super) fn of(session: &Snapshot) -> Self {
        let version = session.version;
        let lacks_reference = session.order.as_ref().is_some_and(|order| order.klarna_reference.is_empty());
        Self(if lacks_reference { format!("{version}-without-reference") } else { version.to_string() })
    }

    pub(super) fn to_header(&self) -> HeaderValue {
        HeaderValue::from_str(&format!("\"{}\"", self.0)).expect("digits and letters can be in a header")
    }

    /// Reads a tag of `If-None-Match`. The comparison is weak, so `W/` is ignored.
    fn read(tag: &str) -> Option<Self> {
        let opaque = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
        Some(Self(opaque.to_string()))
    }
}

/// The versions that a reader has (RFC 9110, section 13.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KnownVersions {
    /// The reader named none, so it gets the session.
    Nothing,
    /// `*`: the reader has some version.
    Any,
    /// The reader has these. A tag that is not ours matches nothing.
    Versions(Vec<EntityTag>),
}

impl KnownVersions {
    /// Reads all `If-None-Match` headers.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let tags: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
        if tags.is_empty() {
            return Self::Nothing;
        }
        if tags.contains(&"*") {
            return Self::Any;
        }
        Self::Versions(tags.into_iter().filter_map(EntityTag::read).collect())
    }

    /// Whether the reader has the session as it is.
    pub(super) fn include(&self, session: &Snapshot) -> bool {
        match self {
            Self::Nothing => false,
            Self::Any => true,
            Self::Versions(versions) => versions.contains(&EntityTag::of(session)),
        }
    }
}

/// The waiting time in seconds, up to our limit. The first value counts (RFC 7240, section 2).
pub(super) fn preferred_wait_s(headers: &HeaderMap) -> Option<i64> {
    let lines = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
    let wait = lines.flat_map(|line| line.split(',')).find_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().trim_matches('"').to_string())
    })?;
    let is_number = !wait.is_empty() && wait.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| wait.parse().unwrap_or(LONGEST_WAIT_S).min(LONGEST_WAIT_S))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn tags_are_read_in_every_form() {
        let check = |values: &[&'static str], expected| {
            assert_eq!(KnownVersions::of(&headers("if-none-match", values)), expected, "{values:?}");
        };
        let versions = |tags: &[&str]| {
            KnownVersions::Versions(tags.iter().map(|tag| EntityTag((*tag).to_string())).collect())
        };
        check(&[], KnownVersions::Nothing);
        check(&["\"3\""], versions(&["3"]));
        check(&["W/\"3\""], versions(&["3"]));
        check(&["\"x\", \"3\" ,W/\"4\""], versions(&["x", "3", "4"]));
        check(&["\"3\"", "\"5\""], versions(&["3", "5"]));
        check(&["*"], KnownVersions::Any);
        check(&["3"], versions(&[]));
    }

    #[test]
    fn a_preference_to_wait_is_read_within_its_bound() {
        let check = |values: &[&'static str], expected| {
            assert_eq!(preferred_wait_s(&headers("prefer", values)), expected, "{values:?}");
        };
        check(&[], None);
        check(&["wait=10"], Some(10));
        check(&["respond-async, WAIT = \"7\"; x=y"], Some(7));
        check(&["return=minimal", "wait=3"], Some(3));
        check(&["wait=3, wait=9"], Some(3));
        check(&["wait=100000000000000000000"], Some(LONGEST_WAIT_S));
        check(&["wait=-1"], None);
        check(&["wait=soon"], None);
        check(&["wait"], None);
    }
}
