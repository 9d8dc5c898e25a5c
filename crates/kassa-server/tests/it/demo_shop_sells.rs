//! The demo shop: from the cart to a refund, over the HTTP API only.

use bytes::Bytes;
use http::Method;
use kassa_testkit::eventually;

use crate::harness::{Answer, DemoShop, Page, World, journey, journey_with, text};

const ORDER: &str = "/demo/orders/1001";

/// Returns the form of a cart with two articles in Germany, with more fields.
fn form(more: &str) -> String {
    format!("market=DE&mug=2&coffee=1&{more}")
}

async fn get(world: &World, path: &str) -> Answer {
    world.browser(Method::GET, path, Bytes::new()).await
}

async fn post(world: &World, path: &str, form: &str) -> Answer {
    world.browser(Method::POST, path, form.to_string().into()).await
}

/// Checks out, and opens the payment page to which the shop redirects.
async fn checked_out<'a>(world: &'a World, more: &str) -> Page<'a> {
    let answer = post(world, "/demo/checkout", &form(more)).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let path = answer.header("location").strip_prefix(&world.url).unwrap();
    assert!(path.starts_with("/pay/"), "{path}");
    Page::open_link(world, path).await
}

/// Pays, and returns the shop's address to which the page redirects.
async fn pay(page: &mut Page<'_>, email: &str) -> String {
    page.pay(email, "123456").await;
    page.follow().await;
    page.location.clone()
}

/// Follows the redirect back into the shop.
async fn come_back(world: &World, url: &str) -> String {
    let answer = get(world, url.strip_prefix(&world.url).unwrap()).await;
    assert_eq!((answer.status, answer.header("location")), (303, ORDER));
    get(world, ORDER).await.text
}

fn count(html: &str, what: &str) -> usize {
    html.matches(what).count()
}

/// Counts the calls in the wire log that place the order.
fn times_placed(html: &str) -> usize {
    count(html, "/order</code>")
}

/// Reads the order's page until it fulfils the condition.
async fn read_until(world: &World, is_so: impl Fn(&str) -> bool) -> String {
    eventually("the page of the order", async || {
        let html = get(world, ORDER).await.text;
        if is_so(&html) { Ok(html) } else { Err(html) }
    })
    .await
}

/// Reads the order's live view until it contains a text.
async fn look_on_until(world: &World, shown: &str) -> String {
    world.look_on_until(&format!("{ORDER}/live"), shown).await
}

#[test]
fn the_shop_is_closed_unless_it_was_opened() {
    journey(|world| async move {
        for path in ["/", "/demo", "/demo/orders/1001", "/demo/assets/demo.css", "/demo/checkout"] {
            assert_eq!(get(&world, path).await.status, 404, "{path}");
        }
    });
}

#[test]
fn the_cart_works_by_plain_forms() {
    journey_with(DemoShop::Open, |world| async move {
        let shop = get(&world, "/demo").await;
        for test_id in ["product-mug", "add-mug", "product-fern", "cart-total", "checkout"] {
            assert!(shop.text.contains(&format!("data-testid=\"{test_id}\"")), "{test_id}");
        }
        assert_eq!(text(&shop.text, "cart-total"), "497,00\u{a0}kr");
        let changed = get(&world, "/demo/cart?market=GB&mug=1&add=buns&url=back&urls=shown").await;
        let address = "/demo?market=GB&mug=1&buns=1&urls=shown&url=back";
        assert_eq!((changed.status, changed.header("location")), (303, address));
        assert_eq!(text(&get(&world, address).await.text, "cart-total"), "£21.20");
        let emptied = post(&world, "/demo/checkout", "empty=1").await;
        assert_eq!(emptied.header("location"), "/demo?market=SE&empty=1");
    });
}

#[test]
fn each_market_has_a_working_checkout() {
    journey_with(DemoShop::Open, |world| async move {
        for market in ["SE", "DE", "GB", "US"] {
            let form = format!("market={market}&mug=3&coffee=1&buns=7&blanket=1&lamp=2&fern=9");
            let answer = post(&world, "/demo/checkout", &form).await;
            assert_eq!(answer.status, 303, "{market}: {}", answer.text);
        }
        assert_eq!(count(&get(&world, "/demo").await.text, "data-testid=\"latest-order\""), 4);
    });
}

