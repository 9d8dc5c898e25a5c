//! Payment accounts, on a database of a test's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use futures_util::future::BoxFuture;
use kassa_domain::merchant::{Merchant, MerchantSettings};
use kassa_domain::{Actor, Timestamp, Username};
use kassa_store::{Credential, NewAct};
use kassa_wire::kassa::Password;
use tempfile::TempDir;

use super::*;
use crate::clock::Monotonic;
use crate::random::{SeededRandom, SystemRandom};

const EUROPE: &str = "https://api.klarna.com";
const PASSWORD: &str = "klarna_live_api_0123456789";

/// A clock that moves only when a test moves it.
#[derive(Default)]
struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn system_now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.load(Ordering::Relaxed))
    }

    fn monotonic_now(&self) -> Monotonic {
        Monotonic::from_ms(self.0.load(Ordering::Relaxed))
    }

    fn sleep_until(&self, _at: Monotonic) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

fn act(id: &str) -> NewAct {
    NewAct { id: id.to_string(), recorded_at: Timestamp::from_ms(0), content: "{}".to_string() }
}

fn requester() -> Requester {
    Requester::in_process(Actor::CommandLine)
}

/// A database with the merchants `m` and `n`.
struct Scene {
    store: Store,
    clock: Arc<SetClock>,
    _folder: TempDir,
}

impl Scene {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("kassa.db")).unwrap();
        for id in ["m", "n"] {
            let merchant = Merchant {
                id: MerchantId::new(id),
                name: id.to_string(),
                settings: MerchantSettings::default(),
                suspended_at: None,
            };
            let username = Username::new(id);
            let credential = Credential { username, secret_hash: "hash".to_string(), revoked_at: None };
            assert!(
                store.add_merchant(&merchant, &credential, Timestamp::from_ms(0), &act(id)).await.unwrap()
            );
        }
        Self { store, clock: Arc::default(), _folder: folder }
    }

    /// The accounts as a node with these keys has them.
    fn node(&self, keys: &[u64]) -> PaymentAccounts {
        let lines = keys.iter().map(|seed| AccountKeys::new_key(&SeededRandom::new(*seed)).to_string());
        let keys = AccountKeys::parse(&lines.collect::<Vec<_>>().join("\n")).ok();
        PaymentAccounts::new(
            self.store.clone(),
            self.clock.clone(),
            Arc::new(SeededRandom::new(7)),
            Arc::new(SystemRandom),
            keys,
        )
    }

    fn move_clock(&self, by_ms: i64) {
        self.clock.0.fetch_add(by_ms, Ordering::Relaxed);
    }

    async fn row(&self, merchant: &str) -> PaymentAccountRow {
        self.store.payment_account(&MerchantId::new(merchant), EUROPE).await.unwrap().unwrap()
    }
}

fn asked(base_url: &str, username: &str, password: &str) -> PaymentAccountSetting {
    PaymentAccountSetting {
        base_url: base_url.to_string(),
        username: username.to_string(),
        password: Password(password.to_string()),
    }
}

async fn set(accounts: &PaymentAccounts, merchant: &str, password: &str) -> ListedPaymentAccount {
    let asked = asked(EUROPE, "PK1", password);
    let outcome = accounts.set(&MerchantId::new(merchant), &asked, &requester()).await.unwrap();
    let SetAccountOutcome::Set(listed) = outcome else { panic!("{outcome:?}") };
    listed
}

/// The password that a node uses for a merchant.
async fn password(accounts: &PaymentAccounts, merchant: &str) -> Result<Option<String>, UnreadableAccount> {
    let base_url: BaseUrl = EUROPE.parse().unwrap();
    match accounts.account_of(&MerchantId::new(merchant), &base_url).await {
        Ok(found) => Ok(found.map(|account| account.password.to_string())),
        Err(PaymentAccountError::Unreadable(why)) => Err(why),
        Err(PaymentAccountError::Store(error)) => panic!("{error}"),
    }
}

fn key_name(seed: u64) -> String {
    let line = AccountKeys::new_key(&SeededRandom::new(seed));
    AccountKeys::parse(&line).unwrap().newest().to_string()
}

#[tokio::test]
async fn an_account_is_read_as_it_was_set_and_is_stored_encrypted() {
    let scene = Scene::new().await;
    let accounts = scene.node(&[1]);
    set(&accounts, "m", PASSWORD).await;
    assert_eq!(password(&accounts, "m").await, Ok(Some(PASSWORD.to_string())));
    assert_eq!(password(&accounts, "n").await, Ok(None));
    let row = scene.row("m").await;
    assert!(!row.secret.contains(PASSWORD) && row.key_name == key_name(1), "{row:?}");
}

