//! `kassa session create`, `kassa act`, `kassa open` and `kassa dev --env-file`: a purchase from a shell, without JSON.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use kassa_testkit::eventually;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Configuration, Dev, Signal, kassa};

/// A shell in which `kassa` calls this Kassa with its credential.
struct Shell<'a> {
    dev: &'a Dev,
}

/// The end of a command: exit code, standard output, standard error.
type Said = (Option<i32>, String, String);

impl Shell<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = quiet();
        command.args(arguments).env("KASSA_URL", self.dev.url());
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        said(self.command(arguments))
    }

    /// Runs a command that succeeds, and returns its output.
    fn printed(&self, arguments: &[&str]) -> String {
        let (code, printed, complaint) = self.run(arguments);
        assert_eq!((code, complaint.as_str()), (Some(0), ""), "{arguments:?}: {printed}");
        printed
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let printed = self.printed(&[arguments, &["--json"]].concat());
        assert_eq!(printed.lines().count(), 1, "{printed}");
        serde_json::from_str(&printed).unwrap()
    }

    /// Runs a command that fails with this exit code, and returns its complaint.
    fn refused(&self, arguments: &[&str], code: i32) -> String {
        let (found, printed, complaint) = self.run(arguments);
        assert_eq!((found, printed.as_str()), (Some(code), ""), "{arguments:?}: {complaint}");
        complaint
    }
}

/// The command, without a display and without settings of the machine's user.
fn quiet() -> Command {
    let mut command = kassa();
    let displays = ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"];
    for variable in displays.into_iter().chain(["KASSA_URL", "KASSA_USERNAME", "KASSA_PASSWORD"]) {
        command.env_remove(variable);
    }
    command
}

