//! An admin creates, edits, previews and deletes the profiles of a merchant at the console.

use kassa_domain::{MerchantId, Role};
use kassa_wire::audit::ActOrigin;
use serde_json::json;

use super::desk::Desk;
use crate::audit::{acts, problem};
use crate::harness::journey;

const MERCHANT: &str = "/console/merchants/merchant";
const NEW: &str = "/console/merchants/merchant/new-profile";
const SPRING: &str = "/console/merchants/merchant/profiles/spring";

/// The fields of the form for a profile.
const FIELDS: [(&str, &str); 10] = [
    ("name", "Spring <b>sale</b>"),
    ("profile_id", "spring"),
    ("is_default", "1"),
    ("options.page_title", "Flowers"),
    ("options.purchase_type", "RENT"),
    ("category_PAY_LATER", "1"),
    ("options.background_images", "700 https://shop.example/s.png\r\n1400 https://shop.example/l.png"),
    ("colors.accent", "#FFCC00"),
    ("links.privacy", "https://shop.example/privacy"),
    ("merchant_urls.success", "https://shop.example/thanks"),
];

#[test]
fn an_admin_creates_edits_and_deletes_a_profile() {
    journey(|world| async move {
        let desk = Desk::of(&world, "ada", Role::Admin).await;
        assert!(desk.open(NEW).await.text.contains("New profile of merchant"));
        let made = desk.post(NEW, &FIELDS).await;
        assert_eq!((made.status, made.header("location")), (303, SPRING), "{}", made.text);
        let shown = desk.open(SPRING).await.text;
        assert!(shown.contains("value=\"Flowers\"") && !shown.contains("<b>sale"), "{shown}");
        assert!(desk.open(MERCHANT).await.text.contains("Spring &#60;b&#62;sale"));
        let merchant = MerchantId::new("merchant");
        let stored = world.app().profiles().profile(&merchant, "spring").await.unwrap().unwrap();
        let expected = json!({
            "merchant_urls": {"success": "https://shop.example/thanks"},
            "links": {"privacy": "https://shop.example/privacy"},
            "colors": {"accent": "#FFCC00"},
            "options": {
                "page_title": "Flowers", "purchase_type": "RENT", "payment_method_categories": ["PAY_LATER"],
                "background_images": [
                    {"url": "https://shop.example/s.png", "width": 700},
                    {"url": "https://shop.example/l.png", "width": 1400},
                ],
            },
        });
        assert_eq!(json!(stored.values), expected);

        let saved = desk.post(SPRING, &[("do", "save"), ("name", "Summer")]).await;
        assert!(saved.text.contains("New page sessions get these values."), "{}", saved.text);
        let bad = [("do", "save"), ("name", "Summer"), ("options.logo_url", "/logo.svg")];
        let refused = desk.post(SPRING, &bad).await;
        assert_eq!(refused.status, 400);
        assert!(refused.text.contains("Bad value: options.logo_url"), "{}", refused.text);
        assert!(refused.text.contains("value=\"/logo.svg\""), "the form keeps what was typed");
        let again = desk.post(NEW, &FIELDS).await;
        assert_eq!(again.status, 409);
        assert!(again.text.contains("value=\"spring\""), "the form keeps what was typed");
    });
}

#[test]
fn the_preview_shows_the_look_of_a_profile_and_cannot_pay() {
    journey(|world| async move {
        let desk = Desk::of(&world, "ada", Role::Admin).await;
        assert_eq!(desk.post(NEW, &FIELDS).await.status, 303);
        let preview = desk.open(&format!("{SPRING}/preview?language=de")).await;
        assert!(preview.text.contains("/sample?language=de"), "{}", preview.text);
        assert!(preview.text.contains("<code>#866a00</code>"), "links on a light screen: {}", preview.text);
        assert!(preview.header("content-security-policy").contains("frame-src 'self';"));
        let sample = desk.open(&format!("{SPRING}/sample?language=de")).await;
        assert_eq!(sample.status, 200);
        assert!(
            sample.text.contains("<bdi>Flowers</bdi>") && sample.text.contains("lang=\"de\""),
            "{}",
            sample.text
        );
        assert!(sample.text.contains(">Datenschutz<"), "{}", sample.text);
        let policy = sample.header("content-security-policy");
        assert!(
            policy.contains("form-action 'none'") && policy.contains("frame-ancestors 'self'"),
            "{policy}"
        );
        assert!(!sample.text.contains("<script"), "{}", sample.text);
        assert!(sample.text.contains("srcset=\"/images/"), "pictures come from Kassa: {}", sample.text);
        assert!(sample.text.contains("Pay later") || sample.text.contains("pay_later"), "{}", sample.text);
        assert!(!sample.text.contains("pay_now"), "only the category of the profile: {}", sample.text);
        for path in ["preview", "sample"] {
            let missing = SPRING.replace("spring", "no");
            assert_eq!(desk.open(&format!("{missing}/{path}")).await.status, 404);
        }
        assert_eq!(
            Desk::closed(&world).open(&format!("{SPRING}/sample")).await.status,
            303,
            "to the sign-in"
        );
    });
}

#[test]
fn only_an_admin_changes_profiles_and_each_change_is_an_act_of_the_console() {
    journey(|world| async move {
        let admin = Desk::of(&world, "ada", Role::Admin).await;
        assert_eq!(admin.post(NEW, &FIELDS).await.status, 303);
        let support = Desk::of(&world, "sam", Role::Support).await;
        assert!(!support.open(SPRING).await.text.contains("data-testid=\"save\""));
        for (path, form) in [(NEW, &FIELDS[..]), (SPRING, &[("do", "save"), ("name", "x")])] {
            assert_eq!(support.post(path, form).await.status, 403, "{path}");
        }
        assert_eq!(support.post(SPRING, &[("do", "delete")]).await.status, 403);
        assert_eq!(admin.post(SPRING, &[("do", "save"), ("name", "Summer")]).await.status, 200);
        let deleted = admin.post(SPRING, &[("do", "delete")]).await;
        assert_eq!((deleted.status, deleted.header("location")), (303, MERCHANT));
        assert_eq!(admin.post(SPRING, &[("do", "delete")]).await.status, 404);
        assert_eq!(admin.post(SPRING, &[("do", "dance")]).await.status, 400);
        let of_profiles = acts(world.app()).await.into_iter().filter(|act| act.act.starts_with("profile_"));
        let of_profiles: Vec<_> = of_profiles.collect();
        let kinds: Vec<_> = of_profiles.iter().map(|act| act.act.as_str()).collect();
        assert_eq!(kinds, ["profile_created", "profile_replaced", "profile_deleted"]);
        for act in &of_profiles {
            assert_eq!((act.actor.name.as_deref(), act.object.as_str()), (Some("ada"), "merchant spring"));
            assert!(matches!(act.origin, ActOrigin::Console { .. }), "{act:?}");
        }
        assert_eq!(problem(world.app(), &[]).await, None);
    });
}
