//! Simultaneous calls can neither leave a merchant without a credential, nor create one merchant several times.

use std::time::Duration;

use futures_util::future::join_all;
use kassa_domain::{Actor, Role};
use kassa_engine::{AccountCreation, Requester};
use serde_json::{Value, json};

use crate::harness::{Merchant, World, journey};

const OWN: &str = "/kassa/v1/credentials";
const SECRETS: &str = "/kassa/v1/callbacks/secrets";

/// The number of rounds: enough to lose a race.
const ROUNDS: usize = 20;

fn active(list: &Value) -> Vec<String> {
    let credentials = list["credentials"].as_array().unwrap().iter();
    let active = credentials.filter(|one| one["revoked_at"].is_null());
    active.map(|one| one["username"].as_str().unwrap().to_string()).collect()
}

#[test]
fn two_simultaneous_revocations_leave_one_credential() {
    journey(|world| async move {
        let mut caller = world.merchant.clone();
        for _ in 0..ROUNDS {
            let made = caller.post(OWN, &json!({})).await.json;
            let both = active(&caller.get(OWN).await.json);
            assert_eq!(both.len(), 2);
            let renewed =
                world.anyone_as(made["username"].as_str().unwrap(), made["password"].as_str().unwrap());
            let paths: Vec<String> = both.iter().map(|username| format!("{OWN}/{username}")).collect();
            let answers = join_all(paths.iter().zip([&caller, &renewed]).map(|(path, by)| by.delete(path)));
            let mut statuses: Vec<u16> = answers.await.iter().map(|answer| answer.status).collect();
            statuses.sort_unstable();
            // The second caller's own credential may already be revoked.
            assert!(statuses == [204, 409] || statuses == [204, 401], "{statuses:?}");
            let left: Vec<&Merchant> = keep_those_that_may_call(&[&caller, &renewed]).await;
            assert_eq!(left.len(), 1, "the merchant can still call");
            caller = left[0].clone();
            // Refused callers must not be paused as guessers.
            world.clock.advance(Duration::from_secs(60));
        }
    });
}

async fn keep_those_that_may_call<'a>(callers: &[&'a Merchant]) -> Vec<&'a Merchant> {
    let mut left = Vec::new();
    for caller in callers {
        if caller.get(OWN).await.status == 200 {
            left.push(*caller);
        }
    }
    left
}

#[test]
fn two_simultaneous_revocations_leave_one_callback_secret() {
    journey(|world| async move {
        let merchant = &world.merchant;
        for _ in 0..ROUNDS {
            merchant.post(SECRETS, &json!({})).await;
            let secrets = merchant.get(SECRETS).await.json["secrets"].as_array().unwrap().clone();
            assert_eq!(secrets.len(), 2);
            let paths = secrets.iter().map(|one| format!("{SECRETS}/{}", one["id"].as_str().unwrap()));
            let paths: Vec<String> = paths.collect();
            let answers = join_all(paths.iter().map(|path| merchant.delete(path))).await;
            let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [204, 409]);
        }
    });
}

async fn operator(world: &World) -> Merchant {
    let AccountCreation::New(made) = world
        .app()
        .accounts()
        .create_operator("deployments", Role::Admin, &Requester::in_process(Actor::CommandLine))
        .await
        .unwrap()
    else {
        panic!("it is new")
    };
    world.anyone_as(&made.username, &made.password)
}

#[test]
fn four_simultaneous_creations_make_one_merchant() {
    journey(|world| async move {
        let operator = operator(&world).await;
        for round in 0..ROUNDS {
            let body = json!({"merchant_id": format!("PK{round}"), "name": "Shoe Shop"});
            let made = join_all((0..4).map(|_| operator.post("/kassa/v1/merchants", &body))).await;
            let mut statuses: Vec<u16> = made.iter().map(|answer| answer.status).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 409, 409, 409]);
            let path = format!("/kassa/v1/merchants/PK{round}/credentials");
            assert_eq!(active(&operator.get(&path).await.json).len(), 1, "and has one credential");
        }
    });
}