fn said(mut command: Command) -> Said {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn a_created_session_is_entered_and_paid() {
    let dev = Dev::start();
    let shell = Shell { dev: &dev };
    let printed = shell.printed(&["session", "create"]);
    let words: Vec<Vec<&str>> = printed.lines().map(|line| line.split_whitespace().collect()).collect();
    let [["Page", "session", id], ["Payment", "page", link]] = [&words[0][..], &words[1][..]] else {
        panic!("{printed}")
    };
    let page = dev.merchant().browse(link.strip_prefix(dev.url()).unwrap(), None).await.unwrap().expect(200);
    assert!(page.text.contains("100,00"), "{}", page.text);
    assert_eq!(shell.printed(&["act", id, "enter"]), format!("page session {id} is IN_PROGRESS\n"));
    let paid = shell.json(&["act", "last", "approve", "--category", "pay_later"]);
    assert_eq!((&paid["session_id"], &paid["status"]), (&json!(id), &json!("COMPLETED")));
    assert!(paid["authorization_token"].is_string(), "{paid}");
}

#[tokio::test]
async fn the_options_of_a_session_reach_the_wire() {
    let dev = Dev::start();
    let shell = Shell { dev: &dev };
    let created = shell.json(&[
        "session",
        "create",
        "--item",
        "Mug=49.00x2",
        "--item",
        "Tea=7.5",
        "--country",
        "de",
        "--place-order",
        "--channel",
        "in-store",
        "--success",
        "https://shop.example/{{session_id}}",
        "--status-update",
        "http://127.0.0.1:1/callbacks",
    ]);
    let payment = created["payment_session"]["session_id"].as_str().unwrap();
    let payment = dev.merchant().get(&format!("/payments/v1/sessions/{payment}")).await.expect(200).json;
    let expected = json!({
        "purchase_country": "DE", "purchase_currency": "EUR", "locale": "de-DE", "order_amount": 10550,
        "acquiring_channel": "IN_STORE",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&payment[name], value, "{name}");
    }
    let line = &payment["order_lines"][0];
    assert_eq!(
        (&line["name"], &line["quantity"], &line["unit_price"]),
        (&json!("Mug"), &json!(2), &json!(4900))
    );
    let id = created["session_id"].as_str().unwrap();
    shell.printed(&["act", id, "enter"]);
    let paid = shell.json(&["act", id, "approve"]);
    assert!(paid["order_id"].is_string(), "the page places the order: {paid}");
    let history = dev.merchant().get(&format!("/kassa/v1/sessions/{id}/events")).await.expect(200).text;
    assert!(history.contains("http://127.0.0.1:1/callbacks"), "{history}");
}

#[tokio::test]
async fn amounts_have_the_decimals_of_their_currency() {
    let dev = Dev::start();
    let shell = Shell { dev: &dev };
    let (kuwait, japan) =
        (["--country", "KW", "--currency", "KWD"], ["--country", "JP", "--currency", "jpy"]);
    for (amount, market, minor_units) in [("1.234", kuwait, 1_234), ("100.00", japan, 100)] {
        let created = shell.json(&[&["session", "create", "--amount", amount], &market[..]].concat());
        let payment = created["payment_session"]["session_id"].as_str().unwrap();
        let payment = dev.merchant().get(&format!("/payments/v1/sessions/{payment}")).await.expect(200);
        assert_eq!(payment.json["order_amount"], minor_units, "{market:?}: {}", payment.text);
    }
    let complaint = shell.refused(&["session", "create", "--amount", "0.5", "--currency", "jpy"], 2);
    assert_eq!(
        complaint,
        "kassa: --amount: 0.5 has too many decimals: JPY has no decimals, so give a whole number\n"
    );
    let complaint = shell.refused(&["session", "create", "--country", "JP"], 2);
    assert!(complaint.contains("--country JP: Kassa does not know its currency. Give it with --currency"));
    for (arguments, reason) in [
        (["--amount", "1,50"], "expected a decimal number with a point"),
        (["--item", "Mug"], "expected NAME=PRICE or NAME=PRICExQUANTITY"),
        (["--channel", "shop"], "[possible values: ecommerce, in-store, telesales]"),
    ] {
        let complaint = shell.refused(&[&["session", "create"], &arguments[..]].concat(), 2);
        assert!(complaint.contains(reason), "{complaint}");
    }
    let complaint = shell.refused(&["session", "create", "--status-update", "shop"], 1);
    assert!(complaint.contains("Bad value: merchant_urls.status_update"), "{complaint}");
}

#[test]
fn a_refused_action_says_why_and_what_to_do() {
    let dev = Dev::start();
    let shell = Shell { dev: &dev };
    let complaint = shell.refused(&["act", "last", "enter"], 1);
    assert!(complaint.contains("PK00000_dev has no page sessions. Create one: kassa session create"));
    let id = shell.json(&["session", "create"])["session_id"].as_str().unwrap().to_string();
    let complaint = shell.refused(&["act", "last", "approve"], 1);
    assert_eq!(
        complaint,
        format!(
            "kassa: The consumer cannot approve while the session is WAITING (CONFLICT). The consumer has to open the \
             page first: kassa act {id} enter\n"
        )
    );
    let complaint = shell.refused(&["act", "none", "enter"], 1);
    assert!(complaint.contains("no page session none, or it has expired. List them: kassa session list"));
    shell.printed(&["act", "last", "enter"]);
    let complaint = shell.refused(&["act", "last", "decline", "--category", "cash"], 1);
    assert!(
        complaint.contains(
            "The page does not show cash; expected one of pay_later, pay_over_time, pay_now (BAD_VALUE)"
        ),
        "{complaint}"
    );
    let complaint = shell.refused(&["act", "last", "back", "--category", "pay_later"], 2);
    assert!(complaint.contains("expected one of approve, decline, error"), "{complaint}");
    let complaint = shell.refused(&["act", "last", "pay"], 2);
    assert!(complaint.contains("enter, approve, decline, error, back, cancel"), "{complaint}");
    assert!(shell.printed(&["act", "last", "decline", "--reason", "too much"]).ends_with("FAILED\n"));
    assert!(shell.printed(&["act", "last", "error"]).ends_with("ERROR\n"));
    shell.printed(&["session", "create", "--channel", "in-store"]);
    shell.printed(&["act", "last", "enter"]);
    assert!(shell.printed(&["act", "last", "cancel"]).ends_with("CANCELLED\n"));
    let complaint = shell.refused(&["act", "last", "back"], 1);
    assert!(complaint.contains("This status is final. Create another page session"), "{complaint}");
}

#[tokio::test]
async fn the_page_opens_in_the_browser_or_its_link_is_printed() {
    let dev = Dev::start();
    let shell = Shell { dev: &dev };
    assert_eq!(shell.printed(&["open"]), format!("{}/\n", dev.url()), "there is no display");
    let link = shell.json(&["session", "create"])["redirect_url"].as_str().unwrap().to_string();
    assert_eq!(shell.json(&["open", "last"]), json!({"url": link, "opened": false}));

    let folder = TempDir::new().unwrap();
    let (browser, opened) = (folder.path().join("browser"), folder.path().join("opened"));
    let script = format!("#!/bin/sh\nprintf %s \"$1\" >{0}.new && mv {0}.new {0}\n", opened.display());
    std::fs::write(&browser, script).unwrap();
    std::fs::set_permissions(&browser, PermissionsExt::from_mode(0o755)).unwrap();
    let with_browser = |arguments: &[&str], browser: &Path| {
        let mut command = shell.command(arguments);
        command.env("BROWSER", browser);
        said(command)
    };
    let printed = with_browser(&["open", "last", "--print"], &browser);
    assert_eq!(printed, (Some(0), format!("{link}\n"), String::new()));
    assert!(!opened.exists(), "--print opens no browser");
    let printed = with_browser(&["open", "last"], &browser);
    assert_eq!(printed, (Some(0), format!("Opened {link}\n"), String::new()));
    eventually("the browser", async || {
        std::fs::read_to_string(&opened).map_err(|error| error.to_string()).is_ok_and(|url| url == link)
    })
    .await;
}

#[test]
fn without_a_browser_the_complaint_has_the_link() {
    let dev = Dev::start();
    let shell = Shell { dev: &dev };
    let folder = TempDir::new().unwrap();
    let mut command = shell.command(&["open"]);
    command.env("BROWSER", folder.path().join("absent")).env("PATH", folder.path());
    let (code, printed, complaint) = said(command);
    assert_eq!((code, printed.as_str()), (Some(1), ""), "{complaint}");
    assert!(complaint.contains(&format!("Open this link yourself: {}/\n", dev.url())), "{complaint}");
}

#[test]
fn without_a_kassa_or_with_a_wrong_password_every_command_says_so() {
    let dev = Dev::start();
    let shell = Shell { dev: &dev };
    for arguments in [&["session", "create"][..], &["act", "last", "enter"], &["open", "last"], &["open"]] {
        let absent = [arguments, &["--url", "http://127.0.0.1:1"]].concat();
        let complaint = shell.refused(&absent, 1);
        assert!(
            complaint.contains("No Kassa answers at http://127.0.0.1:1. Start one: kassa dev"),
            "{complaint}"
        );
        if arguments != ["open"] {
            let wrong = [arguments, &["--username", "PK1", "--password", "s3cr3t"]].concat();
            let complaint = shell.refused(&wrong, 1);
            assert!(complaint.contains("refuses the credential PK1 (from --username)"), "{complaint}");
            assert!(!complaint.contains("s3cr3t"), "{complaint}");
        }
    }
}

#[tokio::test]
async fn a_node_without_the_lab_says_that_the_lab_is_off() {
    let configuration = Configuration::with("FOLDER/kassa.db", "").overriding("KASSA_LAB", "false");
    let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let node = configuration.node();
    let with_credential = |arguments: &[&str]| {
        let mut command = quiet();
        command.args(arguments).env("KASSA_URL", &node.url);
        command.env("KASSA_USERNAME", account["username"].as_str().unwrap());
        said({
            command.env("KASSA_PASSWORD", account["password"].as_str().unwrap());
            command
        })
    };
    assert_eq!(with_credential(&["session", "create"]).0, Some(0));
    for arguments in [["act", "last", "enter"].as_slice(), &["open", "last"]] {
        let (code, _, complaint) = with_credential(arguments);
        assert_eq!(code, Some(1));
        assert!(complaint.contains("the lab of this Kassa is off"), "{complaint}");
    }
    let (code, _, complaint) = with_credential(&["open"]);
    assert!(code == Some(1) && complaint.contains("it is not kassa dev"), "{complaint}");
}

#[test]
fn bash_plays_a_purchase_with_the_settings_of_the_env_file() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("kassa.env");
    let dev = Dev::launch(kassa(), &["--env-file", file.to_str().unwrap()]);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let lines = std::fs::read_to_string(&file).unwrap();
    let secret = dev.announced["callback_secret"].as_str().unwrap();
    assert_eq!(
        lines,
        format!(
            "# Written by kassa dev\nKASSA_URL={}\nKASSA_USERNAME=PK00000_dev\nKASSA_PASSWORD=dev\n\
             KASSA_CALLBACK_SECRET={secret}\n",
            dev.url()
        )
    );
    let script = "set -eu; set -a; . \"$1\"; set +a\n\
        \"$0\" session create --amount 100.00\n\
        \"$0\" act last enter\n\
        \"$0\" act last approve\n\
        \"$0\" open last --print\n";
    let output =
        Command::new("bash").args(["-c", script]).arg(kassa().get_program()).arg(&file).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = printed.lines().collect();
    assert!(lines[3].ends_with(" is COMPLETED") && lines[1].ends_with(lines[4]), "{printed}");
    assert_eq!(dev.stop(Signal::Terminate).code, Some(0));
}

