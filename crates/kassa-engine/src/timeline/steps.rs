//! The entries that the rows about a page session make.

use kassa_domain::Timestamp;
use kassa_domain::callback::CallbackState;
use kassa_domain::lifecycle::{Event, Status, cell_in_words};
use kassa_domain::operation::{OperationKind, OperationState};
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::{Authorization, AuthorizationState, PaymentSession};
use kassa_store::{
    EventRow, Message, MessageAttempt, NoteRow, OperationRow, PaymentCallbackRow, StoredCustomerToken,
};
use kassa_wire::kassa::{
    HistoryAttempt, TimelineCallback, TimelineChange, TimelineEntry, TimelineOperation, in_words,
};
use kassa_wire::time::{Instant, format_ms};

use super::HistoryRows;
use super::entries::{Draft, EntryKind, history_attempt, in_order};
use super::masked::{Secrets, masked};
use super::money::Currency;
use super::order::{self, Placing};
use super::request::request;
use crate::error::EngineError;
use crate::parts::EngineParts;
use crate::snapshot::session_status;

/// The rows, and the secrets that the timeline does not show.
struct ShownRows<'a> {
    rows: &'a HistoryRows,
    secrets: &'a Secrets,
}

impl ShownRows<'_> {
    /// The attempts of one callback, oldest first.
    fn attempts(&self, sequence: i64) -> Vec<HistoryAttempt> {
        let own = self.rows.attempts.iter().filter(|attempt| attempt.sequence == sequence);
        own.map(|attempt| self.secrets.hidden_in_attempt(history_attempt(attempt))).collect()
    }
}

/// The timeline of a page session.
pub(super) fn timeline(
    engine: &EngineParts,
    session: &PageSession,
    rows: &HistoryRows,
    now: Timestamp,
) -> Result<Vec<TimelineEntry>, EngineError> {
    let currency = Currency::of(rows.payment.as_ref(), &engine.payment_systems);
    let shown = ShownRows { rows, secrets: &rows.secrets(session) };
    let mut drafts = Vec::new();
    drafts.extend(rows.payment.as_ref().and_then(|payment| payment_session(payment, &currency, engine)));
    drafts.push(created(session, &shown));
    drafts.extend(rows.messages.iter().flat_map(|one| message(one, &rows.message_attempts)));
    drafts.extend(changes(&shown));
    let completion = rows.events.iter().find(|event| event.status == Status::Completed);
    drafts.extend(rows.authorizations.iter().map(|one| authorization(one, session, completion)));
    let ahead_ms = now.ms_since(engine.clock.system_now());
    drafts.extend(rows.operations.iter().map(|one| operation(one, session, ahead_ms)));
    let placing = Placing { currency: &currency, completion, is_by_page: session.order.is_some(), now };
    drafts.extend(order_entries(engine, session, rows, &placing)?);
    drafts.extend(rows.customer_tokens.iter().map(customer_token));
    drafts.extend(rows.notes.iter().map(note));
    drafts.extend(rows.requests.iter().map(|one| request(one, &placing)));
    drafts.extend(rows.payments_callbacks.iter().map(|callback| payments_callback(callback, &shown)));
    drafts.extend(expired(session, now));
    Ok(in_order(drafts))
}

/// The creation of the payment session. Klarna does not tell when a payment session was created there.
fn payment_session(payment: &PaymentSession, currency: &Currency, engine: &EngineParts) -> Option<Draft> {
    if payment.system.has_payment_sessions() {
        return None;
    }
    let offer = engine.payment_systems.of(payment).ok()?.offer(payment).ok()?;
    let detail = format!("Payment session {} over {}", payment.id, currency.amount(offer.total_minor_units));
    let draft = Draft::new(payment.created_at, EntryKind::PaymentSession, "Payment session created");
    Some(draft.detail(detail))
}

