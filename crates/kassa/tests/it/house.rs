//! Who may depend on whom: `deny.toml` and the promises of the rooms, held against the manifests.

use std::collections::BTreeMap;
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

use crate::workspace::{root, text};

/// Wrappers that may use a banned crate in tests and benchmarks alone.
const ONLY_IN_TESTS: [(&str, &str); 7] = [
    ("kassa", "rusqlite"),
    ("kassa", "tokio-postgres"),
    ("kassa", "ureq"),
    ("kassa-client", "rusqlite"),
    ("kassa-client", "tokio-postgres"),
    ("kassa-store", "rusqlite"),
    ("kassa-store", "tokio-postgres"),
];

/// What a room may depend on at most, tests aside.
const ROOMS: [(&str, &[&str]); 3] = [
    ("kassa-domain", &["serde"]),
    ("kassa-i18n", &[]),
    (
        "kassa-incoming",
        &[
            "bytes",
            "futures-util",
            "http",
            "hyper",
            "hyper-util",
            "rustix",
            "rustls",
            "socket2",
            "tokio",
            "tokio-rustls",
            "tokio-util",
            "tracing",
        ],
    ),
];

/// What a room must not depend on, tests included, beyond what `deny.toml` says.
const WALLS: [(&str, &[&str]); 8] = [
    ("kassa-outgoing", &["kassa-domain", "kassa-wire", "kassa-store", "kassa-server", "axum"]),
    ("kassa-domain", &["kassa-wire", "kassa-store", "kassa-server", "tokio", "http"]),
    ("kassa-wire", &["kassa-domain", "kassa-store", "kassa-server", "tokio", "http"]),
    (
        "kassa-store",
        &["kassa-wire", "kassa-server", "axum", "hyper", "hyper-util", "http", "askama", "tower"],
    ),
    (
        "kassa-incoming",
        &["kassa-domain", "kassa-wire", "kassa-store", "kassa-server", "kassa-client", "kassa", "axum"],
    ),
    ("kassa-server", &["kassa"]),
    (
        "kassa-sql",
        &[
            "kassa-domain",
            "kassa-wire",
            "kassa-store",
            "kassa-client",
            "kassa-server",
            "kassa",
            "axum",
            "hyper",
        ],
    ),
    ("kassa-client", &["kassa-domain", "kassa-store", "kassa-server", "kassa"]),
];

#[derive(Deserialize)]
struct Deny {
    bans: Bans,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    #[serde(default)]
    wrappers: Vec<String>,
    #[serde(default)]
    reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Use {
    Normal,
    Test,
}

#[test]
fn a_banned_crate_is_used_only_by_its_wrappers() {
    let rooms = rooms();
    for ban in bans() {
        for (room, dependencies) in &rooms {
            let used = dependencies.iter().filter(|(name, _)| *name == ban.name);
            for (_, how) in used {
                let is_wrapper = ban.wrappers.contains(room);
                assert!(is_wrapper, "{room} depends on {}, against deny.toml: {}", ban.name, ban.reason);
                let only_in_tests = ONLY_IN_TESTS.contains(&(room.as_str(), ban.name.as_str()));
                let is_in_place = !only_in_tests || *how == Use::Test;
                assert!(is_in_place, "{room} may use {} in tests alone: {}", ban.name, ban.reason);
            }
        }
    }
}

#[test]
fn a_crate_without_wrappers_is_nowhere_in_the_build() {
    let tree = cargo(&["tree", "--offline", "--workspace", "--edges", "all", "--prefix", "none"]);
    for ban in bans().iter().filter(|ban| ban.wrappers.is_empty()) {
        let is_built = tree.lines().any(|line| line.split(' ').next() == Some(ban.name.as_str()));
        assert!(!is_built, "{} is built: {}", ban.name, ban.reason);
    }
}

#[test]
fn each_ban_gives_its_reason() {
    let bans = bans();
    assert!(bans.len() > 5);
    for ban in bans {
        assert!(!ban.reason.is_empty(), "deny.toml bans {} without a reason", ban.name);
    }
}

#[test]
fn a_room_holds_what_it_promises() {
    let rooms = rooms();
    for (room, allowed) in ROOMS {
        for (name, how) in &rooms[room] {
            assert!(*how == Use::Test || allowed.contains(&name.as_str()), "{room} depends on {name}");
        }
    }
    for (room, walled_off) in WALLS {
        for (name, _) in rooms.get(room).into_iter().flatten() {
            assert!(!walled_off.contains(&name.as_str()), "{room} depends on {name}");
        }
    }
}

#[test]
fn the_rules_do_without_the_standard_library() {
    assert!(text("crates/kassa-domain/src/lib.rs").contains("#![no_std]"));
}

#[test]
fn every_package_comes_from_the_registry() {
    let registry = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let lock = text("Cargo.lock");
    let mut sources = lock.lines().filter(|line| line.starts_with("source = ")).peekable();
    assert!(sources.peek().is_some());
    for source in sources {
        assert_eq!(source, registry);
    }
}

fn bans() -> Vec<Ban> {
    toml::from_str::<Deny>(&text("deny.toml")).unwrap().bans.deny
}

/// Each crate of the workspace with its direct dependencies.
fn rooms() -> BTreeMap<String, Vec<(String, Use)>> {
    let metadata = cargo(&["metadata", "--offline", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let rooms = metadata["packages"].as_array().unwrap().iter().map(|package| {
        let name = package["name"].as_str().unwrap().to_string();
        (name, package["dependencies"].as_array().unwrap().iter().map(dependency).collect())
    });
    rooms.collect()
}

fn dependency(dependency: &Value) -> (String, Use) {
    let how = if dependency["kind"] == "dev" { Use::Test } else { Use::Normal };
    (dependency["name"].as_str().unwrap().to_string(), how)
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
