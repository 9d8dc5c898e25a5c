//! The inbox: the messages that the sandbox keeps instead of sending, newest first, each with its link and QR code.

use askama::Template;
use axum::extract::State;
use kassa_http::ApiError;
use kassa_wire::lab::InboxMessage;

use super::acts::ActionResult;
use super::visit::Visit;
use crate::inbox;
use kassa_developer_page::time_of_day;

#[derive(Template)]
#[template(path = "lab/inbox.html")]
struct Messages<'a> {
    visit: &'a Visit,
    messages: Vec<InboxMessage>,
}

pub(super) async fn render(visit: &Visit) -> Result<String, ApiError> {
    let mut messages = inbox::read(State(visit.lab.clone()), visit.caller()).await?.1.messages;
    messages.reverse();
    Ok(Messages { visit, messages }.render()?)
}

pub(super) async fn clear(visit: &Visit) -> Result<ActionResult, ApiError> {
    inbox::clear(State(visit.lab.clone()), visit.caller()).await?;
    ActionResult::done("The inbox is empty.")
}
