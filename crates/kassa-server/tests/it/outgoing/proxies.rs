//! Calls through a proxy: a tunnel for https, the whole URL for plain http, and clear failures.

use std::sync::{Arc, Mutex};

use kassa_outgoing::{CallErrorKind, Network, OutgoingPolicy, ProxyRules};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

use super::receiver::{NO_CONTENT, Receiver, nobody};
use super::tls_receiver::{self, Authority};
use super::{call, failed_as, make, said};

/// A proxy that forwards everything to one destination, and records the heads of the requests.
struct Proxy {
    receiver: Receiver,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn before(destination: &Receiver, answer: &'static str) -> Self {
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let (recorded, address) = (heads.clone(), destination.address);
        let receiver = Receiver::start(move |mut stream: TcpStream, _| {
            let recorded = recorded.clone();
            async move {
                let head = read_head(&mut stream).await;
                let is_tunnel = head.starts_with("CONNECT ");
                recorded.lock().unwrap().push(head);
                stream.write_all(answer.as_bytes()).await.unwrap();
                if is_tunnel && answer.contains(" 200 ") {
                    let mut onward = TcpStream::connect(address).await.unwrap();
                    // The connection ends when either side closes it.
                    let _ = copy_bidirectional(&mut stream, &mut onward).await;
                }
            }
        })
        .await;
        Self { receiver, heads }
    }

    /// The first recorded head.
    fn head(&self) -> String {
        self.heads.lock().unwrap().first().cloned().unwrap_or_default()
    }

    fn rules(&self, credential: &str) -> ProxyRules {
        ProxyRules::through(&format!("http://{credential}{}", self.receiver.address)).unwrap()
    }
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// A network that trusts this authority and uses this proxy.
fn through(authority: &Authority, rules: ProxyRules) -> Network {
    let extra_root = authority.root();
    let policy = OutgoingPolicy {
        extra_root: Some(extra_root.path().to_path_buf()),
        ..OutgoingPolicy::for_this_machine()
    };
    Network::with_proxies(policy, rules).unwrap()
}

#[tokio::test]
async fn https_goes_through_a_tunnel_to_a_name_that_only_the_proxy_knows() {
    let authority = Authority::new();
    let service = tls_receiver::start(authority.server("service.invalid", &["h2"]), 0).await;
    let proxy = Proxy::before(&service, "HTTP/1.1 200 Connection established\r\n\r\n").await;
    let network = through(&authority, proxy.rules("user:p%40ss@"));
    let answer = make(&network, call("https://service.invalid/x?secret=1")).await.unwrap();
    assert!(answer.status.is_success());
    let head = proxy.head();
    assert!(head.starts_with("CONNECT service.invalid:443 HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("Proxy-Authorization: Basic dXNlcjpwQHNz\r\n"), "{head}");
    assert!(!head.contains("secret"), "the proxy does not see the call");
}

#[tokio::test]
async fn plain_http_goes_to_the_proxy_with_its_whole_url() {
    let service = Receiver::answering(NO_CONTENT).await;
    let proxy = Proxy::before(&service, "HTTP/1.1 203 By Proxy\r\ncontent-length: 0\r\n\r\n").await;
    let network = through(&Authority::new(), proxy.rules("user:pass@"));
    assert_eq!(said(&make(&network, call("http://service.invalid/x")).await), "203 ");
    let head = proxy.head();
    assert!(head.starts_with("POST http://service.invalid/x HTTP/1.1\r\n"), "{head}");
    assert!(head.to_lowercase().contains("proxy-authorization: basic dxnlcjpwyxnz\r\n"), "{head}");
    assert_eq!(service.accepted(), 0);
}

#[tokio::test]
async fn a_proxy_that_refuses_or_is_not_there_fails_before_anything_is_sent() {
    let service = Receiver::answering(NO_CONTENT).await;
    for (answer, why) in [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "proxy authorization required"),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "tunnel error: unsuccessful"),
        ("SSH-2.0\r\n\r\n", "tunnel error"),
    ] {
        let proxy = Proxy::before(&service, answer).await;
        let network = through(&Authority::new(), proxy.rules(""));
        let answered = make(&network, call("https://service.invalid/")).await;
        let detail = failed_as(CallErrorKind::ConnectFailed, answered);
        assert!(detail.starts_with("the proxy cannot be used: ") && detail.contains(why), "{detail}");
    }
    let (address, _held) = nobody();
    let rules = ProxyRules::through(&address.to_string()).unwrap();
    let answered = make(&through(&Authority::new(), rules), call("https://service.invalid/")).await;
    let detail = failed_as(CallErrorKind::ConnectFailed, answered);
    assert_eq!(detail, "the proxy cannot be used: Connection refused (os error 111)");
}

#[tokio::test]
async fn a_socks_proxy_is_told_the_name_and_the_port() {
    let service = Receiver::answering(NO_CONTENT).await;
    let address = service.address;
    let asked = Arc::<Mutex<Vec<u8>>>::default();
    let recorded = asked.clone();
    let proxy = Receiver::start(move |mut stream: TcpStream, _| {
        let recorded = recorded.clone();
        async move {
            let mut greeting = [0; 3];
            stream.read_exact(&mut greeting).await.unwrap();
            stream.write_all(&[5, 0]).await.unwrap();
            let mut request = [0; 5 + 15 + 2];
            stream.read_exact(&mut request).await.unwrap();
            *recorded.lock().unwrap() = request[5..].to_vec();
            stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
            let mut onward = TcpStream::connect(address).await.unwrap();
            // The connection ends when either side closes it.
            let _ = copy_bidirectional(&mut stream, &mut onward).await;
        }
    })
    .await;
    let rules = ProxyRules::through(&format!("socks5://{}", proxy.address)).unwrap();
    let answer = make(&through(&Authority::new(), rules), call("http://service.invalid/")).await;
    assert_eq!(said(&answer), "204 ");
    assert_eq!(*asked.lock().unwrap(), [b"service.invalid".as_slice(), &[0, 80]].concat());
}
