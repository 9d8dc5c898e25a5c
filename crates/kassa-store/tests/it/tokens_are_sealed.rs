//! Authorization tokens: encrypted in every table if the store has keys, found by any of the keys, and encrypted again
//! with a new key.

use kassa_domain::callback::PaymentCallback;
use kassa_domain::operation::{OperationKind, OperationState};
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::{AuthorizationState, PaymentSession, PaymentSystemKey};
use kassa_domain::{AuthorizationToken, Endpoint, MerchantId, OperationId, PageSessionId, PaymentSessionId};
use kassa_store::simulation::Database;
use kassa_store::{
    Attempt, AttemptResult, Claim, ClaimedCallback, CommitOutcome, DataSeal, ExpiredKind, FeedFilter,
    IdempotentAnswer, ImportOutcome, KeyRegistration, NewOperation, NewPaymentCallback, Note, RemoteContent,
    SealKey, Settlement, Store, StoreError,
};
use kassa_testkit::NamedEngine;
use tempfile::TempDir;

use crate::claims_are_disjoint::databases;
use crate::life::{
    act, at, authorization, create, live, merchant, ordered_with_token, paid_with_body, payment_callback,
};
use crate::redelivery_in_bulk::ENDPOINT;

/// A part of every token of these tests.
const SECRET: &str = "5ec2e7-70ken";

fn seal(keys: &[&str]) -> DataSeal {
    DataSeal::new(keys.iter().map(|name| SealKey::derive(name, name.as_bytes())))
}

/// The store of a node with these keys.
fn node(store: &Store, keys: &[&str]) -> Store {
    store.clone().sealing(seal(keys))
}

fn token(name: &str) -> AuthorizationToken {
    AuthorizationToken::new(format!("{name}-{SECRET}"))
}

