//! Profiles: one for each merchant and id, at most one default for each merchant, and deleted with their merchant.

use kassa_domain::{MerchantId, Timestamp};
use kassa_store::{CreateProfileOutcome, ProfileRow, Store};
use tempfile::TempDir;

use crate::claims_are_disjoint::databases;
use crate::life::act;
use crate::payment_accounts::open;

fn profile(merchant: &str, id: &str, is_default: bool) -> ProfileRow {
    ProfileRow {
        merchant_id: MerchantId::new(merchant),
        profile_id: id.to_string(),
        name: format!("{id} of {merchant}"),
        is_default,
        content: "{}".to_string(),
        created_at: Timestamp::from_ms(1),
        updated_at: Timestamp::from_ms(1),
    }
}

async fn create(store: &Store, profile: &ProfileRow) -> CreateProfileOutcome {
    store.create_profile(profile, &act()).await.unwrap()
}

async fn profiles_of(store: &Store, merchant: &str) -> Vec<ProfileRow> {
    store.profiles(&MerchantId::new(merchant)).await.unwrap()
}

#[tokio::test]
async fn a_merchant_has_one_profile_for_each_id() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        for (merchant, id) in [("m", "b"), ("m", "a"), ("n", "a")] {
            assert_eq!(create(&store, &profile(merchant, id, false)).await, CreateProfileOutcome::Created);
        }
        assert_eq!(create(&store, &profile("m", "a", true)).await, CreateProfileOutcome::Taken);
        assert_eq!(create(&store, &profile("x", "a", true)).await, CreateProfileOutcome::UnknownMerchant);
        assert_eq!(profiles_of(&store, "m").await, [profile("m", "a", false), profile("m", "b", false)]);
        let merchant = MerchantId::new("n");
        assert_eq!(store.profile(&merchant, "a").await.unwrap(), Some(profile("n", "a", false)));
        assert_eq!(store.profile(&merchant, "b").await.unwrap(), None);
        assert_eq!(store.default_profile(&merchant).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_new_default_profile_replaces_the_one_before_and_only_that_of_its_merchant() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        for (merchant, id) in [("m", "a"), ("n", "a"), ("m", "b")] {
            assert_eq!(create(&store, &profile(merchant, id, true)).await, CreateProfileOutcome::Created);
        }
        let of_m = MerchantId::new("m");
        assert_eq!(store.default_profile(&of_m).await.unwrap(), Some(profile("m", "b", true)));
        assert_eq!(profiles_of(&store, "m").await, [profile("m", "a", false), profile("m", "b", true)]);
        assert_eq!(profiles_of(&store, "n").await, [profile("n", "a", true)]);
        assert!(store.replace_profile(&profile("m", "a", true), &act()).await.unwrap());
        assert_eq!(profiles_of(&store, "m").await, [profile("m", "a", true), profile("m", "b", false)]);
        assert!(store.replace_profile(&profile("m", "a", false), &act()).await.unwrap());
        assert_eq!(store.default_profile(&of_m).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_replaced_profile_keeps_its_creation_date() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        create(&store, &profile("m", "a", false)).await;
        let later = ProfileRow {
            name: "another".to_string(),
            content: r#"{"options":{}}"#.to_string(),
            created_at: Timestamp::from_ms(2),
            updated_at: Timestamp::from_ms(2),
            ..profile("m", "a", false)
        };
        assert!(store.replace_profile(&later, &act()).await.unwrap());
        let expected = ProfileRow { created_at: Timestamp::from_ms(1), ..later };
        assert_eq!(profiles_of(&store, "m").await, [expected]);
        assert!(!store.replace_profile(&profile("m", "b", true), &act()).await.unwrap());
        assert!(!store.replace_profile(&profile("n", "a", true), &act()).await.unwrap());
    }
}

#[tokio::test]
async fn profiles_are_deleted_alone_and_with_their_merchant() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let (store, _engine) = open(&database).await;
        for (merchant, id) in [("m", "a"), ("m", "b"), ("n", "a")] {
            create(&store, &profile(merchant, id, false)).await;
        }
        let merchant = MerchantId::new("m");
        assert!(store.delete_profile(&merchant, "a", &act()).await.unwrap());
        assert!(!store.delete_profile(&merchant, "a", &act()).await.unwrap());
        assert_eq!(profiles_of(&store, "m").await, [profile("m", "b", false)]);
        store.erase_history(&merchant, &act()).await.unwrap();
        assert_eq!(profiles_of(&store, "m").await.len(), 1, "a reset of the lab keeps profiles");
        store.erase_merchant(&merchant, &act()).await.unwrap();
        assert_eq!(profiles_of(&store, "m").await, []);
        assert_eq!(profiles_of(&store, "n").await, [profile("n", "a", false)]);
    }
}