fn created(session: &PageSession, shown: &ShownRows<'_>) -> Draft {
    let callbacks = match session.status_update_url() {
        Some(url) => format!("callbacks go to {}", shown.secrets.hidden_in_url(&url)),
        None => "the merchant asked for no callbacks".to_string(),
    };
    let expiry = format_ms(session.expires_at.as_ms());
    let mode = session.options.place_order_mode.as_str();
    let detail = format!("{mode}; the link expires at {expiry}; {callbacks}");
    Draft::new(session.created_at, EntryKind::Created, "Page session created").detail(detail)
}

/// A message, and the attempts to send it.
fn message(message: &Message, attempts: &[MessageAttempt]) -> Vec<Draft> {
    let (name, to) = match message.channel.as_str() {
        "email" => ("E-mail", masked(&message.recipient)),
        "sms" => ("Text message", masked(&message.recipient)),
        _ => ("Link", "a distribution token".to_string()),
    };
    let title = format!("{name} accepted");
    let accepted = Draft::new(message.created_at, EntryKind::Message, title).detail(format!("To {to}"));
    let own = attempts.iter().filter(|attempt| attempt.message_id == message.id);
    [accepted].into_iter().chain(own.map(|attempt| message_attempt(name, attempt))).collect()
}

fn message_attempt(name: &str, attempt: &MessageAttempt) -> Draft {
    let MessageAttempt { number, began_at, duration_ms, outcome, detail, .. } = attempt;
    let title = match outcome.as_str() {
        "sent" => format!("{name} sent"),
        "no_answer" => format!("{name} sent, without an answer"),
        _ => format!("{name} not sent"),
    };
    let detail = format!("Attempt {number}: {detail}, after {duration_ms} ms");
    Draft::new(*began_at, EntryKind::MessageAttempt, title).detail(detail)
}

fn changes(shown: &ShownRows<'_>) -> Vec<Draft> {
    let mut from = Status::Waiting;
    let mut drafts = Vec::with_capacity(shown.rows.events.len());
    for event in &shown.rows.events {
        drafts.push(change(event, from, shown));
        from = event.status;
    }
    drafts
}

fn change(event: &EventRow, from: Status, shown: &ShownRows<'_>) -> Draft {
    let rule = match Event::parse(&event.event) {
        Some(row) => cell_in_words(from, row),
        None => format!("This version does not know the row {} of the lifecycle table.", event.event),
    };
    let change = TimelineChange {
        event: event.event.clone(),
        sequence: event.sequence,
        from: session_status(from),
        to: session_status(event.status),
        rule,
    };
    let callback = event.callback_state.map(|state| TimelineCallback {
        url: shown.secrets.hidden_in_url(event.callback_url.as_deref().unwrap_or_default()),
        state: state.as_str().to_string(),
        due_at: due_at(state, event.callback_due_at),
        attempts: shown.attempts(event.sequence),
    });
    let draft =
        Draft::new(event.occurred_at, EntryKind::Status, in_words(&event.event)).after(event.sequence);
    draft.by(event.actor.as_ref()).with(|entry| {
        entry.event_id = Some(event.event_id.as_str().to_string());
        entry.change = Some(change);
        entry.callback = callback;
    })
}

fn due_at(state: CallbackState, due_at: Option<Timestamp>) -> Option<Instant> {
    due_at.filter(|_| state == CallbackState::Due).map(|at| Instant::from_ms(at.as_ms()))
}

/// An authorization. Its token is a secret and not shown.
fn authorization(
    authorization: &Authorization,
    session: &PageSession,
    completion: Option<&EventRow>,
) -> Draft {
    let place = match &authorization.page_session_id {
        Some(id) if *id == session.id => String::new(),
        Some(id) => format!(", on the page of session {id}"),
        None => ", in the merchant's own shop".to_string(),
    };
    let became = match authorization.state {
        AuthorizationState::Open => {
            format!("it can become an order until {}", format_ms(authorization.expires_at.as_ms()))
        }
        AuthorizationState::Ordered => "it became an order".to_string(),
        AuthorizationState::Released => "it was released".to_string(),
    };
    let detail = format!("{}{place}; {became}", authorization.category);
    let is_own = authorization.page_session_id.as_ref() == Some(&session.id);
    let draft = |at| Draft::new(at, EntryKind::Authorization, "Authorization granted").detail(detail);
    match completion.filter(|_| is_own) {
        // It is committed with this change, whose instant may be later: no two changes have the same instant.
        Some(event) => draft(event.occurred_at).after(event.sequence - 1),
        None => draft(authorization.created_at),
    }
}