/// A JSON text with the token of a session.
fn body(name: &str) -> String {
    format!(r#"{{"authorization_token":"{}","of":"{name}"}}"#, token(name).as_str())
}

/// Opens the database for the node of a test.
async fn open(database: &Database) -> (Store, NamedEngine) {
    let engine = NamedEngine(database.engine());
    (database.open().await, engine)
}

/// A session that was paid, with a token in every table that can have one.
async fn stored_everywhere(store: &Store, name: &str) -> PageSession {
    let created = create(store, name).await;
    let callback = NewPaymentCallback {
        body: body(name),
        ..payment_callback(&created.id, PaymentCallback::Authorization)
    };
    let session = paid_with_body(store, created, &token(name), &body(name), vec![callback]).await;
    deliver_all(store, name).await;
    record_release(store, &session, name).await;
    ordered_with_token(store, name, &token(name), 2, &[]).await;
    adopt(store, name).await;
    keep_answer(store, name).await;
    session
}

/// Every callback is delivered, and the merchant's answer repeats the token.
async fn deliver_all(store: &Store, name: &str) {
    loop {
        let claimed = claim(store).await;
        if claimed.is_empty() {
            return;
        }
        for callback in claimed {
            let headers = format!(r#"{{"location":"https://shop.example/?t={}"}}"#, token(name).as_str());
            let answered = AttemptResult::Answered { status: 200, headers, body: body(name) };
            let attempt = Attempt { started_at: at(1), ended_at: at(2), result: answered };
            store.settle_callback(&callback, &attempt, Settlement::Delivered).await.unwrap();
        }
    }
}

async fn claim(store: &Store) -> Vec<ClaimedCallback> {
    let claim = Claim { endpoint: Endpoint::shared(ENDPOINT), due_until: at(300), limit: 10 };
    store.claim_callbacks(&[claim], at(300), at(300)).await.unwrap()
}

async fn record_release(store: &Store, session: &PageSession, name: &str) {
    let mut authorization = authorization(session);
    authorization.token = token(name);
    let operation = NewOperation {
        id: OperationId::new(format!("release-{name}")),
        kind: OperationKind::Release,
        authorization,
        request: body(name),
        recorded_at: at(10),
        gives_up_at: at(3_600_010),
        leased_until: at(20),
    };
    let note = Note {
        at: at(30),
        kind: "AuthorizationReleased",
        detail: "It was released.".to_string(),
        actor: kassa_domain::Actor::System,
    };
    store.record_release(&session.id, &note, Some(&operation)).await.unwrap();
}

/// Stores the copy of a payment session at a remote payment system.
async fn adopt(store: &Store, name: &str) {
    let copy = PaymentSession {
        id: PaymentSessionId::new(format!("remote-{name}")),
        system: PaymentSystemKey::Klarna { base_url: "https://api.klarna.com".to_string() },
        merchant_id: merchant(),
        version: 0,
        created_at: at(0),
        expires_at: at(1_000),
        body: "{}".to_string(),
        authorization_token: Some(token(name)),
        completion: None,
        started: None,
    };
    store.adopt_payment_session(&copy).await.unwrap();
    let content = RemoteContent {
        body: "{}".to_string(),
        expires_at: at(1_000),
        authorization_token: Some(token(name)),
    };
    store.refresh_payment_session(&copy.id, 0, &content, at(5)).await.unwrap();
}

async fn keep_answer(store: &Store, name: &str) {
    let order = store.order(&kassa_domain::OrderId::new(format!("order-{name}"))).await.unwrap().unwrap();
    let answer = IdempotentAnswer {
        key: format!("order of {name}"),
        request_hash: String::new(),
        answer: body(name),
        created_at: at(3),
    };
    store.update_order(&order, "{}", Some(&answer)).await.unwrap();
}

/// Reads everything that [`stored_everywhere`] stored, and compares it.
async fn assert_readable(store: &Store, session: &PageSession, name: &str) {
    let is_token = Some(token(name));
    let page = store.page_session(&session.id).await.unwrap().unwrap();
    assert_eq!(page.authorization_token, is_token);
    assert_eq!(store.snapshot(&session.id).await.unwrap().unwrap().authorization_token, is_token);
    for payment in [format!("payment-{name}"), format!("remote-{name}")] {
        let payment = store.payment_session(&PaymentSessionId::new(payment)).await.unwrap().unwrap();
        assert_eq!(payment.authorization_token, is_token);
    }
    let found = store.authorization(&token(name)).await.unwrap().unwrap();
    assert_eq!((found.token, found.state), (token(name), AuthorizationState::Ordered));
    let order = store.order(&kassa_domain::OrderId::new(format!("order-{name}"))).await.unwrap().unwrap();
    assert_eq!(order.authorization_token, token(name));
    let answer = store.idempotent_answer(&merchant(), &format!("order of {name}")).await.unwrap().unwrap();
    assert_eq!(answer.answer, body(name));
    assert_eq!(store.events(&session.id).await.unwrap().last().unwrap().body, body(name));
    let feed = store.feed(&merchant(), 0, FeedFilter::All, 100).await.unwrap();
    assert!(feed.events.iter().any(|event| event.body == body(name)));
    for attempt in store.attempts(&session.id).await.unwrap() {
        assert_eq!(attempt.answer_body, Some(body(name)));
        assert!(attempt.answer_headers.unwrap().contains(token(name).as_str()));
    }
    assert_delivers_the_same_bytes(store, &session.id, name).await;
}

/// Every attempt of a callback sends these bytes.
async fn assert_delivers_the_same_bytes(store: &Store, of: &PageSessionId, name: &str) {
    let redelivered =
        [(None, 2), (Some(PaymentCallback::Authorization), PaymentCallback::Authorization.sequence())];
    for (kind, sequence) in redelivered {
        let callback = ClaimedCallback {
            page_session_id: of.clone(),
            sequence,
            kind,
            merchant_id: merchant(),
            endpoint: Endpoint::shared(ENDPOINT),
            url: String::new(),
            attempts: 0,
            committed_at: at(3),
            fence: 1,
        };
        assert_eq!(store.event_to_deliver(&callback).await.unwrap().unwrap().1, body(name));
    }
}

#[tokio::test]
async fn no_table_has_a_token_in_clear_if_the_store_has_keys() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        let sealing = node(&store, &["one"]);
        let session = stored_everywhere(&sealing, "a").await;
        assert_readable(&sealing, &session, "a").await;
        let dumped = database.dump().await;
        assert!(!dumped.contains(SECRET), "{dumped}");
        assert!(dumped.matches("sealed:one:").count() >= 14, "{dumped}");
        stored_everywhere(&store, "b").await;
        assert!(database.dump().await.contains(SECRET), "without keys nothing is encrypted");
    }
}

#[tokio::test]
async fn the_life_of_a_session_is_the_same_with_keys() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        live(&node(&store, &["one"])).await;
    }
}

