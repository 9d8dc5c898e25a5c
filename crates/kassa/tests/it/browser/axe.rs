//! An accessibility checker, axe-core, let loose on the page that the browser shows.

use std::path::Path;

use super::window::{Browser, Colours, Screen};

/// Where `./test` puts it: beside the other things that tests make for themselves.
const AXE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/node_modules/axe-core/axe.min.js");

/// Asks for the violations, one line each.
const CHECK: &str = "
    const done = arguments[arguments.length - 1];
    const named = (violation) => violation.nodes.map((node) => `${violation.id}: ${node.html}`);
    axe.run().then(
      (result) => done(result.violations.flatMap(named).join('\\n')),
      (error) => done(`axe failed: ${error}`),
    );";

/// Insists that everyone can read the page: on a phone and on a desktop, in light and in dark.
pub async fn everyone_can_read(browser: &Browser) {
    let axe = std::fs::read_to_string(Path::new(AXE)).expect("axe-core is there once ./test has run");
    browser.run(&axe).await;
    for screen in [Screen::Phone, Screen::Desktop] {
        for colours in [Colours::Light, Colours::Dark] {
            browser.show_on(screen, colours).await;
            let found = browser.window.execute_async(CHECK, Vec::new()).await.unwrap();
            let violations = found.json().as_str().unwrap();
            assert_eq!(violations, "", "{screen:?}, {colours:?}, {}", browser.url().await);
        }
    }
}
