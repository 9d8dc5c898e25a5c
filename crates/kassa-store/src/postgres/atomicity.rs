//! Makes the statements of a group atomic, although the server answers each of them separately.

/// How a connection makes a group atomic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Atomicity {
    /// Every connection is read-only outside a transaction that says `read write`. So if `begin` fails, the statements
    /// after it can change nothing, and any failure inside the transaction rolls all of it back.
    Transaction,
    /// A defect on purpose: every statement commits alone. It proves that the tests notice such a defect.
    #[cfg(feature = "simulation")]
    Missing,
}

impl Atomicity {
    /// The statements that prepare a connection. Guards are written for `read committed`. The database or the role may
    /// have another default.
    pub(super) const fn session(self) -> &'static str {
        match self {
            Self::Transaction => {
                "set session characteristics as transaction isolation level read committed, read only"
            }
            #[cfg(feature = "simulation")]
            Self::Missing => "",
        }
    }

    /// Whether units with the same statements run as one statement, which is atomic by itself.
    pub(super) const fn puts_units_together(self) -> bool {
        match self {
            Self::Transaction => true,
            #[cfg(feature = "simulation")]
            Self::Missing => false,
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

    /// Rolls a group back.
    pub(super) const fn rollback(self) -> &'static str {
        match self {
            Self::Transaction => "rollback",
            #[cfg(feature = "simulation")]
            Self::Missing => "",
        }
    }
}
