//! What the README shows is run as it stands.

use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::harness::Dev;
use crate::workspace::{root, text};

/// How the README marks what can be run.
const WALKTHROUGH: &str = "```sh walkthrough\n";

/// Where the README has Kassa and the receiver.
const KASSA: &str = "http://127.0.0.1:8080";
const RECEIVER_PORT: &str = "9099";

#[test]
fn the_walkthrough_works_as_written() {
    let readme = text("README.md");
    let blocks: Vec<&str> = readme.split(WALKTHROUGH).skip(1).collect();
    assert_eq!(blocks.len(), 1, "one walkthrough");
    let (script, _) = blocks[0].split_once("```\n").unwrap();
    for place in [KASSA, RECEIVER_PORT] {
        assert!(script.contains(place), "the walkthrough names {place}");
    }
    let dev = Dev::start();
    let script = script.replace(KASSA, dev.url()).replace(RECEIVER_PORT, &free_port());
    let output = bash(&script);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("\"status\": \"COMPLETED\""), "{said}");
}

#[test]
fn every_link_leads_somewhere() {
    for page in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        let text = text(page);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            let is_here = link.is_empty() || link.starts_with("http") || root().join(link).exists();
            assert!(is_here, "{page} links to {link}");
        }
    }
}

fn bash(script: &str) -> Output {
    let folder = TempDir::new().unwrap();
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", script]).current_dir(folder.path()).stdin(Stdio::null());
    command.output().unwrap()
}

fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port().to_string()
}
