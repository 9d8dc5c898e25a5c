//! The merchant's records in a file, as spreadsheets and databases write them.
//!
//! A file has separated values with a heading, or JSON. Separators, quotes, the order of the columns, further columns, the
//! encoding and the ends of lines do not matter.

use std::borrow::Cow;
use std::fmt;

use csv::{ByteRecord, ReaderBuilder};
use kassa_client::tracker::reconcile::MerchantRecord;
use kassa_wire::status::SessionStatus;

/// The separators of values: a comma, a semicolon if the comma is the decimal sign, and those of databases.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The required columns.
const COLUMNS: [&str; 2] = ["session_id", "status"];

/// The beginnings of spreadsheet programs' own files: a ZIP archive, or the older compound file.
const SPREADSHEETS: [&[u8]; 2] = [b"PK\x03\x04", &[0xd0, 0xcf, 0x11, 0xe0]];

/// The texts that databases write for a missing value.
const NO_VALUE: [&str; 4] = ["", "NULL", "null", "\\N"];

/// The reason why a file has no records that can be read.
#[derive(Debug, PartialEq)]
pub(super) enum WrongRecords {
    /// It is a spreadsheet in the format of its program.
    Spreadsheet,
    /// Its heading lacks a required column, or has one twice.
    Columns(String),
    /// A record cannot be read.
    Record { line: u64, reason: String },
}

impl fmt::Display for WrongRecords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spreadsheet => f.write_str("this is a spreadsheet: save it as CSV, and give that file"),
            Self::Columns(reason) => f.write_str(reason),
            Self::Record { line, reason } => write!(f, "line {line} is not a record: {reason}"),
        }
    }
}

/// Reads the records in the bytes of a file.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<MerchantRecord>, WrongRecords> {
    if SPREADSHEETS.iter().any(|start| bytes.starts_with(start)) {
        return Err(WrongRecords::Spreadsheet);
    }
    let bytes = in_utf_8(bytes);
    match bytes.trim_ascii_start().first() {
        Some(b'[') => {
            as_record(serde_json::from_slice(&bytes)).map(|all: Vec<_>| all.into_iter().map(tidy).collect())
        }
        Some(b'{') => {
            let records = serde_json::Deserializer::from_slice(&bytes).into_iter();
            records.map(|record| as_record(record).map(tidy)).collect()
        }
        Some(_) | None => separated(&bytes),
    }
}

/// The bytes without a byte order mark. Some spreadsheets write UTF-16.
fn in_utf_8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let utf_16 = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
        Cow::Owned(String::from_utf16_lossy(&units).into_bytes())
    };
    match bytes {
        [0xef, 0xbb, 0xbf, text @ ..] => Cow::Borrowed(text),
        [0xff, 0xfe, text @ ..] => utf_16(text, u16::from_le_bytes),
        [0xfe, 0xff, text @ ..] => utf_16(text, u16::from_be_bytes),
        _ => Cow::Borrowed(bytes),
    }
}

fn as_record<T>(read: serde_json::Result<T>) -> Result<T, WrongRecords> {
    read.map_err(|error| {
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default().to_string();
        WrongRecords::Record { line: error.line() as u64, reason }
    })
}

/// A record without white space around its values. Known statuses may be in any letter case.
fn tidy(record: MerchantRecord) -> MerchantRecord {
    let MerchantRecord { session_id, status } = record;
    let word = status.as_str().trim();
    let known = SessionStatus::from(word.to_ascii_uppercase());
    let status = if matches!(known, SessionStatus::Other(_)) { SessionStatus::from(word) } else { known };
    MerchantRecord { session_id: session_id.trim().to_string(), status }
}

/// The layout of a file with separated values.
struct Layout {
    separator: u8,
    /// The places of [`COLUMNS`].
    places: [usize; 2],
    /// The number of records before the first one with values: the line that names the separator, and the heading.
    skipped: usize,
}

fn separated(bytes: &[u8]) -> Result<Vec<MerchantRecord>, WrongRecords> {
    let named = named_separator(bytes);
    let begins_at = usize::from(named.is_some());
    let candidates: Vec<(u8, Vec<String>)> = named
        .map_or_else(|| SEPARATORS.to_vec(), |separator| vec![separator])
        .into_iter()
        .filter_map(|separator| Some((separator, rows(bytes, separator).nth(begins_at)?.1)))
        .collect();
    let Some(layout) = layout(&candidates, begins_at)? else { return Ok(Vec::new()) };
    rows(bytes, layout.separator)
        .skip(layout.skipped)
        .filter(|(_, fields)| !is_row_count(fields))
        .map(|(at, fields)| {
            record(&fields, layout.places).map_err(|reason| {
                let line = line_of(bytes, usize::try_from(at).unwrap_or(usize::MAX));
                WrongRecords::Record { line, reason }
            })
        })
        .collect()
}

