//! Header names of the wire, in lower case as HTTP/2 sends them.

/// On every answer: names the call in our log (spec 1.1).
pub const CORRELATION_ID: &str = "klarna-correlation-id";
/// On calls of Order Management and of token orders: executed once within 24 h (spec 6.2).
pub const IDEMPOTENCY_KEY: &str = "klarna-idempotency-key";
/// On the creation of a page session, beyond the vendor's wire: the same key and body get the same answer for 24 h.
pub const CREATION_KEY: &str = "idempotency-key";
/// On the answer to a new capture.
pub const CAPTURE_ID: &str = "capture-id";
/// On the answer to a new refund.
pub const REFUND_ID: &str = "refund-id";
/// On callbacks: the event's id (Standard Webhooks).
pub const WEBHOOK_ID: &str = "webhook-id";
/// On callbacks: seconds since 1970 of the attempt (Standard Webhooks).
pub const WEBHOOK_TIMESTAMP: &str = "webhook-timestamp";
/// On callbacks: `v1,<base64>`, one for each live secret (Standard Webhooks).
pub const WEBHOOK_SIGNATURE: &str = "webhook-signature";