#[tokio::test]
async fn tokens_under_any_of_the_keys_and_in_clear_are_found_and_changed() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        let both = node(&store, &["new", "old"]);
        for (name, keys) in [("a", &[][..]), ("b", &["old"]), ("c", &["new", "old"])] {
            let writer = node(&store, keys);
            let created = create(&writer, name).await;
            paid_with_body(&writer, created, &token(name), "{}", Vec::new()).await;
            let found = both.authorization(&token(name)).await.unwrap().unwrap();
            assert_eq!((found.token, found.state), (token(name), AuthorizationState::Open));
            assert_eq!(both.refuse_authorization(&token(name), "{}").await.unwrap(), CommitOutcome::Done);
            assert_eq!(both.release_authorization(&token(name)).await.unwrap(), CommitOutcome::Done);
            assert_eq!(both.release_authorization(&token(name)).await.unwrap(), CommitOutcome::Stale);
            let found = both.authorization(&token(name)).await.unwrap().unwrap();
            assert_eq!(found.state, AuthorizationState::Released);
        }
        for (name, keys) in [("d", &[][..]), ("e", &["old"]), ("f", &["new", "old"])] {
            let session = stored_everywhere(&node(&store, keys), name).await;
            assert_readable(&both, &session, name).await;
        }
    }
}

#[tokio::test]
async fn a_sealed_token_from_the_database_opens_nothing() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        let sealing = node(&store, &["one"]);
        stored_everywhere(&sealing, "a").await;
        let dumped = database.dump().await;
        let sealed =
            dumped.lines().find_map(|line| line.strip_prefix("payment_authorization.authorization_token: "));
        let stolen = AuthorizationToken::new(sealed.unwrap());
        for reader in [&sealing, &store] {
            assert!(reader.authorization(&stolen).await.unwrap().is_none());
            assert_eq!(reader.release_authorization(&stolen).await.unwrap(), CommitOutcome::Stale);
        }
    }
}

#[tokio::test]
async fn a_missing_key_is_an_error_that_names_it() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        let session = stored_everywhere(&node(&store, &["old"]), "a").await;
        for keys in [&[][..], &["new"]] {
            let reader = node(&store, keys);
            let errors = [
                reader.page_session(&session.id).await.map(drop).unwrap_err(),
                reader.snapshot(&session.id).await.map(drop).unwrap_err(),
                reader.events(&session.id).await.map(drop).unwrap_err(),
                reader.attempts(&session.id).await.map(drop).unwrap_err(),
                reader.feed(&merchant(), 0, FeedFilter::All, 100).await.map(drop).unwrap_err(),
            ];
            for error in errors {
                assert!(matches!(error, StoreError::Unusable(_)), "{error:?}");
                assert!(
                    error.to_string().contains("the key old, which is not in account_key_file"),
                    "{error}"
                );
            }
        }
    }
}

#[tokio::test]
async fn an_operation_that_cannot_be_read_does_not_delay_others() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        for (name, key) in [("a", "old"), ("b", "new")] {
            let writer = node(&store, &[key]);
            let session = create(&writer, name).await;
            record_release(&writer, &session, name).await;
        }
        let reader = node(&store, &["new"]);
        let claimed = reader.claim_operations(at(30), at(40), 10).await.unwrap();
        assert_eq!(claimed.iter().map(|claimed| &claimed.request).collect::<Vec<_>>(), [&body("b")]);
        let unreadable = reader.operations(&PageSessionId::new("page-a")).await.unwrap();
        assert_eq!(unreadable[0].state, OperationState::Due, "it is claimed again by a node with the key");
    }
}

#[tokio::test]
async fn all_texts_are_encrypted_again_with_the_first_key() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        let old = stored_everywhere(&node(&store, &["old"]), "a").await;
        let clear = stored_everywhere(&store, "b").await;
        let both = node(&store, &["new", "old"]);
        let new = stored_everywhere(&both, "c").await;
        let outcome = both.reseal().await.unwrap();
        assert!(outcome.resealed >= 28 && outcome.unreadable.is_empty(), "{outcome:?}");
        assert_eq!(both.reseal().await.unwrap().resealed, 0);
        let only_new = node(&store, &["new"]);
        for (session, name) in [(old, "a"), (clear, "b"), (new, "c")] {
            assert_readable(&only_new, &session, name).await;
        }
        let dumped = database.dump().await;
        let values = dumped.lines().filter(|line| !line.contains('\0'));
        let values: Vec<_> =
            values.filter(|line| line.contains(SECRET) || line.contains("sealed:old:")).collect();
        let of_tables = values
            .iter()
            .filter(|line| line.split_once(": ").is_some_and(|(column, _)| column.contains('.')));
        assert_eq!(of_tables.count(), 0, "{values:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_found_at_every_moment_of_a_reencryption() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        let (old, both) = (node(&store, &["old", "new"]), node(&store, &["new", "old"]));
        for number in 0..20 {
            let (name, writer) = (format!("n{number}"), if number % 2 == 0 { &old } else { &store });
            let created = create(writer, &name).await;
            paid_with_body(writer, created, &token(&name), "{}", Vec::new()).await;
            let both = both.clone();
            let reencryption = tokio::spawn(async move { both.reseal().await.unwrap() });
            while !reencryption.is_finished() {
                assert!(old.authorization(&token(&name)).await.unwrap().is_some(), "{name}");
            }
            assert!(reencryption.await.unwrap().resealed > 0);
        }
    }
}

