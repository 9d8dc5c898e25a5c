//! Each administrative act that a call can ask for has its entry, with its actor, its origin and no secret.

use std::collections::BTreeSet;

use kassa_domain::Actor;
use kassa_engine::{ActKind, ActOrigin, Requester};
use kassa_server::api_document;
use kassa_wire::audit::ActRecord;
use serde_json::{Value, json};

use super::{acts, changes, kinds, paid_session, problem};
use crate::harness::{Merchant, World, journey};
use crate::operator_makes_merchants::operator;

const ACCOUNTS: &str = "/kassa/v1/merchants/merchant/payment-accounts";
const PASSWORD: &str = "klarna_live_api_0123456789";

/// The acts of calls: method, pattern of the path, and the kind of the act. A new route must be listed here.
const CALLS: [(&str, &str, ActKind); 26] = [
    ("post", "/kassa/v1/sessions/{session_id}/redeliver", ActKind::SessionRedelivered),
    ("post", "/kassa/v1/sessions/{session_id}/settle", ActKind::OperationSettled),
    ("post", "/kassa/v1/credentials", ActKind::CredentialCreated),
    ("delete", "/kassa/v1/credentials/{username}", ActKind::CredentialRevoked),
    ("post", "/kassa/v1/merchants", ActKind::MerchantCreated),
    ("patch", "/kassa/v1/merchants/{merchant_id}", ActKind::MerchantRenamed),
    ("patch", "/kassa/v1/merchants/{merchant_id}", ActKind::MerchantSuspended),
    ("patch", "/kassa/v1/merchants/{merchant_id}", ActKind::MerchantResumed),
    ("post", "/kassa/v1/merchants/{merchant_id}/credentials", ActKind::CredentialCreated),
    ("delete", "/kassa/v1/merchants/{merchant_id}/credentials/{username}", ActKind::CredentialRevoked),
    ("put", "/kassa/v1/merchants/{merchant_id}/payment-accounts", ActKind::PaymentAccountSet),
    ("delete", "/kassa/v1/merchants/{merchant_id}/payment-accounts", ActKind::PaymentAccountRemoved),
    ("post", "/kassa/v1/merchants/{merchant_id}/profiles", ActKind::ProfileCreated),
    ("put", "/kassa/v1/merchants/{merchant_id}/profiles/{profile_id}", ActKind::ProfileReplaced),
    ("delete", "/kassa/v1/merchants/{merchant_id}/profiles/{profile_id}", ActKind::ProfileDeleted),
    ("post", "/kassa/v1/consumers/erase", ActKind::ConsumerErased),
    ("put", "/kassa/v1/callbacks/settings", ActKind::SettingsChanged),
    ("put", "/kassa/v1/payments/settings", ActKind::SettingsChanged),
    ("post", "/kassa/v1/callbacks/secrets", ActKind::SettingsChanged),
    ("delete", "/kassa/v1/callbacks/secrets/{id}", ActKind::SettingsChanged),
    ("post", "/kassa/v1/events/redeliver", ActKind::MerchantRedelivered),
    ("post", "/kassa/v1/events/{event_id}/redeliver", ActKind::EventRedelivered),
    ("post", "/lab/v1/merchants", ActKind::MerchantCreated),
    ("delete", "/lab/v1/merchants/{id}", ActKind::MerchantDeleted),
    ("post", "/lab/v1/reset", ActKind::MerchantReset),
    ("post", "/lab/v1/import", ActKind::HistoryImported),
];

/// The calls that change nothing, although they are no `GET`: an address is not to be in a URL.
const READS: [&str; 1] = ["/kassa/v1/consumers/show"];

/// The calls of the lab that change only test data or the lab itself. They are no administrative acts.
const LAB_ONLY: [&str; 10] = [
    "/lab/v1/sessions/{session_id}/{act}",
    "/lab/v1/orders/{order_id}/{verdict}",
    "/lab/v1/payment-sessions/{session_id}/{act}",
    "/lab/v1/clock",
    "/lab/v1/clock/advance",
    "/lab/v1/faults",
    "/lab/v1/weather",
    "/lab/v1/rate-limits",
    "/lab/v1/journal",
    "/lab/v1/inbox",
];

/// The calls of Kassa's own API and of the lab that are no reads, as the description of the APIs has them.
fn changing_calls(world: &World) -> BTreeSet<(String, String)> {
    let document = api_document(world.app());
    let mut calls = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in ["post", "put", "delete", "patch"] {
            let is_own = path.starts_with("/kassa/v1/") || path.starts_with("/lab/v1/");
            if is_own && methods.get(method).is_some() {
                calls.insert((method.to_string(), path.clone()));
            }
        }
    }
    calls
}

