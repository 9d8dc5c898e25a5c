//! Callers that keep silent are let go, and a crowd of connections leaves those who were first in peace.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::thread;

use crate::harness::{Dev, kassa};

fn connect(dev: &Dev) -> TcpStream {
    TcpStream::connect(dev.url().trim_start_matches("http://")).unwrap()
}

/// Sends this, and answers with all that comes until the connection ends.
fn said_until_the_end(mut connection: TcpStream, sent: &str) -> String {
    connection.write_all(sent.as_bytes()).unwrap();
    let mut said = String::new();
    // One that is cut off has ended, too.
    let _ = connection.read_to_string(&mut said);
    said
}

#[test]
fn a_caller_that_keeps_silent_is_let_go() {
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
                let said = said_until_the_end(connection, sent);
                assert!(said.starts_with(beginning), "{sent:?}: {said}");
            });
        }
    });
}

#[test]
fn beyond_the_limit_a_connection_is_told_to_come_back() {
    let mut command = std::process::Command::new("sh");
    let program = kassa().get_program().to_owned();
    command.args(["-c", "ulimit -n 200; exec \"$0\" \"$@\""]).arg(program).stdin(Stdio::null());
    let dev = Dev::launch(command, &[]);
    // Three quarters of the open files.
    let held: Vec<_> = (0..150)
        .map(|_| {
            let mut connection = connect(&dev);
            assert!(is_served(&mut connection));
            connection
        })
        .collect();
    let said =
        said_until_the_end(connect(&dev), "GET /hpp/v1/sessions/x HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let head = said.to_lowercase();
    assert!(head.starts_with("http/1.1 503 ") && head.contains("\r\nretry-after: 2\r\n"), "{said}");
    assert!(said.contains(r#""error_code":"TEMPORARILY_UNAVAILABLE""#), "{said}");
    // Who was first is served all the same, and whoever comes when there is room again.
    for mut connection in held {
        assert!(is_served(&mut connection));
    }
    while !is_served(&mut connect(&dev)) {}
}

fn is_served(connection: &mut TcpStream) -> bool {
    connection.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut said = [0; 512];
    let count = connection.read(&mut said).unwrap();
    String::from_utf8_lossy(&said[..count]).starts_with("HTTP/1.1 200 OK")
}
