//! `kassa lab`: every scenario of the library passes, each of its expectations can fail, and file errors are named.

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

/// The number of commands that play broken scenarios in parallel. They mostly wait.
const COMMANDS: usize = 4;

/// Runs `kassa lab`. Returns the exit code, standard output and standard error.
fn run_lab(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = run(&[&["lab"], arguments].concat());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Parses the lines that `--json` prints, one for each scenario.
fn parsed(printed: &str) -> Vec<Value> {
    printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The names and texts of the library's files.
fn library() -> Vec<(String, String)> {
    let files = files(&["crates/kassa/scenarios"], &["toml"]);
    files.iter().map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), text(path))).collect()
}

/// Writes a scenario to a file and plays it.
fn run_text(scenario: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("mine.toml");
    write(&file, scenario).unwrap();
    run_lab(&[&["run", file.to_str().unwrap()], arguments].concat())
}

#[test]
fn every_scenario_of_the_library_passes() {
    let (code, printed, stderr) = run_lab(&["run", "--all", "--json"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{printed}");
    let played: BTreeSet<_> =
        parsed(&printed).iter().map(|one| one["scenario"].as_str().unwrap().to_string()).collect();
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
            scope.spawn(|| assert_each_fails_in_its_broken_step(part));
        }
    });
}

/// Plays broken scenarios with one command, and asserts that each fails in the broken step.
fn assert_each_fails_in_its_broken_step(all: &[(String, Broken)]) {
    let folder = TempDir::new().unwrap();
    let mut arguments = vec!["run".to_string(), "--json".to_string()];
    for (place, (name, broken)) in all.iter().enumerate() {
        let file = folder.path().join(format!("{name}-{place}.toml"));
        write(&file, &broken.text).unwrap();
        arguments.push(file.to_str().unwrap().to_string());
    }
    let (code, printed, stderr) = run_lab(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(code, Some(1), "{stderr}");
    let played = parsed(&printed);
    assert_eq!(played.len(), all.len(), "{stderr}");
    for (one, (name, broken)) in played.iter().zip(all) {
        assert_eq!(one["passed"], false, "{name} passes with {}", broken.what);
        let last = one["steps"].as_array().unwrap().last().unwrap();
        assert_eq!(last["line"], broken.line, "{name} with {}", broken.what);
    }
}

#[test]
fn scenarios_are_played_against_a_running_kassa() {
    let dev = Dev::start();
    let (code, printed, stderr) = run_lab(&["run", "lost-completed", "token-expired", "--url", dev.url()]);
    assert_eq!(code, Some(0), "{printed}{stderr}");
    assert!(printed.contains("2 scenarios passed, in "), "{printed}");
    let of_the_maker = run(&["session", "list", "--url", dev.url()]);
    assert_eq!(of_the_maker.stdout, b"No sessions.\n", "scenarios have merchants of their own");
    let (code, _, stderr) = run_lab(&["run", "lost-completed", "--url", dev.url(), "--password", "wrong"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("did not create a merchant: 401"), "{stderr}");
    let (code, _, stderr) = run_lab(&["run", "lost-completed", "--url", "http://127.0.0.1:1"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("No Kassa answers at http://127.0.0.1:1. Start one: kassa dev"), "{stderr}");
}

#[test]
fn a_failed_step_shows_the_expected_and_the_observed_value() {
    let scenario = "title = \"Mine\"\nwhy = \"It fails.\"\n\
        [[step]]\ncreate = {}\n\
        [[step]]\nconsumer = \"enter\"\nexpect.callbacks = [\"IN_PROGRESS\", \"COMPLETED\"]\n\
        [[step]]\nconsumer = \"approve\"\n";
    let (code, printed, stderr) = run_text(scenario, &[]);
    assert_eq!((code, stderr.as_str()), (Some(1), "kassa: an expectation was not met\n"));
    let shown = "       line 5; - expected, + seen\n       callbacks\n           IN_PROGRESS\n         - COMPLETED\n\
        \x20      1 more not reached\n";
    assert!(printed.contains(shown), "{printed}");
    assert!(printed.contains("\n1 of 1 scenario failed: mine, in "), "{printed}");
    assert!(!printed.contains('\u{1b}'), "color is for terminals");
    let (code, printed, _) = run_text(scenario, &["--json"]);
    assert_eq!(code, Some(1));
    let difference = &parsed(&printed)[0]["steps"][1]["differences"][0];
    assert_eq!(difference["expected"], serde_json::json!(["IN_PROGRESS", "COMPLETED"]));
    assert_eq!(difference["seen"], serde_json::json!(["IN_PROGRESS"]));
}

#[test]
fn a_refused_act_fails_its_step_unless_the_refusal_is_expected() {
    let refused =
        "title = \"Mine\"\nwhy = \"It fails.\"\n[[step]]\ncreate = {}\n[[step]]\nconsumer = \"approve\"\n";
    let (code, printed, _) = run_text(refused, &[]);
    assert_eq!(code, Some(1));
    assert!(printed.contains("- 2xx\n         + 409 (The consumer cannot approve"), "{printed}");
    let (code, printed, _) = run_text(&format!("{refused}expect.status = 409\n"), &[]);
    assert_eq!(code, Some(0), "{printed}");
}

#[test]
fn a_step_fails_if_the_answer_lacks_the_field_to_save() {
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
fn an_unreadable_scenario_file_is_wrong_usage_and_nothing_is_played() {
    let scenario = "title = \"Mine\"\nwhy = \"A word is wrong.\"\n[[step]]\nconsumer = \"entr\"\n";
    let (code, printed, stderr) = run_text(scenario, &[]);
    assert_eq!((code, printed.as_str()), (Some(2), ""));
    assert!(stderr.contains("mine.toml: TOML parse error at line 4, column 12"), "{stderr}");
    assert!(stderr.contains("4 | consumer = \"entr\""), "{stderr}");
    let (code, _, stderr) = run_lab(&["run", "nowhere.toml"]);
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with("kassa: nowhere.toml: "), "{stderr}");
    assert_eq!(run_lab(&["run"]).0, Some(2), "which one?");
}

#[test]
fn an_interrupted_run_deletes_its_temporary_files() {
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
    let (code, printed, _) = run_lab(&["list"]);
    assert_eq!(code, Some(0));
    for (name, text) in library() {
        assert!(printed.contains(&name), "{name} is not in {printed}");
        assert_eq!(run_lab(&["show", &name]), (Some(0), text, String::new()));
    }
    let (_, printed, _) = run_lab(&["list", "--json"]);
    assert_eq!(parsed(&printed)[0].as_array().unwrap().len(), library().len());
    let (code, _, stderr) = run_lab(&["show", "nothing"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("lost-completed"), "{stderr}");
}

#[test]
fn the_help_of_each_lab_command_has_an_example() {
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