/// A payment operation. It was recorded by the time of leases, and the timeline is in the merchant's time.
fn operation(operation: &OperationRow, session: &PageSession, ahead_ms: i64) -> Draft {
    let is_due = operation.state == OperationState::Due;
    let moved = operation.recorded_at.plus_ms(ahead_ms);
    let at = if is_due { moved } else { moved.min(session.updated_at) };
    let title = match operation.kind {
        OperationKind::PlaceOrder => "Payment operation: place the order",
        OperationKind::Release => "Payment operation: release the authorization",
    };
    let particulars = TimelineOperation {
        key: operation.id.as_str().to_string(),
        operation: operation.kind.as_str().to_string(),
        state: operation.state.as_str().to_string(),
        attempts: operation.attempts,
        due_at: is_due.then(|| Instant::from_ms(operation.due_at.plus_ms(ahead_ms).as_ms())),
        last_outcome: operation.last_outcome.clone(),
    };
    Draft::new(at, EntryKind::Operation, title)
        .after(session.version - i64::from(!is_due))
        .with(|entry| entry.operation = Some(particulars))
}

/// The entries of the order: of the sandbox every step, of a remote payment system the placing alone.
fn order_entries(
    engine: &EngineParts,
    session: &PageSession,
    rows: &HistoryRows,
    placing: &Placing<'_>,
) -> Result<Vec<Draft>, EngineError> {
    let local = rows.payment.as_ref().and_then(|payment| engine.payment_systems.local_of(payment));
    if let (Some(order), Some(system)) = (&rows.order, local) {
        return Ok(order::entries(order, &system.placed_order(order)?, placing));
    }
    let Some(reference) = session.order.as_ref().filter(|_| rows.order.is_none()) else {
        return Ok(Vec::new());
    };
    let short = match reference.klarna_reference.as_str() {
        "" => String::new(),
        known => format!(" ({known})"),
    };
    let detail = format!("Order {}{short} at the payment system", reference.order_id);
    let draft = Draft::new(session.updated_at, EntryKind::Order, "Order placed").detail(detail);
    Ok(vec![draft.after(session.version - 1)])
}

fn customer_token(token: &StoredCustomerToken) -> Draft {
    Draft::new(token.created_at, EntryKind::CustomerToken, "Customer token created")
}

fn note(note: &NoteRow) -> Draft {
    Draft::new(note.at, EntryKind::Note, in_words(&note.kind)).detail(&note.detail).by(note.actor.as_ref())
}

fn payments_callback(callback: &PaymentCallbackRow, shown: &ShownRows<'_>) -> Draft {
    let title = format!("Callback for the {}", callback.kind.as_str().to_ascii_lowercase());
    let delivery = TimelineCallback {
        url: shown.secrets.hidden_in_url(&callback.url),
        state: callback.state.as_str().to_string(),
        due_at: due_at(callback.state, Some(callback.due_at)),
        attempts: shown.attempts(callback.sequence),
    };
    Draft::new(callback.committed_at, EntryKind::PaymentsCallback, title).with(|entry| {
        entry.event_id = Some(callback.event_id.as_str().to_string());
        entry.callback = Some(delivery);
    })
}

fn expired(session: &PageSession, now: Timestamp) -> Option<Draft> {
    let draft = Draft::new(session.expires_at, EntryKind::Expired, "Link expired");
    session.is_expired(now).then(|| draft.detail("The page session can be neither read nor paid any more"))
}
