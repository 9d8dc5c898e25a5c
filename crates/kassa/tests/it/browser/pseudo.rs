//! Two languages that exist only in tests: English with longer words and accents in place of English, and English that
//! is written from right to left in place of Arabic. An operator's folder of corrections contains them.

use tempfile::TempDir;

use crate::workspace::text;

/// The languages that the folder replaces.
pub const TAGS: [&str; 2] = ["ar", "en"];

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ACCENTED: &str = "áƀçďéƒĝĥíĵķļɱñóþǫŕšťúṽŵẋýžÅƁÇĐÉƑĜĤÎĴĶĻṀÑÓÞǪŔŠŢÛṼŴẊÝŽ";

/// Makes the folder.
pub fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let english = text("crates/kassa-i18n/locales/en.ftl");
    let write = |name: &str, change: fn(&str) -> String| {
        std::fs::write(folder.path().join(name), changed(&english, change)).unwrap();
    };
    write("en.ftl", |words| format!("{}{}", accented(words), longer(words)));
    // U+202E turns the letters around, and U+202C ends that.
    write("ar.ftl", |words| format!("{{\"\\u202E\"}}{words}{{\"\\u202C\"}}"));
    folder
}

/// Changes each text of a Fluent file: after `name =`, and after the key of each variant. Arguments stay.
fn changed(file: &str, change: impl Fn(&str) -> String) -> String {
    let arabic = ["zero", "two", "few", "many"];
    let mut written = String::new();
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        let (start, words) = match (line.split_once(" = "), line.split_once("] ")) {
            (Some((name, words)), _) => (format!("{name} = "), words),
            (None, Some((key, words))) => (format!("{key}] "), words),
            (None, None) => (line.to_string(), ""),
        };
        let words = if words.is_empty() { String::new() } else { change(words) };
        if start.trim_start().starts_with("[one]") {
            for form in arabic {
                written.push_str(&format!("        [{form}] {words}\n"));
            }
        }
        written.push_str(&format!("{start}{words}\n"));
    }
    written
}

/// The words with accents on every letter outside arguments.
fn accented(words: &str) -> String {
    let mut depth = 0;
    let mut accent = |letter: char| {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        let place = LETTERS.chars().position(|plain| plain == letter).filter(|_| depth == 0);
        place.map_or(letter, |place| ACCENTED.chars().nth(place).unwrap())
    };
    words.chars().map(&mut accent).collect()
}

/// Words that make a text about a third longer, as translations of English often are.
fn longer(words: &str) -> String {
    " ŵóŕďš".repeat(words.len().div_ceil(18))
}
