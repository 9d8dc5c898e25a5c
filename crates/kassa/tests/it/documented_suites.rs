//! Runs the test suites of `docs/testing.md`, exactly as the page shows them, against the command under test.

#[path = "documented_suites/purchase.rs"]
mod purchase;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::harness::run;
use crate::workspace::{files, root, text};

const PAGE: &str = "docs/testing.md";

/// The lines with which the Rust suite starts Kassa: on the page, and in the file that runs.
const ON_THE_PATH: &str = "Command::new(\"kassa\")";
const UNDER_TEST: &str = "Command::new(env!(\"CARGO_BIN_EXE_kassa\"))";

#[test]
fn the_python_suite_passes() {
    let output =
        run_suite("python test_purchase_over_http.py", &["python3", "-W", "error", "-m", "unittest"]);
    let output_text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{output_text}");
    assert!(output_text.contains("Ran 2 tests"), "{output_text}");
}

#[test]
fn the_node_suite_passes() {
    let output = run_suite("js purchase-over-http.test.mjs", &["node", "--test", "--test-reporter=tap"]);
    let output_text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output_text}");
    assert!(output_text.contains("# pass 2"), "{output_text}");
}

#[test]
fn the_documented_rust_suite_equals_the_tested_file() {
    let file = "crates/kassa/tests/it/documented_suites/purchase.rs";
    let shown = format!("```rust tests/purchase.rs\n{}```\n", text(file).replace(UNDER_TEST, ON_THE_PATH));
    let page = text(PAGE);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let documented = block("rust tests/purchase.rs");
        let documented = format!("```rust tests/purchase.rs\n{documented}```\n");
        return std::fs::write(root().join(PAGE), page.replace(&documented, &shown)).unwrap();
    }
    assert!(page.contains(&shown), "{PAGE} no longer shows {file}. Redraw it with UPDATE_DOCS=1");
}

#[test]
fn every_documented_lab_command_is_accepted() {
    let mut pages = files(&["docs"], &["md"]);
    pages.push("README.md".into());
    let mut count = 0;
    for page in pages {
        for line in text(&page).lines() {
            let line = line.trim_start_matches(['-', ' ']);
            let Some(arguments) = line.strip_prefix("run: ").unwrap_or(line).strip_prefix("kassa lab ")
            else {
                continue;
            };
            let arguments = arguments.split(['#', '&', '>']).next().unwrap_or_default();
            let arguments: Vec<&str> =
                ["lab"].into_iter().chain(arguments.split_whitespace()).chain(["--help"]).collect();
            let output = run(&arguments);
            let complaints = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {line}: {complaints}", page.display());
            count += 1;
        }
    }
    assert!(count > 3, "only {count}");
}

/// Returns the code block of the page whose fence has this name.
fn block(name: &str) -> String {
    let page = text(PAGE);
    let (_, rest) =
        page.split_once(&format!("```{name}\n")).unwrap_or_else(|| panic!("{PAGE} shows no {name}"));
    rest.split_once("```\n").unwrap().0.to_string()
}

/// Runs a suite of the page in its own folder, with the command under test as `kassa` on the path.
fn run_suite(name: &str, command: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    let file = name.split(' ').next_back().unwrap();
    std::fs::write(folder.path().join(file), block(name)).unwrap();
    let commands = Path::new(env!("CARGO_BIN_EXE_kassa")).parent().unwrap();
    let path = format!("{}:{}", commands.display(), std::env::var("PATH").unwrap());
    let mut suite = Command::new(command[0]);
    suite.args(&command[1..]).arg(file).current_dir(folder.path()).env("PATH", path).stdin(Stdio::null());
    suite.output().unwrap()
}
