//! Reads configurations in tests.

use super::Config;
use crate::settings_file;

/// Reads a file as [`Config::read`] does. The error names the setting and the reason.
pub(super) fn read(text: &str) -> Result<Config, String> {
    let mut config: Config = settings_file::read(text).map_err(|error| error.to_string())?;
    config.complete()?;
    Ok(config)
}

#[track_caller]
pub(super) fn check_refused(text: &str, expected: &str) {
    let said = read(text).expect_err("the settings are refused");
    assert!(said.contains(expected), "{said}");
}
