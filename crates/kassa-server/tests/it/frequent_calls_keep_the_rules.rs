//! The calls that need no router are answered as the router answers them. The router gets a path with an escaped
//! letter.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use bytes::Bytes;
use http::{HeaderMap, Method};
use kassa_engine::Rates;
use serde_json::Value;

use crate::harness::{Answer, Merchant, limited_journey, live_journey};

/// A segment of a path, with its first letter escaped if the router is to get it.
fn segment(text: &str, is_for_router: bool) -> String {
    let (first, rest) = text.split_at(1);
    let first = if is_for_router { format!("%{:02x}", first.as_bytes()[0]) } else { first.to_string() };
    format!("{first}{rest}")
}

/// The path of a session.
fn path_of(id: &str, is_for_router: bool) -> String {
    format!("/hpp/v1/sessions/{}", segment(id, is_for_router))
}

/// The answer without what differs from call to call.
fn comparable(answer: Answer) -> (u16, HeaderMap, Value, bool) {
    let Answer { status, mut headers, mut json, bytes, .. } = answer;
    let has_id = headers.remove("klarna-correlation-id").is_some();
    headers.remove("date");
    if let Some(error) = json.as_object_mut() {
        error.remove("correlation_id");
    }
    (status, headers, json, bytes.is_empty() && has_id)
}

#[test]
fn the_table_and_the_router_give_the_same_answers() {
    live_journey(|world| async move {
        let id = world.page_session().await;
        let tag = world.merchant.get(&path_of(&id, false)).await.header("etag").to_string();
        let wrong = world.merchant.another("merchant_user", "wrong");
        let callers: [&Merchant; 3] = [&world.stranger, &wrong, &world.merchant];
        let methods = [Method::GET, Method::HEAD, Method::PUT, Method::POST, Method::PATCH, Method::DELETE];
        for (caller, method) in callers.iter().flat_map(|caller| methods.iter().map(move |one| (caller, one)))
        {
            for id in [&id, "unknown", &format!("{id}/"), &format!("{id}/more"), &format!("{id}?a=%00")] {
                for header in [&[][..], &[("if-none-match", &*tag)]] {
                    let call = async |is_for_router| {
                        let path = path_of(id, is_for_router);
                        comparable(caller.call(method.clone(), &path, header, Bytes::new()).await)
                    };
                    assert_eq!(call(false).await, call(true).await, "{method} {id} {header:?}");
                }
            }
        }
    });
}

/// A page without what differs from page to page.
fn comparable_page(answer: &Answer, token: &str) -> (u16, BTreeMap<String, String>, String) {
    let policy = answer.header("content-security-policy");
    let nonce = policy.split_once("'nonce-").and_then(|(_, rest)| rest.split_once('\''));
    let nonce = nonce.map_or("none", |(nonce, _)| nonce);
    let plain = |text: &str| text.replace(token, "TOKEN").replace(nonce, "NONCE");
    let headers =
        answer.headers.iter().map(|(name, value)| (name.to_string(), plain(value.to_str().unwrap())));
    let mut headers: BTreeMap<_, _> = headers.collect();
    assert!(headers.remove("klarna-correlation-id").is_some(), "{}", answer.text);
    headers.remove("date");
    (answer.status, headers, plain(&answer.text))
}

#[test]
fn the_table_and_the_router_give_the_same_pages() {
    live_journey(|world| async move {
        let form = "email=buyer%40shop.example&one_time_code=123456&order_seen=nothing";
        let actions = ["", "/outcome", "/back", "/pay", "/cancel"];
        let calls =
            actions.iter().flat_map(|action| [Method::GET, Method::HEAD].map(|method| (method, *action)));
        let forms = [(Method::POST, ""), (Method::POST, "/back"), (Method::POST, "/pay")];
        for (method, action) in calls.chain(forms) {
            let call = async |is_for_router: bool, is_known: bool| {
                let page = world.page_of(&world.page_session().await);
                let token = if is_known { page.strip_prefix("/pay/").unwrap() } else { "unknown" };
                let path = format!("/pay/{}{action}", segment(token, is_for_router));
                let body = Bytes::from_static(if method == Method::POST { form.as_bytes() } else { b"" });
                comparable_page(&world.browser(method.clone(), &path, body).await, token)
            };
            for is_known in [true, false] {
                let of_router = call(true, is_known).await;
                assert_eq!(call(false, is_known).await, of_router, "{method} {action} {is_known}");
            }
        }
    });
}

#[test]
fn the_table_and_the_router_count_the_same_calls() {
    let rates = Rates { creations: None, other_calls: NonZeroU32::new(3) };
    limited_journey(rates, |world| async move {
        let id = world.page_session().await;
        let mut answered = Vec::new();
        for is_for_router in [false, true, false, true, false] {
            let answer = world.merchant.get(&path_of(&id, is_for_router)).await;
            answered.push((answer.status, answer.header("x-ratelimit-remaining").to_string()));
        }
        let expected = [(200, "2"), (200, "1"), (200, "0"), (429, "0"), (429, "0")];
        assert_eq!(answered, expected.map(|(status, rest)| (status, rest.to_string())));
        let metrics = world.stranger.get("/metrics").await.text;
        for (status, count) in [(200, 3), (429, 2)] {
            let labels = format!(r#"route="/hpp/v1/sessions/{{session_id}}",method="GET",status="{status}""#);
            assert!(
                metrics.contains(&format!("kassa_http_requests_total{{{labels}}} {count}\n")),
                "{metrics}"
            );
        }
    });
}
