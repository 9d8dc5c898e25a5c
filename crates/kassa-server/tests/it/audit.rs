//! The audit trail: what is in it, and what its verification finds.

mod acts_are_recorded;
mod deletions_are_explained;
mod nodes_chain_at_once;
mod tampering_is_found;

use std::collections::BTreeSet;

use kassa_engine::{ExportFilter, VerifiedTrail, VerifyError};
use kassa_server::App;
use kassa_wire::audit::{ActRecord, EntryContent, ExportedEntry, NotedHead, StatusChangeRecord};
use serde_json::json;

use crate::harness::World;

/// Every entry of the trail, once everything that is committed is in it.
async fn entries(app: &App) -> Vec<ExportedEntry> {
    app.engine().chain_now().await.unwrap();
    let mut export = app.audit().export(ExportFilter::default());
    let mut entries = Vec::new();
    loop {
        let page = export.next_page().await.unwrap();
        if page.is_empty() {
            return entries;
        }
        entries.extend(page);
    }
}

fn content(entry: &ExportedEntry) -> EntryContent {
    serde_json::from_str(entry.content.get()).unwrap()
}

/// The administrative acts of the trail, in order.
pub async fn acts(app: &App) -> Vec<ActRecord> {
    let acts = entries(app).await.iter().map(content).collect::<Vec<_>>();
    let only_acts = |content| match content {
        EntryContent::Act(act) => Some(act),
        EntryContent::StatusChange(_) => None,
    };
    acts.into_iter().filter_map(only_acts).collect()
}

/// The status changes of the trail, in order.
async fn changes(app: &App) -> Vec<StatusChangeRecord> {
    let changes = entries(app).await.iter().map(content).collect::<Vec<_>>();
    let only_changes = |content| match content {
        EntryContent::StatusChange(change) => Some(change),
        EntryContent::Act(_) => None,
    };
    changes.into_iter().filter_map(only_changes).collect()
}

/// Verifies the trail, which must contain these heads.
async fn verify(app: &App, noted: &[NotedHead]) -> Result<VerifiedTrail, VerifyError> {
    app.audit().verify(noted, &|_| ()).await
}

/// The first problem of the trail, in words.
pub async fn problem(app: &App, noted: &[NotedHead]) -> Option<String> {
    match verify(app, noted).await {
        Ok(_) => None,
        Err(VerifyError::Broken(problem)) => Some(problem.to_string()),
        Err(VerifyError::Store(error)) => panic!("{error}"),
    }
}

/// Creates a session of the merchant, enters it, and declines and approves the payment. Returns the session.
async fn paid_session(world: &World) -> String {
    let session = world.page_session().await;
    for act in ["enter", "decline", "approve"] {
        let answer = world.merchant.post(&format!("/lab/v1/sessions/{session}/{act}"), &json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    session
}

/// The kinds of the acts.
fn kinds(acts: &[ActRecord]) -> BTreeSet<String> {
    acts.iter().map(|act| act.act.clone()).collect()
}
