//! Runs the commands that the documentation shows, exactly as they are written.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::harness::Dev;
use crate::workspace::{files, root, text};

/// The marker of a block that can be run.
const WALKTHROUGH: &str = "```sh walkthrough\n";

/// The address of Kassa on the pages.
const KASSA: &str = "http://127.0.0.1:8080";

#[test]
fn the_walkthrough_works_as_written() {
    let said = walk("docs/walkthrough.md", &["9099"]);
    assert!(said.contains("\"status\": \"COMPLETED\""), "{said}");
}

#[test]
fn the_sidecar_works_as_documented() {
    let said = walk("docs/integrating.md", &["8096", "8097"]);
    assert!(said.ends_with("true\ntrue\n"), "{said}");
}

/// Runs the walkthrough blocks of a page as one script beside a Kassa, on free ports. Returns what the script printed.
fn walk(page: &str, ports: &[&str]) -> String {
    let text = text(page);
    let blocks = text.split(WALKTHROUGH).skip(1).map(|rest| rest.split_once("```\n").unwrap().0);
    let dev = Dev::start();
    let mut script = blocks.collect::<String>().replace(KASSA, dev.url());
    for port in ports {
        assert!(script.contains(port), "the walkthrough names {port}");
        script = script.replace(port, &free_port());
    }
    let output = bash(&script);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

#[test]
fn every_link_leads_somewhere() {
    let docs = files(&["docs"], &["md"]).into_iter();
    let top = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    for page in docs.chain(top.map(PathBuf::from)) {
        let (text, folder) = (text(&page), root().join(&page).parent().unwrap().to_path_buf());
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            let is_here = link.is_empty() || link.starts_with("http") || folder.join(link).exists();
            assert!(is_here, "{} links to {link}", page.display());
        }
    }
}

fn bash(script: &str) -> Output {
    let folder = TempDir::new().unwrap();
    let mut command = Command::new("bash");
    // The script's `kassa` is the command under test.
    let own = Path::new(env!("CARGO_BIN_EXE_kassa")).parent().unwrap().display().to_string();
    command.env("PATH", format!("{own}:{}", std::env::var("PATH").unwrap()));
    command.args(["-euo", "pipefail", "-c", script]).current_dir(folder.path()).stdin(Stdio::null());
    command.output().unwrap()
}

fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port().to_string()
}
