//! The description of the APIs: on a phone and a desktop, in light and in dark, with and without scripts.

use super::axe::everyone_can_read;
use super::window::{Browser, Chromium, Colours, Screen};
use crate::harness::Dev;

#[tokio::test]
async fn the_description_of_the_apis_is_accessible_and_fits_on_a_phone() {
    let dev = Dev::start();
    let browser = Browser::start(Chromium::Shell).await;
    browser.visit(&format!("{}/docs", dev.url())).await;
    browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true })").await;
    everyone_can_read(&browser).await;
    browser.show_on(Screen::Phone, Colours::Light).await;
    let fits = "return document.documentElement.scrollWidth <= document.documentElement.clientWidth";
    assert_eq!(browser.run(fits).await, true, "the page is wider than a phone");
    let buttons = "return document.querySelectorAll('.copy').length";
    let commands = "return document.querySelectorAll('.command').length";
    assert_eq!(browser.run(buttons).await, browser.run(commands).await, "each command has a button");
}
