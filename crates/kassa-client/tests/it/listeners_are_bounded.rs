//! The listeners of the integrator's half end callers that send nothing, and stop in order.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use kassa_client::Limits;
use kassa_client::listen::{ListenOptions, listen};
use kassa_client::receiver::{Receiver, SignatureRule, UrlSecret};
use kassa_client::tracker::{Tracker, TrackerOptions, sidecar};
use kassa_wire::cross_site::SiteAddresses;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::world::World;

/// How long a test waits for anything before it fails.
const PATIENCE: Duration = Duration::from_secs(60);

fn limits() -> Limits {
    let short = Duration::from_millis(450);
    Limits { idle: short, body: short, answer: short, ..Limits::default() }
}

fn receiver() -> Receiver {
    Receiver::new(UrlSecret::Shared(vec!["right".to_string()]), SignatureRule::Unused).unwrap()
}

fn socket() -> (TcpListener, SocketAddr) {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// The listeners under test.
struct Listeners {
    tracker: Tracker,
    addresses: [SocketAddr; 3],
    serving: Vec<JoinHandle<std::io::Result<()>>>,
    _world: World,
}

impl Listeners {
    async fn start() -> Self {
        let world = World::new(1);
        let tracker = world.tracker(TrackerOptions::default()).await;
        let (public, private, looking_on) = (socket(), socket(), socket());
        let routes = [
            sidecar::public_routes(&tracker, receiver()),
            sidecar::private_routes(tracker.clone(), SiteAddresses::at([""; 0])),
        ];
        let addresses = [public.1, private.1, looking_on.1];
        let serving = [public.0, private.0].into_iter().zip(routes).map(|(socket, routes)| {
            tokio::spawn(sidecar::serve_within(tracker.clone(), socket, routes, limits()))
        });
        let serving = serving.collect();
        let listening = ListenOptions { limits: limits(), ..ListenOptions::default() };
        tokio::spawn(listen(looking_on.0, receiver(), world.dependencies(), listening, Arc::new(|_| {})));
        Self { tracker, addresses, serving, _world: world }
    }
}

/// Sends this, and reads until the connection ends.
async fn exchange(address: SocketAddr, sent: &str) -> String {
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(sent.as_bytes()).await.unwrap();
    let mut answer = String::new();
    // A connection that is reset has ended too.
    let _ = timeout(PATIENCE, connection.read_to_string(&mut answer)).await.expect("the connection ends");
    answer
}

#[tokio::test]
async fn a_caller_that_sends_nothing_or_only_a_part_is_closed() {
    let listeners = Listeners::start().await;
    for address in listeners.addresses {
        for sent in ["", "POST /callbacks HTTP/1.1\r\nHo"] {
            assert_eq!(exchange(address, sent).await, "", "{address} {sent:?}");
        }
        let late = "POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\
                    Content-Type: application/json\r\n\r\n{";
        let callback = late.replace("/sessions", "/callbacks?secret=right");
        let answers = [exchange(address, late).await, exchange(address, &callback).await];
        let is_late = |answer: &String| answer.starts_with("HTTP/1.1 408 Request Timeout\r\n");
        assert!(answers.iter().any(is_late), "{address}: {answers:?}");
    }
}

#[tokio::test]
async fn a_request_names_its_host() {
    let listeners = Listeners::start().await;
    for address in listeners.addresses {
        let answer = exchange(address, "GET /healthz HTTP/1.1\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{address}: {answer}");
        assert!(answer.contains("Host header") && answer.contains("\r\nConnection: close\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn a_stop_finishes_the_calls_in_flight() {
    let listeners = Listeners::start().await;
    let private = listeners.addresses[1];
    let mut idle = TcpStream::connect(private).await.unwrap();
    let mut busy = TcpStream::connect(private).await.unwrap();
    let body = r#"{"session_id": "a"}"#;
    let head = format!(
        "POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Expect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    busy.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    timeout(PATIENCE, busy.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100", "the call is being handled");
    listeners.tracker.stop();
    assert_eq!(timeout(PATIENCE, idle.read(&mut [0])).await.unwrap().unwrap_or(0), 0, "it is closed");
    busy.write_all(body.as_bytes()).await.unwrap();
    let mut rest = String::new();
    timeout(PATIENCE, busy.read_to_string(&mut rest)).await.unwrap().unwrap();
    assert!(rest.contains("HTTP/1.1 201 Created\r\n"), "{rest}");
    for serving in listeners.serving {
        timeout(PATIENCE, serving).await.unwrap().unwrap().unwrap();
    }
}
