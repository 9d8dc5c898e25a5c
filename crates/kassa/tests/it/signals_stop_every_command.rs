//! SIGHUP stops a command like SIGTERM, and after every signal the temporary folder is deleted.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::harness::process::{ignoring, signal, unless_ignored};
use crate::harness::{Configuration, Dev, Signal, tracker_settings};

/// Starts a process, and waits until it prints a line, by which it listens.
fn started(mut command: Command) -> Child {
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (output, errors) = (process.stdout.take().unwrap(), process.stderr.take().unwrap());
    let (first_line, printed) = std::sync::mpsc::channel();
    for stream in [Box::new(output) as Box<dyn std::io::Read + Send>, Box::new(errors)] {
        let first_line = first_line.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines() {
                // Only the first line is awaited.
                let _ = first_line.send(line.unwrap());
            }
        });
    }
    printed.recv().unwrap();
    process
}

#[test]
fn every_command_that_listens_stops_in_order_when_its_terminal_is_closed() {
    let configuration = Configuration::with("FOLDER/kassa.db", "drain_s = 0");
    let serve = configuration.command_by(unless_ignored("HUP"), &["serve"]);
    let folder = TempDir::new().unwrap();
    let mut track = unless_ignored("HUP");
    track.args(["track", "--config", &tracker_settings(folder.path())]);
    let mut listen = unless_ignored("HUP");
    listen.args(["listen", "--listen", "127.0.0.1:0", "--url-secret", "s3cret"]);
    for (name, command) in [("serve", serve), ("track", track), ("listen", listen)] {
        let mut process = started(command);
        signal(&[process.id()], "HUP");
        assert_eq!(process.wait().unwrap().code(), Some(0), "{name}");
    }
}

#[tokio::test]
async fn a_command_that_ignores_hangups_goes_on() {
    let dev = Dev::launch(ignoring("HUP"), &[]);
    dev.ask_to_stop(Signal::HangUp);
    dev.merchant().get("/readyz").await.expect(200);
    assert_eq!(dev.stop(Signal::Terminate).code, Some(0));
}

#[test]
fn scenarios_that_are_interrupted_leave_no_folder() {
    for name in ["HUP", "TERM", "INT"] {
        let folder = TempDir::new().unwrap();
        let mut command = unless_ignored(name);
        command.args(["lab", "run", "--all"]).env("TMPDIR", folder.path());
        let mut process = started(command);
        assert_eq!(count(folder.path()), 1, "it has its database in a temporary folder");
        signal(&[process.id()], name);
        assert_eq!(process.wait().unwrap().code(), Some(1), "{name}");
        assert_eq!(count(folder.path()), 0, "{name}");
    }
}

fn count(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}
