//! An admin creates and renames merchants, and manages credentials and operators.

use kassa_domain::Role;
use kassa_wire::audit::ActOrigin;
use serde_json::json;

use super::desk::{CHOSEN, Desk};
use crate::audit::{acts, problem};
use crate::harness::{cart, journey};

/// The value that a page shows for a label.
fn shown<'a>(html: &'a str, label: &str) -> &'a str {
    let (_, rest) = html.split_once(&format!("<dt>{label}</dt><dd>")).expect(label);
    rest.split('<').next().unwrap()
}

#[test]
fn an_admin_creates_a_merchant_whose_password_is_shown_once() {
    journey(|world| async move {
        let desk = Desk::of(&world, "ada", Role::Admin).await;
        let name = "Shoes & <b>Co</b>";
        let made = desk.post("/console/merchants", &[("merchant_id", "PK9"), ("name", name)]).await;
        assert_eq!(made.status, 200, "{}", made.text);
        let (username, password) = (shown(&made.text, "Username"), shown(&made.text, "Password"));
        let merchant = world.anyone_as(username, password);
        merchant.payment_session("ECOMMERCE").await;
        assert!(!made.text.contains("<b>Co"), "the name is text");
        let page = desk.open("/console/merchants/PK9").await.text;
        assert!(!page.contains(password) && page.contains(username));
        let again = desk.post("/console/merchants", &[("merchant_id", "PK9"), ("name", "x")]).await;
        assert_eq!(again.status, 409);
        let bad = desk.post("/console/merchants", &[("merchant_id", "PK 9"), ("name", "x")]).await;
        assert!(bad.text.contains("Bad value: merchant_id"), "{}", bad.text);

        let path = "/console/merchants/PK9";
        let renamed = desk.post(path, &[("do", "rename"), ("name", "Boots")]).await;
        assert!(renamed.text.contains("Consumers read Boots from now on."), "{}", renamed.text);
        assert_eq!(desk.post(path, &[("do", "rename"), ("name", " ")]).await.status, 400);
        let second = desk.post(path, &[("do", "add-credential")]).await.text;
        let other = world.anyone_as(shown(&second, "Username"), shown(&second, "Password"));
        other.payment_session("ECOMMERCE").await;
        let revoked = desk.post(path, &[("do", "revoke-credential"), ("username", username)]).await;
        assert!(revoked.text.contains("is refused from now on"), "{}", revoked.text);
        assert_eq!(merchant.get("/kassa/v1/credentials").await.status, 401);
        assert_eq!(desk.post(path, &[("do", "dance")]).await.status, 400);
        assert_eq!(desk.post("/console/merchants/no", &[("do", "rename"), ("name", "x")]).await.status, 404);
    });
}

#[test]
fn an_admin_suspends_a_merchant_and_lets_it_take_payments_again() {
    journey(|world| async move {
        let desk = Desk::of(&world, "ada", Role::Admin).await;
        let (path, merchant) = ("/console/merchants/merchant", &world.merchant);
        let suspended = desk.post(path, &[("do", "suspend")]).await;
        assert!(suspended.text.contains("takes no new payments from now on"), "{}", suspended.text);
        assert!(suspended.text.contains("suspended since"));
        assert!(desk.open("/console/merchants").await.text.contains("suspended since"));
        assert_eq!(merchant.post("/payments/v1/sessions", &cart("ECOMMERCE")).await.status, 403);
        let resumed = desk.post(path, &[("do", "resume")]).await;
        assert!(resumed.text.contains("takes payments again"), "{}", resumed.text);
        merchant.payment_session("ECOMMERCE").await;
    });
}

