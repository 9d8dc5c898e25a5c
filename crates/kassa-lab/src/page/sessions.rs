//! The merchant's sessions, newest first, and beside them the selected one.

use askama::Template;
use axum::extract::State;
use kassa_http::ApiError;
use kassa_wire::kassa::ListedSession;
use kassa_wire::time::format_ms;

use super::page_request::{PageRequest, Place};
use kassa_developer_page::{status_class, time_of_day};

#[derive(Template)]
#[template(path = "lab/sessions.html")]
struct Sessions<'a> {
    page_request: &'a PageRequest,
    listed: Vec<ListedSession>,
    /// The address of the next page of the list.
    older_href: Option<String>,
    /// The time of the merchant's clock, in the wire's format.
    now: String,
    picked: Option<&'a str>,
    /// HTML of another template, which has escaped it.
    story: Option<String>,
    has_demo: bool,
}

impl Sessions<'_> {
    fn is_expired(&self, session: &ListedSession) -> bool {
        // Instants of the wire sort as text.
        session.expires_at <= self.now
    }

    fn is_selected(&self, session: &ListedSession) -> bool {
        self.picked == Some(session.session_id.as_str())
    }
}

/// Returns the end of an id. Time-ordered ids differ at the end.
pub(super) fn end_of(id: &str) -> &str {
    id.get(id.len().saturating_sub(8)..).unwrap_or(id)
}

pub(super) async fn render(
    page_request: &PageRequest,
    picked: Option<(&String, String)>,
) -> Result<String, ApiError> {
    let (caller, parameters) = (page_request.caller(), page_request.parameters.clone());
    let now = format_ms(caller.now.as_ms());
    let list = kassa_api::sessions(State(page_request.lab.reads.clone()), caller, parameters).await?.1;
    let cursor = list.cursor.map(|cursor| format!("{}?cursor={cursor}", page_request.href(&Place::Sessions)));
    let (picked, story) = picked.map(|(id, story)| (id.as_str(), story)).unzip();
    let has_demo = page_request.lab.has_demo();
    let shown =
        Sessions { page_request, listed: list.sessions, older_href: cursor, now, picked, story, has_demo };
    Ok(shown.render()?)
}
