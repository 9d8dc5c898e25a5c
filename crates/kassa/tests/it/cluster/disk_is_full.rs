//! The database's disk is full: changes are refused and not reported, reads succeed, and changes succeed again when
//! there is space.

use http::Method;
use kassa_testkit::eventually;
use serde_json::json;

use super::nodes::Cluster;
use super::postgres::Postgres;
use crate::harness::cart;

/// The size of the disk: the empty database, and some thousand rows.
const DISK_MIB: u32 = 24;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_changes_until_there_is_space() {
    let postgres = Postgres::start_with("", Some(DISK_MIB));
    let cluster = Cluster::start(&postgres.url(), 2).await;
    let merchant = cluster.merchant();
    let session = merchant.page_session(&json!({}), &json!({})).await;
    let before = merchant.act(&session, "enter").await.expect(200).json;
    let load = cluster.load();
    load.wait_for(300).await;

    let filler = postgres.fill_small_disk();
    let mut large = cart("ECOMMERCE");
    large["merchant_data"] = "x".repeat(6000).into();
    let refused = eventually("a refusal by the full disk", async || {
        let answer = merchant.call(Method::POST, "/payments/v1/sessions", &large).await.unwrap();
        (answer.status != 200).then_some(answer)
    });
    let refused = refused.await;
    assert_eq!((refused.status, refused.word("error_code")), (503, "TEMPORARILY_UNAVAILABLE"));
    assert!(refused.header("retry-after").parse::<u32>().is_ok());
    assert_eq!(merchant.read(&session).await, before, "reads go on, and nothing was told");

    drop(filler);
    for node in &cluster.nodes {
        cluster.becomes_ready(node).await;
    }
    load.wait_for(300).await;
    cluster.prove(load, &postgres).await.assert_failures_are_among(&["503"]);
}
