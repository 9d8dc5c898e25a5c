//! `kassa lab`: the library plays green, each of its expectations can fail, and what cannot be read is named.

mod broken;

use std::collections::BTreeSet;
use std::fs::write;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Dev, kassa, run};
use crate::workspace::{files, text};
use broken::{Broken, broken};

/// Commands that play broken scenarios side by side: most of what these take is waiting.
const COMMANDS: usize = 4;

/// The exit code, what was printed, and what was complained of.
fn ended(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = run(&[&["lab"], arguments].concat());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// What was told of each scenario.
fn told(printed: &str) -> Vec<Value> {
    printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The files of the library, by name.
fn library() -> Vec<(String, String)> {
    let files = files(&["crates/kassa/scenarios"], &["toml"]);
    files.iter().map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), text(path))).collect()
}

/// Runs a scenario that stands in a file of its own.
fn run_text(scenario: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("mine.toml");
    write(&file, scenario).unwrap();
    ended(&[&["run", file.to_str().unwrap()], arguments].concat())
}

#[test]
fn every_scenario_of_the_library_passes() {
    let (code, printed, complaints) = ended(&["run", "--all", "--json"]);
    assert_eq!((code, complaints.as_str()), (Some(0), ""), "{printed}");
    let played: BTreeSet<_> =
        told(&printed).iter().map(|one| one["scenario"].as_str().unwrap().to_string()).collect();
    assert_eq!(played, library().into_iter().map(|(name, _)| name).collect());
}

#[test]
fn every_expectation_of_the_library_can_fail() {
    let mut all = Vec::new();
    for (name, text) in library() {
        let of_this = broken(&text);
        assert!(!of_this.is_empty(), "{name} expects nothing");
        all.extend(of_this.into_iter().map(|one| (name.clone(), one)));
    }
    std::thread::scope(|scope| {
        for part in all.chunks(all.len().div_ceil(COMMANDS)) {
            scope.spawn(|| fails_where_it_is_broken(part));
        }
    });
}

