//! Idle callers are closed, and many connections from one address leave places for others.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use kassa_server::Limits;
use kassa_testkit::eventually;
use tokio::net::TcpSocket;

use crate::harness::{Dev, kassa};
use crate::workspace::text;

/// The number of connections of a process that may open 200 files: three quarters, of which one address gets a quarter.
const SHARE: usize = 37;

fn address(dev: &Dev) -> &str {
    dev.url().trim_start_matches("http://")
}

fn connect(dev: &Dev) -> TcpStream {
    TcpStream::connect(address(dev)).unwrap()
}

/// Connects from an address of this machine.
async fn connect_from(source: &str, dev: &Dev) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{source}:0").parse().unwrap()).unwrap();
    let connection = socket.connect(address(dev).parse().unwrap()).await.unwrap().into_std().unwrap();
    connection.set_nonblocking(false).unwrap();
    connection
}

/// Sends this, and reads until the connection ends.
pub fn exchange(mut connection: TcpStream, sent: &str) -> String {
    connection.write_all(sent.as_bytes()).unwrap();
    let mut answer = String::new();
    // A connection that is reset has ended too.
    let _ = connection.read_to_string(&mut answer);
    answer
}

#[test]
fn an_idle_caller_is_closed() {
    let dev = Dev::start();
    let slow_form = "POST /hpp/v1/sessions HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic UEswMDAwMF9kZXY6ZGV2\r\n\
                     content-length: 100\r\n\r\n{";
    let ways = [
        ("", ""),
        ("GET /hpp/v1/sessions/x HTTP/1.1\r\nho", ""),
        ("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n", "HTTP/1.1 200 OK"),
        (slow_form, "HTTP/1.1 408 Request Timeout"),
    ];
    thread::scope(|scope| {
        for (sent, beginning) in ways {
            let connection = connect(&dev);
            scope.spawn(move || {
                let answer = exchange(connection, sent);
                assert!(answer.starts_with(beginning), "{sent:?}: {answer}");
            });
        }
    });
}

#[tokio::test]
async fn one_address_cannot_use_every_connection() {
    let mut command = std::process::Command::new("sh");
    let program = kassa().get_program().to_owned();
    command.args(["-c", "ulimit -n 200; exec \"$0\" \"$@\""]).arg(program).stdin(Stdio::null());
    let dev = Dev::launch(command, &[]);
    let kept: Vec<_> = (0..SHARE)
        .map(|_| {
            let mut connection = connect(&dev);
            assert!(is_served(&mut connection));
            connection
        })
        .collect();
    let answer = exchange(connect(&dev), "GET /hpp/v1/sessions/x HTTP/1.1\r\nhost: localhost\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("\r\nRetry-After: 2\r\n"), "{answer}");
    assert!(answer.contains(r#""error_code":"TEMPORARILY_UNAVAILABLE""#), "{answer}");
    let probe = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let probed = exchange(connect(&dev), probe);
    assert!(probed.starts_with("HTTP/1.1 200 OK"), "a probe is answered: {probed}");
    assert!(is_served(&mut connect_from("127.0.0.2", &dev).await));
    // The accepted connections are still served, and new ones when there is room again.
    for mut connection in kept {
        assert!(is_served(&mut connection));
    }
    eventually("room for a new connection", async || is_served(&mut connect(&dev))).await;
}

#[test]
fn the_documented_limits_are_those_of_the_code() {
    let document = text("docs/serving.md");
    let seconds = |time: Duration| format!("| {} s", time.as_secs());
    let mib = |bytes: usize| format!("| {} MiB |", bytes / 1024 / 1024);
    for (limit, value) in [
        ("time for a body to arrive", seconds(Limits::BODY)),
        ("time without a call", seconds(Limits::IDLE)),
        ("time for a TLS handshake", seconds(Limits::HANDSHAKE)),
        ("time to read each 16 KiB of an answer", seconds(Limits::ANSWER)),
        ("concurrent calls on one HTTP/2 connection", format!("| {} |", Limits::STREAMS)),
        ("memory for answers that are not read", mib(Limits::MEMORY)),
        ("connections ", format!("| {},{:03},", Limits::CONNECTIONS / 1000, Limits::CONNECTIONS % 1000)),
    ] {
        let row = document.lines().find(|line| line.starts_with(&format!("| {limit}")));
        let row = row.unwrap_or_else(|| panic!("docs/serving.md has no row for {limit}"));
        assert!(row.contains(&value), "{row}: the value is {value}");
    }
}

/// Whether a request is answered by the system.
fn is_served(connection: &mut TcpStream) -> bool {
    let mut answer = [0; 512];
    // A connection that is refused may be reset before the refusal is read.
    let sent = connection.write_all(b"GET /nothing HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let count = sent.and_then(|()| connection.read(&mut answer)).unwrap_or(0);
    String::from_utf8_lossy(&answer[..count]).starts_with("HTTP/1.1 404 Not Found")
}