/// The separator that the first line names for spreadsheets: `sep=;`.
fn named_separator(bytes: &[u8]) -> Option<u8> {
    let first = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let unquoted = first.strip_prefix(b"\"").unwrap_or(first);
    match unquoted.strip_prefix(b"sep=")? {
        [separator] | [separator, b'"'] => Some(*separator),
        _ => None,
    }
}

/// The rows with the places of their bytes, without those that are empty or only draw a line.
fn rows(bytes: &[u8], separator: u8) -> impl Iterator<Item = (u64, Vec<String>)> {
    let reader =
        ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(bytes);
    // Bytes in memory can always be read, and any bytes are a row.
    let rows = reader.into_byte_records().map_while(Result::ok);
    let rows = rows.map(|row| (row.position().map_or(0, csv::Position::byte), fields(&row)));
    rows.filter(|(_, fields)| !fields.iter().all(|field| field.trim_matches(['-', '+', '=', ':']).is_empty()))
}

/// The values of a row, without white space and quotes around them. Other columns may have any encoding.
fn fields(row: &ByteRecord) -> Vec<String> {
    let unquoted = |field: &[u8]| {
        let text = String::from_utf8_lossy(field);
        let text = text.trim();
        let inner = |quote| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
        inner('"').or_else(|| inner('\'')).unwrap_or(text).trim().to_string()
    };
    row.iter().map(unquoted).collect()
}

/// Finds the separator and the places of the columns in the first row. `None` if there is no row.
fn layout(candidates: &[(u8, Vec<String>)], begins_at: usize) -> Result<Option<Layout>, WrongRecords> {
    let most = candidates.iter().max_by_key(|(_, fields)| fields.len());
    let Some((_, most)) = most else { return Ok(None) };
    for (separator, fields) in candidates {
        let places = COLUMNS.map(|column| places_of(column, fields));
        if let Some(twice) = places.iter().position(|places| places.len() > 1) {
            return Err(WrongRecords::Columns(format!("the file has the column {} twice", COLUMNS[twice])));
        }
        if let [Some(session_id), Some(status)] = places.map(|places| places.first().copied()) {
            let (places, skipped) = ([session_id, status], begins_at + 1);
            return Ok(Some(Layout { separator: *separator, places, skipped }));
        }
    }
    let without_heading = candidates.iter().find(|(_, fields)| is_record(fields));
    match without_heading {
        Some((separator, _)) => {
            Ok(Some(Layout { separator: *separator, places: [0, 1], skipped: begins_at }))
        }
        None => Err(WrongRecords::Columns(format!(
            "the file needs the columns session_id and status; its first line has: {}",
            most.join(", ")
        ))),
    }
}

/// The places of a column in a heading. Letter case, blanks and signs do not matter: `Session ID` is `session_id`.
fn places_of(column: &str, heading: &[String]) -> Vec<usize> {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let is_named = |(place, field): (usize, &String)| (plain(field) == plain(column)).then_some(place);
    heading.iter().enumerate().filter_map(is_named).collect()
}

/// Whether a first row is a record, in a file without a heading.
fn is_record(fields: &[String]) -> bool {
    matches!(fields, [_, status] if !matches!(SessionStatus::from(status.as_str()), SessionStatus::Other(_)))
}

/// Whether a row is the number of rows that `psql` prints at the end.
fn is_row_count(fields: &[String]) -> bool {
    matches!(fields, [text] if text.starts_with('(') && (text.ends_with(" rows)") || text.ends_with(" row)")))
}

fn record(fields: &[String], places: [usize; 2]) -> Result<MerchantRecord, String> {
    let value = |index: usize| match fields.get(places[index]).map(String::as_str) {
        Some(value) if !NO_VALUE.contains(&value) => Ok(value.to_string()),
        Some(_) | None => Err(format!("it has no {}", COLUMNS[index])),
    };
    Ok(tidy(MerchantRecord { session_id: value(0)?, status: SessionStatus::from(value(1)?) }))
}

