//! Payment accounts: one for each merchant and base URL, replaced as a whole, and deleted with their merchant.

use kassa_domain::merchant::{Merchant, MerchantSettings};
use kassa_domain::{MerchantId, Timestamp, Username};
use kassa_store::simulation::Database;
use kassa_store::{Credential, PaymentAccountRow, Store};
use kassa_testkit::NamedEngine;
use tempfile::TempDir;

use crate::claims_are_disjoint::databases;

use crate::life::act;

const EUROPE: &str = "https://api.klarna.com";
const AMERICA: &str = "https://api-na.klarna.com";

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

fn account(merchant: &str, base_url: &str) -> PaymentAccountRow {
    PaymentAccountRow {
        merchant_id: MerchantId::new(merchant),
        base_url: base_url.to_string(),
        username: format!("user of {merchant}"),
        secret: format!("secret of {merchant} at {base_url}"),
        key_name: "old".to_string(),
        created_at: at(1),
        updated_at: at(1),
    }
}

async fn add_merchant(store: &Store, id: &str) {
    let merchant = Merchant {
        id: MerchantId::new(id),
        name: id.to_string(),
        settings: MerchantSettings::default(),
        suspended_at: None,
    };
    let credential =
        Credential { username: Username::new(id), secret_hash: "hash".to_string(), revoked_at: None };
    assert!(store.add_merchant(&merchant, &credential, at(0), &act()).await.unwrap());
}

/// Sets an account of a merchant that exists.
async fn set(store: &Store, account: &PaymentAccountRow) {
    assert_eq!(store.set_payment_account(account, &act()).await.unwrap().as_ref(), Some(account));
}

async fn accounts_of(store: &Store, merchant: &str) -> Vec<PaymentAccountRow> {
    store.payment_accounts(&MerchantId::new(merchant)).await.unwrap()
}

/// Opens a database with the merchants `m` and `n`.
pub async fn open(database: &Database) -> (Store, NamedEngine) {
    let engine = NamedEngine(database.engine());
    let store = database.open().await;
    for merchant in ["m", "n"] {
        add_merchant(&store, merchant).await;
    }
    (store, engine)
}

#[tokio::test]
async fn a_merchant_has_one_account_for_each_base_url() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        for account in [account("m", EUROPE), account("m", AMERICA), account("n", EUROPE)] {
            set(&store, &account).await;
        }
        assert_eq!(accounts_of(&store, "m").await, [account("m", AMERICA), account("m", EUROPE)]);
        let found = store.payment_account(&MerchantId::new("n"), EUROPE).await.unwrap();
        assert_eq!(found, Some(account("n", EUROPE)));
        assert_eq!(store.payment_account(&MerchantId::new("n"), AMERICA).await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_account_that_is_set_again_keeps_its_creation_date() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        set(&store, &account("m", EUROPE)).await;
        let again = PaymentAccountRow {
            username: "another".to_string(),
            secret: "another".to_string(),
            key_name: "new".to_string(),
            created_at: at(5),
            updated_at: at(5),
            ..account("m", EUROPE)
        };
        let expected = PaymentAccountRow { created_at: at(1), ..again.clone() };
        assert_eq!(store.set_payment_account(&again, &act()).await.unwrap(), Some(expected.clone()));
        assert_eq!(accounts_of(&store, "m").await, [expected]);
    }
}

#[tokio::test]
async fn an_account_of_an_unknown_merchant_is_not_stored() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        assert_eq!(store.set_payment_account(&account("unknown", EUROPE), &act()).await.unwrap(), None);
        assert_eq!(accounts_of(&store, "unknown").await, []);
    }
}

#[tokio::test]
async fn a_removed_account_is_absent_and_others_remain() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        for account in [account("m", EUROPE), account("m", AMERICA), account("n", EUROPE)] {
            set(&store, &account).await;
        }
        let merchant = MerchantId::new("m");
        assert!(store.remove_payment_account(&merchant, EUROPE, &act()).await.unwrap());
        assert!(!store.remove_payment_account(&merchant, EUROPE, &act()).await.unwrap());
        assert_eq!(accounts_of(&store, "m").await, [account("m", AMERICA)]);
        assert_eq!(accounts_of(&store, "n").await, [account("n", EUROPE)]);
    }
}

#[tokio::test]
async fn a_deleted_merchant_loses_its_accounts_and_a_reset_merchant_keeps_them() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        set(&store, &account("m", EUROPE)).await;
        set(&store, &account("n", EUROPE)).await;
        store.erase_history(&MerchantId::new("m"), &act()).await.unwrap();
        assert_eq!(accounts_of(&store, "m").await, [account("m", EUROPE)]);
        store.erase_merchant(&MerchantId::new("m"), &act()).await.unwrap();
        assert_eq!(accounts_of(&store, "m").await, []);
        assert_eq!(accounts_of(&store, "n").await, [account("n", EUROPE)]);
    }
}

#[tokio::test]
async fn accounts_of_other_keys_are_found_in_pages() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        let of_new_key = PaymentAccountRow { key_name: "new".to_string(), ..account("n", AMERICA) };
        for account in [&account("m", EUROPE), &account("n", EUROPE), &of_new_key, &account("m", AMERICA)] {
            set(&store, account).await;
        }
        let first = store.payment_accounts_of_other_keys("new", None, 2).await.unwrap();
        assert_eq!(first, [account("m", AMERICA), account("m", EUROPE)]);
        let second = store.payment_accounts_of_other_keys("new", first.last(), 2).await.unwrap();
        assert_eq!(second, [account("n", EUROPE)]);
        assert_eq!(store.payment_accounts_of_other_keys("new", second.last(), 2).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_secret_is_replaced_only_if_nobody_changed_the_account_meanwhile() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        let read = account("m", EUROPE);
        set(&store, &read).await;
        assert!(store.replace_payment_secret(&read, "encrypted again", "new").await.unwrap());
        let replaced = PaymentAccountRow {
            secret: "encrypted again".to_string(),
            key_name: "new".to_string(),
            ..read.clone()
        };
        assert_eq!(accounts_of(&store, "m").await, std::slice::from_ref(&replaced));
        assert!(!store.replace_payment_secret(&read, "too late", "new").await.unwrap());
        assert_eq!(accounts_of(&store, "m").await, [replaced]);
    }
}