#[test]
fn each_changing_call_is_listed_with_its_act() {
    journey(|world| async move {
        let served = changing_calls(&world).into_iter();
        let served =
            served.filter(|(_, path)| !LAB_ONLY.contains(&path.as_str()) && !READS.contains(&path.as_str()));
        let listed = CALLS.map(|(method, path, _)| (method.to_string(), path.to_string()));
        assert_eq!(served.collect::<BTreeSet<_>>(), BTreeSet::from(listed));
    });
}

/// Makes the calls of a merchant about its own account.
async fn administer_oneself(merchant: &Merchant) {
    let made = merchant.post("/kassa/v1/credentials", &json!({})).await;
    let username = made.json["username"].as_str().unwrap();
    assert_eq!(merchant.delete(&format!("/kassa/v1/credentials/{username}")).await.status, 204);
    let durable = json!({"retry_schedule": "durable", "disabled_calls_back": true});
    assert_eq!(merchant.put("/kassa/v1/callbacks/settings", &durable).await.status, 200);
    let invoices = json!({"payment_method_categories": ["pay_later"]});
    assert_eq!(merchant.put("/kassa/v1/payments/settings", &invoices).await.status, 200);
    let made = merchant.post("/kassa/v1/callbacks/secrets", &json!({})).await;
    let id = made.json["id"].as_str().unwrap();
    assert_eq!(merchant.delete(&format!("/kassa/v1/callbacks/secrets/{id}")).await.status, 204);
}

/// Makes the calls of an operator.
async fn administer_merchants(operator: &Merchant) {
    let made = operator.post("/kassa/v1/merchants", &json!({"merchant_id": "PK9", "name": "Shop"})).await;
    assert_eq!(made.status, 201);
    let made = operator.post("/kassa/v1/merchants/PK9/credentials", &json!({})).await;
    let path = format!("/kassa/v1/merchants/PK9/credentials/{}", made.json["username"].as_str().unwrap());
    assert_eq!(operator.delete(&path).await.status, 204);
    for change in [json!({"name": "Shoes", "is_suspended": true}), json!({"is_suspended": false})] {
        assert_eq!(operator.patch("/kassa/v1/merchants/PK9", &change).await.status, 200);
    }
    let account = json!({"base_url": "https://api.klarna.com", "username": "PK1_user", "password": PASSWORD});
    assert_eq!(operator.put(ACCOUNTS, &account).await.status, 200);
    let path = format!("{ACCOUNTS}?base_url=https%3A%2F%2Fapi.klarna.com");
    assert_eq!(operator.delete(&path).await.status, 204);
    let profile = json!({"name": "Web shop", "is_default": true});
    let path = "/kassa/v1/merchants/PK9/profiles";
    let made = operator.post(path, &profile).await;
    let path = format!("{path}/{}", made.json["profile_id"].as_str().unwrap());
    assert_eq!(operator.put(&path, &profile).await.status, 200);
    assert_eq!(operator.delete(&path).await.status, 204);
    let erasure = json!({"email": "customer@email.se", "include_open": true});
    assert_eq!(operator.post("/kassa/v1/consumers/erase", &erasure).await.status, 200);
}

/// Redelivers in each way.
async fn redeliver(world: &World, session: &str) {
    let event = world.history(session).await["events"][0]["event_id"].as_str().unwrap().to_string();
    for path in
        [format!("/kassa/v1/events/{event}/redeliver"), format!("/kassa/v1/sessions/{session}/redeliver")]
    {
        assert_eq!(world.merchant.post(&path, &json!({})).await.status, 202, "{path}");
    }
    let since = json!({"since": "2020-01-01T00:00:00Z"});
    assert_eq!(world.merchant.post("/kassa/v1/events/redeliver", &since).await.status, 202);
}

/// Makes the calls of the lab.
async fn administer_in_the_lab(world: &World) {
    let file = world.merchant.get("/lab/v1/export").await.json;
    let made = world.merchant.post("/lab/v1/merchants", &json!({})).await;
    let path = format!("/lab/v1/merchants/{}", made.json["merchant_id"].as_str().unwrap());
    assert_eq!(world.merchant.delete(&path).await.status, 204);
    assert_eq!(world.merchant.post("/lab/v1/reset", &json!({})).await.status, 204);
    assert_eq!(world.merchant.post("/lab/v1/import", &file).await.status, 201);
}

#[test]
fn each_act_has_its_entry() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        let session = paid_session(&world).await;
        administer_oneself(&world.merchant).await;
        administer_merchants(&operator).await;
        redeliver(&world, &session).await;
        administer_in_the_lab(&world).await;
        let by = Requester::in_process(Actor::CommandLine);
        assert!(world.app().accounts().revoke_operator("deployments", &by).await.unwrap());
        let found = acts(world.app()).await;
        let mut expected: BTreeSet<String> =
            CALLS.iter().map(|(_, _, kind)| kind.as_str().to_string()).collect();
        // It has a journey of its own, because it needs a stuck operation.
        expected.remove(ActKind::OperationSettled.as_str());
        expected.extend(OF_COMMANDS.map(|kind| kind.as_str().to_string()));
        assert_eq!(kinds(&found), expected);
        assert_origins(&found);
        let text = serde_json::to_string(&found).unwrap();
        assert!(!text.contains(PASSWORD) && !text.contains("whsec_"), "{text}");
        assert_eq!(problem(world.app(), &[]).await, None);
    });
}

