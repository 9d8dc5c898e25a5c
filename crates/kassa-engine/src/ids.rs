//! New ids and secrets. Ids are ordered by time, so that new rows are stored beside each other.

use kassa_domain::{AuthorizationToken, EventId, OrderId, PageSessionId, PaymentSessionId, Timestamp};
use uuid::Builder;

use crate::random::Random;

/// The letters of a `klarna_reference`: upper-case alphanumerics (docs/wire.md#read-a-page-session), without those that
/// are misread.
const REFERENCE_LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A new UUID of version 7: 48 bits of time, 74 random bits.
pub fn new_uuid(random: &dyn Random, at: Timestamp) -> String {
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    let ms = u64::try_from(at.as_ms()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(ms, &bytes).into_uuid().to_string()
}

/// The first id of an instant: ids from this instant on are not smaller, and earlier ids are.
pub fn first_uuid_of(at: Timestamp) -> String {
    let ms = u64::try_from(at.as_ms()).unwrap_or(0) & 0xffff_ffff_ffff;
    format!("{:08x}-{:04x}", ms >> 16, ms & 0xffff)
}

/// A new id of a page session.
pub fn new_page_session_id(random: &dyn Random, at: Timestamp) -> PageSessionId {
    PageSessionId::new(new_uuid(random, at))
}

/// A new id of a payment session.
pub fn new_payment_session_id(random: &dyn Random, at: Timestamp) -> PaymentSessionId {
    PaymentSessionId::new(new_uuid(random, at))
}

/// A new id of an event.
pub fn new_event_id(random: &dyn Random, at: Timestamp) -> EventId {
    EventId::new(new_uuid(random, at))
}

/// A new authorization token.
pub fn new_authorization_token(random: &dyn Random, at: Timestamp) -> AuthorizationToken {
    AuthorizationToken::new(new_uuid(random, at))
}

/// A new id of an order.
pub fn new_order_id(random: &dyn Random, at: Timestamp) -> OrderId {
    OrderId::new(new_uuid(random, at))
}

/// A new `klarna_reference`: eight letters and digits.
pub fn new_klarna_reference(random: &dyn Random) -> String {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(REFERENCE_LETTERS[usize::from(byte % 32)])).collect()
}

/// A new secret of `N` bytes.
pub fn new_secret<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// Sixteen random bytes in hexadecimal.
pub fn new_nonce(random: &dyn Random) -> String {
    base16ct::lower::encode_string(&new_secret::<16>(random))
}
