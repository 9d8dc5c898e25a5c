//! The settings of Klarna: what is read, and what is refused with its name and the reason.

use super::*;
use crate::config::PaymentSystem;
use crate::config::reading::read;
use crate::config::safety::tests::SAFE;

/// Settings of a node that uses Klarna, without the table `[klarna]`.
const NODE: &str = r#"
    public_url = "https://pay.example"
    page_url = "https://checkout.example"
    database = "/var/lib/kassa/kassa.db"
    payment_system = "klarna"
    account_key_file = "/etc/kassa/account-keys"
"#;

const TABLE: &str = "[klarna]\nallowed_base_urls = [\"https://api.klarna.com\"]\n";

fn refused(text: &str) -> String {
    read(text).expect_err("the settings are refused")
}

/// The error of a table `[klarna]` with these lines.
fn refused_table(lines: &str) -> String {
    refused(&format!("{NODE}\n[klarna]\n{lines}"))
}

#[test]
fn a_node_that_uses_klarna_has_defaults() {
    let config = read(&format!("{NODE}{TABLE}")).unwrap();
    let expected = KlarnaSettings {
        allowed_base_urls: vec!["https://api.klarna.com".parse().unwrap()],
        script_url: ScriptUrl("https://x.klarnacdn.net/kp/lib/v1/api.js".to_string()),
        extra_sources: ExtraSources::default(),
        read_timeout_ms: 3_000,
        order_timeout_ms: 15_000,
        reads_per_second: 20,
    };
    assert_eq!(config.payment_system(), PaymentSystem::Klarna(&expected));
    assert_eq!(config.page_url.unwrap().as_ref(), "https://checkout.example");
}

