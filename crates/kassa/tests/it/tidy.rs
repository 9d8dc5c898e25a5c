//! Words and sizes that the source must not have.

use std::path::PathBuf;

use crate::workspace::{files, root, text};

/// The maximum number of lines of a file.
const LONGEST_FILE: usize = 500;

/// The maximum number of columns of a line.
const LONGEST_LINE: usize = 120;

/// Words that the source must not contain, with the reason. They are split in two, so that this file passes its own
/// test.
const NOT_IN_SOURCE: [(&str, &str); 6] = [
    (concat!("to", "do!("), "unfinished work"),
    (concat!("unimple", "mented!("), "unfinished work"),
    (concat!("#[ig", "nore"), "a test that never runs"),
    (concat!("#[al", "low("), "expect with a reason says more, and goes when it is no longer needed"),
    (concat!("#![al", "low("), "expect with a reason says more, and goes when it is no longer needed"),
    (concat!("thread::", "sleep"), "wait for what you wait for"),
];

/// Ways to wait for a time, or busily. Tests use `kassa_testkit`, which waits for conditions with one patience.
const WAITS: [&str; 5] = ["time::sleep", "interval(", "yield_now(", "time::timeout", "PATIENCE: Duration"];

/// Tests that need such a way, with the reason.
const MAY_WAIT: [(&str, &str); 13] = [
    (
        "kassa-client/tests/it/order_is_placed_once.rs",
        "polls a future by hand, and then drops it like a crash",
    ),
    ("kassa-server/tests/it/simulation", "runs in simulated time"),
    ("kassa-server/tests/it/klarna_simulation", "runs in simulated time"),
    ("kassa-server/tests/it/lab/in_process.rs", "a receiver in the same process, which lets other tasks run"),
    ("kassa-server/tests/it/outgoing", "receivers and callers that are slow on purpose"),
    ("kassa-server/tests/it/bad_receivers_of_callbacks.rs", "receivers that are slow on purpose"),
    ("kassa-server/tests/it/merchant_follows_the_feed.rs", "moves the clock steadily while others read"),
    ("kassa-server/tests/it/order_outcome_is_unknown.rs", "moves the clock steadily while a call waits"),
    ("kassa/tests/it/harness/load_control.rs", "limits the rate of calls"),
    ("kassa/tests/it/cluster/wire.rs", "delays packets on purpose"),
    ("kassa/tests/it/tracking/load.rs", "repeats calls as a service does"),
    ("kassa/tests/it/tidy.rs", "names them"),
    ("kassa/tests/it/browser", "polls a browser with the patience of its own driver"),
];

/// The beginnings of paths on somebody's own machine.
const OWN_MACHINE: [&str; 4] =
    [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/"), concat!("/wo", "rk/")];

#[test]
fn the_source_contains_no_forbidden_word() {
    for path in files(&["crates"], &["rs"]) {
        let text = text(&path);
        for (words, why) in NOT_IN_SOURCE {
            assert!(!text.contains(words), "{}: {words} ({why})", path.display());
        }
    }
}

#[test]
fn tests_wait_for_conditions_and_not_for_time() {
    let tests = files(&["crates"], &["rs"]).into_iter().filter(|path| {
        let path = path.to_string_lossy();
        path.contains("/tests/") && !MAY_WAIT.iter().any(|(may, _)| path.contains(&format!("crates/{may}")))
    });
    for path in tests {
        let text = text(&path);
        for way in WAITS {
            assert!(!text.contains(way), "{}: {way} (kassa_testkit waits for conditions)", path.display());
        }
    }
}

#[test]
fn no_file_is_too_long_to_read() {
    for path in
        files(&["crates", "kits"], &["rs", "html", "css", "js", "sql", "mjs", "ts", "py", "java", "php"])
    {
        let lines = text(&path).lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines", path.display());
    }
}

/// The scripts whose names have no ending.
const SCRIPTS: [&str; 14] = [
    "examples/payu-adapter/prepare-simulator",
    "kits/node/prepare",
    "kits/python/prepare",
    "tools/accessibility",
    "tools/book",
    "tools/clients/run",
    "tools/contact-sheet",
    "tools/dist",
    "tools/first-purchase",
    "tools/fuzz/prepare",
    "tools/open-pages",
    "tools/pictures",
    "tools/playground/run",
    "tools/venv",
];

#[test]
fn no_line_is_too_long_to_read() {
    let endings =
        ["rs", "md", "css", "js", "mjs", "ts", "py", "java", "php", "toml", "yml", "yaml", "service"];
    let mut all = files(&["crates", "deploy", "docs", "kits", "tools", ".ci", ".config"], &endings);
    let top = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "Cargo.toml",
        "deny.toml",
        "test",
    ];
    all.extend(top.into_iter().chain(["Dockerfile", "compose.yaml"]).chain(SCRIPTS).map(PathBuf::from));
    let mut found = Vec::new();
    for path in all {
        for (number, line) in text(&path).lines().enumerate() {
            if line.chars().count() > LONGEST_LINE && !is_indivisible(line) {
                found.push(format!("{}:{}", path.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{} lines are longer than {LONGEST_LINE}:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_script_names_its_interpreter() {
    for path in SCRIPTS.into_iter().chain(["test", ".ci/run"]) {
        assert!(text(path).starts_with("#!"), "{path}");
    }
}

/// Whether a line cannot be broken: a row of a Markdown table, or recorded bytes in a raw text.
fn is_indivisible(line: &str) -> bool {
    let prose = line.trim_start().trim_start_matches(['/', '!', ' ']);
    prose.starts_with('|') || line.contains("r#\"")
}

#[test]
fn each_design_token_is_defined_once() {
    let stylesheets =
        files(&["crates"], &["css"]).into_iter().filter(|path| path.to_string_lossy().contains("/assets/"));
    let mut defined: Vec<(String, std::path::PathBuf)> = Vec::new();
    let (tokens, others): (Vec<_>, Vec<_>) = stylesheets.partition(|path| path.ends_with("tokens.css"));
    assert_eq!(tokens.len(), 1);
    for path in tokens.into_iter().chain(others) {
        for name in custom_properties(&text(&path)) {
            let earlier = defined.iter().find(|(other, at)| *other == name && *at != path);
            assert_eq!(earlier, None, "{} defines {name} again", path.display());
            defined.push((name, path.clone()));
        }
    }
}

/// The custom properties that the rules for `:root` of a stylesheet define.
fn custom_properties(stylesheet: &str) -> Vec<String> {
    let rules = stylesheet.split(":root {").skip(1).filter_map(|rule| rule.split('}').next());
    let lines = rules.flat_map(str::lines).filter_map(|line| line.trim().split_once(':'));
    lines.map(|(name, _)| name.to_string()).filter(|name| name.starts_with("--")).collect()
}

#[test]
fn no_file_contains_a_path_of_a_developers_machine() {
    let mut all = files(
        &["crates", "deploy", "docs", "kits", ".ci", ".config"],
        &[
            "rs", "md", "py", "mjs", "php", "java", "toml", "html", "css", "sql", "yaml", "yml", "service",
            "cfg",
        ],
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
