//! Payment accounts over HTTP: operators set, list and remove them. No answer shows a password.

use kassa_domain::MerchantId;
use kassa_engine::{ACCOUNT_RULE, BaseUrl, UnreadableAccount};
use serde_json::{Value, json};

use crate::harness::{Answer, World, journey};
use crate::operator_makes_merchants::operator;

const PATH: &str = "/kassa/v1/merchants/merchant/payment-accounts";
const EUROPE: &str = "https://api.klarna.com";
const PASSWORD: &str = "klarna_live_api_0123456789";

fn account(base_url: &str, password: &str) -> Value {
    json!({"base_url": base_url, "username": "PK1_user", "password": password})
}

/// The base URL of each account, with the end of its password.
fn listed(answer: &Answer) -> Vec<(String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_string);
    let accounts = answer.json["payment_accounts"].as_array().unwrap().iter();
    accounts.map(|one| (text(&one["base_url"]).unwrap(), text(&one["password_ends_with"]))).collect()
}

/// The password that the engine uses.
async fn used(world: &World, merchant: &str, base_url: &str) -> Option<String> {
    let base_url: BaseUrl = base_url.parse().unwrap();
    let found = world.app().payment_accounts().account_of(&MerchantId::new(merchant), &base_url).await;
    found.unwrap().map(|account| account.password.to_string())
}

#[test]
fn an_operator_sets_replaces_lists_and_removes_an_account() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        assert_eq!(operator.get(PATH).await.json, json!({"payment_accounts": []}));
        let set = operator.put(PATH, &account("https://API.klarna.com/", PASSWORD)).await;
        assert_eq!((set.status, set.json["base_url"].as_str()), (200, Some(EUROPE)), "{}", set.text);
        assert_eq!(set.json["username"], "PK1_user");
        assert!(set.json["created_at"].is_string() && set.json["key"].is_string(), "{}", set.text);
        let other = operator.put(PATH, &account("https://api-na.klarna.com", "a short one")).await;
        assert_eq!((other.status, &other.json["password_ends_with"]), (200, &Value::Null), "{}", other.text);
        let replaced = operator.put(PATH, &account(EUROPE, "another password")).await;
        assert_eq!(replaced.json["created_at"], set.json["created_at"]);
        let all = operator.get(PATH).await;
        let america = ("https://api-na.klarna.com".to_string(), None);
        let europe = (EUROPE.to_string(), Some("word".to_string()));
        assert_eq!(listed(&all), [america.clone(), europe]);
        for answer in [&set, &other, &replaced, &all] {
            for password in [PASSWORD, "a short one", "another password"] {
                assert!(!answer.text.contains(password), "{}", answer.text);
            }
        }
        assert_eq!(used(&world, "merchant", EUROPE).await.as_deref(), Some("another password"));
        assert_eq!(used(&world, "stranger", EUROPE).await, None);

        let europe = format!("{PATH}?base_url=https%3A%2F%2Fapi.klarna.com%2F");
        assert_eq!(operator.delete(&europe).await.status, 204);
        assert_eq!(operator.delete(&europe).await.status, 404);
        assert_eq!(listed(&operator.get(PATH).await), [america]);
        assert_eq!(used(&world, "merchant", EUROPE).await, None);
    });
}

#[test]
fn a_merchant_cannot_reach_payment_accounts() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        assert_eq!(operator.put(PATH, &account(EUROPE, PASSWORD)).await.status, 200);
        let mistaken = world.anyone_as("deployments", "mistaken");
        let nobody = world.anyone_with("");
        for caller in [&world.merchant, &world.stranger, &nobody, &mistaken] {
            assert_eq!(caller.get(PATH).await.status, 401);
            assert_eq!(caller.put(PATH, &account(EUROPE, "of an attacker")).await.status, 401);
            assert_eq!(caller.delete(&format!("{PATH}?base_url={EUROPE}")).await.status, 401);
        }
        assert_eq!(used(&world, "merchant", EUROPE).await.as_deref(), Some(PASSWORD));
    });
}

#[test]
fn an_account_that_cannot_be_used_is_refused_with_its_field() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        for (field, value) in [
            ("base_url", "http://api.klarna.com"),
            ("base_url", "https://api.klarna.com/payments"),
            ("base_url", "https://user:s3cr3t@api.klarna.com"),
            ("username", "a:b"),
            ("username", ""),
            ("password", ""),
            ("password", "s3cr3t\n"),
        ] {
            let mut body = account(EUROPE, PASSWORD);
            body[field] = json!(value);
            let refused = operator.put(PATH, &body).await;
            let expected = json!([format!("Bad value: {field}"), ACCOUNT_RULE]);
            assert_eq!((refused.status, &refused.json["error_messages"]), (400, &expected), "{value}");
        }
        for (body, field) in [
            (json!({"base_url": EUROPE, "username": "u"}), "password"),
            (json!({"base_url": EUROPE, "username": "u", "password": ["s3cr3t"]}), "password"),
            (json!({"base_url": EUROPE, "username": "u", "password": "s3cr3t", "pin": 1}), "pin"),
        ] {
            let refused = operator.put(PATH, &body).await;
            assert_eq!(refused.error(), format!("400 BAD_VALUE [\"Bad value: {field}\"]"));
            assert!(!refused.text.contains("s3cr3t"), "{}", refused.text);
        }
        for path in [PATH.to_string(), format!("{PATH}?base_url=api.klarna.com")] {
            let refused = operator.delete(&path).await;
            assert_eq!(
                (refused.status, &refused.json["error_messages"][0]),
                (400, &json!("Bad value: base_url"))
            );
        }
        let unknown = "/kassa/v1/merchants/unknown/payment-accounts";
        assert_eq!(operator.get(unknown).await.status, 404);
        assert_eq!(operator.put(unknown, &account(EUROPE, PASSWORD)).await.status, 404);
        assert_eq!(operator.delete(&format!("{unknown}?base_url={EUROPE}")).await.status, 404);
        assert_eq!(operator.get(PATH).await.json, json!({"payment_accounts": []}));
    });
}

#[test]
fn a_node_without_keys_stores_no_password_and_says_why() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        let mut elsewhere = world.merchant_at_node(None).await;
        elsewhere.authorization = operator.authorization.clone();
        // A merchant of the node without keys, whose settings are not encrypted.
        let merchant = json!({"merchant_id": "PK8", "name": "Shop"});
        assert_eq!(elsewhere.post("/kassa/v1/merchants", &merchant).await.status, 201);
        let path = PATH.replace("/merchant/", "/PK8/");
        assert_eq!(operator.put(&path, &account(EUROPE, PASSWORD)).await.status, 200);
        let refused = elsewhere.put(&path, &account(EUROPE, "another password")).await;
        let reason = UnreadableAccount::NoKeys.to_string();
        assert_eq!(refused.error(), format!("409 CONFLICT [{}]", json!(reason)));
        let account = elsewhere.get(&path).await.json["payment_accounts"][0].clone();
        assert_eq!((&account["problem"], &account["password_ends_with"]), (&json!(reason), &Value::Null));
        assert_eq!(used(&world, "PK8", EUROPE).await.as_deref(), Some(PASSWORD));
    });
}
