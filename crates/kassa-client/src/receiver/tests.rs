//! The receiver accepts authentic callbacks, and refuses all others with the reason.

use http::HeaderValue;
use kassa_wire::signature::{SecretError, secret_text, sign};
use proptest::prelude::*;

use super::*;
use crate::ledger::MemoryLedger;

const NOW_S: i64 = 1_767_225_600;

/// The bodies that docs/wire.md#callback-request documents.
const DOCUMENTED: [&str; 3] = [
    r#"{"event_id":"270b2adc-35a4-4524-800a-a5d2b8a96a2c","session":{"session_id":"35bde117-ce5f-774f-9bcb-ec514a0963ad","status":"IN_PROGRESS","updated_at":"2019-05-13T14:51:46.288Z","expires_at":"2019-05-15T13:51:43.507Z"}}"#,
    r#"{"event_id":"27ba32b0-644b-4b22-94a9-dac503bcae18","session":{"session_id":"39a1c773-bafd-754d-af1f-b30c592f1267","status":"COMPLETED","authorization_token":"a1a8f727-2756-6058-bd3c-40069be0994b","updated_at":"2019-05-13T14:54:04.675Z","expires_at":"2019-05-15T13:51:43.507Z"}}"#,
    r#"{"event_id":"27ba32b0-644b-4b22-94a9-dac503bcae18","session":{"session_id":"39a1c773-bafd-754d-af1f-b30c592f1267","status":"COMPLETED","order_id":"a1a8f727-2756-6058-bd3c-40069be0994b","klarna_reference":"X438HG0Q","updated_at":"2019-05-13T14:54:04.675Z","expires_at":"2019-05-15T13:51:43.507Z"}}"#,
];

const EVENT: &str = "270b2adc-35a4-4524-800a-a5d2b8a96a2c";

fn now() -> Timestamp {
    Timestamp::from_second(NOW_S).unwrap()
}

fn secret() -> String {
    secret_text(b"a secret of thirty-two bytes, yes")
}

fn signed_only() -> Receiver {
    Receiver::new(UrlSecret::Unused, SignatureRule::Required(vec![secret()])).unwrap()
}

fn signed(secret: &str, id: &str, at_s: i64, body: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let signature = sign(&[secret.to_string()], id, at_s, body);
    for (name, value) in [
        ("webhook-id", id.to_string()),
        ("webhook-timestamp", at_s.to_string()),
        ("webhook-signature", signature),
    ] {
        headers.insert(name, HeaderValue::from_str(&value).unwrap());
    }
    headers
}

