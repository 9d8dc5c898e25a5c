//! The messages that would have been sent, newest first, each with its link and the image of it.

use askama::Template;
use axum::extract::State;
use kassa_wire::lab::InboxMessage;

use super::acts::Told;
use super::visit::Visit;
use crate::api_error::ApiError;
use crate::developer_page::time_of_day;
use crate::lab::inbox;

#[derive(Template)]
#[template(path = "lab/inbox.html")]
struct Messages<'a> {
    visit: &'a Visit,
    messages: Vec<InboxMessage>,
}

pub(super) async fn written(visit: &Visit) -> Result<String, ApiError> {
    let mut messages = inbox::read(State(visit.app.clone()), visit.caller()).await?.1.messages;
    messages.reverse();
    Ok(Messages { visit, messages }.render()?)
}

pub(super) async fn clear(visit: &Visit) -> Result<Told, ApiError> {
    inbox::clear(State(visit.app.clone()), visit.caller()).await?;
    Told::done("The inbox is empty.")
}
