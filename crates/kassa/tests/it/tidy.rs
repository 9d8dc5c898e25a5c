//! What a reviewer would stop at in the text of the source.

use crate::workspace::{files, root, text};

/// No file is longer.
const LONGEST_FILE: usize = 500;

/// What the source does without, and why. Written in two parts, so that this file passes its own test.
const NOT_IN_SOURCE: [(&str, &str); 6] = [
    (concat!("to", "do!("), "unfinished work"),
    (concat!("unimple", "mented!("), "unfinished work"),
    (concat!("#[ig", "nore"), "a test that never runs"),
    (concat!("#[al", "low("), "expect with a reason says more, and goes when it is no longer needed"),
    (concat!("#![al", "low("), "expect with a reason says more, and goes when it is no longer needed"),
    (concat!("thread::", "sleep"), "wait for what you wait for"),
];

/// How a path on somebody's own machine begins.
const OWN_MACHINE: [&str; 4] =
    [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/"), concat!("/wo", "rk/")];

#[test]
fn the_source_holds_nothing_a_reviewer_would_stop_at() {
    for path in files(&["crates"], &["rs"]) {
        let text = text(&path);
        for (words, why) in NOT_IN_SOURCE {
            assert!(!text.contains(words), "{}: {words} ({why})", path.display());
        }
    }
}

#[test]
fn no_file_is_too_long_to_read() {
    for path in files(&["crates"], &["rs", "html", "css", "js", "sql"]) {
        let lines = text(&path).lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines", path.display());
    }
}

#[test]
fn no_file_knows_whose_machine_it_was_written_on() {
    let mut all = files(
        &["crates", "deploy", "docs", ".ci", ".config"],
        &["rs", "md", "toml", "html", "css", "sql", "yaml", "yml", "service", "cfg"],
    );
    let top = std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    all.extend(top.filter(|path| path.is_file() && !path.ends_with(".git")));
    for path in all {
        let text = text(&path);
        for start in OWN_MACHINE {
            assert!(!text.contains(start), "{} names a path below {start}", path.display());
        }
    }
}
