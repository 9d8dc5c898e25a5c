//! The request log: the lines of `kassa dev`, the log of `kassa serve`, and the commands that follow a running Kassa.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use kassa_testkit::PATIENCE;
use serde_json::{Value, json};

use crate::harness::process::signal;
use crate::harness::{Configuration, Dev, Merchant, Node, kassa};

/// A command under way, and the lines of one of its streams.
struct Talking {
    process: Child,
    lines: Receiver<String>,
}

impl Talking {
    fn start(mut command: Command, reads_errors: bool) -> Self {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (output, errors) = (process.stdout.take().unwrap(), process.stderr.take().unwrap());
        let (read, other): (Box<dyn std::io::Read + Send>, Box<dyn std::io::Read + Send>) = if reads_errors {
            (Box::new(errors), Box::new(output))
        } else {
            (Box::new(output), Box::new(errors))
        };
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(read).lines() {
                let _ = sender.send(line.unwrap());
            }
        });
        std::thread::spawn(move || BufReader::new(other).lines().for_each(drop));
        Self { process, lines }
    }

    /// The next line with all these words.
    fn line_with(&self, words: &[&str]) -> String {
        let mut seen = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no line has {words:?}: {seen:#?}"));
            if words.iter().all(|word| line.contains(word)) {
                return line;
            }
            seen.push(line);
        }
    }

    /// Ends the command with Ctrl-C. Returns its exit code and the lines that were not read.
    fn interrupted(mut self) -> (Option<i32>, Vec<String>) {
        signal(&[self.process.id()], "INT");
        let code = self.process.wait().unwrap().code();
        (code, self.lines.iter().collect())
    }
}

fn dev(more: &[&str]) -> Command {
    let mut command = kassa();
    command.args(["dev", "--listen", "127.0.0.1:0"]).args(more);
    command
}

/// Reads a page session, enters it, and reads one that does not exist.
async fn use_it(merchant: &Merchant) -> String {
    let session = merchant.page_session(&json!({}), &json!({})).await;
    merchant.act(&session, "enter").await.expect(200);
    merchant.get("/hpp/v1/sessions/nothing").await.expect(404);
    session
}

#[tokio::test]
async fn dev_prints_a_line_for_each_request_status_change_and_attempt() {
    let running = Talking::start(dev(&[]), false);
    let url = running.line_with(&["Demo shop"]).split_whitespace().last().unwrap().replace("/demo", "");
    let merchant = Merchant::new(&url, "PK00000_dev", "dev");
    let urls = json!({"status_update": "http://127.0.0.1:9/callbacks?secret=s3cret"});
    let session = merchant.page_session(&json!({}), &urls).await;
    let created = running.line_with(&["POST", "/hpp/v1/sessions ", "201", " ms", &session]);
    assert!(!created.contains('\u{1b}'), "no colours in a pipe: {created}");
    merchant.act(&session, "enter").await.expect(200);
    running.line_with(&["status", "WAITING -> IN_PROGRESS", "ConsumerEntered", &session, "by lab"]);
    let attempt = running.line_with(&["callback 1/4", "http://127.0.0.1:9 ", &session]);
    assert!(!attempt.contains("s3cret"), "{attempt}");
    merchant.get("/hpp/v1/sessions/nothing").await.expect(404);
    running.line_with(&["GET", "/hpp/v1/sessions/{session_id}", "404", "NOT_FOUND"]);
    assert_eq!(running.interrupted().0, Some(0));
}

#[tokio::test]
async fn a_quiet_dev_prints_no_such_lines() {
    let running = Talking::start(dev(&["--quiet"]), false);
    let url = running.line_with(&["Demo shop"]).split_whitespace().last().unwrap().replace("/demo", "");
    let session = use_it(&Merchant::new(&url, "PK00000_dev", "dev")).await;
    let (code, lines) = running.interrupted();
    assert_eq!(code, Some(0));
    assert!(!lines.iter().any(|line| line.contains(&session)), "{lines:?}");
}

#[tokio::test]
async fn with_json_the_lines_are_json_on_standard_error() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = kassa();
    command.args(["dev", "--json", "--listen", &port.to_string()]);
    let running = Talking::start(command, true);
    let merchant = Merchant::new(&format!("http://{port}"), "PK00000_dev", "dev");
    kassa_testkit::eventually("an answer", async || {
        match merchant.call(http::Method::GET, "/readyz", &Value::Null).await {
            Ok(answer) if answer.status == 200 => Ok(()),
            Ok(answer) => Err(answer.text),
            Err(reason) => Err(reason),
        }
    })
    .await;
    let session = use_it(&merchant).await;
    let line = running.line_with(&["\"request\"", "201", &session]);
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&line["method"], &line["route"]), (&json!("POST"), &json!("/hpp/v1/sessions")));
    let change: Value = serde_json::from_str(&running.line_with(&["\"status\"", &session])).unwrap();
    assert_eq!((&change["from"], &change["status"]), (&json!("WAITING"), &json!("IN_PROGRESS")));
    assert_eq!(running.interrupted().0, Some(0));
}

