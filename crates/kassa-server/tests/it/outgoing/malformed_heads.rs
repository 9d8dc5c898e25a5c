//! Answers with a readable status line and a malformed header: each counts by its status.

use kassa_outgoing::{CallErrorKind, Network, OutgoingPolicy};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::receiver::{Receiver, hold, read_request};
use super::tls_receiver::{Authority, trusting};
use super::{call, failed_as, make, open_network, said};

/// Heads that the HTTP library can read with our settings: the body and the connection stay usable.
const MENDED: [&str; 8] = [
    "set-cookie: ___utmvaPRuXKscZ=dmo\u{1}OZPF; path=/; Max-Age=900",
    "x-frame-options : DENY",
    "x-folded: one\r\n two",
    "no colon at all",
    ": no name",
    "x name: blank in the name",
    "x-n\u{e4}me: not ASCII",
    "x-delete: \u{7f}",
];

/// Heads on which the HTTP library gives up.
const UNREADABLE: [&str; 12] = [
    "x-nul: a\0b",
    "x-cr: a\rb",
    "\0: nul",
    "content-length: five",
    "content-length: -1",
    "content-length: 5\r\ncontent-length: 6",
    "content-length: 5, 6",
    "content-length: 99999999999999999999999",
    "content-length: ",
    "transfer-encoding: gzip\r\ncontent-length: x",
    "\rx: y",
    "x: y\r\r",
];

fn answer_with(header: &str) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\n{header}\r\nretry-after: 30\r\ncontent-length: 5\r\n\r\n");
    [head.as_bytes(), b"whole"].concat()
}

async fn answering(header: &str) -> Receiver {
    Receiver::answering(answer_with(header).leak()).await
}

#[tokio::test]
async fn a_header_that_can_be_skipped_takes_nothing_from_the_answer() {
    for header in MENDED {
        let receiver = answering(header).await;
        let network = open_network();
        for _ in 0..2 {
            let answer = make(&network, call(receiver.url())).await;
            assert_eq!(said(&answer), "200 whole", "{header:?}");
            let answer = answer.unwrap();
            assert!(answer.is_whole);
            assert_eq!(answer.headers["retry-after"], "30");
        }
        assert_eq!(receiver.accepted(), 1, "the connection is kept: {header:?}");
    }
}

#[tokio::test]
async fn a_header_that_cannot_be_read_leaves_the_status_and_the_other_headers() {
    for header in UNREADABLE {
        // The connection ends after the answer, because some of these heads leave the length of the body open.
        let receiver = Receiver::start(move |mut stream, _| async move {
            read_request(&mut stream).await;
            stream.write_all(&answer_with(header)).await.unwrap();
        })
        .await;
        let answer = make(&open_network(), call(receiver.url())).await;
        let answer = answer.unwrap_or_else(|error| panic!("{header:?}: {error}"));
        assert_eq!(answer.status, 200, "{header:?}");
        assert_eq!(answer.headers["retry-after"], "30", "{header:?}");
        assert_eq!(receiver.accepted(), 1);
    }
}

#[tokio::test]
async fn more_headers_than_the_library_reads_leave_the_status() {
    let headers: String = (0..2000).map(|number| format!("x-{number}: y\r\n")).collect();
    let receiver = answering(headers.trim_end()).await;
    assert_eq!(make(&open_network(), call(receiver.url())).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_status_line_in_an_odd_form_counts() {
    for (answer, status) in [
        ("HTTP/1.1  204  No Content\r\n\r\n", 204),
        ("HTTP/1.1 204\r\n\r\n", 204),
        ("HTTP/1.0 204 \u{1}\n\n", 204),
        ("HTTP/1.9 503 Busy\r\n\r\n", 503),
        ("HTTP/1.1 103 Early Hints\r\nlink: \0\r\n\r\nHTTP/1.1 410 Gone\r\n\r\n", 410),
    ] {
        let receiver = Receiver::answering(answer.as_bytes()).await;
        let answered = make(&open_network(), call(receiver.url())).await;
        assert_eq!(answered.unwrap().status, status, "{answer:?}");
    }
}

#[tokio::test]
async fn a_head_without_its_end_counts_if_its_lines_are_complete() {
    for (answer, expected) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n", Some(200)),
        ("HTTP/1.1 200 OK\r\n", Some(200)),
        ("HTTP/1.1 200 OK", None),
        ("HTTP/1.1 200 OK\r\ncontent-le", None),
        ("HTTP/1.1 100 Continue\r\n\r\n", None),
    ] {
        let receiver = Receiver::start(move |mut stream, _| async move {
            read_request(&mut stream).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
        })
        .await;
        let answered = make(&open_network(), call(receiver.url())).await;
        match expected {
            Some(status) => assert_eq!(answered.unwrap().status, status, "{answer:?}"),
            None => drop(failed_as(CallErrorKind::ConnectionLost, answered)),
        }
    }
}

#[tokio::test]
async fn the_answer_before_on_a_kept_connection_never_counts_again() {
    let receiver = Receiver::start(|mut stream: TcpStream, earlier| async move {
        read_request(&mut stream).await;
        if earlier == 0 {
            stream.write_all(b"HTTP/1.1 204 No Content\r\nserver: one\r\n\r\n").await.unwrap();
            read_request(&mut stream).await;
        } else {
            hold(stream).await;
        }
    })
    .await;
    let network = open_network();
    let once = || kassa_outgoing::Call { is_repeatable: false, ..call(receiver.url()) };
    assert_eq!(make(&network, once()).await.unwrap().status, 204);
    failed_as(CallErrorKind::ConnectionLost, make(&network, once()).await);
}

#[tokio::test]
async fn a_malformed_head_counts_over_tls_too() {
    let authority = Authority::new();
    let acceptor = authority.server("localhost", &["http/1.1"]);
    let receiver = Receiver::start(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await.unwrap();
            let mut received = [0; 1024];
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut received).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nx-nul: \0\r\n\r\n").await.unwrap();
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut received).await;
        }
    })
    .await;
    let url = format!("https://localhost:{}/", receiver.address.port());
    assert_eq!(make(&trusting(&authority), call(url)).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_malformed_answer_is_bounded_by_the_limit_of_its_call() {
    let receiver = Receiver::answering(b"HTTP/1.1 200 OK\r\nx: \0\r\n\r\nsome body").await;
    let network = Network::new(OutgoingPolicy::for_this_machine()).unwrap();
    let limited = kassa_outgoing::Call { answer_limit: 4, ..call(receiver.url()) };
    assert_eq!(said(&make(&network, limited).await), "200 some");
}
