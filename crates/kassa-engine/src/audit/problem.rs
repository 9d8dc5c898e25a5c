//! The problems that the verification of the audit trail can find.

use std::fmt;

use kassa_wire::audit::{BrokenLink, NotedHead};

/// The first place where the trail, or a table that it vouches for, is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuditProblem {
    /// An entry does not follow the one before.
    #[error("chain {chain}, entry {position}: {link}")]
    Link {
        /// The chain.
        chain: String,
        /// The position of the entry.
        position: i64,
        /// The reason.
        link: BrokenLink,
    },
    /// The head of a chain is not its last entry.
    #[error(
        "chain {chain}: its last entry is {found}, but its head names entry {head}: entries at its end are missing, \
         or the head was changed"
    )]
    Head {
        /// The chain.
        chain: String,
        /// The position of the last entry.
        found: i64,
        /// The position that the head names.
        head: i64,
    },
    /// A chain has entries and no head.
    #[error("chain {chain}: it has entries, but its row in audit_chain is missing")]
    NoHead {
        /// The chain.
        chain: String,
    },
    /// Entries at the beginning of a chain are missing.
    #[error("chain {chain}: the entries up to {position} were removed")]
    Removed {
        /// The chain.
        chain: String,
        /// The last removed entry.
        position: i64,
    },
    /// An entry with a valid hash has a content that is none.
    #[error("chain {chain}, entry {position}: its content cannot be read: {reason}")]
    Content {
        /// The chain.
        chain: String,
        /// The position of the entry.
        position: i64,
        /// The reason.
        reason: String,
    },
    /// The entries of a merchant's chain are not in the order of its feed.
    #[error("chain {chain}, entry {position}: its place in the feed is not after that of the entry before")]
    FeedOrder {
        /// The chain.
        chain: String,
        /// The position of the entry.
        position: i64,
    },
    /// A status change is not as its entry says, or one of the two is missing.
    #[error("{place}: {difference}")]
    StatusChange {
        /// The status change.
        place: StatusChangePlace,
        /// The difference.
        difference: EventDifference,
    },
    /// A page session does not have the status that its last event led to.
    #[error("page session {session}: its status is {status} (version {version}), but {event}")]
    SessionStatus {
        /// The session.
        session: String,
        /// Its status.
        status: String,
        /// Its version.
        version: i64,
        /// The event.
        event: EventOfSession,
    },
    /// An account or a profile is not as the administrative acts say.
    #[error("{kind} {name}: {difference}")]
    Account {
        /// Its kind.
        kind: AccountKind,
        /// The name of the account.
        name: String,
        /// The difference.
        difference: AccountDifference,
    },
    /// The trail does not contain a head that was noted elsewhere.
    #[error("the noted head {noted}: {difference}")]
    NotedHead {
        /// The head.
        noted: NotedHead,
        /// The difference.
        difference: HeadDifference,
    },
}

/// Names a status change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusChangePlace {
    /// The chain.
    pub chain: String,
    /// The position of the entry, if there is one.
    pub position: Option<i64>,
    /// The session.
    pub session: String,
    /// The number of the event in its session.
    pub sequence: i64,
}

impl fmt::Display for StatusChangePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chain, position, session, sequence } = self;
        write!(f, "chain {chain}")?;
        if let Some(position) = position {
            write!(f, ", entry {position}")?;
        }
        write!(f, ", event {sequence} of page session {session}")
    }
}

/// The difference between a status change in its table and in the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventDifference {
    /// A column was changed.
    Column {
        /// The name of the column.
        name: &'static str,
        /// Its value in the table.
        stored: String,
        /// Its value in the trail.
        trail: String,
    },
    /// The event is missing, although its page session is there.
    EventMissing,
    /// The page session is missing before its retention ended.
    SessionMissing,
    /// The event was inserted beside the trail.
    Inserted,
}

impl fmt::Display for EventDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column { name, stored, trail } => {
                write!(f, "its {name} is {stored} in the table status_event, but {trail} in the trail")
            }
            Self::EventMissing => f.write_str(
                "the row is missing in the table status_event, although the page session is there: it was removed",
            ),
            Self::SessionMissing => f.write_str(
                "the page session is missing, although no retention and no deletion in the trail covers it: it was \
                 removed",
            ),
            Self::Inserted => f.write_str(
                "the row is in the table status_event, but not in the trail: it was inserted, or its entry was removed",
            ),
        }
    }
}

/// The event with the number of a page session's version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventOfSession {
    /// There is no such event.
    Missing,
    /// It led to another status.
    Other(String),
    /// It belongs to another merchant.
    OtherMerchant(String),
}

impl fmt::Display for EventOfSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no event with this number"),
            Self::Other(status) => write!(f, "its last event led to {status}"),
            Self::OtherMerchant(merchant) => write!(f, "its last event belongs to the merchant {merchant}"),
        }
    }
}

/// A kind of account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// A merchant.
    Merchant,
    /// A merchant's credential.
    Credential,
    /// An operator.
    Operator,
    /// A merchant's account at a payment system.
    PaymentAccount,
    /// A merchant's profile.
    Profile,
}

impl fmt::Display for AccountKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Merchant => "merchant",
            Self::Credential => "credential",
            Self::Operator => "operator",
            Self::PaymentAccount => "payment account",
            Self::Profile => "profile",
        })
    }
}

/// The difference between an account and the acts about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountDifference {
    /// No act created it.
    NoAct,
    /// The acts say that it exists.
    Missing,
    /// The acts say that it is revoked.
    NotRevoked,
    /// No act revoked it.
    RevokedWithoutAct,
    /// The acts say that it is suspended.
    NotSuspended,
    /// No act suspended it.
    SuspendedWithoutAct,
    /// Its password is not the one that the last act set.
    PasswordChanged,
    /// Its settings are not those that the last act set.
    SettingsChanged,
    /// Its name or its role is not the one that the last act set.
    TitleChanged,
    /// Its identity at the OpenID provider is not the one with which it was created.
    IdentityChanged,
    /// It is the default profile, or it is not, against what the acts say.
    DefaultChanged,
}

impl fmt::Display for AccountDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAct => "it exists, but no administrative act created it",
            Self::Missing => "it is missing, but no administrative act removed it",
            Self::NotRevoked => "it is active, but an administrative act revoked it",
            Self::RevokedWithoutAct => "it is revoked, but no administrative act revoked it",
            Self::NotSuspended => "it takes payments, but an administrative act suspended it",
            Self::SuspendedWithoutAct => "it is suspended, but no administrative act suspended it",
            Self::PasswordChanged => "its password was changed without an administrative act",
            Self::SettingsChanged => "its settings or secrets were changed without an administrative act",
            Self::IdentityChanged => {
                "its identity at the OpenID provider was changed without an administrative act"
            }
            Self::DefaultChanged => {
                "whether it is the default profile was changed without an administrative act"
            }
            Self::TitleChanged => "its name or role was changed without an administrative act",
        })
    }
}

/// The difference between a noted head and the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadDifference {
    /// The chain ends before it.
    EndsBefore(i64),
    /// The entry at this position has another hash.
    OtherHash(String),
    /// Retention removed the entries up to this position.
    Removed(i64),
}

impl fmt::Display for HeadDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EndsBefore(position) => {
                write!(f, "the chain ends at entry {position}: its end was cut off")
            }
            Self::OtherHash(hash) => {
                write!(f, "the entry at this position has the hash {hash}: the chain was written again")
            }
            Self::Removed(position) => {
                write!(
                    f,
                    "it cannot be checked: retention removed the entries up to {position}; note a newer head"
                )
            }
        }
    }
}