/// Plays broken scenarios with one command: each fails in the very step that is broken.
fn fails_where_it_is_broken(all: &[(String, Broken)]) {
    let folder = TempDir::new().unwrap();
    let mut arguments = vec!["run".to_string(), "--json".to_string()];
    for (place, (name, broken)) in all.iter().enumerate() {
        let file = folder.path().join(format!("{name}-{place}.toml"));
        write(&file, &broken.text).unwrap();
        arguments.push(file.to_str().unwrap().to_string());
    }
    let (code, printed, complaints) = ended(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(code, Some(1), "{complaints}");
    let played = told(&printed);
    assert_eq!(played.len(), all.len(), "{complaints}");
    for (one, (name, broken)) in played.iter().zip(all) {
        assert_eq!(one["passed"], false, "{name} passes with {}", broken.what);
        let last = one["steps"].as_array().unwrap().last().unwrap();
        assert_eq!(last["line"], broken.line, "{name} with {}", broken.what);
    }
}

#[test]
fn scenarios_are_played_where_kassa_runs_already() {
    let dev = Dev::start();
    let (code, printed, complaints) = ended(&["run", "lost-completed", "token-expired", "--url", dev.url()]);
    assert_eq!(code, Some(0), "{printed}{complaints}");
    assert!(printed.contains("2 scenarios passed, in "), "{printed}");
    let of_the_maker = run(&["session", "list", "--url", dev.url()]);
    assert_eq!(of_the_maker.stdout, b"No sessions.\n", "scenarios have merchants of their own");
    let (code, _, complaints) = ended(&["run", "lost-completed", "--url", dev.url(), "--password", "wrong"]);
    assert_eq!(code, Some(1));
    assert!(complaints.contains("makes no merchant: 401"), "{complaints}");
    let (code, _, complaints) = ended(&["run", "lost-completed", "--url", "http://127.0.0.1:1"]);
    assert_eq!(code, Some(1));
    assert!(complaints.contains("does not answer"), "{complaints}");
}

#[test]
fn a_failure_shows_what_was_expected_and_what_was_seen() {
    let scenario = "title = \"Mine\"\nwhy = \"It fails.\"\n\
        [[step]]\ncreate = {}\n\
        [[step]]\nconsumer = \"enter\"\nexpect.callbacks = [\"IN_PROGRESS\", \"COMPLETED\"]\n\
        [[step]]\nconsumer = \"approve\"\n";
    let (code, printed, complaints) = run_text(scenario, &[]);
    assert_eq!((code, complaints.as_str()), (Some(1), "kassa: an expectation was not met\n"));
    let shown = "       line 5; - expected, + seen\n       callbacks\n           IN_PROGRESS\n         - COMPLETED\n\
        \x20      1 more not reached\n";
    assert!(printed.contains(shown), "{printed}");
    assert!(printed.contains("\n1 of 1 scenario failed: mine, in "), "{printed}");
    assert!(!printed.contains('\u{1b}'), "color is for terminals");
    let (code, printed, _) = run_text(scenario, &["--json"]);
    assert_eq!(code, Some(1));
    let difference = &told(&printed)[0]["steps"][1]["differences"][0];
    assert_eq!(difference["expected"], serde_json::json!(["IN_PROGRESS", "COMPLETED"]));
    assert_eq!(difference["seen"], serde_json::json!(["IN_PROGRESS"]));
}

#[test]
fn an_act_that_is_refused_fails_unless_that_is_expected() {
    let refused =
        "title = \"Mine\"\nwhy = \"It fails.\"\n[[step]]\ncreate = {}\n[[step]]\nconsumer = \"approve\"\n";
    let (code, printed, _) = run_text(refused, &[]);
    assert_eq!(code, Some(1));
    assert!(printed.contains("- 2xx\n         + 409 (The consumer cannot approve"), "{printed}");
    let (code, printed, _) = run_text(&format!("{refused}expect.status = 409\n"), &[]);
    assert_eq!(code, Some(0), "{printed}");
}

#[test]
fn an_answer_without_the_field_to_save_fails() {
    let (code, printed, _) = run_text(
        "title = \"Mine\"\nwhy = \"It fails.\"\n[[step]]\ncreate = {}\nsave.mine = \"sesion_id\"\n",
        &[],
    );
    assert_eq!(code, Some(1));
    assert!(
        printed.contains("save.mine\n         - sesion_id = *\n         + sesion_id = none"),
        "{printed}"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_wrong_usage_and_nothing_is_played() {
    let scenario = "title = \"Mine\"\nwhy = \"A word is wrong.\"\n[[step]]\nconsumer = \"entr\"\n";
    let (code, printed, complaints) = run_text(scenario, &[]);
    assert_eq!((code, printed.as_str()), (Some(2), ""));
    assert!(complaints.contains("mine.toml: TOML parse error at line 4, column 12"), "{complaints}");
    assert!(complaints.contains("4 | consumer = \"entr\""), "{complaints}");
    let (code, _, complaints) = ended(&["run", "nowhere.toml"]);
    assert_eq!(code, Some(2));
    assert!(complaints.starts_with("kassa: nowhere.toml: "), "{complaints}");
    assert_eq!(ended(&["run"]).0, Some(2), "which one?");
}

#[test]
fn an_interrupted_run_leaves_nothing_behind() {
    let scenario = "title = \"Mine\"\nwhy = \"It takes long.\"\n[[step]]\nshop = [\"silence\"]\n[[step]]\ncreate = {}\n\
        [[step]]\nconsumer = \"enter\"\nexpect.callbacks = []\n";
    let folder = TempDir::new().unwrap();
    let temporary = TempDir::new().unwrap();
    let file = folder.path().join("mine.toml");
    write(&file, scenario).unwrap();
    let mut command = kassa();
    command.args(["lab", "run"]).arg(&file).env("TMPDIR", temporary.path());
    let mut running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(running.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("create a session")));
    let interrupt = format!("kill -INT {}", running.id());
    assert!(Command::new("sh").args(["-c", &interrupt]).status().unwrap().success());
    let ended = running.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "kassa: interrupted\n");
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn the_library_is_listed_and_shown() {
    let (code, printed, _) = ended(&["list"]);
    assert_eq!(code, Some(0));
    for (name, text) in library() {
        assert!(printed.contains(&name), "{name} is not in {printed}");
        assert_eq!(ended(&["show", &name]), (Some(0), text, String::new()));
    }
    let (_, printed, _) = ended(&["list", "--json"]);
    assert_eq!(told(&printed)[0].as_array().unwrap().len(), library().len());
    let (code, _, complaints) = ended(&["show", "nothing"]);
    assert_eq!(code, Some(2));
    assert!(complaints.contains("lost-completed"), "{complaints}");
}

#[test]
fn each_command_explains_itself_with_an_example() {
    for command in ["lab", "lab run", "lab list", "lab show", "completions"] {
        let output = run(&command.split(' ').chain(["--help"]).collect::<Vec<_>>());
        let printed = String::from_utf8(output.stdout).unwrap();
        let (_, examples) =
            printed.split_once("Example").unwrap_or_else(|| panic!("{command} has no example"));
        assert!(examples.contains(&format!("kassa {command}")), "{examples}");
    }
    let script = String::from_utf8(run(&["completions", "bash"]).stdout).unwrap();
    assert!(script.contains("lost-completed"), "the shell completes the names of the library");
}