fn verify(
    receiver: &Receiver,
    query: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<VerifiedCallback, CallbackRefusal> {
    receiver.verify(&CallbackRequest { query, headers, body }, now())
}

fn refusal(receiver: &Receiver, query: &str, headers: &HeaderMap, body: &[u8]) -> CallbackRefusal {
    verify(receiver, query, headers, body).unwrap_err()
}

#[test]
fn every_documented_body_is_accepted_and_written_as_it_was_read() {
    let receiver = Receiver::new(UrlSecret::Shared(vec!["s3cret".into()]), SignatureRule::Unused).unwrap();
    for body in DOCUMENTED {
        let verified = verify(&receiver, "secret=s3cret", &HeaderMap::new(), body.as_bytes()).unwrap();
        let VerifiedCallback::Update(callback) = verified else { panic!("not an update: {body}") };
        assert_eq!(serde_json::to_string(&callback).unwrap(), body);
    }
}

#[test]
fn both_active_secrets_are_accepted_during_a_rotation() {
    let both = vec![secret_text(b"new"), secret()];
    let receiver = Receiver::new(UrlSecret::Unused, SignatureRule::Required(both)).unwrap();
    let body = DOCUMENTED[0].as_bytes();
    assert!(verify(&receiver, "", &signed(&secret(), EVENT, NOW_S, body), body).is_ok());
    assert!(verify(&receiver, "", &signed(&secret_text(b"new"), EVENT, NOW_S, body), body).is_ok());
}

#[test]
fn a_derived_secret_is_valid_for_one_reference() {
    let urls = CallbackUrls::new(&[7; 32]);
    let url = urls.url("https://shop.example/cb?lang=sv", "order 1/\u{e5}");
    let query =
        url.split_once('?').unwrap().1.replace("{{session_id}}", "35bde117-ce5f-774f-9bcb-ec514a0963ad");
    let receiver = Receiver::new(UrlSecret::Derived(urls.clone()), SignatureRule::Unused).unwrap();
    let body = DOCUMENTED[0].as_bytes();
    let no_headers = HeaderMap::new();
    assert!(verify(&receiver, &query, &no_headers, body).is_ok());
    let of_another = query.replace("order", "ordes");
    assert_eq!(refusal(&receiver, &of_another, &no_headers, body), CallbackRefusal::SecretWrong);
    assert_eq!(refusal(&receiver, "sid=x&ref=order", &no_headers, body), CallbackRefusal::SecretMissing);
    assert_eq!(
        refusal(&receiver, &query, &no_headers, DOCUMENTED[1].as_bytes()),
        CallbackRefusal::OtherSession
    );
}

#[test]
fn a_text_that_is_no_secret_is_refused() {
    for (text, fault) in [
        ("", SecretError::Empty),
        ("whsec_", SecretError::Empty),
        ("whsec_half a secret", SecretError::NotBase64),
        ("'whsec_AAAA'", SecretError::NotBase64),
    ] {
        let rule = SignatureRule::Required(vec![secret(), text.to_string()]);
        let refused = Receiver::new(UrlSecret::Unused, rule).unwrap_err();
        assert_eq!(refused, ReceiverError::Secret(fault), "{text}");
        assert!(text.is_empty() || !refused.to_string().contains("half"), "it is not shown");
    }
    let blank = UrlSecret::Shared(vec![" \n".to_string()]);
    for secret in [UrlSecret::Shared(vec![String::new()]), blank, UrlSecret::Derived(CallbackUrls::new(b""))]
    {
        let refused = Receiver::new(secret, SignatureRule::Unused).unwrap_err();
        assert_eq!(refused, ReceiverError::Secret(SecretError::Empty));
    }
}

#[test]
fn a_secret_verifies_with_white_space_around_it_and_without_its_prefix() {
    let body = DOCUMENTED[0].as_bytes();
    let headers = signed(&secret(), EVENT, NOW_S, body);
    for text in [format!(" {}\r\n", secret()), secret().replace("whsec_", "")] {
        let receiver = Receiver::new(UrlSecret::Unused, SignatureRule::Required(vec![text])).unwrap();
        assert!(verify(&receiver, "", &headers, body).is_ok());
    }
}

#[test]
fn the_refusal_names_the_missing_header() {
    let body = DOCUMENTED[0].as_bytes();
    for header in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let mut headers = signed(&secret(), EVENT, NOW_S, body);
        headers.remove(header);
        assert_eq!(refusal(&signed_only(), "", &headers, body), CallbackRefusal::SignatureMissing { header });
    }
}

/// Checks the diagnosis of a body that was signed as `signed_as` and received as `received`.
fn check_diagnosis(configured: &str, signed_as: &str, received: &str, expected: Diagnosis) {
    let receiver =
        Receiver::new(UrlSecret::Unused, SignatureRule::Required(vec![configured.to_string()])).unwrap();
    let headers = signed(&secret(), EVENT, NOW_S, signed_as.as_bytes());
    let refusal = refusal(&receiver, "", &headers, received.as_bytes());
    assert_eq!(refusal, CallbackRefusal::SignatureWrong(expected), "{received}");
}

#[test]
fn the_refusal_diagnoses_common_mistakes() {
    let body = DOCUMENTED[0];
    let value: serde_json::Value = serde_json::from_str(body).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    let sorted = value.to_string();
    let spaced = body.replace("\":", "\": ").replace(",\"", ", \"");
    check_diagnosis(&secret(), body, &pretty, Diagnosis::BodyReserialised);
    check_diagnosis(&secret(), body, &spaced, Diagnosis::BodyReserialised);
    check_diagnosis(&secret(), &sorted, &pretty, Diagnosis::BodyReserialised);
    check_diagnosis(&secret(), body, &format!("{body}\n"), Diagnosis::WhitespaceAdded);
    for text in [secret(), secret().replace("whsec_", "")] {
        let headers = signed(&secret_text(text.as_bytes()), EVENT, NOW_S, body.as_bytes());
        let refusal = refusal(&signed_only(), "", &headers, body.as_bytes());
        assert_eq!(
            refusal,
            CallbackRefusal::SignatureWrong(Diagnosis::SecretInOtherForm),
            "signed with {text}"
        );
    }
    check_diagnosis(&secret_text(b"other"), body, body, Diagnosis::Unexplained);
    check_diagnosis(&secret(), body, &body.replace("IN_PROGRESS", "COMPLETED"), Diagnosis::Unexplained);
}

