//! The rotation of the keys of a seal: the names of the keys that the database needs, and encrypting all stored texts
//! again with the first key.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use kassa_sql::{Column, Row, Value};

use super::{Purpose, SEALED, UnreadableSeal};
use crate::audit::{NewAct, push_act, unit_with_act};
use crate::engine::{Guard, Statement, Unit};
use crate::{Store, StoreError};

/// Maximum number of texts that one statement reads.
const TEXTS_AT_ONCE: i64 = 500;

/// The beginning of the settings that name the keys which the database needs. The rest is the name of a key.
const KEY_SETTING: &str = "token_key ";

/// The outcome of encrypting all texts again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resealing {
    /// The number of texts that the first key encrypts now and did not before.
    pub resealed: usize,
    /// The reason for each text that is still under another key, because it cannot be decrypted.
    pub unreadable: Vec<UnreadableSeal>,
}

impl Resealing {
    /// The names of the keys that are missing.
    #[must_use]
    pub fn missing_keys(&self) -> BTreeSet<&str> {
        let keys = self.unreadable.iter().filter_map(|why| match why {
            UnreadableSeal::UnknownKey { key, .. } => Some(key.as_str()),
            UnreadableSeal::Damaged { .. } => None,
        });
        keys.collect()
    }
}

/// The state of a database before its newest key was registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRegistration {
    /// There is no key to register, or the database is new or was used with a key.
    Expected,
    /// The database has merchants and was used without a key. Its older rows are in clear text.
    FirstKeyOfUsedDatabase,
}

/// The outcome of going through a column once.
#[derive(Default)]
struct ResealingPass {
    resealed: usize,
    /// The number of texts that somebody else changed meanwhile.
    lost_races: usize,
    unreadable: Vec<UnreadableSeal>,
}

/// A column with sealed texts.
struct SealedColumn {
    purpose: Purpose,
    /// The first values of the columns that name a row.
    first: &'static [Value<'static>],
    /// Reads the rows after one that the first key does not seal.
    select: &'static str,
    /// Replaces a text, unless somebody else changed it since.
    update: &'static str,
}

/// A value before every text.
const TEXT: Value<'static> = Value::Text(std::borrow::Cow::Borrowed(""));

/// A value before every number.
const NUMBER: Value<'static> = Value::Int(i64::MIN);

/// Writes the statements of a column. The columns that name a row follow in brackets, each with its first value.
macro_rules! sealed {
    ($purpose:ident $column:literal of $table:literal [$key:literal: $first:expr]) => {
        sealed!(@ $purpose $column $table $key [$first] "$2" "$3" "$3")
    };
    ($purpose:ident $column:literal of $table:literal [$key:literal: $first:expr, $first2:expr]) => {
        sealed!(@ $purpose $column $table $key [$first, $first2] "$2, $3" "$4" "$3, $4")
    };
    ($purpose:ident $column:literal of $table:literal [$key:literal: $first:expr, $first2:expr, $first3:expr]) => {
        sealed!(@ $purpose $column $table $key [$first, $first2, $first3] "$2, $3, $4" "$5" "$3, $4, $5")
    };
    (@ $purpose:ident $column:literal $table:literal $key:literal [$($first:expr),*]
     $after:literal $limit:literal $same:literal) => {
        SealedColumn {
            purpose: Purpose::$purpose,
            first: &[$($first),*],
            select: concat!(
                "select ", $key, ", ", $column, " from ", $table, " where ", $column, " not like $1 and (", $key,
                ") > (", $after, ") order by ", $key, " limit ", $limit
            ),
            update: concat!(
                "update ", $table, " set ", $column, " = $1 where ", $column, " = $2 and (", $key, ") = (", $same,
                ") returning 1"
            ),
        }
    };
}

