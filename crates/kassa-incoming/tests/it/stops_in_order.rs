//! Answers have the same form over each protocol, and a stop loses none.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use kassa_incoming::Limits;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::AsyncWriteExt as _;
use tokio_rustls::TlsConnector;

use crate::harness::{GET, World, ask, in_time, long, read_to_end};
use crate::http2::{Http2, OK};

#[tokio::test]
async fn header_names_of_http1_answers_are_in_title_case() {
    let world = World::start(long());
    let answer = ask(&mut world.connect().await, GET, "\r\n\r\n").await;
    for name in ["\r\nX-Some-Header: 1\r\n", "\r\nContent-Length: ", "\r\nDate: "] {
        assert!(answer.contains(name), "{answer}");
    }
}

#[tokio::test]
async fn a_cut_connection_closes_without_an_answer() {
    let world = World::start(long());
    assert_eq!(world.exchange("GET /cut HTTP/1.1\r\nHost: x\r\n\r\n").await, "");
}

#[tokio::test]
async fn while_the_process_is_about_to_stop_each_answer_is_the_last_of_its_connection() {
    let world = World::start(long());
    world.control.is_draining.store(true, Ordering::Relaxed);
    let answer = world.exchange(GET).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\r\nConnection: close\r\n"), "{answer}");
}

#[tokio::test]
async fn a_stop_finishes_the_calls_in_flight_and_closes_the_other_connections() {
    let world = World::start(long());
    let (silent, mut idle) = (world.connect().await, world.connect().await);
    ask(&mut idle, GET, "200 OK").await;
    let mut busy = world.connect().await;
    ask(
        &mut busy,
        "POST /length HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
        "100",
    )
    .await;
    let mut over_http2 = Http2::connect(&world, 65_535).await;
    over_http2.get(1, "/wait", &[]).await;
    over_http2.get(3, "/small", &[]).await;
    over_http2.headers(3).await;
    let control = world.control.clone();
    let stopped = tokio::spawn(world.stop());
    assert_eq!(read_to_end(silent).await, "");
    assert_eq!(read_to_end(idle).await, "");
    busy.write_all(b"abc").await.unwrap();
    assert!(read_to_end(busy).await.ends_with("\r\n\r\n3"));
    control.go_on.send_replace(true);
    assert_eq!(over_http2.headers(1).await, OK);
    over_http2.until_closed().await;
    in_time(stopped).await.unwrap();
}

#[tokio::test]
async fn a_stop_ends_in_time_although_a_call_does_not() {
    let world = World::start(Limits { stop: Duration::from_millis(100), ..long() });
    let mut busy = world.connect().await;
    ask(&mut busy, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n", "first").await;
    world.stop().await;
}

#[tokio::test]
async fn behind_tls_callers_choose_http1_or_http2() {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_string()]).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let server = configured(cert.der().clone(), signing_key.serialize_der());
    let world = World::start_with(long(), Some(Arc::new(server)));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let client = client.with_root_certificates(roots).with_no_client_auth();
    for protocol in ["h2", "http/1.1"] {
        let mut client = client.clone();
        client.alpn_protocols = vec![protocol.into()];
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TlsConnector::from(Arc::new(client)).connect(name, world.connect().await).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(protocol.as_bytes()));
        if protocol == "h2" {
            let mut caller = Http2::over(stream, 65_535).await;
            caller.get(1, "/small", &[]).await;
            assert_eq!(caller.headers(1).await, OK);
        }
    }
}

/// TLS with a certificate that no client trusts.
pub fn server_config() -> ServerConfig {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_string()]).unwrap();
    configured(cert.der().clone(), signing_key.serialize_der())
}

fn configured(certificate: rustls::pki_types::CertificateDer<'static>, key: Vec<u8>) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::Pkcs8(key.into());
    let mut config = config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}
