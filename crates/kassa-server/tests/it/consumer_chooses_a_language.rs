//! The consumer reads the page in another language than the session's. The choice changes nothing else.

use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::harness::{Answer, Page, World, cart, journey};

/// The cookie of an answer, as the browser sends it back.
fn cookie(answer: &Answer) -> &str {
    answer.header("set-cookie").split(';').next().unwrap()
}

async fn choose(world: &World, link: &str, page: &str, language: &str) -> Answer {
    let path = format!("{link}/language/{page}");
    world.browser(Method::POST, &path, format!("language={language}").into()).await
}

#[track_caller]
fn is_in(answer: &Answer, lang: &str, dir: &str) {
    let start = format!("<html lang=\"{lang}\" dir=\"{dir}\">");
    assert!(answer.text.contains(&start), "{start} in {}", answer.text);
}

#[test]
fn each_page_is_shown_again_in_the_chosen_language() {
    journey(|world| async move {
        let session = world.page_session().await;
        let link = world.page_of(&session);
        let asks = world.looks(Method::GET, &link, &[("accept-language", "ar")]).await;
        is_in(&asks, "sv-SE", "ltr");
        assert!(asks.text.contains("data-testid=\"language-ar\""), "the browser's language is offered");
        for (page, address) in [("page", ""), ("outcome", "/outcome"), ("cancel", "/cancel")] {
            let chosen = choose(&world, &link, page, "ar").await;
            assert_eq!(chosen.status, 303, "{page}");
            assert_eq!(chosen.header("location"), format!("{link}{address}"), "{page}");
            let attributes = format!("Path={link}; Max-Age=172800; HttpOnly; SameSite=Lax");
            assert_eq!(chosen.header("set-cookie"), format!("kassa_language=ar; {attributes}"));
        }
        for address in ["", "/cancel"] {
            let path = format!("{link}{address}");
            let again = world.looks(Method::GET, &path, &[("cookie", "kassa_language=ar")]).await;
            is_in(&again, "ar-SE", "rtl");
            assert!(again.text.contains("data-testid=\"language-sv\""), "the way back to Swedish");
        }
    });
}

#[test]
fn the_choice_of_a_language_changes_no_session() {
    journey(|world| async move {
        let session = world.page_session().await;
        let link = world.page_of(&session);
        let before = world.merchant.read(&session).await;
        assert_eq!(choose(&world, &link, "page", "de").await.status, 303);
        assert_eq!(world.merchant.read(&session).await, before);
        world.merchant.act(&session, "enter").await;
        world.merchant.act(&session, "back").await;
        let before = world.merchant.read(&session).await;
        let chosen = choose(&world, &link, "outcome", "de").await;
        assert_eq!(chosen.header("location"), format!("{link}/outcome"));
        assert_eq!(world.merchant.read(&session).await, before);
    });
}

#[test]
fn typed_values_stay_when_the_language_changes() {
    journey(|world| async move {
        let session = world.page_session().await;
        let mut page = Page::open(&world, &session).await;
        let mut form = page.form("jane@example.org", "123456");
        form.push(("language", "el".to_string()));
        page.post("language/page", &form).await;
        assert_eq!(page.status, 303);
        let again = world.looks(Method::GET, page.path(), &[("cookie", &page.cookies())]).await;
        is_in(&again, "el-SE", "ltr");
        assert_eq!(Page::showing(&world, page.path(), &again).value("email"), "jane@example.org");
    });
}

#[test]
fn a_chosen_category_stays_when_the_language_changes() {
    journey(|world| async move {
        let session = world.page_session().await;
        let mut page = Page::open(&world, &session).await;
        let form = [("payment_method_category", "pay_later".to_string()), ("language", "el".to_string())];
        page.post("language/page", &form).await;
        let again = world.looks(Method::GET, page.path(), &[("cookie", &page.cookies())]).await;
        is_in(&again, "el-SE", "ltr");
        assert!(again.text.contains("data-testid=\"category-pay_later\" checked>"), "{}", again.text);
    });
}

#[test]
fn the_other_categories_stay_when_the_language_changes_after_a_decline() {
    journey(|world| async move {
        let options = json!({"payment_method_categories": ["PAY_NOW"], "payment_fallback": true});
        let session = world.page_session_with(options, "ECOMMERCE").await;
        let mut page = Page::open(&world, &session).await;
        page.pay("customer+denied@email.se", "123456").await;
        assert!(!page.has("category-pay_now") && page.has("category-pay_later"), "{}", page.html);
        let mut form = page.form("", "");
        form.push(("language", "el".to_string()));
        page.post("language/page", &form).await;
        let again = world.looks(Method::GET, page.path(), &[("cookie", &page.cookies())]).await;
        let again = Page::showing(&world, page.path(), &again);
        assert!(!again.has("category-pay_now") && again.has("category-pay_later"), "{}", again.html);
        assert_eq!(again.value("fell_back"), "1");
    });
}

