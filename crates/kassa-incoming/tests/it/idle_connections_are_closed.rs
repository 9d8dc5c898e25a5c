//! A caller that sends nothing, or only a part of its request, loses its place.

use std::sync::Arc;

use kassa_incoming::Limits;
use tokio::io::AsyncWriteExt as _;

use crate::harness::{GET, World, ask, in_time, long, read_to_end, short};
use crate::http2::Http2;
use crate::stops_in_order::server_config;

/// The time for answers also sets how often the listener checks its connections.
fn short_for_idleness() -> Limits {
    Limits { idle: short().idle, answer: short().answer, ..long() }
}

#[tokio::test]
async fn a_connection_without_a_call_is_closed() {
    let world = World::start(short_for_idleness());
    for (sent, beginning) in [
        ("", ""),
        ("GET /small HTTP/1.1\r\nHo", ""),
        ("PRI * HTTP/2.0\r\n", ""),
        (GET, "HTTP/1.1 200 OK\r\n"),
    ] {
        let answer = world.exchange(sent).await;
        assert!(
            answer.starts_with(beginning) && answer.is_empty() == beginning.is_empty(),
            "{sent:?}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn an_idle_http2_connection_gets_a_goaway_and_is_closed_although_it_answers_pings() {
    let world = World::start(short_for_idleness());
    let mut caller = Http2::connect(&world, 65_535).await;
    caller.get(1, "/small", &[]).await;
    caller.headers(1).await;
    assert!(caller.until_closed().await);
}

#[tokio::test]
async fn a_connection_with_a_call_in_flight_is_not_idle() {
    let world = World::start(short_for_idleness());
    let mut waiting = world.connect().await;
    waiting.write_all(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    for _ in 0..2 {
        world.exchange(GET).await;
    }
    world.control.go_on.send_replace(true);
    ask(&mut waiting, "", "waited").await;
}

#[tokio::test]
async fn a_caller_that_begins_no_tls_is_closed() {
    let limits = Limits { handshake: short().handshake, ..long() };
    let world = World::start_with(limits, Some(Arc::new(server_config())));
    assert_eq!(world.exchange("").await, "");
}

#[tokio::test]
async fn a_body_that_does_not_arrive_in_time_is_answered_408() {
    let world = World::start(Limits { body: short().body, ..long() });
    let mut connection = world.connect().await;
    connection.write_all(b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1").await.unwrap();
    let answer = read_to_end(connection).await;
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
}

#[tokio::test]
async fn a_body_that_arrives_in_time_is_answered() {
    let world = World::start(long());
    let mut connection = world.connect().await;
    ask(
        &mut connection,
        "POST /length HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
        "100",
    )
    .await;
    in_time(connection.write_all(b"12345")).await.unwrap();
    ask(&mut connection, "6789", "\r\n\r\n9").await;
}
