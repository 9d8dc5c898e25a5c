//! Profiles over HTTP: operators manage them, and new page sessions get their values.

use http::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Page, World, journey};
use crate::operator_makes_merchants::operator;

const PATH: &str = "/kassa/v1/merchants/merchant/profiles";

fn path_of(profile: &str) -> String {
    format!("{PATH}/{profile}")
}

/// A profile with this title, whose merchant URLs lead to the receiver.
fn profile(world: &World, title: &str) -> Value {
    json!({
        "name": "Web shop",
        "merchant_urls": world.receiver.merchant_urls(),
        "options": {"page_title": title, "purchase_type": "rent", "payment_method_categories": ["PAY_LATER"]},
    })
}

/// Creates a page session with these fields, for a new payment session.
async fn create(world: &World, fields: Value) -> Answer {
    let payment = world.merchant.payment_session("ECOMMERCE").await;
    let mut body = fields;
    body["payment_session_url"] = json!(format!("{}/payments/v1/sessions/{payment}", world.url));
    world.merchant.post("/hpp/v1/sessions", &body).await
}

/// The pay page of a created session.
async fn page<'a>(world: &'a World, created: &Answer) -> Page<'a> {
    assert_eq!(created.status, 201, "{}", created.text);
    let link = created.json["redirect_url"].as_str().unwrap();
    Page::open_link(world, link.strip_prefix(&world.url).unwrap()).await
}

/// The ids of the listed profiles, each with whether it is the default one.
fn listed(answer: &Answer) -> Vec<(String, bool)> {
    let profiles = answer.json["profiles"].as_array().unwrap().iter();
    let of =
        |one: &Value| (one["profile_id"].as_str().unwrap().to_string(), one["is_default"].as_bool().unwrap());
    profiles.map(of).collect()
}

#[test]
fn an_operator_creates_reads_replaces_and_deletes_a_profile() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        assert_eq!(operator.get(PATH).await.json, json!({"profiles": []}));
        let mut asked = profile(&world, "Spring");
        asked["profile_id"] = json!("spring");
        let made = operator.post(PATH, &asked).await;
        assert_eq!((made.status, &made.json["profile_id"]), (201, &json!("spring")), "{}", made.text);
        assert_eq!(made.json["options"], asked["options"], "the values are as they were given");
        assert_eq!(operator.post(PATH, &asked).await.status, 409);
        assert_eq!(operator.get(&path_of("spring")).await.json, made.json);

        let replacement = json!({"name": "Web shop 2", "options": {"page_title": "Summer"}});
        let replaced = operator.put(&path_of("spring"), &replacement).await;
        assert_eq!(
            (replaced.status, &replaced.json["name"]),
            (200, &json!("Web shop 2")),
            "{}",
            replaced.text
        );
        assert_eq!(replaced.json["merchant_urls"], json!({}), "absent fields are removed");
        assert_eq!(replaced.json["created_at"], made.json["created_at"]);

        let other = operator.post(PATH, &json!({"name": "Other"})).await;
        let chosen = other.json["profile_id"].as_str().unwrap().to_string();
        assert_eq!(chosen.len(), 36, "a UUID");
        assert_eq!(listed(&operator.get(PATH).await).len(), 2);
        assert_eq!(operator.delete(&path_of("spring")).await.status, 204);
        assert_eq!(operator.delete(&path_of("spring")).await.status, 404);
        assert_eq!(listed(&operator.get(PATH).await), [(chosen, false)]);
        for path in [path_of("spring"), path_of("%00"), "/kassa/v1/merchants/unknown/profiles".to_string()] {
            assert_eq!(operator.get(&path).await.status, 404, "{path}");
        }
        assert_eq!(operator.put(&path_of("spring"), &replacement).await.status, 404);
    });
}

