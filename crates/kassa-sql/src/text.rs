//! The text of a statement for both engines, written at compile time.

/// The text of a statement for each engine. [`sql!`](crate::sql) writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sql {
    sqlite: &'static str,
    postgres: &'static str,
    conditional: Option<&'static str>,
    for_many: Option<&'static str>,
}

impl Sql {
    /// A statement with a text for each engine.
    #[must_use]
    pub const fn new(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres, conditional: None, for_many: None }
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

    /// The same statement with a text that runs once for many rows of values. If `text` has no token `{many:...}`, the
    /// statement runs for one row only.
    #[must_use]
    pub const fn or_for_many(self, source: &str, text: &'static str) -> Self {
        match contains(source.as_bytes(), MANY_TOKEN.as_bytes()) {
            true => Self { for_many: Some(text), ..self },
            false => self,
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

    /// The text for PostgreSQL that runs once for all rows of the relation `given`. Instead of the placeholders `$1`,
    /// `$2` it has the columns `given.p1`, `given.p2`. `None` if the statement has no token for it.
    #[must_use]
    pub const fn for_many(self) -> Option<&'static str> {
        self.for_many
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
/// | `{many:text}` | nothing | nothing; `text` if the statement runs for many rows of values at once |
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
/// A statement with a token `{many:text}` has another text for PostgreSQL, which runs once for many rows of values. The
/// rows are those of the relation `given`, which [`postgres::ManySteps`](crate::postgres::ManySteps) adds. A row that
/// such a statement answers with begins with the column `place` of the row of values that caused it:
///
/// ```
/// let sql = kassa_sql::sql!("update t set a = $1{many: from given} where b = $2{many: returning given.place}");
/// assert_eq!(sql.postgres(), "update t set a = $1 where b = $2");
/// let for_many = "update t set a = given.p1 from given where b = given.p2 returning given.place";
/// assert_eq!(sql.for_many(), Some(for_many));
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
        const MANY: &str = $crate::written!(TEXT, LISTS, $crate::text::MANY);
        const SQL: $crate::Sql =
            $crate::Sql::new(SQLITE, POSTGRES).or_conditional(CONDITIONAL).or_for_many(TEXT, MANY);
        SQL
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! written {
    ($text:ident, $lists:ident, $form:expr) => {{
        const LENGTH: usize = $crate::text::write($text, $lists, $form, &mut []);
        const BYTES: [u8; LENGTH] = {
            let mut bytes = [0; LENGTH];
            $crate::text::write($text, $lists, $form, &mut bytes);
            bytes
        };
        match ::core::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("a text that is put together of texts is one"),
        }
    }};
}

/// A token: its name, and the text that replaces it.
pub type Token = (&'static str, &'static str);

/// The setting of a session on PostgreSQL by which statements run or change nothing.
pub const CONDITION: &str = "kassa.condition";

/// The value of [`CONDITION`] with which statements run.
pub const MET: &str = "met";

/// The beginning of a token whose text is only in the form for many rows.
const MANY_TOKEN: &str = "{many:";

/// A form in which a text is written.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    tokens: &'static [Token],
    /// The characters in front of the number of a placeholder.
    placeholder: &'static str,
    is_for_many: bool,
}

impl Form {
    /// The tokens of this form, each with the text that replaces it.
    #[must_use]
    pub const fn tokens(self) -> &'static [Token] {
        self.tokens
    }
}

/// For SQLite.
pub const SQLITE: Form = Form { tokens: SQLITE_TOKENS, placeholder: "$", is_for_many: false };

/// For PostgreSQL.
pub const POSTGRES: Form = Form { tokens: POSTGRES_TOKENS, placeholder: "$", is_for_many: false };

/// For PostgreSQL, under the condition.
pub const CONDITIONAL: Form = Form { tokens: CONDITIONAL_TOKENS, placeholder: "$", is_for_many: false };

/// For PostgreSQL, once for all rows of `given`.
pub const MANY: Form = Form { tokens: MANY_TOKENS, placeholder: "given.p", is_for_many: true };

/// SQLite has one writer, and locks no rows.
const SQLITE_TOKENS: &[Token] = &[
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
const POSTGRES_TOKENS: &[Token] = &[
    ("skip locked", "for update skip locked"),
    ("share", "for share"),
    ("update", "for update"),
    ("values", "values ("),
    ("end", ")"),
    ("counted", " returning 1"),
    ("where met", ""),
    ("and met", ""),
];

/// A statement under the condition changes nothing unless the condition is met.
const CONDITIONAL_TOKENS: &[Token] = &[
    ("skip locked", "for update skip locked"),
    ("share", "for share"),
    ("update", "for update"),
    ("values", "select "),
    ("end", " where current_setting('kassa.condition') = 'met'"),
    ("counted", " returning 1"),
    ("where met", " where current_setting('kassa.condition') = 'met'"),
    ("and met", " and current_setting('kassa.condition') = 'met'"),
];

/// The relation `given` has only the rows whose guard was met.
const MANY_TOKENS: &[Token] = &[
    ("skip locked", "for update skip locked"),
    ("share", "for share"),
    ("update", "for update"),
    ("values", "select "),
    ("end", ""),
    ("counted", " returning given.place"),
    ("where met", ""),
    ("and met", ""),
];

/// Writes `text` in this form into `out`, as far as it fits, and returns the whole length.
///
/// # Panics
/// If a token is unknown. In a constant, that is an error of the compiler.
pub const fn write(text: &str, lists: &[Token], form: Form, out: &mut [u8]) -> usize {
    write_from(text.as_bytes(), lists, form, out, 0)
}

/// Writes the text behind the bytes that are written, and returns the length of both.
const fn write_from(
    mut rest: &[u8],
    lists: &[Token],
    form: Form,
    out: &mut [u8],
    mut written: usize,
) -> usize {
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        written = match *first {
            b'{' => {
                let (token, behind) = split_token(behind);
                rest = behind;
                match (text_for_many(token), form.is_for_many) {
                    (Some(text), true) => write_from(text, lists, form, out, written),
                    (Some(_), false) => written,
                    (None, _) => append(meaning_of(token, lists, form).as_bytes(), out, written),
                }
            }
            b'$' => append(form.placeholder.as_bytes(), out, written),
            byte => append(&[byte], out, written),
        };
    }
    written
}

/// The text of a token that is only in the form for many rows.
const fn text_for_many(token: &[u8]) -> Option<&[u8]> {
    match token {
        [b'm', b'a', b'n', b'y', b':', text @ ..] => Some(text),
        _ => None,
    }
}

const fn meaning_of(token: &[u8], lists: &[Token], form: Form) -> &'static str {
    match find(lists, token) {
        Some(columns) => columns,
        None => find(form.tokens, token).expect("a token is a lock, or a list that is named behind the text"),
    }
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

const fn contains(text: &[u8], part: &[u8]) -> bool {
    let mut rest = text;
    while rest.len() >= part.len() {
        if is_same(rest.split_at(part.len()).0, part) {
            return true;
        }
        rest = rest.split_at(1).1;
    }
    false
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
