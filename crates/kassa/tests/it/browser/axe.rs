//! Checks the page in the browser with axe-core, an accessibility checker.

use std::path::Path;

use super::window::{Browser, Colours, Screen};

/// The path at which `./test` installs axe-core.
const AXE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/node_modules/axe-core/axe.min.js");

/// A script that returns the violations, one per line.
const CHECK: &str = "
    const done = arguments[arguments.length - 1];
    const named = (violation) => violation.nodes.map((node) => `${violation.id}: ${node.html}`);
    axe.run({ resultTypes: ['violations'] }).then(
      (result) => done(result.violations.flatMap(named).join('\\n')),
      (error) => done(`axe failed: ${error}`),
    );";

/// Asserts that axe-core finds no violation: on a phone and on a desktop, in light and in dark colours.
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
