//! The failure of a command, which decides the exit code.

/// A command's failure. The variant decides the exit code.
pub(crate) enum Failure {
    /// The command was called in a wrong way: exit code 2.
    Usage(String),
    /// The command was called correctly and failed: exit code 1.
    Fault(anyhow::Error),
    /// The reader of the answer closed the pipe: the command ends quietly.
    ClosedPipe,
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Fault(error)
    }
}
