//! Pastes the commands that the documentation shows into the shells of its readers.

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::harness::Dev;
use crate::prerequisites::ZSH;
use crate::prose::documents;
use crate::workspace::text;

/// The marker of a block that can be run.
const WALKTHROUGH: &str = "```sh walkthrough\n";

/// The address of Kassa on the pages.
const KASSA: &str = "http://127.0.0.1:8080";

/// The shells that a reader may paste the commands into, as they start at a prompt, without the reader's own settings.
const SHELLS: [(&str, &[&str]); 2] = [("bash", &["--norc", "--noprofile", "-i"]), ("zsh", &["-f", "-i"])];

#[test]
fn the_walkthrough_works_as_pasted() {
    for shell in SHELLS.iter().filter(|(shell, _)| is_installed(shell)) {
        let printed = walk(shell, "docs/walkthrough.md", &["9099"]);
        assert!(printed.contains("\"status\": \"COMPLETED\""), "{printed}");
    }
}

#[test]
fn the_sidecar_works_as_pasted() {
    for shell in SHELLS.iter().filter(|(shell, _)| is_installed(shell)) {
        let printed = walk(shell, "docs/integrating.md", &["8096", "8097"]);
        assert!(printed.contains("true\ntrue\n"), "{printed}");
    }
}

#[test]
fn a_shell_can_read_every_command_of_the_documents() {
    for page in documents() {
        for block in text(&page).split("```sh").skip(1).filter_map(|rest| rest.split("```").next()) {
            let (_, script) = block.split_once('\n').unwrap();
            // A shell with a prompt treats a comment as further words (zsh), so no command may have one.
            let outside = script.split("<<").next().unwrap();
            let has_comment = outside.split_whitespace().any(|word| word.starts_with('#'));
            assert!(!has_comment, "{}: a comment among commands:\n{script}", page.display());
            for (shell, _) in SHELLS.iter().filter(|(shell, _)| is_installed(shell)) {
                let check = Command::new(shell).args(["-n", "-c", script]).output().unwrap();
                assert!(check.status.success(), "{}: {shell}:\n{script}", page.display());
            }
        }
    }
}

/// Whether a shell is there. Only bash is everywhere.
fn is_installed(shell: &str) -> bool {
    shell != "zsh" || ZSH.is_there()
}

/// Pastes the walkthrough blocks of a page into a shell beside a Kassa, on free ports. Returns what the shell printed.
fn walk(shell: &(&str, &[&str]), page: &str, ports: &[&str]) -> String {
    let text = text(page);
    let blocks = text.split(WALKTHROUGH).skip(1).map(|rest| rest.split_once("```\n").unwrap().0);
    let dev = Dev::start();
    let mut script = blocks.collect::<String>().replace(KASSA, dev.url());
    for port in ports {
        assert!(script.contains(port), "the walkthrough names {port}");
        script = script.replace(port, &free_port());
    }
    let output = paste(shell, &script);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {printed}{errors}", shell.0);
    printed
}

/// Runs a script in a shell with a prompt, which ends at the first failed command. The shell has no terminal.
fn paste((shell, options): &(&str, &[&str]), script: &str) -> Output {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("pasted");
    std::fs::write(&file, format!("set -euo pipefail\n{script}")).unwrap();
    let mut command = Command::new("setsid");
    // The script's `kassa` is the command under test.
    let own = Path::new(env!("CARGO_BIN_EXE_kassa")).parent().unwrap().display().to_string();
    command.env("PATH", format!("{own}:{}", std::env::var("PATH").unwrap()));
    command.arg("--wait").arg(shell).args(*options).current_dir(folder.path());
    command.stdin(File::open(&file).unwrap()).output().unwrap()
}

fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port().to_string()
}