/// Every column with sealed texts.
const SEALED_COLUMNS: [SealedColumn; 23] = [
    sealed!(Token "authorization_token" of "page_session" ["page_session_id": TEXT]),
    sealed!(IdCheck "id_check" of "page_session" ["page_session_id": TEXT]),
    sealed!(Token "authorization_token" of "payment_session" ["payment_session_id": TEXT]),
    sealed!(Token "authorization_token" of "placed_order" ["order_id": TEXT]),
    sealed!(EventBody "body" of "status_event" ["page_session_id, sequence": TEXT, NUMBER]),
    sealed!(CallbackBody "body" of "callback" ["page_session_id, sequence": TEXT, NUMBER]),
    sealed!(AnswerHeaders "answer_headers" of "callback_attempt"
        ["page_session_id, sequence, started_at": TEXT, NUMBER, NUMBER]),
    sealed!(AnswerBody "answer_body" of "callback_attempt"
        ["page_session_id, sequence, started_at": TEXT, NUMBER, NUMBER]),
    sealed!(OperationAuthorization "authorization_row" of "payment_operation"
        ["page_session_id, operation_id": TEXT, TEXT]),
    sealed!(OperationRequest "request" of "payment_operation" ["page_session_id, operation_id": TEXT, TEXT]),
    sealed!(IdempotentAnswer "answer" of "idempotent_answer" ["merchant_id, idempotency_key": TEXT, TEXT]),
    sealed!(PaymentSession "body" of "payment_session" ["payment_session_id": TEXT]),
    sealed!(StartedPayment "started" of "payment_session" ["payment_session_id": TEXT]),
    sealed!(Authorization "body" of "payment_authorization" ["authorization_token": TEXT]),
    sealed!(EnteredDetails "consumer" of "payment_authorization" ["authorization_token": TEXT]),
    sealed!(Order "body" of "placed_order" ["order_id": TEXT]),
    sealed!(CustomerToken "body" of "customer_token" ["token_id": TEXT]),
    sealed!(Message "recipient" of "message" ["message_id": TEXT]),
    sealed!(Message "subject" of "message" ["message_id": TEXT]),
    sealed!(Message "body" of "message" ["message_id": TEXT]),
    sealed!(Message "link" of "message" ["message_id": TEXT]),
    sealed!(MerchantSettings "settings" of "merchant" ["merchant_id": TEXT]),
    // The last, because Citus refuses to change the column that distributes a table.
    sealed!(Token "authorization_token" of "payment_authorization" ["authorization_token": TEXT]),
];

/// A stored text, and the values that name its row.
struct StoredText {
    key: Vec<Value<'static>>,
    text: String,
}

fn missing(key: &str) -> String {
    format!(
        "data in the database are encrypted with the key {key}, which is not in account_key_file: add that key as the \
         second line, or run kassa encryption reencrypt with both keys"
    )
}

fn delete_key_setting(name: &str) -> Statement {
    Statement::new("delete from setting where name = $1", [format!("{KEY_SETTING}{name}").into()])
}

impl Store {
    /// Records that the first key of the seal encrypts texts of this database from now on. An `Err` names a key that
    /// the database needs and the seal does not have.
    pub async fn register_token_keys(&self) -> Result<KeyRegistration, StoreError> {
        let registered = self.registered_token_keys().await?;
        if let Some(name) = registered.iter().find(|name| !self.seal.contains(name)) {
            return Err(StoreError::Unusable(missing(name).into()));
        }
        let Some(newest) = self.seal.newest() else { return Ok(KeyRegistration::Expected) };
        let is_first_key = registered.is_empty() && self.has_any_merchant().await?;
        self.register_token_key(newest).await?;
        Ok(if is_first_key { KeyRegistration::FirstKeyOfUsedDatabase } else { KeyRegistration::Expected })
    }

    async fn has_any_merchant(&self) -> Result<bool, StoreError> {
        let statement = Statement::new("select merchant_id from merchant limit 1", []);
        Ok(self.row(statement, |_| Ok(())).await?.is_some())
    }

    async fn register_token_key(&self, name: &str) -> Result<(), StoreError> {
        self.setting_or(&format!("{KEY_SETTING}{name}"), "").await.map(drop)
    }

    /// The names of the keys that the database needs.
    async fn registered_token_keys(&self) -> Result<Vec<String>, StoreError> {
        let statement = Statement::new(
            "select name from setting where name like $1 order by name",
            [format!("{KEY_SETTING}%").into()],
        );
        let name = |row: &mut Row| Ok(row.only::<String>()?.replacen(KEY_SETTING, "", 1));
        self.rows(statement, name).await
    }

