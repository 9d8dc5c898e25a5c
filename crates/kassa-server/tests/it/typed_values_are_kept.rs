//! Nothing that the consumer typed is lost: in the page of an error, and for the next visit.

use http::Method;
use serde_json::json;

use crate::harness::{Answer, Page, World, journey};

const NEW: &str = "customer+new_user@email.se";

/// The fields of a new consumer.
fn sign_up() -> Vec<(&'static str, String)> {
    let fields = [("given_name", "Åsa"), ("family_name", "Öberg"), ("date_of_birth", "1990-05-17")];
    fields.map(|(name, value)| (name, value.to_string())).into()
}

#[test]
fn a_valid_code_stays_when_the_sign_up_appears_and_a_rejected_one_goes() {
    journey(|world| async move {
        let session = world.page_session().await;
        let mut page = Page::open(&world, &session).await;
        page.pay(NEW, "123456").await;
        assert_eq!(page.status, 422);
        assert_eq!(page.value("one_time_code"), "123456");
        page.pay("nobody", "123 456").await;
        assert_eq!(page.value("one_time_code"), "123 456");
        page.pay(NEW, "12345").await;
        assert_eq!(page.value("one_time_code"), "12345", "a digit is missing");
        page.pay(NEW, "999999").await;
        assert_eq!(page.value("one_time_code"), "");
    });
}

#[test]
fn the_sign_up_stays_whatever_else_is_to_be_mended() {
    journey(|world| async move {
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        let session = world.page_session_of(&payment, json!({})).await;
        let mut page = Page::open(&world, &session).await;
        let valid = page.form(NEW, "123456");
        for (name, value, why) in [
            ("one_time_code", "999999", "the code is rejected"),
            ("email", "nobody", "the address is none"),
            ("payment_method_category", "barter", "the category is not offered"),
            ("order_seen", "0000", "the order changed"),
        ] {
            let mut form = valid.clone();
            form.extend(sign_up());
            form.iter_mut().find(|(field, _)| *field == name).unwrap().1 = value.to_string();
            page.post("pay", &form).await;
            assert_eq!(page.status, 422, "{why}");
            for (field, typed) in sign_up() {
                assert_eq!(page.value(field), typed, "{why}");
            }
        }
    });
}

#[test]
fn a_retry_after_a_decline_or_an_error_shows_everything_but_the_code() {
    journey(|world| async move {
        for email in ["customer+denied@email.se", "customer+error@email.se"] {
            let session = world.page_session().await;
            let mut page = Page::open(&world, &session).await;
            let mut form = page.form(email, "123456");
            form.iter_mut().find(|(field, _)| *field == "payment_method_category").unwrap().1 =
                "pay_now".into();
            form.extend(sign_up());
            page.post("pay", &form).await;
            assert_eq!(page.status, 303);
            let cookie = page.header("set-cookie").to_string();
            let (pair, attributes) = cookie.split_once("; ").unwrap();
            assert_eq!(attributes, format!("Path={}; Max-Age=3600; HttpOnly; SameSite=Lax", page.path()));
            assert!(!cookie.contains("123456"), "a code is valid only once: {cookie}");

            let again = revisit(&world, &page, pair).await;
            let again = Page::showing(&world, page.path(), &again);
            assert_eq!((again.value("email").as_str(), again.value("one_time_code").as_str()), (email, ""));
            assert!(again.html.contains("data-testid=\"category-pay_now\" checked>"), "{}", again.html);
            for (field, typed) in sign_up() {
                assert_eq!(again.value(field), typed);
            }
        }
    });
}

#[test]
fn the_browser_forgets_the_input_when_the_purchase_is_over() {
    journey(|world| async move {
        let session = world.page_session().await;
        let page = Page::open(&world, &session).await;
        let form = page.form("customer@email.se", "123456");
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
        let path = format!("{}/pay", page.path());
        let headers = [
            ("cookie", "other=1; kassa_typed=email=a"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let answer = world.sends(Method::POST, &path, &headers, body.into()).await;
        assert_eq!(answer.status, 303);
        assert!(answer.header("set-cookie").starts_with("kassa_typed=; "), "{}", answer.header("set-cookie"));
        assert!(answer.header("set-cookie").contains("; Max-Age=0; "));
    });
}

#[test]
fn a_damaged_cookie_fills_in_nothing_that_the_page_does_not_offer() {
    journey(|world| async move {
        let session = world.page_session().await;
        let page = Page::open(&world, &session).await;
        for cookie in [
            "kassa_typed=",
            "kassa_typed",
            "kassa_typed=%FF%00=&email",
            "kassa_typed=payment_method_category=barter",
        ] {
            let again = revisit(&world, &page, cookie).await;
            assert_eq!(again.status, 200, "{cookie}");
            assert_eq!(again.text.matches(" checked>").count(), 1, "{cookie}: {}", again.text);
        }
        let script = "kassa_typed=email=%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
        assert!(!revisit(&world, &page, script).await.text.contains("<script>alert"));
    });
}

#[test]
fn a_link_cannot_write_attributes_of_the_cookie() {
    journey(|world| async move {
        for token in ["x%3B%20Domain=example.com", "x;Domain=example.com", "%0D%0A", "%FF"] {
            for act in ["pay", "back", "cancel", "cancel/ask"] {
                let headers = [("content-type", "application/x-www-form-urlencoded")];
                let path = format!("/pay/{token}/{act}");
                let answer = world.sends(Method::POST, &path, &headers, "email=a%40b.example".into()).await;
                assert_eq!((answer.status, answer.header("set-cookie")), (404, ""), "{path}");
            }
        }
    });
}

async fn revisit(world: &World, page: &Page<'_>, cookie: &str) -> Answer {
    world.looks(Method::GET, page.path(), &[("cookie", cookie)]).await
}

#[test]
fn a_consumer_who_leaves_and_comes_back_types_nothing_again() {
    journey(|world| async move {
        for (channel, act, comes_to) in [
            ("ECOMMERCE", "back", "/outcome"),
            ("ECOMMERCE", "cancel", "/outcome"),
            ("IN_STORE", "cancel/ask", "/cancel"),
        ] {
            let session = world.page_session_with(json!({}), channel).await;
            let mut page = Page::open(&world, &session).await;
            let form = page.form("ada@shop.example", "123456");
            page.post(act, &form).await;
            assert_eq!((page.status, page.location.clone()), (303, format!("{}{comes_to}", page.path())));
            let cookie = page.header("set-cookie").split(';').next().unwrap().to_string();
            let again = revisit(&world, &page, &cookie).await;
            assert_eq!(
                Page::showing(&world, page.path(), &again).value("email"),
                "ada@shop.example",
                "{act}"
            );
        }
    });
}

#[test]
fn leaving_needs_no_form_and_an_empty_form_is_not_kept() {
    journey(|world| async move {
        for form in [vec![], vec![("email", String::new()), ("payment_method_category", "pay_now".into())]] {
            for act in ["back", "cancel", "cancel/ask"] {
                let session = world.page_session().await;
                let mut page = Page::open(&world, &session).await;
                page.post(act, &form).await;
                assert_eq!((page.status, page.header("set-cookie")), (303, ""), "{act}");
            }
        }
        let session = world.page_session().await;
        let path = format!("{}/back", world.page_of(&session));
        world.looks(Method::GET, &world.page_of(&session), &[]).await;
        let answer = world.sends(Method::POST, &path, &[("content-type", "text/plain")], "x".into()).await;
        assert_eq!(answer.status, 303);
        assert_eq!(world.merchant.read(&session).await["status"], "BACK");
    });
}
