//! Accounts over HTTP: operators create merchants and credentials, and merchants rotate their own credentials.

use kassa_domain::{Actor, Role};
use kassa_engine::{AccountCreation, NAME_RULE, Requester};
use serde_json::{Value, json};

use crate::harness::{Answer, Merchant, World, journey};

const MERCHANTS: &str = "/kassa/v1/merchants";
const OWN: &str = "/kassa/v1/credentials";

/// Creates an operator. Returns a caller with its credential.
pub async fn operator(world: &World, name: &str) -> Merchant {
    let AccountCreation::New(made) = world
        .app()
        .accounts()
        .create_operator(name, Role::Admin, &Requester::in_process(Actor::CommandLine))
        .await
        .unwrap()
    else {
        panic!("{name} is new")
    };
    world.anyone_as(&made.username, &made.password)
}

fn caller(world: &World, made: &Answer) -> Merchant {
    let text = |field: &str| made.json[field].as_str().unwrap();
    world.anyone_as(text("username"), text("password"))
}

fn usernames(list: &Value) -> Vec<String> {
    let credentials = list["credentials"].as_array().unwrap().iter();
    credentials.map(|one| one["username"].as_str().unwrap().to_string()).collect()
}

#[test]
fn an_operator_makes_a_merchant_that_can_work_at_once() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        let made = operator.post(MERCHANTS, &json!({"merchant_id": "PK9", "name": "Shoe Shop"})).await;
        assert_eq!(made.status, 201, "{}", made.text);
        assert!(made.json["callback_secret"].as_str().unwrap().starts_with("whsec_"));
        let merchant = caller(&world, &made);
        merchant.payment_session("ECOMMERCE").await;
        let again = operator.post(MERCHANTS, &json!({"merchant_id": "PK9", "name": "Other"})).await;
        assert_eq!((again.status, again.json["error_code"].as_str()), (409, Some("CONFLICT")));
        let listed = operator.get(MERCHANTS).await.json;
        let shoe_shop = json!({"merchant_id": "PK9", "name": "Shoe Shop"});
        assert!(listed["merchants"].as_array().unwrap().contains(&shoe_shop), "{listed}");

        let path = format!("{MERCHANTS}/PK9/credentials");
        let second = operator.post(&path, &json!({})).await;
        assert_eq!(second.status, 201);
        assert_eq!(usernames(&operator.get(&path).await.json).len(), 2);
        for made in [&made, &second] {
            let username = made.json["username"].as_str().unwrap();
            assert_eq!(operator.delete(&format!("{path}/{username}")).await.status, 204);
            assert_eq!(caller(&world, made).get(OWN).await.status, 401, "the last one too");
            assert_eq!(operator.delete(&format!("{path}/{username}")).await.status, 404);
        }
    });
}

#[test]
fn a_bad_merchant_id_or_name_is_refused_with_its_field() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        let rule = format!("An id has letters, digits, - and _, 64 at most. {NAME_RULE}");
        let long = "x".repeat(65);
        for id in ["", "PK 9", "PK/9", "Käufer", &long] {
            let refused = operator.post(MERCHANTS, &json!({"merchant_id": id, "name": "Shop"})).await;
            assert_eq!(refused.json["error_messages"], json!(["Bad value: merchant_id", rule]), "{id}");
        }
        let long = "x".repeat(101);
        for name in [
            " ",
            &long,
            "Shoe\r\nBcc: everyone@example.org",
            "Shoe\tShop",
            "Shoe\u{1b}[2J",
            "Shop\u{202e}poh",
            "a\u{2028}b",
        ] {
            let refused = operator.post(MERCHANTS, &json!({"merchant_id": "PK9", "name": name})).await;
            assert_eq!(refused.status, 400, "{name:?}");
            assert_eq!(refused.json["error_messages"], json!(["Bad value: name", rule]), "{name:?}");
        }
        assert_eq!(operator.post(&format!("{MERCHANTS}/PK9/credentials"), &json!({})).await.status, 404);
        assert_eq!(operator.get(&format!("{MERCHANTS}/PK9/credentials")).await.status, 404);
    });
}

#[test]
fn operators_and_merchants_cannot_do_each_others_work() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        for path in [OWN, "/kassa/v1/sessions", "/kassa/v1/events"] {
            assert_eq!(operator.get(path).await.status, 401, "{path}");
        }
        assert_eq!(world.merchant.get(MERCHANTS).await.status, 401);
        let body = json!({"merchant_id": "PK9", "name": "Shop"});
        assert_eq!(world.merchant.post(MERCHANTS, &body).await.status, 401);
        assert_eq!(world.anyone_as("deployments", "mistaken").get(MERCHANTS).await.status, 401);
        assert!(
            world
                .app()
                .accounts()
                .revoke_operator("deployments", &Requester::in_process(Actor::CommandLine))
                .await
                .unwrap()
        );
        assert_eq!(operator.get(MERCHANTS).await.status, 401, "a revoked operator");
        assert!(matches!(
            world
                .app()
                .accounts()
                .create_operator("deployments", Role::Admin, &Requester::in_process(Actor::CommandLine))
                .await
                .unwrap(),
            AccountCreation::Taken
        ));
    });
}

#[test]
fn a_merchant_rotates_its_credential_and_keeps_the_last() {
    journey(|world| async move {
        let before = usernames(&world.merchant.get(OWN).await.json);
        assert_eq!(before.len(), 1);
        let last = world.merchant.delete(&format!("{OWN}/{}", before[0])).await;
        assert_eq!((last.status, last.json["error_code"].as_str()), (409, Some("CONFLICT")));
        let made = world.merchant.post(OWN, &json!({})).await;
        assert_eq!(made.status, 201);
        let renewed = caller(&world, &made);
        let of_stranger = usernames(&world.stranger.get(OWN).await.json);
        assert_eq!(renewed.delete(&format!("{OWN}/{}", of_stranger[0])).await.status, 404);
        assert_eq!(renewed.delete(&format!("{OWN}/{}", before[0])).await.status, 204);
        assert_eq!(world.merchant.get(OWN).await.status, 401);
        assert_eq!(renewed.get(OWN).await.status, 200);
        assert_eq!(world.stranger.get(OWN).await.status, 200);
    });
}
