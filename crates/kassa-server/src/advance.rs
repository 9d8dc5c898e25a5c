//! The one road: read, ask the table, commit. No status changes in any other way.

use kassa_domain::lifecycle::{Cell, Event, Status, ask};
use kassa_domain::page_session::{OrderReference, PageSession, PlaceOrderMode};
use kassa_domain::payment_session::{Authorization, AuthorizationState, Gives, PaymentSession};
use kassa_domain::{PaymentSessionId, Timestamp};
use kassa_store::{Advance, Arrival, ClaimedCallback, CommittedAdvance, Note, Notice, StoredOrder};
use kassa_wire::callback::StatusUpdate;

use crate::api_error::ApiError;
use crate::app::App;
use crate::callbacks::{FirstAttempt, callback_of};
use crate::ids::new_event_id;
use crate::payment_system::Captures;
use crate::snapshot::session_read;

/// What happened, with what it brings along. Each is a row of the lifecycle table.
#[derive(Clone, Debug)]
pub(crate) enum Occurrence {
    ConsumerEntered,
    ConsumerWentBack,
    ConsumerCancelled,
    PaymentAuthorized(Box<Authorization>),
    PaymentDeclined(String),
    PaymentErrored(String),
    PaymentSessionCompleted(OrderReference),
    MerchantDisabled,
}

impl Occurrence {
    pub(crate) fn event(&self) -> Event {
        match self {
            Self::ConsumerEntered => Event::ConsumerEntered,
            Self::ConsumerWentBack => Event::ConsumerWentBack,
            Self::ConsumerCancelled => Event::ConsumerCancelled,
            Self::PaymentAuthorized(_) => Event::PaymentAuthorized,
            Self::PaymentDeclined(_) => Event::PaymentDeclined,
            Self::PaymentErrored(_) => Event::PaymentErrored,
            Self::PaymentSessionCompleted(_) => Event::PaymentSessionCompleted,
            Self::MerchantDisabled => Event::MerchantDisabled,
        }
    }

    /// The reason that the timeline shows beside the change.
    fn reason(&self) -> Option<&str> {
        match self {
            Self::PaymentDeclined(reason) | Self::PaymentErrored(reason) => Some(reason),
            Self::ConsumerEntered
            | Self::ConsumerWentBack
            | Self::ConsumerCancelled
            | Self::PaymentAuthorized(_)
            | Self::PaymentSessionCompleted(_)
            | Self::MerchantDisabled => None,
        }
    }
}

/// What came of an occurrence, with the session as it stands now.
#[derive(Clone, Debug)]
pub(crate) enum Advanced {
    /// The status changed, durably.
    Moved(PageSession),
    /// The event was in order and changed nothing.
    Stayed(PageSession),
    /// The table refused the event in the session's status.
    Refused(PageSession),
    /// The payment session's content changed after it was authorized: nothing was paid.
    Outdated(PageSession),
    /// The session is no longer there: it expired.
    Gone,
}

/// Moves a page session by one event. A loser of a race reads again and asks the table again.
pub(crate) async fn advance(
    app: &App,
    mut session: PageSession,
    mut occurrence: Occurrence,
) -> Result<Advanced, ApiError> {
    loop {
        let now = app.clock.now(&session.merchant_id);
        if session.is_expired(now) {
            release(app, &session, &occurrence, "the session expired").await?;
            return Ok(Advanced::Gone);
        }
        let status = match ask(session.status, occurrence.event()) {
            Cell::To(status) => status,
            Cell::Stays => return stay(app, session, &occurrence).await,
            Cell::Refused => {
                release(app, &session, &occurrence, session.status.as_str()).await?;
                return Ok(Advanced::Refused(session));
            }
        };
        let change = match prepare(app, &session, &occurrence, status, now).await? {
            Prepared::Change(change) => *change,
            Prepared::PaidElsewhere(order) => {
                release(app, &session, &occurrence, "the payment session was completed elsewhere").await?;
                occurrence = Occurrence::PaymentSessionCompleted(order);
                continue;
            }
            Prepared::Outdated => {
                release(app, &session, &occurrence, "the order changed meanwhile").await?;
                return Ok(Advanced::Outdated(session));
            }
        };
        match app.store.commit(&change.advance).await? {
            CommittedAdvance::Done { held } => return Ok(Advanced::Moved(tell(app, change, held).await)),
            CommittedAdvance::Stale => match app.store.page_session(&session.id).await? {
                Some(fresh) => session = fresh,
                None => return Ok(Advanced::Gone),
            },
        }
    }
}

/// Lets the open page sessions of a completed payment session follow it. What fails now, or a crash
/// interrupts, [`follow_completions`] makes up for.
pub(crate) async fn follow_completion_or_later(app: &App, of: &PaymentSessionId) {
    if let Err(error) = follow_completion(app, of).await {
        tracing::warn!(payment_session_id = %of, ?error, "sibling sessions will follow later");
    }
}

/// Makes up for completions that were interrupted. Runs at the start and from time to time.
pub(crate) async fn follow_completions(app: &App) -> Result<(), ApiError> {
    for payment_session in app.store.completions().await? {
        follow_completion(app, &payment_session).await?;
    }
    Ok(())
}

async fn follow_completion(app: &App, of: &PaymentSessionId) -> Result<(), ApiError> {
    let payment = app.store.payment_session(of).await?;
    if let Some(order) = payment.and_then(|payment| payment.order) {
        for id in app.store.open_page_sessions(of).await? {
            if let Some(session) = app.store.page_session(&id).await? {
                Box::pin(advance(app, session, Occurrence::PaymentSessionCompleted(order.clone()))).await?;
            }
        }
    }
    Ok(app.store.finish_completion(of).await?)
}

