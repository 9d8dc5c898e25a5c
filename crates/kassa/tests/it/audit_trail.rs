//! The audit trail of real nodes: it is complete after a kill, commands verify and export it, and other languages can
//! verify it, too.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use kassa_store::simulation::Database;
use kassa_testkit::{NamedEngine, eventually, eventually_blocking};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Configuration, Merchant, run};
use crate::help::COMMANDS;
use crate::workspace::text;

const NODES: usize = 3;
const SESSIONS: usize = 6;

/// The commands that change accounts, each with its act. A new one must be listed here.
const COMMANDS_WITH_ACTS: [(&str, &str); 19] = [
    ("merchant add", "merchant_created"),
    ("merchant rename", "merchant_renamed"),
    ("merchant suspend", "merchant_suspended"),
    ("merchant resume", "merchant_resumed"),
    ("credential add", "credential_created"),
    ("credential revoke", "credential_revoked"),
    ("operator add", "operator_created"),
    ("operator set-role", "operator_role_changed"),
    ("operator reset-password", "operator_reset"),
    ("operator revoke", "operator_revoked"),
    ("operator restore", "operator_restored"),
    ("payment-account set", "payment_account_set"),
    ("payment-account remove", "payment_account_removed"),
    ("payment-account reencrypt", "payment_accounts_reencrypted"),
    ("encryption reencrypt", "payment_accounts_reencrypted"),
    ("consumer erase", "consumer_erased"),
    ("profile add", "profile_created"),
    ("profile replace", "profile_replaced"),
    ("profile remove", "profile_deleted"),
];

/// The commands on the database that change nothing.
const READING_COMMANDS: [&str; 10] = [
    "merchant list",
    "profile list",
    "profile show",
    "credential list",
    "operator list",
    "payment-account list",
    "audit verify",
    "audit export",
    "consumer show",
    "config check",
];

