//! The inbox: the messages that the sandbox keeps instead of sending, newest first, each with its link and QR code.

use askama::Template;
use axum::extract::State;
use kassa_http::ApiError;
use kassa_wire::lab::InboxMessage;

use super::actions::ActionResult;
use super::page_request::PageRequest;
use crate::inbox;
use kassa_developer_page::time_of_day;

#[derive(Template)]
#[template(path = "lab/inbox.html")]
struct Messages<'a> {
    page_request: &'a PageRequest,
    messages: Vec<InboxMessage>,
}

pub(super) async fn render(page_request: &PageRequest) -> Result<String, ApiError> {
    let mut messages = inbox::read(State(page_request.lab.clone()), page_request.caller()).await?.1.messages;
    messages.reverse();
    Ok(Messages { page_request, messages }.render()?)
}

pub(super) async fn clear(page_request: &PageRequest) -> Result<ActionResult, ApiError> {
    inbox::clear(State(page_request.lab.clone()), page_request.caller()).await?;
    ActionResult::done("The inbox is empty.")
}
