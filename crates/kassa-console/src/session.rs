//! One page session: its facts, its timeline, and what an operator may do for it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::header::ACCEPT;
use http::{HeaderMap, StatusCode};
use kassa_developer_page::{EntryView, status_class, time_of_day, timeline};
use kassa_domain::PageSessionId;
use kassa_domain::callback::CallbackState;
use kassa_domain::lifecycle::{Event, Transition, transition};
use kassa_domain::operation::{OperationKind, OperationState};
use kassa_domain::page_session::PageSession;
use kassa_engine::HistoryRows;
use kassa_http::{ApiError, Caller};
use kassa_openapi::read_again;
use kassa_store::OperationRow;
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::TimelineHead;

use crate::access::Access;
use crate::frame::{Content, Outcome, Permissions, Place, answer};
use crate::sessions::readable;
use crate::{Console, live};

#[derive(Template)]
#[template(path = "console/session.html")]
struct SessionPage<'a> {
    session: &'a PageSession,
    facts: Vec<(&'static str, String)>,
    is_expired: bool,
    page_href: String,
    timeline: Vec<EntryView>,
    permissions: Permissions,
    can_disable: bool,
    can_be_sent: bool,
    /// Whether there is a callback that Kassa gave up on.
    can_redeliver: bool,
    stuck: Option<Stuck>,
}

/// A stuck payment operation, which an operator settles.
struct Stuck {
    kind: OperationKind,
    last_outcome: String,
}

/// The page session of the address, and its merchant as the caller of the API.
pub(crate) struct Shown {
    pub(crate) session: PageSession,
    pub(crate) caller: Caller,
}

impl Shown {
    pub(crate) async fn find(console: &Console, access: &Access, id: &str) -> Result<Self, ApiError> {
        let found = console.reads.page_session(&PageSessionId::new(id)).await?;
        let missing = || {
            let message = "There is no such page session. It may have been deleted after its retention time";
            ApiError::refused(ErrorCode::NotFound, message)
        };
        let session = found.ok_or_else(missing)?;
        let merchant = console.accounts.merchant(&session.merchant_id).await?.ok_or_else(missing)?;
        let now = console.clock.now(&merchant.id);
        Ok(Self { session, caller: Caller { merchant, actor: access.actor(), now } })
    }
}

/// Shows a page session. If `Accept` asks for server-sent events, it sends the page's changes instead.
pub(crate) async fn show(
    State(console): State<Console>,
    access: Access,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if headers.get(ACCEPT).is_some_and(|accept| accept == "text/event-stream") {
        let shown = Shown::find(&console, &access, &id).await?;
        return Ok(live::live(console, access, shown.session).into_response());
    }
    respond(&console, &access, &id, StatusCode::OK, None).await
}

pub(crate) async fn respond(
    console: &Console,
    access: &Access,
    id: &str,
    status: StatusCode,
    outcome: Option<Outcome>,
) -> Result<Response, ApiError> {
    let body = render(console, access, id).await?;
    let title = format!("Session {id}");
    let live = Some(format!("/console/sessions/{id}"));
    let content = Content { place: Place::Sessions, title, live, body };
    answer(console, access, status, outcome, &content)
}

/// Renders the content of the page. It changes only when something has happened.
pub(crate) async fn render(console: &Console, access: &Access, id: &str) -> Result<String, ApiError> {
    let Shown { session, caller } = Shown::find(console, access, id).await?;
    let history = console.timelines.history(&session).await?;
    let is_expired = session.is_expired(caller.now);
    let is_open = !is_expired && !session.status.is_final();
    let timeline = timeline(&history.timeline, |request| {
        read_again(request, console.links.base_url(), id, &history.head)
    });
    let page = SessionPage {
        facts: facts(&session, &caller, history.head),

        is_expired,
        page_href: console.links.page_url(&session.id),
        timeline,
        permissions: Permissions::of(access),
        can_disable: is_open && transition(session.status, Event::MerchantDisabled) != Transition::Refused,
        can_be_sent: is_open,
        can_redeliver: has_given_up(&history.rows),
        stuck: history.rows.operations.into_iter().find_map(stuck),
        session: &session,
    };
    Ok(page.render()?)
}

fn has_given_up(rows: &HistoryRows) -> bool {
    let of_events = rows.events.iter().filter_map(|event| event.callback_state);
    let of_payments = rows.payments_callbacks.iter().map(|callback| callback.state);
    of_events.chain(of_payments).any(|state| state == CallbackState::GivenUp)
}

fn stuck(operation: OperationRow) -> Option<Stuck> {
    let is_stuck = operation.state == OperationState::Stuck;
    let last_outcome = operation.last_outcome.unwrap_or_default();
    is_stuck.then_some(Stuck { kind: operation.kind, last_outcome })
}

/// The facts about a page session: label and value.
fn facts(session: &PageSession, caller: &Caller, head: TimelineHead) -> Vec<(&'static str, String)> {
    let known = [
        ("Merchant reference", head.merchant_reference1),
        ("Second reference", head.merchant_reference2),
        ("Order", head.order_id),
        ("Short order reference", head.klarna_reference),
    ];
    let mut facts = vec![
        ("Merchant", format!("{} ({})", caller.merchant.name, caller.merchant.id)),
        ("Amount", head.amount.unwrap_or_else(|| "unknown".to_string())),
        ("Created", format!("{} UTC", readable(session.created_at))),
        ("Expires", format!("{} UTC", readable(session.expires_at))),
        ("Payment session", session.payment_session_id.to_string()),
    ];
    facts.extend(known.into_iter().filter_map(|(label, value)| Some((label, value?))));
    facts
}
