//! `POST /hpp/v1/sessions`.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use crate::harness::{World, journey};

async fn create(world: &World, change: impl FnOnce(&mut Value)) -> crate::harness::Answer {
    let payment = world.merchant.payment_session("ECOMMERCE").await;
    let mut body = json!({
        "payment_session_url": format!("{}/payments/v1/sessions/{payment}", world.url),
        "merchant_urls": world.receiver.merchant_urls(),
    });
    change(&mut body);
    world.merchant.post("/hpp/v1/sessions", &body).await
}

#[test]
fn the_answer_names_every_address() {
    journey(|world| async move {
        let answer = create(&world, |_| {}).await;
        assert_eq!(answer.status, 201);
        let created = answer.json;
        let id = created["session_id"].as_str().unwrap();
        let url = &world.url;
        assert_eq!(created["session_url"], format!("{url}/hpp/v1/sessions/{id}"));
        assert_eq!(created["distribution_url"], format!("{url}/hpp/v1/sessions/{id}/distribution"));
        assert_eq!(created["expires_at"], "2026-01-02T23:00:00.000Z");
        let page = created["redirect_url"].as_str().unwrap();
        let token = page.strip_prefix(&format!("{url}/pay/")).unwrap();
        assert_eq!(token.len(), 22, "128 bits");
        assert_eq!(created["qr_code_url"], format!("{page}/qr"));
        let jwt = created["distribution_module"]["token"].as_str().unwrap();
        assert!(jwt.starts_with("eyJhbGciOiJub25lIn0.") && jwt.ends_with('.'));
        let standalone = created["distribution_module"]["standalone_url"].as_str().unwrap();
        assert!(standalone.ends_with("?profile_id={{profile_id}}&view_id={{view_id}}"));
    });
}

#[test]
fn the_tokens_of_two_links_are_unrelated() {
    journey(|world| async move {
        let token = |answer: crate::harness::Answer| {
            let page = answer.json["redirect_url"].as_str().unwrap().to_string();
            page.rsplit('/').next().unwrap().to_string()
        };
        let (one, other) = (token(create(&world, |_| {}).await), token(create(&world, |_| {}).await));
        let same = one.bytes().zip(other.bytes()).filter(|(a, b)| a == b).count();
        assert!(same < 6, "{one} {other}");
    });
}

#[test]
fn deprecated_and_unknown_fields_are_accepted() {
    journey(|world| async move {
        let answer = create(&world, |body| {
            body["endpoint"] = json!("x");
            body["merchant_urls"]["terms"] = json!("https://m/terms");
            body["merchant_urls"]["cancel"] = Value::Null;
            body["merchant_urls"]["success"] = json!("my-shop://paid/{{session_id}}");
            body["options"] = json!({
                "place_order_mode": "place_order", "purchase_type": "pay", "payment_fallback": true,
                "payment_method_categories": ["pay_later", "PAY_NOW"], "page_title": "Tack",
                "logo_url": "https://m/logo.svg", "show_subtotal_detail": "hide",
                "background_images": [{"url": "https://m/b.jpg", "width": 900}],
            });
        })
        .await;
        assert_eq!(answer.status, 201, "{}", answer.text);
    });
}

#[test]
fn every_bad_field_is_named_and_nothing_is_stored() {
    journey(|world| async move {
        let answer = create(&world, |body| {
            body["payment_session_url"] = json!("https://api.klarna.com/elsewhere");
            body["merchant_urls"]["status_update"] = json!("ftp://m/cb");
            body["merchant_urls"]["success"] = json!("javascript:alert(1)");
            body["merchant_urls"]["back"] = json!("not a url");
            body["options"] = json!({
                "place_order_mode": "MAYBE", "purchase_type": "STEAL", "logo_url": "/logo.svg",
                "payment_method_categories": ["PAY_LATER", "PAY_NEVER"],
                "background_images": [{"url": "https://m/b.jpg", "width": -1}],
            });
        })
        .await;
        let paths = [
            "payment_session_url",
            "merchant_urls.success",
            "merchant_urls.back",
            "merchant_urls.status_update",
            "options.payment_method_categories[1]",
            "options.place_order_mode",
            "options.purchase_type",
            "options.logo_url",
            "options.background_images[0].width",
        ];
        let mut messages: Vec<_> = paths.iter().map(|path| format!("Bad value: {path}")).collect();
        messages.extend([LINK_RULE, PICTURE_RULE].map(str::to_string));
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json["error_messages"], json!(messages));
    });
}

/// The messages after the names of bad merchant URLs, and after those of bad pictures.
const LINK_RULE: &str = "A merchant URL leads to https, to http, to an app by a scheme like com.example.app, or to an \
                         app by a scheme of one word that is registered (app_schemes), as myshop://paid";
const PICTURE_RULE: &str =
    "The address of a picture is https or http, and its host has letters, digits, dots and -";

