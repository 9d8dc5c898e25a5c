//! Many nodes write the trail at once, without turns: each event and each act is in it exactly once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use kassa_domain::{Actor, Role};
use kassa_engine::Requester;
use kassa_server::App;
use kassa_testkit::let_others_run;
use serde_json::json;

use super::{acts, changes, problem};
use crate::harness::{World, journey};

const NODES: usize = 4;
const SESSIONS: usize = 12;

/// Chains again and again until the writers are done.
async fn chain_until(app: &App, is_done: &AtomicBool) {
    while !is_done.load(Ordering::Relaxed) {
        app.engine().chain_now().await.unwrap();
        let_others_run().await;
    }
}

async fn write(world: &World) {
    let sessions = (0..SESSIONS).map(|number| async move {
        let merchant = if number % 2 == 0 { &world.merchant } else { &world.stranger };
        let session = world.page_session().await;
        for act in ["enter", "decline", "approve"] {
            let answer = world.merchant.post(&format!("/lab/v1/sessions/{session}/{act}"), &json!({})).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        assert_eq!(merchant.post("/kassa/v1/credentials", &json!({})).await.status, 201);
    });
    join_all(sessions).await;
}

#[test]
fn each_event_and_each_act_is_in_the_trail_exactly_once() {
    journey(|world| async move {
        let mut nodes = vec![world.app().clone()];
        for _ in 1..NODES {
            nodes.push(world.app_elsewhere().await);
        }
        let is_done = Arc::new(AtomicBool::new(false));
        let chaining: Vec<_> = nodes
            .iter()
            .map(|node| {
                let (node, is_done) = (node.clone(), is_done.clone());
                tokio::spawn(async move { chain_until(&node, &is_done).await })
            })
            .collect();
        write(&world).await;
        is_done.store(true, Ordering::Relaxed);
        for node in chaining {
            node.await.unwrap();
        }
        let found = changes(world.app()).await;
        assert_eq!(found.len(), SESSIONS * 3);
        let ids: BTreeSet<_> = found.iter().map(|change| &change.event_id).collect();
        assert_eq!(ids.len(), found.len(), "no event twice");
        let acts = acts(world.app()).await;
        assert_eq!(acts.iter().filter(|act| act.act == "credential_created").count(), SESSIONS);
        for node in &nodes {
            assert_eq!(problem(node, &[]).await, None);
        }
        let by = Requester::in_process(Actor::System);
        world.app().accounts().create_operator("later", Role::Admin, &by).await.unwrap();
        assert_eq!(problem(world.app(), &[]).await, None, "an act that is not chained yet is no problem");
    });
}
