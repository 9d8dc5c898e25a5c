//! A web page of another site in the developer's browser: it knows the port and the published credential, and reaches
//! nothing but the pages that other sites may lead to.

use bytes::Bytes;
use http::Method;
use kassa_http::surface_of;
use kassa_lab::{lab_page_paths, lab_paths};
use kassa_wire::cross_site::Surface;

use crate::harness::{DemoShop, Page, World, journey, journey_with};

/// Paths beside the lab's.
const PATHS: [&str; 12] = [
    "/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/demo",
    "/demo/orders/1",
    "/hpp/v1/sessions/x",
    "/payments/v1/sessions",
    "/payments/assets/pay_now/standard.svg",
    "/kassa/v1/sessions",
    "/pay/x",
    "/pay/x/qr",
];

#[test]
fn a_foreign_name_of_this_machine_is_refused_on_every_path() {
    journey_with(DemoShop::Open, async |world| {
        let rebound = [("host", "shop.example:8080"), ("sec-fetch-site", "same-origin")];
        let paths = PATHS.into_iter().chain(lab_paths()).chain(lab_page_paths());
        for path in paths {
            let path = path.replace(['{', '}'], "");
            for method in [Method::GET, Method::POST] {
                let answer = world.merchant.call(method.clone(), &path, &rebound, Bytes::new()).await;
                let expected = r#"403 UNKNOWN_HOST ["The host shop.example:8080 is not one that this system answers to","To reach it under this name, start Kassa with --public-url http://shop.example:8080"]"#;
                assert_eq!(answer.error(), expected, "{method} {path}");
            }
        }
    });
}

#[test]
fn a_page_of_another_site_calls_no_api_with_the_published_credential() {
    journey(async |world| {
        let session = world.page_session().await;
        let by_mark: [&[(&str, &str)]; 4] = [
            &[
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
            ],
            &[("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:1")],
            &[("origin", "https://shop.example")],
            &[("origin", "null")],
        ];
        for marks in by_mark {
            let mut marks = marks.to_vec();
            marks.push(("content-type", "text/plain"));
            for (method, path) in [
                (Method::POST, "/lab/v1/reset".to_string()),
                (Method::GET, "/lab/v1/export".to_string()),
                (Method::DELETE, format!("/hpp/v1/sessions/{session}")),
                (Method::POST, format!("/lab/v1/sessions/{session}/enter")),
                (Method::GET, "/metrics".to_string()),
                (Method::OPTIONS, "/lab/v1/reset".to_string()),
            ] {
                let answer = world.merchant.call(method.clone(), &path, &marks, Bytes::new()).await;
                assert_eq!(answer.status, 403, "{method} {path} {marks:?}");
                assert_eq!(answer.json["error_code"], "CROSS_SITE_REQUEST", "{method} {path} {marks:?}");
            }
        }
        assert_eq!(world.merchant.read(&session).await["status"], "WAITING", "nothing was done");
    });
}

#[test]
fn a_browser_changes_nothing_with_the_content_type_of_a_form_and_a_program_does() {
    journey(async |world| {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let frozen = Bytes::from_static(br#"{"frozen": true}"#);
        let marked = [form, ("sec-fetch-site", "same-origin")];
        let answer = world.merchant.call(Method::PUT, "/lab/v1/clock", &marked, frozen.clone()).await;
        let expected = r#"403 CROSS_SITE_REQUEST ["A browser sent this change with a content type that forms of other sites can send","Send it with the content type application/json"]"#;
        assert_eq!(answer.error(), expected);
        // curl -d sends this type, and no mark of a browser.
        let answer = world.merchant.call(Method::PUT, "/lab/v1/clock", &[form], frozen).await;
        assert_eq!((answer.status, &answer.json["frozen"]), (200, &true.into()), "{}", answer.text);
    });
}

#[test]
fn other_sites_lead_to_the_consumers_page_and_show_its_code() {
    journey(async |world| {
        let session = world.page_session().await;
        let link = world.link_of(&session).strip_prefix(&world.url).unwrap().to_string();
        assert_eq!(from_elsewhere(&world, &link, "navigate", "iframe").await, 403);
        assert_eq!(from_elsewhere(&world, &link, "no-cors", "image").await, 403);
        assert_eq!(world.merchant.read(&session).await["status"], "WAITING", "no page was opened");
        assert_eq!(from_elsewhere(&world, &link, "navigate", "document").await, 200);
        assert_eq!(world.merchant.read(&session).await["status"], "IN_PROGRESS");
        assert_eq!(from_elsewhere(&world, &format!("{link}/qr"), "no-cors", "image").await, 200);
        let badge = "/payments/assets/pay_now/standard.svg";
        assert_eq!(from_elsewhere(&world, badge, "no-cors", "image").await, 200);
    });
}

#[test]
fn only_the_consumers_own_page_sends_its_forms() {
    journey(async |world| {
        let session = world.page_session().await;
        let page = Page::open(&world, &session).await;
        let back = format!("{}/back", page.path());
        let form = ("content-type", "application/x-www-form-urlencoded");
        let anyone = world.anyone_with("");
        let foreign = [form, ("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:1")];
        assert_eq!(anyone.call(Method::POST, &back, &foreign, Bytes::new()).await.status, 403);
        assert_eq!(world.merchant.read(&session).await["status"], "IN_PROGRESS");
        // The page sends no referrer, so browsers send its forms with the origin `null`. Old browsers send no other
        // header.
        let own = [form, ("origin", "null")];
        assert_eq!(anyone.call(Method::POST, &back, &own, Bytes::new()).await.status, 303);
        assert_eq!(world.merchant.read(&session).await["status"], "BACK");
    });
}

/// Requests a path as a browser does for a page of another site. Returns the status.
async fn from_elsewhere(world: &World, path: &str, mode: &str, dest: &str) -> u16 {
    let marks = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)];
    world.anyone_with("").call(Method::GET, path, &marks, Bytes::new()).await.status
}

#[test]
fn every_path_belongs_to_an_api_unless_it_is_known_to_be_for_people() {
    let check = |paths: &[&str], surface| {
        for path in paths {
            assert_eq!(surface_of(path), surface, "{path}");
        }
    };
    check(&lab_paths(), Surface::Api);
    check(&lab_page_paths(), Surface::Page);
    check(&["/", "/demo", "/demo/orders/1/live", "/assets/pay.css", "/images/x"], Surface::Page);
    check(&["/pay/token", "/pay/token/pay", "/pay/token/outcome", "/pay", "/pay/"], Surface::ConsumerPage);
    check(&["/distributions/token", "/distributions/token/send"], Surface::ConsumerPage);
    let open = ["/pay/token/qr", "/distributions/token/display", "/payments/assets/pay_now/standard.svg"];
    check(&open, Surface::Open);
    check(&["/kp/lib/v1/api.js", "/kp/v1.10.0/main.html", "/kp/v1.10.0/fullscreen.html"], Surface::Open);
    check(&["/kp/v1/sessions/x/authorize", "/kp/v1.10.0/main.js"], Surface::ConsumerPage);
    let apis = ["/hpp/v1/sessions", "/payments/v1/sessions", "/metrics", "/readyz", "/lab/v1"];
    check(&apis, Surface::Api);
    check(&["//pay", "pay", "/%70ay/x"], Surface::Api);
}