#[test]
fn a_browser_is_sent_to_no_scheme_that_a_desktop_runs() {
    journey(|world| async move {
        for url in [
            "search-ms:query=x",
            "ms-msdt:/id",
            "jar:https://m/x!/",
            "file:///etc/passwd",
            "intent://x",
            "tel:112",
        ] {
            for which in ["success", "cancel", "back", "failure", "error"] {
                let answer = create(&world, |body| body["merchant_urls"][which] = json!(url)).await;
                let expected = json!([format!("Bad value: merchant_urls.{which}"), LINK_RULE]);
                assert_eq!((answer.status, &answer.json["error_messages"]), (400, &expected), "{url}");
            }
        }
        let app = create(&world, |body| body["merchant_urls"]["back"] = json!("com.example.app:/back")).await;
        assert_eq!(app.status, 201, "{}", app.text);
    });
}

#[test]
fn an_address_whose_host_could_write_a_policy_is_refused_with_its_field() {
    journey(|world| async move {
        for host in
            ["cdn.example;script-src", "cdn.example%3Bscript-src", "*", "*.example", "a'b", "a,b", "a$b"]
        {
            let url = format!("https://{host}/x.png");
            let refused = async |expected: [&str; 2], with: &dyn Fn(&mut Value)| {
                let answer = create(&world, |body| with(body)).await;
                let expected = json!([format!("Bad value: {}", expected[0]), expected[1]]);
                assert_eq!((answer.status, &answer.json["error_messages"]), (400, &expected), "{url}");
            };
            refused(["options.logo_url", PICTURE_RULE], &|body| body["options"]["logo_url"] = json!(url))
                .await;
            let image = json!([{"url": url, "width": 900}]);
            let path = ["options.background_images[0].url", PICTURE_RULE];
            refused(path, &|body| body["options"]["background_images"] = image.clone()).await;
            refused(["merchant_urls.back", LINK_RULE], &|body| body["merchant_urls"]["back"] = json!(url))
                .await;
        }
    });
}

