//! The fields of a body that cannot stay as they are: all of them at once, each by its path.

/// So many problems are told at most: a hostile body must not buy an endless answer.
const MOST_PROBLEMS: usize = 100;

/// Collects the paths of bad fields, in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    paths: Vec<String>,
}

impl Problems {
    /// Notes that the field at this path is bad: `order_lines[2].quantity`. A path is noted once.
    pub fn at(&mut self, path: impl Into<String>) {
        let path = path.into();
        if self.paths.len() < MOST_PROBLEMS && !self.paths.contains(&path) {
            self.paths.push(path);
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// The paths.
    #[must_use]
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// The wire's error messages: `Bad value: order_lines[2].quantity` (spec 6.1).
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        self.paths.iter().map(|path| format!("Bad value: {path}")).collect()
    }

    /// The value, if nothing is wrong.
    ///
    /// # Errors
    /// The problems, if there are any.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}
