//! The tables of accounts, of the audit trail and of the system.

use super::DataClass::{Consumer, Secret, Staff};
use super::Erasure::{NotConsumer, Removed};
use super::Storage::{AlwaysEncrypted, Clear, Encrypted, KeyedHash, PasswordHash};
use super::{InventoryTable, KeptFor, column};

/// The tables of accounts, of the audit trail and of the system.
pub(super) const ADMINISTRATION: &[InventoryTable] = &[
    InventoryTable {
        name: "feed",
        purpose: "to number the events of a merchant",
        kept: KeptFor::Forever,
        technical: &["merchant_id", "last_position", "chained_position"],
        sensitive: &[],
    },
    InventoryTable {
        name: "merchant",
        purpose: "to know the merchants",
        kept: KeptFor::UntilRemoved,
        technical: &["merchant_id", "name", "created_at", "suspended_at"],
        sensitive: &[column(
            "settings",
            Secret,
            "the settings, with the secrets that sign callbacks",
            Encrypted,
            NotConsumer,
        )],
    },
    InventoryTable {
        name: "credential",
        purpose: "to check a merchant's login",
        kept: KeptFor::UntilRemoved,
        technical: &["merchant_id", "created_at", "revoked_at"],
        sensitive: &[
            column("username", Staff, "the username of the credential", Clear, NotConsumer),
            column("secret_hash", Secret, "the password", KeyedHash, NotConsumer),
        ],
    },
    InventoryTable {
        name: "payment_account",
        purpose: "to call a payment system in the name of the merchant",
        kept: KeptFor::UntilRemoved,
        technical: &["merchant_id", "base_url", "key_name", "created_at", "updated_at"],
        sensitive: &[
            column("username", Staff, "the merchant's username at the payment system", Clear, NotConsumer),
            column(
                "secret",
                Secret,
                "the merchant's password at the payment system",
                AlwaysEncrypted,
                NotConsumer,
            ),
        ],
    },
    InventoryTable {
        name: "profile",
        purpose: "to fill in what a merchant's sessions leave open",
        kept: KeptFor::UntilRemoved,
        technical: &[
            "merchant_id",
            "profile_id",
            "name",
            "is_default",
            "content",
            "created_at",
            "updated_at",
        ],
        sensitive: &[],
    },
    InventoryTable {
        name: "operator",
        purpose: "to check the login of an operator",
        kept: KeptFor::UntilRemoved,
        technical: &["created_at", "revoked_at", "role", "openid_issuer"],
        sensitive: &[
            column("username", Staff, "the operator's name", Clear, NotConsumer),
            column("openid_subject", Staff, "the operator's id at the OpenID provider", Clear, NotConsumer),
            column("secret_hash", Secret, "the generated password", KeyedHash, NotConsumer),
            column("password_hash", Secret, "the chosen password", PasswordHash, NotConsumer),
        ],
    },
    InventoryTable {
        name: "console_session",
        purpose: "to know who is signed in to the console",
        kept: KeptFor::UntilSignOut,
        technical: &["created_at", "used_at", "expires_at"],
        sensitive: &[
            column("operator", Staff, "the operator's name", Clear, NotConsumer),
            column("token_hash", Secret, "the secret in the browser's cookie", KeyedHash, NotConsumer),
        ],
    },
    InventoryTable {
        name: "administrative_act",
        purpose: "to put administrative acts into the audit trail",
        kept: KeptFor::UntilDone,
        technical: &["act_id", "sequence", "recorded_at"],
        sensitive: &[column(
            "content",
            Staff,
            "the act, with the name and the network address of its actor",
            Clear,
            NotConsumer,
        )],
    },
    InventoryTable {
        name: "audit_entry",
        purpose: "to prove what happened, and who did it",
        kept: KeptFor::AuditRetention,
        technical: &["chain", "position", "recorded_at", "hash"],
        sensitive: &[column(
            "content",
            Staff,
            "a status change, or an act with the name and the network address of its actor; no data of a consumer",
            Clear,
            NotConsumer,
        )],
    },
    InventoryTable {
        name: "audit_chain",
        purpose: "to know the end of each chain",
        kept: KeptFor::Forever,
        technical: &["chain", "last_position", "last_hash", "removed_position", "removed_hash"],
        sensitive: &[],
    },
    InventoryTable {
        name: "audit_turn",
        purpose: "to share the work between nodes",
        kept: KeptFor::Forever,
        technical: &["name", "holder", "leased_until"],
        sensitive: &[],
    },
    InventoryTable {
        name: "act_counter",
        purpose: "to number administrative acts",
        kept: KeptFor::Forever,
        technical: &["name", "last_sequence"],
        sensitive: &[],
    },
    InventoryTable {
        name: "consumer_erasure",
        purpose: "to finish the erasure of a consumer after a crash",
        kept: KeptFor::UntilDone,
        technical: &["payment_session_id", "merchant_id", "begun_at"],
        sensitive: &[column(
            "consumer_hash",
            Consumer,
            "the e-mail address or phone number whose data are being erased",
            KeyedHash,
            Removed,
        )],
    },
    InventoryTable {
        name: "setting",
        purpose: "to keep settings that all nodes share",
        kept: KeptFor::Forever,
        technical: &["name"],
        sensitive: &[column(
            "value",
            Secret,
            "among others, the keys of page links and of keyed hashes",
            Clear,
            NotConsumer,
        )],
    },
    InventoryTable {
        name: "merchant_clock",
        purpose: "to give a merchant of the lab a time of its own",
        kept: KeptFor::UntilRemoved,
        technical: &["merchant_id", "ahead_ms", "frozen_at"],
        sensitive: &[],
    },
    InventoryTable {
        name: "test_merchant",
        purpose: "to delete the merchants of the lab",
        kept: KeptFor::UntilRemoved,
        technical: &["merchant_id", "made_by", "created_at"],
        sensitive: &[],
    },
    InventoryTable {
        name: "schema_migration",
        purpose: "to know the version of the schema",
        kept: KeptFor::Forever,
        technical: &["version", "fingerprint"],
        sensitive: &[],
    },
];