#[tokio::test]
async fn the_debug_output_of_an_account_does_not_contain_its_password() {
    let scene = Scene::new().await;
    let accounts = scene.node(&[1]);
    set(&accounts, "m", PASSWORD).await;
    let account = accounts.account_of(&MerchantId::new("m"), &EUROPE.parse().unwrap()).await;
    let shown = format!("{account:?}");
    assert!(shown.contains("PK1") && !shown.contains(PASSWORD), "{shown}");
}

#[tokio::test]
async fn a_base_url_has_one_account_however_it_is_written() {
    let scene = Scene::new().await;
    let accounts = scene.node(&[1]);
    for (written, username) in
        [("https://api.klarna.com/", "first"), ("HTTPS://API.klarna.com:443", "second")]
    {
        let asked = asked(written, username, PASSWORD);
        let outcome = accounts.set(&MerchantId::new("m"), &asked, &requester()).await.unwrap();
        assert!(matches!(outcome, SetAccountOutcome::Set(_)), "{outcome:?}");
    }
    let listed = accounts.list(&MerchantId::new("m")).await.unwrap();
    let shown: Vec<_> = listed.iter().map(|one| (one.base_url.as_str(), one.username.as_str())).collect();
    assert_eq!(shown, [(EUROPE, "second")]);
}

#[tokio::test]
async fn a_list_shows_the_end_of_a_long_password_only() {
    let scene = Scene::new().await;
    let accounts = scene.node(&[1]);
    for (password, end) in
        [("12345678901", None), ("123456789012", Some("9012")), ("åäöåäöåäöåäö", Some("öåäö"))]
    {
        assert_eq!(set(&accounts, "m", password).await.password_ends_with.as_deref(), end, "{password}");
    }
}

#[tokio::test]
async fn a_row_that_was_copied_or_changed_is_not_decrypted() {
    let scene = Scene::new().await;
    let accounts = scene.node(&[1]);
    set(&accounts, "m", PASSWORD).await;
    let row = scene.row("m").await;
    let copies = [
        PaymentAccountRow { merchant_id: MerchantId::new("n"), ..row.clone() },
        PaymentAccountRow { username: "another".to_string(), ..row.clone() },
        PaymentAccountRow { base_url: "https://evil.example".to_string(), ..row },
    ];
    for copy in copies {
        scene.store.set_payment_account(&copy, &act(&format!("{copy:?}"))).await.unwrap();
        let base_url: BaseUrl = copy.base_url.parse().unwrap();
        scene.move_clock(1_000);
        let read = accounts.account_of(&copy.merchant_id, &base_url).await;
        let is_refused = matches!(read, Err(PaymentAccountError::Unreadable(UnreadableAccount::Damaged)));
        assert!(is_refused, "{copy:?}: {read:?}");
    }
}

