//! `GET|DELETE /lab/v1/inbox`: the messages of distribution, which the sandbox keeps instead of sending.

use crate::Lab;
use axum::extract::State;
use http::StatusCode;
use kassa_engine::Links;
use kassa_http::{ApiError, Caller, Json};
use kassa_store::Message;
use kassa_wire::lab::{Inbox, InboxMessage};
use kassa_wire::time::format_ms;

pub(super) async fn read(State(lab): State<Lab>, caller: Caller) -> Result<Json<Inbox>, ApiError> {
    let messages = lab.controls.messages(&caller.merchant.id).await?;
    let messages = messages.into_iter().map(|message| inbox_message(&lab, message)).collect();
    Ok(Json(StatusCode::OK, Inbox { messages }))
}

pub(super) async fn clear(State(lab): State<Lab>, caller: Caller) -> Result<StatusCode, ApiError> {
    lab.controls.clear_messages(&caller.merchant.id, &caller.actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn inbox_message(lab: &Lab, message: Message) -> InboxMessage {
    InboxMessage {
        message_id: message.id,
        session_id: message.page_session_id.as_str().to_string(),
        method: message.channel,
        recipient: message.recipient,
        subject: message.subject,
        body: message.body,
        qr_code_url: Links::qr_code_url(&lab.links.page_url(&message.page_session_id)),
        qr_code_content: lab.links.page_url(&message.page_session_id),
        link: message.link,
        created_at: format_ms(message.created_at.as_ms()),
    }
}