#[test]
fn an_order_is_placed_captured_and_refunded() {
    journey_with(DemoShop::Open, |world| async move {
        let mut page = checked_out(&world, "").await;
        let back = pay(&mut page, "customer@email.de").await;
        assert!(back.contains("/demo/return/1001/success?sid="), "{back}");
        let html = come_back(&world, &back).await;
        assert_eq!(text(&html, "order-status"), "AUTHORIZED");
        assert_eq!((text(&html, "order-id").len(), text(&html, "klarna-reference").len()), (36, 8));
        assert_eq!(times_placed(&come_back(&world, &back).await), 1, "reloading places no second order");
        assert_eq!(post(&world, &format!("{ORDER}/capture"), "").await.status, 303);
        let html = get(&world, ORDER).await.text;
        assert_eq!(text(&html, "order-status"), "CAPTURED");
        assert_eq!(text(&html, "captured"), "44,29\u{a0}€");
        assert_eq!(post(&world, &format!("{ORDER}/refund"), "").await.status, 303);
        let html = get(&world, ORDER).await.text;
        assert_eq!(text(&html, "refunded"), "44,29\u{a0}€");
        assert!(!html.contains("data-testid=\"capture\"") && !html.contains("data-testid=\"refund\""));
    });
}

#[test]
fn a_callback_places_the_order_if_the_browser_never_returns() {
    journey_with(DemoShop::Open, |world| async move {
        let mut page = checked_out(&world, "").await;
        page.pay("customer@email.de", "123456").await;
        let seen = look_on_until(&world, "data-testid=\"order-id\"").await;
        assert!(seen.starts_with("HTTP/1.1 200"), "{seen}");
        assert!(seen.contains("text/event-stream") && seen.contains("event: order"));
        // The shop reads the session at the first callback, so it may place the order before the second one.
        let html = read_until(&world, |html| count(html, "data-testid=\"callback\"") == 2).await;
        assert_eq!(times_placed(&html), 1);
        assert_eq!(count(&html, "signature verified"), 2);
        for title in ["Page session created", "Consumer entered", "Payment authorized", "Order placed"] {
            assert_eq!(count(&html, &format!("<span class=\"title\">{title}</span>")), 1, "{title}");
        }
        assert!(count(&html, "data-testid=\"timeline-actor\">by consumer<") >= 2, "{html}");
        assert_eq!(count(&html, "data-testid=\"browser-return\""), 0);
    });
}

#[test]
fn callback_and_browsers_at_once_place_one_order() {
    journey_with(DemoShop::Open, |world| async move {
        let mut page = checked_out(&world, "").await;
        let back = pay(&mut page, "customer@email.de").await;
        let path = back.strip_prefix(&world.url).unwrap();
        let answers =
            tokio::join!(get(&world, path), get(&world, path), post(&world, "/demo/orders/1001/place", ""));
        assert_eq!([answers.0.status, answers.1.status, answers.2.status], [303; 3]);
        assert_eq!(times_placed(&get(&world, ORDER).await.text), 1);
    });
}

#[test]
fn kassa_places_or_captures_if_the_shop_asks_for_it() {
    journey_with(DemoShop::Open, |world| async move {
        for (number, mode, status) in
            [(1001, "PLACE_ORDER", "AUTHORIZED"), (1002, "CAPTURE_ORDER", "CAPTURED")]
        {
            let mut page = checked_out(&world, &format!("mode={mode}")).await;
            let back = pay(&mut page, "customer@email.de").await;
            get(&world, back.strip_prefix(&world.url).unwrap()).await;
            let html = get(&world, &format!("/demo/orders/{number}")).await.text;
            assert_eq!(text(&html, "order-status"), status);
            assert_eq!(times_placed(&html), 0, "{mode}");
        }
    });
}

