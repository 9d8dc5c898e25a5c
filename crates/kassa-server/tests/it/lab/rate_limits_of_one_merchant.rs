//! The lab sets the rate limits of one merchant.

use std::time::Duration;

use serde_json::{Value, json};

use super::{journal, set_faults};
use crate::harness::{Answer, World, cart, journey};

const LIMITS: &str = "/lab/v1/rate-limits";

async fn limit(world: &World, limits: Value) {
    let answer = world.merchant.put(LIMITS, &limits).await;
    assert_eq!((answer.status, &answer.json), (200, &limits), "{}", answer.text);
    assert_eq!(world.merchant.get(LIMITS).await.json, limits);
}

async fn create(world: &World) -> Answer {
    world.merchant.post("/payments/v1/sessions", &cart("ECOMMERCE")).await
}

async fn statuses_of_creations<const N: usize>(world: &World) -> [u16; N] {
    let mut statuses = [0; N];
    for status in &mut statuses {
        *status = create(world).await.status;
    }
    statuses
}

const NO_LIMITS: &str = r#"{"creations":null,"other_calls":null}"#;

#[test]
fn the_lab_sets_the_limits_of_the_calling_merchant_only() {
    journey(async |world| {
        assert_eq!(world.merchant.get(LIMITS).await.text, NO_LIMITS);
        limit(&world, json!({"creations": 2, "other_calls": null})).await;
        assert_eq!(statuses_of_creations(&world).await, [200, 200, 429]);
        assert_eq!(create(&world).await.header("x-ratelimit-limit"), "2, 2;w=1");
        assert_eq!(world.stranger.get(LIMITS).await.text, NO_LIMITS);
        for _ in 0..3 {
            let answer = world.stranger.post("/payments/v1/sessions", &cart("ECOMMERCE")).await;
            assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (200, ""));
        }
        limit(&world, json!({"creations": 1, "other_calls": 1})).await;
        assert_eq!(statuses_of_creations(&world).await, [200, 429], "new limits begin to count anew");
    });
}

#[test]
fn the_merchants_own_clock_does_not_reset_the_allowance() {
    journey(async |world| {
        limit(&world, json!({"creations": 1, "other_calls": null})).await;
        assert_eq!(statuses_of_creations(&world).await, [200, 429]);
        super::advance(&world, "PT1H").await;
        assert_eq!(create(&world).await.status, 429);
        world.clock.advance(Duration::from_secs(1));
        assert_eq!(create(&world).await.status, 200);
    });
}

#[test]
fn the_lab_and_a_reset_restore_the_configured_limits() {
    journey(async |world| {
        for restore in ["DELETE", "POST"] {
            limit(&world, json!({"creations": 1, "other_calls": 1})).await;
            let answer = match restore {
                "DELETE" => world.merchant.delete(LIMITS).await,
                _ => world.merchant.post("/lab/v1/reset", &json!({})).await,
            };
            assert_eq!(answer.status, 204);
            assert_eq!(world.merchant.get(LIMITS).await.text, NO_LIMITS);
            assert_eq!(statuses_of_creations(&world).await, [200; 3]);
        }
    });
}

#[test]
fn the_journal_has_refused_calls_and_faults_do_not_count_them() {
    journey(async |world| {
        let rule = json!({"do": "fail", "status": 503, "path": "/payments/v1/sessions", "nth": 2});
        set_faults(&world, &json!({"calls": [rule]})).await;
        limit(&world, json!({"creations": 1, "other_calls": null})).await;
        assert_eq!(statuses_of_creations(&world).await, [200, 429, 429]);
        world.clock.advance(Duration::from_secs(1));
        let failed = create(&world).await;
        assert_eq!((failed.status, failed.header("x-ratelimit-remaining")), (503, "0"));
        let refused = journal(&world, "status=429", 2).await;
        assert_eq!(refused[0]["answer"]["body"]["error_code"], "TOO_MANY_REQUESTS");
        assert_eq!(refused[0]["answer"]["headers"]["x-ratelimit-remaining"], "0");
    });
}

#[test]
fn zero_and_a_missing_field_mean_no_limit_and_other_values_are_refused() {
    journey(async |world| {
        for no_limits in [json!({"creations": 0, "other_calls": 0}), json!({})] {
            let answer = world.merchant.put(LIMITS, &no_limits).await;
            assert_eq!((answer.status, answer.text.as_str()), (200, NO_LIMITS));
        }
        for (limits, field) in [
            (json!({"creation": 1}), "creation"),
            (json!({"creations": -1}), "creations"),
            (json!({"other_calls": "off"}), "other_calls"),
        ] {
            let answer = world.merchant.put(LIMITS, &limits).await;
            assert_eq!(answer.error(), format!("400 BAD_VALUE [\"Bad value: {field}\"]"), "{limits}");
        }
        assert_eq!(world.merchant.get(LIMITS).await.text, NO_LIMITS);
    });
}
