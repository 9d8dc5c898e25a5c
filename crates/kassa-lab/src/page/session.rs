//! One session: its facts, its consumer's actions, and its timeline.

use askama::Template;
use axum::extract::{Path, State};
use kassa_domain::lifecycle::{Cell, Event, ask};
use kassa_domain::page_session::PageSession;
use kassa_engine::Engine;
use kassa_http::{ApiError, Body, Parameters};
use kassa_wire::time::format_ms;
use serde_json::json;

use super::acts::ActionResult;
use super::visit::{Place, Visit};
use crate::acts;
use kassa_developer_page::{TimelineEntry, in_words, status_class, time_of_day, timeline};

#[derive(Template)]
#[template(path = "lab/session.html")]
struct Story<'a> {
    visit: &'a Visit,
    session: &'a PageSession,
    is_expired: bool,
    /// The event of Cancel in the session's channel.
    cancelling: Event,
    page_href: String,
    timeline: Vec<TimelineEntry>,
}

impl Story<'_> {
    /// Returns the consumer's actions: name, label, and whether the lifecycle allows it now.
    fn acts(&self) -> [(&'static str, &'static str, bool); 6] {
        let acts = [
            ("enter", "Enter", Event::ConsumerEntered),
            ("approve", "Approve", Event::PaymentAuthorized),
            ("decline", "Decline", Event::PaymentDeclined),
            ("error", "Error", Event::PaymentErrored),
            ("back", "Back", Event::ConsumerWentBack),
            ("cancel", "Cancel", self.cancelling),
        ];
        let is_possible = |event| !self.is_expired && ask(self.session.status, event) != Cell::Refused;
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

pub(super) async fn render(visit: &Visit, id: &str) -> Result<String, ApiError> {
    let caller = visit.caller();
    let session = kassa_api::any_own_session(&visit.lab.reads, &caller, id.to_string()).await?;
    let history =
        kassa_api::history(State(visit.lab.reads.clone()), caller.clone(), Path(id.to_string())).await?.1;
    let (_, offer) = visit.lab.engine.hosted(&session).await?;
    let is_expired = session.is_expired(caller.now);
    let story = Story {
        visit,
        is_expired,
        cancelling: Engine::event_of_cancel(offer.channel),
        page_href: visit.lab.links.page_url(&session.id),
        timeline: timeline(&history),
        session: &session,
    };
    Ok(story.render()?)
}

pub(super) async fn act(visit: &Visit, act: &str, form: &Parameters) -> Result<ActionResult, ApiError> {
    let id = picked(visit)?;
    let reason = form.text("reason").filter(|_| ["decline", "error"].contains(&act));
    let body = Body::of(&json!({ "reason": reason }))?;
    let read = acts::act(State(visit.lab.clone()), visit.caller(), Path((id, act.to_string())), body).await?;
    ActionResult::done(format!("{}: the session is {}.", in_words(act), read.1.status))
}

pub(super) async fn redeliver(visit: &Visit, form: &Parameters) -> Result<ActionResult, ApiError> {
    let event = form.text("event").unwrap_or_default().to_string();
    let read = kassa_api::redeliver_event(
        State(visit.lab.engine.clone()),
        State(visit.lab.reads.clone()),
        visit.caller(),
        Path(event),
    )
    .await?
    .1
    .event;
    ActionResult::done(format!("The callback of event {} is sent again.", read.sequence))
}

fn picked(visit: &Visit) -> Result<String, ApiError> {
    match &visit.place {
        Place::Session(id) => Ok(id.clone()),
        Place::Sessions | Place::Faults | Place::Inbox | Place::Journal | Place::Merchants => {
            Err(ApiError::bad_values(["do"]))
        }
    }
}
