//! `kassa dev`: what its first line promises, how it stops, and how it refuses to start.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Output, Stdio};

use http::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::harness::process::unless_ignored;
use crate::harness::{Dev, Merchant, Signal, cart, kassa, run};

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

#[tokio::test]
async fn it_answers_to_the_hosts_of_its_public_urls_and_links_begin_with_the_first() {
    let urls = ["--public-url", "http://host.docker.internal:8080", "--public-url", "https://kassa.test"];
    let dev = Dev::launch(kassa(), &urls);
    assert_eq!(dev.url(), "http://host.docker.internal:8080");
    let merchant = Merchant::new(dev.local_url(), "PK00000_dev", "dev");
    for host in
        ["host.docker.internal:8080", "host.docker.internal:9", "kassa.test", "localhost", "127.0.0.1"]
    {
        merchant.call_with(Method::GET, "/readyz", &[("host", host)]).await.expect(200);
    }
    let refused = merchant.call_with(Method::GET, "/readyz", &[("host", "kassa")]).await.expect(403);
    assert!(refused.text.contains("--public-url http://kassa"), "{}", refused.text);
    // The demo shop calls Kassa, and is called back, at the local address.
    let created = merchant.page_session_for(&cart("ECOMMERCE"), &json!({}), &json!({})).await;
    let is_public = |url: &str| url.starts_with("http://host.docker.internal:8080/pay/");
    assert!(is_public(created.word("redirect_url")), "{}", created.text);
    let checked_out = merchant.browse("/demo/checkout", Some("market=DE&mug=2")).await.unwrap().expect(303);
    assert!(is_public(checked_out.header("location")), "{}", checked_out.text);
}

#[test]
fn a_public_url_with_a_path_is_wrong_usage() {
    let output = run(&["dev", "--public-url", "http://kassa.test/shop"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("or http://kassa.test:8080, without a path"), "{said}");
}

#[tokio::test]
async fn on_all_addresses_it_prints_a_warning_and_links_have_an_address_that_can_be_called() {
    let dev = Dev::launch(kassa(), &["--listen", "0.0.0.0:0"]);
    assert!(dev.url().starts_with("http://127.0.0.1:"), "{}", dev.url());
    dev.merchant().get("/readyz").await.expect(200);
    let complaints = dev.stop(Signal::Terminate).complaints;
    for words in
        ["Kassa listens on 0.0.0.0:", "Everyone on this network can use the credential", "--public-url"]
    {
        assert!(complaints.contains(words), "{complaints}");
    }
}

#[test]
fn a_terminate_signal_stops_it_and_leaves_no_files() {
    stops_without_a_trace(Signal::Terminate);
}

#[test]
fn an_interrupt_signal_stops_it_and_leaves_no_files() {
    stops_without_a_trace(Signal::Interrupt);
}

#[test]
fn a_hangup_signal_stops_it_and_leaves_no_files() {
    stops_without_a_trace(Signal::HangUp);
}

fn stops_without_a_trace(signal: Signal) {
    let dev = Dev::launch(unless_ignored("HUP"), &[]);
    let ended = dev.stop(signal);
    assert_eq!((ended.code, ended.complaints.as_str()), (Some(0), ""));
    assert_eq!(ended.left_behind, Vec::<String>::new(), "the temporary folder goes at the end");
}

#[test]
fn it_stops_without_a_trace_when_its_standard_input_closes() {
    let mut command = kassa();
    command.stdin(Stdio::piped());
    let mut dev = Dev::launch(command, &["--stop-when-stdin-closes"]);
    let mut input = dev.input();
    input.write_all(b"words that mean nothing\n").unwrap();
    drop(input);
    let ended = dev.ended();
    assert_eq!((ended.code, ended.complaints.as_str()), (Some(0), ""));
    assert_eq!(ended.left_behind, Vec::<String>::new());
}

#[tokio::test]
async fn an_input_that_stays_open_does_not_stop_it() {
    let mut command = kassa();
    command.stdin(Stdio::piped());
    let mut dev = Dev::launch(command, &["--stop-when-stdin-closes"]);
    let input = dev.input();
    dev.merchant().get("/readyz").await.expect(200);
    dev.ask_to_stop(Signal::Terminate);
    assert_eq!(dev.ended().code, Some(0), "a signal still stops it");
    drop(input);
}

#[test]
fn a_call_in_flight_is_answered_before_the_end() {
    let dev = Dev::start();
    let mut connection = TcpStream::connect(dev.url().strip_prefix("http://").unwrap()).unwrap();
    let body = cart("ECOMMERCE").to_string();
    let head = format!(
        "POST /payments/v1/sessions HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic UEswMDAwMF9kZXY6ZGV2\r\n\
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

/// The single line of an error about wrong usage.
fn refusal(output: &Output) -> String {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(output.stdout.is_empty(), "nothing is announced");
    said.trim_end().to_string()
}
