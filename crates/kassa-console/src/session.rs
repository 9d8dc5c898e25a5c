//! One page session: its facts, its timeline, and what an operator may do for it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::header::ACCEPT;
use http::{HeaderMap, StatusCode};
use kassa_developer_page::{TimelineEntry, status_class, time_of_day, timeline};
use kassa_domain::PageSessionId;
use kassa_domain::callback::CallbackState;
use kassa_domain::lifecycle::{Event, Transition, transition};
use kassa_domain::operation::{OperationKind, OperationState};
use kassa_domain::page_session::PageSession;
use kassa_http::{ApiError, Caller};
use kassa_store::{FoundSession, OperationRow, SearchFilter, SearchTerm};
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::History;

use crate::access::Access;
use crate::frame::{Content, Outcome, Permissions, Place, answer};
use crate::sessions::{amount_of, readable};
use crate::{Console, live};

#[derive(Template)]
#[template(path = "console/session.html")]
struct SessionPage<'a> {
    session: &'a PageSession,
    facts: Vec<(&'static str, String)>,
    is_expired: bool,
    page_href: String,
    timeline: Vec<TimelineEntry>,
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
    let path = Path(session.id.as_str().to_string());
    let history = kassa_api::history(State(console.reads.clone()), caller.clone(), path).await?.1;
    let operations = console.reads.operations(&session.id).await?;
    let is_expired = session.is_expired(caller.now);
    let is_open = !is_expired && !session.status.is_final();
    let page = SessionPage {
        facts: facts(console, &session, &caller).await?,
        is_expired,
        page_href: console.links.page_url(&session.id),
        timeline: timeline(&history),
        permissions: Permissions::of(access),
        can_disable: is_open && transition(session.status, Event::MerchantDisabled) != Transition::Refused,
        can_be_sent: is_open,
        can_redeliver: has_given_up(&history),
        stuck: operations.into_iter().find_map(stuck),
        session: &session,
    };
    Ok(page.render()?)
}

fn has_given_up(history: &History) -> bool {
    let of_events = history.events.iter().filter_map(|event| event.callback.as_deref());
    let of_payments = history.payments_callbacks.iter().map(|callback| callback.callback.as_str());
    of_events.chain(of_payments).any(|state| state == CallbackState::GivenUp.as_str())
}

fn stuck(operation: OperationRow) -> Option<Stuck> {
    let is_stuck = operation.state == OperationState::Stuck;
    let last_outcome = operation.last_outcome.unwrap_or_default();
    is_stuck.then_some(Stuck { kind: operation.kind, last_outcome })
}

/// The facts about a page session: label and value.
async fn facts(
    console: &Console,
    session: &PageSession,
    caller: &Caller,
) -> Result<Vec<(&'static str, String)>, ApiError> {
    let mut facts = vec![
        ("Merchant", format!("{} ({})", caller.merchant.name, caller.merchant.id)),
        ("Created", format!("{} UTC", readable(session.created_at))),
        ("Expires", format!("{} UTC", readable(session.expires_at))),
        ("Payment session", session.payment_session_id.to_string()),
    ];
    if let Some(found) = listed(console, session).await? {
        let amount = amount_of(found.amount, found.currency.as_deref());
        let order_id = found.order.as_ref().map(|order| order.order_id.to_string()).unwrap_or_default();
        let reference = found.order.map(|order| order.klarna_reference).unwrap_or_default();
        let known = [
            ("Amount", amount),
            ("Merchant reference", found.merchant_reference.unwrap_or_default()),
            ("Order", order_id),
            ("Short order reference", reference),
        ];
        facts.extend(known.into_iter().filter(|(_, value)| !value.is_empty()));
    }
    Ok(facts)
}

/// The page session as the list shows it.
async fn listed(console: &Console, session: &PageSession) -> Result<Option<FoundSession>, ApiError> {
    let term = SearchTerm::PageSession(session.id.as_str().to_string());
    let filter = SearchFilter { limit: 1, ..SearchFilter::default() };
    Ok(console.reads.search_sessions(&term, &filter).await?.sessions.into_iter().next())
}
