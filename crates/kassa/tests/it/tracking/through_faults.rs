//! The tracker over the vendor's wire, with the lab's faults: every observable change is delivered once and in order.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::{Value, json};

use super::{Settings, Track, eventually, session};
use crate::harness::{Dev, Gate, Merchant, Receiver, RecordingProxy};

const LIFE: [(&str, &str); 4] =
    [("enter", "IN_PROGRESS"), ("decline", "FAILED"), ("enter", "IN_PROGRESS"), ("approve", "COMPLETED")];
const SESSIONS: usize = 8;

/// The time of a session's next step.
#[derive(Clone, Copy, PartialEq)]
enum Steps {
    /// After the last change was delivered, so that a read can show each change.
    AfterEachOther,
    /// Immediately, so that only callbacks can show each change.
    AtOnce,
}

struct Story {
    _dev: Dev,
    merchant: Merchant,
    tracker: Track,
    shop: Receiver,
    sessions: Vec<String>,
}

impl Story {
    /// Registers sessions without faults, then sets the faults.
    async fn begin(faults: &Value) -> Self {
        let (dev, shop) = (Dev::start(), Receiver::start().await);
        let between = RecordingProxy::start(dev.url(), Gate::WireOnly).await;
        let merchant = dev.merchant();
        let settings = Settings::for_service(&between.url, &dev).with_callbacks(&dev).telling(&shop.url);
        let tracker = settings
            .with("[tracker]\nsettle_ms = 400\nreads_per_second = 200\n[tracker.pace]\nshortest_ms = 30\nexpecting_ms \
                   = 30")
            .with("guarding_ms = 200")
            .start();
        let mut sessions = Vec::new();
        for _ in 0..SESSIONS {
            let id = session(&merchant, &json!({"status_update": tracker.callbacks})).await;
            tracker.register(&id).await;
            sessions.push(id);
        }
        merchant.call(Method::PUT, "/lab/v1/faults", faults).await.unwrap().expect(200);
        Self { _dev: dev, merchant, tracker, shop, sessions }
    }

    async fn run(&self, steps: Steps) {
        for (number, (act, _)) in LIFE.iter().enumerate() {
            for id in &self.sessions {
                self.merchant.act(id, act).await.expect(200);
            }
            if steps == Steps::AfterEachOther {
                self.until_delivered(number + 1).await;
            }
        }
        self.until_delivered(LIFE.len()).await;
    }

    async fn until_delivered(&self, count: usize) {
        let is_delivered = async || {
            let delivered = self.delivered();
            let has_enough = |id: &String| delivered.get(id).is_some_and(|own| own.len() >= count);
            self.sessions.iter().all(has_enough).then_some(())
        };
        eventually("every change", is_delivered).await;
    }

    /// The delivered statuses of each session, in order and without repetitions.
    fn delivered(&self) -> BTreeMap<String, Vec<String>> {
        let (mut delivered, mut names) = (BTreeMap::<_, Vec<_>>::new(), BTreeSet::new());
        for one in self.shop.received() {
            if names.insert(one.event_id) {
                let body: Value = serde_json::from_slice(&one.body).unwrap();
                let status = body["session"]["status"].as_str().unwrap().to_string();
                delivered.entry(one.session_id).or_default().push(status);
            }
        }
        delivered
    }

    /// Asserts that each change was delivered in order, and once, because no process was killed.
    async fn prove(self) {
        let delivered = self.delivered();
        assert_eq!(delivered.len(), SESSIONS);
        for (id, statuses) in delivered {
            assert_eq!(statuses, LIFE.map(|(_, status)| status), "{id}");
        }
        assert_eq!(self.tracker.metric("kassa_track_sessions{verdict=\"final\"}").await, 8);
        assert_eq!(self.shop.received().len(), SESSIONS * LIFE.len(), "a change was delivered twice");
    }
}

#[tokio::test]
async fn each_change_is_delivered_once_with_every_callback_lost() {
    let story = Story::begin(&json!({"callbacks": [{"do": "drop"}]})).await;
    story.run(Steps::AfterEachOther).await;
    story.prove().await;
}

#[tokio::test]
async fn each_change_is_delivered_once_with_callbacks_repeated_and_reordered() {
    let faults = json!({"seed": 1, "callbacks": [
        {"do": "duplicate", "times": 3}, {"do": "reorder", "by": "PT0.05S", "chance": 0.5}
    ]});
    let story = Story::begin(&faults).await;
    story.run(Steps::AtOnce).await;
    story.prove().await;
}

#[tokio::test]
async fn each_change_is_delivered_once_with_callbacks_lost_or_late_and_a_failing_api() {
    let faults = json!({"seed": 2, "callbacks": [
        {"do": "drop", "chance": 0.5}, {"do": "delay", "by": "PT0.3S", "chance": 0.5}
    ], "calls": [
        {"do": "fail", "status": 503, "path": "/hpp/v1/sessions/*", "chance": 0.3},
        {"do": "cut", "when": "before", "path": "/hpp/v1/sessions/*", "chance": 0.1}
    ]});
    let story = Story::begin(&faults).await;
    story.run(Steps::AfterEachOther).await;
    story.prove().await;
}

#[tokio::test]
async fn each_change_is_delivered_once_with_wrong_signatures_and_truncated_bodies() {
    let faults = json!({"seed": 3, "callbacks": [
        {"do": "corrupt_signature", "chance": 0.5}, {"do": "truncate", "chance": 0.5}
    ]});
    let story = Story::begin(&faults).await;
    story.run(Steps::AfterEachOther).await;
    story.prove().await;
}