/// The kinds that only commands and the node itself cause. The first two are in the journey above.
const OF_COMMANDS: [ActKind; 2] = [ActKind::OperatorCreated, ActKind::OperatorRevoked];

/// The kinds that the console and commands cause. `operator_console` tests them.
const OF_CONSOLE: [ActKind; 4] = [
    ActKind::OperatorRoleChanged,
    ActKind::OperatorReset,
    ActKind::OperatorRestored,
    ActKind::PasswordChosen,
];

/// Kinds with tests of their own: the encryption, and retention.
const ELSEWHERE: [ActKind; 5] = [
    ActKind::Reencrypted,
    ActKind::KeyForgotten,
    ActKind::EncryptionExtended,
    ActKind::SessionsExpired,
    ActKind::TrailShortened,
];

#[test]
fn each_kind_of_act_is_tested() {
    let tested: Vec<ActKind> = CALLS
        .iter()
        .map(|(_, _, kind)| *kind)
        .chain(OF_COMMANDS)
        .chain(OF_CONSOLE)
        .chain(ELSEWHERE)
        .collect();
    for kind in ActKind::ALL {
        assert!(tested.contains(kind), "{kind:?} is in no list of this test");
    }
}

/// A call has its address and its correlation id. The actor is the caller.
fn assert_origins(acts: &[ActRecord]) {
    let kinds_of_calls: BTreeSet<&str> = CALLS.iter().map(|(_, _, kind)| kind.as_str()).collect();
    let of_calls = acts.iter().filter(|act| act.actor.kind != "command_line");
    for act in of_calls.filter(|act| kinds_of_calls.contains(act.act.as_str())) {
        let ActOrigin::Api { address, correlation_id } = &act.origin else { panic!("{act:?}") };
        assert_eq!(address.as_deref(), Some("127.0.0.1"), "{act:?}");
        assert_eq!(correlation_id.as_ref().map(String::len), Some(36), "{act:?}");
        assert!(
            ["merchant", "operator"].contains(&act.actor.kind.as_str()) && act.actor.name.is_some(),
            "{act:?}"
        );
    }
}

#[test]
fn a_change_of_settings_says_what_was_changed_and_a_refused_act_leaves_no_entry() {
    journey(|world| async move {
        let before = acts(world.app()).await.len();
        let durable = json!({"retry_schedule": "durable", "disabled_calls_back": true});
        for _ in 0..2 {
            assert_eq!(world.merchant.put("/kassa/v1/callbacks/settings", &durable).await.status, 200);
        }
        assert_eq!(
            world.merchant.delete("/kassa/v1/credentials/merchant_user").await.status,
            409,
            "the last one"
        );
        assert_eq!(world.merchant.delete("/kassa/v1/credentials/unknown").await.status, 404);
        assert_eq!(world.merchant.delete("/kassa/v1/callbacks/secrets/unknown").await.status, 404);
        let new = acts(world.app()).await.split_off(before);
        assert_eq!(new.len(), 1, "{new:?}");
        assert_eq!(new[0].details["disabled_calls_back"], json!(true));
        assert_eq!(new[0].details["retry_schedule"]["waits_ms"].as_array().map(Vec::len), Some(9));
        assert!(!new[0].details.contains_key("payment_method_categories"), "{new:?}");
    });
}

#[test]
fn a_status_change_is_in_the_trail_of_its_merchant() {
    journey(|world| async move {
        let session = paid_session(&world).await;
        let history = world.history(&session).await;
        let found = changes(world.app()).await;
        let statuses: Vec<_> = found
            .iter()
            .map(|change| (change.status_before.as_deref().unwrap(), change.status.as_str()))
            .collect();
        assert_eq!(
            statuses,
            [("WAITING", "IN_PROGRESS"), ("IN_PROGRESS", "FAILED"), ("FAILED", "COMPLETED")]
        );
        for (change, event) in found.iter().zip(history["events"].as_array().unwrap()) {
            assert_eq!(change.session_id, session);
            let expected = [&event["event_id"], &event["event"], &event["status"], &event["occurred_at"]];
            let change: Value = serde_json::to_value(change).unwrap();
            let found = ["event_id", "event", "status", "occurred_at"].map(|name| &change[name]);
            assert_eq!(found, expected);
            assert_eq!(change["actor"], event["actor"]);
        }
    });
}
