//! Callers that change the same thing at the same time: one of them wins. The others lose without an error of the
//! server, and without harm to the other changes of their group.

use kassa_domain::lifecycle::{Event, Status};
use kassa_domain::merchant_urls::MerchantUrls;
use kassa_domain::page_session::{PageOptions, PageSession};
use kassa_domain::payment_session::{PaymentSession, PaymentSystemKey};
use kassa_domain::{
    Actor, AuthorizationToken, EventId, MerchantId, PageSessionId, PaymentSessionId, Timestamp,
};
use kassa_store::simulation::{Database, contradictions};
use kassa_store::{
    Advance, AdvanceOutcome, IdempotentAnswer, IdempotentOutcome, NewAuthorization, Store,
    StoredCustomerToken,
};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::claims_are_disjoint::databases;
use crate::life::authorization;
use crate::wire_tap::Tap;

const SESSIONS: usize = 16;
const RACERS: usize = 6;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

pub fn new_session(name: &str, payment: &str) -> PageSession {
    PageSession {
        id: PageSessionId::new(format!("page-{name}")),
        merchant_id: MerchantId::new("m"),
        payment_session_id: PaymentSessionId::new(payment),
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
    }
}

/// The next change of a session. The name makes its event unique.
fn next(session: &PageSession, event: Event, status: Status, name: &str) -> Advance {
    let mut session = session.clone();
    session.version += 1;
    session.status = status;
    Advance {
        event_id: EventId::new(format!("{}-{}-{name}", session.id, session.version)),
        session,
        event,
        actor: Actor::Consumer,
        body: "{}".to_string(),
        callback: None,
        note: None,
        new_authorization: None,
        operation_end: None,
        release: None,
        reference_reads: None,
        timer: None,
    }
}

/// A payment session that nobody has paid, and page sessions of it.
async fn payment_with_pages(store: &Store, name: &str, pages: usize) -> Vec<PageSession> {
    let payment = PaymentSession {
        id: PaymentSessionId::new(name),
        system: PaymentSystemKey::Sandbox,
        merchant_id: MerchantId::new("m"),
        version: 0,
        created_at: at(0),
        expires_at: at(1_000),
        body: "{}".to_string(),
        authorization_token: None,
        completion: None,
        started: None,
    };
    store.create_payment_session(&payment).await.unwrap();
    let mut sessions = Vec::new();
    for page in 0..pages {
        let session = new_session(&format!("{name}-{page}"), name);
        store.create_page_session(&session).await.unwrap();
        sessions.push(session);
    }
    sessions
}

/// The payment of a page session, which changes the payment session, too.
fn payment_of(session: &PageSession) -> Advance {
    let authorization = authorization(session);
    let mut advance = next(session, Event::PaymentAuthorized, Status::Completed, "paid");
    advance.session.authorization_token = Some(authorization.token.clone());
    let callbacks = Vec::new();
    advance.new_authorization =
        Some(NewAuthorization { authorization, payment_version: 0, order: None, callbacks });
    advance
}

/// Opens a database, through a proxy if it is on a server.
async fn open(database: &Database) -> (Store, Option<Tap>) {
    match database {
        Database::File(path) => (Store::open(path).unwrap(), None),
        Database::Postgres(url) => {
            let (tap, tapped) = Tap::before(url).await;
            (Store::connect(&tapped).await.unwrap(), Some(tap))
        }
    }
}

