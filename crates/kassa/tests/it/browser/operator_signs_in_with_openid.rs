//! An operator signs in to the console of `kassa serve` at a real OpenID provider, with and without scripts.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use thirtyfour::By;

use super::axe::everyone_can_read;
use super::window::{Browser, Chromium};
use crate::harness::process::KilledOnDrop;
use crate::harness::{Configuration, Merchant, Node};

/// The folder in which `./test` installs the provider.
const FOLDER: &str = env!("CARGO_TARGET_TMPDIR");

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/openid/provider.mjs");

/// The provider as a process, and the codes and tokens that it has given out.
struct RealProvider {
    issuer: String,
    given_out: Arc<Mutex<Vec<String>>>,
    _process: KilledOnDrop,
}

impl RealProvider {
    fn start(redirect_uri: &str) -> Self {
        let installed = Path::new(FOLDER).join("node_modules/oidc-provider");
        assert!(installed.exists(), "oidc-provider is there once ./test has run");
        let mut command = Command::new("node");
        command.args([SCRIPT, FOLDER, redirect_uri]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = KilledOnDrop(command.spawn().unwrap());
        let mut lines = BufReader::new(process.0.stdout.take().unwrap()).lines();
        let issuer = lines.next().unwrap().unwrap();
        let given_out = Arc::new(Mutex::new(Vec::new()));
        let all = given_out.clone();
        std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| all.lock().unwrap().push(line));
        });
        Self { issuer, given_out, _process: process }
    }
}

struct ConsoleScene {
    browser: Browser,
    url: String,
    provider: RealProvider,
    configuration: Configuration,
    _node: Node,
}

impl ConsoleScene {
    async fn begin(chromium: Chromium) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("http://127.0.0.1:{port}");
        let provider = RealProvider::start(&format!("{url}/console/sign-in/openid/return"));
        let configuration = Configuration::with("FOLDER/kassa.db", "drain_s = 0");
        let configuration = with_openid(configuration, &provider.issuer, "allowed_hosts = [\"127.0.0.1\"]")
            .overriding("KASSA_PUBLIC_URL", &url)
            .overriding("KASSA_LOG", "trace");
        let mut command = configuration.command(&["serve"]);
        command.env("KASSA_LISTEN", format!("127.0.0.1:{port}"));
        command.stderr(File::create(configuration.folder().join("log")).unwrap());
        let node = Node::announced(command);
        Self { browser: Browser::start(chromium).await, url, provider, configuration, _node: node }
    }

    /// Fills in the provider's own page, and allows Kassa to know the name and the groups.
    async fn sign_in_at_provider(&self, person: &str) {
        let find = async |css: &str| self.browser.window.find(By::Css(css)).await.unwrap();
        find("input[name=login]").await.send_keys(person).await.unwrap();
        find("input[name=password]").await.send_keys("any").await.unwrap();
        find("button[type=submit]").await.click().await.unwrap();
        let consent = "input[name=prompt][value=consent]";
        kassa_testkit::eventually("the question of the provider", async || {
            self.browser.window.find(By::Css(consent)).await.map(drop).map_err(|error| error.to_string())
        })
        .await;
        find("button[type=submit]").await.click().await.unwrap();
    }
}

fn with_openid(configuration: Configuration, issuer: &str, allowed_hosts: &str) -> Configuration {
    let secret = configuration.folder().join("openid-secret");
    std::fs::write(&secret, "the-secret-of-kassa\n").unwrap();
    std::fs::set_permissions(&secret, PermissionsExt::from_mode(0o600)).unwrap();
    let settings = format!(
        "[console_openid]\nname = \"Acme\"\nissuer = \"{issuer}\"\nclient_id = \"kassa\"\n\
         client_secret_file = \"{}\"\nscopes = [\"email\", \"groups\"]\n{allowed_hosts}\n\
         [console_openid.roles]\nadmin = [\"kassa-admins\"]\nsupport = [\"kassa-support\"]\n",
        secret.display()
    );
    configuration.adding(&settings)
}

#[tokio::test]
async fn an_operator_signs_in_at_a_real_provider_and_signs_out_of_both() {
    for chromium in [Chromium::Whole, Chromium::WithoutScripts] {
        let scene = ConsoleScene::begin(chromium).await;
        let browser = &scene.browser;
        browser.visit(&format!("{}/console/sessions", scene.url)).await;
        browser.see("openid").await;
        if chromium == Chromium::Whole {
            everyone_can_read(browser).await;
        }
        browser.press_and_leave("openid").await;
        scene.sign_in_at_provider("ada").await;
        browser.see_words("role", &["admin"]).await;
        browser.see_words("account", &["ada@shop.example"]).await;
        assert_eq!(browser.url().await, format!("{}/console/sessions", scene.url));
        browser.visit(&format!("{}/console/account", scene.url)).await;
        browser.see("at-provider").await;
        browser.press_and_leave("sign-out").await;
        browser.see("signed-out").await;
        if chromium == Chromium::Whole {
            everyone_can_read(browser).await;
        }
        browser.press_and_leave("sign-out-of-provider").await;
        assert!(browser.url().await.starts_with(&format!("{}/session/end", scene.provider.issuer)));
        let listed = scene.configuration.ask(&["operator", "list"]);
        assert_eq!(listed["operators"][0]["username"], "ada@shop.example");
        assert_eq!(listed["operators"][0]["sign_in"], "openid");
    }
}

#[tokio::test]
async fn a_person_without_a_role_reads_why_and_no_secret_is_in_the_log() {
    let scene = ConsoleScene::begin(Chromium::Whole).await;
    let browser = &scene.browser;
    browser.visit(&format!("{}/console", scene.url)).await;
    browser.press_and_leave("openid").await;
    let cancel = browser.window.find(By::PartialLinkText("Cancel")).await.unwrap();
    cancel.click().await.unwrap();
    browser.see_words("problem", &["Acme refused the sign-in (access_denied)"]).await;
    browser.press_and_leave("again").await;
    scene.sign_in_at_provider("eve").await;
    browser.see_words("problem", &["none of your groups has a role here (claim groups)"]).await;
    browser.see_words("advice", &["Ask for one of the groups"]).await;
    everyone_can_read(browser).await;
    let reload = browser.url().await;
    browser.visit(&reload).await;
    browser.see_words("failed-title", &["This sign-in has ended"]).await;

    let log = std::fs::read_to_string(scene.configuration.folder().join("log")).unwrap();
    assert!(log.contains("a sign-in with OpenID Connect failed") && log.contains("no_role"), "{log}");
    let given_out = scene.provider.given_out.lock().unwrap().clone();
    assert!(given_out.len() >= 2, "a code and a token: {given_out:?}");
    for secret in given_out.iter().map(String::as_str).chain(["the-secret-of-kassa"]) {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}

#[tokio::test]
async fn a_provider_in_a_private_network_is_called_only_if_its_host_is_allowed() {
    let provider = RealProvider::start("http://127.0.0.1/console/sign-in/openid/return");
    let status = async |allowed_hosts| {
        let configuration = Configuration::with("FOLDER/kassa.db", "drain_s = 0");
        let node = with_openid(configuration, &provider.issuer, allowed_hosts).node();
        let browser = Merchant::new(&node.url, "", "");
        browser.browse("/console/sign-in/openid", None).await.unwrap().status
    };
    // The networks that `Configuration::with` allows for callbacks contain the provider. That has no effect.
    assert_eq!(status("").await, 502);
    assert_eq!(status("allowed_hosts = [\"127.0.0.1\"]").await, 303);
}
