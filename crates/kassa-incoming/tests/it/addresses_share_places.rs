//! One address does not take every place, and neither does one caller behind a proxy.

use kassa_incoming::Limits;
use kassa_testkit::eventually;
use tokio::net::TcpStream;

use crate::harness::{GET, PROXY, World, ask, long, read_to_end};
use crate::http2::{Http2, OK};
use tokio::io::AsyncWriteExt as _;

const PLACES: usize = 100;
const SHARE: usize = 25;

fn world() -> World {
    World::start(Limits { connections: PLACES, ..long() })
}

/// Opens this many connections, and gets an answer on each.
async fn fill(world: &World, address: &str, count: usize) -> Vec<TcpStream> {
    let mut kept = Vec::new();
    for _ in 0..count {
        let mut connection = world.connect_from(address).await;
        ask(&mut connection, GET, "200 OK").await;
        kept.push(connection);
    }
    kept
}

#[tokio::test]
async fn an_address_beyond_its_share_is_answered_503_and_others_are_served() {
    let world = world();
    let kept = fill(&world, "127.0.0.1", SHARE).await;
    let refused = world.exchange(GET).await;
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(refused.contains("\r\nConnection: close\r\n"), "{refused}");
    let probed = world.exchange("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(probed.starts_with("HTTP/1.1 200 "), "a probe is answered: {probed}");
    fill(&world, "127.0.0.2", 1).await;
    for mut connection in kept {
        ask(&mut connection, GET, "200 OK").await;
    }
}

#[tokio::test]
async fn a_place_is_free_when_its_connection_has_ended() {
    let world = world();
    drop(fill(&world, "127.0.0.1", SHARE).await);
    while !world
        .exchange("GET /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await
        .contains("200 OK")
    {}
}

#[tokio::test]
async fn a_new_address_gets_a_place_when_other_addresses_use_all_of_their_shares() {
    let world = world();
    let mut kept = Vec::new();
    for end in 1..=4 {
        for _ in 0..SHARE {
            let mut connection = world.connect_from(&format!("127.0.0.{end}")).await;
            ask(&mut connection, GET, "HTTP/1.1 ").await;
            kept.push(connection);
        }
    }
    fill(&world, "127.0.0.5", 1).await;
}

#[tokio::test]
async fn behind_a_proxy_each_caller_has_its_share_of_calls_in_flight() {
    let world = world();
    let wait = |caller: &str| format!("GET /wait HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {caller}\r\n\r\n");
    let mut waiting = Vec::new();
    for _ in 0..SHARE {
        let mut connection = world.connect_from(PROXY).await;
        connection.write_all(wait("192.0.2.1").as_bytes()).await.unwrap();
        waiting.push(connection);
    }
    let call = |caller: &str| {
        format!("GET /small HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {caller}\r\nConnection: close\r\n\r\n")
    };
    let ask_as = async |caller: &str| {
        let mut connection = world.connect_from(PROXY).await;
        connection.write_all(call(caller).as_bytes()).await.unwrap();
        read_to_end(connection).await
    };
    // The calls take a moment to arrive.
    eventually("a refusal", async || ask_as("192.0.2.1").await.starts_with("HTTP/1.1 503 ")).await;
    assert!(ask_as("192.0.2.2").await.starts_with("HTTP/1.1 200 "));
    world.control.go_on.send_replace(true);
    for connection in &mut waiting {
        ask(connection, "", "waited").await;
    }
    assert!(ask_as("192.0.2.1").await.starts_with("HTTP/1.1 200 "), "its calls have ended");
}

#[tokio::test]
async fn over_http2_an_address_has_its_share_of_calls_in_flight() {
    let world = world();
    let mut caller = Http2::connect(&world, 65_535).await;
    let share = u32::try_from(SHARE).unwrap();
    for call in 0..share {
        caller.get(2 * call + 1, "/wait", &[]).await;
    }
    // The connection counts too, so that the last call is one too many.
    assert_ne!(caller.headers(2 * share - 1).await, OK);
    world.control.go_on.send_replace(true);
    assert_eq!(caller.headers(1).await, OK);
}