#[test]
fn a_merchant_cannot_reach_profiles() {
    journey(|world| async move {
        let body = json!({"name": "Web shop"});
        for caller in [&world.merchant, &world.stranger, &world.anyone_with("")] {
            assert_eq!(caller.get(PATH).await.status, 401);
            assert_eq!(caller.post(PATH, &body).await.status, 401);
            assert_eq!(caller.get(&path_of("p")).await.status, 401);
            assert_eq!(caller.put(&path_of("p"), &body).await.status, 401);
            assert_eq!(caller.delete(&path_of("p")).await.status, 401);
        }
    });
}

#[test]
fn a_value_that_a_session_could_not_have_is_refused_with_its_field() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        assert_eq!(operator.post(PATH, &json!({"name": "Shop", "profile_id": "p"})).await.status, 201);
        for (field, value) in [
            ("merchant_urls.success", json!({"merchant_urls": {"success": "javascript:alert(1)"}})),
            ("merchant_urls.status_update", json!({"merchant_urls": {"status_update": "ftp://m/cb"}})),
            ("options.purchase_type", json!({"options": {"purchase_type": "STEAL"}})),
            (
                "options.payment_method_categories[0]",
                json!({"options": {"payment_method_categories": ["X"]}}),
            ),
            ("options.logo_url", json!({"options": {"logo_url": "/logo.svg"}})),
            ("options.background_images[0].url", json!({"options": {"background_images": [{"url": "x"}]}})),
            ("links.terms", json!({"links": {"terms": "http://shop.example/terms"}})),
            ("links.support", json!({"links": {"support": "mailto:help@shop.example"}})),
            ("links.privacy", json!({"links": {"privacy": "https://user@shop.example/"}})),
            ("colors.accent", json!({"colors": {"accent": "red"}})),
            ("colors.background", json!({"colors": {"background": "#fff;}*{display:none"}})),
            ("colors.text", json!({"colors": {"text": "#14594a"}})),
            ("name", json!({"name": " "})),
        ] {
            let mut body = value;
            if body["name"].is_null() {
                body["name"] = json!("Shop");
            }
            let first = json!(format!("Bad value: {field}"));
            let made = operator.post(PATH, &body).await;
            assert_eq!((made.status, &made.json["error_messages"][0]), (400, &first), "{}", made.text);
            let replaced = operator.put(&path_of("p"), &body).await;
            assert_eq!((replaced.status, &replaced.json["error_messages"][0]), (400, &first));
        }
        for id in ["a b", "a/b", "a\u{0}", &"a".repeat(65)] {
            let made = operator.post(PATH, &json!({"name": "Shop", "profile_id": id})).await;
            assert_eq!(made.json["error_messages"][0], "Bad value: profile_id", "{id:?}");
        }
        let misspelled = operator.post(PATH, &json!({"name": "Shop", "option": {}})).await;
        assert_eq!(misspelled.json["error_messages"][0], "Bad value: option");
        assert_eq!(listed(&operator.get(PATH).await), [("p".to_string(), false)]);
    });
}

#[test]
fn a_session_gets_the_values_of_its_profile_where_it_has_none_of_its_own() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        let mut asked = profile(&world, "Of the profile");
        asked["profile_id"] = json!("p");
        assert_eq!(operator.post(PATH, &asked).await.status, 201);

        let created = create(&world, json!({"profile_id": "p"})).await;
        let mut page = page(&world, &created).await;
        assert!(
            page.html.contains("<bdi>Of the profile</bdi>") && page.html.contains("Hyr ·"),
            "{}",
            page.html
        );
        assert!(!page.html.contains("value=\"pay_now\""), "only the category of the profile");
        page.post("back", &[]).await;
        let callback = world.receiver.wait_for(2).await.remove(1);
        assert_eq!(callback.status(), "BACK", "the callback goes to the profile's status_update");
        let outcome =
            world.browser(Method::GET, &format!("{}/outcome", page.path()), bytes::Bytes::new()).await;
        let back = format!("{}/back?sid=", world.receiver.url());
        assert!(outcome.header("location").starts_with(&back), "{}", outcome.header("location"));

        let own = json!({"profile_id": "p", "options": {"page_title": "Own"}});
        let page = self::page(&world, &create(&world, own).await).await;
        assert!(page.html.contains("<bdi>Own</bdi>") && page.html.contains("Hyr ·"), "{}", page.html);
    });
}

