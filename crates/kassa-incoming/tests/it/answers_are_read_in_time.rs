//! An answer that the caller does not read takes up little memory, and only for a bounded time.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;

use crate::harness::{LARGE, World, ask, in_time, large_byte, long, read_to_end, short};
use crate::http2::{Http2, OK};
use kassa_incoming::Limits;

/// Limits with a short time for answers only.
fn short_for_answers() -> Limits {
    Limits { answer: short().answer, ..long() }
}

#[tokio::test]
async fn an_http2_connection_is_closed_when_its_window_stays_closed() {
    let world = World::start(short_for_answers());
    for window in [0, 1] {
        let mut caller = Http2::connect(&world, window).await;
        caller.get(1, "/small", &[]).await;
        assert_eq!(caller.headers(1).await, OK);
        caller.until_closed().await;
    }
}

#[tokio::test]
async fn one_stream_that_is_not_read_closes_the_connection_although_others_are_read() {
    let world = World::start(short_for_answers());
    let mut caller = Http2::connect(&world, 0).await;
    caller.get(1, "/small", &[]).await;
    let mut stream = 1;
    let is_answered = async |caller: &mut Http2, stream: u32| {
        caller.get(stream, "/small", &[]).await;
        for widened in [0, stream] {
            caller.widen(widened, 100).await;
        }
        while let Some(frame) = caller.next().await {
            if frame.stream == stream && frame.is_end_of_stream() {
                return true;
            }
        }
        false
    };
    while is_answered(&mut caller, stream + 2).await {
        stream += 2;
    }
    assert!(stream > 1, "others were answered meanwhile");
}

#[tokio::test]
async fn an_http1_connection_is_closed_when_its_answer_is_not_read() {
    let world = World::start(short_for_answers());
    let mut connection = world.connect().await;
    connection.write_all(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    in_time(world.control.dropped.notified()).await;
    assert!(read_to_end(connection).await.len() < LARGE);
}

/// Without a limit, the kernel would take megabytes of the answer.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn less_than_a_mebibyte_of_an_unread_answer_is_buffered() {
    let world = World::start(short_for_answers());
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut connection = socket.connect(world.address).await.unwrap();
    connection.write_all(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    in_time(world.control.dropped.notified()).await;
    let frames = world.control.frames.load(Ordering::Relaxed);
    assert!((1..1024).contains(&frames), "{frames} KiB were taken");
}

#[tokio::test]
async fn an_http1_connection_is_closed_when_many_small_answers_are_not_read() {
    let world = World::start(short_for_answers());
    let mut connection = world.connect().await;
    let calls = "GET /small HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000);
    // The listener stops reading calls when it cannot write, so in the end writing fails here.
    let written = async { while connection.write_all(calls.as_bytes()).await.is_ok() {} };
    in_time(written).await;
}

#[tokio::test]
async fn a_stream_and_a_long_poll_that_are_quiet_stay_open() {
    let world = World::start(short_for_answers());
    let (mut one, mut other) = (world.connect().await, Http2::connect(&world, 0).await);
    ask(&mut one, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n", "first").await;
    other.get(1, "/wait", &[]).await;
    other.get(3, "/stream", &[]).await;
    other.headers(3).await;
    other.widen(3, 5).await;
    assert_eq!(other.body(3, 5).await, b"first");
    // Two other connections are closed meanwhile, so the limit passes twice.
    for _ in 0..2 {
        let mut closed = Http2::connect(&world, 0).await;
        closed.get(1, "/small", &[]).await;
        closed.until_closed().await;
    }
    other.widen(1, 100).await;
    world.control.go_on.send_replace(true);
    ask(&mut one, "", "second").await;
    assert_eq!(other.headers(1).await, OK);
    assert_eq!(other.body(1, LARGE).await, b"waited");
}

#[tokio::test]
async fn a_large_answer_that_is_read_arrives_whole() {
    let world = World::start(Limits { answer: Duration::from_secs(20), ..long() });
    let mut connection = world.connect().await;
    connection.write_all(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut read = Vec::new();
    in_time(connection.read_to_end(&mut read)).await.unwrap();
    let head = String::from_utf8_lossy(&read[..read.len() - LARGE]).into_owned();
    assert!(head.contains(&format!("Content-Length: {LARGE}\r\n")), "{head}");
    let is_whole = |body: &[u8]| body.iter().enumerate().all(|(index, byte)| *byte == large_byte(index));
    assert!(is_whole(&read[head.len()..]));

    let mut caller = Http2::connect(&world, 65_535).await;
    caller.get(1, "/large", &[]).await;
    let body = caller.body(1, LARGE).await;
    assert!(body.len() == LARGE && is_whole(&body));
}

#[tokio::test]
async fn the_connections_that_waited_longest_are_closed_to_free_memory() {
    let (answer, body) = (Duration::from_secs(15), Duration::from_millis(1100));
    let world = World::start(Limits { memory: LARGE * 3, answer, body, ..long() });
    let ask_for_more_than_is_read = async || {
        let mut caller = Http2::connect(&world, 0).await;
        caller.get(1, "/large", &[]).await;
        assert_eq!(caller.headers(1).await, OK);
        caller
    };
    let oldest = ask_for_more_than_is_read().await;
    // A late body takes a known time: one tick of the listener.
    world.exchange("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n").await;
    let mut others = [ask_for_more_than_is_read().await, ask_for_more_than_is_read().await];
    oldest.until_closed().await;
    for caller in &mut others {
        caller.widen(1, 65_535).await;
        assert_eq!(caller.body(1, LARGE).await.len(), LARGE);
    }
}
