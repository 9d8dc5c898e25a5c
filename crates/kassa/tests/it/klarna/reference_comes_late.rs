//! The node is killed while Klarna does not tell the reference of an order: the next node reads it.

use kassa_testkit::{NamedEngine, eventually, fresh_postgres};
use serde_json::{Value, json};

use super::front::{Front, PageSession};

/// Pays at the double, which answers no read of an order. Waits until the session is completed without a reference.
async fn completed_without_reference(front: &Front) -> PageSession {
    let silent = json!({"calls": [
        {"do": "fail", "status": 503, "method": "GET", "path": "/ordermanagement/v1/orders/*", "nth": 1},
        {"do": "cut", "method": "GET", "path": "/ordermanagement/v1/orders/*"},
    ]});
    let double = front.double.merchant();
    double.call(http::Method::PUT, "/lab/v1/faults", &silent).await.unwrap().expect(200);
    let session = front.page_session(&json!({"place_order_mode": "PLACE_ORDER"}), &json!({})).await;
    front.browser().browse(&session.path, None).await.unwrap().expect(200);
    front.authorize(&session.payment).await;
    let form = "answer=approved&payment_method_category=pay_later";
    front.browser().browse(&format!("{}/claim", session.path), Some(form)).await.unwrap().expect(200);
    let read = front.merchant().read(&session.id).await;
    assert_eq!(
        (&read["status"], read.get("klarna_reference")),
        (&json!("COMPLETED"), None),
        "a missing reference delays nothing: {read}"
    );
    session
}

async fn is_read_by_the_next_node(database: &str) {
    let front = Front::start_on(database, "");
    let node = front.node();
    let session = completed_without_reference(&front).await;
    drop(node);

    let node = front.node();
    let double = front.double.merchant();
    let told =
        double.get("/lab/v1/journal?kind=call&path=/ordermanagement/*").await.json["matching"].as_u64();
    eventually("a read of the new node", async || {
        let path = "/lab/v1/journal?kind=call&path=/ordermanagement/*";
        double.get(path).await.json["matching"].as_u64() > told
    })
    .await;
    double.call(http::Method::DELETE, "/lab/v1/faults", &Value::Null).await.unwrap().expect(204);
    let read = eventually("the reference", async || {
        let read = front.merchant().read(&session.id).await;
        if read["klarna_reference"].is_string() { Ok(read) } else { Err(read) }
    })
    .await;
    let order = format!("/ordermanagement/v1/orders/{}", read["order_id"].as_str().unwrap());
    assert_eq!(read["klarna_reference"], double.get(&order).await.json["klarna_reference"]);
    drop(node);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_node_reads_the_reference_after_a_kill() {
    let postgres = fresh_postgres().await.map(|url| ("PostgreSQL", url));
    for (engine, database) in [("SQLite", "FOLDER/kassa.db".to_string())].into_iter().chain(postgres) {
        let _engine = NamedEngine(engine);
        is_read_by_the_next_node(&database).await;
    }
}
