//! A token that the provider did not make for this sign-in signs nobody in. New keys of the provider are found.

use std::time::Duration;

use kassa_engine::Clock as _;
use serde_json::{Value, json};

use super::desk::Desk;
use super::openid_provider::{Provider, Signature};
use crate::harness::{World, journey};

/// Signs in with the tokens that the provider makes now. Returns the status of Kassa's answer.
async fn status_of_sign_in(world: &World, provider: &Provider, node: &str) -> (u16, String) {
    let mut desk = Desk::at(world, node);
    let answer = provider.sign_in(&mut desk, "/console").await;
    assert_eq!(desk.open("/console").await.status == 200, answer.status == 303, "{}", answer.text);
    (answer.status, answer.text)
}

#[test]
fn a_token_with_a_wrong_claim_is_refused() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        let now_s = world.clock.system_now().as_ms() / 1000;
        let right = [("aud", json!(["kassa"])), ("exp", json!(now_s - 59)), ("iat", json!(now_s + 60))];
        for (claim, value) in right {
            provider.forge(json!({ claim: value }));
            let (status, page) = status_of_sign_in(&world, &provider, &node).await;
            assert_eq!(status, 303, "{claim} {value}: {page}");
        }
        let wrong = [
            ("iss", json!("https://login.example")),
            ("aud", json!("another client")),
            ("aud", json!(["kassa", "another client"])),
            ("aud", Value::Null),
            ("nonce", json!("of another sign-in")),
            ("nonce", Value::Null),
            ("exp", json!(now_s - 60)),
            ("iat", json!(now_s + 61)),
            ("at_hash", json!("of another access token")),
        ];
        for (claim, value) in wrong {
            provider.forge(json!({ claim: value }));
            let (status, page) = status_of_sign_in(&world, &provider, &node).await;
            assert_eq!(status, 403, "{claim} {value}: {page}");
            assert!(page.contains("did not pass a check"), "{page}");
        }
        for claim in ["iss", "exp", "iat", "sub"] {
            provider.forge(json!({ claim: null }));
            let (status, page) = status_of_sign_in(&world, &provider, &node).await;
            assert_eq!(status, 502, "a token without {claim} cannot be read: {page}");
        }
    });
}

#[test]
fn a_token_without_a_signature_of_the_providers_key_is_refused() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        assert_eq!(status_of_sign_in(&world, &provider, &node).await.0, 303);
        for signature in [Signature::None, Signature::ClientSecret, Signature::OtherKey] {
            provider.sign(signature);
            let (status, page) = status_of_sign_in(&world, &provider, &node).await;
            assert_eq!(status, 403, "{signature:?}: {page}");
            assert!(page.contains("did not pass a check"), "{page}");
        }
        provider.sign(Signature::Right);
        assert_eq!(status_of_sign_in(&world, &provider, &node).await.0, 303);
    });
}

#[test]
fn new_keys_of_the_provider_are_read_when_they_are_needed_and_not_too_often() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        assert_eq!(status_of_sign_in(&world, &provider, &node).await.0, 303);
        assert_eq!(provider.calls_of("/keys"), 1);
        provider.rotate("key-2");
        assert_eq!(status_of_sign_in(&world, &provider, &node).await.0, 403, "it was asked a moment ago");
        assert_eq!(provider.calls_of("/keys"), 1);
        world.clock.advance(Duration::from_secs(10));
        assert_eq!(status_of_sign_in(&world, &provider, &node).await.0, 303);
        assert_eq!(provider.calls_of("/keys"), 2);
        assert_eq!(status_of_sign_in(&world, &provider, &node).await.0, 303);
        assert_eq!(provider.calls_of("/keys"), 2, "the keys are known");

        world.clock.advance(Duration::from_secs(10));
        provider.rotate("key-2");
        assert_eq!(status_of_sign_in(&world, &provider, &node).await.0, 303, "a new key may have an old id");
        assert_eq!(provider.calls_of("/keys"), 3);
    });
}