#[test]
fn an_unpaid_session_can_be_tried_again_or_disabled() {
    journey_with(DemoShop::Open, |world| async move {
        let mut page = checked_out(&world, "").await;
        page.post("back", &[]).await;
        page.follow().await;
        let html = come_back(&world, &page.location.clone()).await;
        assert_eq!(text(&html, "order-status"), "BACK");
        assert!(html.contains(&format!("href=\"{}\" data-testid=\"try-again\"", page.link())));
        let link = page.link();
        let mut page = Page::open_link(&world, link.strip_prefix(&world.url).unwrap()).await;
        page.pay("customer+denied@email.de", "123456").await;
        assert_eq!(text(&get(&world, ORDER).await.text, "order-status"), "FAILED");
        assert_eq!(post(&world, &format!("{ORDER}/disable"), "").await.status, 303);
        let html = get(&world, ORDER).await.text;
        assert_eq!(text(&html, "order-status"), "DISABLED");
        assert!(!html.contains("data-testid=\"try-again\"") && !html.contains("data-testid=\"disable\""));
        let gone = Page::open_link(&world, link.strip_prefix(&world.url).unwrap()).await;
        assert_eq!(gone.status, 410);
    });
}

#[test]
fn in_store_without_a_back_url_a_cancellation_is_final() {
    journey_with(DemoShop::Open, |world| async move {
        let mut page = checked_out(&world, "channel=IN_STORE&urls=shown&url=cancel&url=status_update").await;
        assert!(page.has("cancel") && !page.has("back"));
        page.post("cancel", &[]).await;
        page.follow().await;
        let html = come_back(&world, &page.location.clone()).await;
        assert_eq!(text(&html, "order-status"), "CANCELLED");
    });
}

#[test]
fn an_error_of_the_api_is_shown_with_its_body() {
    journey_with(DemoShop::WithoutPassword, |world| async move {
        let answer = post(&world, "/demo/checkout", &form("")).await;
        assert_eq!(answer.status, 502);
        assert!(answer.text.contains("Create the payment session: Kassa answered 401"));
        assert!(answer.text.contains("UNAUTHORIZED") && answer.text.contains("correlation_id"));
        assert_eq!(text(&get(&world, ORDER).await.text, "order-status"), "REFUSED");
    });
}

#[test]
fn an_unverified_callback_is_shown_and_ignored() {
    journey_with(DemoShop::WithoutCallbackSecret, |world| async move {
        let mut page = checked_out(&world, "").await;
        page.pay("customer@email.de", "123456").await;
        let seen = look_on_until(&world, "COMPLETED</span><span class=\"verified no\">").await;
        assert!(!seen.contains("data-testid=\"order-id\"") && !seen.contains("signature verified"));
        assert_eq!(times_placed(&get(&world, ORDER).await.text), 0);
    });
}

#[test]
fn a_callback_without_the_orders_secret_is_not_recorded() {
    journey_with(DemoShop::Open, |world| async move {
        checked_out(&world, "urls=shown").await;
        for path in ["/demo/callbacks/1001", "/demo/callbacks/1001?secret=guess", "/demo/callbacks/1?secret="]
        {
            assert_eq!(post(&world, path, "{}").await.status, 404, "{path}");
        }
        assert!(!get(&world, ORDER).await.text.contains("data-testid=\"callback\""));
    });
}

#[test]
fn pages_carry_a_strict_policy_and_show_no_secret() {
    journey_with(DemoShop::Open, |world| async move {
        let mut page = checked_out(&world, "").await;
        let back = pay(&mut page, "customer@email.de").await;
        come_back(&world, &back).await;
        for path in ["/demo", ORDER, "/demo/nowhere", "/demo/orders/7"] {
            let answer = get(&world, path).await;
            let policy = answer.header("content-security-policy");
            assert!(
                policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
                "{path}: {policy}"
            );
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            for secret in ["Basic ", "UEswMDAwMF9kZXY6ZGV2", "whsec_", " style=", " onclick="] {
                assert!(!answer.text.contains(secret), "{path} shows {secret}");
            }
        }
        let html = get(&world, ORDER).await.text;
        assert!(html.contains("?secret=…") && html.contains("&#34;…"), "secrets are shortened");
    });
}

#[test]
fn another_site_cannot_press_the_shops_buttons() {
    journey_with(DemoShop::Open, |world| async move {
        let foreign = [("sec-fetch-site", "cross-site"), ("origin", "https://elsewhere.example")];
        let answer = world
            .anyone_with("")
            .call(Method::POST, "/demo/checkout", &foreign, Bytes::from_static(b"mug=1"))
            .await;
        assert_eq!(answer.status, 403);
        assert_eq!(get(&world, ORDER).await.status, 404, "nothing was ordered");
    });
}
