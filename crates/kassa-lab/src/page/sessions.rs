//! The merchant's sessions, newest first, and beside them the selected one.

use askama::Template;
use axum::extract::State;
use kassa_http::ApiError;
use kassa_wire::kassa::SessionEntry;
use kassa_wire::time::Instant;

use super::page_request::{PageKind, PageRequest};
use kassa_developer_page::{mood_of, time_of_day};

#[derive(Template)]
#[template(path = "lab/sessions.html")]
struct Sessions<'a> {
    page_request: &'a PageRequest,
    listed: Vec<SessionEntry>,
    /// The address of the next page of the list.
    older_href: Option<String>,
    /// The time of the merchant's clock.
    now: Instant,
    picked: Option<&'a str>,
    /// HTML of another template, which has escaped it.
    story: Option<String>,
    has_demo: bool,
}

impl Sessions<'_> {
    fn is_expired(&self, session: &SessionEntry) -> bool {
        session.expires_at <= self.now
    }

    fn is_selected(&self, session: &SessionEntry) -> bool {
        self.picked == Some(session.session_id.as_str())
    }
}

/// Returns the end of an id. Time-ordered ids differ at the end.
pub(super) fn id_suffix(id: &str) -> &str {
    id.get(id.len().saturating_sub(8)..).unwrap_or(id)
}

pub(super) async fn render(
    page_request: &PageRequest,
    picked: Option<(&String, String)>,
) -> Result<String, ApiError> {
    let (caller, parameters) = (page_request.caller(), page_request.parameters.clone());
    let now = Instant::from_ms(caller.now.as_ms());
    let list = kassa_api::sessions(State(page_request.lab.reads.clone()), caller, parameters).await?.1;
    let cursor =
        list.cursor.map(|cursor| format!("{}?cursor={cursor}", page_request.href(&PageKind::Sessions)));
    let (picked, story) = picked.map(|(id, story)| (id.as_str(), story)).unzip();
    let has_demo = page_request.lab.has_demo();
    let shown =
        Sessions { page_request, listed: list.sessions, older_href: cursor, now, picked, story, has_demo };
    Ok(shown.render()?)
}
