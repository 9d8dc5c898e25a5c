//! `kassa consumer`: everything about a consumer is shown, and erased from every table and every file, also if the
//! command is killed.

use std::time::Duration;

use http::Method;
use kassa_store::simulation::Database;
use kassa_testkit::{NamedEngine, eventually_blocking, fresh_postgres, let_time_pass};
use serde_json::{Value, json};

use crate::harness::{Configuration, Merchant, Node, cart};

/// Data of the consumer who is erased.
const OF_ADA: [&str; 7] =
    ["ada@example.se", "Ada%Byron", "Lovelace", "Byrongatan 7", "70-123 45 67", "1852-12-10", "185212109999"];

/// Data of another consumer.
const OF_BO: [&str; 3] = ["bo@example.se", "Bengtsson", "Bogatan 9"];

/// The number of purchases of each consumer in the test with kills.
const PURCHASES: usize = 12;

/// A database of the test, and a configuration of nodes on it.
struct Setup {
    configuration: Configuration,
    database: Database,
}

/// A configuration on each engine, with a merchant.
async fn setups() -> Vec<Setup> {
    let mut setups = Vec::new();
    let postgres = fresh_postgres().await;
    for url in std::iter::once(None).chain(postgres.map(Some)) {
        let configuration = Configuration::with(url.as_deref().unwrap_or("FOLDER/kassa.db"), "drain_s = 0");
        let database = match url {
            Some(url) => Database::Postgres(url),
            None => Database::File(configuration.folder().join("kassa.db")),
        };
        setups.push(Setup { configuration, database });
    }
    setups
}

fn cart_of(email: &str, [given_name, family_name, street]: [&str; 3]) -> Value {
    let address = json!({
        "email": email, "given_name": given_name, "family_name": family_name, "street_address": street,
        "postal_code": "11122", "city": "Stockholm", "country": "SE", "phone": "+46 70-123 45 67",
    });
    let mut cart = cart("ECOMMERCE");
    cart["billing_address"] = address.clone();
    cart["shipping_address"] = address;
    cart["customer"] =
        json!({"date_of_birth": "1852-12-10", "national_identification_number": "185212109999"});
    cart["merchant_reference1"] = json!("order-1");
    cart["merchant_data"] = json!(format!("for {family_name}"));
    cart
}

fn adas_cart() -> Value {
    cart_of("Ada@Example.se", ["Ada%Byron", "Lovelace", "Byrongatan 7"])
}

fn bos_cart() -> Value {
    let mut cart = cart_of("bo@example.se", ["Bo", "Bengtsson", "Bogatan 9"]);
    cart["billing_address"]["phone"] = json!("+46709999999");
    cart["shipping_address"]["phone"] = json!("+46709999999");
    cart["customer"] = json!({"date_of_birth": "1990-01-01"});
    cart
}

/// Creates a page session, sends its link, and pays on the page. Returns the id of the page session.
async fn buy(merchant: &Merchant, cart: &Value, email: &str) -> String {
    let options = json!({"place_order_mode": "PLACE_ORDER"});
    let created = merchant.page_session_for(cart, &options, &json!({})).await;
    let session = created.word("session_id").to_string();
    let distribution =
        json!({"contact_information": {"email": email}, "method": "email", "template": "INSTORE_PURCHASE"});
    let sent = merchant.post(&format!("/hpp/v1/sessions/{session}/distribution"), &distribution).await;
    assert!(sent.status < 300, "{}", sent.text);
    let page = format!("/pay/{}", created.word("redirect_url").rsplit('/').next().unwrap());
    merchant.browse(&page, None).await.unwrap();
    let form = format!(
        "email={}&one_time_code=123456&payment_method_category=pay_later",
        email.replace('@', "%40").replace('+', "%2B")
    );
    let paid = merchant.browse(&format!("{page}/pay"), Some(&form)).await.unwrap();
    assert!(paid.status < 400, "{}", paid.text);
    assert_eq!(merchant.read(&session).await["status"], "COMPLETED");
    session
}

/// Adds a merchant, and starts a node.
fn open_shop(configuration: &Configuration) -> (Node, Merchant) {
    let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let node = configuration.node();
    let merchant = node.merchant(&account);
    (node, merchant)
}

fn stop(mut node: Node) {
    node.signal("TERM");
    assert_eq!(node.ended(), Some(0));
}

