//! A sign-in with OpenID Connect that fails leads to a page with the reason, is counted, and is limited.

use std::time::Duration;

use http::Method;
use kassa_engine::OpenIdResult;
use serde_json::json;

use super::desk::Desk;
use super::openid_provider::{Asked, Provider, sent_away};
use crate::harness::{Answer, World, journey};

/// The sign-ins of a node that ended in this way.
async fn ended(world: &World, node: &str, result: OpenIdResult) -> u64 {
    let caller = crate::harness::Merchant::nobody(world.network(), node);
    let page = caller.call(Method::GET, "/metrics", &[], bytes::Bytes::new()).await.text;
    let line = format!("kassa_openid_sign_ins_total{{result=\"{}\"}} ", result.as_str());
    let (_, rest) = page.split_once(&line).unwrap_or_else(|| panic!("{line}: {page}"));
    rest.lines().next().unwrap().parse().unwrap()
}

#[track_caller]
fn assert_failed(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert!(answer.text.contains(words), "{words}: {}", answer.text);
    assert!(answer.text.contains("href=\"/console/sign-in/openid?to="), "one can try again: {}", answer.text);
    assert!(answer.header("set-cookie").contains("Max-Age=0"), "nothing waits any more");
}

#[test]
fn a_provider_that_refuses_is_named_with_its_reason() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        let mut desk = Desk::at(&world, &node);
        let asked = Asked::of(&sent_away(&mut desk, "/console").await);
        let answer =
            desk.go(&asked.back(&[("error", "access_denied"), ("error_description", "<b>No")])).await;
        assert_failed(&answer, 403, "Acme refused the sign-in (access_denied).");
        let asked = Asked::of(&sent_away(&mut desk, "/console").await);
        let answer = desk.go(&asked.back(&[("error", "<script>")])).await;
        assert_failed(&answer, 403, "Acme refused the sign-in (unknown_error).");
        assert_eq!(ended(&world, &node, OpenIdResult::Denied).await, 2);
        let asked = Asked::of(&sent_away(&mut desk, "/console").await);
        let answer = desk.go(&asked.back(&[("code", "1"), ("iss", "https://login.example")])).await;
        assert_failed(&answer, 403, "did not pass a check");
    });
}

#[test]
fn an_answer_that_nobody_waits_for_signs_nobody_in() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        let mut desk = Desk::at(&world, &node);
        let back = provider.authorize(&sent_away(&mut desk, "/console").await);
        let stale = "This sign-in has ended";
        let other_browser = Desk::at(&world, &node).go(&back).await;
        assert_failed(&other_browser, 400, stale);
        let (path, _) = back.split_once('?').unwrap();
        for query in ["", "?code=1", "?code=1&state=", "?code=1&state=guessed"] {
            assert_failed(&desk.open(&format!("{path}{query}")).await, 400, stale);
        }
        assert_eq!(provider.calls_of("/token"), 0, "the code was not sent");
        world.clock.advance(Duration::from_secs(600));
        assert_failed(&desk.go(&back).await, 400, stale);

        let back = provider.authorize(&sent_away(&mut desk, "/console").await);
        let forged = desk.cookie().replace("kassa_openid=", "kassa_openid=A");
        let caller = crate::harness::Merchant::nobody(world.network(), &node);
        let answer = caller.call(Method::GET, &back, &[("cookie", &forged)], bytes::Bytes::new()).await;
        assert_failed(&answer, 400, stale);
        let kept = desk.cookie().to_string();
        assert_eq!(desk.go(&back).await.status, 303);
        assert_failed(&desk.open(&back).await, 400, stale);
        let twice = caller.call(Method::GET, &back, &[("cookie", &kept)], bytes::Bytes::new()).await;
        assert_failed(&twice, 403, "did not accept the code of this sign-in (invalid_grant)");
        assert_eq!(ended(&world, &node, OpenIdResult::SignedIn).await, 1);
        assert_eq!(ended(&world, &node, OpenIdResult::CodeRefused).await, 1);
        assert_eq!(ended(&world, &node, OpenIdResult::Stale).await, 8);
    });
}

