//! A call can be answered before its body has arrived. The caller may send the body nevertheless, and gets the answer.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::harness::{World, ask, in_time, long};

#[tokio::test]
async fn a_body_that_arrives_after_its_answer_causes_no_reset() {
    let world = World::start(long());
    let mut connection = world.connect().await;
    let head = "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n";
    let answer = ask(&mut connection, head, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.to_lowercase().contains("\r\nconnection: close\r\n"), "{answer}");
    let mut rest = Vec::new();
    in_time(connection.read_to_end(&mut rest)).await.expect("the listener ends its side");
    for _ in 0..10 {
        in_time(connection.write_all(&[b'x'; 100_000])).await.expect("the listener discards the body");
    }
    in_time(connection.read(&mut [0; 1])).await.expect("no reset arrives");
    world.stop().await;
}
