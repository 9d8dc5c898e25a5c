//! The status page: the counts per verdict, and the latest sessions with the reasons for their verdicts.

use crate::tracker::verdict::Verdict;
use crate::tracker::{OrderState, Overview, SessionView};

/// The style sheet of the page.
pub(super) const STYLE: &str = include_str!("status.css");

const PAGE: &str = include_str!("status.html");

/// The whole page. All text from outside is escaped.
pub(super) fn render(overview: &Overview, listens: &str, not_accepted: Option<String>) -> String {
    let counts: String = overview.tally.iter().filter(|(_, count)| *count > 0).map(count).collect();
    let rows: String = overview.sessions.iter().map(session).collect();
    let empty = if rows.is_empty() { "<p>Nothing is followed yet.</p>" } else { "" };
    let trouble = not_accepted.map(|why| {
        let waiting = overview.unacknowledged;
        format!(
            "<p class=\"trouble\">Unacknowledged changes: {waiting}. The sink did not accept the last one: {}.</p>",
            escaped(&why)
        )
    });
    let trouble = trouble.unwrap_or_default();
    // The rows come last, so that a placeholder in their text is not replaced.
    let page = PAGE.replace("{listens}", listens).replace("{empty}", empty).replace("{counts}", &counts);
    let page = page.replacen("{trouble}", &trouble, 1);
    page.replacen("{sessions}", &rows, 1)
}

fn count((verdict, count): &(Verdict, usize)) -> String {
    let word = verdict.as_str();
    format!("<li class=\"{word}\"><b>{count}</b> {}</li>\n", word.replace('_', " "))
}

fn session(view: &SessionView) -> String {
    let verdict = view.verdict.as_str();
    let status = view.status.as_ref().map_or("unknown", |status| status.as_str());
    let order = view.order.as_ref().and_then(order);
    let next = view.next_read_at.map(|at| format!("<p class=\"next\">Read next at <time>{at:.0}</time></p>"));
    format!(
        "<li class=\"session {verdict}\"><h2>{}</h2><p><code>{}</code></p>\
         <p class=\"standing\"><strong>{}</strong> <em>{}</em></p><p>{}</p>{}{}</li>\n",
        escaped(view.reference.as_deref().unwrap_or("Session")),
        escaped(&view.session_id),
        escaped(status),
        verdict.replace('_', " "),
        escaped(&view.why),
        order.unwrap_or_default(),
        next.unwrap_or_default()
    )
}

/// The paragraph about a placed order.
fn order(order: &OrderState) -> Option<String> {
    let fraud_status = order.fraud_status().map_or("", |status| status.as_str());
    let id = escaped(order.order_id()?);
    Some(format!("<p>Order <code>{id}</code> {}</p>", escaped(fraud_status)))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
