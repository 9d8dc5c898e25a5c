//! The settings of the sign-in with OpenID Connect: what is read, and what is refused with its name and the reason.

use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::*;
use crate::config::reading::{check_refused, read};

const NODE: &str = r#"
    public_url = "https://pay.example"
    database = "/var/lib/kassa/kassa.db"
    payment_system = "sandbox"
"#;

const TABLE: &str = r#"
    [console_openid]
    issuer = "https://login.example/realms/acme"
    client_id = "kassa"
    client_secret_file = "/etc/kassa/openid-secret"
    roles = { admin = ["kassa-admins"], read_only = ["staff"] }
"#;

/// The same configuration, with the secret in a file.
fn with_secret(folder: &TempDir, text: &str, more: &str) -> Result<Config, String> {
    let path = folder.path().join("openid-secret");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    let table = TABLE.replace("/etc/kassa/openid-secret", &path.display().to_string());
    read(&format!("{NODE}{table}{more}"))?.with_openid_secret().map_err(|failure| match failure {
        Failure::Usage(said) => said,
        Failure::Fault(_) | Failure::ClosedPipe => panic!("a wrong file is wrong usage"),
    })
}

#[test]
fn the_sign_in_has_defaults_and_calls_only_the_hosts_that_it_needs() {
    let folder = TempDir::new().unwrap();
    let config = with_secret(&folder, "a secret\n".replace(' ', "-").as_str(), "").unwrap();
    let (settings, policy) = config.openid().unwrap();
    assert_eq!((settings.name_claim.as_str(), settings.role_claim.as_str()), ("email", "groups"));
    assert_eq!((settings.provider_name.as_str(), settings.allows_passwords), ("login.example", true));
    assert_eq!(settings.scopes, ["email", "profile"]);
    assert_eq!(settings.groups.admin, ["kassa-admins"]);
    assert_eq!(settings.client_secret, OpenIdSecret::new("a-secret"));
    assert!(!policy.allows_http && policy.addresses.allowed_hosts.is_empty());
    assert!(policy.addresses.allowed_networks.is_empty());
    assert!(!format!("{config:?}{settings:?}").contains("a-secret"));
    let shown = config.console_openid.unwrap().to_string();
    assert!(shown.contains("with login.example (https://login.example/realms/acme)"), "{shown}");
    let private = with_secret(
        &folder,
        "s",
        "allowed_hosts = [\"login.internal\", \"10.0.0.7\", \"[::1]\"]\npasswords = false\nname = \"Acme\"\n\
         scopes = [\"openid\", \"groups\"]",
    );
    let (settings, policy) = private.unwrap().openid().unwrap();
    assert_eq!(
        (policy.addresses.allowed_hosts[0].as_str(), &settings.scopes[..]),
        ("login.internal", &["groups".to_string()][..])
    );
    let networks: Vec<_> = policy.addresses.allowed_networks.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["10.0.0.7/32", "::1/128"], "an address is allowed as a host, too");
    assert_eq!((settings.provider_name.as_str(), settings.allows_passwords), ("Acme", false));
}

#[test]
fn what_nobody_could_use_is_refused_in_words() {
    check_refused(
        &format!("console = false\n{NODE}{TABLE}"),
        "console_openid has no effect with console = false",
    );
    let without_roles = TABLE.replace("{ admin = [\"kassa-admins\"], read_only = [\"staff\"] }", "{}");
    check_refused(&format!("{NODE}{without_roles}"), "no group has a role, so nobody could sign in");
    check_refused(&format!("{NODE}{}", TABLE.replace("\"staff\"", "\" \"")), "a group has no name");
    check_refused(&format!("{NODE}{}", TABLE.replace("read_only", "root")), "root");
    check_refused(&format!("{NODE}{}", TABLE.replace("client_id = \"kassa\"", "")), "client_id");
    check_refused(&format!("{NODE}{}", TABLE.replace("\"kassa\"", "\"two words\"")), "without blanks");
    check_refused(&format!("{NODE}{TABLE}scopes = [\"email profile\"]"), "expected scopes without blanks");
    check_refused(&format!("{NODE}{TABLE}name = \"\""), "1 to 50 characters");
    for host in ["https://login.internal", "login.internal:8443", "10.0.0.0/8", ""] {
        let table = format!("{NODE}{TABLE}allowed_hosts = [\"{host}\"]");
        check_refused(&table, "expected hosts without scheme, port and path");
    }
    for (wrong, expected) in [
        ("http://login.example", "expected an https URL"),
        ("https://a:b@login.example", "expected an https URL"),
        ("https://login.example/?a", "expected an https URL"),
        ("login.example", "expected an https URL"),
        (
            "https://login.example/.well-known/openid-configuration",
            "leave out the part that begins with /.well-known",
        ),
    ] {
        check_refused(
            &format!("{NODE}{}", TABLE.replace("https://login.example/realms/acme", wrong)),
            expected,
        );
    }
    let local = TABLE.replace("https://login.example", "http://127.0.0.1:9000");
    assert!(read(&format!("{NODE}{local}")).is_ok(), "the provider may be on this machine");
}

#[test]
fn a_secret_that_cannot_be_used_is_named_and_not_shown() {
    let folder = TempDir::new().unwrap();
    for (text, expected) in [("", "it is empty"), ("\n", "it is empty"), ("two words", "expected one secret")]
    {
        let said = with_secret(&folder, text, "").unwrap_err();
        assert!(said.starts_with("console_openid.client_secret_file: ") && said.contains(expected), "{said}");
        assert!(!said.contains("two words"), "{said}");
    }
    let missing = read(&format!("{NODE}{TABLE}")).unwrap().with_openid_secret();
    assert!(matches!(missing, Err(Failure::Usage(said)) if said.contains("write the client secret")));
}

#[test]
fn a_secret_that_others_can_read_is_a_problem() {
    let folder = TempDir::new().unwrap();
    let config = with_secret(&folder, "s", "").unwrap();
    let names = |config: &Config| config.problems().iter().map(|one| one.name).collect::<Vec<_>>();
    assert!(!names(&config).contains(&"readable-openid-secret"));
    let path = folder.path().join("openid-secret");
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o644)).unwrap();
    assert!(names(&config).contains(&"readable-openid-secret"));
}
