//! A window of real Chromium, used as a consumer uses it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::ChromeCapabilities;
use thirtyfour::extensions::query::{ElementPollerWithTimeout, ElementQuery};
use thirtyfour::prelude::*;
use thirtyfour::stringmatch::StringMatch;

use super::chromedriver::Chromedriver;

/// How Chromium is started: without a screen, without a sandbox (which root has not), and without calls home.
const ARGUMENTS: [&str; 13] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    // Nothing is on its way: neither a page that scrolls, nor a colour that turns into another.
    "--force-prefers-reduced-motion",
    // The browser ends when chromedriver does, however that ends.
    "--remote-debugging-pipe",
    "--window-size=1280,800",
    // Names of other sites lead to this machine, as their owners can make them.
    "--host-resolver-rules=MAP *.example 127.0.0.1",
];

/// How long an element is waited for at most, and how often it is looked for.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(15), Duration::from_millis(30));

/// Whether the browser runs the scripts of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    Run,
    Blocked,
}

/// The screen that a page is shown on.
#[derive(Clone, Copy, Debug)]
pub enum Screen {
    Phone,
    Desktop,
}

/// The colours that the consumer prefers.
#[derive(Clone, Copy, Debug)]
pub enum Colours {
    Light,
    Dark,
}

/// One browser with a fresh profile. It closes with this value, also when a test fails.
pub struct Browser {
    pub window: WebDriver,
    _driver: Chromedriver,
}

impl Browser {
    pub async fn start(scripts: Scripts) -> Self {
        let driver = Chromedriver::start();
        let (patience, interval) = PATIENCE;
        let window = WebDriver::builder(driver.url(), capabilities(scripts))
            .poller(Arc::new(ElementPollerWithTimeout::new(patience, interval)))
            .connect()
            .await
            .unwrap();
        Self { window, _driver: driver }
    }

    pub async fn visit(&self, url: &str) {
        self.window.goto(url).await.unwrap();
    }

    /// The browser's own back button.
    pub async fn press_browser_back(&self) {
        self.window.back().await.unwrap();
    }

    /// Waits until an element is there to be seen.
    pub async fn see(&self, id: &str) -> WebElement {
        self.found(self.query(id).and_displayed(), id).await
    }

    /// Waits until an element says all of these words.
    pub async fn see_words(&self, id: &str, words: &[&str]) {
        let query = words
            .iter()
            .fold(self.query(id), |query, word| query.with_text(StringMatch::new(*word).partial()));
        self.found(query, &format!("{id} that says {words:?}")).await;
    }

    /// Waits until a button can be pressed.
    pub async fn see_ready(&self, id: &str) {
        self.found(self.query(id).and_clickable(), &format!("{id} that can be pressed")).await;
    }

    /// Clicks an element, once it holds still and nothing is before it.
    pub async fn press(&self, id: &str) {
        let pressed = |element: WebElement| async move { Ok(element.click().await.is_ok()) };
        self.found(self.query(id).and_displayed().with_filter(pressed), &format!("{id} to press")).await;
    }

    /// Elements by their test id. A page that changes under the hand of the looker is looked at again.
    fn query(&self, id: &str) -> ElementQuery {
        self.window.query(By::Testid(id)).ignore_errors(true)
    }

    async fn found(&self, query: ElementQuery, wanted: &str) -> WebElement {
        match query.first().await {
            Ok(element) => element,
            Err(error) => panic!("no {wanted} at {}: {error}\n{}", self.url().await, self.text().await),
        }
    }

    /// Whether an element is there now. Ask after seeing something else of the same page.
    pub async fn has(&self, id: &str) -> bool {
        self.window.query(By::Testid(id)).nowait().exists().await.unwrap()
    }

    /// The text of an element, once it is seen.
    pub async fn text_of(&self, id: &str) -> String {
        self.see(id).await.text().await.unwrap()
    }

    /// Clicks an element twice, as fast as a hand that does not trust the web.
    pub async fn press_twice(&self, id: &str) {
        let element = self.see(id).await;
        self.window.action_chain().double_click_element(&element).perform().await.unwrap();
    }

    /// Replaces what a field holds.
    pub async fn write(&self, id: &str, text: &str) {
        let field = self.see(id).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Fills the pay form, with a code that is right.
    pub async fn fill(&self, email: &str) {
        self.write("email", email).await;
        self.write("one-time-code", "123456").await;
    }

    /// Fills the pay form and presses Pay.
    pub async fn pay_as(&self, email: &str) {
        self.fill(email).await;
        self.press("pay").await;
    }

    /// The element that the keyboard writes to.
    pub async fn focused(&self) -> WebElement {
        self.window.active_element().await.unwrap()
    }

    /// Where the browser is.
    pub async fn url(&self) -> String {
        self.window.current_url().await.unwrap().to_string()
    }

    /// Everything the page says.
    pub async fn text(&self) -> String {
        self.window.find(By::Tag("body")).await.unwrap().text().await.unwrap()
    }

    /// Runs a script of the test's in the page.
    pub async fn run(&self, script: &str) -> Value {
        self.window.execute(script, Vec::new()).await.unwrap().json().clone()
    }

    /// Shows the page on another screen, in other colours.
    pub async fn show_on(&self, screen: Screen, colours: Colours) {
        let (width, height, mobile) = match screen {
            Screen::Phone => (390, 844, true),
            Screen::Desktop => (1280, 800, false),
        };
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile});
        self.ask_devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        let scheme = match colours {
            Colours::Light => "light",
            Colours::Dark => "dark",
        };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.ask_devtools("Emulation.setEmulatedMedia", features).await;
    }

    async fn ask_devtools(&self, command: &str, parameters: Value) {
        self.window.cdp().send_raw(command, parameters).await.unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Chromedriver closes the window as it ends; closing it from here as well would block the test's runtime.
        let _ = self.window.clone().leak();
    }
}

fn capabilities(scripts: Scripts) -> ChromeCapabilities {
    let mut capabilities = DesiredCapabilities::chrome();
    for argument in ARGUMENTS {
        capabilities.add_arg(argument).unwrap();
    }
    if scripts == Scripts::Blocked {
        let blocked = json!({"profile.managed_default_content_settings.javascript": 2});
        capabilities.add_experimental_option("prefs", blocked).unwrap();
    }
    capabilities
}
