//! Standard output and standard error can be closed, full, or a pipe that nobody reads. A node keeps serving and stops
//! in order, and a short command ends without a panic.

use std::fs::File;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use kassa_testkit::eventually;
use kassa_testkit::processes::KilledOnDrop;
use serde_json::json;

use crate::harness::process::full_pipe;
use crate::harness::{Configuration, Dev, Merchant, Signal, kassa, run};

/// A process that listens at `url`.
struct Running {
    url: String,
    process: KilledOnDrop,
}

impl Running {
    /// Starts `kassa SUBCOMMAND --listen ADDRESS ...` and waits until it accepts connections.
    async fn start(mut command: Command, arguments: &[&str]) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let address = address.to_string();
        let process = KilledOnDrop(command.args(arguments).args(["--listen", &address]).spawn().unwrap());
        eventually("a connection", async || tokio::net::TcpStream::connect(&address).await).await;
        Self { url: format!("http://{address}"), process }
    }

    /// Asks the process to stop, and returns its exit code.
    fn stopped(mut self) -> Option<i32> {
        self.process.stop()
    }
}

fn closed(stream: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("exec \"$0\" \"$@\" {stream}>&-")]).arg(kassa().get_program());
    command.stdin(Stdio::null());
    command
}

fn with_output(stream: Stdio) -> Command {
    let mut command = kassa();
    command.stdout(stream);
    command
}

fn with_errors(stream: Stdio) -> Command {
    let mut command = kassa();
    command.stderr(stream);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_nobody_reads_blocks_no_request_and_its_dropped_lines_are_counted() {
    let mut command = kassa();
    command.env("KASSA_LOG", "trace");
    let dev = Dev::launch(command, &[]);
    let merchant = dev.merchant();
    for _ in 0..2_000 {
        merchant.get("/hpp/v1/sessions/nothing").await.expect(404);
    }
    let metrics = merchant.get("/metrics").await.expect(200).text;
    let dropped = metrics.lines().find_map(|line| line.strip_prefix("kassa_log_lines_dropped_total "));
    assert!(dropped.unwrap().parse::<u64>().unwrap() > 0, "{metrics}");
    // The process ends although its log is still unread.
    assert_eq!(dev.stop(Signal::Terminate).code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_output_is_closed_full_or_unread_serves_and_stops_in_order() {
    let (_unread_output, full_output) = full_pipe();
    let (_unread_errors, full_errors) = full_pipe();
    let dev_full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    for (how, mut command) in [
        ("standard output is closed", closed("1")),
        ("standard error is closed", closed("2")),
        ("standard output cannot be written", with_output(dev_full())),
        ("standard error cannot be written", with_errors(dev_full())),
        ("nobody reads standard output", with_output(full_output)),
        ("nobody reads standard error", with_errors(full_errors)),
    ] {
        command.env("KASSA_LOG", "debug");
        let node = Running::start(command, &["dev"]).await;
        let merchant = Merchant::new(&node.url, "PK00000_dev", "dev");
        for _ in 0..20 {
            assert_eq!(merchant.get("/hpp/v1/sessions/nothing").await.status, 404, "{how}");
        }
        assert_eq!(node.stopped(), Some(0), "{how}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_whose_output_nobody_reads_answers_every_callback() {
    let (_unread, full) = full_pipe();
    let listener = Running::start(with_output(full), &["listen", "--json", "--url-secret", "s3cret"]).await;
    let service = Merchant::new(&listener.url, "nobody", "nothing");
    let update = json!({"event_id": "1", "session": {"session_id": "s", "status": "WAITING",
        "updated_at": "2026-01-01T00:00:00.000Z", "expires_at": "2026-01-03T00:00:00.000Z"}});
    for _ in 0..100 {
        assert_ne!(service.post("/callbacks?secret=s3cret", &update).await.status, 0);
    }
    assert_eq!(listener.stopped(), Some(0));
}

/// Short commands, which print their answer and end.
const COMMANDS: [&[&str]; 5] = [
    &["completions", "bash"],
    &["lifecycle"],
    &["lifecycle", "--format", "mermaid"],
    &["lab", "list"],
    &["lab", "show", "wrong-credentials"],
];

#[test]
fn a_closed_pipe_ends_a_command_quietly() {
    for arguments in COMMANDS {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = kassa().args(arguments).stdout(writer).output().unwrap();
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*complaints), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn an_answer_that_cannot_be_written_is_a_failure_with_its_reason() {
    for arguments in COMMANDS {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = kassa().args(arguments).stdout(full).output().unwrap();
        let complaints = String::from_utf8_lossy(&output.stderr);
        let expected = "kassa: standard output cannot be written: No space left on device (os error 28)\n";
        assert_eq!((output.status.code(), &*complaints), (Some(1), expected), "{arguments:?}");
    }
}

#[test]
fn no_command_on_a_configuration_or_a_running_kassa_panics_when_its_answer_cannot_be_written() {
    let configuration = Configuration::with("FOLDER/kassa.db", "");
    let dev = Dev::start();
    let on_configuration: [&[&str]; 7] = [
        &["config", "check"],
        &["merchant", "add", "PK1", "--name", "Shoe Shop"],
        &["merchant", "list"],
        &["credential", "list", "PK1"],
        &["operator", "add", "deployments"],
        &["operator", "list"],
        &["payment-account", "list", "PK1"],
    ];
    let on_running: [&[&str]; 8] = [
        &["session", "create"],
        &["act", "last", "enter"],
        &["open", "--print"],
        &["session", "list"],
        &["event", "list"],
        &["secret", "list"],
        &["secret", "rotate"],
        &["lab", "run", "wrong-credentials", "--json"],
    ];
    let on_configuration = on_configuration.map(|arguments| configuration.command(arguments));
    let on_running = on_running.map(|arguments| {
        let mut command = kassa();
        command.args(arguments).env("KASSA_URL", dev.url());
        command.env("KASSA_USERNAME", "PK00000_dev").env("KASSA_PASSWORD", "dev");
        command
    });
    for mut command in on_configuration.into_iter().chain(on_running) {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).output().unwrap();
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(!complaints.contains("panicked"), "{command:?}: {complaints}");
        assert!(matches!(output.status.code(), Some(0..=2)), "{command:?}: {complaints}");
    }
}

#[test]
fn a_failure_is_no_panic_when_nobody_reads_it() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status =
        kassa().args(["config", "check", "--config", "absent.toml"]).stderr(writer).status().unwrap();
    assert_eq!(status.code(), Some(2));
    assert_eq!(run(&["lifecycle"]).status.code(), Some(0));
}

#[tokio::test]
async fn a_password_guess_is_logged_at_the_default_level_in_one_line_without_the_password() {
    let dev = Dev::start();
    for username in ["PK1_a\u{1b}[31m", &"x".repeat(5_000)] {
        let guesser = Merchant::new(dev.url(), username, "a-mistaken-password");
        guesser.get("/kassa/v1/sessions").await.expect(401);
    }
    let log = dev.stop(Signal::Terminate).complaints;
    let lines: Vec<_> = log.lines().filter(|line| line.contains("a login failed")).collect();
    assert_eq!(lines.len(), 1, "one line a second at most: {log}");
    for part in ["WARN", "client=\"127.0.0.1\"", "username=\"PK1_a\\u{1b}[31m\"", "audience=\"merchants\""] {
        assert!(lines[0].contains(part), "{part} in {log}");
    }
    assert!(!log.contains('\u{1b}') && !log.contains("a-mistaken-password"), "{log}");
}