enum Prepared {
    Change(Box<Change>),
    PaidElsewhere(OrderReference),
    Outdated,
}

/// A change as it is to be committed, and the first attempt of its callback, which follows.
struct Change {
    advance: Advance,
    first_attempt: Option<FirstAttempt>,
}

/// Writes down the change that the table asks for, with all that is to be durable together with it.
async fn prepare(
    app: &App,
    session: &PageSession,
    occurrence: &Occurrence,
    status: Status,
    now: Timestamp,
) -> Result<Prepared, ApiError> {
    let mut next = session.clone();
    next.status = status;
    next.version += 1;
    // Two changes never share an instant, so that `updated_at` orders what a merchant hears.
    next.updated_at = now.max(session.updated_at.plus_ms(1));
    let mut arrival = None;
    match occurrence {
        Occurrence::PaymentAuthorized(authorization) => {
            let Some(payment) = app.store.payment_session(&session.payment_session_id).await? else {
                return Err(ApiError::Fault(format!("{} has no payment session", session.id)));
            };
            if let Some(order) = payment.order {
                return Ok(Prepared::PaidElsewhere(order));
            }
            if payment.body != authorization.body {
                return Ok(Prepared::Outdated);
            }
            arrival = Some(authorize(app, &mut next, &payment, authorization).await?);
        }
        Occurrence::PaymentSessionCompleted(order) => next.order = Some(order.clone()),
        Occurrence::ConsumerEntered
        | Occurrence::ConsumerWentBack
        | Occurrence::ConsumerCancelled
        | Occurrence::PaymentDeclined(_)
        | Occurrence::PaymentErrored(_)
        | Occurrence::MerchantDisabled => {}
    }
    let note = occurrence.reason().map(|reason| note(next.updated_at, "Reason", reason));
    Ok(Prepared::Change(Box::new(written(app, next, occurrence.event(), note, arrival).await?)))
}

/// Gives the session what an authorization leads to: the token, or the order that the page places itself.
async fn authorize(
    app: &App,
    next: &mut PageSession,
    payment: &PaymentSession,
    authorization: &Authorization,
) -> Result<Arrival, ApiError> {
    let mut authorization = authorization.clone();
    // A payment session can have changed since the page session was created, so that it gives no order any more.
    let gives = app.payment_system.offer(payment)?.gives;
    let captures = match (next.options.place_order_mode, gives) {
        (PlaceOrderMode::None, _) | (_, Gives::NoOrder) => {
            next.authorization_token = Some(authorization.token.clone());
            return Ok(Arrival { authorization, payment_version: payment.version, order: None });
        }
        (PlaceOrderMode::PlaceOrder, Gives::Order) => Captures::Later,
        (PlaceOrderMode::CaptureOrder, Gives::Order) => Captures::AtOnce,
    };
    let order: StoredOrder = app
        .payment_system
        .order(payment, &authorization, captures, next.updated_at)
        .await
        .map_err(ApiError::Fault)?;
    next.order = Some(order.reference.clone());
    authorization.state = AuthorizationState::Ordered;
    authorization.order_id = Some(order.reference.order_id.clone());
    Ok(Arrival { authorization, payment_version: payment.version, order: Some(order) })
}

async fn written(
    app: &App,
    session: PageSession,
    event: Event,
    note: Option<Note>,
    arrival: Option<Arrival>,
) -> Result<Change, ApiError> {
    let event_id = new_event_id(&*app.random, session.updated_at);
    let update =
        StatusUpdate { event_id: event_id.as_str().to_string(), session: session_read(&session.snapshot()) };
    let (callback, first_attempt) = callback_of(app, &session).await?.unzip();
    let body = serde_json::to_string(&update)?;
    Ok(Change { advance: Advance { session, event, event_id, body, callback, note, arrival }, first_attempt })
}

/// Tells those who wait for it that a change is durable. Nothing here can take the change back.
async fn tell(app: &App, change: Change, held: Option<ClaimedCallback>) -> PageSession {
    let Advance { session, event, event_id, body, arrival, .. } = change.advance;
    tracing::info!(
        page_session_id = %session.id,
        event = event.name(),
        status = session.status.as_str(),
        "status changed"
    );
    app.metrics.status_changed(session.status.as_str());
    app.waiting.tell(&session.id, &session.merchant_id);
    let (page_session_id, merchant_id) = (session.id.clone(), session.merchant_id.clone());
    app.store.announce(Notice::Changed { page_session_id, merchant_id });
    if let Some(first_attempt) = change.first_attempt {
        first_attempt.begin(app, held, event_id, body);
    }
    if arrival.is_some_and(|arrival| arrival.order.is_some()) {
        follow_completion_or_later(app, &session.payment_session_id).await;
    }
    session
}

async fn stay(app: &App, session: PageSession, occurrence: &Occurrence) -> Result<Advanced, ApiError> {
    if let Some(reason) = occurrence.reason() {
        let at = app.clock.now(&session.merchant_id);
        app.store.add_note(&session.id, &note(at, "Reason", reason)).await?;
    }
    Ok(Advanced::Stayed(session))
}

/// Releases the authorization that an occurrence carried in vain, and says so in the timeline.
async fn release(
    app: &App,
    session: &PageSession,
    occurrence: &Occurrence,
    because: &str,
) -> Result<(), ApiError> {
    if let Occurrence::PaymentAuthorized(authorization) = occurrence {
        app.payment_system.release(&session.id, &authorization.token).await;
        let at = app.clock.now(&session.merchant_id);
        let detail = format!("An authorization was released without an order: {because}.");
        app.store.add_note(&session.id, &note(at, "AuthorizationReleased", &detail)).await?;
    }
    Ok(())
}

fn note(at: Timestamp, kind: &'static str, detail: &str) -> Note {
    Note { at, kind, detail: detail.to_string() }
}
