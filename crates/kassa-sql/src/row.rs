//! Rows, read by the names of their columns.

use crate::error::SqlError;
use crate::value::{FromValue, Value};

/// One row of an answer.
#[derive(Debug, Default)]
pub struct Row {
    values: Vec<Value<'static>>,
}

/// A column of a row. [`columns!`](crate::columns) declares the columns of a list, so that a name means a position.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    place: usize,
    name: &'static str,
}

impl Column {
    /// The column at a position, from 0.
    #[must_use]
    pub const fn new(place: usize, name: &'static str) -> Self {
        Self { place, name }
    }

    /// Its position, from 0.
    #[must_use]
    pub const fn place(self) -> usize {
        self.place
    }
}

impl Row {
    pub(crate) const fn new(values: Vec<Value<'static>>) -> Self {
        Self { values }
    }

    #[cfg(feature = "postgres")]
    pub(crate) const fn len(&self) -> usize {
        self.values.len()
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn without_first(mut self, columns: usize) -> Self {
        self.values.drain(..columns);
        self
    }

    /// Reads the value of a column. Each column can be read once.
    ///
    /// # Errors
    /// If the column has a value of another type.
    pub fn get<T: FromValue>(&mut self, column: Column) -> Result<T, SqlError> {
        let Some(value) = self.values.get_mut(column.place) else {
            return Err(SqlError::Fault(format!("a row has no column {}", column.name).into()));
        };
        T::from_value(std::mem::replace(value, Value::Null)).map_err(|found| {
            SqlError::Fault(
                format!("the column {} contains {found}, which does not belong there", column.name).into(),
            )
        })
    }

    /// Reads a text.
    ///
    /// # Errors
    /// If the column has a value of another type.
    pub fn text(&mut self, column: Column) -> Result<String, SqlError> {
        self.get(column)
    }

    /// Reads the only value of the row.
    ///
    /// # Errors
    /// If there are several, or if it has another type.
    pub fn only<T: FromValue>(&mut self) -> Result<T, SqlError> {
        match self.values.len() {
            1 => self.get(Column::new(0, "that is the only one")),
            several => Err(SqlError::Fault(format!("a row has {several} columns, not one").into())),
        }
    }
}

/// Declares the columns of a kind of row: the list that a statement selects, and a name for each position.
///
/// In a text of [`sql!`](crate::sql) the name of the list in braces means its columns. A column is selected by its
/// name, or by the expression that is given. Reading a row by these names costs nothing at run time, and the compiler
/// warns of a column that is selected and not read.
///
/// ```
/// kassa_sql::columns! {
///     merchant { merchant_id, name, has_logo = "case when logo is null then 0 else 1 end" }
/// }
///
/// let sql = kassa_sql::sql!("select {merchant} from merchant where merchant_id = $1", merchant);
/// assert_eq!(
///     sql.sqlite(),
///     "select merchant_id, name, case when logo is null then 0 else 1 end from merchant where merchant_id = $1"
/// );
///
/// fn read(row: &mut kassa_sql::Row) -> Result<(String, String, bool), kassa_sql::SqlError> {
///     Ok((row.get(merchant::merchant_id)?, row.get(merchant::name)?, row.get(merchant::has_logo)?))
/// }
/// ```
///
/// A list may be `like` another, if another statement selects the same columns by other expressions. Rows of both are
/// read by the names of the other. The compiler checks that the names have the same positions.
///
/// ```
/// kassa_sql::columns! {
///     expired { id, expired_at = "expires_at" }
///     expired_message like expired { id = "message_id", expired_at = "created_at + 60000" }
/// }
/// # fn main() {
/// # let _ = (expired::id, expired::expired_at, expired::ALL, expired_message::ALL);
/// # }
/// ```
///
/// ```compile_fail,E0080
/// kassa_sql::columns! {
///     expired { id, expired_at = "expires_at" }
///     expired_message like expired { expired_at = "created_at + 60000", id = "message_id" }
/// }
/// # fn main() {
/// # let _ = (expired::id, expired::expired_at, expired::ALL, expired_message::ALL);
/// # }
/// ```
#[macro_export]
macro_rules! columns {
    ($($(#[$about:meta])* $list:ident $(like $model:ident)? { $($columns:tt)+ })+) => {
        $($crate::column_list! { $(#[$about])* $list $(like $model)? { $($columns)+ } })+
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! column_list {
    ($(#[$about:meta])* $list:ident {
        $first:ident $(= $first_expression:literal)? $(, $column:ident $(= $expression:literal)?)* $(,)?
    }) => {
        $(#[$about])*
        #[expect(non_upper_case_globals, reason = "columns are named as in SQL")]
        pub(crate) mod $list {
            /// The columns, as a statement selects them.
            pub(crate) const ALL: &str = concat!(
                $crate::column_text!($first $($first_expression)?)
                $(, ", ", $crate::column_text!($column $($expression)?))*
            );

            #[expect(non_camel_case_types, reason = "columns are named as in SQL")]
            enum Place { $first $(, $column)* }

            pub(crate) const $first: $crate::Column =
                $crate::Column::new(Place::$first as usize, stringify!($first));
            $(
                pub(crate) const $column: $crate::Column =
                    $crate::Column::new(Place::$column as usize, stringify!($column));
            )*
        }
    };
    ($(#[$about:meta])* $list:ident like $model:ident {
        $first:ident $(= $first_expression:literal)? $(, $column:ident $(= $expression:literal)?)* $(,)?
    }) => {
        $(#[$about])*
        pub(crate) mod $list {
            /// The columns, as a statement selects them.
            pub(crate) const ALL: &str = concat!(
                $crate::column_text!($first $($first_expression)?)
                $(, ", ", $crate::column_text!($column $($expression)?))*
            );

            #[expect(non_camel_case_types, reason = "columns are named as in SQL")]
            enum Place { $first $(, $column)* }

            const _: () = {
                assert!(super::$model::$first.place() == Place::$first as usize);
                $(assert!(super::$model::$column.place() == Place::$column as usize);)*
            };
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! column_text {
    ($column:ident) => {
        stringify!($column)
    };
    ($column:ident $expression:literal) => {
        $expression
    };
}
