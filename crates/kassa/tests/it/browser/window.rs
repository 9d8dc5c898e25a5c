//! A window of real Chromium, with the actions of a consumer.

use std::sync::Arc;
use std::time::Duration;

use kassa_store::simulation::LONG_PROOFS;
use serde_json::{Value, json};
use thirtyfour::ChromeCapabilities;
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::extensions::query::{ElementPollerWithTimeout, ElementQuery};
use thirtyfour::prelude::*;
use thirtyfour::stringmatch::StringMatch;
use tokio::time::Instant;

use super::chromedriver::Chromedriver;

/// The arguments of Chromium: no screen, no sandbox (root cannot use it), and no requests to its vendor.
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
    // Without animations, a page does not scroll or change colours while a test looks at it.
    "--force-prefers-reduced-motion",
    // The browser ends when chromedriver ends, even if chromedriver is killed.
    "--remote-debugging-pipe",
    "--window-size=1280,800",
    // Names of other sites lead to this machine, as their owners can make them.
    "--host-resolver-rules=MAP *.example 127.0.0.1",
];

/// The longest wait for an element, and the interval between two looks.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(15), Duration::from_millis(30));

/// The Chromium that a test uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chromium {
    /// The whole browser.
    Whole,
    /// The whole browser. Its settings block the scripts of pages.
    WithoutScripts,
    /// Its headless shell, for tests that look at pages. The shell draws and runs pages like the browser, but has no
    /// windows, settings, or processes for each site, and it starts with a third of the CPU. With `KASSA_LONG_PROOFS`,
    /// this is the whole browser.
    Shell,
}

/// The headless shell, which `./test` installs.
const SHELL: &str = "/usr/bin/chromium-headless-shell";

/// The screen that a page is shown on.
#[derive(Clone, Copy, Debug)]
pub enum Screen {
    /// The narrowest phone, and a desktop at a zoom of 400 % (WCAG 2.2, 1.4.10).
    NarrowPhone,
    Phone,
    Desktop,
}

/// The colours that the consumer prefers.
#[derive(Clone, Copy, Debug)]
pub enum Colours {
    Light,
    Dark,
}

/// The longest time for a script. axe-core looks at every element of a page, which takes long on a busy machine.
const SCRIPT_TIMEOUT: Duration = Duration::from_secs(180);

/// A browser with a fresh profile. It closes when this value is dropped, even if the test fails.
pub struct Browser {
    pub window: WebDriver,
    _driver: Chromedriver,
}

impl Browser {
    pub async fn start(chromium: Chromium) -> Self {
        let driver = Chromedriver::start();
        let (patience, interval) = PATIENCE;
        let window = WebDriver::builder(driver.url(), capabilities(chromium))
            .poller(Arc::new(ElementPollerWithTimeout::new(patience, interval)))
            .connect()
            .await
            .unwrap();
        window.set_script_timeout(SCRIPT_TIMEOUT).await.unwrap();
        Self { window, _driver: driver }
    }

    pub async fn visit(&self, url: &str) {
        self.window.goto(url).await.unwrap();
    }

    /// Presses the browser's own back button.
    pub async fn press_browser_back(&self) {
        self.window.back().await.unwrap();
    }

    /// Waits until an element is displayed.
    pub async fn see(&self, id: &str) -> WebElement {
        self.found(self.query(id).and_displayed(), id).await
    }

    /// Waits until the text of an element contains all of these words.
    pub async fn see_words(&self, id: &str, words: &[&str]) {
        let query = words
            .iter()
            .fold(self.query(id), |query, word| query.with_text(StringMatch::new(*word).partial()));
        self.found(query, &format!("{id} that says {words:?}")).await;
    }

    /// Waits until a page of a shop with staff shows this status.
    pub async fn see_status(&self, status: &str) {
        let query = self.window.query(By::Css(format!("[data-status=\"{status}\"]"))).ignore_errors(true);
        self.found(query, &format!("status {status}")).await;
    }

    /// Waits until a button can be pressed.
    pub async fn see_ready(&self, id: &str) {
        self.found(self.query(id).and_clickable(), &format!("{id} that can be pressed")).await;
    }

    /// Clicks an element, as soon as it does not move and nothing covers it.
    pub async fn press(&self, id: &str) {
        let pressed = |element: WebElement| async move { Ok(element.click().await.is_ok()) };
        self.found(self.query(id).and_displayed().with_filter(pressed), &format!("{id} to press")).await;
    }

    /// Finds elements by their test id. Errors are retried, because the page may change during a look.
    fn query(&self, id: &str) -> ElementQuery {
        self.window.query(By::Testid(id)).ignore_errors(true)
    }

    async fn found(&self, query: ElementQuery, wanted: &str) -> WebElement {
        match query.first().await {
            Ok(element) => element,
            Err(error) => panic!("no {wanted} at {}: {error}\n{}", self.url().await, self.text().await),
        }
    }