#[test]
fn every_setting_of_klarna_is_read() {
    let table = "[klarna]
        allowed_base_urls = [\"https://api.playground.klarna.com/\", \"https://api-na.playground.klarna.com\"]
        script_url = \"https://js.example/api.js?v=1\"
        extra_sources = { script = [\"https://a.example\"], frame = [\"https://*.klarna.com\"] }
        read_timeout_ms = 1000
        order_timeout_ms = 2000
        reads_per_second = 5";
    let config = read(&format!("{NODE}{table}")).unwrap();
    let shown = config.klarna.unwrap().to_string();
    assert_eq!(
        shown,
        "Payments go through Klarna at https://api.playground.klarna.com, https://api-na.playground.klarna.com: the \
         playground: no money moves.\nThe page loads https://js.example/api.js?v=1.\nThe page may also use \
         https://a.example (script-src).\nThe page may also use https://*.klarna.com (frame-src).\nA read may take \
         1000 ms, and an order 2000 ms. A node makes at most 5 reads a second for each account."
    );
}

#[test]
fn klarna_needs_its_table_keys_and_pages_of_another_origin() {
    let check = |without: &str, more: &str, reason: &str| {
        let lines = NODE.lines().filter(|line| without.is_empty() || !line.trim().starts_with(without));
        let text = format!("{}\n{more}\n", lines.collect::<Vec<_>>().join("\n"));
        let error = refused(&text);
        assert!(error.contains(reason), "{error}");
    };
    check("", "", "needs the table [klarna] with allowed_base_urls");
    check("account_key_file", TABLE, "needs account_key_file");
    check("page_url", TABLE, "needs page_url");
    let same = format!("page_url = \"https://pay.example/\"\n{TABLE}");
    check("page_url", &same, "page_url has the same origin as public_url");
    let same = format!("page_url = \"https://PAY.example:443\"\n{TABLE}");
    check("page_url", &same, "page_url has the same origin as public_url");
    check("", &format!("lab = true\n{TABLE}"), "lab = true works only with payment_system = \"sandbox\"");
}

#[test]
fn the_sandbox_may_have_a_page_url_and_needs_nothing_of_klarna() {
    let config = read(&format!("{SAFE}\npage_url = \"https://checkout.example\"\nlab = true")).unwrap();
    assert_eq!(config.page_url.unwrap().as_ref(), "https://checkout.example");
    assert!(refused(&format!("{SAFE}\npage_url = \"https://checkout.example/pay\"")).contains("page_url"));
}

#[test]
fn base_urls_are_origins_over_https_and_all_live_or_all_playground() {
    for (list, reason) in [
        ("", "allowed_base_urls is missing"),
        ("allowed_base_urls = []", "klarna.allowed_base_urls: expected at least one URL"),
        ("allowed_base_urls = [\"http://api.klarna.com\"]", "klarna.allowed_base_urls: expected https"),
        (
            "allowed_base_urls = [\"https://api.klarna.com/payments\"]",
            "klarna.allowed_base_urls: expected a URL like https://api.klarna.com",
        ),
        (
            "allowed_base_urls = [\"https://api.klarna.com\", \"https://api.playground.klarna.com\"]",
            "klarna.allowed_base_urls: live and playground URLs are mixed",
        ),
    ] {
        let error = refused_table(list);
        assert!(error.contains(reason), "{list}: {error}");
    }
    let double = "[klarna]\nallowed_base_urls = [\"http://127.0.0.1:8080\", \"http://localhost:9\"]";
    assert!(read(&format!("{NODE}{double}")).is_ok());
}

#[test]
fn a_script_comes_over_https_or_from_this_machine() {
    for url in [
        "https://x.klarnacdn.net/kp/lib/v1/api.js",
        "http://127.0.0.1:8080/kp/lib/v1/api.js",
        "http://localhost/a",
    ] {
        assert!(url.parse::<ScriptUrl>().is_ok(), "{url}");
    }
    for url in [
        "",
        "api.js",
        "http://x.klarnacdn.net/api.js",
        "http://10.0.0.1/api.js",
        "ftp://x.klarnacdn.net/api.js",
        "data:text/javascript,x",
        "https://user@x.klarnacdn.net/api.js",
        "https://x.klarnacdn.net/api.js#a",
        "https://x.klarnacdn.net/a pi.js",
        "https://x.klarnacdn.net/api.js\n",
        "https://a;script-src/api.js",
        "https://[::1]/api.js",
    ] {
        assert!(url.parse::<ScriptUrl>().is_err(), "{url:?}");
    }
    let error = refused_table(&format!("{}\nscript_url = \"http://a.example/api.js\"", &TABLE[9..]));
    assert!(error.contains("klarna.script_url: expected the https URL of a script"), "{error}");
}

#[test]
fn extra_sources_are_host_sources() {
    for source in [
        "https://js.klarna.com",
        "https://*.klarna.com",
        "wss://events.klarna.com:8443",
        "*.klarnacdn.net",
        "x.klarnacdn.net:443",
        "http://localhost:8080",
        "http://127.0.0.1:8080",
        "ws://127.0.0.1",
    ] {
        assert!(source.parse::<HostSource>().is_ok(), "{source}");
    }
    for source in [
        "",
        "*",
        "*.com",
        "https:",
        "https://",
        "https://*",
        "data:",
        "blob:",
        "'self'",
        "'unsafe-inline'",
        "'nonce-abc'",
        "none",
        "http://js.klarna.com",
        "ws://js.klarna.com",
        "https://js.klarna.com/path",
        "https://js.klarna.com?x",
        "https://js.klarna.com:",
        "https://js.klarna.com:0",
        "https://js.klarna.com:*",
        "https://js.*.com",
        "https://a.example b.example",
        "https://a.example;script-src *",
        "https://a.example,b.example",
        "https://a..example",
        "https://user@a.example",
        "https://a.example\n",
        "ftp://a.example",
        "HTTPS://a.example",
    ] {
        assert!(source.parse::<HostSource>().is_err(), "{source:?}");
    }
    let error = refused_table(&format!("{}\nextra_sources = {{ frame = [\"*\"] }}", &TABLE[9..]));
    assert!(error.contains("klarna.extra_sources.frame: expected a host source"), "{error}");
    let error = refused_table(&format!("{}\nextra_sources = {{ media = [] }}", &TABLE[9..]));
    assert!(error.contains("klarna.extra_sources: unknown key media"), "{error}");
}

#[test]
fn times_and_rates_are_bounded() {
    for (line, reason) in [
        ("read_timeout_ms = 99", "klarna.read_timeout_ms: expected a number from 100 to 10000"),
        ("read_timeout_ms = 10001", "klarna.read_timeout_ms: expected a number from 100 to 10000"),
        ("order_timeout_ms = 999", "klarna.order_timeout_ms: expected a number from 1000 to 15000"),
        ("order_timeout_ms = 15001", "klarna.order_timeout_ms: expected a number from 1000 to 15000"),
        ("reads_per_second = 0", "klarna.reads_per_second: expected a number from 1 to 1000"),
        ("reads_per_second = 1001", "klarna.reads_per_second: expected a number from 1 to 1000"),
        ("reads_per_minute = 1", "klarna: unknown key reads_per_minute"),
    ] {
        let error = refused_table(&format!("{}\n{line}", &TABLE[9..]));
        assert!(error.contains(reason), "{line}: {error}");
    }
}
