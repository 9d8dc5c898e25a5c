//! The callback receiver: it verifies the raw bytes and headers of a callback, in any web framework.
//!
//! ```
//! use http::HeaderMap;
//! use kassa_client::Timestamp;
//! use kassa_client::receiver::{CallbackUrls, CallbackRequest, Receiver, SignatureRule, UrlSecret, VerifiedCallback};
//!
//! // Give each page session a `status_update` URL with a secret of its own:
//! let urls = CallbackUrls::new(b"32 random bytes that stay with us");
//! let status_update = urls.url("https://shop.example/callbacks", "order-1001");
//!
//! // Verify the callback:
//! let receiver = Receiver::new(UrlSecret::Derived(urls), SignatureRule::Unused)?;
//! let query = status_update.split_once('?').map_or("", |(_, query)| query).replace("{{session_id}}", "s1");
//! let body = br#"{"event_id":"e1","session":{"session_id":"s1","status":"BACK","updated_at":"2019-05-13T14:51:46.288Z"}}"#;
//! let delivery = CallbackRequest { query: &query, headers: &HeaderMap::new(), body };
//! let VerifiedCallback::Update(callback) = receiver.verify(&delivery, Timestamp::UNIX_EPOCH)? else { unreachable!() };
//! assert_eq!(callback.session.status().as_str(), "BACK");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod diagnosis;
mod refusal;
mod signature;
mod url_secret;
#[cfg(feature = "web")]
pub mod web;

use http::HeaderMap;
use jiff::Timestamp;
use kassa_wire::callback::StatusUpdate;
use kassa_wire::id::is_id;
use kassa_wire::signature::{SecretError, TOLERANCE_S};
use url::form_urlencoded;

use crate::error_source::ErrorSource;
use crate::ledger::{Ledger, LedgerError, RecordOutcome};

pub use diagnosis::Diagnosis;
pub use refusal::{CallbackRefusal, ReceiverError};
pub use signature::SignatureRule;
pub use url_secret::{CallbackUrls, UrlSecret};

/// The longest body that is read, in bytes. A callback has a few hundred bytes.
pub const LARGEST_BODY: usize = 64 * 1024;

/// One HTTP request, as received.
#[derive(Clone, Copy, Debug)]
pub struct CallbackRequest<'a> {
    /// The query of the request's URL, without its question mark.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body's bytes, before any parser.
    pub body: &'a [u8],
}

/// The content of an authentic delivery.
#[derive(Clone, Debug, PartialEq)]
pub enum VerifiedCallback {
    /// The session changed (docs/wire.md#callback-request).
    Update(Box<StatusUpdate>),
    /// The body is empty or `{}`, as in repeats of some real services (docs/wire.md#empty-callback-bodies). The session
    /// that the URL names must be read.
    Prompt {
        /// The session, from the URL's `sid`.
        session_id: String,
    },
}

/// The result of a delivery, which decides the answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The callback is durable.
    Recorded(RecordOutcome),
    /// The delivery prompts a read, and the prompt is durable.
    Prompted,
    /// The delivery is not authentic or cannot be read.
    Refused(CallbackRefusal),
    /// The callback could not be stored; the sender must repeat it.
    NotDurable(LedgerError),
}

impl Outcome {
    /// A stable code, for metrics and logs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Recorded(RecordOutcome::New) => "new",
            Self::Recorded(RecordOutcome::Duplicate) => "duplicate",
            Self::Recorded(RecordOutcome::Stale) => "stale",
            Self::Prompted => "prompted",
            Self::Refused(refusal) => refusal.code(),
            Self::NotDurable(_) => "not_durable",
        }
    }

    /// The HTTP status to answer with. Duplicates and stale changes are acknowledged, because a repeat would change
    /// nothing.
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::Recorded(_) | Self::Prompted => 204,
            Self::Refused(refusal) => refusal.http_status(),
            Self::NotDurable(_) => 503,
        }
    }
}

/// Verifies callbacks.
#[derive(Clone, Debug)]
pub struct Receiver {
    url_secret: UrlSecret,
    signature: SignatureRule,
    tolerance_s: i64,
}

impl Receiver {
    /// Creates a receiver.
    ///
    /// # Errors
    /// If it would require neither a secret in the URL nor a signature, if a secret is empty, or if a secret that signs is
    /// not base64.
    pub fn new(url_secret: UrlSecret, signature: SignatureRule) -> Result<Self, ReceiverError> {
        if !url_secret.requires_it() && !signature.requires_it() {
            return Err(ReceiverError::NoVerification);
        }
        if url_secret.has_empty_secret() {
            return Err(ReceiverError::Secret(SecretError::Empty));
        }
        signature.check_secrets().map_err(ReceiverError::Secret)?;
        Ok(Self { url_secret, signature, tolerance_s: TOLERANCE_S })
    }

    /// Sets the allowed difference between the sender's clock and ours, in seconds.
    #[must_use]
    pub const fn with_tolerance_s(mut self, tolerance_s: i64) -> Self {
        self.tolerance_s = tolerance_s;
        self
    }

    /// Checks the secret in the URL, then the signature over the received bytes, then reads the body.
    ///
    /// # Errors
    /// The precise reason for the refusal, for the merchant's developer.
    pub fn verify(
        &self,
        delivery: &CallbackRequest<'_>,
        now: Timestamp,
    ) -> Result<VerifiedCallback, CallbackRefusal> {
        if delivery.body.len() > LARGEST_BODY {
            return Err(CallbackRefusal::TooLarge);
        }
        self.url_secret.check(delivery.query)?;
        let signed_id = self.signature.check(delivery, self.tolerance_s, now)?;
        let named = parameter(delivery.query, "sid").filter(|id| is_id(id));
        if is_empty(delivery.body) {
            let session_id = named.filter(|_| self.url_secret.requires_it()).ok_or(CallbackRefusal::Empty)?;
            return Ok(VerifiedCallback::Prompt { session_id });
        }
        let callback: Box<StatusUpdate> = serde_json::from_slice(delivery.body)
            .map_err(|error| CallbackRefusal::Unreadable(ErrorSource::of(error)))?;
        if signed_id.is_some_and(|id| id != callback.event_id) {
            return Err(CallbackRefusal::OtherEvent);
        }
        if named.is_some_and(|id| id != callback.session.session_id) {
            return Err(CallbackRefusal::OtherSession);
        }
        Ok(VerifiedCallback::Update(callback))
    }

    /// Verifies a delivery and stores it. The result may be answered at once.
    pub async fn receive(
        &self,
        delivery: &CallbackRequest<'_>,
        ledger: &dyn Ledger,
        now: Timestamp,
    ) -> Outcome {
        let stored = match self.verify(delivery, now) {
            Err(refusal) => return Outcome::Refused(refusal),
            Ok(VerifiedCallback::Update(callback)) => {
                ledger.record(*callback, now).await.map(Outcome::Recorded)
            }
            Ok(VerifiedCallback::Prompt { session_id }) => {
                ledger.note_prompt(session_id, now).await.map(|()| Outcome::Prompted)
            }
        };
        stored.unwrap_or_else(Outcome::NotDurable)
    }
}

/// The first query parameter with this name, decoded.
fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn is_empty(body: &[u8]) -> bool {
    let mut bytes = body.iter().filter(|byte| !byte.is_ascii_whitespace());
    matches!((bytes.next(), bytes.next(), bytes.next()), (None, ..) | (Some(b'{'), Some(b'}'), None))
}

#[cfg(test)]
mod tests;
