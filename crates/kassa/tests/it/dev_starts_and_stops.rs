//! `kassa dev`: what its first line promises, how it stops, and how it refuses to start.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Output;

use tempfile::TempDir;

use crate::harness::{Dev, Signal, cart, run};

#[tokio::test]
async fn requests_are_accepted_once_the_first_line_is_printed() {
    let dev = Dev::start();
    let merchant = dev.merchant();
    assert_eq!(merchant.get("/readyz").await.expect(200).text, "ready\n");
    merchant.get("/hpp/v1/sessions/nothing").await.expect(404);
    assert_eq!(dev.announced["username"], "PK00000_dev");
    assert_eq!(dev.announced["password"], "dev");
    assert!(dev.announced["callback_secret"].as_str().unwrap().starts_with("whsec_"));
}

#[test]
fn a_terminate_signal_stops_it_without_a_trace() {
    stops_without_a_trace(Signal::Terminate);
}

#[test]
fn an_interrupt_signal_stops_it_without_a_trace() {
    stops_without_a_trace(Signal::Interrupt);
}

fn stops_without_a_trace(signal: Signal) {
    let dev = Dev::start();
    let ended = dev.stop(signal);
    assert_eq!((ended.code, ended.complaints.as_str()), (Some(0), ""));
    assert_eq!(ended.left_behind, Vec::<String>::new(), "the temporary folder goes at the end");
}

#[test]
fn a_call_in_flight_is_answered_before_the_end() {
    let dev = Dev::start();
    let mut connection = TcpStream::connect(dev.url().strip_prefix("http://").unwrap()).unwrap();
    let body = cart("ECOMMERCE").to_string();
    let head = format!(
        "POST /payments/v1/sessions HTTP/1.1\r\nhost: kassa\r\nauthorization: Basic UEswMDAwMF9kZXY6ZGV2\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes()).unwrap();
    assert_eq!(read_head(&mut connection), "HTTP/1.1 100 Continue", "the call is being handled");

    dev.ask_to_stop(Signal::Terminate);
    connection.write_all(body.as_bytes()).unwrap();
    assert_eq!(read_head(&mut connection), "HTTP/1.1 200 OK");
    assert_eq!(dev.ended().code, Some(0));
}

/// The first line of the next head on a connection.
fn read_head(connection: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        connection.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).lines().next().unwrap().to_string()
}

#[test]
fn a_port_in_use_is_wrong_usage() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&["dev", "--listen", &address]);
    assert_eq!(
        refusal(&output),
        format!("kassa: cannot listen on {address}: Address already in use (os error 98)")
    );
}

#[test]
fn data_that_is_a_file_is_wrong_usage() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("data");
    std::fs::write(&file, "text").unwrap();
    let said = refusal(&dev_on(&file));
    assert_eq!(said, format!("kassa: --data {}: File exists (os error 17)", file.display()));
}

#[test]
fn data_that_is_garbage_is_wrong_usage() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("kassa.db"), "no database ".repeat(1000)).unwrap();
    let said = refusal(&dev_on(folder.path()));
    assert_eq!(said, format!("kassa: --data {}: the file is not a Kassa database", folder.path().display()));
}

#[test]
fn data_of_a_newer_schema_is_wrong_usage() {
    let folder = TempDir::new().unwrap();
    Dev::start_on(folder.path()).stop(Signal::Terminate);
    let database = rusqlite::Connection::open(folder.path().join("kassa.db")).unwrap();
    database
        .execute_batch(
            "insert into schema_migration (version, fingerprint) values (99, 'later');
             update setting set value = '99' where name = 'oldest_schema'",
        )
        .unwrap();
    drop(database);
    let said = refusal(&dev_on(folder.path()));
    assert!(said.contains("the database was written by a newer Kassa"), "{said}");
}

#[test]
fn data_of_another_program_is_wrong_usage() {
    let folder = TempDir::new().unwrap();
    let database = rusqlite::Connection::open(folder.path().join("kassa.db")).unwrap();
    database.execute_batch("create table merchant (name text)").unwrap();
    drop(database);
    let said = refusal(&dev_on(folder.path()));
    assert!(said.ends_with("the file is a database, but not Kassa's"), "{said}");
}

fn dev_on(data: &std::path::Path) -> Output {
    run(&["dev", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()])
}

/// The one line that a wrong usage is answered with.
fn refusal(output: &Output) -> String {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(output.stdout.is_empty(), "nothing is announced");
    said.trim_end().to_string()
}
