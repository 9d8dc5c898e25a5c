//! Through every weather of the lab: what can be heard of is told, once and in order, over the vendor's wire.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::{Value, json};

use super::{Settings, Track, eventually, session};
use crate::harness::{Between, Dev, Gate, Merchant, Receiver};

const LIFE: [(&str, &str); 4] =
    [("enter", "IN_PROGRESS"), ("decline", "FAILED"), ("enter", "IN_PROGRESS"), ("approve", "COMPLETED")];
const SESSIONS: usize = 8;

/// When a session takes its next step.
#[derive(Clone, Copy, PartialEq)]
enum Steps {
    /// Once the last one was told: so long that a read can show it.
    AfterEachOther,
    /// At once: what a callback does not tell, nobody can.
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
    /// Opens sessions in fair weather, and then lets the weather change.
    async fn begin(weather: &Value) -> Self {
        let (dev, shop) = (Dev::start(), Receiver::start().await);
        let between = Between::start(dev.url(), Gate::WireOnly).await;
        let merchant = dev.merchant();
        let settings = Settings::for_service(&between.url, &dev).with_callbacks(&dev).telling(&shop.url);
        let tracker = settings
            .with("[tracker]\nsettle_ms = 400\nreads_per_second = 200\n[tracker.pace]\nshortest_ms = 30\nexpecting_ms = 30")
            .with("guarding_ms = 200")
            .start();
        let mut sessions = Vec::new();
        for _ in 0..SESSIONS {
            let id = session(&merchant, &json!({"status_update": tracker.callbacks})).await;
            tracker.register(&id).await;
            sessions.push(id);
        }
        merchant.call(Method::PUT, "/lab/v1/weather", weather).await.unwrap().expect(200);
        Self { _dev: dev, merchant, tracker, shop, sessions }
    }

    async fn live(&self, steps: Steps) {
        for (number, (act, _)) in LIFE.iter().enumerate() {
            for id in &self.sessions {
                self.merchant.act(id, act).await.expect(200);
            }
            if steps == Steps::AfterEachOther {
                self.until_told(number + 1).await;
            }
        }
        self.until_told(LIFE.len()).await;
    }

    async fn until_told(&self, count: usize) {
        let is_told = async || {
            let told = self.told();
            self.sessions.iter().all(|id| told.get(id).is_some_and(|own| own.len() >= count)).then_some(())
        };
        eventually("every change", is_told).await;
    }

    /// The statuses that were told of each session, in order; what came twice is counted once.
    fn told(&self) -> BTreeMap<String, Vec<String>> {
        let (mut told, mut names) = (BTreeMap::<_, Vec<_>>::new(), BTreeSet::new());
        for one in self.shop.received() {
            if names.insert(one.event_id) {
                let body: Value = serde_json::from_slice(&one.body).unwrap();
                let status = body["session"]["status"].as_str().unwrap().to_string();
                told.entry(one.session_id).or_default().push(status);
            }
        }
        told
    }

    /// Each change was told, in order, and in fact once, since nothing was killed.
    async fn prove(self) {
        let told = self.told();
        assert_eq!(told.len(), SESSIONS);
        for (id, statuses) in told {
            assert_eq!(statuses, LIFE.map(|(_, status)| status), "{id}");
        }
        assert_eq!(self.tracker.metric("kassa_track_sessions{verdict=\"final\"}").await, 8);
        assert_eq!(self.shop.received().len(), SESSIONS * LIFE.len(), "something was told twice");
    }
}

#[tokio::test]
async fn with_every_callback_lost() {
    let story = Story::begin(&json!({"callbacks": [{"do": "drop"}]})).await;
    story.live(Steps::AfterEachOther).await;
    story.prove().await;
}

#[tokio::test]
async fn with_each_callback_sent_thrice_and_shuffled() {
    let weather = json!({"seed": 1, "callbacks": [
        {"do": "duplicate", "times": 3}, {"do": "reorder", "by": "PT0.05S", "chance": 0.5}
    ]});
    let story = Story::begin(&weather).await;
    story.live(Steps::AtOnce).await;
    story.prove().await;
}

#[tokio::test]
async fn with_half_lost_half_late_and_an_api_that_fails() {
    let weather = json!({"seed": 2, "callbacks": [
        {"do": "drop", "chance": 0.5}, {"do": "delay", "by": "PT0.3S", "chance": 0.5}
    ], "calls": [
        {"do": "fail", "status": 503, "path": "/hpp/v1/sessions/*", "chance": 0.3},
        {"do": "cut", "when": "before", "path": "/hpp/v1/sessions/*", "chance": 0.1}
    ]});
    let story = Story::begin(&weather).await;
    story.live(Steps::AfterEachOther).await;
    story.prove().await;
}

#[tokio::test]
async fn with_signatures_that_are_wrong_and_bodies_that_are_cut() {
    let weather = json!({"seed": 3, "callbacks": [
        {"do": "corrupt_signature", "chance": 0.5}, {"do": "truncate", "chance": 0.5}
    ]});
    let story = Story::begin(&weather).await;
    story.live(Steps::AfterEachOther).await;
    story.prove().await;
}