/// The line, from 1, of the first text at or after a place. A line ends with `\n`, `\r\n` or `\r`.
fn line_of(bytes: &[u8], place: usize) -> u64 {
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let blank = bytes.iter().skip(place).take_while(|byte| is_end(byte)).count();
    let before = &bytes[..(place + blank).min(bytes.len())];
    let ends = before.iter().enumerate().filter(|(at, byte)| match byte {
        b'\n' => true,
        b'\r' => before.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    ends.count() as u64 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let expected = [("s-1", "COMPLETED"), ("s-2", "BACK")].map(|(session_id, status)| MerchantRecord {
            session_id: session_id.to_string(),
            status: SessionStatus::from(status),
        });
        let records = read(bytes);
        assert_eq!(records.as_deref(), Ok(&expected[..]), "{:?}", String::from_utf8_lossy(bytes));
    }

    #[track_caller]
    fn refuse(bytes: impl AsRef<[u8]>, why: &str) {
        let bytes = bytes.as_ref();
        let refused = read(bytes).map_err(|wrong| wrong.to_string());
        assert_eq!(refused, Err(why.to_string()), "{:?}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn a_file_of_a_spreadsheet_is_read() {
        for text in [
            "session_id,status\ns-1,COMPLETED\ns-2,BACK\n",
            "session_id,status\r\ns-1,COMPLETED\r\ns-2,BACK",
            "session_id,status\rs-1,COMPLETED\rs-2,BACK\r",
            "\u{feff}session_id,status\r\ns-1,COMPLETED\r\ns-2,BACK\r\n",
            "\u{feff}\"session_id\";\"status\"\r\n\"s-1\";\"COMPLETED\"\r\n\"s-2\";\"BACK\"\r\n",
            "Session_ID,Status\ns-1,COMPLETED\ns-2,BACK\n",
            "Session ID;Status\ns-1;completed\ns-2;Back\n",
            "sep=;\r\nsession_id;status\r\ns-1;COMPLETED\r\ns-2;BACK\r\n",
            "sep=\t\nsession_id\tstatus\ns-1\tCOMPLETED\ns-2\tBACK\n",
            "\"sep=,\"\nsession_id,status\ns-1,COMPLETED\ns-2,BACK\n",
            "amount;status;session_id;note\n1,5;COMPLETED;s-1;\"a;\nb\"\n2;BACK;s-2;\"say \"\"no\"\"\"\n",
            "session_id\tstatus\tamount\ns-1\tCOMPLETED\t1,5\ns-2\tBACK\t2\n",
            " session_id , status \n \"s-1\" , \"COMPLETED\" \n\n,,\n s-2 , BACK ,\n \n",
        ] {
            check(text);
        }
    }

    #[test]
    fn a_file_in_another_encoding_is_read() {
        let text = "\u{feff}session_id\tstatus\tname\r\ns-1\tCOMPLETED\t\u{c5}sa\r\ns-2\tBACK\t\r\n";
        check(text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
        check(text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>());
        check(b"name,session_id,status\n\xc5sa,s-1,COMPLETED\n\xff,s-2,BACK\n");
    }

    #[test]
    fn a_file_of_a_database_is_read() {
        for text in [
            "'session_id','status'\n's-1','COMPLETED'\n's-2','BACK'\n",
            "session_id|status\ns-1|COMPLETED\ns-2|BACK\n(2 rows)\n",
            " session_id |  status   \n------------+-----------\n s-1        | COMPLETED\n s-2        | BACK\n(2 rows)\n\n",
            "+-----+-----------+\n| session_id | status |\n+-----+-----------+\n| s-1 | COMPLETED |\n| s-2 | BACK |\n+-----+-----------+\n",
            "{\"session_id\":\"s-1\",\"status\":\"COMPLETED\",\"amount\":1}\n{\"session_id\":\"s-2\",\"status\":\"back\"}\n",
            "[{\"session_id\":\"s-1\",\"status\":\"COMPLETED\"},\n{\"status\":\"BACK\",\"session_id\":\"s-2\"}]\n",
        ] {
            check(text);
        }
    }

    #[test]
    fn a_file_without_a_heading_has_these_two_columns() {
        check("s-1,COMPLETED\ns-2,BACK\n");
        check("s-1;COMPLETED\ns-2;BACK\n");
        for empty in ["", "\n\n", "\u{feff}", "session_id,status\n"] {
            assert_eq!(read(empty.as_bytes()), Ok(Vec::new()), "{empty:?}");
        }
    }

    #[test]
    fn a_file_without_the_columns_is_refused_once() {
        let needs = "the file needs the columns session_id and status; its first line has: ";
        refuse("id;state\ns-1;COMPLETED\n", &format!("{needs}id, state"));
        refuse("session_id,state\ns-1,COMPLETED\n", &format!("{needs}session_id, state"));
        refuse("s-1,COMPLETED,100\n", &format!("{needs}s-1, COMPLETED, 100"));
        refuse("session_id\ns-1\n", &format!("{needs}session_id"));
        refuse("status,session_id,Status\n", "the file has the column status twice");
        refuse(b"PK\x03\x04\x14\0", "this is a spreadsheet: save it as CSV, and give that file");
    }

    #[test]
    fn a_record_without_a_value_is_refused_with_its_line() {
        refuse("session_id,status\ns-1\n", "line 2 is not a record: it has no status");
        for end in ["\n", "\r\n", "\r"] {
            let text = "status,session_id\nBACK,s-1\n\nBACK,NULL\n".replace('\n', end);
            refuse(text, "line 4 is not a record: it has no session_id");
        }
        let json = "{\"session_id\":\"s-1\",\"status\":\"BACK\"}\n{\"session_id\":\"s-2\"}\n";
        refuse(json, "line 2 is not a record: missing field `status`");
    }
}
