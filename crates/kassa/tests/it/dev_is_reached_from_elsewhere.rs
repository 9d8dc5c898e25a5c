//! `kassa dev` for a phone, a container and a tunnel: listening addresses, links that lead the caller back, forwarders
//! that rewrite the host, and TLS.

use std::path::Path;

use http::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::harness::{Answer, Dev, Merchant, Signal, cart, kassa, run};

const FORM: &str = "application/x-www-form-urlencoded";

/// Creates a page session by a call to this host. Returns its links.
async fn created_by(dev: &Dev, host: &str) -> Answer {
    let merchant = local_merchant(dev);
    let payment = merchant.payment_session("ECOMMERCE").await;
    let body = json!({"payment_session_url": format!("{}/payments/v1/sessions/{payment}", dev.local_url())});
    let headers = [("host", host)];
    merchant.send("/hpp/v1/sessions", &headers, "application/json", &body.to_string()).await.expect(201)
}

fn local_merchant(dev: &Dev) -> Merchant {
    Merchant::new(dev.local_url(), "PK00000_dev", "dev")
}

fn port(dev: &Dev) -> &str {
    dev.local_url().rsplit(':').next().unwrap()
}

#[tokio::test]
async fn it_listens_on_localhost_and_on_every_address() {
    let dev = Dev::launch(kassa(), &["--listen", "localhost:0"]);
    assert!(dev.url().starts_with("http://127.0.0.1:"), "{}", dev.url());
    dev.merchant().get("/readyz").await.expect(200);
    assert_eq!(dev.stop(Signal::Terminate).complaints, "");

    let dev = Dev::launch(kassa(), &["--listen", ":0"]);
    dev.merchant().get("/readyz").await.expect(200);
    let complaints = dev.stop(Signal::Terminate).complaints;
    assert!(complaints.contains("Kassa listens on 0.0.0.0:"), "{complaints}");
}

