//! Nothing is cut off and nothing scrolls sideways: with long words on a narrow phone, and with text of double size.

use serde_json::{Value, json};

use super::scene::{APPROVED, DENIED, NEW, Scene};
use super::window::{Chromium, Colours, Screen};

/// A word that is longer than a line on a phone.
const LONG: &str = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";

/// A script that doubles the size of text, as a browser's setting does.
const DOUBLE: &str = "document.documentElement.style.fontSize = '200%'";

/// A script that returns the elements that reach beyond the screen or their box, and those with few letters per line.
/// On a phone, `innerWidth` grows with a page that is too wide, and `clientWidth` does not.
/// A table of the console may scroll sideways in its own frame.
pub const OVERFLOWING: &str = "
    const width = document.documentElement.clientWidth;
    const wide = [...document.body.querySelectorAll('*')].filter((one) => {
      const box = one.getBoundingClientRect();
      return box.width > 1 && !one.closest('.scroll > *') && (box.right > width + 1 || box.left < -1);
    });
    const hidden = [...document.querySelectorAll('button, a, label, h1, h2, dd, dt, p, .shop-name')]
      .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline'
        && !one.matches('.visually-hidden'));
    const narrow = [...document.querySelectorAll('.choice-text, summary > span:not(.visually-hidden), .line-name, \
      .notice > span, .button, dt')]
      .filter((one) => one.offsetParent && one.getBoundingClientRect().width
        < 4 * parseFloat(getComputedStyle(one).fontSize)
        && one.textContent.length > 8);
    return [...wide, ...hidden, ...narrow].map((one) => one.outerHTML.slice(0, 120)).join('\\n');";

#[tokio::test]
async fn the_pay_page_fits() {
    let scene = Scene::begin_in(Chromium::Shell).await;
    open_long(&scene, "ECOMMERCE").await;
    fits(&scene).await;
    scene.browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true })").await;
    fits(&scene).await;
}

#[tokio::test]
async fn the_form_with_errors_and_with_the_sign_up_fits() {
    let scene = Scene::begin_in(Chromium::Shell).await;
    open_long(&scene, "ECOMMERCE").await;
    scene.browser.press("pay").await;
    scene.browser.see("error-summary").await;
    fits(&scene).await;
    scene.browser.pay_as(NEW).await;
    scene.browser.see("sign-up-hint").await;
    fits(&scene).await;
}

#[tokio::test]
async fn the_outcome_pages_fit() {
    let scene = Scene::begin_in(Chromium::Shell).await;
    open_long(&scene, "IN_STORE").await;
    scene.browser.press("cancel").await;
    scene.browser.see("cancel-page").await;
    fits(&scene).await;
    scene.browser.press("cancel-keep").await;
    for (email, page) in [(DENIED, "outcome-declined"), (APPROVED, "outcome-completed")] {
        scene.browser.pay_as(email).await;
        scene.browser.see(page).await;
        fits(&scene).await;
        if email == DENIED {
            scene.browser.press("retry").await;
        }
    }
}

#[tokio::test]
async fn the_console_fits() {
    let scene = Scene::begin_in(Chromium::Shell).await;
    let urls = json!({"status_update": format!("http://127.0.0.1:9/{}", LONG.to_lowercase())});
    let link = scene.link_of("ECOMMERCE", &urls).await;
    scene.merchant.act(&link.session, "enter").await.expect(200);
    scene.merchant.act(&link.session, "decline").await.expect(200);
    scene.browser.visit(&format!("{}/console", scene.dev.url())).await;
    scene.browser.press("as-ADMIN").await;
    scene.browser.see("role").await;
    let session = format!("/sessions/{}", link.session);
    for path in ["", "/sessions", &session, "/merchants", "/merchants/PK00000", "/operators", "/account"] {
        scene.browser.visit(&format!("{}/console{path}", scene.dev.url())).await;
        fits(&scene).await;
    }
}

/// Asserts that the page fits on a narrow phone and a desktop, with text of normal and of double size.
async fn fits(scene: &Scene) {
    for screen in [Screen::NarrowPhone, Screen::Desktop] {
        scene.browser.show_on(screen, Colours::Light).await;
        assert_eq!(scene.browser.run(OVERFLOWING).await, "", "{screen:?}");
        scene.browser.run(DOUBLE).await;
        assert_eq!(scene.browser.run(OVERFLOWING).await, "", "{screen:?}, text of double size");
        scene.browser.run("document.documentElement.style.fontSize = ''").await;
    }
}

async fn open_long(scene: &Scene, channel: &str) {
    let options = json!({"page_title": LONG, "logo_url": scene.shop.url("no-logo.png")});
    let link = scene.link_for(&long_cart(channel), &options, &json!({})).await;
    scene.open(&link).await;
    scene.browser.see("pay-page").await;
}

/// A cart of long words and of amounts with many digits.
fn long_cart(channel: &str) -> Value {
    let line = |kind: &str, quantity: i64, unit: i64| {
        json!({"type": kind, "name": LONG, "quantity": quantity, "unit_price": unit,
               "total_amount": quantity * unit})
    };
    json!({
        "acquiring_channel": channel,
        "purchase_country": "DE",
        "purchase_currency": "EUR",
        "locale": "de-DE",
        "order_amount": 99_999_999,
        "order_tax_amount": 0,
        "order_lines": [line("physical", 99_999, 1_000), line("shipping_fee", 1, 999)],
    })
}