/// Commits all changes at the same time, and returns how many were committed.
async fn race(store: &Store, changes: Vec<Advance>) -> usize {
    let mut racers = JoinSet::new();
    for change in changes {
        let store = store.clone();
        racers.spawn(async move { store.commit(&change).await.unwrap() });
    }
    let outcomes = racers.join_all().await;
    outcomes.iter().filter(|outcome| matches!(outcome, AdvanceOutcome::Done { .. })).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_change_is_no_error_and_does_not_repeat_its_group() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, tap) = open(&database).await;
        let mut changes = Vec::new();
        for number in 0..SESSIONS {
            let session = new_session(&number.to_string(), "p");
            store.create_page_session(&session).await.unwrap();
            for racer in 0..RACERS {
                let name = format!("racer {racer}");
                changes.push(next(&session, Event::ConsumerEntered, Status::InProgress, &name));
            }
        }
        assert_eq!(race(&store, changes).await, SESSIONS, "{database:?}: one of each session's racers wins");
        let Some(tap) = tap else { continue };
        assert_eq!(tap.errors(), Vec::<String>::new(), "{database:?}");
        let ran = tap.take();
        let sent = ran.iter().filter(|ran| ran.text.contains("update page_session")).map(|ran| ran.rows);
        assert_eq!(sent.sum::<usize>(), SESSIONS * RACERS, "{database:?}: each change is sent once");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_comes_second_leaves_nothing_and_harms_nobody() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, tap) = open(&database).await;
        let mut changes = Vec::new();
        let mut pages = Vec::new();
        for number in 0..SESSIONS {
            let of_payment = payment_with_pages(&store, &format!("payment-{number}"), RACERS).await;
            changes.extend(of_payment.iter().map(payment_of));
            pages.extend(of_payment);
            let alone = new_session(&format!("alone-{number}"), "p");
            store.create_page_session(&alone).await.unwrap();
            changes.push(next(&alone, Event::ConsumerEntered, Status::InProgress, "alone"));
        }
        let committed = race(&store, changes).await;
        assert_eq!(committed, 2 * SESSIONS, "{database:?}: one of each payment session's racers wins");
        let mut paid = 0;
        for page in &pages {
            let now = store.page_session(&page.id).await.unwrap().unwrap();
            let events = store.events(&page.id).await.unwrap().len();
            let token = AuthorizationToken::new(format!("token-{}", page.id));
            let is_authorized = store.authorization(&token).await.unwrap().is_some();
            let found = (now.version, events, is_authorized);
            assert!(matches!(found, (0, 0, false) | (1, 1, true)), "{database:?}: {found:?}");
            paid += events;
        }
        assert_eq!(paid, SESSIONS, "{database:?}");
        if let (Some(tap), Database::Postgres(url)) = (tap, &database) {
            assert_eq!(tap.errors(), Vec::<String>::new(), "{database:?}");
            assert_eq!(contradictions(url).await, Vec::<String>::new(), "{database:?}");
        }
    }
}

fn customer_token(number: usize) -> StoredCustomerToken {
    StoredCustomerToken {
        token_id: format!("token-{number}"),
        merchant_id: MerchantId::new("m"),
        version: 1,
        created_at: at(0),
        body: "{}".to_string(),
    }
}

/// The key is the second guard of a change: the row has changed already when the key is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_whose_key_was_used_is_undone_and_the_others_are_kept() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, tap) = open(&database).await;
        let mut racers = JoinSet::new();
        for number in 0..SESSIONS * 2 {
            let token = customer_token(number);
            store.create_customer_token(&token).await.unwrap();
            let key = if number < SESSIONS { "shared".to_string() } else { number.to_string() };
            let store = store.clone();
            racers.spawn(async move {
                let (request_hash, answer, created_at) = (String::new(), "{}".to_string(), at(0));
                let answer = IdempotentAnswer { key, request_hash, answer, created_at };
                store.update_customer_token(&token, "changed", Some(&answer)).await.unwrap()
            });
        }
        let outcomes = racers.join_all().await;
        let count = |outcome| outcomes.iter().filter(|found| **found == outcome).count();
        assert_eq!(count(IdempotentOutcome::Done), SESSIONS + 1, "{database:?}");
        assert_eq!(count(IdempotentOutcome::KeyUsed), SESSIONS - 1, "{database:?}");
        let mut changed = 0;
        for number in 0..SESSIONS * 2 {
            let token = store.customer_token(&customer_token(number).token_id).await.unwrap().unwrap();
            changed += usize::from(token.body == "changed");
        }
        assert_eq!(changed, SESSIONS + 1, "{database:?}: a refused change leaves nothing");
        assert!(tap.is_none_or(|tap| tap.errors().is_empty()), "{database:?}");
    }
}