#[test]
fn an_address_that_names_another_machine_is_wrong_usage() {
    let output = run(&["dev", "--listen", "kassa.test:8080"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("localhost:8080, or :8080 for every IPv4 address"), "{said}");
}

#[tokio::test]
async fn on_all_addresses_links_lead_back_to_where_the_caller_came_from() {
    let dev = Dev::launch(kassa(), &["--listen", "0.0.0.0:0"]);
    let own = format!("127.0.0.1:{}", port(&dev));
    for host in ["192.168.1.7:8080", "172.17.0.1:9000", "localhost:9000", "[fd00::7]:8080", &own] {
        let created = created_by(&dev, host).await;
        for link in ["redirect_url", "session_url", "qr_code_url", "distribution_url"] {
            assert!(created.word(link).starts_with(&format!("http://{host}/")), "{link}: {}", created.text);
        }
        let shop = local_merchant(&dev);
        let bought =
            shop.send("/demo/checkout", &[("host", host)], FORM, "market=DE&mug=1").await.expect(303);
        let link = bought.header("location");
        assert!(link.starts_with(&format!("http://{host}/pay/")), "{host}: {link}");
    }
    let merchant = local_merchant(&dev);
    let refused = merchant.call_with(Method::GET, "/readyz", &[("host", "attacker.example")]).await;
    assert_eq!(refused.status, 403, "a name that somebody else owns is in no link");
}

#[tokio::test]
async fn on_this_machine_alone_links_are_the_same_for_every_host() {
    let dev = Dev::start();
    let created = created_by(&dev, "192.168.1.7:8080").await;
    assert!(created.word("redirect_url").starts_with(dev.url()), "{}", created.text);
}

#[tokio::test]
async fn of_several_public_urls_links_begin_with_the_one_that_was_called() {
    let urls = ["--public-url", "http://kassa:8080", "--public-url", "https://kassa.test"];
    let dev = Dev::launch(kassa(), &urls);
    let link = |created: Answer| created.word("redirect_url").to_string();
    assert!(link(created_by(&dev, "kassa.test").await).starts_with("https://kassa.test/pay/"));
    assert!(link(created_by(&dev, "kassa:8080").await).starts_with("http://kassa:8080/pay/"));
    assert!(link(created_by(&dev, "localhost").await).starts_with("http://kassa:8080/pay/"));
}

/// A tunnel sends the local address as `Host`, while the browser shows the page under the public name.
#[tokio::test]
async fn a_forwarder_that_rewrites_the_host_works_with_the_public_url() {
    let dev = Dev::launch(kassa(), &["--public-url", "https://kassa.test"]);
    let browser = local_merchant(&dev);
    let created = browser.page_session_for(&cart("ECOMMERCE"), &json!({}), &json!({})).await;
    let page = created.word("redirect_url").strip_prefix("https://kassa.test").unwrap().to_string();
    browser.browse(&page, None).await.unwrap().expect(200);
    let old = [("origin", "https://kassa.test"), ("x-forwarded-host", "kassa.test")];
    let new = [("origin", "https://kassa.test"), ("sec-fetch-site", "same-origin")];
    for (headers, act) in [(old, "/back"), (new, "/cancel")] {
        let answer = browser.send(&format!("{page}{act}"), &headers, FORM, "").await;
        assert!(
            (300..400).contains(&answer.status) || answer.status == 409,
            "{act}: {} {}",
            answer.status,
            answer.text
        );
    }
    let stranger = [("origin", "https://attacker.example")];
    browser.send(&format!("{page}/cancel"), &stranger, FORM, "").await.expect(403);
    let lab = [("origin", "https://kassa.test"), ("sec-fetch-site", "same-origin")];
    let bought = browser.send("/demo/checkout", &lab, FORM, "market=DE&mug=1").await.expect(303);
    assert!(
        bought.header("location").starts_with("https://kassa.test/pay/"),
        "{}",
        bought.header("location")
    );
}

#[tokio::test]
async fn with_tls_it_serves_https_with_an_authority_that_stays_the_same() {
    let data = TempDir::new().unwrap();
    let mut authorities = Vec::new();
    for _ in 0..2 {
        let dev = Dev::launch(kassa(), &["--tls", "--data", data.path().to_str().unwrap()]);
        let authority = dev.announced["ca"].as_str().unwrap().to_string();
        authorities.push(std::fs::read_to_string(&authority).unwrap());
        let trusting = |url: &str| Merchant::new(url, "PK00000_dev", "dev").trusting(Path::new(&authority));
        assert!(dev.url().starts_with("https://127.0.0.1:"), "{}", dev.url());
        for url in [dev.url(), &format!("https://localhost:{}", port(&dev))] {
            trusting(url).get("/readyz").await.expect(200);
        }
        let untrusting = dev.merchant().call(Method::GET, "/readyz", &json!(null)).await;
        assert!(untrusting.is_err(), "its certificate is trusted by nobody else");
        // The demo shop is a client, too.
        let merchant = trusting(dev.url());
        let bought = merchant.browse("/demo/checkout", Some("market=DE&mug=1")).await.unwrap().expect(303);
        assert!(bought.header("location").starts_with(dev.url()), "{}", bought.header("location"));
        assert_eq!(dev.stop(Signal::Terminate).code, Some(0));
    }
    assert_eq!(authorities[0], authorities[1]);
}

#[test]
fn without_a_data_folder_the_certificates_go_at_the_end() {
    let dev = Dev::launch(kassa(), &["--tls"]);
    assert!(Path::new(dev.announced["ca"].as_str().unwrap()).exists());
    assert_eq!(dev.stop(Signal::Interrupt).left_behind, [""; 0]);
}

#[test]
fn a_seed_on_a_database_that_has_data_is_wrong_usage() {
    let data = TempDir::new().unwrap();
    let arguments = ["--data", data.path().to_str().unwrap(), "--seed", "7"];
    Dev::launch(kassa(), &arguments).stop(Signal::Terminate);
    let output = run(&[&["dev", "--listen", "127.0.0.1:0"], &arguments[..]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("--seed: the database has data already"), "{said}");
}