#[test]
fn an_admin_rotates_the_secret_that_signs_callbacks() {
    journey(|world| async move {
        let desk = Desk::of(&world, "ada", Role::Admin).await;
        let path = "/console/merchants/merchant";
        let before = world.merchant_callback_secret().await;
        let made = desk.post(path, &[("do", "add-secret")]).await;
        let new = shown(&made.text, "Callback secret").to_string();
        assert!(new.starts_with("whsec_") && new != before);
        assert!(!desk.open(path).await.text.contains(&new), "it is shown once");
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        let callback = world.receiver.wait_for(1).await.remove(0);
        assert!(callback.is_signed_with(&new) && callback.is_signed_with(&before));
        let listed = world.merchant.get("/kassa/v1/callbacks/secrets").await.json;
        let old = listed["secrets"][1]["id"].as_str().unwrap().to_string();
        assert_eq!(desk.post(path, &[("do", "revoke-secret"), ("secret", &old)]).await.status, 200);
        world.merchant.act(&session, "approve").await;
        let callback = world.receiver.wait_for(2).await.remove(1);
        assert!(callback.is_signed_with(&new) && !callback.is_signed_with(&before));
        let last = listed["secrets"][0]["id"].as_str().unwrap();
        assert_eq!(desk.post(path, &[("do", "revoke-secret"), ("secret", last)]).await.status, 409);
        assert_eq!(desk.post(path, &[("do", "revoke-secret"), ("secret", "no")]).await.status, 404);
    });
}

#[test]
fn an_admin_sets_how_callbacks_are_attempted_and_what_the_sandbox_offers() {
    journey(|world| async move {
        let desk = Desk::of(&world, "ada", Role::Admin).await;
        let (path, settings) = ("/console/merchants/merchant", "/kassa/v1/callbacks/settings");
        let custom = [
            ("do", "set-callbacks"),
            ("schedule", "custom"),
            ("waits_s", "1 2.5"),
            ("timeout_ms", "2000"),
            ("jitter_percent", "10"),
            ("disabled_calls_back", "1"),
        ];
        let set = desk.post(path, &custom).await;
        assert!(set.text.contains("<dd data-testid=\"waits-shown\">1 2.500</dd>"), "{}", set.text);
        let expected = json!({
            "retry_schedule": {"waits_ms": [1000, 2500], "timeout_ms": 2000, "jitter_percent": 10},
            "disabled_calls_back": true,
        });
        assert_eq!(world.merchant.get(settings).await.json, expected);
        desk.post(path, &[("do", "set-callbacks"), ("schedule", "durable")]).await;
        let expected = json!({"retry_schedule": "durable", "disabled_calls_back": false});
        assert_eq!(world.merchant.get(settings).await.json, expected);
        for bad in [("schedule", "never"), ("waits_s", "soon"), ("timeout_ms", "0"), ("jitter_percent", "-1")]
        {
            let form =
                [("do", "set-callbacks"), ("schedule", "custom"), ("waits_s", "1"), ("timeout_ms", "9")];
            let fields: Vec<_> = form.into_iter().filter(|(name, _)| *name != bad.0).chain([bad]).collect();
            assert_eq!(desk.post(path, &fields).await.status, 400, "{bad:?}");
        }
        assert_eq!(world.merchant.get(settings).await.json, expected, "a bad form changes nothing");

        let chosen = [("do", "set-payments"), ("category_PAY_NOW", "1")];
        assert_eq!(desk.post(path, &chosen).await.status, 200);
        let offered = world.merchant.get("/kassa/v1/payments/settings").await.json;
        assert_eq!(offered, json!({"payment_method_categories": ["pay_now"]}));
        desk.post(path, &[("do", "set-payments")]).await;
        let offered = world.merchant.get("/kassa/v1/payments/settings").await.json;
        assert_eq!(offered, json!({"payment_method_categories": []}));
    });
}

#[test]
fn an_admin_sets_and_removes_an_account_at_a_payment_system() {
    journey(|world| async move {
        let desk = Desk::of(&world, "ada", Role::Admin).await;
        let path = "/console/merchants/merchant";
        let account = |base_url| {
            [
                ("do", "set-account"),
                ("base_url", base_url),
                ("account_username", "PK1_abc"),
                ("account_password", "a secret password"),
            ]
        };
        let base_url = "https://api.klarna.com";
        let set = desk.post(path, &account(base_url)).await;
        assert!(set.text.contains("The account at https://api.klarna.com is set."), "{}", set.text);
        assert!(!set.text.contains("a secret password") && set.text.contains("PK1_abc"));
        assert_eq!(desk.post(path, &account("http://api.klarna.com")).await.status, 400);
        assert_eq!(desk.post(path, &account("nonsense")).await.status, 400);
        let remove = [("do", "remove-account"), ("base_url", base_url)];
        assert_eq!(desk.post(path, &remove).await.status, 200);
        assert_eq!(desk.post(path, &remove).await.status, 404);
        assert!(!desk.open(path).await.text.contains("PK1_abc"));
    });
}