#[tokio::test]
async fn an_account_needs_keys_a_merchant_and_readable_fields() {
    let scene = Scene::new().await;
    let accounts = scene.node(&[1]);
    let outcome = async |accounts: &PaymentAccounts, merchant: &str, asked: PaymentAccountSetting| {
        accounts.set(&MerchantId::new(merchant), &asked, &requester()).await.unwrap()
    };
    let good = asked(EUROPE, "PK1", PASSWORD);
    assert!(matches!(outcome(&scene.node(&[]), "m", good.clone()).await, SetAccountOutcome::NoKeys));
    assert!(matches!(outcome(&accounts, "x", good).await, SetAccountOutcome::UnknownMerchant));
    let long = "x".repeat(1025);
    for (account, fields) in [
        (asked("http://api.klarna.com", "PK1", PASSWORD), vec!["base_url"]),
        (asked("https://api.klarna.com/kp", "PK1", PASSWORD), vec!["base_url"]),
        (asked(EUROPE, "", PASSWORD), vec!["username"]),
        (asked(EUROPE, "P:K", PASSWORD), vec!["username"]),
        (asked(EUROPE, "PK1\n", PASSWORD), vec!["username"]),
        (asked(EUROPE, &long[..256], PASSWORD), vec!["username"]),
        (asked(EUROPE, "PK1", ""), vec!["password"]),
        (asked(EUROPE, "PK1", "a\r\nb"), vec!["password"]),
        (asked(EUROPE, "PK1", &long), vec!["password"]),
        (asked("", "", ""), vec!["base_url", "username", "password"]),
    ] {
        let SetAccountOutcome::Unusable(found) = outcome(&accounts, "m", account).await else {
            panic!("{fields:?}")
        };
        assert_eq!(found, fields);
    }
    assert!(accounts.list(&MerchantId::new("m")).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_account_whose_key_is_missing_is_listed_with_the_reason() {
    let scene = Scene::new().await;
    set(&scene.node(&[1]), "m", PASSWORD).await;
    let unknown = UnreadableAccount::UnknownKey(key_name(1));
    for (keys, why) in [(&[2][..], unknown), (&[], UnreadableAccount::NoKeys)] {
        let accounts = scene.node(keys);
        assert_eq!(password(&accounts, "m").await, Err(why.clone()));
        let [listed] = &accounts.list(&MerchantId::new("m")).await.unwrap()[..] else { panic!("{why}") };
        assert_eq!((&listed.problem, &listed.password_ends_with), (&Some(why.to_string()), &None));
    }
}

#[tokio::test]
async fn a_rotation_loses_no_account() {
    let scene = Scene::new().await;
    for merchant in ["m", "n"] {
        set(&scene.node(&[1]), merchant, PASSWORD).await;
    }
    let (prepared, rotating) = (scene.node(&[1, 2]), scene.node(&[2, 1]));
    set(&rotating, "n", "set during the rotation").await;
    assert_eq!(password(&prepared, "n").await, Ok(Some("set during the rotation".to_string())));
    let updated_at = scene.row("m").await.updated_at;
    scene.move_clock(5_000);
    let outcome = rotating.reencrypt(&requester()).await.unwrap();
    assert_eq!((outcome.reencrypted, &outcome.unreadable[..]), (1, &[][..]));
    let row = scene.row("m").await;
    assert_eq!((row.key_name, row.updated_at), (key_name(2), updated_at));
    let rotated = scene.node(&[2]);
    assert_eq!(password(&rotated, "m").await, Ok(Some(PASSWORD.to_string())));
    assert_eq!(password(&rotated, "n").await, Ok(Some("set during the rotation".to_string())));
    let again = rotated.reencrypt(&requester()).await.unwrap();
    assert_eq!(again.reencrypted, 0);
}

#[tokio::test]
async fn a_reencryption_names_the_accounts_that_it_cannot_decrypt_and_does_the_others() {
    let scene = Scene::new().await;
    set(&scene.node(&[3]), "m", PASSWORD).await;
    set(&scene.node(&[1]), "n", PASSWORD).await;
    let outcome = scene.node(&[2, 1]).reencrypt(&requester()).await.unwrap();
    assert_eq!(outcome.reencrypted, 1);
    let lost = UnreadableRow {
        merchant_id: MerchantId::new("m"),
        base_url: EUROPE.to_string(),
        problem: UnreadableAccount::UnknownKey(key_name(3)),
    };
    assert_eq!(outcome.unreadable, [lost]);
    assert_eq!(password(&scene.node(&[2]), "n").await, Ok(Some(PASSWORD.to_string())));
    let without_keys = scene.node(&[]).reencrypt(&requester()).await;
    assert!(matches!(without_keys, Err(PaymentAccountError::Unreadable(UnreadableAccount::NoKeys))));
}

#[tokio::test]
async fn a_change_takes_effect_at_once_on_its_node_and_within_a_second_on_others() {
    let scene = Scene::new().await;
    let (one, other) = (scene.node(&[1]), scene.node(&[1]));
    set(&one, "m", "the first password").await;
    assert_eq!(password(&other, "m").await, Ok(Some("the first password".to_string())));
    set(&one, "m", "the second password").await;
    assert_eq!(password(&one, "m").await, Ok(Some("the second password".to_string())));
    scene.move_clock(999);
    assert_eq!(password(&other, "m").await, Ok(Some("the first password".to_string())));
    scene.move_clock(1);
    assert_eq!(password(&other, "m").await, Ok(Some("the second password".to_string())));
    assert!(one.remove(&MerchantId::new("m"), &EUROPE.parse().unwrap(), &requester()).await.unwrap());
    assert_eq!(password(&one, "m").await, Ok(None));
    assert!(!one.remove(&MerchantId::new("m"), &EUROPE.parse().unwrap(), &requester()).await.unwrap());
}
