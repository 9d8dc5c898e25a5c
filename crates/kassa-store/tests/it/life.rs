//! The whole life of sessions in the store. It runs each statement of the hot path and of the background jobs at least
//! once.

use std::sync::atomic::{AtomicU64, Ordering};

use kassa_domain::callback::PaymentCallback;
use kassa_domain::lifecycle::{Event, Status};
use kassa_domain::merchant_urls::MerchantUrls;
use kassa_domain::page_session::{OrderReference, PageOptions, PageSession};
use kassa_domain::payment_session::{Authorization, AuthorizationState, PaymentSession, PaymentSystemKey};
use kassa_domain::{
    Actor, AuthorizationToken, Endpoint, EventId, MerchantId, OrderId, PageSessionId, PaymentSessionId,
    Timestamp, Username,
};
use kassa_store::{
    Advance, AdvanceOutcome, Attempt, AttemptResult, AuthorizationOrder, Claim, ClaimedCallback, ExpiredKind,
    FeedFilter, IdempotentAnswer, NewAct, NewAuthorization, NewCallback, NewPaymentCallback, Note,
    SessionFilter, Settlement, Store, StoredOrder, SystemOrder,
};

use crate::confirmations::confirm;
use crate::message_deliveries::send_message;
use crate::order_references::refer;
use crate::payment_operations::operate;
use crate::redelivery_in_bulk::ENDPOINT;

pub fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

/// The record of an act, with an id of its own.
pub fn act() -> NewAct {
    static ACTS: AtomicU64 = AtomicU64::new(0);
    let id = format!("act {}", ACTS.fetch_add(1, Ordering::Relaxed));
    NewAct { id, recorded_at: at(0), content: "{}".to_string() }
}

pub fn merchant() -> MerchantId {
    MerchantId::new("m")
}

/// A session is created, entered and paid. Its callbacks are delivered, fail, are given up and become due again. The
/// merchant places the order of a second session and follows it, until both are deleted.
pub async fn live(store: &Store) {
    let mut paid_on_the_page = create(store, "a").await;
    let entered = enter(store, &mut paid_on_the_page).await;
    deliver(store, &entered).await;
    pay(store, &mut paid_on_the_page, Some(order("a")), ONE_CALLBACK).await;
    follow_completion(store, "a").await;
    let mut paid_by_token = create(store, "b").await;
    enter(store, &mut paid_by_token).await;
    pay(store, &mut paid_by_token, None, ONE_CALLBACK).await;
    order_by_token(store, "b").await;
    fail_every_attempt(store, &paid_by_token.id).await;
    redeliver(store).await;
    follow(store).await;
    deliver_the_rest(store).await;
    operate(store).await;
    confirm(store).await;
    refer(store).await;
    send_message(store).await;
    delete_everything(store).await;
}

pub async fn create(store: &Store, name: &str) -> PageSession {
    let payment = PaymentSession {
        id: PaymentSessionId::new(format!("payment-{name}")),
        system: PaymentSystemKey::Sandbox,
        merchant_id: merchant(),
        version: 0,
        created_at: at(0),
        expires_at: at(1_000),
        body: "{}".to_string(),
        authorization_token: None,
        completion: None,
        started: None,
    };
    store.create_payment_session(&payment).await.unwrap();
    store.update_payment_session(&payment.id, 0, "{}").await.unwrap();
    assert_eq!(store.payment_session(&payment.id).await.unwrap().unwrap().version, 1);
    let session = PageSession {
        id: PageSessionId::new(format!("page-{name}")),
        merchant_id: merchant(),
        payment_session_id: payment.id,
        status: Status::Waiting,
        version: 0,
        created_at: at(0),
        updated_at: at(0),
        expires_at: at(1_000),
        merchant_urls: MerchantUrls::default(),
        options: PageOptions::default(),
        authorization_token: None,
        order: None,
        open_operation: None,
        id_check: None,
    };
    let answer = IdempotentAnswer {
        key: name.to_string(),
        request_hash: String::new(),
        answer: "{}".to_string(),
        created_at: at(0),
    };
    store.create_page_session_once(&session, &answer).await.unwrap();
    assert!(store.idempotent_answer(&merchant(), name).await.unwrap().is_some());
    session
}

