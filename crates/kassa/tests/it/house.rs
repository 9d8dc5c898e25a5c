//! The allowed dependencies between crates: `deny.toml` and the tables below, checked against the manifests.

use std::collections::BTreeMap;
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

use crate::workspace::{root, text};

/// Crates that may use a banned crate in tests and benchmarks only.
const ONLY_IN_TESTS: [(&str, &str); 10] = [
    ("kassa", "askama"),
    ("kassa", "rusqlite"),
    ("kassa", "tokio-postgres"),
    ("kassa", "ureq"),
    ("kassa-client", "rusqlite"),
    ("kassa-client", "tokio-postgres"),
    ("kassa-server", "hyper"),
    ("kassa-server", "hyper-util"),
    ("kassa-store", "rusqlite"),
    ("kassa-store", "tokio-postgres"),
];

/// The crates of the workspace that each crate may use, without tests. `ARCHITECTURE.md` has the reasons.
const MAY_USE: [(&str, &[&str]); 29] = [
    ("kassa-domain", &[]),
    ("kassa-wire", &[]),
    ("kassa-sql", &[]),
    ("kassa-outgoing", &[]),
    ("kassa-incoming", &[]),
    ("kassa-i18n", &[]),
    ("kassa-testkit", &[]),
    ("kassa-store", &["kassa-domain", "kassa-sql"]),
    ("kassa-engine", &["kassa-domain", "kassa-i18n", "kassa-outgoing", "kassa-store", "kassa-wire"]),
    ("kassa-http", &["kassa-domain", "kassa-engine", "kassa-incoming", "kassa-store", "kassa-wire"]),
    (
        "kassa-api",
        &[
            "kassa-domain",
            "kassa-engine",
            "kassa-http",
            "kassa-i18n",
            "kassa-openapi",
            "kassa-store",
            "kassa-wire",
        ],
    ),
    (
        "kassa-external",
        &[
            "kassa-domain",
            "kassa-engine",
            "kassa-http",
            "kassa-openapi",
            "kassa-outgoing",
            "kassa-store",
            "kassa-wire",
        ],
    ),
    (
        "kassa-klarna",
        &["kassa-domain", "kassa-engine", "kassa-http", "kassa-outgoing", "kassa-store", "kassa-wire"],
    ),
    ("kassa-images", &["kassa-outgoing"]),
    ("kassa-colors", &[]),
    ("kassa-qr", &[]),
    ("kassa-messages", &["kassa-colors", "kassa-engine", "kassa-i18n", "kassa-outgoing", "kassa-qr"]),
    (
        "kassa-sandbox",
        &["kassa-domain", "kassa-engine", "kassa-http", "kassa-openapi", "kassa-store", "kassa-wire"],
    ),
    (
        "kassa-page",
        &[
            "kassa-api",
            "kassa-colors",
            "kassa-domain",
            "kassa-engine",
            "kassa-http",
            "kassa-i18n",
            "kassa-images",
            "kassa-incoming",
            "kassa-qr",
            "kassa-wire",
        ],
    ),
    ("kassa-developer-page", &["kassa-engine", "kassa-wire"]),
    ("kassa-openapi", &["kassa-developer-page", "kassa-wire"]),
    ("kassa-openid", &["kassa-domain", "kassa-engine", "kassa-outgoing", "kassa-wire"]),
    (
        "kassa-lab",
        &[
            "kassa-api",
            "kassa-developer-page",
            "kassa-domain",
            "kassa-engine",
            "kassa-external",
            "kassa-http",
            "kassa-openapi",
            "kassa-outgoing",
            "kassa-store",
            "kassa-wire",
        ],
    ),
    (
        "kassa-console",
        &[
            "kassa-api",
            "kassa-colors",
            "kassa-developer-page",
            "kassa-domain",
            "kassa-engine",
            "kassa-http",
            "kassa-i18n",
            "kassa-openapi",
            "kassa-openid",
            "kassa-page",
            "kassa-store",
            "kassa-wire",
        ],
    ),
    (
        "kassa-demo",
        &[
            "kassa-developer-page",
            "kassa-domain",
            "kassa-engine",
            "kassa-i18n",
            "kassa-outgoing",
            "kassa-wire",
        ],
    ),
    (
        "kassa-server",
        &[
            "kassa-api",
            "kassa-console",
            "kassa-demo",
            "kassa-domain",
            "kassa-engine",
            "kassa-external",
            "kassa-http",
            "kassa-i18n",
            "kassa-images",
            "kassa-incoming",
            "kassa-klarna",
            "kassa-lab",
            "kassa-openapi",
            "kassa-openid",
            "kassa-outgoing",
            "kassa-page",
            "kassa-sandbox",
            "kassa-store",
            "kassa-wire",
        ],
    ),
    ("kassa-traces", &["kassa-engine", "kassa-outgoing"]),
    ("kassa-client", &["kassa-incoming", "kassa-outgoing", "kassa-sql", "kassa-wire"]),
    (
        "kassa",
        &[
            "kassa-client",
            "kassa-domain",
            "kassa-engine",
            "kassa-i18n",
            "kassa-messages",
            "kassa-outgoing",
            "kassa-sandbox",
            "kassa-server",
            "kassa-traces",
            "kassa-wire",
        ],
    ),
];

