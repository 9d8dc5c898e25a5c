//! One row, out of the database and into it.

use std::collections::HashSet;

use kassa_domain::callback::{CallbackState, PaymentCallback};
use kassa_domain::{Actor, MerchantId, Origin};
use kassa_sql::{Column, Row, Value};
use serde::de::IgnoredAny;
use serde_json::{Map, Value as Json};

use super::tables::{Kind, Table, is_json};
use crate::StoreError;
use crate::callbacks::endpoint_of_key;
use crate::engine::{Guard, Statement};
use crate::seal::DataSeal;

/// The rows of a table in a file; none where it has no such table.
pub(super) fn of_table<'a>(tables: &'a Map<String, Json>, name: &str) -> &'a [Json] {
    tables.get(name).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

/// The rows that an imported row may refer to: those of the same file only.
pub(super) struct References<'a> {
    page_sessions: HashSet<&'a str>,
    payment_sessions: HashSet<&'a str>,
}

impl<'a> References<'a> {
    pub(super) fn of(tables: &'a Map<String, Json>) -> Self {
        let ids = |table: &str, column: &str| {
            of_table(tables, table).iter().filter_map(|row| row.get(column)?.as_str()).collect()
        };
        Self {
            page_sessions: ids("page_session", "page_session_id"),
            payment_sessions: ids("payment_session", "payment_session_id"),
        }
    }

    fn has(&self, id: &str) -> bool {
        self.page_sessions.contains(id) || self.payment_sessions.contains(id)
    }

    pub(super) fn page_sessions(&self) -> usize {
        self.page_sessions.len()
    }
}

pub(super) fn read(seal: &DataSeal, table: &Table, row: &mut Row) -> Result<Json, StoreError> {
    let mut read = Map::new();
    for (place, (name, kind)) in table.columns.iter().enumerate() {
        let column = Column::new(place, name);
        let value = match kind {
            Kind::Lease | Kind::ClockMerchant => continue,
            Kind::Int | Kind::OptionalInt => row.get::<Option<i64>>(column)?.map(Json::from),
            Kind::Sealed(purpose) | Kind::OptionalSealed(purpose) | Kind::SealedJson(purpose) => {
                seal.optional_text(row, column, *purpose)?.map(Json::from)
            }
            Kind::Text
            | Kind::OptionalText
            | Kind::Checked(_)
            | Kind::Merchant
            | Kind::PageSession
            | Kind::CallbackOwner
            | Kind::PaymentSession
            | Kind::EndpointKey
            | Kind::Origin
            | Kind::Actor
            | Kind::CallbackState
            | Kind::PaymentCallback => row.get::<Option<String>>(column)?.map(Json::from),
        };
        read.insert((*name).to_string(), value.unwrap_or(Json::Null));
    }
    Ok(Json::Object(read))
}

/// The destination of an import: the merchant, and the seal of the store.
pub(super) struct Destination<'a> {
    pub(super) merchant: &'a MerchantId,
    pub(super) seal: &'a DataSeal,
}

/// The statement that writes a row, unless it is there; an `Err` names the column that cannot be.
pub(super) fn insert(
    table: &Table,
    row: &Json,
    destination: &Destination<'_>,
    references: &References<'_>,
) -> Result<Statement, &'static str> {
    let mut values = Vec::with_capacity(table.columns.len());
    for (name, kind) in table.columns {
        values.push(value(*kind, name, row, destination, references).ok_or(*name)?);
    }
    Ok(Statement::new(table.insert, values).guarding(Guard::ImportedRow))
}

fn value<'a>(
    kind: Kind,
    column: &str,
    row: &'a Json,
    Destination { merchant, seal }: &Destination<'a>,
    references: &References<'_>,
) -> Option<Value<'a>> {
    let given = row.get(column);
    let text = || given?.as_str();
    let name = |column: &str| row.get(column)?.as_str();
    let is_null = given.is_none_or(Json::is_null);
    Some(match kind {
        Kind::Text => text()?.into(),
        Kind::OptionalText if is_null => Value::Null,
        Kind::OptionalText => text()?.into(),
        Kind::Int => given?.as_i64()?.into(),
        Kind::OptionalInt if is_null => Value::Null,
        Kind::OptionalInt => given?.as_i64()?.into(),
        Kind::Checked(is_good) => text().filter(|text| is_good(text))?.into(),
        Kind::OptionalSealed(_) if is_null => Value::Null,
        Kind::Sealed(purpose) | Kind::OptionalSealed(purpose) => seal.seal(purpose, text()?).into(),
        Kind::SealedJson(purpose) => {
            let json = text().filter(|text| is_json::<IgnoredAny>(text))?;
            seal.seal(purpose, json).into()
        }
        Kind::Merchant => merchant.as_str().into(),
        Kind::PageSession => text().filter(|id| references.page_sessions.contains(id))?.into(),
        Kind::CallbackOwner => text().filter(|id| references.has(id))?.into(),
        Kind::PaymentSession => text().filter(|id| references.payment_sessions.contains(id))?.into(),
        Kind::Actor if is_null && name("actor_name").is_none() => Value::Null,
        Kind::Actor => {
            let name = name("actor_name");
            text().filter(|kind| Actor::of(kind, name).is_some())?.into()
        }
        Kind::EndpointKey | Kind::Origin => origin_of(row)?.as_str().to_string().into(),
        Kind::ClockMerchant => Value::Null,
        Kind::CallbackState => match CallbackState::parse(text()?)? {
            CallbackState::Delivered => CallbackState::Delivered.as_str().into(),
            CallbackState::Due | CallbackState::Blocked | CallbackState::GivenUp => {
                CallbackState::GivenUp.as_str().into()
            }
        },
        Kind::PaymentCallback if is_null => Value::Null,
        Kind::PaymentCallback => PaymentCallback::parse(text()?)?.as_str().into(),
        Kind::Lease => 0_i64.into(),
    })
}

/// The origin of a callback's endpoint. A row of a node of the version before has it in the endpoint's key alone.
fn origin_of(row: &Json) -> Option<Origin> {
    let text = |column: &str| row.get(column)?.as_str();
    text("origin").map(Origin::new).or_else(|| Some(endpoint_of_key(text("endpoint")?).origin))
}
