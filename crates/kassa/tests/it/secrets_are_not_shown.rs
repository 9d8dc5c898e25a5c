//! Errors about settings name the place and the reason, and do not show the value, which may be a secret.

use std::process::Output;

use tempfile::TempDir;

use crate::harness::kassa;

/// Runs a command with this text as its settings. Returns its output.
fn said(command: &[&str], settings: &str) -> (Option<i32>, String) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, settings).unwrap();
    // A file that the settings name by a relative path is created there.
    let mut kassa = kassa();
    kassa.current_dir(folder.path()).args(command).arg("--config").arg(&file);
    let Output { status, stdout, stderr } = kassa.output().unwrap();
    (status.code(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

const NODE: &str = "public_url = \"https://pay.example\"\npayment_system = \"sandbox\"\n";
const TRACKER: &str = "service = \"http://127.0.0.1:1\"\nusername = \"u\"\n";

#[test]
fn a_configuration_that_cannot_be_read_is_not_shown() {
    for (line, key) in [
        ("database = \"postgres://kassa:s3cr3t@host/kassa\" ?", "line 3"),
        ("database = \"postgres://kassa:s3cr3t@host/kassa", "line 3"),
        ("database = [\"postgres://kassa:s3cr3t@host/kassa\"]", "line 3: database"),
        ("database = \"Postgres://kassa:s3cr3t@host/kassa\"", "line 3: database"),
        ("database = \"a\"\npublic_url = \"https://kassa:s3cr3t@pay.example\"", "line 4"),
        ("database = \"a\"\ntrusted_proxies = [\"postgres://kassa:s3cr3t@host\"]", "line 4: trusted_proxies"),
    ] {
        for command in [&["serve"][..], &["config", "check"], &["merchant", "list"]] {
            let (code, said) = said(command, &format!("{NODE}{line}\n"));
            assert_eq!(code, Some(2), "{said}");
            assert!(said.contains(key) && !said.contains("s3cr3t"), "{said}");
        }
    }
}

#[test]
fn a_public_url_with_a_password_is_refused_and_not_shown() {
    let (code, said) = said(
        &["config", "check"],
        "public_url = \"https://a:s3cr3t@pay.example\"\npayment_system = \"sandbox\"\ndatabase = \"a\"\n",
    );
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("public_url") && !said.contains("s3cr3t"), "{said}");
}

#[test]
fn the_settings_of_a_tracker_are_not_shown() {
    let password = "password = \"s3cr3t\"\nstate = \"tracker.db\"\n";
    for (lines, key) in [
        ("password = \"s3cr3t\" s3cr3t".to_string(), "line 3"),
        ("password = [\"s3cr3t\"]".to_string(), "line 3: password"),
        (format!("{password}callback_secrets = \"whsec_s3cr3t\""), "line 5: callback_secrets"),
        (format!("{password}[sink]\nsecrets = \"whsec_s3cr3t\""), "line 6: sink.secrets"),
        (format!("{password}[sink]\ntable = \"Postgres://shop:s3cr3t@db/shop\""), "line 6: sink.table"),
        ("password = \"s3cr3t\"\nstate = \"postgres:/shop:s3cr3t@db/shop\"".to_string(), "line 4: state"),
    ] {
        let (code, said) = said(&["track"], &format!("{TRACKER}{lines}\n"));
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(key) && !said.contains("s3cr3t"), "{said}");
    }
    for (lines, key) in [
        ("callbacks = \"127.0.0.1:0\"\ncallback_secrets = [\"whsec_s3cr3t!\"]", "a secret is not base64"),
        (
            "[sink]\nurl = \"127.0.0.1:1\"\nsecrets = [\"whsec_s3cr3t!\"]",
            "sink: secrets: a secret is not base64",
        ),
        ("[sink]\nurl = \"ftp://s3cr3t@host\"", "sink: url: expected an http"),
        ("proxy = \"https://u:s3cr3t@proxy\"", "proxy: expected the URL of an HTTP or SOCKS proxy"),
    ] {
        let (code, said) = said(&["track"], &format!("{TRACKER}{password}{lines}\n"));
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(key) && !said.contains("s3cr3t"), "{said}");
    }
    let service =
        "service = \"ftp://u:s3cr3t@host\"\nusername = \"u\"\npassword = \"p\"\nstate = \"tracker.db\"\n";
    let (code, said) = said(&["track"], service);
    assert!(code == Some(2) && said.contains("service") && !said.contains("s3cr3t"), "{said}");
}

#[test]
fn records_from_a_mistyped_url_do_not_show_it() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("tracker.db");
    let settings = format!("{TRACKER}password = \"p\"\nstate = \"{}\"\n", state.display());
    for from in ["Postgres://shop:s3cr3t@db/shop", "jdbc:postgresql://db/shop?password=s3cr3t"] {
        for query in [&[][..], &["--query", "select 1"]] {
            let (code, said) = said(&[&["track", "reconcile", "--from", from], query].concat(), &settings);
            assert!(code == Some(2) && said.contains("--from") && !said.contains("s3cr3t"), "{said}");
        }
    }
}

#[test]
fn the_help_and_the_errors_of_commands_do_not_show_variables_and_urls() {
    for help in [&["session", "list", "--help"][..], &["listen", "--help"], &["lab", "run", "--help"]] {
        let mut command = kassa();
        for variable in ["KASSA_URL", "KASSA_PASSWORD", "KASSA_CALLBACK_SECRET", "KASSA_URL_SECRET"] {
            command.env(variable, "http://kassa:s3cr3t@127.0.0.1:1");
        }
        let output = command.args(help).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && !said.contains("s3cr3t"), "{said}");
    }
    let output =
        kassa().args(["session", "list", "--url", "http://kassa:s3cr3t@127.0.0.1:1"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("http://127.0.0.1:1 was not called") && !said.contains("s3cr3t"), "{said}");
}