#[test]
fn a_signed_id_that_differs_from_the_event_id_is_refused() {
    let body = DOCUMENTED[0].as_bytes();
    let headers = signed(&secret(), "another", NOW_S, body);
    assert_eq!(refusal(&signed_only(), "", &headers, body), CallbackRefusal::OtherEvent);
}

#[test]
fn an_empty_body_at_a_trusted_url_prompts_a_read() {
    let receiver = Receiver::new(UrlSecret::Shared(vec!["s".into()]), SignatureRule::Unused).unwrap();
    for body in ["", "{}", " { } "] {
        let prompt = verify(&receiver, "sid=abc&secret=s", &HeaderMap::new(), body.as_bytes());
        assert_eq!(prompt, Ok(VerifiedCallback::Prompt { session_id: "abc".to_string() }));
        assert_eq!(
            refusal(&receiver, "secret=s", &HeaderMap::new(), body.as_bytes()),
            CallbackRefusal::Empty
        );
    }
    assert_eq!(
        refusal(&signed_only(), "sid=abc", &signed(&secret(), EVENT, NOW_S, b"{}"), b"{}"),
        CallbackRefusal::Empty
    );
}

#[test]
fn a_body_that_is_too_large_is_refused() {
    let body = vec![b' '; LARGEST_BODY + 1];
    assert_eq!(refusal(&signed_only(), "", &HeaderMap::new(), &body), CallbackRefusal::TooLarge);
}

/// Delivers an event to a receiver with one shared secret; returns the outcome.
async fn deliver(ledger: &MemoryLedger, event: &str, status: &str, updated_at: &str) -> Outcome {
    let receiver = Receiver::new(UrlSecret::Shared(vec!["s".into()]), SignatureRule::Unused).unwrap();
    let body = format!(
        r#"{{"event_id":"{event}","session":{{"session_id":"x","status":"{status}","updated_at":"{updated_at}"}}}}"#
    );
    let delivery = CallbackRequest { query: "secret=s", headers: &HeaderMap::new(), body: body.as_bytes() };
    receiver.receive(&delivery, ledger, now()).await
}

#[tokio::test]
async fn duplicate_and_stale_callbacks_are_acknowledged_and_dropped() {
    let ledger = MemoryLedger::default();
    let (first, second) = ("2026-01-01T00:00:01.000Z", "2026-01-01T00:00:02.000Z");
    let new = Outcome::Recorded(RecordOutcome::New);
    assert_eq!(deliver(&ledger, "e2", "COMPLETED", second).await, new);
    assert_eq!(
        deliver(&ledger, "e2", "COMPLETED", second).await,
        Outcome::Recorded(RecordOutcome::Duplicate)
    );
    assert_eq!(deliver(&ledger, "e1", "IN_PROGRESS", first).await, Outcome::Recorded(RecordOutcome::Stale));
    assert_eq!(new.http_status(), 204);
    assert_eq!(ledger.changes().len(), 1);
}

proptest! {
    #[test]
    fn random_deliveries_are_refused_without_a_panic(
        body in proptest::collection::vec(any::<u8>(), 0..400),
        query in ".{0,60}",
        id in "[ -~]{0,40}",
        at in "[ -~]{0,20}",
        signature in "(v1,)?[ -~]{0,80}",
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in [("webhook-id", &id), ("webhook-timestamp", &at), ("webhook-signature", &signature)] {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        prop_assert!(verify(&signed_only(), &query, &headers, &body).is_err());
        let urls = Receiver::new(UrlSecret::Derived(CallbackUrls::new(&[1; 32])), SignatureRule::Unused).unwrap();
        prop_assert!(verify(&urls, &query, &headers, &body).is_err());
    }

    #[test]
    fn a_body_with_one_changed_byte_is_refused(place in 0_usize..300, change in 1_u8..) {
        let mut body = DOCUMENTED[1].as_bytes().to_vec();
        let headers = signed(&secret(), "27ba32b0-644b-4b22-94a9-dac503bcae18", NOW_S, &body);
        prop_assert!(verify(&signed_only(), "", &headers, &body).is_ok());
        let place = place % body.len();
        body[place] ^= change;
        prop_assert!(matches!(
            refusal(&signed_only(), "", &headers, &body),
            CallbackRefusal::SignatureWrong(_)
        ));
    }

    #[test]
    fn a_signed_random_body_is_refused_without_a_panic(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        let headers = signed(&secret(), EVENT, NOW_S, &body);
        prop_assert!(verify(&signed_only(), "", &headers, &body).is_err());
    }
}
