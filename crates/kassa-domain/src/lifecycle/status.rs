//! The statuses of a page session, in the wire's words (docs/wire.md#statuses).

use core::fmt;

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $wire:literal)*) => {
        /// The status of a page session.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum Status { $($(#[$doc])* #[serde(rename = $wire)] $name),* }

        impl Status {
            /// Every status: the open ones in the order of the table's columns, then the final ones.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the wire's word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $wire),* }
            }

            /// Parses the wire's word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($wire => Some(Self::$name),)* _ => None }
            }
        }
    };
}

statuses! {
    /// The merchant created the session; the consumer has not opened the page.
    Waiting = "WAITING"
    /// The consumer opened the page.
    InProgress = "IN_PROGRESS"
    /// The consumer pressed Back and may return.
    Back = "BACK"
    /// The payment was declined; the consumer may try again.
    Failed = "FAILED"
    /// A technical error happened; the consumer may try again.
    Error = "ERROR"
    /// The shop's staff has to check the consumer's identity document.
    ManualIdCheck = "MANUAL_ID_CHECK"
    /// The merchant's time limit passed without an outcome; the consumer may return.
    Timeout = "TIMEOUT"
    /// The payment was authorized. Final.
    Completed = "COMPLETED"
    /// The consumer cancelled. Final.
    Cancelled = "CANCELLED"
    /// The merchant disabled the session. Final.
    Disabled = "DISABLED"
}

/// A status that is not final: a column of the lifecycle table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenStatus {
    /// `WAITING`
    Waiting,
    /// `IN_PROGRESS`
    InProgress,
    /// `BACK`
    Back,
    /// `FAILED`
    Failed,
    /// `ERROR`
    Error,
    /// `MANUAL_ID_CHECK`
    ManualIdCheck,
    /// `TIMEOUT`
    Timeout,
}

impl OpenStatus {
    /// Every open status, in the order of the table's columns.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::InProgress,
        Self::Back,
        Self::Failed,
        Self::Error,
        Self::ManualIdCheck,
        Self::Timeout,
    ];
}

impl From<OpenStatus> for Status {
    fn from(open: OpenStatus) -> Self {
        match open {
            OpenStatus::Waiting => Self::Waiting,
            OpenStatus::InProgress => Self::InProgress,
            OpenStatus::Back => Self::Back,
            OpenStatus::Failed => Self::Failed,
            OpenStatus::Error => Self::Error,
            OpenStatus::ManualIdCheck => Self::ManualIdCheck,
            OpenStatus::Timeout => Self::Timeout,
        }
    }
}

impl Status {
    /// Returns the table's column of this status, or `None` if the status is final.
    #[must_use]
    pub const fn open(self) -> Option<OpenStatus> {
        match self {
            Self::Waiting => Some(OpenStatus::Waiting),
            Self::InProgress => Some(OpenStatus::InProgress),
            Self::Back => Some(OpenStatus::Back),
            Self::Failed => Some(OpenStatus::Failed),
            Self::Error => Some(OpenStatus::Error),
            Self::ManualIdCheck => Some(OpenStatus::ManualIdCheck),
            Self::Timeout => Some(OpenStatus::Timeout),
            Self::Completed | Self::Cancelled | Self::Disabled => None,
        }
    }

    /// Whether every event is refused in this status.
    #[must_use]
    pub const fn is_final(self) -> bool {
        self.open().is_none()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
