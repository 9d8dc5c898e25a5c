//! The page session in the wire format, for reads and callbacks.

use kassa_domain::page_session::Snapshot;
use kassa_wire::hpp::SessionRead;
use kassa_wire::time::format_ms;

/// Returns the session as a read shows it and as a callback contains it (docs/wire.md#read-a-page-session).
#[must_use]
pub fn session_read(session: &Snapshot) -> SessionRead {
    SessionRead {
        session_id: session.id.as_str().to_string(),
        status: session.status.as_str().to_string(),
        authorization_token: session.authorization_token.as_ref().map(|token| token.as_str().to_string()),
        order_id: session.order.as_ref().map(|order| order.order_id.as_str().to_string()),
        klarna_reference: session.order.as_ref().map(|order| order.klarna_reference.clone()),
        updated_at: format_ms(session.updated_at.as_ms()),
        expires_at: format_ms(session.expires_at.as_ms()),
    }
}