#[test]
fn a_change_of_a_profile_changes_no_existing_session() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        let mut asked = profile(&world, "Before");
        asked["profile_id"] = json!("p");
        assert_eq!(operator.post(PATH, &asked).await.status, 201);
        let early = create(&world, json!({"profile_id": "p"})).await;
        assert_eq!(operator.put(&path_of("p"), &profile(&world, "After")).await.status, 200);
        assert!(page(&world, &early).await.html.contains("<bdi>Before</bdi>"));
        let late = create(&world, json!({"profile_id": "p"})).await;
        assert!(page(&world, &late).await.html.contains("<bdi>After</bdi>"));
        assert_eq!(operator.delete(&path_of("p")).await.status, 204);
        assert!(page(&world, &early).await.html.contains("<bdi>Before</bdi>"));
        assert!(page(&world, &late).await.html.contains("<bdi>After</bdi>"));
        assert_eq!(create(&world, json!({"profile_id": "p"})).await.status, 400);
    });
}

#[test]
fn the_default_profile_applies_to_sessions_that_name_none() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        for (id, is_default) in [("a", true), ("b", false)] {
            let mut asked = profile(&world, &format!("Of {id}"));
            asked["profile_id"] = json!(id);
            asked["is_default"] = json!(is_default);
            assert_eq!(operator.post(PATH, &asked).await.status, 201);
        }
        for fields in [json!({}), json!({"profile_id": ""}), json!({"profile_id": null})] {
            assert!(page(&world, &create(&world, fields).await).await.html.contains("<bdi>Of a</bdi>"));
        }
        let named = create(&world, json!({"profile_id": "b"})).await;
        assert!(page(&world, &named).await.html.contains("<bdi>Of b</bdi>"));

        let mut asked = profile(&world, "New default");
        asked["is_default"] = json!(true);
        assert_eq!(operator.put(&path_of("b"), &asked).await.status, 200);
        let expected = [("a".to_string(), false), ("b".to_string(), true)];
        assert_eq!(listed(&operator.get(PATH).await), expected, "one is the default profile");
        assert!(page(&world, &create(&world, json!({})).await).await.html.contains("<bdi>New default</bdi>"));

        assert_eq!(operator.delete(&path_of("b")).await.status, 204);
        let without = page(&world, &create(&world, json!({})).await).await.html;
        assert!(!without.contains("New default") && !without.contains("Of a"));
    });
}

#[test]
fn every_page_with_an_order_links_to_the_shops_own_pages() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        let mut asked = profile(&world, "Of the profile");
        asked["is_default"] = json!(true);
        asked["merchant_urls"] = json!({});
        asked["links"] =
            json!({"terms": "https://shop.example/terms?a=1&b=2", "support": "https://shop.example/help"});
        assert_eq!(operator.post(PATH, &asked).await.status, 201);
        let mut page = page(&world, &create(&world, json!({})).await).await;
        let link = "href=\"https://shop.example/terms?a=1&#38;b=2\" target=\"_blank\" rel=\"noopener\"";
        let has_links = |html: &str| {
            assert!(html.contains(link) && html.contains("Köpvillkor<"), "{html}");
            assert!(
                html.contains("https://shop.example/help") && !html.contains("Integritetspolicy"),
                "{html}"
            );
        };
        has_links(&page.html);
        page.post("back", &[]).await;
        page.follow().await;
        assert!(page.has("outcome-back"), "{}", page.html);
        has_links(&page.html);
        let again = page.path().to_string();
        let mut page = Page::open_link(&world, &again).await;
        page.pay("customer@email.se", "123456").await;
        page.follow().await;
        assert!(page.has("outcome-completed") && page.has("order-total"), "{}", page.html);
        has_links(&page.html);
    });
}

