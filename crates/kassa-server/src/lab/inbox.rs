//! `GET|DELETE /lab/v1/inbox`: the messages of distribution, which the sandbox keeps instead of sending.

use axum::extract::State;
use http::StatusCode;
use kassa_store::Message;
use kassa_wire::lab::{Inbox, InboxMessage};
use kassa_wire::time::format_ms;

use crate::api_error::ApiError;
use crate::app::App;
use crate::authentication::Caller;
use crate::body::Json;

pub(super) async fn read(State(app): State<App>, caller: Caller) -> Result<Json<Inbox>, ApiError> {
    let messages = app.store.messages(&caller.merchant.id).await?;
    let messages = messages.into_iter().map(|message| inbox_message(&app, message)).collect();
    Ok(Json(StatusCode::OK, Inbox { messages }))
}

pub(super) async fn clear(State(app): State<App>, caller: Caller) -> Result<StatusCode, ApiError> {
    app.store.clear_messages(&caller.merchant.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn inbox_message(app: &App, message: Message) -> InboxMessage {
    InboxMessage {
        message_id: message.id,
        session_id: message.page_session_id.as_str().to_string(),
        method: message.channel,
        recipient: message.recipient,
        subject: message.subject,
        body: message.body,
        qr_code_url: app.qr_code_url(&message.page_session_id),
        qr_code_content: app.page_url(&message.page_session_id),
        link: message.link,
        created_at: format_ms(message.created_at.as_ms()),
    }
}
