//! The system serves https with its own certificate.

use std::net::TcpListener;
use std::sync::Arc;

use kassa_engine::SystemClock;
use kassa_engine::{Random, SeededRandom};
use kassa_outgoing::{Network, Outgoing, OutgoingPolicy};
use kassa_sandbox::Sandbox;
use kassa_server::{App, Certificate, Configuration, Mode, Store, serve_node};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;

use crate::outgoing::get;

#[tokio::test]
async fn a_client_that_trusts_the_certificate_is_served() {
    let folder = TempDir::new().unwrap();
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_string()]).unwrap();
    let (chain, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
    std::fs::write(&chain, cert.pem()).unwrap();
    std::fs::write(&key, signing_key.serialize_pem()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let random: Arc<dyn Random> = Arc::new(SeededRandom::new(7));
    let trusting = OutgoingPolicy { extra_root: Some(chain.clone()), ..OutgoingPolicy::for_this_machine() };
    let network = Arc::new(Network::new(trusting).unwrap());
    let app = App::new(
        Store::open(&folder.path().join("kassa.db")).unwrap(),
        Arc::new(SystemClock),
        random.clone(),
        network.clone(),
        Arc::new(Sandbox::new(random)),
        Configuration::new(Mode::Live, &url),
    );
    let certificate = Certificate::read(&chain, &key).unwrap();
    let server = serve_node(app.await.unwrap(), listener, Some(certificate)).unwrap();
    let answer = network.call(get(format!("{url}/healthz"))).await.unwrap();
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &b"ok\n"[..]));
    let stranger = Network::new(OutgoingPolicy::for_this_machine()).unwrap();
    let refused = stranger.call(get(format!("{url}/healthz"))).await.unwrap_err();
    assert_eq!(refused.kind.as_str(), "tls_failed");
    server.stop().await;
}

#[test]
fn a_certificate_that_cannot_be_used_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("nothing.pem");
    std::fs::write(&file, "nothing").unwrap();
    let said = Certificate::read(&file, &file).err().unwrap().to_string();
    assert!(said.contains("nothing.pem"), "{said}");
}
