//! The first page of `kassa dev`: it leads everywhere, and its settings and its command work.

use std::process::Command;

use serde_json::Value;

use super::axe::everyone_can_read;
use super::window::{Browser, Chromium, Colours, Screen};
use crate::harness::Dev;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_page_leads_everywhere_and_is_accessible() {
    let dev = Dev::start();
    let browser = Browser::start(Chromium::Shell).await;
    browser.visit(dev.url()).await;
    everyone_can_read(&browser).await;
    for screen in [Screen::NarrowPhone, Screen::Desktop] {
        browser.show_on(screen, Colours::Light).await;
        let fits = "return document.documentElement.scrollWidth <= document.documentElement.clientWidth";
        assert_eq!(browser.run(fits).await, true, "{screen:?}");
    }
    let links = "return [...document.querySelectorAll('[data-testid=place]')].map((link) => link.href)";
    let links: Vec<String> = serde_json::from_value(browser.run(links).await).unwrap();
    assert_eq!(links.len(), 4, "{links:?}");
    let settings = browser.text_of("settings").await;
    let first_call = browser.text_of("first-call").await;
    for link in links {
        browser.visit(&link).await;
        let path = browser.url().await.replace(dev.url(), "");
        assert!(link.ends_with(path.split(['/', '?']).nth(1).unwrap()), "{link} led to {path}");
        let is_page = "return document.querySelector('h1') !== null";
        assert_eq!(browser.run(is_page).await, true, "{link}");
    }
    assert_works(&settings, &first_call, dev.url());
}

/// A shell can read the settings, and the command answers the feed.
fn assert_works(settings: &str, first_call: &str, url: &str) {
    let script = format!("set -e; {settings}\n{first_call} --silent --fail; echo; echo \"$KASSA_URL\"");
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let (feed, named) = said.trim().rsplit_once('\n').unwrap();
    let feed: Value = serde_json::from_str(feed).unwrap();
    assert!(feed["events"].is_array() && named == url, "{said}");
}
