//! The number of the youngest page sessions in each status.

use kassa_domain::lifecycle::Status;
use kassa_testkit::NamedEngine;
use tempfile::TempDir;

use crate::claims_are_disjoint::databases;
use crate::life::create;

#[tokio::test]
async fn only_the_youngest_page_sessions_are_counted() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        assert_eq!(store.recent_sessions_by_status("", 10).await.unwrap(), []);
        for name in ["a", "b", "c"] {
            create(&store, name).await;
        }
        let count = async |first_id, limit| store.recent_sessions_by_status(first_id, limit).await.unwrap();
        assert_eq!(count("", 10).await, [(Status::Waiting, 3)]);
        assert_eq!(count("", 2).await, [(Status::Waiting, 2)], "at most the limit");
        assert_eq!(count("page-c", 10).await, [(Status::Waiting, 1)], "none before the first id");
        assert_eq!(store.timings().changes_in_progress.get(), 0, "every change has ended");
    }
}