#[test]
fn errors_and_final_pages_are_in_the_chosen_language() {
    journey(|world| async move {
        let session = world.page_session().await;
        let link = world.page_of(&session);
        let german = ("cookie", "kassa_language=de");
        let unreadable = world.looks(Method::GET, &format!("{link}/nothing"), &[german]).await;
        is_in(&unreadable, "de-SE", "ltr");
        assert!(!unreadable.text.contains("language-sv"), "no address shows this page again");
        let mut page = Page::open(&world, &session).await;
        page.pay("nobody", "1").await;
        assert_eq!(page.status, 422);
        let body = "payment_method_category=pay_now&email=nobody&one_time_code=1";
        let headers = [("content-type", "application/x-www-form-urlencoded"), german];
        let errors = world.sends(Method::POST, &format!("{link}/pay"), &headers, body.into()).await;
        assert_eq!(errors.status, 422);
        is_in(&errors, "de-SE", "ltr");
        assert!(errors.text.contains("Fehler:"), "{}", errors.text);
        world.clock.advance(Duration::from_secs(49 * 3600));
        let expired = world.looks(Method::GET, &link, &[german]).await;
        assert_eq!(expired.status, 410);
        is_in(&expired, "de-SE", "ltr");
        assert!(expired.text.contains("data-testid=\"language-sv\""), "{}", expired.text);
        let chosen = choose(&world, &link, "page", "sv").await;
        assert_eq!((chosen.status, cookie(&chosen)), (303, "kassa_language=sv"));
    });
}

#[test]
fn a_page_that_leads_on_by_itself_offers_no_languages() {
    journey(|world| async move {
        let session = world.page_session().await;
        let link = world.page_of(&session);
        world.merchant.act(&session, "enter").await;
        world.merchant.act(&session, "approve").await;
        let page = world.looks(Method::GET, &format!("{link}/outcome"), &[("accept", "text/html")]).await;
        assert!(page.text.contains("http-equiv=\"refresh\""), "{}", page.text);
        assert!(!page.text.contains("data-testid=\"languages\""));
    });
}

#[test]
fn an_unknown_language_or_page_is_not_kept() {
    journey(|world| async move {
        let session = world.page_session().await;
        let link = world.page_of(&session);
        for language in ["xx", "", "sv%0d%0aset-cookie: a=b", "SV"] {
            let chosen = choose(&world, &link, "page", language).await;
            assert_eq!((chosen.status, chosen.header("set-cookie")), (303, ""), "{language}");
        }
        for path in [format!("{link}/language/nothing"), "/pay/nothing/language/page".to_string()] {
            let answer = world.browser(Method::POST, &path, "language=de".into()).await;
            assert_eq!((answer.status, answer.header("set-cookie")), (404, ""), "{path}");
        }
        let by_hand = world.looks(Method::GET, &format!("{link}/language/page"), &[]).await;
        assert_eq!((by_hand.status, by_hand.header("location")), (303, &*link));
    });
}

#[test]
fn messages_are_in_the_language_of_the_session() {
    journey(|world| async move {
        for (locale, subject, body) in [
            ("el-GR", "Η αγορά σας: merchant", "Ολοκληρώστε την αγορά σας (merchant): http"),
            ("zh-CN", "Your purchase at merchant", "Complete your purchase at merchant: http"),
            (
                "ar",
                "مشترياتك من \u{2068}merchant\u{2069}",
                "أكمل عملية الشراء من \u{2068}merchant\u{2069}:\nhttp",
            ),
        ] {
            let mut cart = cart("ECOMMERCE");
            cart["locale"] = locale.into();
            let payment = world.merchant.post("/payments/v1/sessions", &cart).await.json;
            let payment = payment["session_id"].as_str().unwrap().to_string();
            let session = world.page_session_of(&payment, json!({})).await;
            let email = json!({"contact_information": {"email": "jane@example.org"}, "method": "email"});
            let sent = world.merchant.post(&format!("/hpp/v1/sessions/{session}/distribution"), &email).await;
            assert_eq!(sent.status, 201, "{}", sent.text);
            let inbox = world.merchant.get("/lab/v1/inbox").await.json;
            let mut messages = inbox["messages"].as_array().unwrap().iter();
            let message = messages.find(|message| message["session_id"] == session).unwrap();
            assert_eq!(message["subject"], subject);
            let text = message["body"].as_str().unwrap();
            assert!(text.starts_with(body) && text.ends_with(&world.page_of(&session)), "{text}");
        }
    });
}
