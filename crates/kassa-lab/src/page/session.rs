//! One session: its facts, its consumer's actions, and its timeline.

use askama::Template;
use axum::extract::{Path, State};
use kassa_domain::lifecycle::{Event, Transition, transition};
use kassa_domain::page_session::PageSession;
use kassa_engine::{ActOrigin, Engine};
use kassa_http::{ApiError, Body, CallOrigin, Parameters};
use kassa_openapi::read_again;
use kassa_wire::kassa::in_words;
use kassa_wire::time::format_ms;
use serde_json::json;

use super::actions::ActionResult;
use super::page_request::{PageKind, PageRequest};
use crate::actions;
use kassa_developer_page::{EntryView, status_class, time_of_day, timeline};

#[derive(Template)]
#[template(path = "lab/session.html")]
struct SessionDetail<'a> {
    page_request: &'a PageRequest,
    session: &'a PageSession,
    is_expired: bool,
    /// The event of Cancel in the session's channel.
    cancelling: Event,
    page_href: String,
    timeline: Vec<EntryView>,
}

impl SessionDetail<'_> {
    /// Returns the consumer's actions: name, label, and whether the lifecycle allows it now.
    fn actions(&self) -> [(&'static str, &'static str, bool); 10] {
        let acts = [
            ("enter", "Enter", Event::ConsumerEntered),
            ("approve", "Approve", Event::PaymentAuthorized),
            ("decline", "Decline", Event::PaymentDeclined),
            ("error", "Error", Event::PaymentErrored),
            ("back", "Back", Event::ConsumerWentBack),
            ("cancel", "Cancel", self.cancelling),
            ("request-id-check", "Ask for ID", Event::IdCheckRequested),
            ("pass-id-check", "ID is right", Event::IdCheckExpired),
            ("fail-id-check", "ID is wrong", Event::IdCheckExpired),
            ("time-out", "Time out", Event::ConsumerTimedOut),
        ];
        let is_possible =
            |event| !self.is_expired && transition(self.session.status, event) != Transition::Refused;
        acts.map(|(act, label, event)| (act, label, is_possible(event)))
    }

    /// Returns the facts about the session: label and value.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let session = self.session;
        let mut facts = vec![
            ("Created", format_ms(session.created_at.as_ms())),
            ("Expires", format_ms(session.expires_at.as_ms())),
            ("Payment session", session.payment_session_id.to_string()),
        ];
        facts.extend(session.order.as_ref().map(|order| ("Order", order.order_id.to_string())));
        facts
    }
}

pub(super) async fn render(page_request: &PageRequest, id: &str) -> Result<String, ApiError> {
    let caller = page_request.caller();
    let session = kassa_api::any_own_session(&page_request.lab.reads, &caller, id.to_string()).await?;
    let history = page_request.lab.timelines.history(&session).await?;
    let (_, offer) = page_request.lab.engine.hosted(&session).await?;
    let is_expired = session.is_expired(caller.now);
    let story = SessionDetail {
        page_request,
        is_expired,
        cancelling: Engine::event_of_cancel(offer.channel),
        page_href: page_request.lab.links.page_url(&session.id),
        timeline: timeline(&history.timeline, |request| {
            read_again(request, page_request.lab.links.base_url(), id, &history.head)
        }),
        session: &session,
    };
    Ok(story.render()?)
}

pub(super) async fn act(
    page_request: &PageRequest,
    act: &str,
    form: &Parameters,
) -> Result<ActionResult, ApiError> {
    let id = selected_session(page_request)?;
    let reason = form.text("reason").filter(|_| ["decline", "error"].contains(&act));
    let body = Body::of(&json!({ "reason": reason }))?;
    let read = actions::act(
        State(page_request.lab.clone()),
        page_request.caller(),
        Path((id, act.to_string())),
        body,
    )
    .await?;
    ActionResult::done(format!("{}: the session is {}.", in_words(act), read.1.status()))
}

pub(super) async fn redeliver(
    page_request: &PageRequest,
    form: &Parameters,
) -> Result<ActionResult, ApiError> {
    let event = form.text("event").unwrap_or_default().to_string();
    let read = kassa_api::redeliver_event(
        State(page_request.lab.engine.clone()),
        State(page_request.lab.reads.clone()),
        page_request.caller(),
        CallOrigin(ActOrigin::Lab),
        Path(event),
    )
    .await?
    .1
    .event;
    ActionResult::done(format!("The callback of event {} is sent again.", read.sequence))
}

fn selected_session(page_request: &PageRequest) -> Result<String, ApiError> {
    match &page_request.place {
        PageKind::Session(id) => Ok(id.clone()),
        PageKind::Sessions | PageKind::Faults | PageKind::Inbox | PageKind::Journal | PageKind::Merchants => {
            Err(ApiError::bad_values(["do"]))
        }
    }
}
