//! The list of erasures that have begun: each merchant's own, and each consumer's own.

use std::collections::BTreeMap;

use kassa_domain::MerchantId;
use kassa_testkit::NamedEngine;
use tempfile::TempDir;

use crate::claims_are_disjoint::databases;
use crate::life::{act, at};
use crate::older_nodes_go_on::run;

fn sessions<const N: usize>(of: [(&str, &str); N]) -> BTreeMap<String, MerchantId> {
    of.into_iter().map(|(id, merchant)| (id.to_string(), MerchantId::new(merchant))).collect()
}

#[tokio::test]
async fn the_end_of_an_erasure_leaves_those_of_other_merchants_and_consumers() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        let (one, other) = (MerchantId::new("A"), MerchantId::new("B"));
        let all = sessions([("a1", "A"), ("a2", "A"), ("b1", "B")]);
        store.begin_erasure("ada", &all, at(1), &act()).await.unwrap();
        store.begin_erasure("bo", &sessions([("a1", "A")]), at(2), &act()).await.unwrap();
        assert_eq!(store.begun_erasure("ada", None).await.unwrap(), all);
        let of_other = store.begun_erasure("ada", Some(&other)).await.unwrap();
        assert_eq!(of_other, sessions([("b1", "B")]));

        store.end_erasure("ada", of_other.keys()).await.unwrap();
        let left = sessions([("a1", "A"), ("a2", "A")]);
        assert_eq!(store.begun_erasure("ada", Some(&one)).await.unwrap(), left);
        store.end_erasure("ada", left.keys()).await.unwrap();
        assert_eq!(store.begun_erasure("ada", None).await.unwrap(), sessions([]));
        assert_eq!(store.begun_erasure("bo", None).await.unwrap(), sessions([("a1", "A")]));
        store.end_erasure("ada", std::iter::empty()).await.unwrap();
    }
}

#[tokio::test]
async fn only_an_erasure_for_all_merchants_finishes_what_an_older_node_began() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        run(
            &database,
            "insert into consumer_erasure (payment_session_id, consumer_hash, begun_at) values ('a1', 'ada', 1)",
        )
        .await;
        assert_eq!(store.begun_erasure("ada", None).await.unwrap(), sessions([("a1", "")]));
        let of_one = store.begun_erasure("ada", Some(&MerchantId::new("A"))).await.unwrap();
        assert_eq!(of_one, sessions([]));
    }
}
