//! The name of the database engine in the output of a failed test.

/// Prints the engine if the test fails while this value exists.
#[derive(Debug)]
#[must_use]
pub struct NamedEngine(pub &'static str);

impl Drop for NamedEngine {
    #[expect(clippy::print_stderr, reason = "the output of a failed test")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the test failed on {}", self.0);
        }
    }
}