/// The colours are rules in a `<style>` element, so the policy of the page must name its nonce.
#[test]
fn every_page_with_an_order_has_the_colours_of_the_shop() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        let mut asked = profile(&world, "Of the profile");
        asked["is_default"] = json!(true);
        asked["merchant_urls"] = json!({});
        asked["colors"] = json!({"accent": "#FFCC00"});
        assert_eq!(operator.post(PATH, &asked).await.status, 201);
        let mut page = page(&world, &create(&world, json!({})).await).await;
        let has_colors = |page: &Page| {
            let nonce = page.header("content-security-policy").split_once("style-src 'nonce-").unwrap().1;
            let nonce = nonce.split_once('\'').unwrap().0;
            assert!(page.html.contains(&format!("<style nonce=\"{nonce}\">:root{{")), "{}", page.html);
            assert!(page.html.contains("--fill:light-dark(#ffcc00,#ffcc00);"), "{}", page.html);
            assert!(page.html.contains("--accent:light-dark(#866a00,#ffcc00);"), "{}", page.html);
        };
        has_colors(&page);
        page.post("back", &[]).await;
        page.follow().await;
        has_colors(&page);
    });
}

#[test]
fn a_session_with_an_unknown_profile_is_refused_and_says_what_to_do() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        let of_stranger = "/kassa/v1/merchants/stranger/profiles";
        let made = operator.post(of_stranger, &json!({"name": "Shop", "profile_id": "theirs"})).await;
        assert_eq!(made.status, 201);
        for id in ["87ab3565-5e06-4006-9ada-8eedc6926703", "theirs", "\u{0}", "' or 1=1"] {
            let refused = create(&world, json!({"profile_id": id})).await;
            assert_eq!(
                (refused.status, &refused.json["error_messages"][0]),
                (400, &json!("Bad value: profile_id"))
            );
            let why = refused.json["error_messages"][1].as_str().unwrap();
            assert!(why.contains("kassa profile add"), "{why}");
        }
    });
}

#[test]
fn an_error_about_a_value_of_a_profile_names_the_profile() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        let offered = json!({"payment_method_categories": ["pay_now"]});
        assert_eq!(world.merchant.put("/kassa/v1/payments/settings", &offered).await.status, 200);
        let options = json!({"payment_method_category": "PAY_LATER"});
        let made = operator.post(PATH, &json!({"name": "Shop", "profile_id": "p", "options": options})).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let refused = create(&world, json!({"profile_id": "p"})).await;
        let expected = json!([
            "Bad value: options.payment_method_category",
            "Fields that the call does not have come from the profile p",
        ]);
        assert_eq!((refused.status, &refused.json["error_messages"]), (400, &expected));
        let own = json!({"profile_id": "p", "options": {"payment_method_categories": ["PAY_NOW"]}});
        assert_eq!(create(&world, own).await.status, 201);
    });
}

#[test]
fn another_node_applies_a_changed_profile_within_a_second() {
    journey(|world| async move {
        let operator = operator(&world, "deployments").await;
        let elsewhere = world.merchant_elsewhere().await;
        let mut asked = profile(&world, "Before");
        asked["is_default"] = json!(true);
        let made = operator.post(PATH, &asked).await;
        let id = made.json["profile_id"].as_str().unwrap();
        let title = async || {
            let payment = world.merchant.payment_session("ECOMMERCE").await;
            let url = format!("{}/payments/v1/sessions/{payment}", elsewhere.url());
            let created = elsewhere.post("/hpp/v1/sessions", &json!({"payment_session_url": url})).await;
            assert_eq!(created.status, 201, "{}", created.text);
            let link = created.json["redirect_url"].as_str().unwrap();
            elsewhere.get(link.strip_prefix(elsewhere.url()).unwrap()).await.text
        };
        assert!(title().await.contains("<bdi>Before</bdi>"));
        let mut asked = profile(&world, "After");
        asked["is_default"] = json!(true);
        assert_eq!(operator.put(&path_of(id), &asked).await.status, 200);
        world.clock.advance(std::time::Duration::from_secs(1));
        assert!(title().await.contains("<bdi>After</bdi>"));
    });
}
