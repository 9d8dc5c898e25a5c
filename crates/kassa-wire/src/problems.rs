//! The invalid fields of a body: all of them at once, each by its path.

/// The maximum number of reported paths. It bounds the answer to a hostile body.
const MAX_PATHS: usize = 100;

/// The paths of the invalid fields, in the order in which the check found them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    paths: Vec<String>,
}

impl Problems {
    /// Adds the path of an invalid field, such as `order_lines[2].quantity`. A path is added once.
    pub fn at(&mut self, path: impl Into<String>) {
        let path = path.into();
        if self.paths.len() < MAX_PATHS && !self.paths.contains(&path) {
            self.paths.push(path);
        }
    }

    /// Whether the body has no invalid field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Returns the paths.
    #[must_use]
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// Returns the wire's error messages, such as `Bad value: order_lines[2].quantity` (docs/wire.md#payments-errors).
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        self.paths.iter().map(|path| format!("Bad value: {path}")).collect()
    }

    /// Returns `value` if the body has no invalid field.
    ///
    /// # Errors
    /// The invalid fields, if there are any.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}