    /// Whether an element is on the page now. First wait for another element of the same page.
    pub async fn has(&self, id: &str) -> bool {
        self.window.query(By::Testid(id)).nowait().exists().await.unwrap()
    }

    /// Presses a button and waits until another page has replaced the one that the button is on.
    pub async fn press_and_leave(&self, id: &str) {
        let button = self.see(id).await;
        self.press(id).await;
        let (patience, interval) = PATIENCE;
        let left = button.wait_until().wait(patience, interval).ignore_errors(true).stale().await;
        left.unwrap_or_else(|error| panic!("{id} leads to no other page: {error}"));
    }

    /// Waits for an element and does something with it: again with its successor if the page replaces it meanwhile.
    async fn with<T>(&self, id: &str, act: impl AsyncFn(&WebElement) -> WebDriverResult<T>) -> T {
        let deadline = Instant::now() + PATIENCE.0;
        loop {
            let element = self.see(id).await;
            match act(&element).await {
                Ok(done) => return done,
                Err(error) if is_stale(&error) && Instant::now() < deadline => {}
                Err(error) => panic!("{id} at {}: {error}", self.url().await),
            }
        }
    }

    /// Waits for an element and returns its text.
    pub async fn text_of(&self, id: &str) -> String {
        self.with(id, WebElement::text).await
    }

    /// Waits for a field and returns what is typed into it.
    pub async fn value_of(&self, id: &str) -> String {
        self.with(id, WebElement::value).await.unwrap_or_default()
    }

    /// Waits for an element and returns one of its attributes. An absent attribute is empty.
    pub async fn attribute_of(&self, id: &str, name: &str) -> String {
        self.with(id, async |element| element.attr(name).await).await.unwrap_or_default()
    }

    /// Double-clicks an element.
    pub async fn press_twice(&self, id: &str) {
        self.with(id, async |element| {
            self.window.action_chain().double_click_element(element).perform().await
        })
        .await;
    }

    /// Replaces the text of a field.
    pub async fn write(&self, id: &str, text: &str) {
        self.with(id, async |field| {
            field.clear().await?;
            field.send_keys(text).await
        })
        .await;
    }

    /// Presses keys in an element: letters, or keys such as Tab. In a list, they choose an option.
    pub async fn type_into(&self, id: &str, keys: &str) {
        self.with(id, async |element| element.send_keys(keys).await).await;
    }

    /// Fills in the pay form, with a valid code.
    pub async fn fill(&self, email: &str) {
        self.write("email", email).await;
        self.write("one-time-code", "123456").await;
    }

    /// Fills in the pay form, presses Pay and waits until the answer has replaced the form.
    pub async fn pay_as(&self, email: &str) {
        self.fill(email).await;
        self.press_and_leave("pay").await;
    }

    /// The element with the keyboard focus.
    pub async fn focused(&self) -> WebElement {
        self.window.active_element().await.unwrap()
    }

    /// The URL of the page.
    pub async fn url(&self) -> String {
        self.window.current_url().await.unwrap().to_string()
    }

    /// The text of the whole page.
    pub async fn text(&self) -> String {
        self.window.find(By::Tag("body")).await.unwrap().text().await.unwrap()
    }

    /// Runs a script in the page. Returns its result.
    pub async fn run(&self, script: &str) -> Value {
        self.window.execute(script, Vec::new()).await.unwrap().json().clone()
    }

    /// Emulates a screen and the consumer's preferred colours.
    pub async fn show_on(&self, screen: Screen, colours: Colours) {
        let (width, height, mobile) = match screen {
            Screen::NarrowPhone => (320, 568, true),
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

    pub async fn ask_devtools(&self, command: &str, parameters: Value) {
        self.window.cdp().send_raw(command, parameters).await.unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Chromedriver closes the window when it ends. Closing it here as well would block the test's runtime.
        let _ = self.window.clone().leak();
    }
}

/// Whether the page replaced the element after the test found it.
fn is_stale(error: &WebDriverError) -> bool {
    matches!(**error, WebDriverErrorInner::StaleElementReference(_))
}

fn capabilities(chromium: Chromium) -> ChromeCapabilities {
    let mut capabilities = DesiredCapabilities::chrome();
    for argument in ARGUMENTS {
        capabilities.add_arg(argument).unwrap();
    }
    capabilities.set("goog:loggingPrefs", json!({"browser": "ALL"})).unwrap();
    match chromium {
        Chromium::Shell if std::env::var_os(LONG_PROOFS).is_none() => capabilities.set_binary(SHELL).unwrap(),
        Chromium::Shell | Chromium::Whole => {}
        Chromium::WithoutScripts => {
            let blocked = json!({"profile.managed_default_content_settings.javascript": 2});
            capabilities.add_experimental_option("prefs", blocked).unwrap();
        }
    }
    capabilities
}