#[test]
fn the_env_file_of_somebody_else_stops_the_start() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join(".env");
    std::fs::write(&file, "DATABASE=shop\n").unwrap();
    let mut command = quiet();
    command.args(["dev", "--listen", "127.0.0.1:0", "--env-file"]).arg(&file);
    let (code, printed, complaint) = said(command);
    assert_eq!((code, printed.as_str()), (Some(2), ""), "{complaint}");
    assert!(complaint.contains("its first line is not \"# Written by kassa dev\""), "{complaint}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "DATABASE=shop\n");
}

#[test]
fn completions_and_manual_pages_have_the_commands() {
    let (_, completions, _) = said({
        let mut command = quiet();
        command.args(["completions", "bash"]);
        command
    });
    for command in ["kassa__act", "kassa__open", "kassa__session__create"] {
        let found =
            completions.contains(command) || completions.contains(&command.replace("__", "__subcmd__"));
        assert!(found, "{command}");
    }
    let folder = TempDir::new().unwrap();
    let mut command = quiet();
    command.arg("man-pages").arg(folder.path());
    assert_eq!(said(command).0, Some(0));
    for page in ["kassa-act.1", "kassa-open.1", "kassa-session-create.1"] {
        assert!(folder.path().join(page).is_file(), "{page}");
    }
}
