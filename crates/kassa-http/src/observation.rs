//! The end of a request, for those who observe it: the log and the timeline.
//!
//! The handler of a request knows which session it is about, and the layer around it knows how it ended. The handler
//! notes the session in a value of its task, and the layer reads it, so that no handler has to pass it on.

use std::cell::RefCell;

use http::{Method, StatusCode};
use kassa_domain::page_session::{PageSession, Snapshot};
use kassa_domain::payment_session::{Authorization, PaymentSession};
use kassa_domain::{Actor, MerchantId, PageSessionId, PaymentSessionId, Timestamp};

use crate::api_error::ApiError;
use crate::authentication::Caller;

tokio::task_local! {
    static FACTS: RefCell<RequestFacts>;
}

/// Observes finished requests. Every request waits for it, so it must be quick and must not block.
pub trait RequestObserver: Send + Sync {
    /// A request of an API or of the page has its answer.
    fn finished(&self, request: &FinishedRequest<'_>);
}

/// A request with its answer. It has no header, no body and no path: these may contain secrets.
pub struct FinishedRequest<'a> {
    /// The method.
    pub method: &'a Method,
    /// The pattern of the path; `none` if no route fits.
    pub route: &'a str,
    /// The HTTP status of the answer.
    pub status: StatusCode,
    /// The duration, in milliseconds.
    pub duration_ms: i64,
    /// The correlation id of the answer.
    pub correlation_id: &'a str,
    /// The reason of a refusal or a fault.
    pub error: Option<&'a ApiError>,
    /// The facts that the handler noted.
    pub facts: &'a RequestFacts,
}

/// The facts that the handler of a request noted.
#[derive(Clone, Debug, Default)]
pub struct RequestFacts {
    /// The actor, once the login was checked.
    pub actor: Option<Actor>,
    /// The instant of the request by the clock of the merchant that calls.
    pub began_at: Option<Timestamp>,
    /// The session that the request is about, once it was found.
    pub subject: Option<RequestSubject>,
}

/// The session that a request is about.
#[derive(Clone, Debug)]
pub struct RequestSubject {
    /// The id of the page session or payment session.
    pub owner_id: String,
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// The number of status changes of the page session.
    pub version: Option<i64>,
    /// When the status of the page session last changed.
    pub updated_at: Option<Timestamp>,
}

/// Runs a request, and returns what its handler noted.
pub async fn with_facts<F: Future>(request: F) -> (F::Output, RequestFacts) {
    let noting = async {
        let output = request.await;
        (output, FACTS.with(RefCell::take))
    };
    FACTS.scope(RefCell::default(), noting).await
}

/// Notes the merchant that calls.
pub(crate) fn note_caller(caller: &Caller) {
    note(|facts| {
        facts.actor = Some(caller.actor.clone());
        facts.began_at = Some(caller.now);
    });
}

/// Notes an actor without a clock of its own: an operator, or the consumer on the page.
pub fn note_actor(actor: Actor) {
    note(|facts| facts.actor = Some(actor));
}

/// Notes that the request is about this page session.
pub fn note_page_session(session: &PageSession) {
    let PageSession { id, merchant_id, version, updated_at, .. } = session;
    note_subject(id.as_str(), merchant_id, Some((*version, *updated_at)));
}

/// Notes that the request is about the page session with this id, which is a row of the database.
pub fn note_page_session_id(id: &PageSessionId, merchant_id: &MerchantId) {
    note_subject(id.as_str(), merchant_id, None);
}

/// Notes that the request is about the page session of this snapshot.
pub fn note_snapshot(session: &Snapshot) {
    let Snapshot { id, merchant_id, version, updated_at, .. } = session;
    note_subject(id.as_str(), merchant_id, Some((*version, *updated_at)));
}

/// Notes that the request is about this payment session.
pub fn note_payment_session(session: &PaymentSession) {
    note_payment_session_id(&session.id, &session.merchant_id);
}

/// Notes that the request is about the payment session of this authorization.
pub fn note_authorization(authorization: &Authorization) {
    note_payment_session_id(&authorization.payment_session_id, &authorization.merchant_id);
}

/// Notes that the request is about the payment session with this id, which is a row of the database.
pub fn note_payment_session_id(id: &PaymentSessionId, merchant_id: &MerchantId) {
    note_subject(id.as_str(), merchant_id, None);
}

fn note_subject(owner_id: &str, merchant_id: &MerchantId, seen: Option<(i64, Timestamp)>) {
    let (version, updated_at) = seen.unzip();
    note(|facts| {
        facts.subject = Some(RequestSubject {
            owner_id: owner_id.to_string(),
            merchant_id: merchant_id.clone(),
            version,
            updated_at,
        });
    });
}

/// Does nothing outside of a request, such as in the lab's page, which calls handlers itself.
fn note(change: impl FnOnce(&mut RequestFacts)) {
    let _ = FACTS.try_with(|facts| change(&mut facts.borrow_mut()));
}
