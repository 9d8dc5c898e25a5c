//! Data of consumers and callback secrets: encrypted if the store has keys, and only once every node can read them.

use kassa_domain::merchant::{CallbackSecret, Merchant, MerchantSettings};
use kassa_domain::operation::OperationKind;
use kassa_domain::payment_session::{Authorization, PaymentSession, PaymentSystemKey, StartedPayment};
use kassa_domain::{OperationId, PageSessionId, PaymentSessionId, Username};
use kassa_store::simulation::Database;
use kassa_store::{
    CommitOutcome, ConsumerIdentity, ConsumerSearch, Credential, DataSeal, ImportOutcome, KeyRegistration,
    Message, NewOperation, SealKey, SealScope, Store, StoredCustomerToken, UnreadableTexts,
};
use kassa_testkit::NamedEngine;
use tempfile::TempDir;

use crate::claims_are_disjoint::databases;
use crate::life::{act, at, authorization, create, merchant, ordered_with_token, paid_with_body};
use crate::older_nodes_go_on::run;

/// A part of every text of these tests that must not be read in the database.
const HIDDEN: &str = "ada@example.se";

/// The store of a node with these keys, which has learned what is sealed.
async fn node(store: &Store, keys: &[&str]) -> Store {
    let keys = keys.iter().map(|name| SealKey::derive(name, name.as_bytes()));
    let store = store.clone().sealing(DataSeal::new(keys));
    store.learn_seal_scope().await.unwrap();
    store
}

fn content() -> String {
    format!(r#"{{"billing_address":{{"email":"{HIDDEN}"}}}}"#)
}

fn settings() -> MerchantSettings {
    let secret = CallbackSecret { id: "1".to_string(), secret: format!("whsec_{HIDDEN}"), created_at: at(0) };
    MerchantSettings { callback_secrets: vec![secret], ..MerchantSettings::default() }
}

/// Stores a text in every column whose content is sealed.
async fn store_contents(store: &Store, name: &str) {
    let credential = Credential {
        username: Username::new(format!("u-{name}")),
        secret_hash: "h".to_string(),
        revoked_at: None,
    };
    let shop = Merchant {
        id: merchant_of(name),
        name: "Shop".to_string(),
        settings: settings(),
        suspended_at: None,
    };
    assert!(store.add_merchant(&shop, &credential, at(0), &act()).await.unwrap());
    let created = create(store, name).await;
    let id = created.payment_session_id.clone();
    assert_eq!(store.update_payment_session(&id, 1, &content()).await.unwrap(), CommitOutcome::Done);
    let payment = store.payment_session(&id).await.unwrap().unwrap();
    let started = StartedPayment {
        key: OperationId::new("start"),
        page_session_id: created.id.clone(),
        category: "pay_later".to_string(),
        body: content(),
        request: content(),
        answer: None,
    };
    store.record_started_payment(&payment, Some(&started), None).await.unwrap();
    let message = Message {
        id: format!("message-{name}"),
        merchant_id: merchant(),
        page_session_id: created.id.clone(),
        channel: "email".to_string(),
        recipient: HIDDEN.to_string(),
        subject: format!("For {HIDDEN}"),
        body: format!("Hello {HIDDEN}"),
        link: format!("https://pay.example/pay/{HIDDEN}"),
        created_at: at(1),
    };
    store.add_message(&message, None).await.unwrap();
    let token = StoredCustomerToken {
        token_id: format!("customer-{name}"),
        merchant_id: merchant(),
        version: 0,
        created_at: at(0),
        body: content(),
    };
    store.create_customer_token(&token).await.unwrap();
}

fn merchant_of(name: &str) -> kassa_domain::MerchantId {
    kassa_domain::MerchantId::new(format!("m-{name}"))
}

async fn assert_readable(store: &Store, name: &str) {
    let payment =
        store.payment_session(&PaymentSessionId::new(format!("payment-{name}"))).await.unwrap().unwrap();
    assert_eq!((payment.body.as_str(), payment.started.unwrap().body), (content().as_str(), content()));
    let messages = store.messages_about(&PageSessionId::new(format!("page-{name}"))).await.unwrap();
    assert_eq!((messages[0].recipient.as_str(), messages.len()), (HIDDEN, 1));
    assert!(messages[0].link.ends_with(HIDDEN) && messages[0].body.ends_with(HIDDEN));
    let token = store.customer_token(&format!("customer-{name}")).await.unwrap().unwrap();
    assert_eq!(token.body, content());
    assert_eq!(store.merchant(&merchant_of(name)).await.unwrap().unwrap().settings, settings());
    let (found, _) = store.credential(&format!("u-{name}")).await.unwrap().unwrap();
    assert_eq!(found.settings, settings());
}

/// The values of tables that contain the text. Bytes of a file that no table has any more do not count.
async fn clear_values(database: &Database) -> Vec<String> {
    let dumped = database.dump().await;
    let is_value = |line: &&str| line.split_once(": ").is_some_and(|(column, _)| column.contains('.'));
    let lines = dumped.lines().filter(|line| !line.contains('\0')).filter(is_value);
    lines.filter(|line| line.contains(HIDDEN)).map(str::to_string).collect()
}

#[tokio::test]
async fn a_new_database_has_no_content_in_clear_if_the_store_has_keys() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        let sealing = node(&store, &["one"]).await;
        assert_eq!(sealing.learn_seal_scope().await.unwrap(), SealScope::Contents);
        store_contents(&sealing, "a").await;
        assert_readable(&sealing, "a").await;
        let dumped = database.dump().await;
        assert!(!dumped.contains(HIDDEN), "{dumped}");
    }
}