/// Commits the session's next change. Returns its callback if the store claimed it for the committer.
async fn advance(
    store: &Store,
    session: &mut PageSession,
    event: Event,
    new_authorization: Option<NewAuthorization>,
    leased_until: Option<Timestamp>,
) -> Option<ClaimedCallback> {
    advance_with_body(store, session, event, new_authorization, leased_until, "{}").await
}

async fn advance_with_body(
    store: &Store,
    session: &mut PageSession,
    event: Event,
    new_authorization: Option<NewAuthorization>,
    leased_until: Option<Timestamp>,
    body: &str,
) -> Option<ClaimedCallback> {
    session.version += 1;
    session.updated_at = at(session.version);
    let callback = NewCallback {
        endpoint: Endpoint::shared(ENDPOINT),
        url: format!("{ENDPOINT}/callbacks"),
        due_at: at(1),
        leased_until,
    };
    let actor = Actor::Merchant(Username::new("m_dev"));
    let advance = Advance {
        event_id: EventId::new(format!("{}-{}", session.id, session.version)),
        session: session.clone(),
        event,
        actor: actor.clone(),
        body: body.to_string(),
        callback: Some(callback),
        note: Some(Note { at: session.updated_at, kind: "Note", detail: "It happened.".to_string(), actor }),
        new_authorization,
        operation_end: None,
        release: None,
        reference_reads: None,
        timer: None,
    };
    match store.commit(&advance).await.unwrap() {
        AdvanceOutcome::Done { leased } => leased,
        AdvanceOutcome::Stale | AdvanceOutcome::ClaimedSince => panic!("no other writer runs"),
    }
}

async fn enter(store: &Store, session: &mut PageSession) -> ClaimedCallback {
    assert_eq!(store.page_session(&session.id).await.unwrap().unwrap().status, session.status);
    session.status = Status::InProgress;
    let leased = advance(store, session, Event::ConsumerEntered, None, Some(at(10))).await.unwrap();
    assert_eq!(store.snapshot(&session.id).await.unwrap().unwrap(), session.snapshot());
    leased
}

async fn deliver(store: &Store, callback: &ClaimedCallback) {
    store.event_to_deliver(callback).await.unwrap().unwrap();
    assert!(store.extend_lease(callback, at(1), at(400)).await.unwrap());
    let answered = AttemptResult::Answered { status: 204, headers: "{}".to_string(), body: String::new() };
    let attempt = Attempt { started_at: at(1), ended_at: at(2), result: answered };
    store.settle_callback(callback, &attempt, Settlement::Delivered).await.unwrap();
}

const ONE_CALLBACK: &[PaymentCallback] = &[PaymentCallback::Authorization];

/// A session whose consumer has paid, with the callbacks of two events and with these.
pub async fn authorized(store: &Store, name: &str, callbacks: Vec<PaymentCallback>) -> PageSessionId {
    let mut session = create(store, name).await;
    advance(store, &mut session, Event::ConsumerEntered, None, None).await;
    pay(store, &mut session, None, &callbacks).await;
    session.id
}

async fn pay(
    store: &Store,
    session: &mut PageSession,
    order: Option<StoredOrder>,
    callbacks: &[PaymentCallback],
) {
    let token = AuthorizationToken::new(format!("token-{}", session.payment_session_id));
    let state = if order.is_some() { AuthorizationState::Ordered } else { AuthorizationState::Open };
    let order_id = order.as_ref().map(|order| order.reference.order_id.clone());
    let authorization = Authorization { token: token.clone(), state, order_id, ..authorization(session) };
    session.status = Status::Completed;
    session.authorization_token = Some(token.clone());
    session.order = order.as_ref().map(|order| order.reference.clone());
    let callbacks = callbacks.iter().map(|kind| payment_callback(&session.id, *kind)).collect();
    let order = order.map(SystemOrder::Local);
    let new_authorization = NewAuthorization { authorization, payment_version: 1, order, callbacks };
    advance(store, session, Event::PaymentAuthorized, Some(new_authorization), None).await;
    assert!(store.authorization(&token).await.unwrap().is_some());
}

