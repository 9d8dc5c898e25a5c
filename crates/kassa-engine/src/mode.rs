//! Whether money moves.

/// Whether money moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// No money moves.
    Sandbox,
    /// Money moves.
    Live,
}
