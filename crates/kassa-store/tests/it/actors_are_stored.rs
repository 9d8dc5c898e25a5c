//! Events and notes are stored and exported with the actor that caused them.

use kassa_domain::lifecycle::{Event, Status};
use kassa_domain::merchant_urls::MerchantUrls;
use kassa_domain::page_session::{PageOptions, PageSession};
use kassa_domain::payment_session::{PaymentSession, PaymentSystemKey};
use kassa_domain::{Actor, EventId, MerchantId, PageSessionId, PaymentSessionId, Timestamp, Username};
use kassa_store::simulation::Database;
use kassa_store::{Advance, ImportOutcome, Note, Store};
use kassa_testkit::NamedEngine;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::older_nodes_go_on::run;

use crate::life::act;

fn merchant() -> MerchantId {
    MerchantId::new("m")
}

fn page_session_id() -> PageSessionId {
    PageSessionId::new("page")
}

/// An actor of each kind. A name may contain a blank.
fn each_actor() -> Vec<Actor> {
    let username = || Username::new("PK1 dev");
    let (merchant, operator) = (Actor::Merchant(username()), Actor::Operator(username()));
    vec![Actor::Consumer, merchant, operator, Actor::Lab, Actor::System, Actor::CommandLine]
}

async fn create(store: &Store) -> PageSession {
    let at = Timestamp::from_ms(0);
    let payment = PaymentSession {
        id: PaymentSessionId::new("payment"),
        system: PaymentSystemKey::Sandbox,
        merchant_id: merchant(),
        version: 0,
        created_at: at,
        expires_at: at,
        body: "{}".to_string(),
        authorization_token: None,
        completion: None,
        started: None,
    };
    store.create_payment_session(&payment).await.unwrap();
    let session = PageSession {
        id: page_session_id(),
        merchant_id: merchant(),
        payment_session_id: payment.id,
        status: Status::InProgress,
        version: 0,
        created_at: at,
        updated_at: at,
        expires_at: at,
        merchant_urls: MerchantUrls::default(),
        options: PageOptions::default(),
        authorization_token: None,
        order: None,
        open_operation: None,
        id_check: None,
    };
    store.create_page_session(&session).await.unwrap();
    session
}

/// Commits an event with a note, both caused by this actor.
async fn change(store: &Store, session: &mut PageSession, actor: &Actor) {
    session.version += 1;
    session.updated_at = Timestamp::from_ms(session.version);
    let note = Note {
        at: session.updated_at,
        kind: "Reason",
        detail: "It was declined.".to_string(),
        actor: actor.clone(),
    };
    let advance = Advance {
        session: session.clone(),
        event: Event::PaymentDeclined,
        actor: actor.clone(),
        event_id: EventId::new(format!("event-{}", session.version)),
        body: "{}".to_string(),
        callback: None,
        note: Some(note),
        new_authorization: None,
        operation_end: None,
        release: None,
        reference_reads: None,
        timer: None,
    };
    store.commit(&advance).await.unwrap();
}

async fn actors_of(store: &Store) -> (Vec<Option<Actor>>, Vec<Option<Actor>>) {
    let events = store.events(&page_session_id()).await.unwrap();
    let notes = store.notes(&page_session_id()).await.unwrap();
    let events = events.into_iter().map(|event| event.actor).collect();
    (events, notes.into_iter().map(|note| note.actor).collect())
}

#[tokio::test]
async fn each_actor_is_read_as_it_was_stored() {
    let folder = TempDir::new().unwrap();
    for database in Database::on_each_engine(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        let mut session = create(&store).await;
        for actor in each_actor() {
            change(&store, &mut session, &actor).await;
        }
        let expected: Vec<_> = each_actor().into_iter().map(Some).collect();
        assert_eq!(actors_of(&store).await, (expected.clone(), expected), "{}", database.engine());
    }
}

#[tokio::test]
async fn rows_of_an_older_node_have_no_actor() {
    let folder = TempDir::new().unwrap();
    for database in Database::on_each_engine(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        create(&store).await;
        let insert = "insert into status_event
              (page_session_id, sequence, event_id, merchant_id, event, status, occurred_at, body)
              values ('page', 1, 'event-1', 'm', 'ConsumerEntered', 'IN_PROGRESS', 1, '{}');
            insert into note (page_session_id, noted_at, kind, detail) values ('page', 1, 'Reason', '')";
        run(&database, insert).await;
        assert_eq!(actors_of(&store).await, (vec![None], vec![None]), "{}", database.engine());
    }
}

#[tokio::test]
async fn an_actor_that_only_a_newer_node_knows_is_left_out() {
    let folder = TempDir::new().unwrap();
    for database in Database::on_each_engine(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        let mut session = create(&store).await;
        change(&store, &mut session, &Actor::Consumer).await;
        let update =
            "update status_event set actor_kind = 'payment_system'; update note set actor_kind = 'merchant'";
        run(&database, update).await;
        assert_eq!(actors_of(&store).await, (vec![None], vec![None]), "{}", database.engine());
    }
}

#[tokio::test]
async fn an_export_carries_the_actors_to_another_database() {
    let folder = TempDir::new().unwrap();
    for database in Database::on_each_engine(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        let mut session = create(&store).await;
        for actor in each_actor() {
            change(&store, &mut session, &actor).await;
        }
        let before = actors_of(&store).await;
        let tables = store.export(&merchant(), None).await.unwrap();
        store.erase_history(&merchant(), &act()).await.unwrap();
        assert_eq!(store.import(&merchant(), &tables, &act()).await.unwrap(), ImportOutcome::Done(1));
        assert_eq!(actors_of(&store).await, before, "{}", database.engine());
    }
}

#[tokio::test]
async fn an_import_with_a_contradictory_actor_is_refused() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("kassa.db")).unwrap();
    let mut session = create(&store).await;
    change(&store, &mut session, &Actor::Lab).await;
    let tables = store.export(&merchant(), None).await.unwrap();
    store.erase_history(&merchant(), &act()).await.unwrap();
    for (kind, name) in [
        (json!("merchant"), Value::Null),
        (json!("lab"), json!("PK1_dev")),
        (json!("nobody"), Value::Null),
        (Value::Null, json!("PK1_dev")),
    ] {
        for table in ["status_event", "note"] {
            let refused = ImportOutcome::Unreadable(format!("tables.{table}[0].actor_kind"));
            let tables = with_actor(&tables, table, &kind, &name);
            assert_eq!(store.import(&merchant(), &tables, &act()).await.unwrap(), refused, "{kind} {name}");
        }
    }
}

fn with_actor(tables: &Map<String, Value>, table: &str, kind: &Value, name: &Value) -> Map<String, Value> {
    let mut tables = tables.clone();
    let row = &mut tables[table][0];
    (row["actor_kind"], row["actor_name"]) = (kind.clone(), name.clone());
    tables
}