#[tokio::test]
async fn orders_and_authorizations_are_stored_without_their_content_in_clear() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = node(&database.open().await, &["one"]).await;
        let token = kassa_domain::AuthorizationToken::new("t0ken");
        let created = create(&store, "a").await;
        let session = paid_with_body(&store, created, &token, "{}", Vec::new()).await;
        ordered_with_token(&store, "a", &token, 2, &[]).await;
        let id = kassa_domain::OrderId::new("order-a");
        let order = store.order(&id).await.unwrap().unwrap();
        store.update_order(&order, &content(), None).await.unwrap();
        assert_eq!(store.order(&id).await.unwrap().unwrap().body, content());
        let of_consumer =
            Authorization { body: content(), consumer: Some(content()), ..authorization(&session) };
        let operation = NewOperation {
            id: OperationId::new("release"),
            kind: OperationKind::Release,
            authorization: of_consumer,
            request: content(),
            recorded_at: at(10),
            gives_up_at: at(20),
            leased_until: at(20),
        };
        let note = kassa_store::Note {
            at: at(30),
            kind: "Note",
            detail: String::new(),
            actor: kassa_domain::Actor::System,
        };
        store.record_release(&session.id, &note, Some(&operation)).await.unwrap();
        let dumped = database.dump().await;
        assert!(!dumped.contains(HIDDEN), "{dumped}");
    }
}

#[tokio::test]
async fn a_database_with_merchants_of_an_earlier_version_waits_for_the_command() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        // As the migration leaves a database that has merchants.
        run(&database, "update setting set value = 'tokens' where name = 'sealed_data'").await;
        let running = node(&store, &["one"]).await;
        store_contents(&running, "a").await;
        assert!(clear_values(&database).await.len() >= 8, "an older node can read them");
        assert_eq!(oldest_schema(&database).await, "1");
        running.reseal().await.unwrap();
        assert!(clear_values(&database).await.len() >= 8, "a rotation does not extend what is encrypted");

        let command = node(&store, &["one"]).await;
        assert_eq!(command.seal_contents(&act()).await.unwrap(), SealScope::Contents);
        assert_eq!(running.learn_seal_scope().await.unwrap(), SealScope::Contents, "without a restart");
        store_contents(&running, "b").await;
        assert!(command.reseal().await.unwrap().resealed >= 8);
        assert_eq!(clear_values(&database).await, [""; 0]);
        assert_eq!(oldest_schema(&database).await, "17", "an older node would not understand it");
        for name in ["a", "b"] {
            assert_readable(&running, name).await;
        }
    }
}

async fn oldest_schema(database: &Database) -> String {
    let dumped = database.dump().await;
    let mut names = dumped.lines().filter_map(|line| line.strip_prefix("setting.name: "));
    let place = names.position(|name| name == "oldest_schema").unwrap();
    let mut values = dumped.lines().filter_map(|line| line.strip_prefix("setting.value: "));
    values.nth(place).unwrap().to_string()
}

