//! Receivers that misbehave in every known way.

use std::net::{IpAddr, Ipv4Addr};

use kassa_outgoing::{Call, CallErrorKind, Network, OutgoingPolicy};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::names::Names;
use super::receiver::{Full, NO_CONTENT, Receiver, hold, nobody, read_request};
use super::{ROOMY, SHORT, call, failed_as, make, open_network, said};

fn hurried(url: impl Into<String>) -> Call {
    Call { timeout: SHORT, ..call(url) }
}

#[tokio::test]
async fn a_receiver_that_never_accepts_times_out() {
    let full = Full::start(Ipv4Addr::LOCALHOST.into()).await;
    let answer = make(&open_network(), hurried(format!("http://{}/", full.address))).await;
    assert_eq!(failed_as(CallErrorKind::TimedOut, answer), "no connection within 200 ms");
}

#[tokio::test]
async fn a_receiver_that_is_not_there_fails_to_connect() {
    let (address, _held) = nobody();
    let answer = make(&open_network(), call(format!("http://{address}/"))).await;
    assert_eq!(failed_as(CallErrorKind::ConnectFailed, answer), "Connection refused (os error 111)");
}

#[tokio::test]
async fn a_receiver_with_an_unknown_name_is_not_resolved() {
    let network =
        |answers| Network::with_names(OutgoingPolicy::for_this_machine(), Names::answering(answers)).unwrap();
    let answer = make(&network(&[]), call("http://shop.example/")).await;
    assert_eq!(failed_as(CallErrorKind::NameNotResolved, answer), "no such name");
    let answer = make(&network(&[&[]]), call("http://shop.example/")).await;
    assert_eq!(failed_as(CallErrorKind::NameNotResolved, answer), "the name has no address");
}

#[tokio::test]
async fn a_receiver_that_accepts_and_hangs_times_out() {
    let receiver = Receiver::start(|stream, _| hold(stream)).await;
    let answer = make(&open_network(), Call { timeout: ROOMY, ..call(receiver.url()) }).await;
    assert_eq!(failed_as(CallErrorKind::TimedOut, answer), "no answer within 2000 ms");
    assert_eq!(receiver.accepted(), 1, "a call that timed out is not repeated");
}

#[tokio::test]
async fn a_head_that_comes_byte_by_byte_in_time_is_an_answer() {
    let receiver = Receiver::start(|mut stream, _| async move {
        stream.set_nodelay(true).unwrap();
        read_request(&mut stream).await;
        for byte in NO_CONTENT {
            stream.write_all(&[*byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
        hold(stream).await;
    })
    .await;
    assert_eq!(said(&make(&open_network(), call(receiver.url())).await), "204 ");
}

#[tokio::test]
async fn a_head_that_comes_byte_by_byte_too_late_times_out() {
    let receiver = Receiver::start(|mut stream, _| async move {
        read_request(&mut stream).await;
        let mut beat = tokio::time::interval(SHORT / 10);
        for byte in b"HTTP/1.1 200 OK\r\nx-slow: ".iter().chain(std::iter::repeat(&b'x')) {
            beat.tick().await;
            if stream.write_all(&[*byte]).await.is_err() {
                return;
            }
        }
    })
    .await;
    let answer = make(&open_network(), Call { timeout: ROOMY, ..call(receiver.url()) }).await;
    assert_eq!(failed_as(CallErrorKind::TimedOut, answer), "no answer within 2000 ms");
}

#[tokio::test]
async fn an_endless_head_counts_by_its_status_line() {
    let receiver = Receiver::start(|mut stream, _| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nx-endless: ").await.unwrap();
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    let answer = make(&open_network(), call(receiver.url())).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.is_whole), (200, false));
}

#[tokio::test]
async fn an_endless_body_is_read_up_to_the_limit() {
    let receiver = Receiver::start(|mut stream, _| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    let limited = Call { answer_limit: 5000, ..call(receiver.url()) };
    let answer = make(&open_network(), limited).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.body.len(), answer.is_whole), (200, 5000, false));
}

#[tokio::test]
async fn a_body_that_stops_coming_takes_nothing_from_the_answer() {
    let receiver = Receiver::start(|mut stream, _| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun").await.unwrap();
        hold(stream).await;
    })
    .await;
    let answer = make(&open_network(), Call { timeout: ROOMY, ..call(receiver.url()) }).await;
    assert_eq!(said(&answer), "200 begun");
    assert!(!answer.unwrap().is_whole);
}

