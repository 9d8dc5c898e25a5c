//! The vendor's rate limits: the headers, the refusal, and the calls that count together.

use std::num::NonZeroU32;
use std::time::Duration;

use kassa_engine::Rates;
use serde_json::json;

use crate::harness::{Answer, Merchant, cart, journey, limited_journey};

const PAYMENT_SESSIONS: &str = "/payments/v1/sessions";
const PAGE_SESSIONS: &str = "/hpp/v1/sessions";
const CUSTOMER_TOKENS: &str = "/payments/v1/authorizations/unknown/customer-token";

/// Two creations of each kind, and three other calls.
const RATES: Rates = Rates { creations: NonZeroU32::new(2), other_calls: NonZeroU32::new(3) };

/// The headers of an answer: limit, remaining and reset.
fn allowance(answer: &Answer) -> [&str; 3] {
    ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"].map(|name| answer.header(name))
}

/// Makes a call that is limited to two. Returns the status, and the rest of the allowance.
async fn create(merchant: &Merchant, path: &str) -> (u16, String) {
    let body = if path == PAYMENT_SESSIONS { cart("ECOMMERCE") } else { json!({}) };
    let answer = merchant.post(path, &body).await;
    let [limit, remaining, reset] = allowance(&answer);
    assert_eq!((limit, reset), ("2, 2;w=1", "1"), "{path}");
    (answer.status, remaining.to_string())
}

#[test]
fn a_merchant_is_refused_until_the_second_is_over() {
    limited_journey(RATES, |world| async move {
        assert_eq!(create(&world.merchant, PAYMENT_SESSIONS).await, (200, "1".to_string()));
        assert_eq!(create(&world.merchant, PAYMENT_SESSIONS).await, (200, "0".to_string()));
        world.clock.advance(Duration::from_millis(999));
        let refused = world.merchant.post(PAYMENT_SESSIONS, &cart("ECOMMERCE")).await;
        assert_eq!(refused.error(), "429 TOO_MANY_REQUESTS [\"Too many requests\"]");
        assert_eq!(refused.header("retry-after"), "1");
        assert_eq!(allowance(&refused), ["2, 2;w=1", "0", "1"]);
        world.clock.advance(Duration::from_millis(1));
        assert_eq!(create(&world.merchant, PAYMENT_SESSIONS).await, (200, "1".to_string()));
        let metrics = world.stranger.get("/metrics").await.text;
        assert!(metrics.contains("kassa_limited_calls_total{limit=\"rate\"} 1\n"), "{metrics}");
    });
}

#[test]
fn each_kind_of_creation_and_all_other_calls_count_apart() {
    limited_journey(RATES, |world| async move {
        for (path, status) in [(PAYMENT_SESSIONS, 200), (PAGE_SESSIONS, 400), (CUSTOMER_TOKENS, 404)] {
            assert_eq!(create(&world.merchant, path).await, (status, "1".to_string()), "{path}");
            assert_eq!(create(&world.merchant, path).await, (status, "0".to_string()), "{path}");
            assert_eq!(create(&world.merchant, path).await, (429, "0".to_string()), "{path}");
        }
        let others = ["/hpp/v1/sessions/unknown", "/payments/v1/sessions/unknown"];
        let others =
            others.iter().chain(&["/customer-token/v1/tokens/unknown", "/ordermanagement/v1/orders/1"]);
        let mut answered = Vec::new();
        for path in others {
            let answer = world.merchant.get(path).await;
            let [limit, remaining, reset] = allowance(&answer);
            assert_eq!((limit, reset), ("3, 3;w=1", "1"), "{path}");
            answered.push((answer.status, remaining.to_string()));
        }
        let expected = [(404, "2"), (404, "1"), (404, "0"), (429, "0")];
        assert_eq!(answered, expected.map(|(status, remaining)| (status, remaining.to_string())));
    });
}

#[test]
fn one_merchant_does_not_affect_another() {
    limited_journey(RATES, |world| async move {
        for status in [200, 200, 429, 429] {
            assert_eq!(create(&world.merchant, PAYMENT_SESSIONS).await.0, status);
        }
        assert_eq!(create(&world.stranger, PAYMENT_SESSIONS).await, (200, "1".to_string()));
    });
}

#[test]
fn two_credentials_of_a_merchant_share_its_allowance() {
    limited_journey(RATES, |world| async move {
        let made = world.merchant.post("/kassa/v1/credentials", &json!({})).await.json;
        let [username, password] = ["username", "password"].map(|field| made[field].as_str().unwrap());
        let other = world.anyone_as(username, password);
        assert_eq!(create(&world.merchant, PAYMENT_SESSIONS).await.1, "1");
        assert_eq!(create(&other, PAYMENT_SESSIONS).await.1, "0");
        assert_eq!(create(&world.merchant, PAYMENT_SESSIONS).await.0, 429);
    });
}

#[test]
fn a_wrong_password_gets_no_headers_and_uses_up_nothing() {
    limited_journey(RATES, |world| async move {
        for caller in [world.anyone_as("merchant_user", "mistaken"), world.anyone_with("")] {
            for path in [PAGE_SESSIONS, CUSTOMER_TOKENS] {
                for _ in 0..3 {
                    let answer = caller.post(path, &json!({})).await;
                    assert_eq!((answer.status, allowance(&answer)), (401, [""; 3]), "{path}");
                }
            }
        }
        assert_eq!(create(&world.merchant, PAGE_SESSIONS).await.1, "1");
        let metrics = world.stranger.get("/metrics").await.text;
        let failures = "kassa_authentication_failures_total{audience=\"merchants\",answer=\"401\"} 6\n";
        assert!(metrics.contains(failures), "each wrong password counts once: {metrics}");
    });
}

#[test]
fn a_wrong_password_is_refused_alike_when_the_limit_is_used_up() {
    limited_journey(RATES, |world| async move {
        for status in [400, 400, 429] {
            assert_eq!(create(&world.merchant, PAGE_SESSIONS).await.0, status);
        }
        let answer = world.anyone_as("merchant_user", "mistaken").post(PAGE_SESSIONS, &json!({})).await;
        assert_eq!((answer.error().as_str(), allowance(&answer)), ("401 UNAUTHORIZED []", [""; 3]));
    });
}

#[test]
fn kassas_own_api_and_unknown_paths_have_no_limit() {
    limited_journey(RATES, |world| async move {
        for (path, status) in [("/kassa/v1/sessions", 200), ("/payments/v1/unknown", 404), ("/pay/1", 404)] {
            for _ in 0..5 {
                let answer = world.merchant.get(path).await;
                assert_eq!((answer.status, allowance(&answer)), (status, [""; 3]), "{path}");
            }
        }
    });
}

#[test]
fn an_answer_to_a_wrong_method_has_the_headers() {
    limited_journey(RATES, |world| async move {
        let answer = world.merchant.delete(PAGE_SESSIONS).await;
        assert_eq!((answer.status, allowance(&answer)), (405, ["3, 3;w=1", "2", "1"]));
    });
}

#[test]
fn without_limits_no_answer_has_the_headers() {
    journey(|world| async move {
        for _ in 0..5 {
            let answer = world.merchant.post(PAYMENT_SESSIONS, &cart("ECOMMERCE")).await;
            assert_eq!((answer.status, allowance(&answer)), (200, [""; 3]));
        }
    });
}
