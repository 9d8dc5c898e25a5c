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
        self.node_with(|_| {})
    }

    /// The same, with a command that is changed first.
    pub fn node_with(&self, change: impl FnOnce(&mut Command)) -> Node {
        let mut command = self.configuration.command(&["serve"]);
        command.env("KASSA_LISTEN", &self.address);
        change(&mut command);
        Node::announced(command)
    }

    /// The merchant at the node.
    pub fn merchant(&self) -> Merchant {
        Merchant::of(&format!("http://{}", self.address), &self.account)
    }

    /// A browser at the node.
    pub fn browser(&self) -> Merchant {
        Merchant::new(&format!("http://{}", self.address), "", "")
    }

    /// The path of a page of the node.
    pub fn path_of(&self, url: &str) -> String {
        url.strip_prefix(&format!("http://{}", self.address)).unwrap_or_else(|| panic!("{url}")).to_string()
    }

    /// The consumer's pages at PayU.
    pub fn payu_pages(&self) -> PayUPages {
        let origin = self.simulator.origin.clone();
        PayUPages { payu: Merchant::new(&origin, "", ""), origin }
    }

    /// Creates a page session that places the order.
    pub async fn page_session(&self, locale: &str, merchant_urls: &Value) -> Answer {
        self.page_session_with(locale, merchant_urls, "CAPTURE_ORDER").await
    }

    /// Creates a page session with this `place_order_mode`.
    pub async fn page_session_with(
        &self,
        locale: &str,
        merchant_urls: &Value,
        place_order_mode: &str,
    ) -> Answer {
        let mut cart = cart("ECOMMERCE");
        cart["locale"] = json!(locale);
        let payment = self.merchant().payment_session_for(&cart).await;
        let body = json!({
            "payment_session_url": format!("http://{}/payments/v1/sessions/{payment}", self.address),
            "merchant_urls": merchant_urls,
            "options": {"place_order_mode": place_order_mode},
        });
        self.merchant().post("/hpp/v1/sessions", &body).await.expect(201)
    }
}

/// The pages of the simulator of PayU.
#[derive(Clone)]
pub struct PayUPages {
    origin: String,
    payu: Merchant,
}

impl PayUPages {
    /// The id of the order to whose page an address leads.
    pub fn order_in(&self, location: &str) -> Option<String> {
        let path = location.strip_prefix(&self.origin)?;
        path.strip_prefix("/sim/payu/authorize/").map(str::to_string)
    }

    /// The consumer approves a payment, which PayU does not collect yet. A second time changes nothing.
    pub async fn hold(&self, order: &str) {
        self.payu.browse(&format!("/sim/payu/hold/{order}"), Some("")).await.unwrap();
    }

    /// An order, as a shop reads it.
    pub async fn order(&self, id: &str) -> Value {
        let path = "/payu/pl/standard/user/oauth/authorize";
        let token = self.payu.browse(path, Some("client_id=300746")).await.unwrap().expect(200);
        let shop = self.payu.with_bearer(token.word("access_token"));
        shop.get(&format!("/payu/api/v2_1/orders/{id}")).await.expect(200).json["orders"][0].clone()
    }
}

/// Writes the output of a command into a file that only its owner can read, and returns it.
fn written(file: &Path, arguments: &[&str]) -> String {
    let text = String::from_utf8(run(arguments).stdout).unwrap();
    std::fs::write(file, &text).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
    text.trim().to_string()
}
