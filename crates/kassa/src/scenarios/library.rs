//! The library: the scenarios that are built into the command.

/// The name and the file text of a scenario of the library.
pub(super) type Ready = (&'static str, &'static str);

/// Names the files of `scenarios/`, in the order in which they are listed.
macro_rules! library {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../scenarios/", $name, ".toml")))),*]
    };
}

/// All scenarios of the library.
pub(super) const LIBRARY: &[Ready] = library! {
    "callback-before-redirect",
    "callback-with-redirect",
    "redirect-before-callback",
    "lost-completed",
    "duplicate-callback",
    "out-of-order",
    "expired-while-paying",
    "disabled-while-paying",
    "pay-pressed-twice",
    "order-placed-twice",
    "order-placed-by-the-page",
    "token-expired",
    "cart-changed-on-open-page",
    "sibling-sessions",
    "first-callback-fails",
    "shop-down-for-good",
    "callback-times-out",
    "callback-redirected",
    "forged-callback",
    "creation-fails",
    "order-refused-first",
    "wire-as-documented",
    "placeholders",
    "expired-session",
    "consumer-never-returns",
    "recurring-token",
    "wrong-credentials",
    "news-comes-later",
};

/// Returns the scenario with this name.
pub(super) fn find(name: &str) -> Option<Ready> {
    LIBRARY.iter().copied().find(|(own, _)| *own == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::scenarios::scenario::Scenario;

    #[test]
    fn every_file_is_in_the_library() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files: BTreeSet<_> =
            files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
        assert_eq!(files, LIBRARY.iter().map(|(name, _)| (*name).to_string()).collect());
    }

    #[test]
    fn every_scenario_says_in_two_lines_why_it_matters() {
        for (name, text) in LIBRARY {
            let scenario = Scenario::read(name, text).unwrap();
            assert_eq!(scenario.why.lines().count(), 2, "{name}");
        }
    }
}
