//! Accounts that a sandbox created in the database, and that are not safe to serve.

use kassa_engine::{Accounts, SandboxAccounts};

use super::Config;
use super::safety::Unsafe;

/// The name in `accept_unsafe` for merchants that a lab created.
const TEST_MERCHANTS: &str = "test-merchants";

impl Config {
    /// The problems with these accounts that were not accepted by name. The published credential is always a problem.
    pub(crate) fn problems_with(&self, found: SandboxAccounts) -> Vec<Unsafe> {
        let mut problems = Vec::new();
        if found.accepts_published_credential {
            let username = Accounts::PUBLISHED_USERNAME;
            let because = format!(
                "`kassa dev` made it, so {username} with its published password is accepted. Use a database of its \
                 own, or \
                 revoke the credential: kassa credential revoke {username}. This cannot be accepted by name"
            );
            problems.push(Unsafe { name: "dev-credential", because });
        }
        let is_accepted = self.lab || self.accepts(TEST_MERCHANTS);
        if found.test_merchants > 0 && !is_accepted {
            let because = format!(
                "merchants that a lab made for tests: {}. Whoever ran the tests knows their passwords. Use a database \
                 of its \
                 own, or list {TEST_MERCHANTS} under accept_unsafe",
                found.test_merchants
            );
            problems.push(Unsafe { name: TEST_MERCHANTS, because });
        }
        problems
    }
}