#[tokio::test]
async fn serve_logs_each_request_as_json_with_its_caller_and_session() {
    let configuration = Configuration::with("FOLDER/kassa.db", "log_format = \"json\"");
    let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let log = configuration.folder().join("log");
    let mut command = configuration.command(&["serve"]);
    command.env("KASSA_LOG", "info").stderr(File::create(&log).unwrap());
    let mut node = Node::announced(command);
    let session = use_it(&node.merchant(&account)).await;
    node.signal("TERM");
    assert_eq!(node.ended(), Some(0));
    let log = std::fs::read_to_string(log).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let line = lines.iter().find(|line| line["route"] == "/hpp/v1/sessions").expect(&log);
    assert_eq!((&line["level"], &line["message"]), (&json!("INFO"), &json!("request")));
    assert_eq!((&line["method"], &line["status"]), (&json!("POST"), &json!(201)));
    assert_eq!(line["session_id"], json!(session));
    let actor = format!("merchant {}", account["username"].as_str().unwrap());
    assert_eq!(line["actor"], json!(actor));
    assert!(line["correlation_id"].is_string() && line["duration_ms"].is_number(), "{line}");
    let refused = lines.iter().find(|line| line["status"] == 404).expect(&log);
    assert_eq!(
        (&refused["code"], &refused["route"]),
        (&json!("NOT_FOUND"), &json!("/hpp/v1/sessions/{session_id}"))
    );
}

#[tokio::test]
async fn events_are_followed_until_an_interrupt() {
    let dev = Dev::start();
    let merchant = dev.merchant();
    let earlier = merchant.page_session(&json!({}), &json!({})).await;
    merchant.act(&earlier, "enter").await.expect(200);
    let other = merchant.page_session(&json!({}), &json!({})).await;
    let command = |more: &[&str]| {
        let mut command = kassa();
        command.args(["event", "list", "--follow", "--url", dev.url()]).args(more);
        command
    };
    let one = Talking::start(command(&["--session", &earlier]), false);
    one.line_with(&[&earlier, "ConsumerEntered"]);
    let all = Talking::start(command(&["--json", "--after", &cursor(&merchant).await]), false);
    merchant.act(&other, "enter").await.expect(200);
    merchant.act(&earlier, "approve").await.expect(200);
    let line = all.line_with(&[&other, "ConsumerEntered"]);
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["status"], "IN_PROGRESS");
    all.line_with(&[&earlier, "PaymentAuthorized"]);
    let line = one.lines.recv_timeout(PATIENCE).unwrap();
    assert!(line.contains("PaymentAuthorized"), "another session is not followed: {line}");
    assert_eq!(one.interrupted(), (Some(0), Vec::new()));
    assert_eq!(all.interrupted(), (Some(0), Vec::new()));
}

async fn cursor(merchant: &Merchant) -> String {
    let answer = merchant.get("/kassa/v1/events?after=end").await.expect(200);
    assert_eq!(answer.json["events"], json!([]));
    answer.word("cursor").to_string()
}

#[tokio::test]
async fn the_list_of_sessions_is_watched_until_an_interrupt() {
    let dev = Dev::start();
    let merchant = dev.merchant();
    let first = merchant.page_session(&json!({}), &json!({})).await;
    let mut command = kassa();
    command.args(["session", "list", "--watch", "--url", dev.url()]);
    let watching = Talking::start(command, false);
    watching.line_with(&[&first, "WAITING"]);
    merchant.act(&first, "enter").await.expect(200);
    watching.line_with(&[&first, "IN_PROGRESS"]);
    let second = merchant.page_session(&json!({}), &json!({})).await;
    watching.line_with(&[&second, "WAITING"]);
    assert_eq!(watching.interrupted(), (Some(0), Vec::new()));
}

#[tokio::test]
async fn a_closed_pipe_ends_a_follower_quietly() {
    let dev = Dev::start();
    let merchant = dev.merchant();
    let session = merchant.page_session(&json!({}), &json!({})).await;
    merchant.act(&session, "enter").await.expect(200);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = kassa();
    command.args(["event", "list", "--follow", "--session", &session, "--url", dev.url()]);
    let output = command.stdout(writer).output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}