/// The places in the database and its files that still have one of these texts.
async fn found_in(setup: &Setup, texts: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let dump = setup.database.dump().await.to_lowercase();
    for text in texts.iter().filter(|text| dump.contains(&text.to_lowercase())) {
        found.push(format!("{text} in the database"));
    }
    for entry in std::fs::read_dir(setup.configuration.folder()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap().to_ascii_lowercase();
        let contains =
            |text: &str| bytes.windows(text.len()).any(|part| part == text.to_lowercase().as_bytes());
        found.extend(
            texts.iter().filter(|text| contains(text)).map(|text| format!("{text} in {}", path.display())),
        );
    }
    found
}

fn verified(configuration: &Configuration) {
    eventually_blocking("a complete trail", || {
        let verified = configuration.ask(&["audit", "verify"]);
        if verified["waiting"] == 0 { Ok(()) } else { Err(verified) }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_is_erased_from_every_table_and_every_file() {
    for setup in setups().await {
        let _engine = NamedEngine(setup.database.engine());
        let configuration = &setup.configuration;
        let (node, merchant) = open_shop(configuration);
        let ada = buy(&merchant, &adas_cart(), "ada@example.se").await;
        let bo = buy(&merchant, &bos_cart(), "bo@example.se").await;
        let without_address = buy(&merchant, &cart("ECOMMERCE"), "ada@example.se").await;
        let open = merchant.page_session_for(&adas_cart(), &json!({}), &json!({})).await;
        assert_eq!(found_in(&setup, &OF_ADA).await.len() / OF_ADA.len(), 1 + usize::from(is_file(&setup)));

        let shown = configuration.ask(&["consumer", "show", "--email", "ADA@example.se"]);
        assert_eq!(shown["payment_sessions"].as_array().unwrap().len(), 3, "{shown}");
        let text = shown.to_string();
        assert!(OF_ADA.iter().all(|part| text.to_lowercase().contains(&part.to_lowercase())), "{text}");
        assert!(OF_BO.iter().all(|part| !text.contains(part)), "{text}");

        let dry = configuration.ask(&["consumer", "erase", "--email", "ada@example.se", "--dry-run"]);
        assert_eq!((&dry["dry_run"], &dry["erased_texts"]), (&json!(true), &json!(0)));
        assert_eq!(dry["payment_sessions"].as_array().unwrap().len(), 2, "{dry}");
        let erased = configuration.ask(&["consumer", "erase", "--email", "ada@example.se"]);
        assert_eq!(erased["payment_sessions"], dry["payment_sessions"]);
        assert_eq!(erased["open_payment_sessions"].as_array().unwrap().len(), 1, "{erased}");
        assert_eq!(
            merchant.get(&order_of(&merchant, &ada).await).await.json["billing_address"]["city"],
            "[erased]"
        );
        assert!(!found_in(&setup, &OF_ADA).await.is_empty(), "the open payment is left");
        let page = format!("/pay/{}", open.word("redirect_url").rsplit('/').next().unwrap());
        assert_eq!(merchant.browse(&page, None).await.unwrap().status, 200);

        let all = ["consumer", "erase", "--email", "ada@example.se", "--include-open"];
        assert_eq!(configuration.ask(&all)["payment_sessions"].as_array().unwrap().len(), 1);
        assert_eq!(found_in(&setup, &OF_ADA).await, [""; 0]);
        assert_eq!(found_in(&setup, &OF_BO).await.len() / OF_BO.len(), 1 + usize::from(is_file(&setup)));
        let again = configuration.ask(&all);
        assert_eq!((&again["payment_sessions"], &again["erased_texts"]), (&json!([]), &json!(0)));

        assert_orders_stay(&merchant, &[ada, bo, without_address]).await;
        assert_shows_nothing(configuration);
        verified(configuration);
        stop(node);
        assert_eq!(found_in(&setup, &OF_ADA).await, [""; 0]);
    }
}

fn is_file(setup: &Setup) -> bool {
    matches!(setup.database, Database::File(_))
}

async fn order_of(merchant: &Merchant, session: &str) -> String {
    let read = merchant.read(session).await;
    format!("/ordermanagement/v1/orders/{}", read["order_id"].as_str().unwrap())
}

/// Amounts, statuses and histories stay, and the orders can be captured.
async fn assert_orders_stay(merchant: &Merchant, sessions: &[String]) {
    for session in sessions {
        assert_eq!(merchant.read(session).await["status"], "COMPLETED");
        let order = order_of(merchant, session).await;
        let read = merchant.get(&order).await.expect(200);
        assert_eq!(read.json["order_amount"], 9999, "{}", read.text);
        let history = merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.expect(200);
        assert_eq!(history.json["events"].as_array().unwrap().len(), 2, "{}", history.text);
        let capture = merchant.post(&format!("{order}/captures"), &json!({"captured_amount": 9999})).await;
        capture.expect(201);
    }
}

fn assert_shows_nothing(configuration: &Configuration) {
    let shown = configuration.ask(&["consumer", "show", "--email", "ada@example.se"]);
    assert_eq!(shown, json!({"payment_sessions": [], "other": [], "unreadable": 0, "damaged": 0}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_that_is_killed_is_finished_by_the_next_one() {
    for setup in setups().await {
        let _engine = NamedEngine(setup.database.engine());
        let configuration = &setup.configuration;
        let (node, merchant) = open_shop(configuration);
        for _ in 0..PURCHASES {
            // The second one is found only by what the consumer typed, so the list of sessions must survive the kill.
            buy(&merchant, &adas_cart(), "ada@example.se").await;
            let mut typed = adas_cart();
            typed["billing_address"]["email"] = json!("");
            typed["shipping_address"]["email"] = json!("");
            buy(&merchant, &typed, "ada@example.se").await;
        }
        let erase = ["consumer", "erase", "--email", "ada@example.se", "--json"];
        let mut killed = 0;
        for pause_ms in [40, 80, 120, 160, 200] {
            let mut process =
                configuration.command(&erase).stdout(std::process::Stdio::null()).spawn().unwrap();
            let_time_pass(Duration::from_millis(pause_ms)).await;
            process.kill().unwrap();
            killed += usize::from(process.wait().unwrap().code().is_none());
        }
        assert!(killed > 0, "no kill came before the end");
        configuration.ask(&["consumer", "erase", "--email", "ada@example.se"]);
        assert_eq!(found_in(&setup, &OF_ADA).await, [""; 0]);
        let dump = setup.database.dump().await;
        assert!(!dump.contains("consumer_erasure.payment_session_id: "), "nothing is left to do");
        verified(configuration);
        stop(node);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_key_no_file_has_data_of_a_consumer_or_a_callback_secret() {
    for setup in setups().await {
        let _engine = NamedEngine(setup.database.engine());
        let keys = setup.configuration.folder().with_extension("keys");
        let setup = with_keys(setup, &keys);
        let configuration = &setup.configuration;
        let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
        let secret = account["callback_secret"].as_str().unwrap().to_string();
        let node = configuration.node();
        let merchant = node.merchant(&account);
        buy(&merchant, &adas_cart(), "ada@example.se").await;
        assert_eq!(
            found_in(&setup, &[&OF_ADA[..], &[&secret, &secret["whsec_".len()..]]].concat()).await,
            [""; 0]
        );
        let by_phone = ["consumer", "erase", "--phone", "0046701234567", "--merchant", "PK1"];
        assert_eq!(configuration.ask(&by_phone)["payment_sessions"].as_array().unwrap().len(), 1);
        configuration.ask(&["merchant", "add", "PK2", "--name", "Boot Shop"]);
        let elsewhere = ["consumer", "show", "--email", "ada@example.se", "--merchant", "PK2"];
        assert_eq!(configuration.ask(&elsewhere)["payment_sessions"], json!([]));
        verified(configuration);
        stop(node);
        std::fs::remove_file(keys).unwrap();
    }
}

fn with_keys(setup: Setup, keys: &std::path::Path) -> Setup {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(keys, crate::harness::run(&["encryption", "new-key"]).stdout).unwrap();
    std::fs::set_permissions(keys, std::fs::Permissions::from_mode(0o600)).unwrap();
    let Setup { configuration, database } = setup;
    let configuration = configuration.overriding("KASSA_ACCOUNT_KEY_FILE", keys.to_str().unwrap());
    Setup { configuration, database }
}

/// The values of tables with one of these texts. The bytes of a file that no table has any more do not count.
async fn found_in_tables(setup: &Setup, texts: &[&str]) -> Vec<String> {
    let dump = setup.database.dump().await;
    let is_value = |line: &&str| line.split_once(": ").is_some_and(|(column, _)| column.contains('.'));
    let values = dump.lines().filter(|line| !line.contains('\0')).filter(is_value);
    values.filter(|line| texts.iter().any(|text| line.contains(text))).map(str::to_string).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_an_earlier_version_is_encrypted_by_a_command_without_a_restart() {
    for setup in setups().await {
        let _engine = NamedEngine(setup.database.engine());
        let keys = setup.configuration.folder().with_extension("keys");
        let setup = with_keys(setup, &keys);
        let configuration = &setup.configuration;
        configuration.ask(&["merchant", "list"]);
        setup.database.tamper("update setting set value = 'tokens' where name = 'sealed_data'").await;
        let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
        let secret = account["callback_secret"].as_str().unwrap();
        let hidden = [&OF_ADA[..], &[secret]].concat();
        let node = configuration.node();
        let merchant = node.merchant(&account);
        buy(&merchant, &adas_cart(), "ada@example.se").await;
        assert!(
            found_in_tables(&setup, &hidden).await.len() > 3,
            "nodes of the earlier version can read them"
        );
        assert_eq!(configuration.ask(&["encryption", "reencrypt"])["all_data"], false);
        let extended = configuration.ask(&["encryption", "reencrypt", "--all-data"]);
        assert_eq!(extended["all_data"], true);
        assert!(extended["reencrypted_texts"].as_i64().unwrap() > 3, "{extended}");
        buy(&merchant, &adas_cart(), "ada@example.se").await;
        assert_eq!(found_in_tables(&setup, &hidden).await, [""; 0]);
        verified(configuration);
        let trail = configuration.command(&["audit", "export"]).output().unwrap().stdout;
        assert!(String::from_utf8(trail).unwrap().contains("\"encryption_extended\""));
        stop(node);
        std::fs::remove_file(keys).unwrap();
    }
}

/// The keyed hash that names a consumer in the entry of an erasure.
fn hash_of_last_erasure(configuration: &Configuration) -> String {
    let trail = configuration.command(&["audit", "export"]).output().unwrap().stdout;
    let trail = String::from_utf8(trail).unwrap();
    let mut entries = trail.lines().rev().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let last = entries.find(|entry| entry["content"]["act"] == "consumer_erased").unwrap();
    last["content"]["object"].as_str().unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_finishes_a_payment_session_that_an_interrupted_one_began() {
    for setup in setups().await {
        let _engine = NamedEngine(setup.database.engine());
        let configuration = &setup.configuration;
        let (node, merchant) = open_shop(configuration);
        buy(&merchant, &bos_cart(), "bo@example.se").await;
        configuration.ask(&["consumer", "erase", "--email", "ada@example.se"]);
        verified(configuration);
        let hash = hash_of_last_erasure(configuration);
        // The interrupted erasure had already replaced the address, so no text names the consumer any more.
        let begun = "insert into consumer_erasure (payment_session_id, consumer_hash, merchant_id, begun_at)
                     select payment_session_id, 'HASH', 'PK1', 1 from payment_session";
        setup.database.tamper(&begun.replace("HASH", &hash)).await;
        configuration.ask(&["merchant", "add", "PK2", "--name", "Boot Shop"]);
        let of_another = ["consumer", "erase", "--email", "ada@example.se", "--merchant", "PK2"];
        assert_eq!(configuration.ask(&of_another)["payment_sessions"], json!([]), "they belong to PK1");
        assert!(!found_in_tables(&setup, &["Bengtsson"]).await.is_empty());
        let finished = configuration.ask(&["consumer", "erase", "--email", "ada@example.se"]);
        assert_eq!(finished["payment_sessions"].as_array().map(Vec::len), Some(1), "{finished}");
        let compact = ["consumer", "erase", "--email", "ada@example.se", "--compact"];
        let output = configuration.command(&compact).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(if is_file(&setup) { 0 } else { 2 }), "{error}");
        assert_eq!(error.contains("run `vacuum full` after the erasure"), !is_file(&setup), "{error}");
        stop(node);
        assert_eq!(found_in_tables(&setup, &["Bengtsson", "Bogatan 9"]).await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_that_cannot_read_every_text_changes_nothing_and_fails() {
    for setup in setups().await {
        let _engine = NamedEngine(setup.database.engine());
        let keys = setup.configuration.folder().with_extension("keys");
        let setup = with_keys(setup, &keys);
        let configuration = &setup.configuration;
        let (node, merchant) = open_shop(configuration);
        buy(&merchant, &adas_cart(), "ada@example.se").await;
        stop(node);
        let key = std::fs::read(&keys).unwrap();
        std::fs::write(&keys, crate::harness::run(&["encryption", "new-key"]).stdout).unwrap();
        for act in ["show", "erase"] {
            let output =
                configuration.command(&["consumer", act, "--email", "ada@example.se"]).output().unwrap();
            let error = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{act}: {error}");
            assert!(error.contains("not in account_key_file"), "{error}");
        }
        std::fs::write(&keys, key).unwrap();
        let shown = configuration.ask(&["consumer", "show", "--email", "ada@example.se"]);
        assert_eq!(shown["payment_sessions"].as_array().map(Vec::len), Some(1), "{shown}");
        std::fs::remove_file(keys).unwrap();
    }
}

/// Runs a command that fails, and returns its error.
fn refused(configuration: &Configuration, arguments: &[&str]) -> String {
    let output = configuration.command(arguments).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {error}");
    error
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_encrypts_with_no_other_key_than_the_nodes_and_a_lost_key_does_not_block_erasures() {
    for setup in setups().await {
        let _engine = NamedEngine(setup.database.engine());
        let keys = setup.configuration.folder().with_extension("keys");
        let setup = with_keys(setup, &keys);
        let configuration = &setup.configuration;
        configuration.ask(&["merchant", "add", "PK0", "--name", "Shirt Shop"]);
        let (node, merchant) = open_shop(configuration);
        buy(&merchant, &adas_cart(), "ada@example.se").await;
        stop(node);
        std::fs::write(&keys, crate::harness::run(&["encryption", "new-key"]).stdout).unwrap();
        let add = ["merchant", "add", "PK2", "--name", "Boot Shop"];
        let error = refused(configuration, &add);
        assert!(error.contains("not in account_key_file"), "{error}");
        let lost = error.split("with the key ").nth(1).unwrap().split(',').next().unwrap();
        configuration.command(&["encryption", "reencrypt", "--forget", lost]).output().unwrap();

        let account = configuration.ask(&add);
        let node = configuration.node();
        buy(&node.merchant(&account), &adas_cart(), "ada@example.se").await;
        let erase = ["consumer", "erase", "--email", "ada@example.se"];
        let error = refused(configuration, &erase);
        assert!(error.contains("nothing was changed") && error.contains("--skip-unreadable"), "{error}");
        assert!(
            error.contains("the key is not in account_key_file") && !error.contains("damaged."),
            "{error}"
        );
        let skipping = configuration.ask(&[&erase[..], &["--skip-unreadable"]].concat());
        assert_eq!(skipping["payment_sessions"].as_array().map(Vec::len), Some(1), "{skipping}");
        assert!(skipping["unreadable"].as_u64().unwrap() > 0 && skipping["refused"] == false, "{skipping}");
        let of_lost = configuration.ask(&[&erase[..], &["--skip-unreadable", "--merchant", "PK1"]].concat());
        assert_eq!(of_lost["payment_sessions"], json!([]), "the settings of PK1 cannot be read either");
        stop(node);
        std::fs::remove_file(keys).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_is_found_by_a_url_alone_and_by_a_number_without_its_country() {
    for setup in setups().await {
        let _engine = NamedEngine(setup.database.engine());
        let configuration = &setup.configuration;
        let (node, merchant) = open_shop(configuration);
        let mut bos_cart = bos_cart();
        bos_cart["shipping_address"]["phone"] = json!("070-123 45 67");
        let urls = json!({"success": "https://shop.example/?mail=ada%40example.se"});
        merchant.page_session_for(&bos_cart, &json!({}), &urls).await;
        for of_ada in [["--email", "ada@example.se"], ["--phone", "+46701234567"]] {
            let shown = configuration.ask(&[&["consumer", "show"], &of_ada[..]].concat());
            assert_eq!(shown["payment_sessions"].as_array().map(Vec::len), Some(1), "{of_ada:?}: {shown}");
        }
        configuration.ask(&["consumer", "erase", "--email", "ada@example.se", "--include-open"]);
        stop(node);
        assert_eq!(found_in(&setup, &["ada%40example"]).await, Vec::<String>::new());
    }
}

#[test]
fn a_consumer_is_named_by_an_address_or_a_number() {
    let configuration = Configuration::with("FOLDER/kassa.db", "");
    for (arguments, reason) in [
        (&["consumer", "erase", "--email", "ada"][..], "expected an e-mail address like ada@example.se"),
        (&["consumer", "show", "--phone", "112"], "with at least 7 digits"),
        (&["consumer", "show"], "--email"),
        (
            &["consumer", "erase", "--email", "ada@example.se", "--merchant", "PK9"],
            "there is no merchant PK9",
        ),
    ] {
        let output = configuration.command(arguments).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && error.contains(reason), "{arguments:?}: {error}");
    }
}

#[tokio::test]
async fn an_erasure_over_the_api_needs_an_admin() {
    let configuration = Configuration::with("FOLDER/kassa.db", "drain_s = 0");
    let support = configuration.ask(&["operator", "add", "help", "--role", "support"]);
    let node = configuration.node();
    let body = json!({"email": "ada@example.se"});
    for path in ["/kassa/v1/consumers/erase", "/kassa/v1/consumers/show"] {
        let answer = Merchant::of(&node.url, &support).call(Method::POST, path, &body).await.unwrap();
        assert_eq!(answer.status, 403, "{}", answer.text);
    }
    stop(node);
}
