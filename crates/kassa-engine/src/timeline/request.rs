//! The entry of a finished request, or of equal reads.

use kassa_domain::Actor;
use kassa_store::RecordedRequest;
use kassa_wire::kassa::TimelineRequest;
use kassa_wire::time::Instant;

use super::entries::{Draft, EntryKind, RequestKind};
use super::order::Placing;

/// The entry of a finished request.
pub(super) fn request(recorded: &RecordedRequest, placing: &Placing<'_>) -> Draft {
    let RecordedRequest { method, route, .. } = recorded;
    let kind = match &recorded.actor {
        Some(Actor::Consumer | Actor::Staff) => EntryKind::Request(RequestKind::PageView),
        Some(_) | None => EntryKind::Request(RequestKind::Call),
    };
    let at =
        if is_about_order(route) { placing.not_before_order(recorded.began_at) } else { recorded.began_at };
    let draft = Draft::new(at, kind, format!("{method} {route}")).by(recorded.actor.as_ref());
    let draft = match changes_before(recorded) {
        Some(number) => draft.after(number),
        None => draft,
    };
    draft.with(|entry| entry.request = Some(particulars(recorded)))
}

fn particulars(recorded: &RecordedRequest) -> TimelineRequest {
    TimelineRequest {
        method: recorded.method.clone(),
        route: recorded.route.clone(),
        status: recorded.answer_status,
        duration_ms: recorded.duration_ms,
        correlation_id: recorded.correlation_id.clone(),
        count: recorded.times,
        last_at: Instant::from_ms(recorded.last_at.as_ms()),
        error_code: recorded.error_code.clone(),
        error_message: recorded.error_message.clone(),
    }
}

/// The place of a request among entries of the same instant. The two creations cause the first entries; another request
/// follows the change that it saw, and comes before the next one, which it may have caused.
fn changes_before(recorded: &RecordedRequest) -> Option<i64> {
    match (recorded.method.as_str(), recorded.route.as_str()) {
        ("POST", "/payments/v1/sessions") => Some(-4),
        ("POST", "/hpp/v1/sessions") => Some(-2),
        _ => recorded.version,
    }
}

/// Whether a route is about an authorization or an order, and not about the page.
fn is_about_order(route: &str) -> bool {
    ["/ordermanagement/", "/payments/v1/authorizations/"].iter().any(|prefix| route.starts_with(prefix))
}