#[tokio::test]
async fn without_keys_contents_stay_in_clear_and_earlier_versions_can_start() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        assert_eq!(store.learn_seal_scope().await.unwrap(), SealScope::Nothing);
        store_contents(&store, "a").await;
        assert_readable(&store, "a").await;
        assert_eq!(oldest_schema(&database).await, "1");
        // A node with keys reads what was stored before, and a change of settings seals them.
        let sealing = node(&store, &["one"]).await;
        let registered = async || sealing.register_token_keys().await.unwrap();
        assert_eq!(
            registered().await,
            KeyRegistration::FirstKeyOfUsedDatabase,
            "older rows are in clear text"
        );
        assert_eq!(registered().await, KeyRegistration::Expected);
        assert_readable(&sealing, "a").await;
        let change = |settings: &mut MerchantSettings| settings.disabled_calls_back = true;
        sealing.change_settings(&merchant_of("a"), change, |_, _| Ok(act())).await.unwrap();
        let stored = sealing.merchant(&merchant_of("a")).await.unwrap().unwrap();
        assert!(stored.settings.disabled_calls_back);
        assert!(store.merchant(&merchant_of("a")).await.is_err(), "the key is missing");
    }
}

#[tokio::test]
async fn contents_stay_readable_during_a_rotation() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        store_contents(&node(&store, &["old"]).await, "a").await;
        let both = node(&store, &["new", "old"]).await;
        assert_readable(&both, "a").await;
        assert!(both.reseal().await.unwrap().unreadable.is_empty());
        assert_readable(&node(&store, &["new"]).await, "a").await;
    }
}

#[tokio::test]
async fn a_scan_counts_texts_without_a_key_and_damaged_ones_apart() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = node(&database.open().await, &["one"]).await;
        store_contents(&store, "a").await;
        let search =
            ConsumerSearch { identity: ConsumerIdentity::parse(Some(HIDDEN), None).unwrap(), merchant: None };
        let unreadable = async |store: &Store| {
            let mut unreadable = UnreadableTexts::default();
            let mut place = Some(kassa_store::ScanPlace::default());
            while let Some(at) = place {
                let page =
                    store.scan_consumer(&search, &std::collections::BTreeSet::new(), &at).await.unwrap();
                unreadable.add(page.unreadable);
                place = page.next;
            }
            unreadable
        };
        assert!(unreadable(&store).await.is_none());
        let other = node(&store, &["other"]).await;
        let without_key = unreadable(&other).await;
        assert!(without_key.keys_missing > 2 && without_key.damaged == 0, "{without_key:?}");
        run(&database, "update message set recipient = 'sealed:one:AAAA', body = 'sealed:one:AAAA'").await;
        assert_eq!(unreadable(&store).await, UnreadableTexts { keys_missing: 0, damaged: 1 });
        let page = store.consumer_page_sessions("payment-a").await.unwrap().remove(0);
        let owned = store.owned_texts(page.id.as_str()).await.unwrap();
        assert_eq!(owned.unreadable, UnreadableTexts { keys_missing: 0, damaged: 2 });
        assert!(!owned.texts.is_empty());
    }
}

#[tokio::test]
async fn an_export_has_contents_in_clear_and_an_import_seals_them() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = node(&database.open().await, &["one"]).await;
        store_contents(&store, "a").await;
        let exported = store.export(&merchant(), None).await.unwrap();
        assert!(serde_json::to_string(&exported).unwrap().contains(HIDDEN));
        store.erase_history(&merchant(), &act()).await.unwrap();
        assert_eq!(store.import(&merchant(), &exported, &act()).await.unwrap(), ImportOutcome::Done(1));
        assert_eq!(clear_values(&database).await, [""; 0]);
        let messages = store.messages(&merchant()).await.unwrap();
        assert_eq!(messages[0].recipient, HIDDEN);
    }
}

#[tokio::test]
async fn the_copy_of_a_remote_payment_session_is_sealed() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = node(&database.open().await, &["one"]).await;
        let copy = PaymentSession {
            id: PaymentSessionId::new("remote"),
            system: PaymentSystemKey::Klarna { base_url: "https://api.klarna.com".to_string() },
            merchant_id: merchant(),
            version: 0,
            created_at: at(0),
            expires_at: at(1_000),
            body: content(),
            authorization_token: None,
            completion: None,
            started: None,
        };
        store.adopt_payment_session(&copy).await.unwrap();
        let content =
            kassa_store::RemoteContent { body: content(), expires_at: at(2_000), authorization_token: None };
        store.refresh_payment_session(&copy.id, 0, &content, at(5)).await.unwrap();
        assert_eq!(store.payment_session(&copy.id).await.unwrap().unwrap().body, content.body);
        assert!(!database.dump().await.contains(HIDDEN));
    }
}