    /// Forgets that the database needs this key: the texts that it encrypts stay unreadable. `false` if the database
    /// does not need it.
    pub async fn forget_token_key(&self, name: &str, act: &NewAct) -> Result<bool, StoreError> {
        let mut unit = unit_with_act();
        unit.push(delete_key_setting(name).guarding(Guard::AccountKey));
        push_act(&mut unit, act);
        self.run_guarded(unit).await
    }

    /// Encrypts all texts with the first key of the seal. They stay readable meanwhile, for processes with both keys.
    /// Afterwards the database needs no other key, except those of texts that cannot be decrypted. It changes nothing
    /// if the seal has no keys.
    pub async fn reseal(&self) -> Result<Resealing, StoreError> {
        let mut outcome = Resealing::default();
        let Some(newest) = self.seal.newest() else { return Ok(outcome) };
        self.register_token_key(newest).await?;
        let columns = SEALED_COLUMNS.iter().filter(|column| self.seal.may_seal(column.purpose));
        for column in columns {
            // A text that somebody else changed meanwhile may still be under another key.
            loop {
                let pass = self.reseal_column(column, newest).await?;
                outcome.resealed += pass.resealed;
                if pass.lost_races == 0 {
                    outcome.unreadable.extend(pass.unreadable);
                    break;
                }
            }
        }
        self.forget_token_keys_except(newest, &outcome.missing_keys()).await?;
        Ok(outcome)
    }

    async fn forget_token_keys_except(
        &self,
        newest: &str,
        missing: &BTreeSet<&str>,
    ) -> Result<(), StoreError> {
        for name in self.registered_token_keys().await? {
            if name != newest && !missing.contains(name.as_str()) {
                self.run_unguarded(Unit::of(delete_key_setting(&name))).await?;
            }
        }
        Ok(())
    }

    /// Goes through a column once.
    async fn reseal_column(&self, column: &SealedColumn, newest: &str) -> Result<ResealingPass, StoreError> {
        let mut after = column.first.to_vec();
        let mut pass = ResealingPass::default();
        loop {
            let texts = self.texts_of_other_keys(column, newest, &after).await?;
            let Some(last) = texts.last() else { return Ok(pass) };
            after.clone_from(&last.key);
            let mut units = Vec::new();
            for text in texts {
                match self.resealed(column, text) {
                    Ok(unit) => units.extend(unit),
                    Err(why) => pass.unreadable.push(why),
                }
            }
            let changed = try_join_all(units.into_iter().map(|unit| self.run_unguarded(unit))).await?;
            pass.resealed += changed.iter().map(Vec::len).sum::<usize>();
            pass.lost_races += changed.iter().filter(|rows| rows.is_empty()).count();
        }
    }

    /// The unit that encrypts a text with the first key; `None` if it is a text that is stored in clear. A unit locks
    /// one row only, so that it and a change of a session do not wait for each other.
    fn resealed(&self, column: &SealedColumn, stored: StoredText) -> Result<Option<Unit>, UnreadableSeal> {
        let StoredText { key, text } = stored;
        let clear = self.seal.open(column.purpose, text.clone())?;
        if !self.seal.seals(column.purpose, &clear) {
            return Ok(None);
        }
        let sealed = self.seal.seal(column.purpose, &clear).into_owned();
        let values = [sealed.into(), text.into()].into_iter().chain(key);
        Ok(Some(Unit::of(Statement::new(column.update, values))))
    }

    /// The next texts of a column that the first key does not seal.
    async fn texts_of_other_keys(
        &self,
        column: &SealedColumn,
        newest: &str,
        after: &[Value<'static>],
    ) -> Result<Vec<StoredText>, StoreError> {
        let sealed_by_newest = format!("{SEALED}{newest}:%");
        let values = [sealed_by_newest.into()].into_iter().chain(after.iter().cloned());
        let statement = Statement::new(column.select, values.chain([TEXTS_AT_ONCE.into()]));
        let read = |row: &mut Row| {
            let key = column.first.iter().enumerate().map(|(place, first)| {
                let column = Column::new(place, "key");
                Ok(match first {
                    Value::Int(_) => row.get::<i64>(column)?.into(),
                    Value::Text(_) | Value::Null => row.text(column)?.into(),
                })
            });
            let key = key.collect::<Result<Vec<Value<'static>>, StoreError>>()?;
            Ok(StoredText { key, text: row.text(Column::new(column.first.len(), "text"))? })
        };
        self.rows(statement, read).await
    }
}