#[tokio::test]
async fn texts_whose_key_is_missing_are_reported_and_not_changed() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        let old = node(&store, &["old"]);
        let session = stored_everywhere(&old, "a").await;
        let outcome = node(&store, &["new"]).reseal().await.unwrap();
        assert_eq!(outcome.resealed, 0);
        assert_eq!(outcome.missing_keys().into_iter().collect::<Vec<_>>(), ["old"]);
        assert_readable(&old, &session, "a").await;
    }
}

#[tokio::test]
async fn a_node_needs_every_key_of_the_database() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        let node = |keys: &[&str]| node(&store, keys);
        store.register_token_keys().await.unwrap();
        node(&["old"]).register_token_keys().await.unwrap();
        for keys in [&[][..], &["new"]] {
            let error = node(keys).register_token_keys().await.unwrap_err();
            assert!(matches!(error, StoreError::Unusable(_)), "{error:?}");
            assert!(error.to_string().contains("the key old, which is not in account_key_file"), "{error}");
        }
        node(&["old", "new"]).register_token_keys().await.unwrap();
        node(&["new", "old"]).register_token_keys().await.unwrap();
        assert!(node(&["new"]).register_token_keys().await.is_err(), "texts of the old key may remain");
        node(&["new", "old"]).reseal().await.unwrap();
        node(&["new"]).register_token_keys().await.unwrap();
    }
}

#[tokio::test]
async fn a_lost_key_can_be_forgotten() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        let (lost, new) = (node(&store, &["lost"]), node(&store, &["new"]));
        assert_eq!(lost.register_token_keys().await.unwrap(), KeyRegistration::Expected, "a new database");
        stored_everywhere(&lost, "a").await;
        new.reseal().await.unwrap();
        assert!(new.register_token_keys().await.is_err());
        let before = new.unchained_acts(1_000).await.unwrap().len();
        assert!(new.forget_token_key("lost", &act()).await.unwrap());
        assert!(!new.forget_token_key("lost", &act()).await.unwrap());
        assert_eq!(
            new.unchained_acts(1_000).await.unwrap().len(),
            before + 1,
            "one act for what was changed"
        );
        new.register_token_keys().await.unwrap();
    }
}

#[tokio::test]
async fn an_export_has_clear_tokens_and_an_import_seals_them() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        let session = stored_everywhere(&node(&store, &["one"]), "a").await;
        let exported = node(&store, &["one"]).export(&merchant(), None).await.unwrap();
        assert!(serde_json::to_string(&exported).unwrap().contains(SECRET));
        store.erase_history(&merchant(), &act()).await.unwrap();
        let importing = node(&store, &["two"]);
        assert_eq!(importing.import(&merchant(), &exported, &act()).await.unwrap(), ImportOutcome::Done(1));
        let found = importing.page_session(&session.id).await.unwrap().unwrap();
        assert_eq!(found.authorization_token, Some(token("a")));
        assert!(importing.authorization(&token("a")).await.unwrap().is_some());
        assert!(!database.dump().await.contains(SECRET));
        assert_eq!(importing.export(&MerchantId::new("m"), None).await.unwrap().len(), exported.len());
    }
}

#[tokio::test]
async fn sealed_authorizations_are_deleted_when_they_have_expired() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        let sealing = node(&store, &["one"]);
        for name in ["a", "b"] {
            let created = create(&sealing, name).await;
            paid_with_body(&sealing, created, &token(name), "{}", Vec::new()).await;
        }
        let kind = ExpiredKind::SealedAuthorizations;
        let young = sealing.retention_candidates(kind, "", "", at(1_000)).await.unwrap();
        assert_eq!(young.iter().map(|row| row.is_over).collect::<Vec<_>>(), [false, false]);
        let over = sealing.retention_candidates(kind, "", "", at(1_001)).await.unwrap();
        assert_eq!(over.iter().map(|row| row.is_over).collect::<Vec<_>>(), [true, true]);
        let rest = sealing.retention_candidates(kind, &over[0].place, "", at(1_001)).await.unwrap();
        assert_eq!(rest.len(), 1, "the scan continues after its last row");
        sealing.remove(kind, &over.iter().collect::<Vec<_>>(), None).await.unwrap();
        assert!(sealing.authorization(&token("a")).await.unwrap().is_none());
    }
}
