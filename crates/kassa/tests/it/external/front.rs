//! A node in front of the adapter for PayU.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use kassa_testkit::payu::{Adapter, Simulator};
use serde_json::{Value, json};

use crate::harness::{Answer, Configuration, Merchant, Node, cart, run};

/// A configuration of a node in front of the adapter, and the processes behind it.
pub struct Front {
    pub configuration: Configuration,
    pub simulator: Simulator,
    _adapter: Adapter,
    /// The host and the port of the node.
    address: String,
    account: Value,
}

impl Front {
    /// `None` if the simulator is not installed.
    pub fn start() -> Option<Self> {
        let simulator = Simulator::start()?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let configuration = Configuration::with("FOLDER/kassa.db", "drain_s = 0")
            .without("lab")
            .overriding("KASSA_PUBLIC_URL", format!("http://127.0.0.1:{port}"))
            .overriding("KASSA_PAYMENT_SYSTEM", "external");
        let folder = configuration.folder().to_path_buf();
        let secrets = ["secret", "notification-secret"]
            .map(|name| written(&folder.join(name), &["payment-system", "new-secret"]));
        written(&folder.join("account-keys"), &["payment-account", "new-key"]);
        let adapter = simulator.adapter([&secrets[0], &secrets[1]], &folder);
        let settings = format!(
            "[external]\nname = \"PayU\"\nurl = \"{}\"\nredirect_origins = [\"{}\"]\nsecret_file = \"{2}/secret\"\n\
             notification_secret_file = \"{2}/notification-secret\"\n",
            adapter.url,
            simulator.origin,
            folder.display()
        );
        let keys = folder.join("account-keys");
        let configuration =
            configuration.adding(&settings).overriding("KASSA_ACCOUNT_KEY_FILE", keys.to_str().unwrap());
        let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
        Some(Self {
            configuration,
            simulator,
            _adapter: adapter,
            address: format!("127.0.0.1:{port}"),
            account,
        })
    }

    /// Starts the node, and waits until it accepts requests.
    pub fn node(&self) -> Node {
        let mut command: Command = self.configuration.command(&["serve"]);
        command.env("KASSA_LISTEN", &self.address);
        Node::announced(command)
    }

    /// The merchant at the node.
    pub fn merchant(&self) -> Merchant {
        Merchant::of(&format!("http://{}", self.address), &self.account)
    }

    /// Creates a page session that places the order.
    pub async fn page_session(&self, locale: &str, merchant_urls: &Value) -> Answer {
        let mut cart = cart("ECOMMERCE");
        cart["locale"] = json!(locale);
        let payment = self.merchant().payment_session_for(&cart).await;
        let body = json!({
            "payment_session_url": format!("http://{}/payments/v1/sessions/{payment}", self.address),
            "merchant_urls": merchant_urls,
            "options": {"place_order_mode": "CAPTURE_ORDER"},
        });
        self.merchant().post("/hpp/v1/sessions", &body).await.expect(201)
    }
}

/// Writes the output of a command into a file that only its owner can read, and returns it.
fn written(file: &Path, arguments: &[&str]) -> String {
    let text = String::from_utf8(run(arguments).stdout).unwrap();
    std::fs::write(file, &text).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
    text.trim().to_string()
}