#[tokio::test]
async fn a_body_that_is_cut_off_takes_nothing_from_the_answer() {
    let receiver = Receiver::start(|mut stream, _| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun").await.unwrap();
    })
    .await;
    let answer = make(&open_network(), call(receiver.url())).await;
    assert_eq!(said(&answer), "200 begun");
    assert!(!answer.unwrap().is_whole);
}

#[tokio::test]
async fn a_body_of_just_the_limit_is_whole() {
    let whole = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole";
    let receiver = Receiver::answering(whole).await;
    let answer = make(&open_network(), Call { answer_limit: 5, ..call(receiver.url()) }).await;
    assert_eq!(said(&answer), "200 whole");
    assert!(answer.unwrap().is_whole);
}

#[tokio::test]
async fn a_receiver_that_closes_early_loses_the_connection() {
    let closes = |mut stream: TcpStream, _| async move {
        read_request(&mut stream).await;
    };
    let receiver = Receiver::start(closes).await;
    failed_as(CallErrorKind::ConnectionLost, make(&open_network(), call(receiver.url())).await);
    assert_eq!(receiver.accepted(), 1, "only a kept connection is a reason to repeat a call");
}

#[tokio::test]
async fn a_receiver_that_closes_amid_the_head_loses_the_connection() {
    let receiver = Receiver::start(|mut stream, _| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nx-").await.unwrap();
    })
    .await;
    failed_as(CallErrorKind::ConnectionLost, make(&open_network(), call(receiver.url())).await);
}

#[tokio::test]
async fn a_receiver_that_resets_loses_the_connection() {
    let receiver = Receiver::start(|mut stream, _| async move {
        read_request(&mut stream).await;
        stream.set_zero_linger().unwrap();
    })
    .await;
    let detail = failed_as(CallErrorKind::ConnectionLost, make(&open_network(), call(receiver.url())).await);
    assert!(detail.contains("Connection reset by peer"), "{detail}");
    assert_eq!(receiver.accepted(), 1);
}

#[tokio::test]
async fn a_receiver_that_speaks_something_else_is_not_http() {
    for greeting in
        ["220 mail.example ESMTP\r\n\r\n", "\u{0}\u{1}\u{2}\u{3}\r\n\r\n", "HTTP/7 200 OK\r\n\r\n"]
    {
        let receiver = Receiver::start(move |mut stream, _| async move {
            read_request(&mut stream).await;
            stream.write_all(greeting.as_bytes()).await.unwrap();
            hold(stream).await;
        })
        .await;
        failed_as(CallErrorKind::NotHttp, make(&open_network(), call(receiver.url())).await);
    }
}

#[tokio::test]
async fn the_next_address_is_tried_if_one_refuses_or_hangs() {
    let receiver = Receiver::answering(NO_CONTENT).await;
    let url = receiver.url_at("shop.example");
    let full = Full::start(IpAddr::from([127, 0, 0, 4])).await;
    let network = |names| Network::with_names(OutgoingPolicy::for_this_machine(), names).unwrap();
    // This port of 127.0.0.3 has no listener.
    let refusing = network(Names::answering(&[&["127.0.0.3", "127.0.0.1"]]));
    assert_eq!(said(&make(&refusing, call(&url)).await), "204 ");
    // 127.0.0.4 hangs. After its head start, 127.0.0.1 is tried in parallel.
    let hanging = network(Names::answering(&[&["127.0.0.4", "127.0.0.1"]]));
    let second = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, full.address.port())).await.unwrap();
    let second = Receiver::on(second, |stream, _| super::receiver::answer_all(stream, NO_CONTENT));
    assert_eq!(said(&make(&hanging, call(second.url_at("shop.example"))).await), "204 ");
}

#[tokio::test]
async fn an_invalid_url_or_header_is_not_callable() {
    let network = open_network();
    for url in ["", "/path", "http://", "http://[::1", "http://a b/", "http://256.256.256.256/"] {
        failed_as(CallErrorKind::NotCallable, make(&network, call(url)).await);
    }
    let header = Call { headers: vec![("x-text", "two\r\nlines".to_string())], ..call("http://127.0.0.1/") };
    let detail = failed_as(CallErrorKind::NotCallable, make(&network, header).await);
    assert_eq!(detail, "the header x-text cannot be sent");
}
