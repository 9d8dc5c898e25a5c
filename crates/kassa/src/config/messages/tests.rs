//! The settings of messages: what is read, and what is refused with its name and the reason.

use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::*;
use crate::config::reading::read;

const NODE: &str = r#"
    public_url = "https://pay.example"
    database = "/var/lib/kassa/kassa.db"
    payment_system = "sandbox"
"#;

const EMAIL: &str = r#"
    [messages.email]
    host = "mail.example"
    from = "pay@shop.example"
"#;

const SMS: &str = r#"
    [messages.sms]
    gateway = "http"
    url = "https://sms.example/send"
    from = "SHOP"
    format = "json"
    body = '{"to": "{to}", "text": "{text}"}'
"#;

fn config(table: &str) -> Config {
    read(&format!("{NODE}{table}")).unwrap()
}

fn refusal(table: &str) -> String {
    let read = read(&format!("{NODE}{table}"));
    let refused = match read {
        Ok(config) => config.messengers().map(drop).unwrap_err(),
        Err(reason) => return reason,
    };
    match refused {
        Failure::Usage(said) => said,
        Failure::Fault(_) | Failure::ClosedPipe => panic!("a wrong setting is wrong usage"),
    }
}

fn unsafe_names(config: &Config) -> Vec<&'static str> {
    config.problems().into_iter().map(|problem| problem.name).collect()
}

#[test]
fn the_port_follows_from_the_encryption() {
    let port = |more: &str| config(&format!("{EMAIL}{more}")).messages.email.unwrap().port();
    assert_eq!(port(""), 587);
    assert_eq!(port("encryption = \"tls\""), 465);
    assert_eq!(port("encryption = \"none\""), 25);
    assert_eq!(port("port = 2525"), 2525);
}

#[test]
fn a_node_sends_what_is_configured() {
    let messengers = |tables: &str| config(tables).messengers().ok().unwrap();
    let both = messengers(&format!("{EMAIL}{SMS}"));
    assert!(both.email.is_some() && both.sms.is_some());
    let none = messengers("");
    assert!(none.email.is_none() && none.sms.is_none());
    let shown = config(&format!("{EMAIL}{SMS}")).messages.to_string();
    assert!(
        shown.contains("pay@shop.example through mail.example:587") && shown.contains("sms.example"),
        "{shown}"
    );
}

#[test]
fn wrong_settings_are_named() {
    let with = |more: &str| refusal(&format!("{EMAIL}{more}"));
    assert!(with("username = \"u\"").contains("messages.email.password_file: missing"));
    assert!(with("password_file = \"/p\"").contains("messages.email.username: missing"));
    assert!(with("username = \"u\"\npassword_file = \"/nowhere\"").contains("/nowhere"));
    assert!(with("authority_file = \"/nowhere\"").contains("messages.email.authority_file: /nowhere"));
    assert!(with("encryption = \"ssl\"").contains("starttls"), "{}", with("encryption = \"ssl\""));
    let no_address = EMAIL.replace("pay@shop.example", "Shop");
    assert!(refusal(&no_address).contains("the sender Shop is not an e-mail address"));
    let no_text = SMS.replace("{text}", "");
    assert!(refusal(&no_text).contains("messages.sms.body: expected a text that contains {to} and {text}"));
    let no_gateway = SMS.replace("\"http\"", "\"pigeon\"");
    assert!(refusal(&no_gateway).contains("twilio"), "{}", refusal(&no_gateway));
}

#[test]
fn secrets_are_read_from_files_that_only_their_owner_reads() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("password");
    let table = format!("{EMAIL}username = \"kassa\"\npassword_file = \"{}\"\n", path.display());
    for (text, is_good) in [("a secret\n", true), ("", false), ("one\ntwo\n", false)] {
        std::fs::write(&path, text).unwrap();
        assert_eq!(config(&table).messengers().is_ok(), is_good, "{text:?}");
    }
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    assert!(unsafe_names(&config(&table)).contains(&"readable-message-secret"));
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    assert!(!unsafe_names(&config(&table)).contains(&"readable-message-secret"));
}

#[test]
fn messages_that_cross_the_network_readable_are_unsafe() {
    let elsewhere = format!("{EMAIL}encryption = \"none\"");
    assert!(unsafe_names(&config(&elsewhere)).contains(&"email-in-clear"));
    let here = elsewhere.replace("mail.example", "127.0.0.1");
    assert!(!unsafe_names(&config(&here)).contains(&"email-in-clear"));
    let plain = SMS.replace("https://sms", "http://sms");
    assert!(unsafe_names(&config(&plain)).contains(&"sms-in-clear"));
    assert!(!unsafe_names(&config(SMS)).contains(&"sms-in-clear"));
}