/// The only other crates that these crates may use, without tests.
const SMALL: [(&str, &[&str]); 3] = [
    ("kassa-domain", &["serde"]),
    ("kassa-i18n", &["fluent-bundle", "fluent-syntax", "thiserror", "unic-langid"]),
    (
        "kassa-incoming",
        &[
            "bytes",
            "futures-util",
            "http",
            "hyper",
            "hyper-util",
            "parking_lot",
            "rustix",
            "rustls",
            "socket2",
            "thiserror",
            "tokio",
            "tokio-rustls",
            "tokio-util",
            "tracing",
        ],
    ),
];

/// Crates that must not be used, tests included.
const NEVER: [(&str, &[&str]); 4] = [
    ("kassa-domain", &["tokio", "http"]),
    ("kassa-wire", &["tokio", "http"]),
    ("kassa-store", &["axum", "hyper", "hyper-util", "http", "askama", "tower"]),
    ("kassa-engine", &["axum", "askama", "hyper", "tower"]),
];

/// The crate that only tests and benchmarks may use.
const TESTKIT: &str = "kassa-testkit";

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
    let crates = crates();
    for ban in bans() {
        for (name, dependencies) in &crates {
            let used = dependencies.iter().filter(|(used, _)| *used == ban.name);
            for (_, how) in used {
                let is_wrapper = ban.wrappers.contains(name);
                assert!(is_wrapper, "{name} depends on {}, against deny.toml: {}", ban.name, ban.reason);
                let only_in_tests = ONLY_IN_TESTS.contains(&(name.as_str(), ban.name.as_str()));
                let is_in_place = !only_in_tests || *how == Use::Test;
                assert!(is_in_place, "{name} may use {} in tests only: {}", ban.name, ban.reason);
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
fn a_crate_of_the_workspace_uses_only_the_crates_that_it_may_use() {
    let crates = crates();
    assert_eq!(crates.keys().collect::<Vec<_>>(), BTreeMap::from(MAY_USE).keys().collect::<Vec<_>>());
    for (name, allowed) in MAY_USE {
        let used = crates[name].iter().filter(|(used, how)| *how == Use::Normal && crates.contains_key(used));
        for (used, _) in used {
            assert!(allowed.contains(&used.as_str()), "{name} depends on {used}");
        }
    }
}

#[test]
fn no_product_is_built_with_the_parts_of_the_tests() {
    let tree =
        cargo(&["tree", "--offline", "--workspace", "--edges", "normal", "--prefix", "none", "--no-dedupe"]);
    let users = tree.lines().filter(|line| line.starts_with(TESTKIT)).count();
    assert_eq!(users, 1, "the testkit itself, and nothing that depends on it");
}

#[test]
fn a_small_crate_stays_small() {
    let crates = crates();
    for (name, allowed) in SMALL {
        for (used, how) in &crates[name] {
            assert!(*how == Use::Test || allowed.contains(&used.as_str()), "{name} depends on {used}");
        }
    }
    for (name, never) in NEVER {
        for (used, _) in &crates[name] {
            assert!(!never.contains(&used.as_str()), "{name} depends on {used}");
        }
    }
}

#[test]
fn the_domain_does_not_use_the_standard_library() {
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
fn crates() -> BTreeMap<String, Vec<(String, Use)>> {
    let metadata = cargo(&["metadata", "--offline", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let crates = metadata["packages"].as_array().unwrap().iter().map(|package| {
        let name = package["name"].as_str().unwrap().to_string();
        (name, package["dependencies"].as_array().unwrap().iter().map(dependency).collect())
    });
    crates.collect()
}

/// A dependency by its name. Features for tests may use the testkit as an optional dependency.
fn dependency(dependency: &Value) -> (String, Use) {
    let name = dependency["name"].as_str().unwrap().to_string();
    let is_for_tests = dependency["kind"] == "dev" || (name == TESTKIT && dependency["optional"] == true);
    (name, if is_for_tests { Use::Test } else { Use::Normal })
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
