//! A node whose payment system is the double.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{Answer, Configuration, Dev, Merchant, Node, run};

/// A configuration of a node in front of the double, and the double.
pub struct Front {
    pub double: Dev,
    pub configuration: Configuration,
    /// The host and the port of the node.
    address: String,
    account: Value,
}

impl Front {
    /// Starts the double, and configures a node in front of it. `settings` are further ones of Klarna.
    pub fn start(settings: &str) -> Self {
        Self::start_on("FOLDER/kassa.db", settings)
    }

    /// The same, with this database of the node.
    pub fn start_on(database: &str, settings: &str) -> Self {
        let double = Dev::start();
        // The origin of the pages is in the configuration, so the port is chosen before the node starts.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let klarna = format!(
            "drain_s = 0\n[klarna]\nallowed_base_urls = [\"{0}\"]\nscript_url = \
             \"{0}/kp/lib/v1/api.js\"\nreads_per_second = 1000\n{settings}",
            double.url()
        );
        let configuration = Configuration::with(database, &klarna)
            .without("lab")
            .overriding("KASSA_PUBLIC_URL", format!("http://127.0.0.1:{port}"))
            .overriding("KASSA_PAGE_URL", format!("http://localhost:{port}"))
            .overriding("KASSA_PAYMENT_SYSTEM", "klarna");
        let key = run(&["payment-account", "new-key"]);
        let file = configuration.folder().join("account-key");
        std::fs::write(&file, key.stdout).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let configuration = configuration.overriding("KASSA_ACCOUNT_KEY_FILE", file.to_str().unwrap());
        let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
        let front = Self { double, configuration, address: format!("127.0.0.1:{port}"), account };
        front.set_account();
        front
    }

    /// Stores the merchant's credential at the double.
    fn set_account(&self) {
        self.set_account_password(self.double.announced["password"].as_str().unwrap());
    }

    /// Sets the merchant's account at the double with this password.
    pub fn set_account_password(&self, text: &str) {
        self.set_account_of(self.double.announced["username"].as_str().unwrap(), text);
    }

    /// Sets the account of a merchant of the double.
    pub fn set_account_of(&self, username: &str, text: &str) {
        let password = self.configuration.folder().join("password");
        std::fs::write(&password, text).unwrap();
        let arguments = [
            "payment-account",
            "set",
            "PK1",
            "--base-url",
            self.double.url(),
            "--username",
            username,
            "--password-file",
            password.to_str().unwrap(),
        ];
        let output = self.configuration.command(&arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Starts the node, and waits until it accepts requests.
    pub fn node(&self) -> Node {
        Node::announced(self.command())
    }

    /// The command that starts the node.
    pub fn command(&self) -> Command {
        let mut command = self.configuration.command(&["serve"]);
        command.env("KASSA_LISTEN", &self.address);
        command
    }

    /// The merchant at the node.
    pub fn merchant(&self) -> Merchant {
        Merchant::of(&format!("http://{}", self.address), &self.account)
    }

    /// The origin of the pages.
    pub fn page_origin(&self) -> String {
        format!("http://{}", self.address.replace("127.0.0.1", "localhost"))
    }

    /// A browser at the pages' origin.
    pub fn browser(&self) -> Merchant {
        Merchant::new(&self.page_origin(), "", "")
    }

    /// Creates a payment session at the double, and a page session for it.
    pub async fn page_session(&self, options: &Value, merchant_urls: &Value) -> PageSession {
        let payment = self.double.merchant().payment_session("ECOMMERCE").await;
        self.page_session_of(&payment, options, merchant_urls).await
    }

    /// Creates a page session for a payment session at the double.
    pub async fn page_session_of(
        &self,
        payment: &str,
        options: &Value,
        merchant_urls: &Value,
    ) -> PageSession {
        let created = self.host(payment, options, merchant_urls).await;
        let url = created.word("redirect_url").to_string();
        let path = url.strip_prefix(&self.page_origin()).unwrap_or_else(|| panic!("{url}")).to_string();
        let id = created.word("session_id").to_string();
        PageSession { id, payment: payment.to_string(), url, path }
    }

    async fn host(&self, payment: &str, options: &Value, merchant_urls: &Value) -> Answer {
        let body = json!({
            "payment_session_url": format!("{}/payments/v1/sessions/{payment}", self.double.url()),
            "merchant_urls": merchant_urls,
            "options": options,
        });
        self.merchant().post("/hpp/v1/sessions", &body).await.expect(201)
    }

    /// The consumer authorizes the payment in Klarna's form. Returns the token.
    pub async fn authorize(&self, payment: &str) -> String {
        let path = format!("/lab/v1/payment-sessions/{payment}/approve");
        let answer = self.double.merchant().post(&path, &json!({})).await.expect(200);
        answer.word("authorization_token").to_string()
    }
}

/// A page session of the node.
#[derive(Clone)]
pub struct PageSession {
    pub id: String,
    /// The payment session at the double.
    pub payment: String,
    /// The URL of the page.
    pub url: String,
    /// Its path.
    pub path: String,
}