/// Enters and pays a new session with this token. The event has this body.
pub async fn paid_with_body(
    store: &Store,
    mut session: PageSession,
    token: &AuthorizationToken,
    body: &str,
    callbacks: Vec<NewPaymentCallback>,
) -> PageSession {
    session.status = Status::InProgress;
    advance(store, &mut session, Event::ConsumerEntered, None, None).await;
    let authorization = Authorization { token: token.clone(), ..authorization(&session) };
    session.status = Status::Completed;
    session.authorization_token = Some(token.clone());
    let new_authorization = NewAuthorization { authorization, payment_version: 1, order: None, callbacks };
    let event = Event::PaymentAuthorized;
    advance_with_body(store, &mut session, event, Some(new_authorization), None, body).await;
    session
}

pub fn payment_callback(of: &PageSessionId, kind: PaymentCallback) -> NewPaymentCallback {
    NewPaymentCallback {
        page_session_id: of.clone(),
        sequence: kind.sequence(),
        merchant_id: merchant(),
        kind,
        event_id: EventId::new(format!("{of}-{}", kind.as_str())),
        body: format!("the body of {}", kind.as_str()),
        committed_at: at(3),
        callback: NewCallback {
            endpoint: Endpoint::shared(ENDPOINT),
            url: format!("{ENDPOINT}/{}", kind.as_str()),
            due_at: at(3),
            leased_until: None,
        },
    }
}

fn order(name: &str) -> StoredOrder {
    StoredOrder {
        reference: OrderReference {
            order_id: OrderId::new(format!("order-{name}")),
            klarna_reference: "ABCDEFGH".to_string(),
        },
        merchant_id: merchant(),
        payment_session_id: PaymentSessionId::new(format!("payment-{name}")),
        authorization_token: AuthorizationToken::new(format!("token-payment-{name}")),
        version: 0,
        created_at: at(3),
        body: "{}".to_string(),
    }
}

async fn follow_completion(store: &Store, name: &str) {
    let payment = PaymentSessionId::new(format!("payment-{name}"));
    assert_eq!(store.completions().await.unwrap(), std::slice::from_ref(&payment));
    assert_eq!(store.open_page_sessions(&payment).await.unwrap(), []);
    store.finish_completion(&payment).await.unwrap();
}

async fn order_by_token(store: &Store, name: &str) {
    let token = order(name).authorization_token;
    let page_session_id = PageSessionId::new(format!("page-{name}"));
    ordered(store, name, 2, &[payment_callback(&page_session_id, PaymentCallback::Push)]).await;
    store.release_authorization(&token).await.unwrap();
}

/// Tries to place the order of a session, with these callbacks.
pub async fn ordered(store: &Store, name: &str, payment_version: i64, callbacks: &[NewPaymentCallback]) {
    let token = order(name).authorization_token;
    ordered_with_token(store, name, &token, payment_version, callbacks).await;
}

/// The same, with this authorization token.
pub async fn ordered_with_token(
    store: &Store,
    name: &str,
    token: &AuthorizationToken,
    payment_version: i64,
    callbacks: &[NewPaymentCallback],
) {
    let page_session_id = PageSessionId::new(format!("page-{name}"));
    let request_hash = String::new();
    let placing = AuthorizationOrder {
        order: StoredOrder { authorization_token: token.clone(), ..order(name) },
        request_hash,
        payment_version,
        callback_owner: page_session_id,
    };
    store.place_order(&placing, callbacks).await.unwrap();
}