/// Runs a command. Returns its exit code and all that it printed.
fn said(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

/// Verifies the trail, once everything that is committed is in it.
fn verified(configuration: &Configuration) -> Value {
    eventually_blocking("a complete trail", || {
        let verified = configuration.ask(&["audit", "verify"]);
        if verified["waiting"] == 0 { Ok(verified) } else { Err(verified) }
    })
}

/// Exports the trail into a file. Returns it with the entries.
fn exported(configuration: &Configuration) -> (PathBuf, Vec<Value>) {
    let output = configuration.command(&["audit", "export"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let file = configuration.folder().join("trail.jsonl");
    std::fs::write(&file, &output.stdout).unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    (file, lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// Pays sessions at a node. It fails when the node is killed.
async fn pay(merchant: Merchant) {
    for _ in 0..SESSIONS {
        let session = merchant.page_session(&json!({}), &json!({})).await;
        for act in ["enter", "decline", "approve"] {
            merchant.act(&session, act).await.expect(200);
        }
    }
}

async fn databases(folder: &Path) -> Vec<(Database, String)> {
    let databases = Database::on_each_engine(folder).await.into_iter();
    let with_urls = databases.map(|database| {
        let url = match &database {
            Database::File(path) => path.to_str().unwrap().to_string(),
            Database::Postgres(url) => url.clone(),
        };
        (database, url)
    });
    with_urls.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_trail_of_many_nodes_is_complete_after_a_kill() {
    let folder = TempDir::new().unwrap();
    for (database, url) in databases(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let configuration = Configuration::with(&url, "");
        let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
        let mut nodes: Vec<_> = (0..NODES).map(|_| configuration.node()).collect();
        let merchant = nodes[1].merchant(&account);
        let mut paying: Vec<_> =
            nodes.iter().map(|node| tokio::spawn(pay(node.merchant(&account)))).collect();
        let has_status_changes = async || {
            let feed = merchant.get("/kassa/v1/events?limit=100").await.json;
            feed["events"].as_array().is_some_and(|events| events.len() > SESSIONS)
        };
        eventually("some status changes", has_status_changes).await;
        // A dropped node is killed as with `kill -9`.
        drop(nodes.remove(0));
        let of_killed_node = paying.remove(0);
        for of_node in paying {
            of_node.await.unwrap();
        }
        // Its calls were cut off, or it had ended before.
        drop(of_killed_node.await);
        assert_is_complete(&configuration, &merchant).await;
        assert_is_broken_by_a_change(&configuration, &database).await;
    }
}

/// Each event of the feed is in the trail exactly once.
async fn assert_is_complete(configuration: &Configuration, merchant: &Merchant) {
    let verified = tokio::task::block_in_place(|| verified(configuration));
    let feed = merchant.get("/kassa/v1/events?limit=1000").await.json;
    let text = |value: &Value| value.as_str().unwrap().to_string();
    let events = feed["events"].as_array().unwrap().iter().map(|event| text(&event["event_id"]));
    let (file, entries) = exported(configuration);
    let changes = entries.iter().filter(|entry| entry["content"]["kind"] == "status_change");
    let in_trail: Vec<String> = changes.map(|entry| text(&entry["content"]["event_id"])).collect();
    assert_eq!(in_trail, events.collect::<Vec<_>>());
    assert!(in_trail.len() >= (NODES - 1) * SESSIONS * 3, "{}", in_trail.len());
    assert_eq!(verified["entries"], entries.len());
    assert_file_is_verified(&file, &verified["heads"]);
}

/// The command and the documented Python verify a file without a database.
fn assert_file_is_verified(file: &Path, heads: &Value) {
    let name = file.to_str().unwrap();
    let output = run(&["audit", "verify", name, "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let verified: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(verified["heads"], *heads);
    let (code, heads_of_python) = python(file);
    assert_eq!(code, Some(0), "{heads_of_python}");
    for head in heads.as_array().unwrap() {
        let hash = head.as_str().unwrap().rsplit(':').next().unwrap();
        assert!(heads_of_python.contains(hash), "{heads_of_python}");
    }
    let changed = file.with_extension("changed");
    let lines = std::fs::read_to_string(file).unwrap().replacen("FAILED", "COMPLETED", 1);
    std::fs::write(&changed, lines).unwrap();
    assert_eq!(python(&changed).0, Some(1));
    assert_eq!(run(&["audit", "verify", changed.to_str().unwrap()]).status.code(), Some(1));
}

/// Runs the script of docs/audit.md.
fn python(file: &Path) -> (Option<i32>, String) {
    let document = text("docs/audit.md");
    let script = document.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    said(Command::new("python3").args(["-c", script]).arg(file))
}

async fn assert_is_broken_by_a_change(configuration: &Configuration, database: &Database) {
    let heads = configuration.ask(&["audit", "verify"])["heads"].clone();
    let noted = heads[0].as_str().unwrap();
    assert_eq!(said(&mut configuration.command(&["audit", "verify", "--head", noted])).0, Some(0));
    let other = format!("{}{}", &noted[..noted.len() - 1], if noted.ends_with('0') { "1" } else { "0" });
    let (code, text) = said(&mut configuration.command(&["audit", "verify", "--head", &other]));
    assert_eq!((code, text.contains("the chain was written again")), (Some(1), true), "{text}");
    let (code, text) = said(&mut configuration.command(&["audit", "verify", "--head", "system"]));
    assert_eq!((code, text.contains("CHAIN:POSITION:HASH")), (Some(2), true), "{text}");
    let change =
        "update status_event set status = 'COMPLETED' where status = 'FAILED' and sequence = 2 and position =
         (select min(position) from status_event where status = 'FAILED')";
    database.tamper(change).await;
    let (code, text) = said(&mut configuration.command(&["audit", "verify"]));
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("its status is COMPLETED in the table status_event, but FAILED in the trail"),
        "{text}"
    );
}

#[test]
fn each_command_on_the_database_is_listed_with_its_act() {
    let named = |words: &[String]| words.join(" ");
    let on_database = COMMANDS.iter().filter(|(words, help)| {
        words.len() == 2
            && help.text.contains("--config <FILE>")
            && !["payment-system", "track"].contains(&words[0].as_str())
    });
    let found: BTreeSet<String> = on_database.map(|(words, _)| named(words)).collect();
    let listed = COMMANDS_WITH_ACTS.iter().map(|(command, _)| *command).chain(READING_COMMANDS);
    assert_eq!(found, listed.map(str::to_string).collect());
}

#[test]
fn each_act_of_a_command_has_its_entry_with_host_and_user() {
    let configuration = Configuration::with("FOLDER/kassa.db", "drain_s = 0");
    let keys = configuration.folder().join("account-keys");
    let password = configuration.folder().join("password");
    std::fs::write(&keys, run(&["encryption", "new-key"]).stdout).unwrap();
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&password, "klarna_live_api_0123456789").unwrap();
    let configuration = configuration.overriding("KASSA_ACCOUNT_KEY_FILE", keys.to_str().unwrap());
    configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    configuration.ask(&["merchant", "rename", "PK1", "Boot Shop"]);
    configuration.ask(&["merchant", "suspend", "PK1"]);
    let listed = configuration.ask(&["merchant", "list"]);
    let merchant = &listed["merchants"][0];
    assert!(merchant["name"] == "Boot Shop" && merchant["suspended_at"].is_string(), "{listed}");
    configuration.ask(&["merchant", "resume", "PK1"]);
    let profile = configuration.folder().join("profile.json");
    std::fs::write(&profile, r#"{"name": "Web shop"}"#).unwrap();
    let of_file = ["--file", profile.to_str().unwrap()];
    let made = configuration.ask(&[&["profile", "add", "PK1"], &of_file[..]].concat());
    let of_profile = ["PK1", made["profile_id"].as_str().unwrap()];
    configuration.ask(&[&["profile", "replace"], &of_profile[..], &of_file[..]].concat());
    configuration.ask(&[&["profile", "remove"], &of_profile[..]].concat());
    let made = configuration.ask(&["credential", "add", "PK1"]);
    configuration.ask(&["credential", "revoke", made["username"].as_str().unwrap()]);
    configuration.ask(&["operator", "add", "root"]);
    configuration.ask(&["operator", "set-role", "root", "support"]);
    configuration.ask(&["operator", "reset-password", "root"]);
    configuration.ask(&["operator", "revoke", "root"]);
    configuration.ask(&["operator", "restore", "root"]);
    let account = ["PK1", "--base-url", "https://api.klarna.com"];
    let of_password = ["--username", "PK1_user", "--password-file", password.to_str().unwrap()];
    configuration.ask(&[&["payment-account", "set"], &account[..], &of_password].concat());
    configuration.ask(&["encryption", "reencrypt"]);
    configuration.ask(&["consumer", "erase", "--email", "ada@example.se"]);
    configuration.ask(&[&["payment-account", "remove"], &account[..]].concat());
    let mut node = configuration.node();
    verified(&configuration);
    node.signal("TERM");
    assert_eq!(node.ended(), Some(0));
    let (_, entries) = exported(&configuration);
    let acts: BTreeSet<&str> = entries.iter().filter_map(|entry| entry["content"]["act"].as_str()).collect();
    assert_eq!(acts, COMMANDS_WITH_ACTS.iter().map(|(_, act)| *act).collect());
    for entry in &entries {
        let origin = &entry["content"]["origin"];
        assert_eq!((&entry["chain"], &origin["kind"]), (&json!("system"), &json!("command_line")));
        assert!(["host", "user"].iter().all(|name| !origin[*name].as_str().unwrap().is_empty()), "{origin}");
    }
}
