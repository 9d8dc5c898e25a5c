//! Every language fits on the narrowest phone and is accessible: on the pay page with all its parts, in the form with
//! each error, on the page of a cancellation, and on the pages of the outcomes.

use serde_json::{Value, json};

use super::axe::everyone_can_read;
use super::long_words_and_large_text_fit::OVERFLOWING;
use super::pseudo;
use super::scene::{APPROVED, DENIED, FAILING, NEW, Scene};
use super::window::{Chromium, Colours, Screen};
use crate::harness::{Dev, kassa};
use crate::workspace::files;

/// The languages that axe-core checks: another alphabet, the other direction, and long words. With `KASSA_LONG_PROOFS`
/// it checks all.
const SAMPLE: [&str; 3] = ["ar", "el", "hu"];

/// A script that opens everything that is folded.
const UNFOLD: &str = "document.querySelectorAll('details').forEach((one) => { one.open = true })";

/// A script that returns the amounts of money that are broken into lines.
const BROKEN: &str = "
    const lines = (one) => {
      const range = document.createRange();
      range.selectNodeContents(one);
      return new Set([...range.getClientRects()].map((box) => Math.round(box.bottom))).size;
    };
    const amounts = [...document.querySelectorAll('.line-amount, dd bdi, .paid bdi, .button bdi')];
    return amounts.filter((one) => lines(one) > 1).map((one) => one.textContent).join('\\n');";

/// A script that asks for the pages in a language, as the cookie of the switch does.
fn speak(tag: &str) -> String {
    format!("document.cookie = 'kassa_language={tag}; path=/'")
}

/// The tags of all languages.
fn tags() -> Vec<String> {
    let files = files(&["crates/kassa-i18n/locales"], &["ftl"]);
    files.iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_string()).collect()
}

/// Pages that can be opened again: the address of each, and the test id by which it is known.
struct States {
    pay: String,
    others: Vec<(String, &'static str)>,
}

impl States {
    async fn prepare(scene: &Scene) -> Self {
        let link = async |channel: &str| scene.link_for(&long_cart(channel), &json!({}), &json!({})).await;
        let pay = link("IN_STORE").await;
        scene.open(&pay).await;
        scene.browser.pay_as(NEW).await;
        scene.browser.see("sign-up-hint").await;
        // The browser keeps the fields of a sign-up once they are sent, so each visit then shows them.
        scene.browser.press("pay").await;
        scene.browser.see("field-error-family-name").await;
        let mut others = vec![(format!("{}/cancel", pay.url), "cancel-page")];
        for (email, page) in
            [(DENIED, "outcome-declined"), (FAILING, "outcome-error"), (APPROVED, "outcome-completed")]
        {
            let link = link("ECOMMERCE").await;
            scene.open(&link).await;
            scene.browser.pay_as(email).await;
            scene.browser.see(page).await;
            others.push((format!("{}/outcome", link.url), page));
        }
        let disabled = link("ECOMMERCE").await;
        scene.disable(&disabled).await;
        others.push((disabled.url, "outcome-disabled"));
        others.push((format!("{}/pay/nothing", scene.dev.url()), "outcome-not-found"));
        Self { pay: pay.url, others }
    }

    /// Shows each page in a language, and looks at it.
    async fn each(&self, scene: &Scene, tag: &str, look: impl AsyncFn(&str)) {
        scene.browser.run(&speak(tag)).await;
        scene.browser.visit(&self.pay).await;
        scene.browser.see("sign-up-hint").await;
        let lang = scene.browser.run("return document.documentElement.lang").await;
        assert_eq!(lang.as_str().unwrap().split('-').next(), Some(tag));
        scene.browser.run(UNFOLD).await;
        look("the pay page").await;
        scene.browser.press("pay").await;
        scene.browser.see("field-error-one-time-code").await;
        scene.browser.write("one-time-code", "123456").await;
        scene.browser.press("pay").await;
        scene.browser.see("field-error-family-name").await;
        look("the errors").await;
        for (url, page) in &self.others {
            scene.browser.visit(url).await;
            scene.browser.see(page).await;
            look(page).await;
        }
    }
}

async fn fits(scene: &Scene, case: &str) {
    assert_eq!(scene.browser.run(OVERFLOWING).await, "", "{case}");
    assert_eq!(scene.browser.run(BROKEN).await, "", "{case}");
}

#[tokio::test]
async fn no_language_overflows_the_narrowest_phone() {
    let scene = Scene::begin_in(Chromium::Shell).await;
    let states = States::prepare(&scene).await;
    scene.browser.show_on(Screen::NarrowPhone, Colours::Light).await;
    for tag in tags() {
        states.each(&scene, &tag, async |page| fits(&scene, &format!("{tag}: {page}")).await).await;
    }
}

#[tokio::test]
async fn languages_are_accessible() {
    let scene = Scene::begin_in(Chromium::Shell).await;
    let states = States::prepare(&scene).await;
    let all = std::env::var_os("KASSA_LONG_PROOFS").is_some();
    for tag in tags().into_iter().filter(|tag| all || SAMPLE.contains(&&**tag)) {
        states.each(&scene, &tag, async |_| everyone_can_read(&scene.browser).await).await;
    }
}

#[tokio::test]
async fn longer_words_and_a_mirrored_page_fit() {
    let folder = pseudo::folder();
    let dev = Dev::launch(kassa(), &["--texts", folder.path().to_str().unwrap()]);
    let scene = Scene::begin_with(dev, Chromium::Shell).await;
    let states = States::prepare(&scene).await;
    scene.browser.show_on(Screen::NarrowPhone, Colours::Light).await;
    for tag in pseudo::TAGS {
        states.each(&scene, tag, async |page| fits(&scene, &format!("pseudo {tag}: {page}")).await).await;
    }
    assert!(scene.browser.text().await.contains("Ŵé ďó ñóť"), "{}", scene.browser.text().await);
}

/// A cart that folds some lines, and has a line of each kind without a name.
fn long_cart(channel: &str) -> Value {
    let line = |kind: &str, name: &str, quantity: i64, amount: i64| {
        json!({"type": kind, "name": name, "quantity": quantity, "unit_price": amount,
               "total_amount": quantity * amount})
    };
    json!({
        "acquiring_channel": channel,
        "purchase_country": "CH",
        "purchase_currency": "CHF",
        "locale": "de-CH",
        "order_amount": 13_374_500,
        "order_tax_amount": 17_300,
        "order_lines": [
            line("physical", "Gartenmöbel aus Akazie", 1, 12_500_000),
            line("physical", "Kaffee", 12, 75_000),
            line("surcharge", " ", 1, 2_300),
            line("shipping_fee", " ", 1, 4_900),
            line("sales_tax", " ", 1, 17_300),
            line("discount", " ", 1, -50_000),
        ],
    })
}