async fn claim(store: &Store) -> Vec<ClaimedCallback> {
    let claim = Claim { endpoint: Endpoint::shared(ENDPOINT), due_until: at(300), limit: 10 };
    store.claim_callbacks(&[claim], at(300), at(300)).await.unwrap()
}

/// Every attempt fails, until the callbacks are given up. The session's changes are committed while the attempts before
/// them end, so that neither transaction sees the other.
async fn fail_every_attempt(store: &Store, session: &PageSessionId) {
    assert!(store.waits_for_first_attempt(session, 1).await.unwrap());
    for settlement in [Settlement::AgainAt(at(50)), Settlement::GivenUp] {
        let claimed = claim(store).await;
        assert!(!claimed.is_empty());
        for callback in claimed {
            let failed = AttemptResult::Failed { kind: "timed_out", detail: String::new() };
            let attempt = Attempt { started_at: at(40), ended_at: at(43), result: failed };
            let unseen = ClaimedCallback { attempts: callback.attempts + 1, ..callback };
            store.settle_callback(&unseen, &attempt, settlement).await.unwrap();
        }
        store.unblock_callbacks().await.unwrap();
    }
}

async fn deliver_the_rest(store: &Store) {
    while store.backlog().await.unwrap().waiting > 0 {
        for callback in claim(store).await {
            deliver(store, &callback).await;
        }
    }
}

/// Deletes everything. Ids begin with a letter, which is before `~`.
async fn delete_everything(store: &Store) {
    for what in ExpiredKind::ALL {
        let passed = store.retention_candidates(what, "", "~", at(i64::MAX)).await.unwrap();
        let over: Vec<_> = passed.iter().filter(|row| row.is_over).collect();
        store.remove(what, &over, None).await.unwrap();
        if what == ExpiredKind::PageSessions {
            assert_eq!(over.len(), 5);
        }
    }
}

async fn redeliver(store: &Store) {
    let event = store.event(&merchant(), &EventId::new("page-a-1")).await.unwrap().unwrap();
    store.redeliver_event(&event, at(200), at(200), &act()).await.unwrap();
    store.redeliver_session(&event.page_session_id, at(200), &act()).await.unwrap();
    store.redeliver_since(&merchant(), at(0), at(200), &act()).await.unwrap();
    assert_eq!(store.endpoints_due(None, at(200), 10).await.unwrap().len(), 1);
    assert!(store.endpoint_due_at(&Endpoint::shared(ENDPOINT), at(200)).await.unwrap().is_some());
    assert!(store.backlog().await.unwrap().waiting > 0);
}

async fn follow(store: &Store) {
    let session = PageSessionId::new("page-b");
    assert_eq!(store.events(&session).await.unwrap().len(), 2);
    assert!(!store.attempts(&session).await.unwrap().is_empty());
    assert_eq!(store.payment_callbacks(&session).await.unwrap().len(), 2);
    assert_eq!(store.notes(&session).await.unwrap().len(), 2);
    assert_eq!(store.feed(&merchant(), 0, FeedFilter::All, 10).await.unwrap().events.len(), 4);
    let wanted =
        SessionFilter { status: None, created_after: None, oldest: String::new(), before: None, limit: 10 };
    assert_eq!(store.sessions_of(&merchant(), &wanted).await.unwrap().sessions.len(), 2);
    assert!(!store.recent_sessions_by_status("", 10).await.unwrap().is_empty());
}

/// A consumer's authorization that no order has used.
pub fn authorization(session: &PageSession) -> Authorization {
    Authorization {
        token: AuthorizationToken::new(format!("token-{}", session.id)),
        merchant_id: session.merchant_id.clone(),
        payment_session_id: session.payment_session_id.clone(),
        page_session_id: Some(session.id.clone()),
        state: AuthorizationState::Open,
        created_at: at(2),
        expires_at: at(1_000),
        category: "pay_later".to_string(),
        body: "{}".to_string(),
        order_id: None,
        order_request_hash: None,
        consumer: Some("{}".to_string()),
        refusal: None,
    }
}