#[test]
fn a_provider_that_does_not_answer_is_asked_again_later() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        provider.set_down(true);
        let mut desk = Desk::at(&world, &node);
        let words = "Acme gave no usable answer when Kassa asked for its configuration.";
        for _ in 0..3 {
            assert_failed(&desk.go("/console/sign-in/openid?to=%2Fconsole").await, 502, words);
        }
        let discovery = "/.well-known/openid-configuration";
        assert_eq!(provider.calls_of(discovery), 1, "a provider that is down is not asked by each click");
        provider.set_down(false);
        world.clock.advance(Duration::from_secs(10));
        let back = provider.authorize(&sent_away(&mut desk, "/console").await);
        provider.set_down(true);
        let words = "Acme gave no usable answer when Kassa asked for the tokens.";
        assert_failed(&desk.go(&back).await, 502, words);
        world.clock.advance(Duration::from_secs(7200));
        assert_eq!(desk.go("/console/sign-in/openid").await.status, 303, "what is known is used for a day");
        assert_eq!(ended(&world, &node, OpenIdResult::ProviderFailed).await, 4);
    });
}

#[test]
fn a_person_without_a_usable_name_is_told_what_to_do() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        let sign_in = async |claims| {
            provider.claims(&claims);
            provider.info(json!({ "sub": "ada-1" }));
            provider.sign_in(&mut Desk::at(&world, &node), "/console").await
        };
        assert_failed(&sign_in(json!({ "email_verified": false })).await, 403, "is not verified");
        let nameless = sign_in(json!({ "email_verified": true, "email": null })).await;
        assert_failed(&nameless, 403, "Acme sent no usable name (claim email).");
        assert_eq!(ended(&world, &node, OpenIdResult::NoName).await, 2);
        assert!(world.app().accounts().operators().await.unwrap().is_empty());
    });
}

#[test]
fn failed_sign_ins_are_limited_and_do_not_lock_out_who_signed_in_before() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        let mut desk = Desk::at(&world, &node);
        let guess = async |desk: &mut Desk<'_>| {
            let asked = Asked::of(&sent_away(desk, "/console").await);
            desk.go(&asked.back(&[("code", "guessed")])).await.status
        };
        let mut statuses = Vec::new();
        for _ in 0..12 {
            statuses.push(guess(&mut desk).await);
        }
        assert_eq!(statuses[..10], [403; 10]);
        assert_eq!(statuses[10..], [429; 2]);
        assert_eq!(ended(&world, &node, OpenIdResult::Limited).await, 2);
        let answer = provider.sign_in(&mut desk, "/console").await;
        assert_failed(&answer, 429, "Try again in 2 s.");
        assert_eq!(provider.calls_of("/token"), 10, "the provider is not asked");
        world.clock.advance(Duration::from_secs(2));
        assert_eq!(provider.sign_in(&mut desk, "/console").await.status, 303);
        for _ in 0..12 {
            guess(&mut desk).await;
        }
        assert_eq!(provider.sign_in(&mut desk, "/console").await.status, 303);
    });
}

#[test]
fn a_sign_in_that_took_too_long_is_no_failed_login() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        let mut desk = Desk::at(&world, &node);
        for _ in 0..12 {
            let back = provider.authorize(&sent_away(&mut desk, "/console").await);
            world.clock.advance(Duration::from_secs(600));
            assert_failed(&desk.go(&back).await, 400, "This sign-in has ended");
        }
        for _ in 0..12 {
            let guessed = desk.go("/console/sign-in/openid/return?code=1&state=guessed").await;
            assert_failed(&guessed, 400, "This sign-in has ended");
        }
        assert_eq!(provider.sign_in(&mut desk, "/console").await.status, 303);
    });
}