#[test]
fn one_category_and_a_list_exclude_each_other() {
    journey(|world| async move {
        let answer = create(&world, |body| {
            body["options"] =
                json!({"payment_method_category": "PAY_NOW", "payment_method_categories": ["PAY_LATER"]});
        })
        .await;
        assert_eq!(answer.error(), r#"400 BAD_VALUE ["Bad value: options.payment_method_category"]"#);
    });
}

#[test]
fn every_category_is_valid_until_the_merchant_chooses_some() {
    journey(|world| async move {
        let words =
            ["KLARNA", "direct_debit", "DIRECT_BANK_TRANSFER", "PAY_NOW", "PAY_LATER", "PAY_OVER_TIME"];
        for word in words {
            for options in
                [json!({"payment_method_category": word}), json!({"payment_method_categories": [word]})]
            {
                let answer = create(&world, |body| body["options"] = options).await;
                assert_eq!(answer.status, 201, "{word}: {}", answer.text);
            }
        }
        let settings = json!({"payment_method_categories": ["KLARNA", "klarna"]});
        let answer = world.merchant.put("/kassa/v1/payments/settings", &settings).await;
        let kept = json!({"payment_method_categories": ["klarna"]});
        assert_eq!((answer.status, &answer.json), (200, &kept));
        assert_eq!(world.merchant.get("/kassa/v1/payments/settings").await.json, kept);
        for (options, field) in [
            (json!({"payment_method_category": "PAY_LATER"}), "payment_method_category"),
            (json!({"payment_method_categories": ["KLARNA", "PAY_LATER"]}), "payment_method_categories"),
        ] {
            let answer = create(&world, |body| body["options"] = options).await;
            assert_eq!(answer.error(), format!(r#"400 BAD_VALUE ["Bad value: options.{field}"]"#));
        }
        let bad = json!({"payment_method_categories": ["klarna", "cash"]});
        let answer = world.merchant.put("/kassa/v1/payments/settings", &bad).await;
        assert_eq!(answer.error(), r#"400 BAD_VALUE ["Bad value: payment_method_categories[1]"]"#);
    });
}

#[test]
fn a_body_may_have_numbers_as_texts_and_texts_as_numbers_and_flags() {
    journey(|world| async move {
        let answer = create(&world, |body| {
            body["options"] = json!({
                "page_title": 2026, "payment_fallback": "true",
                "background_images": [{"url": "https://cdn.example/shoes.jpg", "width": "900.0"}],
            });
        })
        .await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let path = format!("/hpp/v1/sessions/{}/distribution", answer.json["session_id"].as_str().unwrap());
        let contact = json!({"phone": 46_701_234_567_i64, "phone_country": "se"});
        let body = json!({"method": "sms", "contact_information": contact});
        let answer = world.merchant.post(&path, &body).await;
        assert_eq!((answer.status, answer.json), (201, json!({})));
        let settings = json!({
            "disabled_calls_back": "TRUE", "retry_schedule": {"waits_ms": ["1e3", 2000.0], "timeout_ms": "500"},
        });
        let answer = world.merchant.put("/kassa/v1/callbacks/settings", &settings).await;
        let kept = json!({
            "disabled_calls_back": true,
            "retry_schedule": {"waits_ms": [1000, 2000], "timeout_ms": 500, "jitter_percent": 0},
        });
        assert_eq!((answer.status, answer.json), (200, kept));
        let faults = json!({"seed": "7", "callbacks": [{"do": "duplicate", "times": 2.0, "session": 5}]});
        let answer = world.merchant.put("/lab/v1/faults", &faults).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        for number in ["1e400", "-1e400", "1e99999999999", "99999999999999999999"] {
            let body = format!(
                r#"{{"payment_session_url": "x", "options": {{"background_images": [{{"width": {number}}}]}}}}"#
            );
            let answer = world.merchant.call(Method::POST, "/hpp/v1/sessions", &[], body.into()).await;
            let expected = r#"400 BAD_VALUE ["Bad value: options.background_images[0].width"]"#;
            assert_eq!(answer.error(), expected, "{number}");
        }
    });
}

#[test]
fn an_unreadable_body_is_refused_with_its_field() {
    journey(|world| async move {
        let answer = create(&world, |body| body["merchant_urls"]["back"] = json!(["x"])).await;
        assert_eq!(answer.error(), r#"400 BAD_VALUE ["Bad value: merchant_urls.back"]"#);
        let answer = world.merchant.post("/hpp/v1/sessions", &json!({})).await;
        assert_eq!(answer.error(), r#"400 BAD_VALUE ["Bad value: payment_session_url"]"#);
        for body in ["", "{", "[]", "7", "{}{}"] {
            let answer = world.merchant.call(Method::POST, "/hpp/v1/sessions", &[], Bytes::from(body)).await;
            assert_eq!(answer.status, 400, "{body}: {}", answer.text);
            assert_eq!(answer.json["error_code"], "BAD_REQUEST", "{body}");
        }
        let large = Bytes::from(vec![b' '; 1_000_001]);
        let answer = world.merchant.call(Method::POST, "/hpp/v1/sessions", &[], large).await;
        assert_eq!(answer.error(), r#"413 REQUEST_TOO_LARGE ["The body is larger than 1 MB"]"#);
        let answer = world.merchant.call(Method::PUT, "/hpp/v1/sessions", &[], Bytes::new()).await;
        assert_eq!(answer.error(), "405 METHOD_NOT_ALLOWED []");
    });
}

#[test]
fn a_foreign_unknown_or_expired_payment_session_is_not_found() {
    journey(|world| async move {
        let absent = r#"404 NOT_FOUND ["The payment session has expired or does not exist"]"#;
        let foreign = world.stranger.payment_session("ECOMMERCE").await;
        for url in [
            format!("{}/payments/v1/sessions/{foreign}", world.url),
            format!("{}/payments/v1/sessions/none", world.url),
        ] {
            let answer = world.merchant.post("/hpp/v1/sessions", &json!({"payment_session_url": url})).await;
            assert_eq!(answer.error(), absent);
        }
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        world.clock.advance(Duration::from_secs(47 * 3600));
        let url = format!("{}/payments/v1/sessions/{payment}", world.url);
        let answer = world.merchant.post("/hpp/v1/sessions", &json!({"payment_session_url": url})).await;
        assert_eq!(answer.error(), absent);
    });
}

#[test]
fn a_payment_session_at_another_payment_system_is_refused() {
    journey(|world| async move {
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        let port = world.url.rsplit(':').next().unwrap();
        let create = async |url: &str| {
            world.merchant.post("/hpp/v1/sessions", &json!({"payment_session_url": url})).await
        };
        for host in [
            "https://api.klarna.com",
            "https://api.playground.klarna.com:443",
            "http://127.0.0.1",
            "http://127.0.0.1.example:1",
        ] {
            let answer = create(&format!("{host}/payments/v1/sessions/{payment}")).await;
            assert_eq!(answer.status, 400, "{host}");
            assert_eq!(answer.json["error_messages"][0], "Bad value: payment_session_url", "{host}");
            assert_eq!(answer.json["error_messages"].as_array().unwrap().len(), 2, "the rule follows");
        }
        let order = create("https://api.klarna.com/checkout/v3/orders/1").await;
        assert_eq!(
            order.error(),
            r#"404 NOT_FOUND ["The payment session has expired or does not exist","Kassa hosts sessions of Klarna Payments, not orders of Klarna Checkout (Kustom)"]"#
        );
        let by_name = create(&format!("http://localhost:{port}/payments/v1/sessions/{payment}")).await;
        assert_eq!(by_name.status, 201, "{}", by_name.text);
    });
}

#[test]
fn a_completed_payment_session_cannot_be_hosted_again() {
    journey(|world| async move {
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        let session = world.page_session_of(&payment, json!({"place_order_mode": "PLACE_ORDER"})).await;
        world.merchant.act(&session, "enter").await;
        world.merchant.act(&session, "approve").await;
        let url = format!("{}/payments/v1/sessions/{payment}", world.url);
        let answer = world.merchant.post("/hpp/v1/sessions", &json!({"payment_session_url": url})).await;
        assert_eq!(answer.error(), r#"404 SESSION_COMPLETED ["Session has already been completed"]"#);
    });
}
