//! Reused connections, also after the receiver has closed one.

use kassa_outgoing::{Call, CallErrorKind};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::receiver::{NO_CONTENT, Receiver, answer_all, read_request};
use super::{call, failed_as, make, open_network, said};

/// Answers the first request of the first connection, and closes it at the second. Later connections answer every
/// request.
async fn goes_stale(mut stream: TcpStream, earlier: usize) {
    if earlier > 0 {
        return answer_all(stream, NO_CONTENT).await;
    }
    read_request(&mut stream).await;
    stream.write_all(NO_CONTENT).await.unwrap();
    read_request(&mut stream).await;
}

#[tokio::test]
async fn many_calls_share_one_connection() {
    let receiver = Receiver::answering(NO_CONTENT).await;
    let network = open_network();
    let first = make(&network, call(receiver.url())).await.unwrap();
    assert!(first.connected_after_ms.is_some_and(|after_ms| after_ms <= first.head_after_ms));
    for _ in 0..20 {
        let later = make(&network, call(receiver.url())).await.unwrap();
        assert_eq!(later.connected_after_ms, None);
    }
    assert_eq!(receiver.accepted(), 1);
}

#[tokio::test]
async fn a_call_that_meets_the_end_of_a_kept_connection_is_made_again_at_once() {
    let receiver = Receiver::start(goes_stale).await;
    let network = open_network();
    assert_eq!(said(&make(&network, call(receiver.url())).await), "204 ");
    let again = make(&network, call(receiver.url())).await.unwrap();
    assert!(again.connected_after_ms.is_some(), "it was answered over a new connection");
    assert_eq!(receiver.accepted(), 2);
}

#[tokio::test]
async fn a_call_that_must_not_be_repeated_is_not() {
    let receiver = Receiver::start(goes_stale).await;
    let network = open_network();
    assert_eq!(said(&make(&network, call(receiver.url())).await), "204 ");
    let once = Call { is_repeatable: false, ..call(receiver.url()) };
    failed_as(CallErrorKind::ConnectionLost, make(&network, once).await);
    assert_eq!(receiver.accepted(), 1);
}

#[tokio::test]
async fn a_receiver_that_closes_after_each_answer_is_served_over_new_connections() {
    let receiver = Receiver::start(|mut stream, _| async move {
        read_request(&mut stream).await;
        stream.write_all(NO_CONTENT).await.unwrap();
    })
    .await;
    let network = open_network();
    for _ in 0..20 {
        assert_eq!(said(&make(&network, call(receiver.url())).await), "204 ");
    }
    assert_eq!(receiver.accepted(), 20);
}
