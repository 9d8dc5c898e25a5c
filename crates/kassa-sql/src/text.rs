//! The text of a statement for both engines, written at compile time.

/// The text of a statement for each engine. [`sql!`](crate::sql) writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sql {
    sqlite: &'static str,
    postgres: &'static str,
    conditional: Option<&'static str>,
}

impl Sql {
    /// A statement with a text for each engine.
    #[must_use]
    pub const fn new(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres, conditional: None }
    }

    /// The same statement with a text that runs under a condition. A text that is equal to that for PostgreSQL has no
    /// condition.
    #[must_use]
    pub const fn or_conditional(self, text: &'static str) -> Self {
        match is_same(text.as_bytes(), self.postgres.as_bytes()) {
            true => self,
            false => Self { conditional: Some(text), ..self },
        }
    }

    /// The text for SQLite.
    #[must_use]
    pub const fn sqlite(self) -> &'static str {
        self.sqlite
    }

    /// The text for PostgreSQL.
    #[must_use]
    pub const fn postgres(self) -> &'static str {
        self.postgres
    }

    /// The text for PostgreSQL that changes nothing unless the setting [`CONDITION`] of the session is `met`; `None` if
    /// the statement has no token for it.
    #[must_use]
    pub const fn conditional(self) -> Option<&'static str> {
        self.conditional
    }
}

/// Both engines read a plain text as it is. If it has a token that [`sql!`](crate::sql) would replace, both report a
/// syntax error.
impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self::new(text, text)
    }
}

/// Writes the text of a statement for both engines, at compile time.
///
/// A text may have tokens in braces:
///
/// | token | SQLite | PostgreSQL |
/// |---|---|---|
/// | `{skip locked}` | nothing: it has one writer | `for update skip locked`: rows that another transaction has locked are skipped |
/// | `{share}` | nothing | `for share`: waits until another transaction has released the rows |
/// | `{update}` | nothing | `for update`: waits until another transaction has released the rows, and prevents others from locking them |
/// | `{values}` and `{end}` | `values (` and `)` | the same; under a condition `select ` and ` where` with the condition |
/// | `{counted}` | nothing: SQLite counts the rows that a statement changes | ` returning 1`, for a row of each |
/// | `{where met}`, `{and met}` | nothing | nothing; under a condition ` where` or ` and` with the condition |
/// | `{list}` | the columns of that list | the same |
///
/// [`columns!`](crate::columns) declares a list, whose name follows the text. A token that is none of these does not
/// compile:
///
/// ```
/// let sql = kassa_sql::sql!("select a from t limit 1 {skip locked}");
/// assert_eq!(sql.postgres(), "select a from t limit 1 for update skip locked");
/// assert_eq!(sql.sqlite(), "select a from t limit 1 ");
/// assert_eq!(sql.conditional(), None);
///
/// let sql = kassa_sql::sql!("update t set a = $1 where b = $2{and met}");
/// assert_eq!(sql.postgres(), "update t set a = $1 where b = $2");
/// let condition = "current_setting('kassa.condition') = 'met'";
/// assert_eq!(sql.conditional(), Some(&*format!("update t set a = $1 where b = $2 and {condition}")));
/// ```
///
/// ```compile_fail,E0080
/// kassa_sql::sql!("select a from t limit 1 {skip the locked}");
/// ```
#[macro_export]
macro_rules! sql {
    ($text:expr $(, $list:ident)* $(,)?) => {{
        const TEXT: &str = $text;
        const LISTS: &[(&str, &str)] = &[$((stringify!($list), $list::ALL)),*];
        const SQLITE: &str = $crate::written!(TEXT, LISTS, $crate::text::SQLITE);
        const POSTGRES: &str = $crate::written!(TEXT, LISTS, $crate::text::POSTGRES);
        const CONDITIONAL: &str = $crate::written!(TEXT, LISTS, $crate::text::CONDITIONAL);
        const SQL: $crate::Sql = $crate::Sql::new(SQLITE, POSTGRES).or_conditional(CONDITIONAL);
        SQL
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! written {
    ($text:ident, $lists:ident, $locks:expr) => {{
        const LENGTH: usize = $crate::text::write($text, $lists, $locks, &mut []);
        const BYTES: [u8; LENGTH] = {
            let mut bytes = [0; LENGTH];
            $crate::text::write($text, $lists, $locks, &mut bytes);
            bytes
        };
        match ::core::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("a text that is put together of texts is one"),
        }
    }};
}

/// A token: its name, and the text that replaces it.
type Token = (&'static str, &'static str);

/// The setting of a session on PostgreSQL by which statements run or change nothing.
pub const CONDITION: &str = "kassa.condition";

/// The value of [`CONDITION`] with which statements run.
pub const MET: &str = "met";

/// SQLite has one writer, and locks no rows.
pub const SQLITE: &[Token] = &[
    ("skip locked", ""),
    ("share", ""),
    ("update", ""),
    ("values", "values ("),
    ("end", ")"),
    ("counted", ""),
    ("where met", ""),
    ("and met", ""),
];

/// PostgreSQL locks rows.
pub const POSTGRES: &[Token] = &[
    ("skip locked", "for update skip locked"),
    ("share", "for share"),
    ("update", "for update"),
    ("values", "values ("),
    ("end", ")"),
    ("counted", " returning 1"),
    ("where met", ""),
    ("and met", ""),
];

/// PostgreSQL, under the condition.
pub const CONDITIONAL: &[Token] = &[
    ("skip locked", "for update skip locked"),
    ("share", "for share"),
    ("update", "for update"),
    ("values", "select "),
    ("end", " where current_setting('kassa.condition') = 'met'"),
    ("counted", " returning 1"),
    ("where met", " where current_setting('kassa.condition') = 'met'"),
    ("and met", " and current_setting('kassa.condition') = 'met'"),
];

/// Writes `text` with its tokens replaced into `out`, as far as it fits, and returns the whole length.
///
/// # Panics
/// If a token is unknown. In a constant, that is an error of the compiler.
pub const fn write(text: &str, lists: &[Token], locks: &[Token], out: &mut [u8]) -> usize {
    let mut rest = text.as_bytes();
    let mut written = 0;
    while let Some((first, behind)) = rest.split_first() {
        if *first == b'{' {
            let (token, behind) = split_token(behind);
            let meaning = match find(lists, token) {
                Some(columns) => columns,
                None => {
                    find(locks, token).expect("a token is a lock, or a list that is named behind the text")
                }
            };
            written = append(meaning.as_bytes(), out, written);
            rest = behind;
        } else {
            written = append(&[*first], out, written);
            rest = behind;
        }
    }
    written
}

/// The text before the closing brace, and the text after it.
const fn split_token(text: &[u8]) -> (&[u8], &[u8]) {
    let mut length = 0;
    while text[length] != b'}' {
        length += 1;
    }
    let (token, behind) = text.split_at(length);
    (token, behind.split_at(1).1)
}

const fn find(tokens: &[Token], wanted: &[u8]) -> Option<&'static str> {
    let mut place = 0;
    while place < tokens.len() {
        if is_same(tokens[place].0.as_bytes(), wanted) {
            return Some(tokens[place].1);
        }
        place += 1;
    }
    None
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut place = 0;
    while place < one.len() && place < other.len() && one[place] == other[place] {
        place += 1;
    }
    place == one.len() && place == other.len()
}

const fn append(bytes: &[u8], out: &mut [u8], at: usize) -> usize {
    let mut place = 0;
    while place < bytes.len() {
        if at + place < out.len() {
            out[at + place] = bytes[place];
        }
        place += 1;
    }
    at + bytes.len()
}
