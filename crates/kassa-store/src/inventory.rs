//! The inventory of stored data: each column of each table, with what it may contain about a consumer, an operator or a
//! secret. `docs/personal-data.md` is made from it. A test compares it with the schema of both engines.

mod administration;
mod sessions;

use administration::ADMINISTRATION;
use sessions::SESSIONS;

/// Every table, with every column.
pub fn data_inventory() -> impl Iterator<Item = &'static InventoryTable> {
    SESSIONS.iter().chain(ADMINISTRATION)
}

/// A table of the database.
#[derive(Clone, Copy, Debug)]
pub struct InventoryTable {
    /// The table's name.
    pub name: &'static str,
    /// Why Kassa stores its rows.
    pub purpose: &'static str,
    /// How long its rows are kept.
    pub kept: KeptFor,
    /// Columns with ids, amounts, statuses, times and other values that contain neither personal data nor a secret.
    pub technical: &'static [&'static str],
    /// The columns that may contain personal data or a secret.
    pub sensitive: &'static [SensitiveColumn],
}

/// A column that may contain personal data or a secret.
#[derive(Clone, Copy, Debug)]
pub struct SensitiveColumn {
    /// The column's name.
    pub name: &'static str,
    /// The class of its data.
    pub class: DataClass,
    /// The content, for a person who does not know the program.
    pub content: &'static str,
    /// How it is stored.
    pub storage: Storage,
    /// The effect of the erasure of a consumer.
    pub erasure: Erasure,
}

/// A class of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DataClass {
    /// Data of a consumer.
    Consumer,
    /// A text of a merchant, which has data of a consumer only if the merchant puts it there.
    MerchantText,
    /// A secret with which somebody could act.
    Secret,
    /// Data of a person who operates Kassa or a merchant's system.
    Staff,
}

/// How a column is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Encrypted, if the nodes have an `account_key_file`.
    Encrypted,
    /// Encrypted by an `account_key_file` if it contains an authorization token. Otherwise it has nothing to hide.
    EncryptedWithToken,
    /// Always encrypted: without an `account_key_file` it cannot be stored.
    AlwaysEncrypted,
    /// As a keyed hash, from which nobody can compute the content.
    KeyedHash,
    /// As an argon2id hash.
    PasswordHash,
    /// In clear text.
    Clear,
}

/// How long rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptFor {
    /// Until the page session is deleted: `retention_days` after its expiry.
    WithPageSession,
    /// For `retention_days` after its expiry.
    RetentionDays,
    /// For `message_retention_days`.
    MessageDays,
    /// For `request_retention_days`.
    RequestDays,
    /// Until the page session is deleted. Answers are removed after `answer_retention_days`.
    AnswerDays,
    /// For two days.
    TwoDays,
    /// Forever. Contact data are replaced after `contact_retention_days`, if that is set.
    ForeverWithoutContact,
    /// Until an operator removes it.
    UntilRemoved,
    /// For seconds or minutes, until the work that it describes is done.
    UntilDone,
    /// Until somebody signs out, or the sign-in ends.
    UntilSignOut,
    /// For `audit_retention_days`, or forever.
    AuditRetention,
    /// Forever.
    Forever,
}

/// The effect of the erasure of a consumer on a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erasure {
    /// The names, addresses, numbers and dates in the JSON are replaced by a fixed mark. Amounts and goods stay.
    Redacted,
    /// The whole text is replaced by a fixed mark.
    Replaced,
    /// A text that repeats the address or the number of the consumer is replaced by a fixed mark.
    ReplacedIfMentioned,
    /// The value is removed.
    Removed,
    /// It is not data of a consumer.
    NotConsumer,
}

const fn column(
    name: &'static str,
    class: DataClass,
    content: &'static str,
    storage: Storage,
    erasure: Erasure,
) -> SensitiveColumn {
    SensitiveColumn { name, class, content, storage, erasure }
}

impl InventoryTable {
    /// Every column of the table.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.technical.iter().copied().chain(self.sensitive.iter().map(|column| column.name))
    }
}

impl DataClass {
    /// Every class.
    pub const ALL: [Self; 4] = [Self::Consumer, Self::MerchantText, Self::Secret, Self::Staff];

    /// The class in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Consumer => "Data of consumers",
            Self::MerchantText => "Texts of merchants",
            Self::Secret => "Secrets",
            Self::Staff => "Data of operators and merchants' staff",
        }
    }
}

impl Storage {
    /// The storage in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted, if there is a key",
            Self::EncryptedWithToken => "encrypted if it has a token and there is a key",
            Self::AlwaysEncrypted => "always encrypted",
            Self::KeyedHash => "keyed hash",
            Self::PasswordHash => "argon2id hash",
            Self::Clear => "clear text",
        }
    }
}

impl KeptFor {
    /// The time in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::WithPageSession => "like the page session",
            Self::RetentionDays => "`retention_days` after its expiry",
            Self::MessageDays => "`message_retention_days` (30)",
            Self::RequestDays => "`request_retention_days` (30)",
            Self::AnswerDays => "like the page session; answers `answer_retention_days` (30)",
            Self::TwoDays => "two days",
            Self::ForeverWithoutContact => "forever, or `contact_retention_days`",
            Self::UntilRemoved => "until an operator removes it",
            Self::UntilDone => "until the work is done",
            Self::UntilSignOut => "until the sign-in ends",
            Self::AuditRetention => "`audit_retention_days`, or forever",
            Self::Forever => "forever",
        }
    }
}

impl Erasure {
    /// The effect in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Redacted => "personal fields replaced",
            Self::Replaced => "replaced",
            Self::ReplacedIfMentioned => "replaced if it names the consumer",
            Self::Removed => "removed",
            Self::NotConsumer => "not affected",
        }
    }
}