#[test]
fn an_admin_manages_other_operators_and_not_itself() {
    journey(|world| async move {
        let desk = Desk::of(&world, "ada", Role::Admin).await;
        let path = "/console/operators";
        let made = desk.post(path, &[("do", "add"), ("name", "bob"), ("role", "SUPPORT")]).await;
        let first = shown(&made.text, "Password").to_string();
        let mut bob = Desk::closed(&world);
        assert_eq!(bob.sign_in("bob", &first).await.status, 303);
        bob.choose(&first, "a password of bob").await;
        assert_eq!(bob.open("/console").await.status, 200);
        let reset = desk.post(path, &[("do", "reset"), ("name", "bob")]).await;
        let second = shown(&reset.text, "Password").to_string();
        assert_eq!(bob.open("/console").await.status, 303, "the sign-in ended");
        assert_eq!(bob.sign_in("bob", "a password of bob").await.status, 401);
        assert_eq!(bob.sign_in("bob", &second).await.status, 303);
        desk.post(path, &[("do", "set-role"), ("name", "bob"), ("role", "READ_ONLY")]).await;
        assert!(bob.open("/console/account").await.text.contains("read only"));
        assert_eq!(desk.post(path, &[("do", "revoke"), ("name", "bob")]).await.status, 200);
        assert_eq!(bob.open("/console").await.status, 303);
        for act in ["set-role", "reset", "revoke"] {
            let own = desk.post(path, &[("do", act), ("name", "ada"), ("role", "SUPPORT")]).await;
            assert_eq!(own.status, 409, "{act}");
            let nobody = desk.post(path, &[("do", act), ("name", "nobody"), ("role", "SUPPORT")]).await;
            assert_eq!(nobody.status, 404, "{act}");
        }
        let taken = desk.post(path, &[("do", "add"), ("name", "bob"), ("role", "SUPPORT")]).await;
        assert_eq!(taken.status, 409);
        assert_eq!(desk.post(path, &[("do", "add"), ("name", "x"), ("role", "KING")]).await.status, 400);
    });
}

#[test]
fn each_act_of_the_console_is_in_the_audit_trail_with_its_origin() {
    journey(|world| async move {
        let desk = Desk::of(&world, "ada", Role::Admin).await;
        let before = acts(world.app()).await.len();
        let operators = "/console/operators";
        desk.post("/console/merchants", &[("merchant_id", "PK9"), ("name", "Shoes")]).await;
        desk.post("/console/merchants/PK9", &[("do", "rename"), ("name", "Boots")]).await;
        for act in ["suspend", "resume", "add-credential", "add-secret"] {
            desk.post("/console/merchants/PK9", &[("do", act)]).await;
        }
        desk.post(operators, &[("do", "add"), ("name", "bob"), ("role", "SUPPORT")]).await;
        desk.post(operators, &[("do", "set-role"), ("name", "bob"), ("role", "READ_ONLY")]).await;
        desk.post(operators, &[("do", "reset"), ("name", "bob")]).await;
        desk.post(operators, &[("do", "revoke"), ("name", "bob")]).await;
        desk.choose(CHOSEN, "another four words that stay").await;
        let new = acts(world.app()).await.split_off(before);
        let kinds: Vec<_> = new.iter().map(|act| act.act.as_str()).collect();
        let expected = [
            "merchant_created",
            "merchant_renamed",
            "merchant_suspended",
            "merchant_resumed",
            "credential_created",
            "settings_changed",
            "operator_created",
            "operator_role_changed",
            "operator_reset",
            "operator_revoked",
            "password_chosen",
        ];
        assert_eq!(kinds, expected);
        for act in &new {
            let ActOrigin::Console { address, correlation_id } = &act.origin else { panic!("{act:?}") };
            assert_eq!(address.as_deref(), Some("127.0.0.1"));
            assert_eq!(correlation_id.as_ref().map(String::len), Some(36));
            assert_eq!((act.actor.kind.as_str(), act.actor.name.as_deref()), ("operator", Some("ada")));
        }
        assert_eq!(problem(world.app(), &[]).await, None);
    });
}
