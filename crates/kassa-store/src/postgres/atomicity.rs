//! What keeps the statements of a group together, although each of them is sent and answered alone.

/// How a connection makes a group atomic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Atomicity {
    /// Every connection is read-only outside a transaction that says `read write`. So if `begin` fails, the statements
    /// behind it can change nothing, and whatever fails inside the transaction rolls all of it back.
    Transaction,
    /// A defect on purpose: every statement commits alone. It proves that the tests notice such a defect.
    #[cfg(feature = "simulation")]
    Missing,
}

impl Atomicity {
    /// What a connection is told before it is used. Guards are written for `read committed`, whatever the database or
    /// the role has as its default.
    pub(super) const fn session(self) -> &'static str {
        match self {
            Self::Transaction => {
                "set session characteristics as transaction isolation level read committed, read only"
            }
            #[cfg(feature = "simulation")]
            Self::Missing => "",
        }
    }

    /// Begins a group.
    pub(super) const fn begin(self) -> &'static str {
        match self {
            Self::Transaction => "begin read write",
            #[cfg(feature = "simulation")]
            Self::Missing => "",
        }
    }

    /// Commits a group.
    pub(super) const fn commit(self) -> &'static str {
        match self {
            Self::Transaction => "commit",
            #[cfg(feature = "simulation")]
            Self::Missing => "",
        }
    }
}
