//! The commands that print something and end.

use kassa_domain::lifecycle::{mermaid, table};

use crate::harness::run;

#[test]
fn lifecycle_prints_the_tables() {
    assert_eq!(printed(&["lifecycle"]), table());
}

#[test]
fn lifecycle_draws_the_picture() {
    assert_eq!(printed(&["lifecycle", "--format", "mermaid"]), mermaid());
}

#[test]
fn completions_are_a_script_that_bash_accepts() {
    let script = printed(&["completions", "bash"]);
    // The script is longer than an argument may be.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &script).unwrap();
    let check = std::process::Command::new("bash").arg("-n").arg(file.path()).output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
    assert!(script.contains("complete -F _kassa"), "{script}");
}

#[test]
fn an_unknown_flag_is_wrong_usage() {
    let output = run(&["dev", "--colour"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--colour"));
}

#[test]
fn no_command_at_all_is_wrong_usage() {
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("Usage: kassa"));
}

fn printed(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
