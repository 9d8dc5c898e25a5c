//! The certificates that the outgoing network trusts, and the HTTP versions that it speaks.

use kassa_outgoing::{Call, CallErrorKind, Network, OutgoingPolicy, UnusableRoots};
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;

use super::receiver::{Receiver, hold};
use super::tls_receiver::{Authority, start, trusting};
use super::{ROOMY, SHORT, call, failed_as, make, open_network, said};

fn url(receiver: &Receiver, host: &str) -> String {
    format!("https://{host}:{}/", receiver.address.port())
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_not_trusted() {
    let receiver = start(Authority::new().server("localhost", &["h2"]), 0).await;
    let answer = make(&open_network(), call(url(&receiver, "localhost"))).await;
    let detail = failed_as(CallErrorKind::TlsFailed, answer);
    assert!(detail.contains("UnknownIssuer"), "{detail}");
}

#[tokio::test]
async fn the_extra_root_is_trusted_and_http_2_is_spoken() {
    let authority = Authority::new();
    let receiver = start(authority.server("shop.example", &["h2", "http/1.1"]), 0).await;
    let answer = make(&trusting(&authority), call(url(&receiver, "shop.example"))).await;
    assert_eq!(said(&answer), "200 HTTP/2.0");
}

#[tokio::test]
async fn a_receiver_without_http_2_is_spoken_to_in_http_1() {
    let authority = Authority::new();
    for protocols in [&["http/1.1"][..], &[]] {
        let receiver = start(authority.server("shop.example", protocols), 0).await;
        let network = trusting(&authority);
        for _ in 0..10 {
            let answer = make(&network, call(url(&receiver, "shop.example"))).await;
            assert_eq!(said(&answer), "200 HTTP/1.1");
        }
        assert_eq!(receiver.accepted(), 1);
    }
}

#[tokio::test]
async fn a_certificate_for_another_host_is_not_trusted() {
    let authority = Authority::new();
    let receiver = start(authority.server("other.example", &["h2"]), 0).await;
    for host in ["shop.example", "127.0.0.1"] {
        let answer = make(&trusting(&authority), call(url(&receiver, host))).await;
        let detail = failed_as(CallErrorKind::TlsFailed, answer);
        assert!(detail.contains("not valid for"), "{detail}");
    }
}

#[tokio::test]
async fn many_calls_at_once_share_one_http_2_connection() {
    let authority = Authority::new();
    let receiver = start(authority.server("shop.example", &["h2"]), 0).await;
    let network = trusting(&authority);
    let url = url(&receiver, "shop.example");
    assert_eq!(said(&make(&network, call(&url)).await), "200 HTTP/2.0");
    let calls = (0..50).map(|_| make(&network, call(&url)));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(said(&answer), "200 HTTP/2.0");
    }
    assert_eq!(receiver.accepted(), 1);
}

#[tokio::test]
async fn a_connection_on_which_a_call_timed_out_is_not_used_again() {
    let authority = Authority::new();
    let receiver = start(authority.server("shop.example", &["h2"]), 1).await;
    let network = trusting(&authority);
    let hurried = Call { timeout: ROOMY, ..call(url(&receiver, "shop.example")) };
    let detail = failed_as(CallErrorKind::TimedOut, make(&network, hurried).await);
    assert_eq!(detail, "no answer within 2000 ms");
    assert_eq!(said(&make(&network, call(url(&receiver, "shop.example"))).await), "200 HTTP/2.0");
    assert_eq!(receiver.accepted(), 2);
}

#[tokio::test]
async fn a_receiver_that_does_not_speak_tls_fails() {
    let receiver = Receiver::answering(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let plain = Receiver::start(|mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        hold(stream).await;
    })
    .await;
    let closing = Receiver::start(|_, _| async {}).await;
    for receiver in [plain, closing] {
        failed_as(CallErrorKind::TlsFailed, make(&open_network(), call(url(&receiver, "127.0.0.1"))).await);
    }
    // This receiver waits for a request that never comes.
    let hurried = Call { timeout: SHORT, ..call(url(&receiver, "127.0.0.1")) };
    let detail = failed_as(CallErrorKind::TimedOut, make(&open_network(), hurried).await);
    assert_eq!(detail, "no connection within 200 ms");
}

#[test]
fn an_extra_root_that_cannot_be_used_is_named_at_the_start() {
    let unusable = |path: &std::path::Path| {
        let policy = OutgoingPolicy { extra_root: Some(path.to_path_buf()), ..OutgoingPolicy::strict() };
        let error = Network::new(policy).err().unwrap();
        assert!(matches!(&error, UnusableRoots::Extra { path: named, .. } if named == path), "{error}");
        error.to_string()
    };
    assert!(unusable(std::path::Path::new("/nowhere/root.pem")).contains("No such file"));
    let file = NamedTempFile::new().unwrap();
    assert!(unusable(file.path()).ends_with("it contains no certificate"));
    std::fs::write(file.path(), "-----BEGIN CERTIFICATE-----\nno base64\n").unwrap();
    unusable(file.path());
}
